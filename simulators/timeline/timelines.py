"""The timelines of all carriers of one process."""

import math
from collections.abc import Iterator, Mapping
from typing import Any

from simulators.changes import changed
from simulators.profile import CarrierProfile
from simulators.timeline.agenda import Agenda, Effect, problems_of


class Timelines:
    """What the carriers are told by their operators, and what their timelines make of it."""

    def __init__(self, profiles: Mapping[str, CarrierProfile], started_at: float) -> None:
        self._agendas = {name: Agenda(profile, started_at) for name, profile in profiles.items()}

    def next_at(self) -> float:
        """Return when due() gives something next; math.inf if it never does by itself."""
        return min((agenda.next_at for agenda in self._agendas.values()), default=math.inf)

    def due(self, now: float) -> Iterator[tuple[str, Effect]]:
        """Give how those carriers are, by name, for whom something begins or ends."""
        for name, agenda in self._agendas.items():
            if agenda.next_at <= now:
                yield name, agenda.tick(now)

    def change(self, name: str, changes: Mapping[str, Any], now: float) -> None:
        """Change what lies below a carrier's timeline. Raises ValueError, and does nothing, on a bad key."""
        agenda = self._agendas[name]
        base = changed(agenda.base, changes)
        if base.timeline != agenda.base.timeline:
            for index, problem in problems_of(base):
                raise ValueError(f"timeline[{index}].{problem}")
        agenda.become(base, now)

    def become(self, name: str, profile: CarrierProfile, now: float) -> None:
        """Put another profile below a carrier's timeline."""
        self._agendas[name].become(profile, now)

    def why_down(self, name: str) -> str:
        """Return the name of an entry that keeps a carrier down, empty if none does."""
        return self._agendas[name].why_down

    def state(self, name: str, now: float) -> list[dict[str, Any]]:
        """Return the entries of a carrier, and which of them hold."""
        return self._agendas[name].state(now)
