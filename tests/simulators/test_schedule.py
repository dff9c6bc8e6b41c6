"""A schedule against a sorted list."""

import math

from hypothesis import given
from hypothesis import strategies as st

from simulators.schedule import GRAIN_S, Schedule
from tests.simulators.customers import START

offsets = st.floats(0.0, 10.0)
steps = st.lists(st.tuples(st.lists(offsets, max_size=5), st.floats(0.0, 2.0)), max_size=30)


@given(steps)
def test_everything_comes_out_once_in_time_and_in_order(steps: list[tuple[list[float], float]]) -> None:
    schedule: Schedule[tuple[float, int]] = Schedule()
    now, number, waiting = START, 0, set[tuple[float, int]]()
    for later, passes_s in steps:
        for offset in later:
            event = (now + offset, number)
            schedule.add(event[0], event)
            waiting.add(event)
            number += 1
        now += passes_s
        due = schedule.due(now)
        assert all(at <= now for at, _ in due)
        assert [int(at / GRAIN_S) for at, _ in due] == sorted(int(at / GRAIN_S) for at, _ in due)
        waiting -= set(due)
        # What is left is due by less than the grain, or later.
        assert all(at > now - GRAIN_S - 1e-6 for at, _ in waiting)
        assert len(schedule) == len(waiting)
    assert set(schedule.due(now + 11.0)) == waiting
    assert len(schedule) == 0


def test_events_of_one_moment_keep_their_order() -> None:
    schedule: Schedule[int] = Schedule()
    for number in range(100):
        schedule.add(START, number)
    assert schedule.due(START + 1) == list(range(100))


@given(st.lists(offsets, max_size=20))
def test_it_says_when_the_next_comes(later: list[float]) -> None:
    schedule: Schedule[float] = Schedule()
    for offset in later:
        schedule.add(START + offset, offset)
    seen = 0
    while (at := schedule.next_at()) != math.inf:
        assert schedule.due(at - GRAIN_S) == []
        events = schedule.due(at)
        assert events
        assert all(abs(START + offset - at) <= 2 * GRAIN_S for offset in events)
        seen += len(events)
    assert seen == len(later)
