# The seam of routing: a batch of destinations in, a plan for each out. Whatever decides - a table of
# prefixes, prices, health - is a Router; what carries a plan out knows nothing of why it is so.
#
# PrefixRouter finds the longest configured prefix of a number. Numbers that share their first digits, as
# many as the longest prefix has, share their plan: the cache is keyed by that head alone.
"""Routers: from a destination to the carriers to try, in order."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, Protocol

import attrs

Plan = tuple[str, ...]
"""Names of carriers in order of preference; empty if there is no way to the destination."""

CACHE_MAX: Final = 65_536
"""Number heads remembered, about 10 MB: more than the heads that a day's traffic has in most countries."""


class Router(Protocol):
    """What decides which way messages go. Never waits."""

    def plan(self, destination: bytes) -> Plan:
        """The plan for one destination_addr."""
        ...

    def plan_batch(self, destinations: Sequence[bytes]) -> list[Plan]:
        """A plan for each destination_addr, in the same order."""
        ...


@attrs.frozen
class PrefixRouterStatistics:
    """How a PrefixRouter fares: `clears` says how often its cache was full."""

    prefixes: int
    cached: int
    misses: int
    clears: int


def international(number: bytes) -> bytes:
    """A number without what only says that it is international: a leading + or 00."""
    number = number.lstrip(b"+")
    return number.lstrip(b"0") if number.startswith(b"00") else number


class PrefixRouter:
    """The longest prefix wins, the default takes the rest. + or 00 may begin prefixes and numbers."""

    def __init__(
        self, prefixes: Mapping[str, Iterable[str]], default: Iterable[str] = (), cache_max: int = CACHE_MAX
    ) -> None:
        """Raise ValueError if two prefixes are the same number."""
        self._table: dict[bytes, Plan] = {}
        for prefix, carriers in prefixes.items():
            number = international(prefix.encode())
            if number in self._table:
                raise ValueError(f"route prefix {prefix!r} is there twice")
            self._table[number] = tuple(carriers)
        self._default: Plan = tuple(default)
        self._lengths = sorted({len(number) for number in self._table}, reverse=True)
        self._head_digits = max(self._lengths, default=0)
        self._cache: dict[bytes, Plan] = {}
        self._cache_max = cache_max
        self._misses = 0
        self._clears = 0

    def plan(self, destination: bytes) -> Plan:
        """The plan for one destination_addr."""
        plan = self._cache.get(destination[: self._head_digits])
        return self._look_up(destination) if plan is None else plan

    def plan_batch(self, destinations: Sequence[bytes]) -> list[Plan]:
        """A plan for each destination_addr, in the same order."""
        plan = self.plan
        return [plan(destination) for destination in destinations]

    def statistics(self) -> PrefixRouterStatistics:
        """A snapshot for the console."""
        return PrefixRouterStatistics(len(self._table), len(self._cache), self._misses, self._clears)

    def _look_up(self, destination: bytes) -> Plan:
        # Heads in the cache are international() ones, so a head with + or 00 always comes here.
        head = international(destination)[: self._head_digits]
        plan = self._cache.get(head)
        if plan is not None:
            return plan
        self._misses += 1
        plan = self._default
        for length in self._lengths:
            found = self._table.get(head[:length])
            if found is not None:
                plan = found
                break
        if len(self._cache) >= self._cache_max:
            # Starting over costs a microsecond a head; keeping an order would cost every message.
            self._cache.clear()
            self._clears += 1
        self._cache[head] = plan
        return plan
