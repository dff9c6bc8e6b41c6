"""The longest prefix of a number decides its plan, however the number is spelled and whatever is cached."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.rules import Plan, PrefixRouter, Router, international

DIGITS = st.text("0123456789", min_size=1, max_size=15).filter(lambda digits: not digits.startswith("00"))
# Few digits, so that prefixes and numbers meet.
CLOSE = st.text("123", min_size=1, max_size=6)
TABLES = st.dictionaries(CLOSE, st.lists(st.sampled_from("abc"), max_size=3).map(tuple), max_size=12)


def plan_by_definition(prefixes: dict[str, Plan], default: Plan, number: str) -> Plan:
    matching = [prefix for prefix in prefixes if number.startswith(prefix)]
    return prefixes[max(matching, key=len)] if matching else default


@given(
    prefixes=TABLES,
    default=st.sampled_from([(), ("d",)]),
    numbers=st.lists(CLOSE, max_size=40),
    cache_max=st.integers(1, 10),
)
def test_the_longest_prefix_wins_whatever_is_cached(
    prefixes: dict[str, Plan], default: Plan, numbers: list[str], cache_max: int
) -> None:
    router: Router = PrefixRouter(prefixes, default, cache_max)
    expected = [plan_by_definition(prefixes, default, number) for number in numbers]
    destinations = [number.encode() for number in numbers]
    assert [router.plan(destination) for destination in destinations] == expected
    assert router.plan_batch(destinations) == expected
    assert isinstance(router, PrefixRouter)
    assert router.statistics().cached <= cache_max


@given(
    prefixes=TABLES, number=CLOSE, spelling=st.sampled_from(["+", "00", "+00", "000"]), is_first=st.booleans()
)
def test_plus_and_double_zero_are_no_part_of_a_number(
    prefixes: dict[str, Plan], number: str, spelling: str, is_first: bool
) -> None:
    router = PrefixRouter(prefixes, ("rest",))
    expected = plan_by_definition(prefixes, ("rest",), number)
    if is_first:
        assert router.plan((spelling + number).encode()) == expected
    assert router.plan(number.encode()) == expected
    assert router.plan((spelling + number).encode()) == expected
    spelled = PrefixRouter({spelling + prefix: plan for prefix, plan in prefixes.items()}, ("rest",))
    assert spelled.plan(number.encode()) == expected


@given(digits=DIGITS)
def test_international_is_idempotent_and_keeps_what_has_no_prefix(digits: str) -> None:
    assert international(digits.encode()) == digits.encode()
    assert international(international(b"+" + digits.encode())) == digits.encode()


@given(number=st.binary(max_size=21))
def test_any_octets_get_a_plan(number: bytes) -> None:
    assert PrefixRouter({"44": ("a",)}, ("rest",)).plan(number) in (("a",), ("rest",))


def test_a_national_number_keeps_its_zero() -> None:
    router = PrefixRouter({"0": ("national",), "7": ("abroad",)})
    assert router.plan(b"07700900123") == ("national",)
    assert router.plan(b"7700900123") == ("abroad",)


def test_no_way_is_an_empty_plan() -> None:
    assert PrefixRouter({"44": ("a",)}).plan(b"3301") == ()
    assert PrefixRouter({}).plan(b"") == ()


def test_an_empty_prefix_matches_all() -> None:
    assert PrefixRouter({"": ("all",)}, ("never",)).plan(b"44") == ("all",)


def test_the_same_prefix_spelled_twice_is_refused() -> None:
    with pytest.raises(ValueError, match="there twice"):
        PrefixRouter({"44": ("a",), "+44": ("b",)})


def test_statistics_count_misses_and_clears() -> None:
    router = PrefixRouter({"4": ("a",)}, cache_max=2)
    router.plan_batch([b"41", b"42", b"51", b"61"])
    statistics = router.statistics()
    assert (statistics.prefixes, statistics.cached, statistics.misses, statistics.clears) == (1, 1, 3, 1)
