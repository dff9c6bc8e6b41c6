"""The breaker's table is complete, and its states mean what they say."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.health_breaker import (
    CALM_S,
    LOST_S,
    SLOW_START_SHARE,
    TABLE,
    Breaker,
    BreakerLimits,
    Look,
    Signal,
    State,
)

LIMITS = BreakerLimits(open_below=50.0, open_s=10.0, open_max_s=120.0, slow_start_s=30.0)
GOOD, BAD = Look(90.0), Look(10.0)


def opened(now: float = 0.0) -> Breaker:
    breaker = Breaker(LIMITS, 0.0)
    breaker.look(BAD, "submit", now)
    breaker.look(BAD, "submit", now)
    assert breaker.state is State.OPEN
    return breaker


def test_every_state_answers_every_signal() -> None:
    assert TABLE.keys() == set(State)
    for answers in TABLE.values():
        assert answers.keys() == set(Signal)


def test_every_state_can_be_reached_and_left() -> None:
    for state in State:
        assert any(state in answers.values() for other, answers in TABLE.items() if other is not state)
        assert any(after is not state for after in TABLE[state].values())


def test_only_probes_or_a_new_session_lead_out_of_open() -> None:
    assert {signal for signal, after in TABLE[State.OPEN].items() if after is not State.OPEN} == {
        Signal.DUE,
        Signal.BOUND,
    }
    assert State.CLOSED not in TABLE[State.OPEN].values()
    assert State.CLOSED not in TABLE[State.HALF_OPEN].values()


def test_one_bad_look_is_an_accident() -> None:
    breaker = Breaker(LIMITS, 0.0)
    for now in range(100):
        breaker.look(BAD if now % 2 else GOOD, "submit", float(now))
    assert breaker.state is State.CLOSED
    assert breaker.share(100.0) == 1.0


def test_two_in_a_row_open_it() -> None:
    breaker = opened()
    assert (breaker.share(1.0), breaker.cap(1.0), breaker.cause, breaker.openings) == (0.0, 50.0, "submit", 1)


def test_it_rests_then_probes_then_grows() -> None:
    breaker = opened()
    assert breaker.look(GOOD, "", 9.9) is Signal.NOTHING
    assert breaker.look(Look(90.0, overdue=1), "", 10.0) is Signal.NOTHING, "what is out may still fail"
    assert breaker.look(GOOD, "", 10.0) is Signal.DUE
    assert breaker.look(Look(90.0, good=4), "", 12.0) is Signal.NOTHING
    assert breaker.look(Look(90.0, good=7), "", 13.0) is Signal.NOTHING, "a brown-out does that now and then"
    assert breaker.look(Look(90.0, good=9, bad=1, unknown=1), "", 13.0) is Signal.NOTHING
    assert breaker.look(Look(90.0, good=8), "", 13.0) is Signal.PASSED
    assert breaker.share(13.0) == SLOW_START_SHARE
    assert SLOW_START_SHARE < breaker.share(28.0) < breaker.share(40.0) < 1.0
    assert 50.0 < breaker.cap(28.0) < 100.0
    assert breaker.look(GOOD, "", 43.0) is Signal.GROWN
    assert (breaker.state, breaker.share(43.0), breaker.cause) == (State.CLOSED, 1.0, "")


def test_bad_probes_double_the_rest_up_to_its_limit() -> None:
    breaker = opened()
    now = 0.0
    rests: list[float] = []
    for _ in range(6):
        rests.append(breaker.rest_s)
        now += breaker.rest_s
        assert breaker.look(GOOD, "", now) is Signal.DUE
        assert breaker.look(Look(90.0, good=2, bad=3), "", now) is Signal.FAILED
    assert rests == [10.0, 20.0, 40.0, 80.0, 120.0, 120.0]
    assert (breaker.openings, breaker.cause) == (1, "submit")


@pytest.mark.parametrize(("calm_s", "rest_s"), [(10.0, 20.0), (CALM_S, 10.0)])
def test_the_rest_is_short_again_after_a_calm_time(calm_s: float, rest_s: float) -> None:
    breaker = opened()
    breaker.look(GOOD, "", 10.0)
    breaker.look(Look(90.0, good=8), "", 10.0)
    breaker.look(GOOD, "", 40.0)
    assert breaker.state is State.CLOSED
    breaker.look(GOOD, "", 40.0 + calm_s)
    for _ in range(2):
        breaker.look(BAD, "submit", 41.0 + calm_s)
    assert (breaker.state, breaker.rest_s) == (State.OPEN, rest_s)


def test_a_lost_connection_opens_it_and_a_new_one_needs_no_probes() -> None:
    breaker = Breaker(LIMITS, 0.0)
    down = Look(0.0, is_bound=False, unbound_s=LOST_S - 0.1)
    for _ in range(10):
        breaker.look(down, "bound", 1.0)
    assert breaker.state is State.CLOSED, "a link that flaps is back by then"
    breaker.look(Look(0.0, is_bound=False, unbound_s=LOST_S), "bound", 6.0)
    assert (breaker.state, breaker.cause) == (State.OPEN, "no session")
    breaker.look(Look(0.0, is_bound=False, unbound_s=600.0), "bound", 600.0)
    assert breaker.state is State.OPEN
    breaker.look(GOOD, "", 601.0)
    assert breaker.state is State.RECOVERING


looks = st.builds(
    Look,
    score=st.floats(0.0, 100.0),
    is_bound=st.booleans(),
    unbound_s=st.floats(0.0, 20.0),
    overdue=st.integers(0, 10),
    good=st.floats(0.0, 10.0),
    bad=st.floats(0.0, 10.0),
)


@given(st.lists(st.tuples(looks, st.floats(0.1, 60.0)), max_size=100))
def test_whatever_is_seen_it_follows_the_table_and_its_numbers_stay_in_range(
    seen: list[tuple[Look, float]],
) -> None:
    breaker = Breaker(LIMITS, 0.0)
    now = 0.0
    for look, dt_s in seen:
        now += dt_s
        before = breaker.state
        signal = breaker.look(look, "part", now)
        assert breaker.state is TABLE[before][signal]
        assert 0.0 <= breaker.share(now) <= 1.0
        assert LIMITS.open_below <= breaker.cap(now) <= 100.0
        assert (breaker.share(now) == 0.0) == (breaker.state in (State.OPEN, State.HALF_OPEN))


@given(seed=st.integers(0, 1_000), good_share=st.floats(0.0, 1.0))
def test_openings_are_bounded_whatever_the_score_does(seed: int, good_share: float) -> None:
    rng = random.Random(seed)
    breaker = Breaker(LIMITS, 0.0)
    for now in range(2_000):
        score = 90.0 if rng.random() < good_share else 10.0
        breaker.look(Look(score, good=score / 10.0, bad=10.0 - score / 10.0), "part", float(now))
    # Rests of 10, 20, 40, 80 seconds, then 120 each.
    assert breaker.openings <= 5 + 2_000 / 120


@pytest.mark.parametrize(
    ("usual", "ill", "share", "passes"),
    [(0.9, 0.7, 0.7, 0.12), (0.95, 0.475, 0.5, 0.09), (0.9, 0.7, 0.95, 1.0), (0.95, 0.475, 0.9, 1.0)],
)
def test_who_is_well_passes_and_who_is_ill_passes_seldom(
    usual: float, ill: float, share: float, passes: float
) -> None:
    passed = 0
    for seed in range(1_000):
        rng = random.Random(seed)
        good = bad = 0
        breaker = opened()
        breaker.look(GOOD, "", 10.0)
        while breaker.state is State.HALF_OPEN:
            is_good = rng.random() < share
            good, bad = good + is_good, bad + (not is_good)
            breaker.look(Look(90.0, good=good, bad=bad, usual=usual, ill=ill), "", 11.0)
        passed += breaker.state is State.RECOVERING
    if passes == 1.0:
        assert passed >= 880
    else:
        assert passed <= 1_000 * passes
