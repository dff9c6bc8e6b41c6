"""What the ticker of simulated carriers sleeps by: until something is due, or is scheduled meanwhile."""

import math

import trio


class Alarm:
    """When the ticker looks next by itself, and the way to have it look sooner."""

    def __init__(self) -> None:
        self._woken = trio.Event()
        self._waking_at = -math.inf

    def wake(self) -> None:
        """Have the ticker look at once, if it sleeps for longer than a tick."""
        self._woken.set()

    def wake_before(self, at: float) -> None:
        """Have the ticker look anew if it would sleep beyond `at`."""
        if at < self._waking_at:
            self._woken.set()

    async def sleep_until(self, due_at: float, now: float, tick_s: float) -> None:
        """Sleep until `due_at`, or for a tick if that is sooner.

        What is due soon is left to come together: waking costs more than what a message needs.
        """
        if due_at <= now + tick_s:
            await trio.sleep(tick_s)
            return
        self._waking_at = due_at
        self._woken = trio.Event()
        with trio.move_on_after(due_at - now):
            await self._woken.wait()
        self._waking_at = -math.inf
