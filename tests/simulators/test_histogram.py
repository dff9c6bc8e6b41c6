"""A histogram against the durations themselves."""

import math

from hypothesis import given
from hypothesis import strategies as st

from simulators.histogram import DURATION_MAX_US, PERCENTILES, Histogram

durations = st.lists(st.floats(0.0, 3_600.0), min_size=1, max_size=200)


def filled(values: list[float]) -> Histogram:
    histogram = Histogram()
    for value in values:
        histogram.add(value)
    return histogram


@given(durations, st.floats(0.001, 1.0))
def test_a_percentile_is_off_by_its_bucket_at_most(values: list[float], share: float) -> None:
    histogram = filled(values)
    rank = max(0, math.ceil(share * len(values)) - 1)
    true_ms = int(sorted(values)[rank] * 1e6) / 1000.0
    shown_ms = histogram.percentile_ms(share)
    assert true_ms <= shown_ms <= true_ms * (1 + 1 / 64) + 1e-9


@given(durations)
def test_percentiles_do_not_fall(values: list[float]) -> None:
    summary = filled(values).summary()
    shown = [summary[name] for name in (*PERCENTILES, "max")]
    assert shown == sorted(shown)


@given(durations, durations)
def test_histograms_add_up(one: list[float], other: list[float]) -> None:
    total = Histogram()
    total.include([filled(one), filled(other)])
    both = filled(one + other)
    assert (total.buckets, total.count, total.max_us) == (both.buckets, both.count, both.max_us)


@given(st.floats(-1e12, 1e12))
def test_memory_is_bounded_whatever_the_duration(value: float) -> None:
    histogram = filled([value])
    assert 0 <= histogram.max_us <= DURATION_MAX_US
    assert histogram.count == 1


def test_there_are_few_buckets() -> None:
    # One of each bucket: below 128 us each its own, above 64 for each doubling.
    histogram = filled([1.016**exponent / 1e6 for exponent in range(1_800)])
    assert len(histogram.buckets) < 2_300
    assert max(histogram.buckets) <= DURATION_MAX_US


def test_nothing_has_no_latency() -> None:
    assert set(Histogram().summary().values()) == {0.0}
