"""Latencies by the million in a few kilobytes: buckets that are 1.6 % wide at most, whatever the value."""

from collections import Counter
from collections.abc import Iterable
from typing import Final

SUB_BITS: Final = 7
"""Leading bits that a bucket keeps: up to 2**SUB_BITS microseconds each has its own."""
DURATION_MAX_US: Final = 1 << 40
"""Twelve days; what is longer counts as that, which bounds the buckets to 2,300."""
PERCENTILES: Final = {"p50": 0.50, "p90": 0.90, "p99": 0.99, "p999": 0.999}


class Histogram:
    """Counts durations by size. A bucket goes by the lowest microseconds that fall into it."""

    __slots__ = ("buckets", "count", "max_us")

    def __init__(self) -> None:
        self.buckets: Counter[int] = Counter()
        self.count = 0
        self.max_us = 0

    def add(self, seconds: float) -> None:
        """Count one duration; below zero counts as zero."""
        value = int(seconds * 1e6)
        if not 0 <= value <= DURATION_MAX_US:
            value = 0 if value < 0 else DURATION_MAX_US
        if value >> SUB_BITS:
            shift = value.bit_length() - SUB_BITS
            self.buckets[value >> shift << shift] += 1
        else:
            self.buckets[value] += 1
        self.count += 1
        self.max_us = max(self.max_us, value)

    def include(self, others: "Iterable[Histogram]") -> None:
        """Add what others have counted."""
        for other in others:
            self.buckets.update(other.buckets)
            self.count += other.count
            self.max_us = max(self.max_us, other.max_us)

    def percentile_ms(self, share: float) -> float:
        """Return what `share` of the durations do not exceed, at worst 1.6 % too much; 0 without any."""
        wanted = share * self.count
        seen = 0
        for value in sorted(self.buckets):
            seen += self.buckets[value]
            if seen >= wanted:
                width = 1 << max(0, value.bit_length() - SUB_BITS)
                return min(value + width - 1, self.max_us) / 1000.0
        return self.max_us / 1000.0

    def summary(self) -> dict[str, float]:
        """Return p50, p90, p99, p999 and max in milliseconds."""
        values = {name: round(self.percentile_ms(share), 3) for name, share in PERCENTILES.items()}
        return values | {"max": round(self.max_us / 1000.0, 3)}
