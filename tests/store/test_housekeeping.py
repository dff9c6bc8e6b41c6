# Housekeeping over a long time: what it leaves in memory and in the directory does not grow with its rounds.
from pathlib import Path

from smpp_router.store import manifest
from smpp_router.store.seam import Batch
from tests.store.stores import accepted, final, message_of, open_store


async def test_a_message_that_stays_for_ever_takes_no_more_room_for_it(tmp_path: Path) -> None:
    store = open_store(tmp_path, segment_bytes=2_000, retention_s=0.0)
    store.load()
    stays = message_of(1)
    await store.commit(Batch([stays]))
    for first in range(2, 2_002, 40):
        await store.commit(accepted(range(first, first + 40)))
        await store.commit(final(range(first, first + 40), b""))
        for _ in range(4):
            await store.maintain(10.0)
        assert await store.bodies([stays.handle]) == [stays.body]
    assert store.statistics()["carried"] > 10
    assert len(store._moved) == 1
    await store.commit(final([1], b""))
    for first in range(2_002, 3_002, 40):
        await store.commit(accepted(range(first, first + 40)))
        await store.commit(final(range(first, first + 40), b""))
        for _ in range(4):
            await store.maintain(10.0)
    assert store._moved == {}
    await store.aclose()


async def test_housekeeping_keeps_up_with_a_full_load(tmp_path: Path) -> None:
    """One in twenty messages stays, in 2 MB of bodies a segment: each maintain() is done with a segment."""
    store = open_store(tmp_path, segment_bytes=30_000_000, retention_s=0.0)
    store.load()
    for first in range(1, 3_001, 100):
        ids = range(first, first + 100)
        await store.commit(Batch([message_of(i, bytes(20_000)) for i in ids]))
        await store.commit(final([i for i in ids if i % 20], b""))
    closed = store.statistics()["segments"] - 1
    assert closed >= 2
    for _ in range(int(closed)):
        await store.maintain(10.0)
    assert store.statistics()["replay_segments"] == 1
    assert store.statistics()["carried"] >= 100
    await store.aclose()


async def test_the_manifest_forgets_segments_that_are_gone(tmp_path: Path) -> None:
    (tmp_path / "manifest").write_text('{"replay_from": 1, "retired": {"99": 5.0}}', "ascii")
    store = open_store(tmp_path, segment_bytes=100)
    store.load()
    for batch in (accepted([1]), final([1], b""), accepted([2])):
        await store.commit(batch)
    for _ in range(3):
        await store.maintain(10.0)
    assert list(manifest.read(tmp_path).retired) == [1]
    await store.aclose()
