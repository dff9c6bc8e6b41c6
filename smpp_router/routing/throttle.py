# Two ways to go no faster than one may.
#
#   TokenBucket   holds an account to the rate that it bought: what is over is refused (ESME_RTHROTTLED)
#   Pacer         holds a link to the rate that its carrier bears: what is over waits
#
# A bucket fills at rate_per_s up to burst. Between any two moments it grants at most
#     burst + rate_per_s * seconds between them (+ SLACK)
# and a count above burst is granted by a full bucket, which then is in debt; else it could never pass.
#
# A Pacer is additive increase, multiplicative decrease, as TCP has it, on what the carrier answers:
#   Rule 1: ESME_RTHROTTLED or ESME_RMSGQFUL cuts the rate to DECREASE of what was being sent, once per
#           DECREASE_INTERVAL_S: all that is in the window is answered alike, for one and the same cause.
#   Rule 2: each success adds a little, so that a link that uses its rate in full regains what it lost in
#           RECOVERY_S. A link that does not use its rate learns nothing, and adds in proportion.
#   Rule 3: after FORGET_S without a throttle the cut is forgotten. FORGET_S > RECOVERY_S: a limit that is
#           really there shows itself again before it is forgotten.
#   Rule 4: a link without a configured rate is not paced before its first throttle, and not after rule 3.
#
# A clock that steps back neither stops a bucket nor fills it.
"""Rates: a token bucket for accounts and a pacer for carrier links."""

from typing import Final

import attrs

SLACK: Final = 0.01
"""Tokens that may be missing. Unix seconds in a float resolve 0.24 us, which at 40,000 a second is a
hundredth of a token: who sends exactly at its rate shall not be refused over that."""

UNPACED: Final = 1 << 30
"""What may be sent when nothing limits: more than any window."""

BURST_S: Final = 0.05
"""Seconds' worth that a paced link may catch up: more than a timer is late, and only 5 % above the rate for
carriers that count strictly by the second. Whoever drives the link must look at least this often."""

DECREASE: Final = 0.7
"""Of the rate that was throttled. A half would leave 25 % of a carrier unused, this leaves 15 %."""

DECREASE_INTERVAL_S: Final = 1.0
"""Carriers count by the second, and a window's worth of answers comes back within one."""

RECOVERY_S: Final = 30.0
"""Seconds in which a fully used link adds as much as it was throttled at."""

FORGET_S: Final = 60.0
"""Seconds after which a throttle says nothing any more about the carrier."""

RATE_MIN: Final = 5.0
"""No cut goes below this many a second: it does no carrier harm and keeps learning whether it may be more."""

BEHIND_S: Final = 5.0
"""What waits longer for a carrier that throttles had better go by another one. A rate that its operator has
configured is no such thing: who waits for that one waits for its price."""

MEASURED_S: Final = 1.0
"""Messages must have waited so long before the rate of answers is the carrier's: AnswerRate looks as far
back, and who was asked nothing has answered nothing."""

INCREASE_MIN: Final = 1.0
"""Messages a second that a fully used link adds each second at least, or a slow link would never recover."""


@attrs.define(eq=False)
class TokenBucket:
    """Grants `rate_per_s`, above 0, on average and `burst`, at least 1, at once; starts full."""

    rate_per_s: float
    burst: float
    granted: int = attrs.field(default=0, init=False)
    refused: int = attrs.field(default=0, init=False)
    _tokens: float = attrs.field(init=False)
    _filled_at: float = attrs.field(default=0.0, init=False)

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on a rate or burst that would let nothing pass, ever."""
        self._tokens = self.burst
        self.adjust(self.rate_per_s, self.burst)

    def take(self, count: int, now: float) -> bool:
        """Grant all of `count` or nothing: a submit_sm counts 1, a submit_multi its destinations."""
        self._fill(now)
        if self._tokens < min(count, self.burst) - SLACK:
            self.refused += count
            return False
        self._tokens -= count
        self.granted += count
        return True

    def take_up_to(self, count: int, now: float) -> int:
        """Grant as many of a batch of `count` as there are tokens for; return how many."""
        self._fill(now)
        granted = min(count, max(0, int(self._tokens + SLACK)))
        self._tokens -= granted
        self.granted += granted
        self.refused += count - granted
        return granted

    def available(self, now: float) -> int:
        """How many could be taken now."""
        self._fill(now)
        return max(0, int(self._tokens + SLACK))

    def spend(self, count: int) -> None:
        """Take without asking; the bucket may go into debt."""
        self._tokens -= count
        self.granted += count

    def ready_at(self, now: float) -> float:
        """The earliest time at which one can be taken: `now` or later."""
        self._fill(now)
        missing = 1.0 - SLACK - self._tokens
        return now if missing <= 0.0 else now + (missing + SLACK) / self.rate_per_s

    def adjust(self, rate_per_s: float, burst: float) -> None:
        """Go on at another rate; what was saved above the new burst is lost. Raise ValueError as above."""
        if rate_per_s <= 0.0 or burst < 1.0:
            raise ValueError(f"a rate of {rate_per_s} with a burst of {burst} would let nothing pass")
        self.rate_per_s = rate_per_s
        self.burst = burst
        self._tokens = min(self._tokens, burst)

    def empty(self, now: float) -> None:
        """Lose what was saved, not what is owed."""
        self._fill(now)
        self._tokens = min(self._tokens, 0.0)

    def _fill(self, now: float) -> None:
        elapsed_s = now - self._filled_at
        self._filled_at = now
        if elapsed_s > 0.0:
            self._tokens = min(self._tokens + elapsed_s * self.rate_per_s, self.burst)


@attrs.frozen
class PacerStatistics:
    """What a link's pace is and how it came about. Rates are per second, None where nothing limits."""

    rate_per_s: float | None
    rate_max_per_s: float | None
    sent: int
    succeeded: int
    throttled: int
    decreases: int


@attrs.define(eq=False)
class AnswerRate:
    """How many answers the last second brought, from two counters: this second's and the one before."""

    _since: float = attrs.field(default=0.0, init=False)
    _current: int = attrs.field(default=0, init=False)
    _before: int = attrs.field(default=0, init=False)

    def count(self, count: int, now: float) -> None:
        """Add `count` answers."""
        elapsed_s = now - self._since
        if not 0.0 <= elapsed_s < 1.0:
            self._before = self._current if 1.0 <= elapsed_s < 2.0 else 0
            self._current = 0
            # The seconds stay one second long under steady traffic, or the older count would weigh wrongly.
            self._since = self._since + 1.0 if 1.0 <= elapsed_s < 2.0 else now
        self._current += count

    def per_s(self, now: float) -> float:
        """Answers in the second before `now`; after two seconds of silence there are none."""
        elapsed_s = max(0.0, now - self._since)
        if elapsed_s < 1.0:
            return self._current + self._before * (1.0 - elapsed_s)
        return self._current * max(0.0, 2.0 - elapsed_s)


@attrs.define(eq=False)
class Pacer:
    """The rate of one carrier link. `rate_max_per_s` is what its operator allows, None if all."""

    rate_max_per_s: float | None
    burst_s: float = BURST_S
    _bucket: TokenBucket | None = attrs.field(default=None, init=False)
    _is_slowed: bool = attrs.field(default=False, init=False)
    _slowed_at: float = attrs.field(default=0.0, init=False)
    _throttled_at: float = attrs.field(default=0.0, init=False)
    _increase_per_s: float = attrs.field(default=INCREASE_MIN, init=False)
    _answered: AnswerRate = attrs.field(factory=AnswerRate, init=False)
    _left_since: float | None = attrs.field(default=None, init=False)
    _sent: int = attrs.field(default=0, init=False)
    _succeeded: int = attrs.field(default=0, init=False)
    _throttled: int = attrs.field(default=0, init=False)
    _decreases: int = attrs.field(default=0, init=False)

    def __attrs_post_init__(self) -> None:
        self._forget()

    def configure(self, rate_max_per_s: float | None) -> None:
        """Go by another configured rate from now on; what the carrier has slowed down is learned anew."""
        self.rate_max_per_s = rate_max_per_s
        self._forget()

    def allowance(self, now: float) -> int:
        """How many messages may be sent now: UNPACED if nothing limits."""
        bucket = self._bucket
        if bucket is None:
            return UNPACED
        if self._is_slowed and not 0.0 <= now - self._throttled_at < FORGET_S:
            self._forget()
            return self.allowance(now)
        return bucket.available(now)

    def is_behind(self, waiting: int, now: float) -> bool:
        """Whether so many take longer than BEHIND_S at the rate to which the carrier has slowed us.

        That is the rate of its answers, where messages wait and it is less than what would be allowed.
        """
        if not self._is_slowed or self._bucket is None or not 0.0 <= now - self._throttled_at < FORGET_S:
            return False
        rate_per_s = self._bucket.rate_per_s
        if self._left_since is not None and now - self._left_since >= MEASURED_S:
            rate_per_s = min(rate_per_s, max(1.0, self._answered.per_s(now)))
        return waiting > BEHIND_S * rate_per_s

    def left(self, waiting: int, now: float) -> None:
        """So many still wait after what may be sent has been."""
        if not waiting:
            self._left_since = None
        elif self._left_since is None or self._left_since > now:
            self._left_since = now

    def sent(self, count: int) -> None:
        """Count what was sent out of the last allowance."""
        self._sent += count
        if self._bucket is not None:
            self._bucket.spend(count)

    def succeeded(self, count: int, now: float) -> None:
        """The carrier took `count` messages: go a little faster if it had slowed us (rule 2)."""
        self._succeeded += count
        self._answered.count(count, now)
        bucket = self._bucket
        if bucket is not None and self._is_slowed:
            self._set_rate(bucket, bucket.rate_per_s + self._increase_per_s * count / bucket.rate_per_s)

    def throttled(self, now: float) -> None:
        """The carrier answered ESME_RTHROTTLED or ESME_RMSGQFUL: go slower (rule 1)."""
        self._throttled += 1
        self._answered.count(1, now)
        self._throttled_at = now
        if self._is_slowed and 0.0 <= now - self._slowed_at < DECREASE_INTERVAL_S:
            return
        bucket = self._bucket
        before = self._answered.per_s(now)
        if bucket is None:
            bucket = self._bucket = TokenBucket(max(before, RATE_MIN), max(1.0, before * self.burst_s))
        before = min(before, bucket.rate_per_s)
        self._is_slowed = True
        self._slowed_at = now
        self._decreases += 1
        # A carrier that refuses everything cuts the rate again and again; the way back shall not become
        # as slow as the last of these rates, so the step only shrinks as fast as DECREASE.
        self._increase_per_s = max(INCREASE_MIN, before / RECOVERY_S, self._increase_per_s * DECREASE)
        self._set_rate(bucket, before * DECREASE)
        bucket.empty(now)

    def ready_at(self, now: float) -> float:
        """The earliest time at which allowance() is at least 1."""
        if self.allowance(now) > 0 or self._bucket is None:
            return now
        return self._bucket.ready_at(now)

    def statistics(self) -> PacerStatistics:
        """A snapshot for the console."""
        return PacerStatistics(
            rate_per_s=None if self._bucket is None else self._bucket.rate_per_s,
            rate_max_per_s=self.rate_max_per_s,
            sent=self._sent,
            succeeded=self._succeeded,
            throttled=self._throttled,
            decreases=self._decreases,
        )

    def _set_rate(self, bucket: TokenBucket, rate_per_s: float) -> None:
        rate_max = self.rate_max_per_s
        rate = max(rate_per_s, RATE_MIN)
        if rate_max is not None:
            rate = min(rate, rate_max)
        bucket.adjust(rate, max(1.0, rate * self.burst_s))

    def _forget(self) -> None:
        self._is_slowed = False
        self._increase_per_s = INCREASE_MIN
        rate_max = self.rate_max_per_s
        if rate_max is None:
            self._bucket = None
        elif self._bucket is None:
            self._bucket = TokenBucket(rate_max, max(1.0, rate_max * self.burst_s))
        else:
            self._set_rate(self._bucket, rate_max)
