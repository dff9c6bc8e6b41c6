"""When messages may arrive, and from when on they may again."""

import datetime
import zoneinfo

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.cases import Cases
from smpp_router.compliance.hours import (
    MINUTE_S,
    REGIME_HOURS,
    ClassHours,
    SendingHours,
    is_within,
    opens_at,
)
from smpp_router.compliance.policy import Policy
from smpp_router.config_compliance import (
    ComplianceConfig,
    HoursConfig,
    RegistrationConfig,
    ScreenedClassConfig,
)

SHANGHAI = zoneinfo.ZoneInfo("Asia/Shanghai")
DAY = HoursConfig()


def at(text: str, zone: zoneinfo.ZoneInfo = SHANGHAI) -> float:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=zone).timestamp()


@pytest.mark.parametrize(
    ("clock", "is_open"),
    [("07:59:59", False), ("08:00:00", True), ("20:59:59", True), ("21:00:00", False), ("21:00:01", False)],
)
def test_hours_begin_and_end_to_the_second(clock: str, is_open: bool) -> None:
    assert is_within(DAY, at(f"2026-11-26T{clock}")) is is_open


@pytest.mark.parametrize(
    ("hours", "now", "opening"),
    [
        (DAY, "2026-11-26T12:00:30", "2026-11-26T12:00:30"),
        (DAY, "2026-11-26T21:00:00", "2026-11-27T08:00:00"),
        (DAY, "2026-11-27T07:59:59", "2026-11-27T08:00:00"),
        (HoursConfig(not_on=("sat", "sun")), "2026-11-27T21:00:00", "2026-11-30T08:00:00"),
        (HoursConfig(since="20:00", until="02:00"), "2026-11-27T02:00:00", "2026-11-27T20:00:00"),
        (HoursConfig(since="20:00", until="02:00", not_on=("fri",)), "2026-11-27T00:30", "2026-11-28T00:00"),
        (
            HoursConfig(since="00:00", until="24:00", not_on=("11-27",)),
            "2026-11-27T09:00",
            "2026-11-28T00:00",
        ),
    ],
)
def test_what_may_not_arrive_now_may_from_the_next_opening_on(
    hours: HoursConfig, now: str, opening: str
) -> None:
    assert opens_at([hours], at(now)) == at(opening)


def test_all_of_several_hours_must_be_open() -> None:
    late = HoursConfig(since="10:00", until="12:00")
    early = HoursConfig(since="08:00", until="11:00")
    assert opens_at([late, early], at("2026-11-26T08:30")) == at("2026-11-26T10:00")
    assert opens_at([late, early], at("2026-11-26T11:30")) == at("2026-11-27T10:00")


def test_a_number_of_two_zones_waits_for_both() -> None:
    hours = HoursConfig(by_recipient=True)
    # Oregon: most of it is an hour behind its east.
    pacific = zoneinfo.ZoneInfo("America/Los_Angeles")
    number = "15415550100"
    opening = opens_at([hours], at("2026-11-26T07:30", pacific), number)
    assert opening == at("2026-11-26T08:00", pacific)
    assert is_within(hours, opening, number)


def test_hours_that_never_open_are_looked_at_again_two_weeks_later() -> None:
    never = HoursConfig(not_on=("mon", "tue", "wed", "thu", "fri", "sat", "sun"))
    now = at("2026-11-26T12:00")
    assert opens_at([never], now) == now + 14 * 86_400.0


@pytest.mark.parametrize("day", ["2026-03-29", "2026-10-25"])
@given(minute=st.integers(0, 2_879), since=st.integers(0, 23), until=st.integers(0, 24))
def test_nothing_opens_before_and_all_is_open_then(day: str, minute: int, since: int, until: int) -> None:
    berlin = zoneinfo.ZoneInfo("Europe/Berlin")
    hours = HoursConfig(since=f"{since:02}:30", until=f"{until:02}:00", zone="Europe/Berlin")
    now = at(day, berlin) - 86_400.0 + minute * MINUTE_S
    opening = opens_at([hours], now)
    assert opening >= now
    assert is_within(hours, opening)
    before = now
    while before < min(opening, now + 90_000.0):
        # Where the clock leaps over the beginning, hours may begin with the hour after it.
        assert not is_within(hours, before) or opening - before <= 3_600.0
        before += MINUTE_S


def sending_hours(**changes: object) -> SendingHours:
    config = ComplianceConfig(
        registrations=(
            RegistrationConfig(account="shop", kind="shop"),
            RegistrationConfig(account="paris", kind="shop", regime="fr"),
        ),
        classes=(
            ScreenedClassConfig(name="offers", kind="marketing"),
            ScreenedClassConfig(name="slow", kind="marketing", hours=HoursConfig(since="10:00")),
            ScreenedClassConfig(name="news", kind="notification", hours=HoursConfig(until="22:00")),
            ScreenedClassConfig(name="club", kind="member"),
            ScreenedClassConfig(name="free", kind="marketing", actions={"QUIET_HOURS": "tag"}),
        ),
    )
    config = attrs.evolve(config, **changes)
    by_class = {one.name: one.actions for one in config.classes}
    return SendingHours(Cases(config), Policy(config.actions, by_class))


@pytest.mark.parametrize(
    ("traffic_class", "account", "kept"),
    [
        ("offers", "shop", ClassHours(None, DAY, advertises=True)),
        ("offers", "paris", ClassHours(None, REGIME_HOURS["fr"], advertises=True)),
        ("slow", "shop", ClassHours(HoursConfig(since="10:00"), None, advertises=True)),
        ("news", "shop", ClassHours(HoursConfig(until="22:00"))),
        ("club", "shop", ClassHours(None, DAY, advertises=None)),
        ("free", "shop", ClassHours(advertises=True)),
        ("verification", "shop", ClassHours()),
    ],
)
def test_what_a_class_has_to_keep(traffic_class: str, account: str, kept: ClassHours) -> None:
    hours = sending_hours()
    assert hours.of(traffic_class, account) == kept
    assert {kept.always, kept.advertising} - {None} <= hours.all_hours


def test_hours_of_regimes_that_nobody_has_are_not_asked_about() -> None:
    assert REGIME_HOURS["us_10dlc"] not in sending_hours().all_hours
    assert sending_hours(regime="us_10dlc").all_hours >= {REGIME_HOURS["us_10dlc"]}
