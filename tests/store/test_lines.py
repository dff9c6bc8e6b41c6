"""Files of lines: what is read beside whoever appends."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.store.lines import PIECE_ROWS, LineLog, decoded, encoded, read_beside
from smpp_router.store.seam import StoreFailedError


def appended(path: Path, *values: object) -> None:
    log = LineLog(path, "value")
    log.load()
    for value in values:
        log.append(value)
    log.close()


def test_lines_with_what_is_looked_for_are_read_and_others_are_not_looked_into(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    appended(path, ["8613900000001", "shop"], ["8613900000002", "shop"], ["x", "bank"])
    assert list(read_beside(path, ("shop",))) == [["8613900000001", "shop"], ["8613900000002", "shop"]]
    assert list(read_beside(path, ("shop", "8613900000002"))) == [["8613900000002", "shop"]]
    assert len(list(read_beside(path))) == 3
    assert list(read_beside(path, ("8613900000",))) == [], "a part of a value is not the value"


def test_a_line_that_is_being_written_is_not_there_yet(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    appended(path, ["whole"])
    with path.open("ab") as file:
        file.write(encoded(["half"])[:-3])
    assert list(read_beside(path)) == [["whole"]]
    assert list(read_beside(tmp_path / "none")) == []


def test_a_damaged_line_before_others_is_told(tmp_path: Path) -> None:
    path = tmp_path / "a.log"
    appended(path, ["first"], ["second"])
    octets = bytearray(path.read_bytes())
    octets[12] ^= 1
    path.write_bytes(octets)
    with pytest.raises(StoreFailedError, match=r"a\.log: damaged at offset 0"):
        list(read_beside(path))
    with pytest.raises(StoreFailedError, match="not a value"):
        appended(path)


VALUES = st.text() | st.integers() | st.booleans() | st.floats(allow_nan=False)


@given(st.lists(st.lists(VALUES, max_size=4), max_size=5))
def test_lists_of_lists_are_read_as_json_has_them(value: list[list[object]]) -> None:
    line = encoded(value)
    assert decoded(line[:-1]) == value == json.loads(line[9:])


def test_another_checksum_is_no_line() -> None:
    with pytest.raises(ValueError, match="checksum"):
        decoded(b"00000000 [1]")


@pytest.mark.parametrize("count", [1, 2, PIECE_ROWS - 1, PIECE_ROWS, PIECE_ROWS + 1, 3 * PIECE_ROWS])
def test_a_long_list_is_one_line_of_json_in_however_many_pieces(tmp_path: Path, count: int) -> None:
    path = tmp_path / "a.log"
    log = LineLog(path, "value")
    log.load()
    rows = [[number, "按客户要求"] for number in range(count)]
    log.append_all(iter(rows))
    log.append(rows)
    log.close()
    first, second = path.read_bytes().splitlines(keepends=True)
    assert first == second == encoded(rows)
    assert json.loads(first[9:]) == rows
    assert list(read_beside(path)) == [rows, rows]
