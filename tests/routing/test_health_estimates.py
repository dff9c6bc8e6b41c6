"""Bounds of shares: between the share and 1, monotone, and wide where little is known."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.health_estimates import Pool, Z, fading, upper

counts = st.floats(min_value=0.0, max_value=1e6)
WINDOW_S, LEAST = 15.0, 20.0


@given(good=counts, bad=counts)
def test_the_bound_lies_between_the_share_and_one(good: float, bad: float) -> None:
    bound = upper(good, bad)
    share = good / (good + bad) if good + bad else 1.0
    assert share - 1e-9 <= bound <= 1.0


@given(good=counts, bad=counts, more=st.floats(min_value=0.01, max_value=1e3))
def test_more_good_never_lowers_it_and_more_bad_never_raises_it(good: float, bad: float, more: float) -> None:
    assert upper(good + more, bad) >= upper(good, bad) - 1e-9
    assert upper(good, bad + more) <= upper(good, bad) + 1e-9


def test_few_events_condemn_nobody_and_many_do() -> None:
    assert upper(0.0, 1.0) > 0.7
    assert upper(7.0, 3.0) > 0.85
    assert upper(700.0, 300.0) < 0.73


@given(good=st.floats(0.0, 1e4), bad=st.floats(0.5, 1e4))
def test_it_is_wilsons_bound(good: float, bad: float) -> None:
    # By definition: the largest p for which the share found is still within Z standard deviations of p.
    n = good + bad
    bound = upper(good, bad)
    deviation = (bound * (1.0 - bound) / n) ** 0.5
    assert bound - good / n == pytest.approx(Z * deviation, rel=1e-6, abs=1e-9)


def test_with_plenty_the_window_decides_what_is_remembered() -> None:
    pool = Pool()
    for _ in range(60):
        pool.add(100.0, 0.0, fading(1.0, WINDOW_S, LEAST))
    assert pool.n == pytest.approx(100.0 / (1.0 - 2.718281828 ** (-1.0 / WINDOW_S)), rel=0.03)
    for _ in range(60):
        pool.add(0.0, 100.0, fading(1.0, WINDOW_S, LEAST))
    assert pool.good / pool.n < 0.03


def test_with_little_the_last_messages_are_remembered_for_long() -> None:
    pool = Pool()
    for _ in range(100):
        pool.add(1.0, 0.0, fading(60.0, WINDOW_S, LEAST))
    assert LEAST - 1.0 <= pool.n <= LEAST + 1.5


@given(
    st.lists(st.tuples(st.floats(0, 1e4), st.integers(0, 50), st.integers(0, 50)), max_size=30),
)
def test_a_pool_never_holds_more_than_it_was_given(steps: list[tuple[float, int, int]]) -> None:
    pool = Pool()
    good = bad = 0
    for dt_s, more_good, more_bad in steps:
        pool.add(more_good, more_bad, fading(dt_s, WINDOW_S, LEAST))
        good += more_good
        bad += more_bad
        assert 0.0 <= pool.good <= good + 1e-9
        assert 0.0 <= pool.bad <= bad + 1e-9
    pool.clear()
    assert pool.n == 0.0
    assert pool.upper() == 1.0
    assert pool.upper(5.0) == upper(0.0, 5.0)


def test_a_clock_that_steps_back_makes_nothing_grow() -> None:
    pool = Pool()
    pool.add(100.0, 10.0, fading(1.0, WINDOW_S, LEAST))
    pool.add(0.0, 0.0, fading(-3_600.0, WINDOW_S, LEAST))
    assert (pool.good, pool.bad) == (100.0, 10.0)
