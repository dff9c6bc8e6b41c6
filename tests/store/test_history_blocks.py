import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.store.history_blocks import Marks, decode_block, encode_block
from smpp_router.store.history_rows import pack
from smpp_router.store.seam import StoreFailedError

MARKS = Marks(b"k" * 16)
rows = st.lists(
    st.tuples(st.integers(0, (1 << 63) - 1), st.binary(max_size=60)),
    min_size=1,
    max_size=30,
    unique_by=lambda row: row[0],
)


@given(rows)
def test_a_block_is_read_as_it_was_written(told: list[tuple[int, bytes]]) -> None:
    written = [(i, n, pack(i, 33, 0.0, n, text)) for n, (i, text) in enumerate(sorted(told))]
    block = encode_block(written, MARKS)
    assert (block.count, block.first_id, block.last_id) == (len(written), written[0][0], written[-1][0])
    assert decode_block(block.data, block.checksum, "here").all() == written


@given(st.integers(0, 10_000), st.integers(1, 255))
def test_a_block_that_was_changed_is_refused_and_named(at: int, change: int) -> None:
    block = encode_block([(i, 0, pack(i, 33, 0.0, i, b"text")) for i in range(20)], MARKS)
    data = bytearray(block.data)
    data[at % len(data)] ^= change
    with pytest.raises(StoreFailedError, match="file 7, block 3"):
        decode_block(bytes(data), block.checksum, "file 7, block 3")


def test_an_international_number_is_the_same_with_and_without_what_says_so() -> None:
    assert (
        MARKS.number(b"+8613800000001") == MARKS.number(b"008613800000001") == MARKS.number(b"8613800000001")
    )


def test_hashes_depend_on_the_key() -> None:
    other = Marks(b"o" * 16)
    assert MARKS.number(b"8613800000001") != other.number(b"8613800000001")
    assert MARKS.mask(b"abank") != other.mask(b"abank")


def test_a_block_has_the_marks_of_all_its_rows_and_hardly_any_others() -> None:
    block = encode_block([(i, 0, pack(i, 3, 0.0, i, b"")) for i in range(4)], MARKS)
    for state in range(4):
        mask = MARKS.mask(b"s%d" % state)
        assert block.mask & mask == mask
    others = [MARKS.mask(b"a%d" % n) for n in range(1_000)]
    assert sum(block.mask & mask == mask for mask in others) < 20
