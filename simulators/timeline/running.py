# Which entries of a timeline hold at a moment, whatever they do: of a carrier or of the network.
"""Entries that hold now."""

import math
from collections.abc import Sequence
from typing import Generic, TypeVar

import attrs

from simulators.timeline.entry import Occurrence, Times, occurrence, stretch

E = TypeVar("E", bound=Times)


@attrs.define(eq=False)
class Running(Generic[E]):
    """An entry that holds now: its place in the timeline, and the stretch of its pattern, counted from 0."""

    index: int
    entry: E
    during: Occurrence
    stretch: int
    problem: str = ""
    """Why it is left out, if it makes nothing valid of what is below it."""


def running_at(entries: Sequence[E], started_at: float, now: float) -> tuple[list[Running[E]], float]:
    """Return what holds, what began first before the rest, and when that changes next; math.inf: never."""
    running: list[Running[E]] = []
    next_at = math.inf
    for index, entry in enumerate(entries):
        during = occurrence(entry, started_at, now)
        if during is None:
            continue
        if now < during.begins_at:
            next_at = min(next_at, during.begins_at)
            continue
        number, until = stretch(entry, during, now)
        next_at = min(next_at, until, during.ends_at)
        if number % 2 == 0:
            running.append(Running(index, entry, during, number))
    running.sort(key=lambda one: (one.during.begins_at, one.index))
    return running, next_at
