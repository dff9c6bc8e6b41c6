"""Each strategy's shares and order; what health allows; what learning costs at most."""

import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.strategies import (
    HEEDLESS,
    STRATEGIES,
    Option,
    Probing,
    best_delivery,
    delivery_rates,
    failover,
    fixed,
    least_cost,
    round_robin,
    weighted,
)

SHARES = st.sampled_from([0.0, 0.05, 0.3, 1.0])
OPTIONS = st.lists(
    st.builds(
        Option,
        carrier=st.sampled_from("abcdef"),
        price=st.sampled_from([0.0, 0.03, 0.05]),
        weight=st.floats(0.1, 10),
        score=st.floats(0, 100),
        share=SHARES,
        delivered=st.floats(0, 1e4),
        failed=st.floats(0, 1e4),
    ),
    min_size=1,
    max_size=6,
    unique_by=lambda option: option.carrier,
)
PROBING = Probing(0.01, 0.1)


@given(options=OPTIONS, name=st.sampled_from(sorted(STRATEGIES)))
def test_chances_add_up_to_one_and_everybody_stands_in_the_order_once(
    options: list[Option], name: str
) -> None:
    ranking = STRATEGIES[name](options, PROBING)
    assert math.fsum(ranking.chances) == pytest.approx(1.0)
    assert min(ranking.chances) >= 0.0
    assert len(ranking.chances) == len(options)
    if name != "fixed":
        assert sorted(ranking.order) == list(range(len(options)))


@given(options=OPTIONS, name=st.sampled_from(sorted(STRATEGIES.keys() - {"fixed"} - HEEDLESS)))
def test_an_open_breaker_gets_nothing_while_another_carrier_may_have_anything(
    options: list[Option], name: str
) -> None:
    ranking = STRATEGIES[name](options, PROBING)
    if any(option.share > 0.0 for option in options):
        closed = [i for i, option in enumerate(options) if option.share == 0.0]
        assert all(ranking.chances[i] == 0.0 for i in closed)
        assert sorted(ranking.order[len(options) - len(closed) :]) == closed


@given(options=OPTIONS, name=st.sampled_from(sorted(STRATEGIES.keys() - {"fixed"} - HEEDLESS)))
def test_a_half_open_carrier_gets_no_more_than_its_share_while_a_whole_one_is_there(
    options: list[Option], name: str
) -> None:
    ranking = STRATEGIES[name](options, PROBING)
    if any(option.share == 1.0 for option in options):
        for option, chance in zip(options, ranking.chances, strict=True):
            assert chance <= option.share + 1e-9


@given(
    options=OPTIONS,
    name=st.sampled_from(sorted(STRATEGIES.keys() - {"failover", "round_robin", "fixed"} - HEEDLESS)),
)
def test_the_order_of_the_list_is_no_reason_for_those_that_do_not_go_by_it(
    options: list[Option], name: str
) -> None:
    shuffled = options[::-1]
    one, other = STRATEGIES[name](options, PROBING), STRATEGIES[name](shuffled, PROBING)
    by_name = {option.carrier: chance for option, chance in zip(options, one.chances, strict=True)}
    for option, chance in zip(shuffled, other.chances, strict=True):
        assert chance == pytest.approx(by_name[option.carrier])
    assert [options[i].carrier for i in one.order] == [shuffled[i].carrier for i in other.order]


def test_failover_takes_the_first_and_fixed_knows_no_other() -> None:
    options = [Option("b"), Option("a", share=0.0)]
    assert failover(options, PROBING).chances == (1.0, 0.0)
    assert failover(options[::-1], PROBING).chances == (0.0, 1.0)
    assert "a has share 0%" in failover(options[::-1], PROBING).why
    assert fixed([Option("a", share=0.0)], PROBING).chances == (1.0,)


def test_failover_to_a_half_open_first_leaves_the_rest_to_the_next() -> None:
    options = [Option("a", share=0.2), Option("b", share=0.5), Option("c")]
    assert failover(options, PROBING).chances == pytest.approx((0.2, 0.4, 0.4))


@given(weights=st.lists(st.floats(0.01, 100), min_size=1, max_size=6))
def test_weights_are_parts_of_the_whole(weights: list[float]) -> None:
    options = [Option(f"c{i}", weight=weight) for i, weight in enumerate(weights)]
    assert weighted(options, PROBING).chances == pytest.approx([weight / sum(weights) for weight in weights])


def test_what_a_weighted_carrier_may_not_have_is_divided_by_the_weights_of_the_others() -> None:
    options = [Option("a", weight=5, share=0.0), Option("b", weight=3), Option("c", weight=2)]
    assert weighted(options, PROBING).chances == pytest.approx((0.0, 0.6, 0.4))


def test_round_robin_is_strict_while_breakers_are_open_or_closed_and_by_chance_between() -> None:
    assert round_robin([Option("a"), Option("b")], PROBING).is_cyclic
    assert round_robin([Option("a", share=0.0), Option("b")], PROBING).is_cyclic
    ranking = round_robin([Option("a", share=0.5), Option("b")], PROBING)
    assert not ranking.is_cyclic
    assert ranking.chances == pytest.approx((0.25, 0.75))


def test_the_cheapest_is_taken_and_health_then_name_decide_between_equals() -> None:
    options = [
        Option("d", price=0.05, score=100),
        Option("c", price=0.03, score=80),
        Option("b", price=0.03, score=90),
        Option("a", price=0.03, score=90),
    ]
    ranking = least_cost(options, PROBING)
    assert [options[i].carrier for i in ranking.order] == ["a", "b", "c", "d"]
    assert ranking.chances == (0.0, 0.0, 0.0, 1.0)


# --- best_delivery


@given(
    counts=st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)), min_size=2, max_size=6),
    least=st.sampled_from([0.0, 0.005, 0.02]),
    most=st.sampled_from([0.1, 0.2]),
)
def test_probing_stays_within_its_bounds(
    counts: list[tuple[float, float]], least: float, most: float
) -> None:
    options = [Option(f"c{i}", delivered=good, failed=bad) for i, (good, bad) in enumerate(counts)]
    ranking = best_delivery(options, Probing(least, most))
    best = ranking.order[0]
    others = [chance for i, chance in enumerate(ranking.chances) if i != best]
    assert min(others) >= least - 1e-12
    assert math.fsum(others) <= most + 1e-9
    rates, _ = delivery_rates(options)
    assert rates[best] == max(rates)


@given(counts=st.lists(st.tuples(st.floats(0, 1e5), st.floats(0, 1e5)), min_size=2, max_size=6))
def test_what_is_lost_while_the_best_is_known_is_within_the_bound_that_is_promised(
    counts: list[tuple[float, float]],
) -> None:
    probing = Probing(0.01, 0.1)
    options = [Option(f"c{i}", delivered=good, failed=bad) for i, (good, bad) in enumerate(counts)]
    ranking = best_delivery(options, probing)
    rates, messages = delivery_rates(options)
    gaps = [max(rates) - rate for rate in rates]
    regret = math.fsum(chance * gap for chance, gap in zip(ranking.chances, gaps, strict=True))
    learning = math.sqrt(len(counts) / messages) if messages else math.inf
    assert regret <= learning + probing.least * math.fsum(gaps) + 1e-9
    assert regret <= probing.most * max(gaps) + 1e-9


def simulated(
    rates: list[list[float]], messages: int, seed: int, half_life: float = 2000.0
) -> tuple[float, list[float]]:
    """Send messages by best_delivery; `rates` has a list for each phase. Return regret and last chances."""
    rng = random.Random(seed)
    count = len(rates[0])
    good, bad = [0.0] * count, [0.0] * count
    regret = 0.0
    chances: list[float] = []
    for sent in range(messages):
        phase = rates[sent * len(rates) // messages]
        if sent % 50 == 0:
            keep = 0.5 ** (50 / half_life)
            good, bad = [one * keep for one in good], [one * keep for one in bad]
            options = [Option(f"c{i}", delivered=good[i], failed=bad[i]) for i in range(count)]
            chances = list(best_delivery(options, PROBING).chances)
        carrier = rng.choices(range(count), chances)[0]
        is_delivered = rng.random() < phase[carrier]
        good[carrier] += is_delivered
        bad[carrier] += not is_delivered
        regret += max(phase) - phase[carrier]
    return regret, chances


@pytest.mark.parametrize("seed", range(5))
def test_regret_in_a_simulation_is_a_quarter_at_most_of_what_taking_turns_would_lose(seed: int) -> None:
    rates = [0.99, 0.90, 0.60]
    messages = 20_000
    regret, chances = simulated([rates], messages, seed)
    in_turns = messages * sum(max(rates) - rate for rate in rates) / len(rates)
    # What probing may cost at most, and a start during which it may be mistaken.
    assert regret <= messages * PROBING.most * (max(rates) - min(rates)) + 200
    assert regret <= in_turns / 4
    assert chances[0] >= 1.0 - PROBING.most - 1e-9


@pytest.mark.parametrize("seed", range(5))
def test_when_the_best_becomes_the_worst_the_next_best_is_found(seed: int) -> None:
    _, chances = simulated([[0.99, 0.95, 0.60], [0.50, 0.95, 0.60]], 40_000, seed)
    assert chances[1] >= 1.0 - PROBING.most - 1e-9


def test_a_carrier_that_nobody_has_tried_is_neither_feared_nor_loved() -> None:
    options = [Option("old", delivered=900, failed=100), Option("new")]
    rates, messages = delivery_rates(options)
    assert messages == 1000
    assert rates[1] == pytest.approx(0.9, abs=0.01)
    assert 0.01 <= best_delivery(options, PROBING).chances[1] <= 0.99


def test_static_strategies_are_blind_to_health() -> None:
    options = [Option("a", share=0.0, score=0.0), Option("b", share=1.0), Option("c", share=0.3)]
    first = STRATEGIES["static_failover"](options, PROBING)
    assert (first.order, first.chances, first.is_cyclic) == ((0, 1, 2), (1.0, 0.0, 0.0), False)
    turns = STRATEGIES["static_round_robin"](options, PROBING)
    assert (turns.order, turns.is_cyclic) == ((0, 1, 2), True)
    assert turns.chances == pytest.approx((1 / 3, 1 / 3, 1 / 3))
