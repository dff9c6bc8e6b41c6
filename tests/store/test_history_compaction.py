from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.store import history_compaction
from smpp_router.store.history_blocks import Marks, encode_block
from smpp_router.store.history_compaction import compact, gather, merge
from smpp_router.store.history_events import table_of
from smpp_router.store.history_file import Reader, Writer
from smpp_router.store.history_rows import TO, Entry
from tests.store.histories import KEEPING, id_of, life_of
from tests.store.stores import open_store

T = TypeVar("T")
MARKS = Marks(b"k" * 16)


def done(steps: Generator[None, None, T]) -> tuple[T, int]:
    """What the steps come to, and how many they were."""
    count = 0
    while True:
        try:
            next(steps)
        except StopIteration as stopped:
            return stopped.value, count
        count += 1


def number_of(message_id: int) -> bytes:
    return b"8613800%d" % (message_id % 9)


def row_of(message_id: int, text: bytes) -> list[Entry]:
    return [(TO, 0, 0, b"\1\1" + number_of(message_id)), (33, 0, 0, text)]


def write(path: Path, ids: list[int], text: bytes, together: int = 5) -> Path:
    writer = Writer(path)
    for start in range(0, len(ids), together):
        table = table_of((i, row_of(i, text)) for i in ids[start : start + together])
        writer.add(encode_block(table, MARKS))
    done(writer.finish())
    return path


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=25, unique=True), min_size=2, max_size=4),
    st.sampled_from([1, 8, 8192]),
)
def test_a_merge_has_each_message_once_with_all_that_is_told_of_it(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]], pool_rows: int
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    paths = [write(folder / f"{n}.smh", sorted(ids), b"%d" % n) for n, ids in enumerate(parts)]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(history_compaction, "POOL_ROWS", pool_rows)
        made, _ = done(merge(paths, folder / "all.smh", MARKS))
    reader = Reader(folder / "all.smh")
    found = [entry for number in range(reader.blocks) for entry in reader.rows(number).events.rows()]
    assert [row[0] for row in found] == sorted(set().union(*parts))
    assert (made.rows, made.first_id, made.last_id) == (len(found), found[0][0], found[-1][0])
    for message_id, row in found:
        told = [entry[3] for entry in row if entry[0] == 33]
        assert sorted(told) == [b"%d" % n for n, ids in enumerate(parts) if message_id in ids]
        assert reader.find(message_id) == row
    for n in range(9):
        blocks = [b for b in range(reader.blocks) if any(i % 9 == n for i in reader.rows(b).ids.tolist())]
        assert reader.blocks_with(MARKS.number(number_of(n))) == blocks
    reader.close()


def test_blocks_that_stand_apart_are_taken_as_they_are(tmp_path: Path) -> None:
    one = write(tmp_path / "1.smh", list(range(100)), b"a")
    two = write(tmp_path / "2.smh", list(range(200, 300)), b"b")
    done(merge([one, two], tmp_path / "3.smh", MARKS))
    reader, first, second = Reader(tmp_path / "3.smh"), Reader(one), Reader(two)
    assert reader.blocks == 40
    assert [reader.data(n) for n in range(20)] == [first.data(n) for n in range(20)]
    assert [reader.data(n) for n in range(20, 40)] == [second.data(n) for n in range(20)]


def test_rows_of_blocks_that_overlap_fill_new_blocks(tmp_path: Path) -> None:
    paths = [write(tmp_path / f"{n}.smh", list(range(n, 4_000, 4)), b"%d" % n, together=50) for n in range(4)]
    made, slices = done(merge(paths, tmp_path / "all.smh", MARKS))
    assert made.rows == 4_000
    assert Reader(tmp_path / "all.smh").blocks == 8
    assert slices > 10


async def test_a_segment_is_read_in_slices(tmp_path: Path) -> None:
    store = open_store(tmp_path, segment_bytes=2_000_000)
    store.load()
    for start in range(0, 6_000, 50):
        for batch in life_of(range(start, start + 50)):
            await store.commit(batch)
    await store.aclose()
    events, slices = done(gather(tmp_path, 1, KEEPING))
    assert events is not None
    rows = dict(events.rows())
    assert len(rows) == 6_000
    assert slices >= 2
    made, slices = done(compact(tmp_path, 1, tmp_path / "1.smh", MARKS, KEEPING))
    assert made is not None
    assert made.rows == 6_000
    assert slices >= 5
    assert Reader(tmp_path / "1.smh").find(id_of(7)) == rows[id_of(7)]


async def test_a_segment_that_tells_of_no_message_makes_no_file(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.load()
    await store.aclose()
    made, _ = done(compact(tmp_path, 1, tmp_path / "1.smh", MARKS, KEEPING))
    assert made is None
    assert not (tmp_path / "1.smh").exists()
