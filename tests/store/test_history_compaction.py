from collections.abc import Generator
from pathlib import Path
from typing import TypeVar

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.store.history_blocks import Marks, encode_block
from smpp_router.store.history_compaction import Keeping, compact, gather, merge, once
from smpp_router.store.history_file import Reader, Writer
from smpp_router.store.history_rows import entries, marks_of, pack, unpack_received
from smpp_router.store.seam import ORPHANED, REPLACED, Batch
from tests.store.histories import KEEPING, at_of, id_of, life_of, message_of
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


def write(path: Path, ids: list[int], text: bytes) -> Path:
    writer = Writer(path)
    for start in range(0, len(ids), 5):
        rows = [(i, i % 9, pack(i, 33, 0.0, 0, text)) for i in ids[start : start + 5]]
        writer.add(encode_block(rows, MARKS), [row[1] for row in rows])
    done(writer.finish())
    return path


@settings(max_examples=60, deadline=None)
@given(st.lists(st.lists(st.integers(1, 60), min_size=1, max_size=25, unique=True), min_size=2, max_size=4))
def test_a_merge_has_each_message_once_with_all_that_is_told_of_it(
    tmp_path_factory: pytest.TempPathFactory, parts: list[list[int]]
) -> None:
    folder = tmp_path_factory.mktemp("merge")
    paths = [write(folder / f"{n}.smh", sorted(ids), b"%d" % n) for n, ids in enumerate(parts)]
    made, _ = done(merge(paths, folder / "all.smh", MARKS))
    reader = Reader(folder / "all.smh")
    found = [row for number in range(reader.blocks) for row in reader.rows(number).all()]
    assert [row[0] for row in found] == sorted(set().union(*parts))
    assert made.rows == len(found)
    for message_id, _, row in found:
        told = [event[3] for event in entries(message_id, row)]
        assert sorted(told) == [b"%d" % n for n, ids in enumerate(parts) if message_id in ids]
    numbers = range(reader.blocks)
    placed = {(row[1], number) for number in numbers for row in reader.rows(number).all() if row[1]}
    assert set(reader.hashes_by_block()) == placed
    reader.close()


def test_blocks_that_stand_apart_are_taken_as_they_are(tmp_path: Path) -> None:
    one = write(tmp_path / "1.smh", list(range(100)), b"a")
    two = write(tmp_path / "2.smh", list(range(200, 300)), b"b")
    done(merge([one, two], tmp_path / "3.smh", MARKS))
    reader, first = Reader(tmp_path / "3.smh"), Reader(one)
    assert [reader.data(n) for n in range(20)] == [first.data(n) for n in range(20)]
    assert reader.blocks_with(4) == sorted(
        {
            n
            for n in range(40)
            if any(i % 9 == 4 for i in (range(100), range(200, 300))[n // 20][n % 20 * 5 : n % 20 * 5 + 5])
        }
    )


async def test_a_segment_is_read_in_slices_and_no_text_is_taken(tmp_path: Path) -> None:
    store = open_store(tmp_path, segment_bytes=2_000_000)
    store.load()
    for start in range(0, 4_000, 50):
        for batch in life_of(range(start, start + 50)):
            await store.commit(batch)
    await store.aclose()
    rows: dict[int, bytes] = {}
    _, slices = done(gather(tmp_path, 1, KEEPING, rows))
    assert len(rows) == 4_000
    assert slices >= 3
    assert b"secret text" not in b"".join(rows.values())
    made, _ = done(compact(tmp_path, 1, tmp_path / "1.smh", MARKS, KEEPING))
    assert made is not None
    assert made.rows == 4_000
    assert Reader(tmp_path / "1.smh").find(id_of(7)) == rows[id_of(7)]


async def test_a_campaign_is_named_by_the_parameter_that_is_configured_and_else_by_service_type(
    tmp_path: Path,
) -> None:
    message = message_of(1)
    message.body = (
        b"CMT\0"
        + message.addresses
        + bytes.fromhex("000000 00 00 01 00 00 00 02")
        + b"hi"
        + bytes.fromhex("1500 0006")
        + b"spring"
    )
    store = open_store(tmp_path)
    store.load()
    await store.commit(Batch([message]))
    await store.aclose()
    for tag, campaign in ((None, "CMT"), (0x1500, "spring"), (0x1501, "CMT")):
        rows: dict[int, bytes] = {}
        done(gather(tmp_path, 1, Keeping(retention_s=1.0, campaign_tag=tag), rows))
        (row,) = rows.values()
        (event,) = entries(id_of(1), row)
        assert unpack_received(id_of(1), event[2], event[3]).campaign == campaign
        assert b"c" + campaign.encode() in set(marks_of(row))


async def test_receipts_without_a_message_and_new_texts_are_left_out(tmp_path: Path) -> None:
    store = open_store(tmp_path)
    store.load()
    replaced = (REPLACED, id_of(1), at_of(1), 1, b"new text")
    await store.commit(Batch([message_of(1)], [(ORPHANED, 0, at_of(1), 2, b"north\x005"), replaced]))
    await store.aclose()
    rows: dict[int, bytes] = {}
    done(gather(tmp_path, 1, KEEPING, rows))
    assert list(rows) == [id_of(1)]
    assert b"new text" not in rows[id_of(1)]


def test_what_two_rows_tell_alike_is_told_once() -> None:
    one, other = pack(5, 33, 0.0, 0, b"a"), pack(5, 33, 0.0, 0, b"b")
    assert once(5, [one, one + other]) == one + other
