# Where the store's file work runs. Commits and reads: in a worker thread, so that the event loop goes on
# while the disk works, or on the event loop itself, for machines whose single core a thread would only fight
# over, and for a virtual clock, which does not wait for threads. Housekeeping, which nobody waits for: in a
# worker thread too, and on the event loop for a virtual clock only.
#
# Each hand-over of the interpreter between threads can cost a commit a switch interval. So a piece of work
# is one function that makes few calls which release the interpreter: for a commit one write, one fdatasync.
"""Running the store's blocking work under trio, and its clock."""

from collections.abc import Callable
from typing import Final, TypeVar

import trio

THREADS_MAX: Final = 3
"""A commit, a read and a piece of housekeeping; the store never waits for others' threads."""

T = TypeVar("T")


class Runner:
    """Runs functions for the store.

    `turn` is held by whoever appends to the journal, `housekeeping` by whoever retires segments.
    """

    def __init__(self, *, is_threaded: bool, is_aside_threaded: bool = True) -> None:
        self._is_threaded = is_threaded
        self._is_aside_threaded = is_aside_threaded
        self._limiter = trio.CapacityLimiter(THREADS_MAX)
        self.turn = trio.Lock()
        self.housekeeping = trio.Lock()

    async def run(self, function: Callable[..., T], *args: object) -> T:
        """Do a part of a commit, or a read, to its end, whatever is cancelled meanwhile."""
        return await self._run(self._is_threaded, function, *args)

    async def run_aside(self, function: Callable[..., T], *args: object) -> T:
        """Do anything else to its end, whatever is cancelled meanwhile."""
        return await self._run(self._is_aside_threaded, function, *args)

    async def _run(self, is_threaded: bool, function: Callable[..., T], *args: object) -> T:
        if is_threaded:
            return await trio.to_thread.run_sync(function, *args, limiter=self._limiter)
        await trio.lowlevel.checkpoint()
        return function(*args)

    def now(self) -> float:
        """Seconds on trio's clock, for intervals only."""
        return trio.current_time()
