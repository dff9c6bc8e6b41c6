# What a carrier and a cell have in common: estimates, a score with its parts, a breaker, and its probes.
"""One measured thing: estimates, score and breaker together."""

from typing import Final

import attrs

from smpp_router.routing.health_breaker import PROBES_BAD, PROBES_BAD_SHARE, Breaker, Look, State
from smpp_router.routing.health_decline import USUAL_MAX
from smpp_router.routing.health_estimates import Fading
from smpp_router.routing.health_score import UNKNOWN, Counts, Estimates, Parts, Usual

PROBES_MAX: Final = 10
"""Probes without an outcome: enough for a verdict, and little enough to lose."""

CAREFUL_PROBES: Final = 2
"""Probes without an outcome while receipts have to show that a carrier is well again, and none has yet: each
of them is a message that may never arrive, or arrive twice."""

CAREFUL_FROM: Final = 0.8
"""Of carriers that usually deliver less than this, two failures in a row prove nothing."""

ILL_PART: Final = 0.5
"""The part of what it usually delivers that an ill carrier delivers at most: those that deliver more are not
told from a list of numbers that is worse than others."""

PROBE_PATIENCE_S: Final = 30.0
"""After so long in HALF_OPEN another PROBES_MAX may go, and every class may probe: else a carrier that only
has risky traffic would never come back."""

PROBE_SHARE_MAX: Final = 0.5
"""Of a trickle of traffic every other message probes."""

BY_RECEIPTS: Final = frozenset({"delivery", "receipts", "interception", "complaints"})
"""Parts of a score that only receipts can prove better."""


@attrs.define(eq=False)
class Gauge:
    """A carrier or a cell, as it is measured. `share` and `score` are those of the last tick."""

    breaker: Breaker
    estimates: Estimates = attrs.Factory(Estimates)
    parts: Parts = attrs.Factory(Parts)
    score: float = 100.0
    share: float = 1.0
    good: float = 0.0
    bad: float = 0.0
    probes_sent: int = 0
    is_careful: bool = False
    """Whether the next probes are few: see CAREFUL_PROBES."""

    def add(self, counts: Counts, sent: int, dt_s: float, by: Fading, usual: Usual = UNKNOWN) -> None:
        """Take in what happened since the last look."""
        self.estimates.add(counts, dt_s, by, usual)
        if self.breaker.state is not State.HALF_OPEN:
            return
        self.probes_sent += sent
        if self.breaker.cause in BY_RECEIPTS:
            self.good += counts.delivered
            self.bad += counts.failed + counts.intercepted + counts.missing - counts.late
        else:
            self.good += counts.accepted
            self.bad += counts.errors + counts.silent
            if self.breaker.cause == "throttle":
                self.bad += counts.throttled

    def judge(
        self, parts: Parts, expected: float, unbound_s: float, now: float, *, is_certain: bool = False
    ) -> bool:
        """Score what is known, and let the breaker judge it; tell whether a new epoch begins.

        `is_certain`: what makes the score too low, if it is, can be no accident.
        """
        self.parts = parts
        raw = parts.score()
        if raw >= self.breaker.limits.open_below and self.breaker.is_calm and parts.bound:
            # Nearly always: nothing to judge.
            self.score = raw
            self.share = 1.0
            return False
        before = self.breaker.state
        is_by_receipts = self.breaker.cause in BY_RECEIPTS
        overdue = self.estimates.overdue
        self.is_careful = is_by_receipts and expected >= CAREFUL_FROM and self.good <= 0.0
        look = Look(
            score=raw,
            is_bound=parts.bound > 0.0,
            unbound_s=unbound_s,
            overdue=overdue,
            good=self.good,
            bad=max(0.0, self.bad) + (0 if is_by_receipts else overdue),
            unknown=self._unknown if self.breaker.cause == "receipts" else 0.0,
            bad_share_max=max(PROBES_BAD_SHARE, 1.0 - (1.0 - PROBES_BAD_SHARE) * expected)
            if is_by_receipts
            else PROBES_BAD_SHARE,
            bad_enough=CAREFUL_PROBES if self.is_careful else PROBES_BAD,
            is_certain=is_certain,
        )
        if is_by_receipts:
            look.usual = min(expected, USUAL_MAX)
            look.ill = look.usual * ILL_PART
        self.breaker.look(look, parts.worst(), now)
        state = self.breaker.state
        is_new = before is State.OPEN and state is not State.OPEN
        if is_new:
            self.estimates.forget()
            self.good = self.bad = 0.0
            self.probes_sent = 0
            self.is_careful = self.breaker.cause in BY_RECEIPTS and expected >= CAREFUL_FROM
        self.score = min(raw, self.breaker.cap(now))
        self.share = self.breaker.share(now)
        return is_new

    @property
    def _unknown(self) -> float:
        """Probes without an outcome."""
        return self.probes_sent - self.good - max(0.0, self.bad)

    def probe_share(self, probes_per_s: float, rate_per_s: float, now: float) -> float:
        """The share of `rate_per_s` messages a second that may probe now."""
        most = CAREFUL_PROBES if self.is_careful else PROBES_MAX
        rounds = 1 + int((now - self.breaker.since) / PROBE_PATIENCE_S)
        if self._unknown >= most * rounds:
            return 0.0
        return min(PROBE_SHARE_MAX, probes_per_s / rate_per_s if rate_per_s > 0.0 else 1.0)

    def is_patient(self, now: float) -> bool:
        """Whether it still waits for low-risk traffic to probe with."""
        return now - self.breaker.since < PROBE_PATIENCE_S
