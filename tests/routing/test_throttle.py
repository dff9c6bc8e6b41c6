"""Buckets grant what they promise and no more; a paced link finds its carrier's limit and keeps near it."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.throttle import (
    BEHIND_S,
    DECREASE,
    DECREASE_INTERVAL_S,
    FORGET_S,
    RATE_MIN,
    RECOVERY_S,
    SLACK,
    UNPACED,
    AnswerRate,
    Pacer,
    TokenBucket,
)

assert RECOVERY_S < FORGET_S, "a limit that is there would be forgotten before it shows itself again"
START = 1_700_000_000.0
RATES = st.floats(0.1, 20_000.0)
STEPS = st.lists(st.tuples(st.floats(0.0, 5.0), st.integers(1, 300)), min_size=1, max_size=60)


@given(rate=RATES, burst=st.floats(1.0, 500.0), steps=STEPS)
def test_between_any_two_moments_a_bucket_grants_at_most_burst_and_rate(
    rate: float, burst: float, steps: list[tuple[float, int]]
) -> None:
    bucket = TokenBucket(rate, burst)
    now = START
    granted: list[tuple[float, int]] = []
    for wait_s, count in steps:
        now += wait_s
        granted.append((now, bucket.take_up_to(count, now)))
    for first in range(len(granted)):
        total = 0
        for at, count in granted[first:]:
            total += count
            assert total <= burst + rate * (at - granted[first][0]) + SLACK + 1e-3


@given(rate=RATES, burst=st.floats(1.0, 500.0), steps=STEPS)
def test_a_bucket_gives_all_or_nothing_to_take_and_never_starves_a_large_count(
    rate: float, burst: float, steps: list[tuple[float, int]]
) -> None:
    bucket = TokenBucket(rate, burst)
    now = START
    total = 0
    for wait_s, count in steps:
        now += wait_s
        total += count if bucket.take(count, now) else 0
        assert bucket.granted == total
    largest = max(count for _, count in steps)
    assert total <= burst + rate * (now - START) + largest + SLACK + 1e-3
    for _, count in steps:
        now += (largest + burst) / rate + 1e-3
        assert bucket.take(count, now)


@given(rate=RATES, burst=st.floats(1.0, 500.0), steps=STEPS)
def test_at_ready_at_one_is_available_and_well_before_it_none(
    rate: float, burst: float, steps: list[tuple[float, int]]
) -> None:
    bucket = TokenBucket(rate, burst)
    now = START
    for wait_s, count in steps:
        now += wait_s
        bucket.take_up_to(count, now)
        ready_at = bucket.ready_at(now)
        assert ready_at >= now
        if ready_at > now:
            assert bucket.available(now) == 0
            now = now + (ready_at - now) * 0.9
            assert bucket.available(now) == 0 or (ready_at - now) * rate < 3 * SLACK
            now = ready_at
        assert bucket.available(now) >= 1


@given(rate=st.floats(1.0, 1000.0), back_s=st.floats(0.0, 1e6), count=st.integers(1, 50))
def test_a_clock_that_steps_back_neither_fills_nor_stops_a_bucket(
    rate: float, back_s: float, count: int
) -> None:
    bucket = TokenBucket(rate, 50.0)
    assert bucket.take(50, START)
    assert not bucket.take(count, START - back_s)
    assert bucket.take(count, START - back_s + 50 / rate + 1e-3)


@pytest.mark.parametrize("rate", [1.0, 3.0, 7.0, 10.0, 30.0, 300.0, 7_000.0])
def test_who_sends_exactly_at_its_rate_is_never_refused(rate: float) -> None:
    bucket = TokenBucket(rate, 1.0)
    assert all(bucket.take(1, START + step / rate) for step in range(10_000))


def test_a_bucket_counts_what_it_refused() -> None:
    bucket = TokenBucket(10.0, 10.0)
    assert bucket.take_up_to(12, START) == 10
    assert not bucket.take(3, START)
    assert (bucket.granted, bucket.refused) == (10, 5)


@pytest.mark.parametrize(("rate", "burst"), [(0.0, 1.0), (-1.0, 1.0), (1.0, 0.5)])
def test_a_bucket_that_would_let_nothing_pass_is_refused(rate: float, burst: float) -> None:
    with pytest.raises(ValueError, match="nothing pass"):
        TokenBucket(rate, burst)


def test_adjusting_a_bucket_loses_what_is_above_the_new_burst() -> None:
    bucket = TokenBucket(100.0, 100.0)
    bucket.adjust(10.0, 1.0)
    assert bucket.available(START) == 1
    assert bucket.available(START + 100.0) == 1


def _counted(rate: AnswerRate, steps: list[tuple[float, int]]) -> Iterator[tuple[float, int]]:
    now = START
    for wait_s, count in steps:
        now += wait_s
        rate.count(count, now)
        yield now, count


@given(steps=STEPS)
def test_the_answer_rate_is_of_about_the_last_second(steps: list[tuple[float, int]]) -> None:
    rate, answers = AnswerRate(), list[tuple[float, int]]()
    for now, count in _counted(rate, steps):
        answers.append((now, count))
        assert rate.per_s(now) <= sum(n for at, n in answers if at >= now - 2.0 - 1e-6)
        assert rate.per_s(now) >= count


def test_steady_answers_measure_as_their_rate() -> None:
    rate = AnswerRate()
    for step in range(500):
        rate.count(1, START + step / 100)
        if step > 200:
            assert rate.per_s(START + step / 100) == pytest.approx(100.0, abs=2.0)


@given(steps=STEPS, silent_s=st.floats(0.0, 10.0))
def test_the_answer_rate_fades_in_silence(steps: list[tuple[float, int]], silent_s: float) -> None:
    rate = AnswerRate()
    answers = list(_counted(rate, steps))
    now = answers[-1][0]
    measured = rate.per_s(now)
    now += silent_s
    assert 0.0 <= rate.per_s(now) <= measured
    assert rate.per_s(now) <= sum(n for at, n in answers if at >= now - 2.0 - 1e-6)


def test_the_answer_rate_is_not_more_than_was_counted_when_the_clock_steps_back() -> None:
    rate = AnswerRate()
    rate.count(7, START)
    rate.count(3, START + 1.0)
    assert rate.per_s(START - 3600.0) == 10.0


class Carrier:
    """Takes `limit` messages in each second of its clock and throttles the rest, at once."""

    def __init__(self, limit: int) -> None:
        self.limit = limit
        self._second = 0
        self._taken = 0

    def takes(self, now: float) -> bool:
        if int(now) != self._second:
            self._second, self._taken = int(now), 0
        self._taken += 1
        return self._taken <= self.limit


def run(pacer: Pacer, carrier: Carrier, start: float, seconds: float, window: int = 64) -> tuple[int, int]:
    """Send whatever the pacer allows, every 10 ms; return how many were taken and how many throttled."""
    taken = throttled = 0
    for step in range(int(seconds * 100)):
        now = start + step / 100
        count = min(window, pacer.allowance(now))
        pacer.sent(count)
        for _ in range(count):
            if carrier.takes(now):
                taken += 1
                pacer.succeeded(1, now)
            else:
                throttled += 1
                pacer.throttled(now)
    return taken, throttled


@pytest.mark.parametrize("rate_max", [None, 100_000.0])
@pytest.mark.parametrize("limit", [20, 100, 1000, 4000])
def test_a_link_finds_its_carriers_limit(limit: int, rate_max: float | None) -> None:
    pacer = Pacer(rate_max)
    carrier = Carrier(limit)
    run(pacer, carrier, START, 30.0)
    taken, throttled = run(pacer, carrier, START + 30.0, 60.0)
    assert taken >= 0.75 * limit * 60
    assert throttled <= 0.12 * taken


def test_a_configured_rate_is_kept_and_used() -> None:
    pacer = Pacer(200.0)
    taken, throttled = run(pacer, Carrier(210), START, 10.0)
    assert (throttled, pacer.statistics().rate_per_s) == (0, 200.0)
    assert 1_980 <= taken <= 2_010


@given(
    rate_max=st.none() | st.floats(0.5, 10_000.0),
    steps=st.lists(
        st.tuples(
            st.floats(0.0, 2.0), st.sampled_from(["send", "success", "throttle", "back"]), st.integers(1, 200)
        ),
        max_size=80,
    ),
)
def test_whatever_happens_the_pace_stays_within_its_bounds(
    rate_max: float | None, steps: list[tuple[float, str, int]]
) -> None:
    pacer = Pacer(rate_max)
    now = START
    cuts: list[float] = []
    for wait_s, event, count in steps:
        now += wait_s
        before = pacer.statistics()
        if event == "send":
            pacer.sent(min(count, pacer.allowance(now)))
        elif event == "success":
            pacer.succeeded(count, now)
        elif event == "throttle":
            pacer.throttled(now)
            assert pacer.allowance(now) == 0 or before.decreases == pacer.statistics().decreases
        else:
            now -= count
            cuts.clear()
        after = pacer.statistics()
        if after.decreases > before.decreases:
            assert not cuts or now - cuts[-1] >= DECREASE_INTERVAL_S
            cuts.append(now)
        if after.rate_per_s is None:
            assert rate_max is None
        else:
            assert min(RATE_MIN, rate_max or RATE_MIN) <= after.rate_per_s <= (rate_max or 1e12)
        ready_at = pacer.ready_at(now)
        assert now <= ready_at <= now + 1_000.0
        assert pacer.allowance(ready_at) >= 1
        now = ready_at


def test_a_link_without_a_rate_is_unpaced_until_its_first_throttle() -> None:
    pacer = Pacer(None)
    assert pacer.allowance(START) == UNPACED
    pacer.sent(500)
    pacer.succeeded(500, START)
    assert pacer.allowance(START) == UNPACED
    pacer.throttled(START + 0.1)
    assert pacer.allowance(START + 0.1) == 0
    assert pacer.statistics().rate_per_s == pytest.approx(501 * DECREASE)


def test_one_windows_throttles_are_one_decrease() -> None:
    pacer = Pacer(1000.0)
    pacer.succeeded(1000, START)
    for _ in range(64):
        pacer.throttled(START + 0.5)
    assert (pacer.statistics().throttled, pacer.statistics().decreases) == (64, 1)
    pacer.throttled(START + 0.5 + DECREASE_INTERVAL_S)
    assert pacer.statistics().decreases == 2


def test_a_fully_used_link_regains_its_rate() -> None:
    pacer = Pacer(1000.0)
    carrier = Carrier(2000)
    run(pacer, carrier, START, 5.0)
    pacer.throttled(START + 5.0)
    assert pacer.statistics().rate_per_s == pytest.approx(1000.0 * DECREASE, rel=0.01)
    run(pacer, carrier, START + 5.0, RECOVERY_S * (1.0 - DECREASE) + 2.0)
    assert pacer.statistics().rate_per_s == 1000.0


@pytest.mark.parametrize("rate_max", [None, 800.0])
def test_a_throttle_is_forgotten(rate_max: float | None) -> None:
    pacer = Pacer(rate_max)
    pacer.throttled(START)
    assert pacer.statistics().rate_per_s == RATE_MIN
    pacer.allowance(START + FORGET_S - 1.0)
    assert pacer.statistics().rate_per_s == RATE_MIN
    assert pacer.allowance(START + FORGET_S) >= 40
    assert pacer.statistics().rate_per_s == rate_max


def test_a_carrier_that_refuses_all_does_not_make_the_way_back_crawl() -> None:
    pacer = Pacer(1000.0)
    run(pacer, Carrier(1000), START, 5.0)
    run(pacer, Carrier(0), START + 5.0, 5.0)
    taken, _ = run(pacer, Carrier(1000), START + 10.0, FORGET_S)
    assert taken >= 0.3 * 1000 * FORGET_S


def test_a_link_is_behind_while_its_carrier_slows_it_and_more_waits_than_goes_in_some_seconds() -> None:
    pacer = Pacer(None)
    assert not pacer.is_behind(1_000_000, START)
    pacer.succeeded(100, START)
    pacer.throttled(START)
    rate_per_s = pacer.statistics().rate_per_s
    assert rate_per_s is not None
    assert not pacer.is_behind(int(BEHIND_S * rate_per_s) - 1, START + 1.0)
    assert pacer.is_behind(int(BEHIND_S * rate_per_s) + 1, START + 1.0)
    assert not pacer.is_behind(1_000_000, START + FORGET_S)


def test_what_a_carrier_answers_counts_where_more_would_be_allowed() -> None:
    pacer = Pacer(None)
    pacer.succeeded(100, START)
    pacer.throttled(START)
    for second in range(1, 5):
        pacer.succeeded(4, START + second)
        pacer.left(50, START + second)
    rate_per_s = pacer.statistics().rate_per_s
    assert rate_per_s is not None
    assert rate_per_s > 50.0
    # The last second of answers is told from two counters: four of them, to eight.
    assert pacer.is_behind(int(BEHIND_S * 8) + 1, START + 4.5)
    assert not pacer.is_behind(int(BEHIND_S * 4) - 1, START + 4.5)


def test_a_carrier_that_no_longer_answers_what_waits_for_it_is_behind_with_a_few() -> None:
    pacer = Pacer(None)
    pacer.succeeded(100, START)
    pacer.throttled(START)
    pacer.left(50, START)
    assert not pacer.is_behind(50, START)
    assert pacer.is_behind(50, START + 2.0)


def test_a_carrier_that_nothing_waited_for_is_judged_by_its_pace() -> None:
    """Who is asked nothing answers nothing: a burst after an idle while is no reason to pass it over."""
    pacer = Pacer(None)
    pacer.succeeded(100, START)
    pacer.throttled(START)
    pacer.left(50, START)
    pacer.left(0, START + 1.0)
    assert not pacer.is_behind(50, START + 30.0)
    pacer.left(40, START + 30.0)
    assert not pacer.is_behind(50, START + 30.9)
    assert pacer.is_behind(50, START + 31.1)


def test_a_clock_that_steps_back_makes_nobody_wait_an_hour_to_be_behind() -> None:
    pacer = Pacer(None)
    pacer.left(50, START + 3600.0)
    pacer.succeeded(100, START)
    pacer.throttled(START)
    pacer.left(50, START)
    assert pacer.is_behind(50, START + 2.0)


def test_who_is_held_to_a_configured_rate_only_is_not_behind() -> None:
    pacer = Pacer(10.0)
    pacer.sent(100)
    assert not pacer.is_behind(1_000_000, START)
