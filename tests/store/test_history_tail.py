from pathlib import Path

import numpy as np
import pytest

from smpp_router.store import history_tail
from smpp_router.store.history_blocks import Marks
from smpp_router.store.history_tail import Tail, TailWriter, tail_path
from smpp_router.store.segments import HEAD_BYTES, frames, log_path, mapped, read_head
from tests.store.histories import id_of, life_of, number_of
from tests.store.stores import open_store

MARKS = Marks(b"k" * 16)
COUNT = 400


@pytest.fixture
async def directory(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A store with some lives in its one segment, of which a chunk has about a tenth."""
    store = open_store(tmp_path, segment_bytes=10_000_000)
    store.load()
    for start in range(0, COUNT, 5):
        for batch in life_of(range(start, start + 5)):
            await store.commit(batch)
    await store.aclose()
    monkeypatch.setattr(history_tail, "CHUNK_BYTES", log_path(tmp_path, 1).stat().st_size // 10)
    return tmp_path


def followed(directory: Path, *, is_closed: bool = False) -> tuple[Tail, int]:
    size = log_path(directory, 1).stat().st_size
    TailWriter(directory, directory, MARKS).follow(1, size, is_closed=is_closed)
    tail = Tail()
    tail.refresh(directory, 1)
    return tail, size


async def test_chunks_follow_one_another_and_reach_the_end_of_a_closed_segment(directory: Path) -> None:
    tail, size = followed(directory)
    assert 8 <= len(tail.chunks) <= 10
    assert tail.end < size
    starts = [HEAD_BYTES, *(chunk.end for chunk in tail.chunks)]
    assert [chunk.start for chunk in tail.chunks] == starts[:-1]
    assert followed(directory, is_closed=True)[0].end == size


async def test_each_chunk_tells_of_just_the_messages_that_its_frames_tell_of(directory: Path) -> None:
    tail, _ = followed(directory, is_closed=True)
    with mapped(directory, 1) as view:
        salt = read_head(log_path(directory, 1), view, 1).salt
        for n in range(0, COUNT, 13):
            octets = id_of(n).to_bytes(8, "little")
            places = [
                (chunk.start, chunk.end)
                for chunk in tail.chunks
                if any(octets in bytes(view[s:e]) for s, e in frames(view[: chunk.end], salt, chunk.start))
            ]
            assert places
            assert tail.with_ids(np.array([id_of(n)])) == places
            assert set(tail.with_number(MARKS.number(number_of(n)))) <= set(places)
            assert len(tail.with_number(MARKS.number(number_of(n)))) == 1
    assert tail.with_ids(np.array([id_of(9_999)])) == []
    assert tail.with_number(MARKS.number(b"4917200001")) == []


async def test_it_is_followed_piece_by_piece_and_read_so(directory: Path) -> None:
    whole, size = followed(directory, is_closed=True)
    writer, tail = TailWriter(directory, directory, MARKS), Tail()
    with mapped(directory, 1) as view:
        ends = [end for _, end in frames(view, read_head(log_path(directory, 1), view, 1).salt)]
    for until in ends[::3]:
        writer.follow(1, until, is_closed=False)
        tail.refresh(directory, 1)
    writer.follow(1, size, is_closed=True)
    tail.refresh(directory, 1)
    assert tail.end == size
    assert len(tail.chunks) == len(whole.chunks)
    assert all((a.ids == b.ids).all() for a, b in zip(tail.chunks, whole.chunks, strict=True))


@pytest.mark.parametrize("at", [3, 20, 60, -1])
async def test_a_chunk_that_is_damaged_or_cut_is_not_believed_nor_what_follows_it(
    directory: Path, at: int
) -> None:
    tail, _ = followed(directory)
    path = tail_path(directory, 1)
    data = bytearray(path.read_bytes())
    data[at] ^= 1
    path.write_bytes(data)
    damaged = Tail()
    damaged.refresh(directory, 1)
    assert len(damaged.chunks) == (0 if at >= 0 else len(tail.chunks) - 1)
    path.write_bytes(bytes(len(data)))
    zeroed = Tail()
    zeroed.refresh(directory, 1)
    assert zeroed.end == HEAD_BYTES


async def test_messages_of_a_stretch_of_time_are_in_the_chunks_that_are_named(directory: Path) -> None:
    tail, _ = followed(directory, is_closed=True)
    assert tail.between(0, id_of(0)) == []
    assert tail.between(id_of(COUNT), 1 << 62) == []
    assert tail.between(id_of(0), id_of(1)) == [(tail.chunks[0].start, tail.chunks[0].end)]
    assert len(tail.between(0, 1 << 62)) == len(tail.chunks)


async def test_it_goes_when_it_is_forgotten(directory: Path) -> None:
    writer = TailWriter(directory, directory, MARKS)
    writer.follow(1, log_path(directory, 1).stat().st_size, is_closed=True)
    assert tail_path(directory, 1).exists()
    writer.forget(1)
    assert not tail_path(directory, 1).exists()
    tail = Tail()
    tail.refresh(directory, 1)
    assert tail.end == HEAD_BYTES
