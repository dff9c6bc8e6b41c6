"""Latencies by the million in a few kilobytes: buckets that are 0.8 % wide whatever the value."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

SUB_BITS: Final = 7
PERCENTILES: Final = {"p50": 0.50, "p90": 0.90, "p99": 0.99, "p999": 0.999}


class Histogram:
    """Counts of durations by size, in microseconds; memory is bounded by the number of buckets, about 6,000."""

    __slots__ = ("_counts", "count", "max_us")

    def __init__(self) -> None:
        self._counts: Counter[int] = Counter()
        self.count = 0
        self.max_us = 0

    def add(self, seconds: float) -> None:
        """Count one duration; below zero counts as zero."""
        value = max(0, int(seconds * 1e6))
        shift = max(0, value.bit_length() - SUB_BITS)
        # The lowest value of the bucket that `value` falls into names the bucket.
        self._counts[value >> shift << shift] += 1
        self.count += 1
        self.max_us = max(self.max_us, value)

    def include(self, others: "Iterable[Histogram]") -> None:
        """Add what others have counted."""
        for other in others:
            self._counts.update(other._counts)
            self.count += other.count
            self.max_us = max(self.max_us, other.max_us)

    def percentile_ms(self, share: float) -> float:
        """Return the milliseconds that `share` of the durations do not exceed, to 0.8 %; 0 if there are none."""
        wanted = share * self.count
        seen = 0
        for value in sorted(self._counts):
            seen += self._counts[value]
            if seen >= wanted:
                return min(value, self.max_us) / 1000.0
        return self.max_us / 1000.0

    def summary(self) -> dict[str, float]:
        """Return p50, p90, p99, p999 and max in milliseconds."""
        values = {name: round(self.percentile_ms(share), 3) for name, share in PERCENTILES.items()}
        return values | {"max": round(self.max_us / 1000.0, 3)}
