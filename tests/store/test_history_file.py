from pathlib import Path

import numpy as np
import pytest

from smpp_router.store import history_file
from smpp_router.store.history_blocks import Marks, encode_block
from smpp_router.store.history_events import table_of
from smpp_router.store.history_file import Reader, Writer
from smpp_router.store.history_rows import TO, Entry
from smpp_router.store.seam import StoreFailedError

MARKS = Marks(b"k" * 16)


def number_of(message_id: int) -> bytes:
    return b"861380000000%d" % (message_id % 7)


def row_of(message_id: int) -> list[Entry]:
    return [(TO, 0, 0, b"\1\1" + number_of(message_id)), (33, 0, message_id, b"row %d" % message_id)]


def written(path: Path, ids: range, together: int = 10) -> Path:
    writer = Writer(path)
    for start in range(0, len(ids), together):
        part = ids[start : start + together]
        writer.add(encode_block(table_of((i, row_of(i)) for i in part), MARKS))
    for _ in writer.finish():
        pass
    return path


def test_every_row_is_found_by_its_id_and_no_other(tmp_path: Path) -> None:
    reader = Reader(written(tmp_path / "1.smh", range(100, 1_000, 3)))
    for i in range(90, 1_010):
        is_there = i in range(100, 1_000, 3)
        assert reader.find(i) == (row_of(i) if is_there else None)
    assert reader.blocks_of(np.array([50, 100, 103, 998, 2_000])) == [0]
    assert reader.blocks_of(np.array([130, 990])) == [1, 29]
    reader.close()


@pytest.mark.parametrize("sorted_max", [4, 1 << 18])
def test_a_number_is_found_in_just_the_blocks_that_have_it(
    tmp_path: Path, sorted_max: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history_file, "SORTED_MAX", sorted_max)
    reader = Reader(written(tmp_path / "1.smh", range(21), together=3))
    for number in range(7):
        blocks = sorted({message_id // 3 for message_id in range(number, 21, 7)})
        assert reader.blocks_with(MARKS.number(number_of(number))) == blocks
    assert reader.blocks_with(MARKS.number(b"8613900000009")) == []
    packed = reader.checked_numbers().tolist()
    assert packed == sorted(packed)
    del packed
    reader.close()


def test_blocks_that_may_have_a_mark_are_told(tmp_path: Path) -> None:
    reader = Reader(written(tmp_path / "1.smh", range(30)))
    assert reader.may_have(reader.mask(1)).tolist() == [True, True, True], "all are alike: incomplete"
    assert reader.may_have((1 << 256) - 1).tolist() == [False, False, False]


def test_a_file_that_is_not_finished_has_no_name_and_leaves_nothing(tmp_path: Path) -> None:
    writer = Writer(tmp_path / "1.smh")
    assert not (tmp_path / "1.smh").exists()
    writer.abandon()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("cut", [1, 30, 100])
def test_a_file_that_was_cut_is_refused(tmp_path: Path, cut: int) -> None:
    path = written(tmp_path / "1.smh", range(100))
    path.write_bytes(path.read_bytes()[:-cut])
    with pytest.raises(StoreFailedError, match=r"1\.smh: damaged"):
        Reader(path)
    path.write_bytes(b"short")
    with pytest.raises(StoreFailedError, match="too short"):
        Reader(path)


def test_damaged_numbers_are_refused_when_they_are_merged(tmp_path: Path) -> None:
    path = written(tmp_path / "1.smh", range(100))
    data = bytearray(path.read_bytes())
    at = int.from_bytes(data[-40:-32], "little")
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreFailedError, match="numbers"):
        Reader(path).checked_numbers()
