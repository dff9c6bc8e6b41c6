import calendar
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire.times import format_absolute, format_relative, parse_time, receipt_date

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC).timestamp()
UNIX_S = st.floats(946_684_800, 4_000_000_000)


def at(year: int, month: int, day: int, *time: int) -> float:
    return datetime(year, month, day, *time, tzinfo=UTC).timestamp()


@given(UNIX_S)
def test_an_absolute_time_comes_back_to_the_tenth(unix_s: float) -> None:
    parsed = parse_time(format_absolute(unix_s), NOW)
    assert parsed is not None
    assert abs(parsed - unix_s) <= 0.051


@given(UNIX_S)
def test_no_time_at_all_is_now_to_the_last_bit(now: float) -> None:
    assert parse_time(b"000000000000000R", now) == now
    assert parse_time(b"000000000001000R", now) == pytest.approx(now + 1.0, abs=1e-6)


@given(st.floats(0, 99 * 86_400.0))
def test_a_relative_time_comes_back_to_the_second(seconds: float) -> None:
    parsed = parse_time(format_relative(seconds), NOW)
    assert parsed is not None
    assert 0 <= parsed - NOW - seconds < 1.001


@given(st.binary(max_size=20))
def test_any_octets_are_a_time_or_a_value_error(field: bytes) -> None:
    try:
        parsed = parse_time(field, NOW)
    except ValueError:
        return
    assert (parsed is None) == (field == b"")


@given(st.from_regex(rb"[0-9]{15}[-+R]", fullmatch=True))
def test_any_digits_are_a_time_or_a_value_error(field: bytes) -> None:
    try:
        parsed = parse_time(field, NOW)
    except ValueError:
        return
    assert parsed is not None


@pytest.mark.parametrize(
    ("field", "expected"),
    [
        (b"260131120000000+", at(2026, 1, 31, 12)),
        (b"260131200000032+", at(2026, 1, 31, 12)),
        (b"260131073000018-", at(2026, 1, 31, 12)),
        (b"260131171500021+", at(2026, 1, 31, 12)),
        (b"000000000500000R", NOW + 300),
        (b"000001000000000R", NOW + 86_400),
        (b"000100000000000R", at(2026, 2, 28, 12)),
        (b"010000000000000R", at(2027, 1, 31, 12)),
        (b"001300000000000R", at(2027, 2, 28, 12)),
    ],
)
def test_interop_19_times_are_absolute_with_quarter_hours_or_relative_by_the_calendar(
    field: bytes, expected: float
) -> None:
    assert parse_time(field, NOW) == expected


@pytest.mark.parametrize(
    "field",
    [
        b"2601311200000",
        b"260131120000000",
        b"260131120000000Z",
        b"261301120000000+",
        b"260230120000000+",
        b"260131250000000+",
        b"260131120000049+",
        b"26013112000000 +",
        b"999999999999000R",
    ],
)
def test_interop_19_what_is_no_time_says_why(field: bytes) -> None:
    with pytest.raises(ValueError, match=r"."):
        parse_time(field, datetime(9990, 1, 1, tzinfo=UTC).timestamp())


def test_a_span_that_does_not_fit_into_days_is_refused() -> None:
    for seconds in (-5.0, 100 * 86_400.0):
        with pytest.raises(ValueError, match="relative"):
            format_relative(seconds)


@given(UNIX_S)
def test_a_receipts_date_has_ten_digits_and_is_in_utc(unix_s: float) -> None:
    assert receipt_date(unix_s) == datetime.fromtimestamp(unix_s, UTC).strftime("%y%m%d%H%M").encode()


def test_dates_remembered_are_bounded() -> None:
    for minute in range(5000):
        receipt_date(NOW + 60 * minute)
    assert receipt_date(NOW) == b"2601311200"


@pytest.mark.parametrize("seconds", [float("inf"), float("-inf"), float("nan")])
def test_what_is_no_span_is_not_written(seconds: float) -> None:
    with pytest.raises(ValueError, match="can't be written"):
        format_relative(seconds)


@given(
    st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99), st.integers(0, 99),
    st.integers(0, 99), st.integers(0, 2**31),
)  # fmt: skip
def test_a_relative_time_is_months_by_the_calendar_and_then_a_span(
    years: int, months: int, days: int, hours: int, minutes: int, seconds: int, now: int
) -> None:
    field = b"%02d%02d%02d%02d%02d%02d000R" % (years, months, days, hours, minutes, seconds)
    start = datetime.fromtimestamp(now, UTC)
    year, month = divmod(start.year * 12 + start.month - 1 + years * 12 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    span = timedelta(days=days, hours=hours, minutes=minutes, seconds=seconds)
    expected = start.replace(year=year, month=month + 1, day=day) + span
    assert parse_time(field, float(now)) == expected.timestamp()
