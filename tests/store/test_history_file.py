from pathlib import Path

import pytest

from smpp_router.store.history_blocks import Marks, encode_block
from smpp_router.store.history_file import Reader, Writer
from smpp_router.store.history_rows import pack
from smpp_router.store.seam import StoreFailedError

MARKS = Marks(b"k" * 16)


def written(path: Path, ids: range, together: int = 10) -> Path:
    """A file of rows, each with its id for a number's hash."""
    writer = Writer(path)
    for batch in chunks(ids, together):
        rows = [(i, i % 7, pack(i, 33, 0.0, i, b"row %d" % i)) for i in batch]
        writer.add(encode_block(rows, MARKS), [row[1] for row in rows])
    for _ in writer.finish():
        pass
    return path


def chunks(ids: range, together: int) -> list[range]:
    return [ids[start : start + together] for start in range(0, len(ids), together)]


def test_every_row_is_found_by_its_id_and_no_other(tmp_path: Path) -> None:
    reader = Reader(written(tmp_path / "1.smh", range(100, 1_000, 3)))
    for i in range(90, 1_010):
        is_there = i in range(100, 1_000, 3)
        assert reader.find(i) == (pack(i, 33, 0.0, i, b"row %d" % i) if is_there else None)
    reader.close()


def test_a_number_is_found_in_just_the_blocks_that_have_it(tmp_path: Path) -> None:
    reader = Reader(written(tmp_path / "1.smh", range(21), together=3))
    assert reader.blocks_with(4) == [1, 3, 6]
    assert reader.blocks_with(0) == [], "0 is for rows without a number"
    assert reader.blocks_with(9) == []
    assert sorted(reader.hashes_by_block())[:2] == [(1, 0), (1, 2)]
    reader.close()


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
    at = int.from_bytes(data[-36:-28], "little")
    data[at] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreFailedError, match="numbers"):
        list(Reader(path).hashes_by_block())
