# The timeline of the radio network, as agenda.py is that of a carrier: entries lie over the keys that the
# file and its operator's orders say, in the order in which they began, and are laid over them anew at each
# change.
"""The timeline of the radio network."""

import math
from typing import Any, Final, TypeAlias

from simulators.changes import changed_network
from simulators.packs import dotted
from simulators.signalling.config import NetworkConfig
from simulators.timeline.entry import NetworkEntry, occurrence
from simulators.timeline.running import Running, running_at

NOT_LIVE: Final = "timeline"
"""The key that an entry can't change: a timeline that changes itself has no end."""

_Running: TypeAlias = Running[NetworkEntry]


class NetworkAgenda:
    """Entries of a network over its keys."""

    def __init__(self, base: NetworkConfig, started_at: float) -> None:
        self.base = base
        self.next_at = -math.inf if base.timeline else math.inf
        """When tick() has something to do next."""
        self._started_at = started_at
        self._running: list[_Running] = []

    def become(self, base: NetworkConfig, now: float) -> None:
        """Lay the entries over other keys; another timeline begins now."""
        if base.timeline != self.base.timeline:
            self._started_at = now
        self.base = base
        self.next_at = -math.inf

    def tick(self, now: float) -> NetworkConfig:
        """Return how the network is at `now`."""
        self._running, self.next_at = running_at(self.base.timeline, self._started_at, now)
        config = self.base
        for one in self._running:
            try:
                config = laid_over(config, one.entry)
            except ValueError as error:
                one.problem = str(error)
        return config

    def state(self, now: float) -> list[dict[str, Any]]:
        """Return each entry, whether it holds, and from when to when. Unix times; None: never."""
        running = {one.index: one for one in self._running}
        return [
            self._state(index, entry, running.get(index), now)
            for index, entry in enumerate(self.base.timeline)
        ]

    def _state(self, index: int, entry: NetworkEntry, one: _Running | None, now: float) -> dict[str, Any]:
        during = occurrence(entry, self._started_at, now)
        return {
            "name": entry.name or f"timeline[{index}]",
            "does": f"set {' '.join(dotted(entry.set))}",
            "is_on": one is not None,
            "begins_at": None if during is None else during.begins_at,
            "ends_at": None if during is None or during.ends_at == math.inf else during.ends_at,
            "problem": "" if one is None else one.problem,
        }


def laid_over(config: NetworkConfig, entry: NetworkEntry) -> NetworkConfig:
    """Return a network with what an entry changes. Raises ValueError, which names the key and says why."""
    changes = dotted(entry.set)
    if any(key.partition(".")[0] == NOT_LIVE for key in changes):
        raise ValueError(f"set.{NOT_LIVE}: can't be changed by a timeline")
    try:
        return changed_network(config, changes)
    except ValueError as error:
        raise ValueError(f"set.{error}") from None


def network_problems(config: NetworkConfig) -> list[tuple[int, str]]:
    """Return what is wrong with each entry by itself, by its index."""
    found: list[tuple[int, str]] = []
    for index, entry in enumerate(config.timeline):
        try:
            laid_over(config, entry)
        except ValueError as error:
            found.append((index, str(error)))
    return found
