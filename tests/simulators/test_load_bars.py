"""Histograms in few spans."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.histogram import Histogram
from simulators.load_bars import BAR_SIGNS, bar_lines, bars_of


def histogram(*seconds: float) -> Histogram:
    made = Histogram()
    for value in seconds:
        made.add(value)
    return made


def test_nothing_has_no_bars() -> None:
    assert bars_of(histogram()) == []
    assert bar_lines(histogram()) == []


def test_spans_go_1_2_5_without_a_gap() -> None:
    bars = bars_of(histogram(0.0015, 0.03))
    assert [(bar.from_ms, bar.to_ms, bar.number) for bar in bars] == [
        (1.0, 2.0, 1), (2.0, 5.0, 0), (5.0, 10.0, 0), (10.0, 20.0, 0), (20.0, 50.0, 1)
    ]  # fmt: skip


def test_labels_take_the_unit_that_suits() -> None:
    assert [bar.label for bar in bars_of(histogram(0.0, 3.0))][:2] == ["0 - 0.1 ms", "0.1 - 0.2 ms"]
    assert bars_of(histogram(3.0))[0].label == "2 - 5 s"


def test_the_highest_bar_is_full_and_the_smallest_is_seen() -> None:
    lines = bar_lines(histogram(*[0.015] * 10_000, 0.3))
    assert lines[0][1] == "█" * BAR_SIGNS
    assert lines[-1][1] == "▏"
    assert lines[1][1] == ""


@given(st.lists(st.floats(min_value=0.0, max_value=1e5), min_size=1, max_size=50))
def test_no_duration_is_lost(seconds: list[float]) -> None:
    assert sum(bar.number for bar in bars_of(histogram(*seconds))) == len(seconds)
