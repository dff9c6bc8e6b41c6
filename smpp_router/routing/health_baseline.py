# What is normal for a carrier, learned from itself: "slow" and "late" mean slower and later than usual.
#
#   Latency    seconds from submit_sm to submit_sm_resp: recent mean against a baseline that moves slowly
#   Delays     seconds from being taken to the receipt: a histogram, and the deadline that follows from it
#   Expected   the share that usually goes well: of a bad list of numbers no carrier delivers 99 %
#
# Rule 1: learning is quick at first and slow later: a brown-out of minutes must not become the new normal,
#         a new normal of an hour must.
# Rule 2: one step moves a baseline by a bounded factor, whatever the outlier.
"""Learned baselines: latencies, receipt delays, usual shares."""

from math import exp, log, log2, sqrt
from typing import Final, Protocol

from smpp_router.routing.health_estimates import Fading

LATENCY_FIRST_S: Final = 1.0
"""Before anything is known: no carrier that is worth its money is much slower."""

LATENCY_SAMPLES_FIRST: Final = 50
"""Responses over which the first baseline is their plain mean."""

BASELINE_S: Final = 600.0
"""Time constant of the baseline after that."""

STEP_MAX: Final = log(4.0)
"""A second whose mean is more than four times the baseline off counts as four times off."""

SLOW_FACTOR: Final = 2.0
SLOW_MIN_S: Final = 1.0
"""Slow begins at twice the baseline, and nobody is called slow below a second."""

LATE_FACTOR: Final = 5.0
"""A request without an answer is overdue after five times the baseline."""

LATENCY_DOUBT: Final = 5.0
"""Responses at which the latency counts half: shrinkage towards 'as usual'."""

DELAY_FIRST_S: Final = 1.0
DELAY_BUCKETS: Final = 25
"""Histogram of delays: buckets end at 1 s * sqrt(2)^k, the last at 4096 s; what is later is in the last."""

_BUCKET_RATIO: Final = sqrt(2.0)

DELAYS_MIN: Final = 30.0
"""Receipts from which a histogram is believed."""

DELAYS_MAX: Final = 2_000.0
"""Receipts in a histogram at which all counts are halved: it follows what carriers become."""

DEADLINE_MIN_S: Final = 10.0
DEADLINE_MAX_S: Final = 3_600.0
"""Receipts are not missed before the first, whatever was learned, nor waited for longer than the second."""

EXPECTED_FIRST: Final = 0.9
EXPECTED_MIN: Final = 0.3
"""Shares expected before anything is known, and at the least: whoever delivers less than that is ill."""

EXPECTED_MESSAGES: Final = 2_000.0
EXPECTED_S: Final = 1_800.0
"""An expectation moves by one in so many messages, and no faster than with this time constant."""

EXPECTED_DOUBT: Final = 20.0
EXPECTED_SAMPLES_FIRST: Final = 100.0
"""Where outcomes come in order, the expectation is the mean of so many first messages and of EXPECTED_DOUBT
that go as EXPECTED_FIRST: a list of numbers of which half are reached must not cost every carrier its traffic
until half an hour has passed."""


class Latency:
    """Response latencies of one carrier or link, in seconds."""

    __slots__ = ("_samples", "baseline_s", "count", "sum_s")

    def __init__(self) -> None:
        self.baseline_s = LATENCY_FIRST_S
        self.count = 0.0
        self.sum_s = 0.0
        self._samples = 0

    @property
    def mean_s(self) -> float:
        """The recent mean; the baseline if nothing was answered recently."""
        return self.sum_s / self.count if self.count > 0.0 else self.baseline_s

    def add(self, count: int, sum_s: float, dt_s: float, by: Fading) -> None:
        """Count `count` responses that took `sum_s` seconds together, within the last `dt_s` seconds."""
        kept = max(by.quick, by.least / self.count) if self.count > by.least else by.slow
        self.count = self.count * kept + count
        self.sum_s = self.sum_s * kept + sum_s
        if not count:
            return
        mean_s = max(sum_s / count, 1e-6)
        if self._samples < LATENCY_SAMPLES_FIRST:
            self._samples += count
            self.baseline_s += (mean_s - self.baseline_s) * min(1.0, count / self._samples)
        else:
            step = min(STEP_MAX, max(-STEP_MAX, log(mean_s / self.baseline_s)))
            self.baseline_s *= exp(step * min(1.0, max(0.0, dt_s) / BASELINE_S))

    def part(self) -> float:
        """1 as usual, less if slower: sqrt(slow / mean), shrunk towards 1 while few responses tell."""
        slow_s = max(SLOW_MIN_S, SLOW_FACTOR * self.baseline_s)
        mean_s = self.mean_s
        if mean_s <= slow_s:
            return 1.0
        return 1.0 - (1.0 - sqrt(slow_s / mean_s)) * self.count / (self.count + LATENCY_DOUBT)

    def late_s(self, least_s: float, most_s: float) -> float:
        """How long a request may be outstanding before it counts against the carrier."""
        return min(max(least_s, LATE_FACTOR * self.baseline_s), most_s)

    def forget(self) -> None:
        """Forget the recent ones, and keep what is normal."""
        self.count = self.sum_s = 0.0


class Reaches(Protocol):
    """Delays, known or guessed."""

    def reached(self, age_s: float) -> float:
        """The share of receipts that come within so many seconds."""
        ...


class Delays:
    """Receipt delays, as a histogram."""

    __slots__ = ("_counts", "total")

    def __init__(self) -> None:
        self._counts: list[float] | None = None
        self.total = 0.0

    def add(self, delay_s: float, count: int) -> None:
        """Count `count` receipts that came `delay_s` seconds after their messages were taken."""
        counts = self._counts
        if counts is None:
            counts = self._counts = [0.0] * DELAY_BUCKETS
        at = 0
        if delay_s > DELAY_FIRST_S:
            at = min(DELAY_BUCKETS - 1, int(2.0 * log2(delay_s / DELAY_FIRST_S)) + 1)
        counts[at] += count
        self.total += count
        if self.total > DELAYS_MAX:
            self._counts = [one / 2.0 for one in counts]
            self.total /= 2.0

    def quantile_s(self, share: float) -> float | None:
        """Seconds within which that share of receipts comes; None if too few are known."""
        if self._counts is None or self.total < DELAYS_MIN:
            return None
        wanted = share * self.total
        for at, count in enumerate(self._counts):
            wanted -= count
            if wanted <= 0.0:
                return DELAY_FIRST_S * 2.0 ** (at / 2.0)
        return DELAY_FIRST_S * 2.0 ** ((DELAY_BUCKETS - 1) / 2.0)

    def reached(self, age_s: float) -> float:
        """The share of receipts that come within `age_s` seconds, rather less than more; 0 if unknown."""
        if self._counts is None or self.total < DELAYS_MIN:
            return 0.0
        come = begin_s = 0.0
        end_s = DELAY_FIRST_S
        for count in self._counts[:-1]:
            if end_s > age_s:
                # Evenly within the bucket. The look that saw a receipt has counted it rather as later.
                come += count * max(0.0, age_s - begin_s) / (end_s - begin_s)
                break
            come += count
            begin_s = end_s
            end_s *= _BUCKET_RATIO
        return come / self.total

    def deadline_s(self) -> float | None:
        """When a receipt is missed: 2 s after twice what three in four need; None if too few are known.

        Not a higher quantile: of many carriers one receipt in ten comes after hours, when a telephone is
        switched on, and a deadline of hours finds nobody out.
        """
        usual_s = self.quantile_s(0.75)
        if usual_s is None:
            return None
        return min(max(DEADLINE_MIN_S, 2.0 * usual_s + 2.0), DEADLINE_MAX_S)


class Expected:
    """The share that usually goes well. Its first `samples_first` messages teach it quickly."""

    __slots__ = ("_samples_left", "_seen", "share")

    def __init__(self, samples_first: float = 0.0) -> None:
        self.share = EXPECTED_FIRST
        self._seen = EXPECTED_DOUBT
        self._samples_left = samples_first

    def learn(self, good: float, bad: float, dt_s: float) -> None:
        """Move a little towards what happened within the last `dt_s` seconds."""
        n = good + bad
        if n > 0.0:
            share = good / n
            step = min(n / EXPECTED_MESSAGES, max(0.0, dt_s) / EXPECTED_S, 1.0)
            if self._samples_left > 0.0:
                n = min(n, self._samples_left)
                self._samples_left -= n
                self._seen += n
                step = n / self._seen
            self.share = max(EXPECTED_MIN, self.share + (share - self.share) * step)
