import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.store import index
from smpp_router.store.index import PLACE_BITS, RUN, Bounds, Columns, FinalEntry, Index, IndexFile

ids = st.integers(0, (1 << 63) - 1)
frames = st.lists(st.lists(ids, min_size=1, max_size=8, unique=True), max_size=8)
finals = st.dictionaries(ids, st.tuples(st.floats(0, 4e9), st.integers(0, 0xFFFFFFFF)), max_size=40)


def pack(numbers: list[int]) -> bytes:
    return b"".join(number.to_bytes(8, sys.byteorder) for number in numbers)


def columns_of(frames: list[list[int]], finals: dict[int, FinalEntry]) -> tuple[Columns, dict[int, int]]:
    columns = Columns()
    places: dict[int, int] = {}
    for number, frame in enumerate(frames):
        fresh = [message_id for message_id in frame if message_id not in places]
        columns.add_accepted(pack(fresh), len(fresh), number * 100)
        places |= {i: number * 100 << PLACE_BITS | at for at, i in enumerate(fresh)}
    entries = list(finals.values())
    columns.add_finals(pack(list(finals)), [at for at, _ in entries], [code for _, code in entries])
    return columns, places


def check(found: Index, places: dict[int, int], finals: dict[int, FinalEntry], others: list[int]) -> None:
    for message_id in [*places, *finals, *others]:
        assert found.place(message_id) == places.get(message_id)
        assert found.final(message_id) == finals.get(message_id)


@given(frames, finals, st.lists(ids, max_size=5))
def test_an_index_finds_what_was_entered(
    frames: list[list[int]], finals: dict[int, FinalEntry], others: list[int]
) -> None:
    columns, places = columns_of(frames, finals)
    check(columns, places, finals, others)
    with TemporaryDirectory() as name:
        directory = Path(name)
        bounds = index.write(directory, 7, columns)
        assert index.read_bounds(directory, 7) == bounds
        assert (bounds.accepted_min, bounds.accepted_max) == (min(places, default=1), max(places, default=0))
        assert (bounds.final_min, bounds.final_max) == (min(finals, default=1), max(finals, default=0))
        file = IndexFile(directory, 7)
        check(file, places, finals, others)
        file.close()


def test_an_index_of_several_runs_finds_all(tmp_path: Path) -> None:
    shuffled = [number * 7919 % 10_007 for number in range(2 * RUN + 5)]
    columns, places = columns_of([shuffled], dict.fromkeys(shuffled, (1.0, 2)))
    index.write(tmp_path, 1, columns)
    file = IndexFile(tmp_path, 1)
    check(file, places, dict.fromkeys(shuffled, (1.0, 2)), [10_007, 1 << 62])
    file.close()


def test_an_id_is_not_found_across_two_others() -> None:
    columns = Columns()
    columns.add_finals(pack([0x0102030405060708, 0x1112131415161718]), [0.0, 0.0], [0, 0])
    straddling = int.from_bytes(columns.final_ids[4:12], sys.byteorder)
    assert columns.final(straddling) is None


def test_an_index_that_is_not_whole_is_none(tmp_path: Path) -> None:
    assert index.read_bounds(tmp_path, 1) is None
    columns, _ = columns_of([[5, 6]], {})
    assert index.write(tmp_path, 1, columns) == Bounds(5, 6, 1, 0)
    path = index.index_path(tmp_path, 1)
    data = path.read_bytes()
    flipped = [bytes([*data[:at], data[at] ^ 1, *data[at + 1 :]]) for at in range(60)]
    for damaged in (b"", data[:20], data[:-1], *flipped):
        path.write_bytes(damaged)
        assert index.read_bounds(tmp_path, 1) is None


def test_a_file_that_can_not_be_written_leaves_the_old_one(tmp_path: Path) -> None:
    path = tmp_path / "file"
    index.replace_file(path, b"old")
    (tmp_path / "file.new").mkdir()
    with pytest.raises(IsADirectoryError):
        index.replace_file(path, b"new")
    assert path.read_bytes() == b"old"
