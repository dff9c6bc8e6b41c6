# What hours have stopped at the door of a carrier (hours_door.py) goes to another carrier of its plan that
# may have it now, or waits for the first of them to open. It was no attempt.
#
# Rule 1: nothing about it is stored: after a restart it comes to a door again.
# Rule 2: where its validity ends before, it ends EXPIRED then, as whatever else waits for its time.
"""Keeping messages for the hours at which they may leave."""

from math import ceil
from typing import Final

from smpp_router.compliance.screener import Screener
from smpp_router.core.carriers import BODIES_IN_MEMORY_MAX, Carrier
from smpp_router.core.hours_door import Door, HoursKept
from smpp_router.core.retries import Retries
from smpp_router.message.lifecycle import PUT_OFF
from smpp_router.message.message import Message
from smpp_router.store.seam import Note

WAIT_TOLD_MAX_S: Final = 0xFFFF_FFFF
"""What a note has room for."""
LOOK_AGAIN_S: Final = 60.0
"""Where a carrier that is not up could have a message by its hours, so long another one keeps it.
That it goes on waiting so is not told each time: a night has hundreds of them."""


class QuietHours:
    """The doors of all carriers, and what was stopped at them."""

    def __init__(self, screener: Screener, retries: Retries) -> None:
        self.put_off_count = 0
        self._retries = retries
        self._doors: dict[str, Door] = {}
        self.use(screener)

    def use(self, screener: Screener) -> None:
        """Go by a screener's configuration, and by those of all carriers, from now on."""
        kept = HoursKept(screener, self._retries.ending.bundles)
        self._doors.clear()
        for name, carrier in self._retries.carriers.items():
            carrier.door = self._doors[name] = Door(kept, carrier.config.marketing_hours)

    def put_off(self, carrier: Carrier, now: float) -> list[Note]:
        """See to what was stopped at a carrier's door; return what is to be told of it."""
        door = self._doors[carrier.name]
        stopped, door.stopped = door.stopped, []
        waiting: list[Message] = []
        told: dict[int, list[int]] = {}
        for message in stopped:
            other, opening = self._elsewhere(message, now)
            if other is not None:
                self._retries.move(message, other, now)
                continue
            is_told = message.is_paused and opening <= now + LOOK_AGAIN_S
            message.is_paused = True
            message.not_before = opening
            if message.handle and self._retries.paused + len(waiting) >= BODIES_IN_MEMORY_MAX:
                message.body = None
            waiting.append(message)
            if not is_told:
                told.setdefault(min(ceil(opening - now), WAIT_TOLD_MAX_S), []).append(message.message_id)
        self.put_off_count += len(waiting)
        self._retries.place(waiting, now)
        name = carrier.name.encode()
        return [(PUT_OFF, ids, now, seconds, name) for seconds, ids in told.items()]

    def _elsewhere(self, message: Message, now: float) -> tuple[Carrier | None, float]:
        """Return the first carrier of a plan that may have a message now; where none, when to ask again."""
        openings: list[float] = []
        for name in message.plan:
            door, carrier = self._doors.get(name), self._retries.carriers.get(name)
            if door is None or carrier is None:
                continue
            opening = door.opens_at(message, now)
            if opening <= now:
                if self._retries.may_have(carrier, message):
                    return carrier, now
                opening = now + LOOK_AGAIN_S
            openings.append(opening)
        return None, min(openings, default=now + LOOK_AGAIN_S)
