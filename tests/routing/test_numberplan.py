"""The plan tells what phonenumbers tells, of every block, however the number is spelled."""

import phonenumbers.carrier
import pytest
from hypothesis import given
from hypothesis import strategies as st
from phonenumbers.geodata import GEOCODE_DATA

from smpp_router.routing.numberplan import HEADS_MAX, NOTHING, NumberPlan, number_plan, plain

PLAN = number_plan()
MOBILE = st.integers(10**10, 2 * 10**10 - 1)
# What the library writes for a city, by the digits of its number: read without its parsing and formatting.
CITY_LENGTHS = range(9, 3, -1)


def city_by_definition(number: str) -> str:
    found = (GEOCODE_DATA.get(number[:length]) for length in CITY_LENGTHS)
    return next((names["en"] for names in found if names), "")


@given(national=MOBILE)
def test_networks_and_cities_are_those_of_the_library(national: int) -> None:
    number = f"86{national}"
    facts = PLAN.facts(number.encode())
    parsed = phonenumbers.PhoneNumber(country_code=86, national_number=national)
    # A number that no carrier has is none to the library; the plan knows what its block says.
    assert phonenumbers.carrier.name_for_number(parsed, "en") in {"", *_spelled(facts.network)}
    town, _, province = city_by_definition(number).rpartition(", ")
    assert facts.city == plain(town or province)
    assert facts.province == plain(province)
    assert facts.country == "CN"


def _spelled(network: str) -> set[str]:
    names = ("China Mobile", "China Unicom", "China Telecom", "China Broadnet")
    return {name for name in names if plain(name) == network}


@pytest.mark.parametrize(
    ("number", "place", "network"),
    [
        (b"8613800138000", "CN/beijing/beijing", "china-mobile"),
        (b"8618665312345", "CN/guangdong/shenzhen", "china-unicom"),
        (b"8675583761234", "CN/guangdong/shenzhen", ""),
        (b"861064551234", "CN/beijing/beijing", ""),
        (b"8619212345678", "CN", "china-broadnet"),
        (b"12125551234", "US", ""),
        (b"14165551234", "CA", ""),
        (b"12425551234", "BS", ""),
        (b"447911123456", "GB", ""),
        (b"79161234567", "RU", ""),
        (b"77012345678", "KZ", ""),
        (b"85291234567", "HK", ""),
    ],
)
def test_what_is_known_of_well_known_numbers(number: bytes, place: str, network: str) -> None:
    assert (PLAN.facts(number).place, PLAN.facts(number).network) == (place, network)
    assert PLAN.facts(number).place in PLAN.places


@given(number=st.text("0123456789", min_size=1, max_size=15).filter(lambda n: not n.startswith("0")))
def test_a_plus_or_two_zeros_before_a_number_change_nothing(number: str) -> None:
    expected = PLAN.facts(number.encode())
    assert PLAN.facts(b"+" + number.encode()) == expected
    assert PLAN.facts(b"00" + number.encode()) == expected


@given(number=st.binary(max_size=20))
def test_what_is_no_number_is_known_by_nothing_or_by_its_digits(number: bytes) -> None:
    assert PLAN.facts(number).country == "" or number.lstrip(b"+0")[:1].isdigit()


@pytest.mark.parametrize("number", [b"", b"+", b"999", b"abc", b"86139abcdefgh"])
def test_of_some_numbers_nothing_is_known(number: bytes) -> None:
    assert PLAN.facts(number) is NOTHING


def test_regions_are_provinces_in_china_and_countries_elsewhere() -> None:
    assert PLAN.facts(b"8618665312345").region == "CN/guangdong"
    assert PLAN.facts(b"447911123456").region == "GB"
    assert PLAN.facts(b"999").region == ""


def test_all_of_china_is_there_in_less_than_3_mb() -> None:
    assert sum(place.count("/") == 1 and place.startswith("CN/") for place in PLAN.places) == 31
    assert PLAN.networks == {"china-mobile", "china-unicom", "china-telecom", "china-broadnet"}
    assert PLAN.bytes_held < 3_000_000


def test_numbers_abroad_are_remembered_up_to_a_limit() -> None:
    plan = NumberPlan([], [])
    for area in range(2 * 10**6, 2 * 10**6 + HEADS_MAX + 10):
        plan.facts(b"%d00000" % (4_000_000 + area))
        assert plan.heads <= HEADS_MAX
    assert plan.facts(b"447911123456").country == "GB"
