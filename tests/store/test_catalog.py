from itertools import pairwise
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
import trio
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.store import index, segments
from smpp_router.store.catalog import BODY_GUESS_BYTES, GAP_BYTES, SPAN_BYTES, Catalog, _spans
from smpp_router.store.fold import OFFSET_BITS
from smpp_router.store.seam import Batch, StoreFailedError
from tests.store.stores import MEMORY, accepted, final, message_of, open_store, settled, taken


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


@given(
    st.lists(
        st.sampled_from([1, 100, BODY_GUESS_BYTES, GAP_BYTES, GAP_BYTES + 9, SPAN_BYTES]),
        min_size=1,
        max_size=9,
    ),
    st.lists(st.integers(0, 8), max_size=12),
)
def test_bodies_are_read_back_in_any_order_and_as_often_as_asked(
    lengths: list[int], asked: list[int]
) -> None:
    async def main(path: Path) -> None:
        store = open_store(path, segment_bytes=400_000)
        store.load()
        messages = [message_of(at + 1, bytes([at]) * length) for at, length in enumerate(lengths)]
        for message in messages:
            await store.commit(Batch([message]))
        wanted = [messages[at % len(messages)] for at in asked]
        assert await store.bodies([m.handle for m in wanted]) == [m.body for m in wanted]
        await store.aclose()

    with TemporaryDirectory(dir=MEMORY if MEMORY.is_dir() else None) as name:
        trio.run(main, Path(name))


@given(st.lists(st.integers(0, 50 * SPAN_BYTES) | st.integers(0, 2 * GAP_BYTES), unique=True).map(sorted))
def test_reads_are_as_few_as_their_bounds_allow(offsets: list[int]) -> None:
    spans = list(_spans(offsets))
    assert [offset for span in spans for offset in span] == offsets
    for span in spans:
        assert span[-1] - span[0] <= SPAN_BYTES
        assert all(b - a <= GAP_BYTES for a, b in pairwise(span))
    for one, other in pairwise(spans):
        assert other[0] - one[-1] > GAP_BYTES or other[0] - one[0] > SPAN_BYTES


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


async def test_history_that_was_damaged_is_not_told(tmp_path: Path) -> None:
    store = open_store(tmp_path, segment_bytes=100)
    store.load()
    for batch in (accepted([1]), final([1], b""), accepted([2])):
        await store.commit(batch)
    path = segments.log_path(tmp_path, 1)
    good = path.read_bytes()
    for at in range(segments.HEAD_BYTES, len(good)):
        path.write_bytes(good[:at] + bytes([good[at] ^ 0xFF]) + good[at + 1 :])
        with pytest.raises(StoreFailedError, match=r"0000000001\.log: damaged at offset"):
            await store.finished([1])
    path.write_bytes(good[: segments.HEAD_BYTES + 5])
    with pytest.raises(StoreFailedError, match=r"0000000001\.log: damaged at offset"):
        await store.finished([1])
    path.write_bytes(good)
    assert (await store.finished([1]))[0] is not None
    await store.aclose()


async def test_an_index_that_leads_astray_is_noticed(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.load()
    for batch in (accepted([1, 2]), final([1, 2], b"")):
        await store.commit(batch)
    places = store._catalog.columns[1].places
    places[0] = places[1]
    with pytest.raises(StoreFailedError, match=r"0000000001\.log: index damaged"):
        await store.finished([1])
    await store.aclose()


def test_a_snapshot_does_not_change(tmp_path: Path) -> None:
    catalog = Catalog(tmp_path, {1: 100})
    snapshot = catalog.snapshot()
    catalog.forget(1)
    assert (catalog.sizes, snapshot.sizes) == ({}, {1: 100})
    assert segments.log_path(tmp_path, 1).name == "0000000001.log"
