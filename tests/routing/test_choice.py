"""A choice ranks anew when health has changed, and only then; floors let the next rule decide."""

import random
from collections import Counter

import pytest

from smpp_router.config_routes import RuleConfig, StrategyName
from smpp_router.message.decision import Decision
from smpp_router.routing import choice as choice_module
from smpp_router.routing.choice import NO_WAY, Cell, Choice, Entry, Standings
from smpp_router.routing.rules import Rule
from tests.routing.health import SetScores

CELL = Cell("CN/guangdong", "china-mobile", "verification")


def entry(
    name: str, strategy: StrategyName = "failover", carriers: str = "abc", score_min: float = 0.0
) -> Entry:
    names = tuple(carriers)
    config = RuleConfig(name=name, strategy=strategy, carriers=names, score_min=score_min)
    return Entry(Rule(0, config), names, (0.03,) * len(names), (1.0,) * len(names))


def made(*entries: Entry, scores: SetScores, passed: tuple[str, ...] = ()) -> tuple[Choice, Standings]:
    standings = Standings(scores)
    choice = Choice(entries, passed, CELL, standings)
    choice.refresh(standings)
    return choice, standings


def only(choice: Choice) -> Decision:
    assert choice.only is not None
    return choice.only


def test_nothing_is_ranked_while_health_stays_as_it_is() -> None:
    scores = SetScores(scores={"a": 80.0})
    choice, standings = made(entry("codes"), scores=scores)
    first = only(choice)
    standings.epoch += 1
    scores.scores["a"] = 84.0
    assert not choice.refresh(standings)
    assert only(choice) is first
    standings.epoch += 1
    scores.scores["a"] = 60.0
    assert choice.refresh(standings)
    assert only(choice).candidates[0].score == 60.0


@pytest.mark.parametrize(("strategy", "floor"), [("least_cost", 0.0), ("failover", 50.0)])
def test_where_scores_are_compared_a_point_is_a_change(strategy: StrategyName, floor: float) -> None:
    scores = SetScores(scores={"a": 80.0})
    choice, standings = made(entry("codes", strategy, score_min=floor), scores=scores)
    standings.epoch += 1
    scores.scores["a"] = 81.0
    assert choice.refresh(standings)


def test_a_ranking_that_is_not_allowed_waits_for_its_turn() -> None:
    scores = SetScores()
    choice, standings = made(entry("codes"), scores=scores)
    scores.shares["a"] = 0.0
    standings.epoch += 1
    assert not choice.refresh(standings, is_allowed=False)
    assert choice.epoch < standings.epoch
    assert only(choice).plan == ("a", "b", "c")
    assert choice.refresh(standings)
    assert only(choice).plan == ("b", "c", "a")


def test_health_is_asked_once_an_epoch() -> None:
    scores = SetScores()
    choice, standings = made(entry("codes"), scores=scores)
    assert scores.asked == 3
    for _ in range(10):
        choice.refresh(standings)
    assert scores.asked == 3
    standings.epoch += 1
    choice.refresh(standings)
    assert scores.asked == 6


def test_a_breaker_that_opens_sends_the_carrier_to_the_end_of_the_plan() -> None:
    scores = SetScores()
    choice, standings = made(entry("codes"), scores=scores)
    assert only(choice).plan == ("a", "b", "c")
    scores.shares["a"] = 0.0
    standings.epoch += 1
    choice.refresh(standings)
    assert only(choice).plan == ("b", "c", "a")
    assert standings.is_closed_somewhere("a")
    assert not standings.is_closed_somewhere("b")
    scores.shares["a"] = 1.0
    for _ in range(3):
        standings.epoch += 1
        choice.refresh(standings)
    assert not standings.is_closed_somewhere("a")


def test_a_share_however_small_is_not_closed() -> None:
    scores = SetScores(shares={"a": 0.001})
    choice, standings = made(entry("codes"), scores=scores)
    assert choice.only is None
    assert {decision.plan[0] for decision in choice.decisions()} == {"a", "b"}
    assert choice.decisions()[0].plan[0] == "b"
    scores.shares["a"] = 0.0
    standings.epoch += 1
    assert choice.refresh(standings)
    assert only(choice).plan == ("b", "c", "a")


def test_below_the_floor_the_next_rule_decides_and_the_reason_is_told() -> None:
    scores = SetScores(scores={"a": 30.0, "b": 20.0})
    choice, _ = made(entry("good", carriers="ab", score_min=50.0), entry("rest", carriers="c"), scores=scores)
    assert only(choice).plan == ("c",)
    assert only(choice).rule == "rest"
    assert only(choice).why.endswith("rules passed over: good (quality floor)")


def test_carriers_below_the_floor_come_last_and_the_poorest_of_all() -> None:
    scores = SetScores(scores={"a": 10.0, "b": 30.0, "c": 90.0})
    choice, _ = made(entry("good", score_min=50.0), scores=scores)
    assert only(choice).plan == ("c", "b", "a")
    assert [one.remark for one in only(choice).candidates] == ["", *["below the quality floor"] * 2]


def test_when_every_floor_fails_a_poor_carrier_is_better_than_none() -> None:
    scores = SetScores(scores={"a": 10.0, "b": 30.0})
    choice, _ = made(entry("good", carriers="ab", score_min=50.0), scores=scores)
    assert only(choice).plan == ("a", "b")
    assert only(choice).why.endswith("none reaches the floor of 50")


def test_without_a_rule_there_is_no_way_and_a_ceiling_that_caused_it_is_told() -> None:
    assert made(scores=SetScores())[0].only is NO_WAY
    refused = only(made(scores=SetScores(), passed=("cheap",))[0])
    assert refused.plan == ()
    assert refused.explanation == "rules passed over: cheap (price ceiling), and none is left"


def test_round_robin_is_strict_and_each_plan_goes_on_from_its_first() -> None:
    choice, _ = made(entry("turns", "round_robin"), scores=SetScores())
    plans = [choice.pick(random.Random(1)).plan for _ in range(6)]
    assert sorted(plans[:3]) == [("a", "b", "c"), ("b", "c", "a"), ("c", "a", "b")]
    assert plans[:3] == plans[3:]


def test_round_robin_leaves_out_a_carrier_whose_breaker_is_open() -> None:
    choice, _ = made(entry("turns", "round_robin"), scores=SetScores(shares={"b": 0.0}))
    plans = {choice.pick(random.Random(1)).plan for _ in range(6)}
    assert plans == {("a", "c", "b"), ("c", "a", "b")}


def test_what_is_drawn_has_the_shares_that_the_strategy_said() -> None:
    choice, _ = made(entry("even", "weighted", "ab"), scores=SetScores(shares={"a": 0.5}))
    rng = random.Random(7)
    drawn = Counter(choice.pick(rng).plan[0] for _ in range(10_000))
    assert drawn["a"] / 10_000 == pytest.approx(0.25, abs=0.02)


def test_a_learning_rule_ranks_anew_when_counts_change() -> None:
    scores = SetScores(counts={"a": (90.0, 10.0), "b": (99.0, 1.0)})
    choice, standings = made(entry("learn", "best_delivery", "ab"), scores=scores)
    assert choice.decisions()[0].plan == ("b", "a")
    scores.counts["b"] = (50.0, 50.0)
    standings.epoch += 1
    assert choice.refresh(standings)
    assert choice.decisions()[0].plan == ("a", "b")


def test_standings_are_forgotten_at_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(choice_module, "STANDINGS_MAX", 10)
    standings = Standings(SetScores())
    for number in range(100):
        standings.of("a", f"region-{number}", "x")
        assert len(standings) <= 10
