from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.slow_start import FIRST_BURST, FIRST_PER_S, RAMP_S, SlowStart

NOW = 1_800_000_000.0


def drained(seconds: float, step_s: float = 0.025) -> list[int]:
    """How many go in each second if there is no end of them."""
    start = SlowStart()
    start.begin(NOW)
    counts = [0] * (int(seconds) + 1)
    for step in range(int(seconds / step_s)):
        allowance = start.allowance(NOW + step * step_s)
        start.sent(allowance)
        counts[int(step * step_s)] += allowance
    return counts[:-1]


def test_the_rate_doubles_from_second_to_second() -> None:
    counts = drained(8)
    assert counts[0] < 2 * FIRST_PER_S
    for before, after in pairwise(counts[1:]):
        assert after == pytest.approx(2 * before, rel=0.1)


@given(st.lists(st.floats(0.01, 3.0), min_size=1, max_size=40))
def test_however_often_it_is_asked_no_more_goes_than_the_ramp_allows(pauses: list[float]) -> None:
    start = SlowStart()
    start.begin(NOW)
    now, total = NOW, 0
    for pause in pauses:
        now += pause
        if now >= NOW + RAMP_S:
            break
        total += start.allowance(now)
        start.sent(start.allowance(now))
        assert total <= FIRST_BURST + FIRST_PER_S * 2 ** (now - NOW) / 0.69


def test_it_ends_by_itself_and_begins_anew() -> None:
    start = SlowStart()
    start.begin(NOW)
    assert start.is_on
    assert start.allowance(NOW) == FIRST_BURST
    assert start.allowance(NOW + RAMP_S) > 25_000
    assert not start.is_on
    start.begin(NOW + 60)
    assert (start.is_on, start.began, start.allowance(NOW + 60)) == (True, 2, FIRST_BURST)


def test_a_clock_that_steps_back_lets_nothing_more_through() -> None:
    start = SlowStart()
    start.begin(NOW)
    assert start.allowance(NOW - 60) == FIRST_BURST
