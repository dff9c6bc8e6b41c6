"""Hours and weekdays in a time zone, over midnight and over a change of the clocks."""

from datetime import datetime
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.schedule import WEEKDAYS, Schedule

SHANGHAI = ZoneInfo("Asia/Shanghai")


def at(text: str, zone: str = "Asia/Shanghai") -> float:
    return datetime.fromisoformat(text).replace(tzinfo=ZoneInfo(zone)).timestamp()


def made(weekdays: tuple[str, ...], hours: tuple[str, ...], zone: str = "Asia/Shanghai") -> Schedule:
    schedule = Schedule.of(weekdays, hours, zone)
    assert schedule is not None
    return schedule


def test_a_rule_that_says_no_time_always_holds() -> None:
    assert Schedule.of((), (), "UTC") is None


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("2026-11-25T08:59:59", False),
        ("2026-11-25T09:00:00", True),
        ("2026-11-25T20:59:59", True),
        ("2026-11-25T21:00:00", False),
    ],
)
def test_a_span_begins_with_its_first_minute_and_ends_before_its_last(when: str, holds: bool) -> None:
    assert made((), ("09:00-21:00",)).holds(at(when)) is holds


@pytest.mark.parametrize(
    ("when", "holds"),
    [
        ("2026-11-27T23:00:00", True),  # Friday night
        ("2026-11-28T05:59:00", True),  # ... until Saturday morning
        ("2026-11-28T06:00:00", False),
        ("2026-11-28T23:00:00", False),  # Saturday night is another one
        ("2026-11-27T05:00:00", False),  # Friday morning belongs to Thursday
    ],
)
def test_a_span_over_midnight_belongs_to_the_day_on_which_it_begins(when: str, holds: bool) -> None:
    assert made(("fri",), ("22:00-06:00",)).holds(at(when)) is holds


def test_the_day_ends_at_24() -> None:
    assert made((), ("12:00-24:00",)).holds(at("2026-11-25T23:59:59"))
    assert not made((), ("12:00-24:00",)).holds(at("2026-11-25T00:00:00"))


def test_hours_are_told_in_the_time_zone_in_summer_and_in_winter() -> None:
    london = made((), ("09:00-10:00",), "Europe/London")
    assert london.holds(at("2026-07-01T09:30:00", "Europe/London"))
    assert london.holds(at("2026-12-01T09:30:00", "Europe/London"))
    assert not london.holds(at("2026-07-01T09:30:00", "UTC"))


@given(now=st.integers(0, 2**32), days=st.sets(st.sampled_from(WEEKDAYS), min_size=1))
def test_days_alone_are_whole_days(now: int, days: set[str]) -> None:
    expected = WEEKDAYS[datetime.fromtimestamp(now, SHANGHAI).weekday()] in days
    assert made(tuple(days), ()).holds(now) is expected


@given(now=st.integers(0, 2**32), begin=st.integers(0, 1439), end=st.integers(0, 1439))
def test_a_span_and_its_complement_are_the_whole_day(now: int, begin: int, end: int) -> None:
    if begin == end:
        return
    first, second = f"{begin // 60:02}:{begin % 60:02}", f"{end // 60:02}:{end % 60:02}"
    one, other = made((), (f"{first}-{second}",)), made((), (f"{second}-{first}",))
    assert one.holds(now) is not other.holds(now)
