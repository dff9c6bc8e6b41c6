from pathlib import Path

import pytest

from smpp_router.store import index, segments
from smpp_router.store.catalog import BODY_GUESS_BYTES, Catalog
from smpp_router.store.fold import OFFSET_BITS
from smpp_router.store.seam import Batch, StoreFailedError
from tests.store.stores import accepted, final, message_of, open_store, settled, taken


@pytest.mark.parametrize("length", [1, BODY_GUESS_BYTES - 1, BODY_GUESS_BYTES, BODY_GUESS_BYTES + 1, 65_536])
async def test_bodies_of_any_length_are_read_back(tmp_path: Path, length: int) -> None:
    store = open_store(tmp_path)
    store.load()
    messages = [message_of(number, bytes([number]) * length) for number in (1, 2, 3)]
    await store.commit(Batch(messages))
    handles = [messages[at].handle for at in (2, 0, 2, 1)]
    assert await store.bodies(handles) == [bytes([number]) * length for number in (3, 1, 3, 2)]
    assert await store.bodies([]) == []
    await store.aclose()


async def test_a_body_whose_segment_is_gone_fails_by_name(tmp_path: Path) -> None:
    with pytest.raises(StoreFailedError, match=r"0000000009\.log"):
        Catalog(tmp_path).bodies([9 << OFFSET_BITS])


async def test_finished_messages_are_found_in_memory_and_in_files(tmp_path: Path) -> None:
    store = open_store(tmp_path, segment_bytes=2_000, retention_s=1000.0)
    store.load()
    for first in range(1, 200, 20):
        ids = range(first, first + 20)
        for batch in (accepted(ids), taken(ids), final(ids), settled(ids)):
            await store.commit(batch)
    before = await store.finished(range(250))
    assert [f is not None for f in before] == [1 <= number <= 200 for number in range(250)]
    for _ in range(60):
        await store.maintain(10.0)
    assert store.statistics()["replay_segments"] < store.statistics()["segments"] / 4
    assert await store.finished(range(250)) == before
    await store.aclose()
    store = open_store(tmp_path, segment_bytes=2_000, retention_s=1000.0)
    store.load()
    assert await store.finished(range(250)) == before
    await store.aclose()


async def test_a_lost_index_fails_by_name(tmp_path: Path) -> None:
    store = open_store(tmp_path, segment_bytes=100)
    store.load()
    for batch in (accepted(range(20)), final(range(10)), settled([1])):
        await store.commit(batch)
    for _ in range(3):
        await store.maintain(10.0)
    index.index_path(tmp_path, 2).unlink()
    with pytest.raises(StoreFailedError, match=r"0000000002\.log"):
        await store.finished([3])
    await store.aclose()


def test_a_snapshot_does_not_change(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, {1: 100})
    snapshot = catalog.snapshot()
    catalog.forget(1)
    assert (catalog.sizes, snapshot.sizes) == ({}, {1: 100})
    assert segments.log_path(tmp_path, 1).name == "0000000001.log"
