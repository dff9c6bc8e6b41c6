# Latencies span from microseconds to minutes, so they are shown in spans that go 1, 2, 5, 10, 20, 50, ...
"""A histogram in few spans, for eyes."""

from typing import Final, NamedTuple

from simulators.histogram import Histogram

BAR_SIGNS: Final = 40
_EIGHTHS: Final = " ▏▎▍▌▋▊▉"


class Bar(NamedTuple):
    """How many durations lie from `from_ms` to below `to_ms`."""

    from_ms: float
    to_ms: float
    number: int

    @property
    def label(self) -> str:
        """The span, in the unit that suits it."""
        factor, unit = (1000.0, "s") if self.from_ms >= 1000.0 else (1.0, "ms")
        return f"{self.from_ms / factor:g} - {self.to_ms / factor:g} {unit}"


def bars_of(histogram: Histogram) -> list[Bar]:
    """Return the spans from the first to the last that has any; none for an empty histogram."""
    counts: dict[int, int] = {}
    for value_us, count in histogram.buckets.items():
        index = _index(value_us / 1000.0)
        counts[index] = counts.get(index, 0) + count
    if not counts:
        return []
    return [
        Bar(_bound_ms(index), _bound_ms(index + 1), counts.get(index, 0))
        for index in range(min(counts), max(counts) + 1)
    ]


def _bound_ms(index: int) -> float:
    """0 for the first, then 0.1, 0.2, 0.5, 1, ... ms."""
    if index == 0:
        return 0.0
    tens, step = divmod(index - 1, 3)
    return (1.0, 2.0, 5.0)[step] * 10.0**tens / 10.0


def _index(value_ms: float) -> int:
    index = 0
    while value_ms >= _bound_ms(index + 1):
        index += 1
    return index


def bar_lines(histogram: Histogram) -> list[tuple[str, str, str]]:
    """Return label, bar and count of each span, for a terminal."""
    bars = bars_of(histogram)
    most = max((bar.number for bar in bars), default=1)
    return [(bar.label, _signs(bar.number / most), f"{bar.number:,}") for bar in bars]


def _signs(share: float) -> str:
    eighths = int(share * BAR_SIGNS * 8 + 0.5)
    if share > 0.0:
        # What there is, is seen.
        eighths = max(1, eighths)
    return "█" * (eighths // 8) + _EIGHTHS[eighths % 8].strip()
