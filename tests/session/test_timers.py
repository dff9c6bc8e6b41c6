"""Timers told the time say what is due, once, and not a moment early."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.session.timers import Due, TimerLimits, Timers

LIMITS = TimerLimits(session_init_s=10.0, enquire_link_s=30.0, inactivity_s=300.0, response_s=5.0)
START = 1_700_000_000.0


def timers(limits: TimerLimits = LIMITS) -> Timers:
    return Timers(limits, START)


@given(
    enquire_link_s=st.sampled_from([0.0, 1.0, 30.0]),
    inactivity_s=st.sampled_from([0.0, 2.0, 100.0]),
    response_s=st.sampled_from([0.5, 10.0]),
    steps=st.lists(st.tuples(st.floats(0.0, 40.0), st.sampled_from(["", "heard", "message"])), max_size=40),
)
def test_a_bound_session_is_asked_only_in_silence_and_closed_only_unanswered(
    enquire_link_s: float, inactivity_s: float, response_s: float, steps: list[tuple[float, str]]
) -> None:
    limits = TimerLimits(10.0, enquire_link_s, inactivity_s, response_s)
    told = timers(limits)
    now = heard_at = message_at = START
    enquired_at: float | None = None
    for seconds, event in steps:
        now += seconds
        if event:
            told.heard_at = heard_at = now
            enquired_at = None
        if event == "message":
            told.message_at = message_at = now
        due = told.due(now, is_bound=True)
        silent_s = now - heard_at
        if due is Due.ENQUIRE_LINK:
            assert enquire_link_s
            assert enquired_at is None
            assert silent_s >= enquire_link_s
            told.enquired_at = enquired_at = now
        elif due is Due.CLOSE_SILENT:
            assert enquired_at is not None
            assert now >= enquired_at + response_s
            return
        elif due is Due.UNBIND_IDLE:
            assert inactivity_s
            assert now >= message_at + inactivity_s
            return
        else:
            assert due is Due.NOTHING
            assert not enquire_link_s or enquired_at is not None or now < heard_at + enquire_link_s
            assert not inactivity_s or now < message_at + inactivity_s
            assert enquired_at is None or now < enquired_at + response_s


@given(st.floats(0.0, 100.0))
def test_a_connection_that_does_not_bind_is_closed_by_the_session_init_timer(seconds: float) -> None:
    due = timers().due(START + seconds, is_bound=False)
    assert due is (Due.CLOSE_UNBOUND if START + seconds >= START + 10.0 else Due.NOTHING)


def test_what_comes_before_a_bind_does_not_stop_the_session_init_timer() -> None:
    told = timers()
    told.heard_at = START + 9.9
    assert told.due(START + 10.0, is_bound=False) is Due.CLOSE_UNBOUND


@given(st.floats(0.0, 1000.0))
def test_a_bound_session_is_not_closed_by_the_session_init_timer(seconds: float) -> None:
    assert timers().due(START + seconds, is_bound=True) is not Due.CLOSE_UNBOUND


def test_silence_is_asked_about_once_and_an_answer_ends_it() -> None:
    told = timers()
    assert told.due(START + 29.9, is_bound=True) is Due.NOTHING
    assert told.due(START + 30.0, is_bound=True) is Due.ENQUIRE_LINK
    told.enquired_at = START + 30.0
    assert told.due(START + 34.9, is_bound=True) is Due.NOTHING
    told.heard_at = START + 34.9
    assert told.due(START + 40.0, is_bound=True) is Due.NOTHING
    assert told.due(START + 64.9, is_bound=True) is Due.ENQUIRE_LINK


def test_an_answer_that_takes_no_time_is_an_answer() -> None:
    """On a virtual clock, and on a coarse one, the answer comes at the very time of the question."""
    told = timers()
    told.enquired_at = told.heard_at = START + 30.0
    assert told.due(START + 35.0, is_bound=True) is Due.NOTHING


def test_silence_after_the_question_closes_the_session() -> None:
    told = timers()
    told.enquired_at = START + 30.0
    assert told.due(START + 35.0, is_bound=True) is Due.CLOSE_SILENT


def test_enquire_links_do_not_keep_an_idle_session_up() -> None:
    told = timers()
    told.heard_at = START + 299.0
    assert told.due(START + 299.9, is_bound=True) is Due.NOTHING
    assert told.due(START + 300.0, is_bound=True) is Due.UNBIND_IDLE
    told.message_at = START + 300.0
    assert told.due(START + 300.0, is_bound=True) is Due.NOTHING


@pytest.mark.parametrize("is_bound", [True, False])
def test_while_we_unbind_nothing_is_due_but_the_end_of_waiting(is_bound: bool) -> None:
    told = timers()
    told.unbind_at = START + 1000.0
    told.enquired_at = START + 1.0
    assert told.due(START + 1004.9, is_bound) is Due.NOTHING
    assert told.due(START + 1005.0, is_bound) is Due.CLOSE_UNANSWERED_UNBIND


def test_zero_means_never() -> None:
    told = timers(TimerLimits(enquire_link_s=0.0, inactivity_s=0.0))
    assert told.due(START + 1e9, is_bound=True) is Due.NOTHING
