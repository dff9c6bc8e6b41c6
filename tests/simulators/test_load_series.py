"""A load second by second."""

from simulators.load_series import BINS_MAX, Series


def test_what_happens_is_counted_in_its_second() -> None:
    series = Series()
    series.at(0.2).sent += 5
    series.at(2.9).sent += 7
    assert [span.sent for span in series.spans] == [5, 0, 7]


def test_a_long_run_gets_wider_spans_and_loses_nothing() -> None:
    series = Series()
    for second in range(3 * BINS_MAX + 1):
        span = series.at(float(second))
        span.sent += 1
        span.accepted += 1
        span.submit.add(0.01)
    assert len(series.spans) <= BINS_MAX
    assert series.span_s == 4.0
    assert sum(span.sent for span in series.spans) == 3 * BINS_MAX + 1
    assert sum(span.submit.count for span in series.spans) == 3 * BINS_MAX + 1


def test_as_json_it_is_rates() -> None:
    series = Series(span_s=2.0)
    span = series.at(1.0)
    span.sent, span.refused, span.receipts = 10, 4, 6
    assert series.as_json()[0] == {
        "at_s": 0.0, "sent_per_s": 5.0, "accepted_per_s": 0.0, "refused_per_s": 2.0, "receipts_per_s": 3.0,
        "p50_ms": 0.0, "p99_ms": 0.0,
    }  # fmt: skip
