"""A message ends once, settles once, and never goes back from a carrier that has taken it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message.lifecycle import (
    TRANSITIONS,
    Lifecycle,
    LifecycleEvent,
    LifecycleState,
    message_state_of,
    next_state,
)
from smpp_router.wire import constants as c

EVENTS = st.lists(st.sampled_from(LifecycleEvent), max_size=40)
OVER = {LifecycleState.FINAL, LifecycleState.SETTLED}


@given(events=EVENTS)
def test_whatever_is_tried_a_message_ends_once_and_settles_after(events: list[LifecycleEvent]) -> None:
    lifecycle = Lifecycle()
    state = LifecycleState.QUEUED
    happened: list[LifecycleEvent] = []
    for event in events:
        after = lifecycle.next_state(state, event)
        assert after == next_state(state, event)
        if after is not None:
            happened.append(event)
            state = after
    assert lifecycle.illegal.total() == len(events) - len(happened)
    assert happened.count(LifecycleEvent.END) == (state in OVER)
    assert happened.count(LifecycleEvent.SETTLE) == (state is LifecycleState.SETTLED)
    assert happened.count(LifecycleEvent.TAKE) <= 1
    if LifecycleEvent.TAKE in happened:
        afterwards = happened[happened.index(LifecycleEvent.TAKE) :]
        assert not {LifecycleEvent.SEND, LifecycleEvent.RETURN, LifecycleEvent.REPLACE} & set(afterwards)


@given(events=EVENTS)
def test_a_message_that_has_not_ended_can_end(events: list[LifecycleEvent]) -> None:
    state = LifecycleState.QUEUED
    for event in events:
        state = next_state(state, event) or state
    if state not in OVER:
        state = next_state(state, LifecycleEvent.END)
    assert state in OVER


def test_every_state_can_be_reached() -> None:
    reached = {LifecycleState.QUEUED}
    for _ in LifecycleState:
        reached |= {after for state in reached for after in TRANSITIONS[state].values()}
    assert reached == set(LifecycleState)


@pytest.mark.parametrize("state", LifecycleState)
def test_an_outcome_shows_only_once_the_message_has_ended(state: LifecycleState) -> None:
    expected = c.UNDELIVERABLE if state in OVER else c.ENROUTE
    assert message_state_of(state, c.UNDELIVERABLE) == expected


def test_illegal_transitions_are_counted_by_state_and_event() -> None:
    lifecycle = Lifecycle()
    for _ in range(3):
        assert lifecycle.next_state(LifecycleState.SETTLED, LifecycleEvent.END) is None
    assert lifecycle.illegal == {(LifecycleState.SETTLED, LifecycleEvent.END): 3}
