# What a judge of a world must know before saying that somebody broke a promise: what the world did to them.
#
# Rule 1: what reached the router is settled SETTLE_S later, durable and acted on. If the router died before,
#         it may have forgotten it, and its peers must bear with that.
# Rule 2: while the disk is full nothing becomes durable: those SETTLE_S begin when there is room again.
"""Troubles of a world's machine, and the violations found."""

import math
from bisect import bisect_left, bisect_right

import attrs

SETTLE_S = 1.0
"""Within so long a router that is well makes durable what reached it: many times what it takes."""
VIOLATIONS_MAX = 100
"""Violations that are kept in words; the rest is counted."""


@attrs.frozen
class Violation:
    """A broken promise: when, in seconds from the beginning, which, and of whom."""

    at_s: float
    invariant: str
    text: str

    def __str__(self) -> str:
        """Say it in a line."""
        return f"{self.at_s:.3f}s {self.invariant}: {self.text}"


@attrs.define(eq=False)
class Troubles:
    """When the router died, and when its disk was full."""

    deaths: list[float] = attrs.Factory(list[float])
    _full_since: list[float] = attrs.Factory(list[float])
    _full_until: list[float] = attrs.Factory(list[float])

    def died(self, now: float) -> None:
        """The router is no more."""
        self.deaths.append(now)

    def disk_full(self, now: float, until: float) -> None:
        """Its disk has no room between the two."""
        self._full_since.append(now)
        self._full_until.append(until)

    def deaths_between(self, since: float, until: float) -> int:
        """How often the router died from `since` on, and not after `until`."""
        return bisect_right(self.deaths, until) - bisect_left(self.deaths, since)

    def died_between(self, since: float, until: float) -> bool:
        """Whether the router died from `since` on, and not after `until`."""
        at = bisect_left(self.deaths, since)
        return at < len(self.deaths) and self.deaths[at] <= until

    def may_be_forgotten(self, at: float) -> bool:
        """Whether the router may not know any more what reached it then."""
        return self.died_between(at, self._settled_at(at))

    def is_settled(self, at: float, now: float) -> bool:
        """Whether what reached it then has had its time, and was not forgotten."""
        return now > self._settled_at(at) and not self.may_be_forgotten(at)

    def _settled_at(self, at: float) -> float:
        settled_at = at + SETTLE_S
        for since, until in zip(self._full_since, self._full_until, strict=True):
            if since <= settled_at and at <= until:
                settled_at = max(settled_at, until + SETTLE_S)
        return settled_at


@attrs.define(eq=False)
class Violations:
    """What was found, in order."""

    started_at: float
    found: list[Violation] = attrs.Factory(list[Violation])
    count: int = 0

    def add(self, now: float, invariant: str, text: str) -> None:
        """Note a broken promise."""
        self.count += 1
        if len(self.found) < VIOLATIONS_MAX:
            self.found.append(Violation(round(now - self.started_at, 6), invariant, text))


NEVER = math.inf
