"""Searches in threads, and changes that are waited for."""

import threading
from pathlib import Path

import pytest
import trio
import trio.testing
from trio.testing import MockClock

from smpp_router.console.console import SEARCHES_WAITING_MAX, Console
from smpp_router.console.values import BadRequest
from smpp_router.store.seam import StoreFailedError
from tests.router_fixtures import START, on_memory, serving


async def test_one_search_at_a_time_and_not_too_many_wait(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        assert world.store is not None
        console = Console(world.running, world.store, START)
        may_end = threading.Event()
        async with trio.open_nursery() as nursery:
            for _ in range(SEARCHES_WAITING_MAX + 1):
                nursery.start_soon(console.search, may_end.wait)
            await trio.testing.wait_all_tasks_blocked()
            with pytest.raises(BadRequest) as caught:
                await console.search(lambda: None)
            assert caught.value.status == 503
            may_end.set()
        assert await console.search(lambda: 5) == 5


async def test_files_that_cannot_be_read_are_told(tmp_path: Path) -> None:
    def look() -> None:
        raise StoreFailedError("000.log: missing")

    async with serving(tmp_path) as world:
        assert world.store is not None
        with pytest.raises(BadRequest, match=r"000\.log: missing"):
            await Console(world.running, world.store, START).search(look)


async def test_what_does_not_become_durable_is_told_so(tmp_path: Path, autojump_clock: MockClock) -> None:
    async with on_memory(tmp_path) as world:
        assert world.store is not None
        console = Console(world.running, world.store, START)
        with pytest.raises(BadRequest, match="not durable yet"):
            await console.durable(lambda: True)
        await console.durable(lambda: False)
