"""Things to do later, by the thousand: a heap of moments, each with a list of what is due then."""

import heapq
import math
from typing import Final, Generic, TypeVar

T = TypeVar("T")

GRAIN_S: Final = 0.005
"""Moments this close together are one: events cost a list append and not a heap operation each."""


class Schedule(Generic[T]):
    """Events by due time, in order of time and of their being added."""

    __slots__ = ("_count", "_due", "_moments")

    def __init__(self) -> None:
        self._due: dict[int, list[T]] = {}
        self._moments: list[int] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, at: float, event: T) -> None:
        """Have `event` come out of due() at `at` or up to GRAIN_S later."""
        moment = int(at / GRAIN_S) + 1
        events = self._due.get(moment)
        if events is None:
            self._due[moment] = [event]
            heapq.heappush(self._moments, moment)
        else:
            events.append(event)
        self._count += 1

    def next_at(self) -> float:
        """Return when due() gives something next; math.inf if nothing is left."""
        # A tenth of a grain on top: moment * GRAIN_S / GRAIN_S may be rounded to below the moment.
        return (self._moments[0] + 0.1) * GRAIN_S if self._moments else math.inf

    def due(self, now: float) -> list[T]:
        """Take out what is due."""
        moments = self._moments
        limit = int(now / GRAIN_S)
        if not moments or moments[0] > limit:
            return []
        events: list[T] = []
        while moments and moments[0] <= limit:
            events += self._due.pop(heapq.heappop(moments))
        self._count -= len(events)
        return events
