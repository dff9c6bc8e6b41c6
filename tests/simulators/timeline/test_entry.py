"""When entries hold: occurrences, patterns and ramps."""

import math
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.timeline.entry import BrownOut, Entry, occurrence, ramp, stretch

NOON = datetime(2026, 3, 1, 12, tzinfo=UTC).timestamp()


def entry(**keys: Any) -> Entry:
    values: dict[str, Any] = {"down": True, **keys}
    return Entry(**values)


def is_on(one: Entry, now: float, started_at: float = 0.0) -> bool:
    during = occurrence(one, started_at, now)
    return during is not None and during.begins_at <= now and stretch(one, during, now)[0] % 2 == 0


@pytest.mark.parametrize(
    ("keys", "on", "off"),
    [
        ({}, [0, 1e9], []),
        ({"at_s": 10}, [10, 1e9], [0, 9.9]),
        ({"at_s": 10, "for_s": 5}, [10, 14.9], [9.9, 15, 100]),
        ({"at_s": 10, "for_s": 5, "every_s": 20}, [10, 14, 30, 34, 1000 * 20 + 12], [16, 29, 35]),
        ({"at_s": 10, "for_s": 5, "every_s": 20, "times": 2}, [10, 30], [50, 70]),
        ({"for_s": 10, "pattern_s": [2, 3]}, [0, 1.9, 5, 6.9], [2, 4.9, 7, 9.9, 10, 11]),
        ({"for_s": 4, "pattern_s": [3, 1, 3, 1]}, [0, 2], [3, 4, 5]),
        ({"at_s": 1, "pattern_s": [1, 1]}, [1, 3, 1_000_001], [0, 2, 1_000_002]),
    ],
)
def test_an_entry_holds_when_it_says(keys: dict[str, Any], on: list[float], off: list[float]) -> None:
    one = entry(**keys | {"pattern_s": tuple(keys.get("pattern_s", ()))})
    assert [now for now in on if not is_on(one, now)] == []
    assert [now for now in off if is_on(one, now)] == []


def test_what_is_daily_goes_by_the_clock_of_its_zone() -> None:
    evening = entry(daily="20:00", utc_offset_min=480, for_s=3600.0)
    for day in range(3):
        begin = NOON + day * 86_400
        assert is_on(evening, begin, NOON)
        assert is_on(evening, begin + 3599, NOON)
        assert not is_on(evening, begin + 3600, NOON)
        assert not is_on(evening, begin - 1, NOON)


def test_who_starts_within_an_evening_is_in_it_and_times_count_from_it() -> None:
    evening = entry(daily="11:30", for_s=3600.0, times=1)
    assert is_on(evening, NOON, NOON)
    assert not is_on(evening, NOON + 86_400, NOON)
    past = entry(daily="10:00", for_s=3600.0, times=1)
    assert not is_on(past, NOON, NOON)
    assert is_on(past, NOON + 22 * 3600, NOON)


def test_what_has_no_end_begins_at_the_first_such_time() -> None:
    morning = entry(daily="06:00:30")
    assert not is_on(morning, NOON + 3600, NOON)
    assert is_on(morning, NOON + 18 * 3600 + 30, NOON)
    assert is_on(morning, NOON + 100 * 86_400, NOON)


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"down": False}, "nothing happens"),
        ({"at_s": -1}, "at_s: must be at least 0"),
        ({"daily": "24:00"}, "daily: must be a time such as"),
        ({"daily": "20:00", "at_s": 1}, "daily: goes with neither"),
        ({"daily": "20:00", "for_s": 90_000}, "for_s: must be at most 86400"),
        ({"every_s": 5}, "every_s: needs for_s"),
        ({"every_s": 5, "for_s": 6}, "for_s: must be at most 5"),
        ({"times": 3}, "times: needs every_s"),
        ({"pattern_s": (1.0,)}, "pattern_s: must have an off for each on"),
        ({"pattern_s": (1.0, 0.0)}, "pattern_s: must be from 0.05"),
        ({"brown_out": BrownOut(ramp_s=10), "for_s": 15}, "brown_out.ramp_s: must be at most half"),
    ],
)
def test_what_contradicts_itself_is_refused(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        entry(**keys)


def test_a_ramp_goes_up_in_steps_stays_and_comes_down() -> None:
    one = Entry(brown_out=BrownOut(latency_s=1.0, ramp_s=20.0), for_s=60.0)
    during = occurrence(one, 0.0, 0.0)
    assert during is not None
    degrees = [ramp(one, during, float(second))[0] for second in range(60)]
    assert degrees[:20] == pytest.approx([(second + 1) / 20 for second in range(20)])
    assert set(degrees[20:40]) == {1.0}
    assert degrees[40:] == pytest.approx([1 - second / 20 for second in range(20)])
    assert ramp(one, during, 25.0)[1] == 40.0


SECONDS = st.floats(0.05, 500.0)


@st.composite
def entries(draw: st.DrawFn) -> Entry:
    for_s = draw(st.none() | SECONDS)
    repeats = for_s is not None and draw(st.booleans())
    return entry(
        at_s=draw(st.floats(0.0, 500.0)),
        for_s=for_s,
        every_s=for_s * draw(st.floats(1.0, 4.0)) if for_s is not None and repeats else None,
        times=draw(st.none() | st.integers(1, 4)) if repeats else None,
        pattern_s=tuple(draw(st.lists(SECONDS, max_size=2).map(lambda one: one * 2))),
        brown_out=None if for_s is None else BrownOut(latency_s=1.0, ramp_s=for_s * draw(st.floats(0, 0.5))),
    )


def next_change(one: Entry, now: float) -> float:
    during = occurrence(one, 0.0, now)
    if during is None:
        return math.inf
    if now < during.begins_at:
        return during.begins_at
    return min(stretch(one, during, now)[1], ramp(one, during, now)[1], during.ends_at)


@given(entries(), st.floats(0.0, 3_000.0))
def test_nothing_changes_before_the_moment_that_is_told(one: Entry, now: float) -> None:
    until = next_change(one, now)
    assert until > now

    def seen(at: float) -> tuple[bool, float]:
        during = occurrence(one, 0.0, at)
        return is_on(one, at), 0.0 if during is None or at < during.begins_at else ramp(one, during, at)[0]

    between = [now + (min(until, now + 1_000.0) - now) * share for share in (0.25, 0.5, 0.9)]
    assert {seen(at) for at in between} == {seen(now)}


@given(entries(), st.floats(0.0, 2_000.0))
def test_whoever_goes_from_change_to_change_is_never_in_a_circle(one: Entry, now: float) -> None:
    moments = [now]
    while len(moments) < 50 and moments[-1] < math.inf:
        moments.append(next_change(one, moments[-1]))
    assert moments == sorted(set(moments))
