"""What carriers have not taken yet of what happened to their messages."""

import math
from typing import Final

from simulators.radio import MobileOriginated, Signal

WAITING_MAX: Final = 1_000_000
"""Events that wait for one carrier; beyond it those that end no message are lost, and counted."""


class Outbox:
    """Signals and mobile-originated messages by carrier, in order."""

    __slots__ = ("_first_at", "_waiting", "lost")

    def __init__(self) -> None:
        self.lost = 0
        self._waiting: dict[str, list[Signal | MobileOriginated]] = {}
        self._first_at = math.inf

    def next_at(self) -> float:
        """Return when the first of them happened; math.inf if there is none."""
        return self._first_at

    def tell(self, carrier: str, event: Signal | MobileOriginated) -> None:
        """Keep an event for a carrier."""
        waiting = self._waiting.get(carrier)
        if waiting is None:
            self._waiting[carrier] = [event]
            self._first_at = min(self._first_at, event.at)
        elif len(waiting) < WAITING_MAX or (isinstance(event, Signal) and event.message_state):
            waiting.append(event)
        else:
            self.lost += 1

    def take(self, carrier: str) -> list[Signal | MobileOriginated]:
        """Hand out a carrier's events."""
        events = self._waiting.pop(carrier, None)
        if events is None:
            return []
        self._first_at = min((waiting[0].at for waiting in self._waiting.values()), default=math.inf)
        return events
