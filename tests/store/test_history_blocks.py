import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message.lifecycle import FINAL, RECEIVED
from smpp_router.store.history_blocks import BYTES_MAX, ROWS_MAX, Marks, blocks_of, decode_block, encode_block
from smpp_router.store.history_events import table_of
from smpp_router.store.history_rows import INCOMPLETE, TEXT, TO, Entry, mark_of_state
from smpp_router.store.seam import StoreFailedError

MARKS = Marks(b"k" * 16)
entries = st.tuples(
    st.sampled_from([1, 2, 33, 34, 40]),
    st.integers(0, (1 << 32) - 1),
    st.integers(0, (1 << 32) - 1),
    st.binary(max_size=20),
)
rows = st.dictionaries(
    st.integers(0, (1 << 63) - 1), st.lists(entries, min_size=1, max_size=6), min_size=1, max_size=30
)
BEGUN = b"bank\0otp\0spring\0\x05\0Company\0"


def life(state: int | None = 2, number: bytes = b"8613800000001") -> list[Entry]:
    row: list[Entry] = [(RECEIVED, 0, 1, BEGUN), (TO, 0, 0, b"\1\1" + number)]
    return row if state is None else [*row, (FINAL, 9, state, b"")]


@given(rows)
def test_a_block_is_read_as_it_was_written(told: dict[int, list[Entry]]) -> None:
    block = encode_block(table_of(told.items()), MARKS)
    assert (block.count, block.first_id, block.last_id) == (len(told), min(told), max(told))
    found = decode_block(block.data, block.checksum, block.first_id, "here")
    assert found.ids.tolist() == sorted(told)
    assert [found.row(at) for at in range(len(found))] == [told[i] for i in sorted(told)]


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_block_that_was_changed_is_refused_and_named(at: int, change: int) -> None:
    block = encode_block(table_of((i, life()) for i in range(20)), MARKS)
    data = bytearray(block.data)
    data[at % len(data)] ^= change
    with pytest.raises(StoreFailedError, match="file 7, block 3"):
        decode_block(bytes(data), block.checksum, 0, "file 7, block 3")


def test_rows_are_found_by_id_number_beginning_and_end() -> None:
    told = {5: life(2), 6: life(5, b"+4917200001"), 7: life(None), 8: [(FINAL, 1, 5, b"")]}
    block = encode_block(table_of(told.items()), MARKS)
    found = decode_block(block.data, block.checksum, 5, "here")
    assert [found.find(i) for i in (4, 5, 8, 9)] == [-1, 0, 3, -1]
    assert found.to(b"8613800000001").tolist() == [5, 7]
    assert found.to(b"4917200001").tolist() == [6]
    assert found.to(b"17200001").tolist() == []
    assert found.begun([b"abank", b"fCompany"]).tolist() == [True, True, True, False]
    assert found.begun([b"abank", b"cautumn"]).tolist() == [False] * 4
    assert found.ended().tolist() == [True, True, False, True]
    assert found.ended(5).tolist() == [False, True, False, True]


def test_a_block_has_the_marks_of_all_its_rows_and_hardly_any_others() -> None:
    block = encode_block(table_of((i, life(i % 3)) for i in range(9)), MARKS)
    for mark in (b"abank", b"cspring", b"fCompany", *map(mark_of_state, range(3))):
        assert block.mask & MARKS.mask(mark) == MARKS.mask(mark)
    others = [MARKS.mask(b"a%d" % n) for n in range(1_000)]
    assert sum(block.mask & mask == mask for mask in others) < 20


@pytest.mark.parametrize(("row", "is_incomplete"), [(life(), False), (life(None), True), (life()[2:], True)])
def test_a_block_tells_whether_its_lives_are_whole(row: list[Entry], is_incomplete: bool) -> None:
    block = encode_block(table_of([(1, life()), (2, row)]), MARKS)
    mask = MARKS.mask(INCOMPLETE)
    assert (block.mask & mask == mask) == is_incomplete


def test_blocks_have_so_many_rows_and_fewer_with_long_texts() -> None:
    short = list(blocks_of(table_of((i, life()) for i in range(ROWS_MAX + 3)), MARKS))
    assert [block.count for block in short] == [ROWS_MAX, 3]
    text = (TEXT, 0, 0, bytes(BYTES_MAX // 4))
    long = list(blocks_of(table_of((i, [*life(), text]) for i in range(10)), MARKS))
    assert [block.count for block in long] == [4, 4, 2]


def test_hashes_depend_on_the_key_and_not_on_how_a_number_is_written() -> None:
    other = Marks(b"o" * 16)
    number = MARKS.number(b"8613800000001")
    assert number == MARKS.number(b"+8613800000001") == MARKS.number(b"008613800000001")
    assert number != other.number(b"8613800000001")
    assert MARKS.mask(b"abank") != other.mask(b"abank")


@given(st.lists(st.from_regex(r"[1-9][0-9]{2,19}", fullmatch=True), min_size=1, max_size=20))
def test_hashes_in_columns_are_those_one_by_one(numbers: list[str]) -> None:
    digits = [number.encode() for number in numbers]
    assert MARKS.numbers(digits).tolist() == [MARKS.number(number) for number in digits]


def test_hashes_of_numbers_in_a_row_are_spread() -> None:
    hashes = MARKS.numbers([b"86138%08d" % n for n in range(20_000)])
    assert len(np.unique(hashes)) > 19_990
    assert len(np.unique(hashes >> 24)) == 256
