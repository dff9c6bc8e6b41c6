# How messages that a simulated carrier has taken come to their end.
#
#   add() ----------> schedule ----------------------------------tick()--> final state, receipt
#   radio network (on_air.py) --signals--------------------------tick()--> final state, receipt
#   delete() -------> this pass ----------------------------------end()--> DELETED, receipt
#
# A message ends exactly once. What was scheduled for one that has ended, or whose end was moved, is passed
# over.
"""The ends of a simulated carrier's messages."""

import math
from collections.abc import Iterable

from simulators.interception import Interceptor
from simulators.messages import Held, Messages
from simulators.on_air import OnAir
from simulators.passing import Pass
from simulators.profile import CarrierProfile
from simulators.schedule import Schedule
from simulators.sending import Sending
from smpp_router.wire import constants as c


class Endings:
    """When each message ends, and what is told of it then or on the way there."""

    def __init__(self, messages: Messages, sending: Sending, on_air: OnAir | None) -> None:
        self._messages = messages
        self._sending = sending
        self._on_air = on_air
        self._intermediates: Schedule[Held] = Schedule()
        self._ends: Schedule[Held] = Schedule()

    def next_at(self) -> float:
        """Return when tick() has something to do next; math.inf if nothing is scheduled."""
        return min(
            self._ends.next_at(),
            self._intermediates.next_at(),
            math.inf if self._on_air is None else self._on_air.network.next_at(),
        )

    def add(self, this: Pass, held: Held, response_s: float) -> None:
        """Have a message that is in no radio network end at its `ends_at`, halfway told of if it asks."""
        if held.ends_at <= this.now:
            this.ended.append(held)
            return
        self._ends.add(held.ends_at, held)
        if held.registered_delivery & c.INT_NOTIFICATION_REQUESTED:
            self._intermediates.add((this.now + response_s + held.ends_at) / 2, held)

    def delete(self, this: Pass, unwanted: Iterable[Held]) -> int:
        """End messages as DELETED that no handset has yet; return how many these are."""
        on_air = self._on_air
        deleted = [held for held in unwanted if on_air is None or on_air.cancel(held, this.now)]
        for held in deleted:
            held.outcome, held.error_code, held.ends_at = c.DELETED, 0, this.now
        this.ended += deleted
        return len(deleted)

    def replace(self, held: Held, has_moved: bool, now: float) -> bool:
        """Heed that a message says something else, or ends at another time; return whether it still could."""
        if held.is_on_air:
            assert self._on_air is not None
            return self._on_air.replace(held, now)
        if has_moved:
            self._ends.add(held.ends_at, held)
        return True

    def tick(self, profile: CarrierProfile, interceptor: Interceptor | None, now: float) -> None:
        """Do what is due."""
        for held in self._intermediates.due(now):
            if not held.has_ended:
                self._sending.notify(held, now)
        self.end(self._ends.due(now), interceptor, now)
        if self._on_air is not None:
            self.end(self._on_air.tick(profile, interceptor, now), interceptor, now)

    def end(self, ended: list[Held], interceptor: Interceptor | None, now: float) -> None:
        """Give messages their final states, and their receipts, unless they have ended before."""
        # Once each: a message that ends at once may have been cancelled in the same pass.
        ending = list(dict.fromkeys(held for held in ended if not held.has_ended and held.ends_at <= now))
        if not ending:
            return
        self._sending.receipts(ending, now)
        for held in ending:
            self._messages.end(held, held.outcome, now)
            if interceptor is not None and held.is_delivered:
                interceptor.delivered(held.source_addr, now)
