"""What the parts of the API have in common: the running router, its store, and threads for long searches."""

from collections.abc import Callable
from typing import Final, TypeVar

import attrs
import trio

from smpp_router.console.values import BadRequest
from smpp_router.net.router import Running
from smpp_router.store.seam import Store, StoreFailedError

SEARCHES_WAITING_MAX: Final = 8
"""Searches that may wait for the one that is under way."""
DURABLE_S: Final = 10.0
"""For a change to become durable: a hundred times what a slow disk takes."""

T = TypeVar("T")


@attrs.define(eq=False)
class Console:
    """A running router, as its API sees it."""

    running: Running
    store: Store
    started_at: float
    _limiter: trio.CapacityLimiter = attrs.Factory(lambda: trio.CapacityLimiter(1))
    _searches: int = 0

    async def search(self, look: Callable[[], T]) -> T:
        """Run a search of files in a thread, one at a time. Raises BadRequest."""
        if self._searches > SEARCHES_WAITING_MAX:
            raise BadRequest(503, "too many searches at once")
        self._searches += 1
        try:
            # A stop does not wait for a search: it changes nothing.
            return await trio.to_thread.run_sync(look, abandon_on_cancel=True, limiter=self._limiter)
        except StoreFailedError as error:
            raise BadRequest(503, f"the store's files: {error}") from None
        finally:
            self._searches -= 1

    async def durable(self, is_staged: Callable[[], bool]) -> None:
        """Wait until what was staged is durable. Raises BadRequest: it is in force, and not durable."""
        with trio.move_on_after(DURABLE_S):
            await self.running.committer.until_durable(is_staged)
            return
        raise BadRequest(503, "in force, but not durable yet: the store takes nothing; ask again")
