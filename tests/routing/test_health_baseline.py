"""What is usual is learned quickly at first and slowly later, and outliers move it little."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.health_baseline import (
    BASELINE_S,
    DEADLINE_MAX_S,
    DEADLINE_MIN_S,
    EXPECTED_DOUBT,
    EXPECTED_FIRST,
    EXPECTED_MIN,
    EXPECTED_SAMPLES_FIRST,
    Delays,
    Expected,
    Latency,
)
from smpp_router.routing.health_estimates import fading


def answered(latency: Latency, seconds: int, each_s: float, per_s: int = 10) -> Latency:
    for _ in range(seconds):
        latency.add(per_s, per_s * each_s, 1.0, fading(1.0, 15.0, 20.0))
    return latency


def test_the_first_responses_make_the_baseline() -> None:
    latency = answered(Latency(), 5, 2.5)
    assert latency.baseline_s == pytest.approx(2.5)
    assert latency.part() == 1.0
    assert latency.late_s(3.0, 30.0) == pytest.approx(12.5)
    assert latency.late_s(3.0, 10.0) == 10.0


def test_a_brown_out_of_a_minute_does_not_become_usual() -> None:
    latency = answered(Latency(), 30, 0.1)
    answered(latency, 60, 5.0)
    assert latency.baseline_s < 0.12
    assert latency.part() < 0.5
    assert latency.late_s(3.0, 30.0) == 3.0


def test_an_hour_at_another_latency_does() -> None:
    latency = answered(Latency(), 30, 0.1)
    answered(latency, 3_600, 2.5)
    assert latency.baseline_s == pytest.approx(2.5, rel=0.2)
    assert latency.part() == 1.0


def test_nobody_is_slow_below_a_second() -> None:
    latency = answered(Latency(), 30, 0.01)
    answered(latency, 30, 0.9)
    assert latency.part() == 1.0


def test_one_slow_response_says_little() -> None:
    latency = answered(Latency(), 30, 0.1)
    latency.forget()
    latency.add(1, 9.0, 1.0, fading(1.0, 15.0, 20.0))
    assert latency.part() > 0.85


@given(st.floats(1e-3, 1e4), st.floats(1e-3, 1e4))
def test_one_second_moves_the_baseline_by_a_bounded_factor(usual_s: float, outlier_s: float) -> None:
    latency = answered(Latency(), 10, usual_s)
    before = latency.baseline_s
    answered(latency, 1, outlier_s)
    most = 4.0 ** (1.0 / BASELINE_S) * 1.0001
    assert before / most <= latency.baseline_s <= before * most
    assert 0.0 <= latency.part() <= 1.0


def test_a_deadline_follows_the_delays() -> None:
    delays = Delays()
    assert delays.deadline_s() is None
    delays.add(1.5, 29)
    assert delays.deadline_s() is None
    delays.add(1.5, 1)
    assert delays.deadline_s() == DEADLINE_MIN_S
    slow = Delays()
    slow.add(60.0, 100)
    assert slow.deadline_s() == pytest.approx(2.0 * 64.0 + 2.0)
    never = Delays()
    never.add(1e6, 100)
    assert never.deadline_s() == DEADLINE_MAX_S


def test_one_receipt_in_ten_that_takes_hours_does_not_move_the_deadline() -> None:
    delays = Delays()
    delays.add(2.0, 900)
    delays.add(20_000.0, 100)
    assert delays.deadline_s() == DEADLINE_MIN_S


@given(st.lists(st.floats(0.0, 4_000.0), min_size=30, max_size=200), st.floats(0.05, 1.0))
def test_a_quantile_is_at_most_a_bucket_above_the_true_one(delays_s: list[float], share: float) -> None:
    delays = Delays()
    for delay_s in delays_s:
        delays.add(delay_s, 1)
    quantile_s = delays.quantile_s(share)
    assert quantile_s is not None
    assert sum(delay_s <= quantile_s for delay_s in delays_s) >= share * len(delays_s) - 1e-6
    below = sum(delay_s < quantile_s / 2**0.5 for delay_s in delays_s)
    assert quantile_s == 1.0 or below < share * len(delays_s) + 1e-6


def test_delays_follow_what_a_carrier_becomes() -> None:
    delays = Delays()
    delays.add(2.0, 2_000)
    for _ in range(200):
        delays.add(100.0, 50)
    assert (delays.quantile_s(0.25) or 0.0) > 64.0


def test_an_expectation_is_the_mean_of_the_first_hundred_messages_drawn_to_what_is_usual_elsewhere() -> None:
    expected, other = Expected(EXPECTED_SAMPLES_FIRST), Expected()
    for _ in range(10):
        expected.learn(6.0, 4.0, 1.0)
        other.learn(6.0, 4.0, 1.0)
    doubted = EXPECTED_DOUBT * EXPECTED_FIRST
    assert expected.share == pytest.approx((doubted + 60.0) / (EXPECTED_DOUBT + 100.0))
    assert other.share > 0.89, "slowly from the beginning"
    expected.learn(0.0, 10.0, 1.0)
    assert expected.share > 0.64, "slowly from now on"


def test_an_expectation_moves_slowly_and_never_too_low() -> None:
    expected = Expected()
    expected.learn(0.0, 100_000.0, 1.0)
    assert expected.share > EXPECTED_FIRST - 0.001
    for _ in range(100):
        expected.learn(0.0, 100_000.0, 3_600.0)
    assert expected.share == EXPECTED_MIN
    for _ in range(20_000):
        expected.learn(6.0, 4.0, 60.0)
    assert expected.share == pytest.approx(0.6, abs=0.01)
    before = expected.share
    expected.learn(0.0, 0.0, 1e9)
    assert expected.share == before
