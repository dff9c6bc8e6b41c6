"""The router decides as its rules say, whatever it remembers, for every spelling of a number."""

import random
from collections import Counter
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.config import CarrierConfig, LinkConfig, PriceConfig
from smpp_router.config_routes import RouteConfig, RoutesConfig, RuleConfig, StrategyName
from smpp_router.portability import Portability
from smpp_router.routing import router as router_module
from smpp_router.routing.numberplan import number_plan
from smpp_router.routing.router import RuleRouter
from tests.routing.health import SetScores

LINK = LinkConfig(host="127.0.0.1", system_id="router", password="")
MOBILE, UNICOM = b"8613800138000", b"8618665312345"  # Beijing; Shenzhen in Guangdong
CLOSE = st.text("123", min_size=1, max_size=6)


def rule(name: str, carriers: str, **said: Any) -> RuleConfig:
    return RuleConfig(name=name, carriers=tuple(carriers), **said)


def made(*rules: RuleConfig, scores: SetScores | None = None, seed: int = 1, **said: Any) -> RuleRouter:
    carriers = said.pop("carriers", ())
    routes = RoutesConfig(rules=rules, **said)
    return RuleRouter(routes, carriers, rng=random.Random(seed), scores=scores, plan=number_plan())


def plan(router: RuleRouter, number: bytes, account: str = "bank", sender: bytes = b"1069") -> str:
    return "".join(router.decide(account, sender, number, "verification").plan)


# --- the table of prefixes


@given(
    prefixes=st.dictionaries(CLOSE, st.text("abc", min_size=1, max_size=3), max_size=12),
    default=st.sampled_from(["", "d"]),
    numbers=st.lists(CLOSE, max_size=40),
)
def test_without_rules_the_longest_prefix_wins_whatever_is_remembered(
    prefixes: dict[str, str], default: str, numbers: list[str]
) -> None:
    prefixes = {prefix: "".join(dict.fromkeys(carriers)) for prefix, carriers in prefixes.items()}
    table = tuple(RouteConfig(prefix=prefix, carriers=tuple(to)) for prefix, to in prefixes.items())
    router = made(prefixes=table, default=tuple(default))
    for number in numbers * 2:
        matching = [prefix for prefix in prefixes if number.startswith(prefix)]
        expected = prefixes[max(matching, key=len)] if matching else default
        assert plan(router, number.encode()) == expected


@given(number=st.text("0123456789", min_size=4, max_size=14), spelling=st.sampled_from(["+", "00", "+00"]))
def test_a_plus_or_zeros_before_numbers_and_prefixes_change_nothing(number: str, spelling: str) -> None:
    number = "861" + number
    routes = {"a": number[:4], "b": number[:9], "c": "00" + number[:6]}
    router = made(prefixes=tuple(RouteConfig(prefix=to, carriers=(name,)) for name, to in routes.items()))
    for _ in range(2):
        assert plan(router, (spelling + number).encode()) == plan(router, number.encode())


@pytest.mark.parametrize("number", [b"", b"+", b"abc", b"861abcdefgh", b"86139", b"8613x0000000"])
def test_no_number_is_too_odd_to_be_decided(number: bytes) -> None:
    assert plan(made(rule("all", "a")), number) == "a"


def test_prefixes_longer_than_a_block_are_told_apart() -> None:
    router = made(rule("one", "a", prefixes=("8613800138000",)), rule("block", "b", prefixes=("861380013",)))
    assert [plan(router, number) for number in (MOBILE, MOBILE[:-1] + b"1", b"8613800140000")] == [
        "a",
        "b",
        "",
    ]


# --- conditions


def test_rules_are_asked_in_order_by_all_that_a_message_has() -> None:
    router = made(
        rule("staff", "a", accounts=("bank",), senders=("10690*",)),
        rule("guangdong", "b", regions=("CN/guangdong",)),
        rule("beijing", "c", regions=("CN/beijing/beijing",)),
        rule("unicom", "d", networks=("china-unicom",)),
        rule("abroad", "e", regions=("GB", "US")),
    )
    assert plan(router, MOBILE, sender=b"106901") == "a"
    assert plan(router, MOBILE, account="shop", sender=b"106901") == "c"
    assert plan(router, UNICOM) == "b"
    assert plan(router, b"8613000000000") == "d"
    assert plan(router, b"447911123456") == "e"
    assert plan(router, b"33612345678") == ""


def test_a_number_that_moved_belongs_to_its_new_network() -> None:
    ported = Portability([(1, MOBILE.decode(), "china-unicom"), (2, "86188", "china-telecom")])
    router = made(
        rule("mobile", "a", networks=("china-mobile",)),
        rule("unicom", "b", networks=("china-unicom",)),
        rule("telecom", "c", networks=("china-telecom",)),
        portability=ported,
    )
    for _ in range(2):
        assert plan(router, MOBILE) == "b"
        assert plan(router, b"+" + MOBILE) == "b"
        assert plan(router, MOBILE[:-1] + b"1") == "a"
        assert plan(router, b"8618800000000") == "c"
    assert router.decide("bank", b"", MOBILE, "x").region == "CN/beijing"


def test_a_schedule_changes_the_way_within_a_minute() -> None:
    day = rule("day", "a", hours=("09:00-21:00",), time_zone="Asia/Shanghai")
    router = made(day, default=("n",))
    nine = 1_764_028_800.0 + 3600  # midnight in UTC is 08:00 in Shanghai
    router.tick(nine - 1)
    assert plan(router, MOBILE) == "n"
    router.tick(nine)
    assert plan(router, MOBILE) == "a"
    router.tick(nine + 12 * 3600)
    assert plan(router, MOBILE) == "n"


# --- prices, floors, health


def test_the_cheapest_for_the_number_is_taken_and_a_ceiling_never_gives_way() -> None:
    carriers = (
        CarrierConfig(
            name="a",
            links=(LINK,),
            price_per_part=0.05,
            prices=(PriceConfig(region="CN/guangdong", price_per_part=0.02),),
        ),
        CarrierConfig(name="b", links=(LINK,), price_per_part=0.03),
    )
    cheap = rule("cheap", "ab", strategy="least_cost", price_per_part_max=0.04)
    router = made(cheap, rule("rest", "a", prefixes=("44",)), carriers=carriers)
    assert plan(router, UNICOM) == "ab"
    assert plan(router, MOBILE) == "b"
    decision = router.decide("bank", b"", MOBILE, "x")
    assert {(one.carrier, one.price, one.remark) for one in decision.candidates} == {
        ("b", 0.03, ""),
        ("a", 0.05, "above the price ceiling"),
    }
    dear = made(rule("cheap", "a", price_per_part_max=0.01), carriers=carriers)
    assert dear.decide("bank", b"", MOBILE, "x").explanation == (
        "rules passed over: cheap (price ceiling), and none is left"
    )


def test_health_is_looked_at_once_a_second_and_at_once_when_told() -> None:
    scores = SetScores()
    router = made(rule("all", "ab"), scores=scores)
    router.tick(100.0)
    assert plan(router, MOBILE) == "ab"
    scores.shares["a"] = 0.0
    router.tick(100.5)
    assert plan(router, MOBILE) == "ab"
    router.tick(101.0)
    assert plan(router, MOBILE) == "ba"
    scores.shares["a"] = 1.0
    router.touch()
    assert plan(router, MOBILE) == "ab"


def test_however_many_choices_there_are_a_second_looks_at_so_many_and_all_come_in_their_turn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(router_module, "RANKINGS_PER_S", 6)
    scores = SetScores()
    router = made(
        *(rule(f"r{digit}", "ab", prefixes=(f"8613{digit}",)) for digit in range(10)), scores=scores
    )
    numbers = [b"8613%d00138000" % digit for digit in range(10)]
    assert {plan(router, number) for number in numbers} == {"ab"}
    scores.shares["a"] = 0.0
    changed: list[int] = []
    for second in range(1, 6):
        router.tick(float(second))
        changed.append(sum(plan(router, number) == "ba" for number in numbers))
    assert changed == [3, 6, 9, 10, 10]


def test_health_counts_by_region() -> None:
    scores = SetScores(shares={("a", "CN/guangdong"): 0.0})
    router = made(rule("all", "ab"), scores=scores)
    assert plan(router, UNICOM) == "ba"
    assert plan(router, MOBILE) == "ab"
    decision = router.decide("bank", b"", UNICOM, "x")
    assert router.share(decision, "a") == 0.0
    assert router.share(decision, "b") == 1.0
    assert router.is_closed_somewhere("a")


def test_messages_of_a_kind_share_their_decision() -> None:
    router = made(rule("all", "ab"))
    one = router.decide("bank", b"1069", MOBILE, "x")
    assert router.decide("bank", b"95588", MOBILE[:-1] + b"1", "x") is one
    assert router.decisions("bank", b"1069", MOBILE, "x") == (one,)


def test_the_same_seed_makes_the_same_choices() -> None:
    weighted = rule("all", "abc", strategy="weighted", weights=(5.0, 3.0, 2.0))
    one, same, other = (made(weighted, seed=seed) for seed in (1, 1, 2))
    drawn = [[plan(router, MOBILE) for _ in range(200)] for router in (one, same, other)]
    assert drawn[0] == drawn[1] != drawn[2]
    assert Counter(drawn[0]).most_common(1)[0][0] == "abc"


# --- limits


def test_what_is_remembered_has_limits_and_no_limit_changes_a_decision(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(router_module, "CHOICES_MAX", 5)
    monkeypatch.setattr(router_module, "HEADS_MAX", 5)
    monkeypatch.setattr(router_module, "KINDS_MAX", 5)
    rules = [
        rule(f"r{digit}", "ab"[digit % 2], prefixes=(f"861{digit}", f"44{digit}")) for digit in range(10)
    ]
    router = made(*rules)
    rng = random.Random(3)
    for _ in range(500):
        digit = rng.randrange(10)
        number = b"%b%d%09d" % (rng.choice([b"861", b"44"]), digit, rng.randrange(10**9))
        assert plan(router, number) == "ab"[digit % 2]
    held = router.statistics()
    assert held.choices <= 5
    assert held.kinds <= 5
    assert held.clears > 0
    assert held.rules == 10


@pytest.mark.parametrize("strategy", ["static_failover", "static_round_robin"])
def test_a_static_strategy_sends_to_a_carrier_that_health_has_closed(strategy: StrategyName) -> None:
    scores = SetScores(scores={"a": 0.0}, shares={"a": 0.0})
    router = made(rule("blind", "abc", strategy=strategy), scores=scores)
    decisions = [router.decide("bank", b"1069", b"8613800000001", "verification") for _ in range(3)]
    expected = ["abc"] * 3 if strategy == "static_failover" else ["bca", "cab", "abc"]
    assert ["".join(decision.plan) for decision in decisions] == expected
    assert router.share(decisions[0], "a") == 1.0
