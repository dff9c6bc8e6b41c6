# From estimates to one number.
#
# A score is 100 times the product of its parts, each from 0 to 1, the submit part cubed:
#
#   part          formula                                        of
#   bound         1 or 0                                         does a session stand
#   submit        upper(accepted, errors + silent + overdue);    submit_sm: accepted, refused for reasons that
#                 0 after RUN_MAX in a row without any answer    are the carrier's, unanswered, overdue
#   throttle      1 - (1 - upper(answered, throttled))^2         answers that were not "too much"
#   latency       Latency.part() in health_baseline.py           seconds to submit_sm_resp
#   delivery      upper(delivered, failed) / expected            final receipts that say delivered
#   receipts      upper(arrived, missing) / expected             receipts that came by their deadline
#   interception  upper(others, intercepted)                     receipts that do not say filtered
#                 each of these three 0 in a decline (health_decline.py), receipts in a silence, too
#   complaints    upper(delivered, complaints)^20                delivered messages without a complaint
#   stability     1 / (1 + losses / LOSSES_HALF)                 sessions lost within the last minutes
#
# The submit part is cubed: each refusal costs a round trip and a second carrier's work, so three in ten are
# a brown-out. Complaints are taken to the twentieth power: one in a hundred is very many.
#
# A cell has its own submit, delivery, receipts, interception and complaints, drawn towards its carrier's by
# PRIOR messages' weight: (n * own + PRIOR * carrier's) / (n + PRIOR); a part that is 0 stays 0. The rest it
# has from its carrier.
"""Health scores of carriers and cells, with their parts."""

from math import exp
from typing import Final

import attrs

from smpp_router.routing.health_baseline import EXPECTED_FIRST
from smpp_router.routing.health_decline import Decline
from smpp_router.routing.health_estimates import Fading, Pool

RUN_MAX: Final = 5
"""Requests in a row without any answer after which a carrier counts as dark: a lost packet is one of them."""

PRIOR: Final = 10.0
"""Messages of its own at which a cell is as much itself as it is its carrier."""

COMPLAINT_POWER: Final = 20.0
LOSSES_HALF: Final = 20.0
"""Sessions lost at which stability is a half."""

RECORD_S: Final = 300.0
RECORD_MESSAGES: Final = 200.0
"""What delivery() remembers, for strategies that learn: more than what a breaker judges by."""


@attrs.define(eq=False)
class Counts:
    """What happened in one step. `overdue` is a level, not a sum."""

    accepted: int = 0
    latency_sum_s: float = 0.0
    errors: int = 0
    silent: int = 0
    throttled: int = 0
    overdue: int = 0
    delivered: int = 0
    failed: int = 0
    intercepted: int = 0
    missing: int = 0
    late: int = 0
    """Receipts that came after they had been counted as missing."""
    reported: int = 0
    """Receipts of messages whose deadline has passed, or of which all have come."""
    outrun: int = 0
    outrun_nats: float = 0.0
    """Of the missing those that another carrier has outrun, and what they say (health_overtaken.py)."""
    complaints: int = 0

    def include(self, other: "Counts") -> None:
        """Add another's counts."""
        self.accepted += other.accepted
        self.latency_sum_s += other.latency_sum_s
        self.errors += other.errors
        self.silent += other.silent
        self.throttled += other.throttled
        self.overdue += other.overdue
        self.delivered += other.delivered
        self.failed += other.failed
        self.intercepted += other.intercepted
        self.missing += other.missing
        self.late += other.late
        self.reported += other.reported
        self.outrun += other.outrun
        self.outrun_nats += other.outrun_nats
        self.complaints += other.complaints


@attrs.define(eq=False)
class Parts:
    """The parts of a score, each from 0 to 1."""

    bound: float = 1.0
    submit: float = 1.0
    throttle: float = 1.0
    latency: float = 1.0
    delivery: float = 1.0
    receipts: float = 1.0
    interception: float = 1.0
    complaints: float = 1.0
    stability: float = 1.0

    def score(self) -> float:
        """One number from 0 to 100."""
        return (
            100.0
            * self.bound
            * self.submit**3
            * self.throttle
            * self.latency
            * self.delivery
            * self.receipts
            * self.interception
            * self.complaints
            * self.stability
        )

    def worst(self) -> str:
        """The name of the part that costs most; empty if none costs anything."""
        values = {
            "bound": self.bound,
            "submit": self.submit**3,
            "throttle": self.throttle,
            "latency": self.latency,
            "delivery": self.delivery,
            "receipts": self.receipts,
            "interception": self.interception,
            "complaints": self.complaints,
            "stability": self.stability,
        }
        name = min(values, key=lambda part: values[part])
        return name if values[name] < 1.0 else ""


@attrs.frozen
class Usual:
    """The shares that usually go well: of receipts those that say delivered, of messages those with one."""

    delivery: float = EXPECTED_FIRST
    receipts: float = EXPECTED_FIRST


UNKNOWN: Final = Usual()
"""Before anything is known."""


class Estimates:
    """What is believed of a carrier or a cell."""

    __slots__ = (
        "complaints",
        "delivery",
        "failing",
        "filtering",
        "interception",
        "overdue",
        "receipts",
        "record",
        "run",
        "submit",
        "throttle",
        "unheard",
        "withheld",
    )

    def __init__(self) -> None:
        self.submit = Pool()
        self.throttle = Pool()
        self.delivery = Pool()
        self.receipts = Pool()
        self.interception = Pool()
        self.complaints = Pool()
        self.record = Pool()
        self.failing = Decline()
        self.filtering = Decline()
        self.withheld = Decline()
        self.run = 0
        self.unheard = False
        self.overdue = 0

    def add(self, counts: Counts, dt_s: float, by: Fading, usual: Usual = UNKNOWN) -> None:
        """Take in what happened within the last `dt_s` seconds."""
        answered = counts.accepted + counts.errors
        delivered, failed = counts.delivered, counts.failed
        received = delivered + failed + counts.intercepted
        self.overdue = counts.overdue
        self.unheard = not (answered or counts.throttled)
        self.run = self.run + counts.silent if self.unheard else 0
        self.submit.add(counts.accepted, counts.errors + counts.silent, by)
        self.throttle.add(answered, counts.throttled, by)
        self.delivery.add(delivered, failed, by)
        self.receipts.add(received, counts.missing, by)
        if counts.late:
            self.receipts.bad = max(0.0, self.receipts.bad - counts.late)
        self.failing.add(delivered, failed, usual.delivery)
        self.filtering.add(delivered + failed, counts.intercepted, EXPECTED_FIRST)
        missing = counts.missing - counts.late - counts.outrun
        self.withheld.add(counts.reported, missing, usual.receipts, counts.outrun_nats)
        self.interception.add(delivered + failed, counts.intercepted, by)
        self.complaints.add(delivered, counts.complaints, by)
        long = Fading(exp(-max(0.0, dt_s) / RECORD_S), by.slow, RECORD_MESSAGES)
        self.record.add(delivered, failed + counts.intercepted + counts.missing, long)

    def forget(self) -> None:
        """Forget what speaks for and against; delivery()'s record stays."""
        for pool in (
            self.submit,
            self.throttle,
            self.delivery,
            self.receipts,
            self.interception,
            self.complaints,
        ):
            pool.clear()
        self.failing.level = self.filtering.level = self.withheld.level = 0.0
        self.run = 0
        self.overdue = 0

    # ------------------------------------------------------------------ parts

    def is_dark(self) -> bool:
        """Whether so many requests in a row have had no answer that nobody seems to be there."""
        return self.unheard and self.run + self.overdue >= RUN_MAX

    def submit_part(self, of_carrier: bool = True) -> float:
        """See the head; who does not answer does not answer anybody, so only carriers are dark."""
        return 0.0 if of_carrier and self.is_dark() else self.submit.upper(self.overdue)

    def throttle_part(self) -> float:
        """See the head."""
        return 1.0 - (1.0 - self.throttle.upper()) ** 2

    def delivery_part(self, expected: float) -> float:
        """See the head."""
        return 0.0 if self.failing.is_dark else min(1.0, self.delivery.upper() / expected)

    def receipts_part(self, expected: float) -> float:
        """See the head."""
        return 0.0 if self.withheld.is_dark else min(1.0, self.receipts.upper() / expected)

    def interception_part(self) -> float:
        """See the head."""
        return 0.0 if self.filtering.is_dark else self.interception.upper()

    def complaints_part(self) -> float:
        """See the head."""
        return self.complaints.upper() ** COMPLAINT_POWER


def stability_part(losses: float) -> float:
    """See the head; `losses` fade."""
    return 1.0 / (1.0 + losses / LOSSES_HALF)


def drawn(own: float, n: float, carriers: float) -> float:
    """A cell's part, drawn towards its carrier's; 0 is beyond doubt, and stays."""
    return 0.0 if own <= 0.0 else (n * own + PRIOR * carriers) / (n + PRIOR)
