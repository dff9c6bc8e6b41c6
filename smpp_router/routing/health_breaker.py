# The circuit breaker of a carrier, or of one of its cells. The table below is all of it; what is not in the
# table does not happen, and every state has an answer to every signal.
#
#   state        share of traffic         signal: next state
#   CLOSED       1                        BAD, LOST: OPEN
#   OPEN         0                        DUE: HALF_OPEN; BOUND: RECOVERING (if it had been LOST)
#   HALF_OPEN    a few probes             PASSED: RECOVERING; FAILED, LOST: OPEN
#   RECOVERING   rising to 1              BAD, LOST: OPEN; GROWN: CLOSED
#
#   BAD      the score was below open_below at two looks in a row (one alone may be an accident), or at one
#            that leaves no doubt
#   LOST     no session stands for LOST_S
#   BOUND    a session stands again: what was wrong was the connection, which needs no probes
#   DUE      the rest is over, and nothing that was sent before is overdue any more
#   PASSED   PROBES_GOOD probes went well, and all of them together are six times likelier of a carrier that
#            is well than of one that is as ill as it was (of one that failed by missing receipts, those that
#            have none yet count as bad: what is missing is told last). Five are enough if half would have
#            failed; a brown-out, of which three in ten fail, passes five probes as often as not
#   FAILED   PROBES_BAD went badly, and more than one in five; two are enough if receipts must show it, and
#            none has said delivered
#   GROWN    slow_start_s have passed
#
# A breaker that opens again soon after it was open rests twice as long, up to open_max_s. So under traffic
# that does not change, however unlucky its rate, openings are at most about log2(open_max_s / open_s) plus
# one in open_max_s.
"""The states of a circuit breaker."""

import enum
from math import log
from typing import Final

import attrs


class State(enum.Enum):
    """What a breaker lets through."""

    CLOSED = "closed"
    OPEN = "open"
    HALF_OPEN = "half open"
    RECOVERING = "recovering"


class Signal(enum.Enum):
    """What a look at a carrier has found, the most important thing only."""

    NOTHING = "nothing"
    BAD = "bad"
    LOST = "lost"
    BOUND = "bound"
    DUE = "due"
    PASSED = "passed"
    FAILED = "failed"
    GROWN = "grown"


_C, _O, _H, _R = State.CLOSED, State.OPEN, State.HALF_OPEN, State.RECOVERING

TABLE: Final[dict[State, dict[Signal, State]]] = {
    _C: dict.fromkeys(Signal, _C) | {Signal.BAD: _O, Signal.LOST: _O},
    _O: dict.fromkeys(Signal, _O) | {Signal.DUE: _H, Signal.BOUND: _R},
    _H: dict.fromkeys(Signal, _H) | {Signal.PASSED: _R, Signal.FAILED: _O, Signal.LOST: _O},
    _R: dict.fromkeys(Signal, _R) | {Signal.BAD: _O, Signal.LOST: _O, Signal.GROWN: _C},
}
"""The next state, for every state and signal."""

BAD_LOOKS: Final = 2
"""Looks in a row that must find a score too low."""

LOST_S: Final = 5.0
"""Seconds without a session: a link that flaps is back by then."""

PROBES_GOOD: Final = 5
PROBES_BAD: Final = 3
PROBES_BAD_SHARE: Final = 0.2
"""What probes must show to fail; three of ten failing are a brown-out, not bad luck."""

PROBES_SURE: Final = log(6.0)
"""How much likelier probes must make it that a carrier is well (Wald's test)."""

USUAL_SHARE: Final = 0.9
ILL_SHARE: Final = 0.7
"""Of requests that are not refused: by a carrier that is well enough, and by one in a brown-out."""

CALM_S: Final = 600.0
"""After so long in CLOSED an opening counts as the first one again."""

LEVEL_MAX: Final = 30
"""Doublings of the rest that are counted: by then it is open_max_s, whatever that is."""

SLOW_START_SHARE: Final = 0.1
"""The share with which a slow start begins."""


@attrs.frozen(kw_only=True)
class BreakerLimits:
    """`open_below` a score; the others are seconds."""

    open_below: float
    open_s: float
    open_max_s: float
    slow_start_s: float


@attrs.define(eq=False)
class Look:
    """What is known at one moment. `good` and `bad` are outcomes of probes, `unknown` those still missing."""

    score: float
    is_bound: bool = True
    unbound_s: float = 0.0
    overdue: int = 0
    good: float = 0.0
    bad: float = 0.0
    unknown: float = 0.0
    bad_share_max: float = PROBES_BAD_SHARE
    bad_enough: int = PROBES_BAD
    usual: float = USUAL_SHARE
    ill: float = ILL_SHARE
    """Shares of probes that go well if it is well, and if it is not."""
    is_certain: bool = False
    """Whether a score that is too low can be no accident."""


@attrs.define(eq=False)
class Breaker:
    """One circuit breaker. `since` is when it came into its state; a failed probe counts as no opening."""

    limits: BreakerLimits
    since: float
    state: State = State.CLOSED
    cause: str = ""
    rest_s: float = 0.0
    openings: int = 0
    _bad_looks: int = 0
    _level: int = 0
    _was_lost: bool = False

    @property
    def is_calm(self) -> bool:
        """Whether it is closed, and has nothing to remember."""
        return self.state is State.CLOSED and not self._bad_looks and not self._level

    def look(self, look: Look, cause: str, now: float) -> Signal:
        """Judge what is known now, and go on to the next state; return the signal that was found.

        `cause` names what is worst in the score, for explanations.
        """
        signal = self._signal(look, now)
        state = TABLE[self.state][signal]
        if state is not self.state:
            self._enter(state, signal, cause, now)
        elif self.state is State.CLOSED and now - self.since >= CALM_S:
            self._level = 0
        return signal

    def share(self, now: float) -> float:
        """The share of traffic that may go; for HALF_OPEN it is up to whoever counts probes, and 0 here."""
        if self.state is State.CLOSED:
            return 1.0
        if self.state is State.RECOVERING:
            grown = min(1.0, max(0.0, (now - self.since) / self.limits.slow_start_s))
            return SLOW_START_SHARE + (1.0 - SLOW_START_SHARE) * grown
        return 0.0

    def cap(self, now: float) -> float:
        """The highest score that may be shown: an open breaker that looks good only sends nothing."""
        if self.state is State.CLOSED:
            return 100.0
        if self.state is State.RECOVERING:
            below = self.limits.open_below
            return below + (100.0 - below) * self.share(now)
        return self.limits.open_below

    def _signal(self, look: Look, now: float) -> Signal:
        if not look.is_bound and look.unbound_s >= LOST_S and self.state is not State.OPEN:
            return Signal.LOST
        if self.state is State.OPEN:
            return self._while_open(look, now)
        if self.state is State.HALF_OPEN:
            return self._while_half_open(look)
        if not look.is_bound:
            # Nothing is sent there anyway, and LOST_S tells when that is more than a flap.
            return Signal.NOTHING
        self._bad_looks = self._bad_looks + 1 if look.score < self.limits.open_below else 0
        if self._bad_looks >= (1 if look.is_certain else BAD_LOOKS):
            return Signal.BAD
        if self.state is State.RECOVERING and now - self.since >= self.limits.slow_start_s:
            return Signal.GROWN
        return Signal.NOTHING

    def _while_open(self, look: Look, now: float) -> Signal:
        if not look.is_bound:
            return Signal.NOTHING
        if self._was_lost:
            return Signal.BOUND
        is_over = now - self.since >= self.rest_s and not look.overdue
        return Signal.DUE if is_over else Signal.NOTHING

    def _while_half_open(self, look: Look) -> Signal:
        known = look.good + look.bad
        if look.bad >= look.bad_enough and look.bad > look.bad_share_max * known:
            return Signal.FAILED
        of_good = log(look.usual / look.ill)
        of_bad = log((1.0 - look.ill) / (1.0 - look.usual))
        is_sure = look.good * of_good - (look.bad + look.unknown) * of_bad >= PROBES_SURE
        if look.good >= PROBES_GOOD and is_sure:
            return Signal.PASSED
        return Signal.NOTHING

    def _enter(self, state: State, signal: Signal, cause: str, now: float) -> None:
        if state is State.OPEN:
            self._open(signal, cause)
        elif state is State.CLOSED:
            self.cause = ""
        self._bad_looks = 0
        self.state = state
        self.since = now

    def _open(self, signal: Signal, cause: str) -> None:
        limits = self.limits
        self.rest_s = min(limits.open_max_s, limits.open_s * 2.0**self._level)
        self._was_lost = signal is Signal.LOST
        if not self._was_lost:
            self._level = min(self._level + 1, LEVEL_MAX)
        if self.state is not State.HALF_OPEN:
            self.openings += 1
            self.cause = "no session" if self._was_lost else cause
