"""A share that has fallen is told from bad luck, and from a list of numbers that is worse than others."""

import random
from math import log

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.health_decline import LEVEL_MAX, Decline, weights
from smpp_router.routing.health_overtaken import LEFT, OUTRUN_MAX, Passed, nats
from smpp_router.routing.health_silence import DARK


def failures_in_a_row(usual: float) -> int:
    """How many it takes."""
    decline, count = Decline(), 0
    while not decline.is_dark:
        decline.add(0.0, 1.0, usual)
        count += 1
    return count


@pytest.mark.parametrize(("usual", "count"), [(0.99, 15), (0.9, 15), (0.7, 15), (0.5, 27), (0.3, 54)])
def test_it_takes_fifteen_failures_in_a_row_or_more_if_failures_are_usual(usual: float, count: int) -> None:
    assert failures_in_a_row(usual) == count


def test_an_event_counts_by_how_much_likelier_a_decline_makes_it() -> None:
    decline = Decline(level=10.0)
    decline.add(1.0, 0.0, 0.5)
    of_bad = log((1.0 - LEFT * 0.5) / 0.5)
    assert decline.level == pytest.approx(10.0 + log(LEFT))
    decline.add(0.0, 2.0, 0.5)
    assert decline.level == pytest.approx(10.0 + log(LEFT) + 2.0 * of_bad)


@pytest.mark.parametrize(
    ("usual", "good", "is_found"),
    [
        (0.95, 0.5, True),
        (0.95, 0.75, False),
        (0.9, 0.5, True),
        (0.9, 0.7, False),
        (0.7, 0.3, True),
        (0.7, 0.65, False),
        (0.5, 0.1, True),
        (0.5, 0.48, False),
    ],
)
def test_of_two_thousand_mixed_events_only_those_of_a_share_that_has_fallen_are_found(
    usual: float, good: float, is_found: bool
) -> None:
    for seed in range(20):
        rng, decline, found = random.Random(seed), Decline(), False
        for _ in range(2_000):
            is_good = rng.random() < good
            decline.add(float(is_good), float(not is_good), usual)
            found = found or decline.is_dark
        assert found is is_found


def test_a_dozen_good_events_end_a_decline_however_long_it_was() -> None:
    decline = Decline()
    decline.add(0.0, 100_000.0, 0.9)
    assert decline.level == LEVEL_MAX
    decline.add(23.0, 0.0, 0.9)
    assert not decline.is_dark


def test_nothing_says_nothing_and_late_receipts_are_taken_back() -> None:
    decline = Decline(level=DARK)
    decline.add(0.0, 0.0, 0.9)
    assert decline.is_dark
    decline.add(20.0, -20.0, 0.9)
    assert decline.level == 0.0


@given(
    st.lists(st.tuples(st.floats(0, 1e6), st.floats(-1e6, 1e6), st.floats(0.3, 1.0)), min_size=1, max_size=30)
)
def test_the_level_stays_in_its_bounds(events: list[tuple[float, float, float]]) -> None:
    decline = Decline()
    for good, bad, usual in events:
        decline.add(good, bad, usual)
        assert 0.0 <= decline.level <= LEVEL_MAX


def test_one_that_another_carrier_has_outrun_says_more_than_one_that_is_missed() -> None:
    missed, outrun = Decline(), Decline()
    missed.add(0.0, 1.0, 0.9)
    outrun.add(0.0, 0.0, 0.9, nats(1, OUTRUN_MAX))
    assert missed.level == 1.0
    assert outrun.level == pytest.approx(weights(0.9).outrun)
    assert outrun.level > 1.5
    assert weights(0.9).silent == 1.0


def test_the_level_goes_on_over_messages_that_are_not_due_yet() -> None:
    decline = Decline(level=10.0)
    passed = [Passed(1.0, 0, 20, 0.85), Passed(2.0, 10, 0, 0.5)]
    of_bad = log((1.0 - LEFT * 0.9) / (1.0 - 0.9))
    wanted = 10.0 + (nats(20, 0.85) + 10 * log(LEFT)) / of_bad
    assert decline.ahead(passed, 0.9) == pytest.approx(wanted)
    assert decline.level == 10.0
