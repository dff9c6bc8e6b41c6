from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.hours import is_within
from smpp_router.compliance.rules.marketing import check_hours, check_marketing
from smpp_router.config_compliance import HoursConfig
from tests.compliance.subjects import case_of, holds_for_its_cases, names


def test_it_finds_what_the_structural_cases_say_and_nothing_in_those_that_are_right() -> None:
    holds_for_its_cases(
        check_marketing,
        {
            "MARKETING_CODE",
            "UNDECLARED_MARKETING",
            "UNDECLARED_MARKETING_LINK",
            "UNSUBSCRIBE_MISSING",
            "UNSUBSCRIBE_NOT_STANDARD",
        },
    )


@given(st.floats(0, 4e9))
def test_hours_and_their_opposite_are_a_day(now: float) -> None:
    day = HoursConfig(since="08:00", until="21:00")
    night = HoursConfig(since="21:00", until="08:00")
    assert is_within(day, now) != is_within(night, now)


def test_a_day_without_marketing_has_none() -> None:
    sunday = 1_795_944_000.0
    hours = HoursConfig(since="08:00", until="21:00", zone="Europe/Paris", not_on=("sun",))
    assert not is_within(hours, sunday)
    assert is_within(hours, sunday + 86_400.0)


def test_a_date_without_marketing_is_of_each_year_or_of_one() -> None:
    sunday = 1_795_944_000.0
    for day, is_on in (("11-29", False), ("2026-11-29", False), ("2027-11-29", True), ("11-30", True)):
        assert is_within(HoursConfig(since="00:00", until="24:00", not_on=(day,)), sunday) is is_on


def test_a_class_may_have_hours_of_its_own() -> None:
    case = case_of("【示例】您的快件已到", traffic_class="logistics", now=1_795_944_000.0)
    assert names(check_hours(case, HoursConfig(since="01:00", until="02:00"))) == {"QUIET_HOURS"}
    assert names(check_hours(case, HoursConfig(since="00:00", until="24:00"))) == set()
    assert names(check_hours(case, None)) == set()
