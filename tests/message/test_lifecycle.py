import itertools
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message import lifecycle
from smpp_router.message.lifecycle import (
    CONTRADICTED,
    DEADLINES,
    DUPLICATE,
    EVENTS,
    FINAL,
    FINAL_OWED,
    HANDED,
    HELD,
    MEANINGS,
    PLANNED,
    RECEIPT_OWED,
    RECEIVED,
    REFUSED,
    RESTARTED,
    RETURNED,
    SCREENED,
    SENT,
    SETTLED,
    SIGNAL,
    TABLE,
    TAKEN,
    TURNED_AWAY,
    UNANSWERED,
    Event,
    State,
    replay,
    step,
)
from smpp_router.store import seam

STORED = [kind for kind in EVENTS if kind != FINAL_OWED]
codes = st.sampled_from([0, 2, 2 | RECEIPT_OWED])
events = st.tuples(
    st.sampled_from(STORED), st.integers(0, 3).map(float), codes, st.sampled_from([b"", b"north"])
)


def at(second: float, kind: int, code: int = 0) -> Event:
    return kind, second, code, b""


def kinds_of(told: list[Event]) -> list[int]:
    return [one.event[0] for one in replay(told)]


def test_the_kinds_of_facts_are_those_of_the_store() -> None:
    for name in ("SENDING", "TAKEN", "FINAL", "SETTLED", "REPLACED", "RETIMED", "COPY", "PATH"):
        assert getattr(lifecycle, name) == getattr(seam, name)
    assert lifecycle.MOBILE == seam.OWED


@pytest.mark.parametrize("state", State)
def test_every_state_says_what_it_means_and_all_but_settled_lead_on(state: State) -> None:
    assert MEANINGS[state]
    assert set(TABLE[state].values()) - {state} or state in (State.SETTLED, State.ENDED, State.TURNED_AWAY)


def test_an_ordinary_life_ends_settled() -> None:
    life = [
        at(0, RECEIVED),
        at(1, PLANNED),
        at(2, SENT),
        at(3, TAKEN),
        at(4, SIGNAL),
        at(5, FINAL, 2 | RECEIPT_OWED),
        at(6, HANDED),
        at(7, SETTLED),
    ]
    assert [one.state for one in replay(life)] == [
        State.RECEIVED,
        State.PLANNED,
        State.SENT,
        State.TAKEN,
        State.SIGNALLED,
        State.OWED,
        State.HANDED,
        State.SETTLED,
    ]


def test_without_a_receipt_asked_for_the_end_is_the_end() -> None:
    assert replay([at(0, RECEIVED), at(1, FINAL, 5)])[-1].state is State.ENDED


def test_a_late_receipt_that_contradicts_is_kept_and_told_and_changes_nothing() -> None:
    life = [at(0, RECEIVED), at(1, FINAL, 2), at(9, CONTRADICTED, 5), at(10, DUPLICATE, 2)]
    last = replay(life)[2:]
    assert [one.is_illegal for one in last] == [True, False]
    assert [one.state for one in last] == [State.ENDED, State.ENDED]


def test_events_of_one_moment_are_read_in_the_order_in_which_they_can_have_happened() -> None:
    life = [RECEIVED, PLANNED, SENT, REFUSED, SENT, UNANSWERED, SENT, TAKEN, SIGNAL, FINAL]
    told = [at(5, kind) for kind in reversed(life)]
    steps = replay(told)
    assert not any(one.is_illegal for one in steps)
    assert steps[-1].state is State.ENDED


def test_what_is_planned_again_when_it_was_refused_was_refused_before() -> None:
    told = [(PLANNED, 1.0, 0, b""), (SENT, 1.0, 0, b""), (PLANNED, 2.0, 0, b""), (REFUSED, 2.0, 8, b"")]
    steps = replay([(RECEIVED, 0.0, 0, b""), *told])
    assert [step.state for step in steps[-2:]] == [State.WAITING, State.PLANNED]
    assert not any(step.is_illegal for step in steps)


def test_a_message_that_was_turned_away_has_no_further_life() -> None:
    life = [at(0, TURNED_AWAY, 88), at(1, SENT)]
    assert [(one.state, one.is_illegal) for one in replay(life)] == [
        (State.TURNED_AWAY, False),
        (State.TURNED_AWAY, True),
    ]


def test_a_message_that_was_queued_at_a_crash_is_doubtful_and_goes_on() -> None:
    life = [at(0, RECEIVED), at(0, PLANNED), at(1, SENT), at(9, RESTARTED), at(9, PLANNED), at(10, SENT)]
    assert [one.state for one in replay(life)][2:] == [
        State.SENT,
        State.DOUBTFUL,
        State.PLANNED,
        State.SENT,
    ]


def test_a_held_message_goes_on_when_a_person_has_allowed_it() -> None:
    life = [at(0, RECEIVED), at(0, HELD), at(60, HELD), at(90, SCREENED, 3), at(90, PLANNED), at(91, SENT)]
    assert [one.state for one in replay(life)][1:] == [
        State.HELD,
        State.HELD,
        State.SCREENED,
        State.PLANNED,
        State.SENT,
    ]


def test_a_receipt_may_be_handed_over_again_after_it_was_returned() -> None:
    life = [at(0, RECEIVED), at(1, FINAL, 2 | RECEIPT_OWED), at(2, HANDED), at(3, RETURNED, 100)]
    life += [at(9, HANDED), at(9, SETTLED)]
    assert [one.state for one in replay(life)][2:] == [
        State.HANDED,
        State.OWED,
        State.HANDED,
        State.SETTLED,
    ]


@given(st.lists(events, max_size=12))
def test_no_event_is_ever_lost(told: list[Event]) -> None:
    assert sorted(one.event for one in replay(told)) == sorted(told)


@given(st.lists(events, max_size=12))
def test_a_step_is_legal_where_the_table_has_it_and_else_changes_nothing(told: list[Event]) -> None:
    state = State.NEW
    for one in replay(told):
        assert one.is_illegal == (step(state, one.event) is None)
        assert one.state is (step(state, one.event) or state)
        state = one.state


@given(st.permutations([at(n, kind) for n, kind in enumerate((RECEIVED, PLANNED, SENT, TAKEN, FINAL))]))
def test_the_order_in_which_events_are_found_does_not_matter(told: list[Event]) -> None:
    assert kinds_of(told) == [RECEIVED, PLANNED, SENT, TAKEN, FINAL]


def test_nothing_but_a_contradiction_is_illegal_in_every_state() -> None:
    legal = set(itertools.chain.from_iterable(TABLE.values()))
    assert EVENTS.keys() - legal == {CONTRADICTED}


def test_the_page_about_it_has_the_table_as_it_is() -> None:
    page = (Path(__file__).parents[2] / "docs" / "lifecycle.md").read_text("utf-8")
    for state, row in TABLE.items():
        by_next: dict[State, list[str]] = {}
        for event, after in row.items():
            by_next.setdefault(after, []).append(EVENTS[event])
        told = "; ".join(
            f"{', '.join(names)} → {'stays' if after is state else after.value}"
            for after, names in by_next.items()
        )
        deadline = DEADLINES[state].name if state in DEADLINES else ""
        assert f"| {state.value} | {MEANINGS[state]} | {told} | {deadline} |" in page
    for state, deadline in DEADLINES.items():
        assert f"| {deadline.name}, of {state.value} | {deadline.seconds} | {deadline.then} |" in page
