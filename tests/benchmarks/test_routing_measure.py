# What the routing benchmark measures of first attempts, on attempts made by hand.
import pytest

from benchmarks.routing.goals import missed
from benchmarks.routing.measure import Attempt, Shares, recovery, switch_s
from benchmarks.routing.scenario import Degradation, Goal

BAD = Degradation(carrier="a", kind="lying", at_s=100.0, for_s=100.0)


def shares(*spans: tuple[float, float, str], per_s: int = 10) -> Shares:
    """Attempts at an even rate; each span says from when to when, and whose turn it is, letter by letter."""
    attempts: list[Attempt] = []
    for since_s, until_s, carriers in spans:
        count = round((until_s - since_s) * per_s)
        attempts += [
            Attempt(since_s + n / per_s, carriers[n % len(carriers)], b"86139", False) for n in range(count)
        ]
    return Shares(attempts, "a")


def test_a_share_is_that_of_its_span() -> None:
    assert shares((0, 10, "ab"), (10, 20, "b")).of(0, 10) == (0.5, 100)
    assert shares((0, 10, "ab"), (10, 20, "b")).of(5, 15) == (0.25, 100)
    assert shares((0, 10, "ab")).of(50, 60) == (0.0, 0)


def test_traffic_has_moved_from_where_on_a_tenth_at_most_is_left() -> None:
    assert switch_s(shares((0, 107, "a"), (107, 300, "b")), BAD) == pytest.approx(7.0, abs=1.0)
    assert switch_s(shares((0, 100, "a"), (100, 300, "b")), BAD) == 0.0
    assert switch_s(shares((0, 300, "a")), BAD) is None


def test_a_relapse_puts_the_switch_behind_it() -> None:
    found = switch_s(shares((0, 105, "a"), (105, 150, "b"), (150, 160, "ab"), (160, 300, "b")), BAD)
    assert found == pytest.approx(60.0, abs=2.0)


def test_one_in_ten_is_as_good_as_none_and_one_in_five_is_not() -> None:
    assert switch_s(shares((0, 110, "a"), (110, 300, "abbbbbbbbb")), BAD) is not None
    assert switch_s(shares((0, 110, "a"), (110, 300, "abbbb")), BAD) is None


def test_recovery_begins_at_half_of_the_usual_share_and_swings_are_counted() -> None:
    calm = shares((0, 100, "ab"), (100, 220, "b"), (220, 500, "ab"))
    recover, swings = recovery(calm, BAD, 0.5, 500.0)
    assert recover == pytest.approx(5.0, abs=5.0)
    assert swings == 0
    restless = shares(
        (0, 100, "ab"), (100, 200, "b"), (200, 260, "ab"), (260, 320, "b"), (320, 380, "ab"), (380, 500, "b")
    )
    assert recovery(restless, BAD, 0.5, 500.0)[1] == 2


def test_of_a_trickle_nothing_is_told() -> None:
    assert recovery(shares((0, 500, "ab"), per_s=1), BAD, 0.05, 500.0) == (None, None)


def test_goals_are_held_against_their_strategies_only() -> None:
    result = {
        "strategy": "hedged",
        "has_switched": True,
        "switch_s": 12.0,
        "delivered_share": 0.9998,
        "duplicates_seen_share": 0.02,
        "p95_to_handset_s": 4.0,
        "oscillations": 1,
    }
    goal = Goal(
        strategies=("hedged",),
        switch_s_max=10.0,
        delivered_share_min=0.9999,
        duplicates_seen_share_max=0.01,
        p95_to_handset_s_max=5.0,
        oscillations_max=0,
    )
    assert [line.partition(":")[0] for line in missed([goal], result)] == [
        "switch_s",
        "delivered_share",
        "duplicates_seen_share",
        "oscillations",
    ]
    assert missed([goal], result | {"strategy": "parallel"}) == []
    never = missed([goal], result | {"has_switched": False, "switch_s": None})
    assert never[0] == "switch_s: traffic did not move, 10 is the most"
