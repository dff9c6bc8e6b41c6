"""When handsets can be reached."""

import math
from itertools import pairwise
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.handsets.config import Habits, Interval
from simulators.handsets.presence import Presence

DAY = 1_700_006_400.0
"""Midnight, UTC."""
HOUR = 3_600.0
NUMBER = b"8613900000001"


def presence(number: bytes = NUMBER, **habits: Any) -> Presence:
    return Presence(Habits(**habits), number, 1, DAY)


def test_who_is_off_for_good_never_comes_back() -> None:
    off = presence(state="off")
    assert (off.state_at(DAY), off.back_at(DAY)) == ("off", math.inf)
    always = presence(off_hours=tuple(range(24)))
    assert always.back_at(DAY) == math.inf


def test_hours_are_of_the_handsets_own_clock() -> None:
    nightly = presence(off_hours=(23, 0, 1), out_of_coverage_hours=(8,), hours_offset_min=60)
    states = [nightly.state_at(DAY + hour * HOUR) for hour in (21.9, 22, 24.5, 25, 7)]
    assert states == ["on", "off", "off", "on", "out_of_coverage"]
    assert nightly.back_at(DAY - 2 * HOUR) == pytest.approx(DAY + HOUR, abs=0.1)


def test_intervals_count_from_the_networks_start_once_or_again_and_again() -> None:
    once = presence(intervals=(Interval(state="off", from_s=10.0, for_s=5.0),))
    assert [once.state_at(DAY + s) for s in (9.9, 10.0, 14.9, 15.1, 25.0)] == ["on", "off", "off", "on", "on"]
    again = presence(intervals=(Interval(from_s=10.0, for_s=5.0, every_s=100.0),))
    assert [again.state_at(DAY + s) for s in (0.0, 112.0, 116.0)] == ["on", "out_of_coverage", "on"]
    assert again.back_at(DAY + 112.0) == pytest.approx(DAY + 115.0, abs=0.01)


def test_a_spread_moves_each_number_by_its_own_time() -> None:
    numbers = [b"86139%08d" % n for n in range(300)]
    intervals = (Interval(for_s=100.0),)
    shares = [
        sum(
            presence(number, intervals=intervals, spread_s=1_000.0).state_at(DAY + s) != "on"
            for number in numbers
        )
        for s in (50.0, 550.0, 1_200.0)
    ]
    assert 5 < shares[0] < 25
    assert 15 < shares[1] < 45
    assert shares[2] == 0


def test_by_chance_a_handset_is_away_as_long_as_it_is_said_to_be() -> None:
    chancy = presence(present_s=300.0, away_s=100.0, away_state="off")
    states = [chancy.state_at(DAY + 7.0 * n) for n in range(20_000)]
    assert 0.2 < states.count("off") / len(states) < 0.28
    changes = sum(one != other for one, other in pairwise(states))
    assert 500 < changes < 800


@given(
    offset=st.floats(0, 1e6),
    hours=st.sets(st.integers(0, 23), max_size=20),
    away_s=st.sampled_from([0.0, 50.0, 500.0]),
    every_s=st.sampled_from([0.0, 700.0]),
)
def test_who_is_back_is_there_and_was_not_there_before(
    offset: float, hours: set[int], away_s: float, every_s: float
) -> None:
    habits: dict[str, Any] = {
        "off_hours": tuple(sorted(hours)),
        "present_s": away_s,
        "away_s": away_s,
        "intervals": (Interval(for_s=200.0, every_s=every_s),),
    }
    handset, now = presence(**habits), DAY + offset
    back_at = handset.back_at(now)
    assert handset.state_at(back_at) == "on"
    assert back_at >= now
    if back_at > now:
        waits = [now + (back_at - now) * step / 50.0 for step in range(50)]
        assert all(handset.state_at(at) != "on" for at in waits if at < back_at - 0.1)
