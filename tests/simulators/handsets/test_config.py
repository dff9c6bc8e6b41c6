"""What a file may not say of handsets."""

from typing import Any

import pytest

from simulators.handsets.config import Answer, Habits, HandsetConfig, HandsetGroup, Interval


@pytest.mark.parametrize(
    ("make", "keys", "problem"),
    [
        (Habits, {"off_hours": (24,)}, "off_hours: must be from 0 to 23, got 24"),
        (Habits, {"away_s": 5.0}, "present_s: needs away_s beside it"),
        (Habits, {"memory": 2_000}, "memory: must be from 0 to 1000"),
        (Habits, {"kept_s": -1.0}, "kept_s: must be at least 0"),
        (Interval, {"for_s": 0.0}, "for_s: must be above 0"),
        (Interval, {"for_s": 20.0, "every_s": 10.0}, "for_s: must be at most every_s"),
        (Answer, {"replies": ()}, "replies: must have 1 to 1000 entries"),
        (Answer, {"replies": ("",)}, "replies: must have 1 to 2000 characters each"),
        (HandsetConfig, {"number": "+861"}, "number: must be digits only"),
        (HandsetGroup, {"share": 1.5}, "share: must be from 0 to 1"),
    ],
)
def test_what_makes_no_sense_is_refused(make: Any, keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        make(**keys)


@pytest.mark.parametrize(
    "habits",
    [
        Habits(state="off"),
        Habits(off_hours=(3,)),
        Habits(out_of_coverage_hours=(3,)),
        Habits(intervals=(Interval(for_s=1.0),)),
        Habits(present_s=1.0, away_s=1.0),
    ],
)
def test_who_may_be_away_is_not_always_there(habits: Habits) -> None:
    assert Habits().is_always_there
    assert not habits.is_always_there
