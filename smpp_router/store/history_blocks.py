# Blocks are what history files are made of: some hundred rows, compressed together, with a checksum.
#
#   block   ids q | number_hash I | row_end I | rows       all of it compressed by Zstandard
#
# Rows are in the order of their ids. number_hash is the keyed hash of the destination's digits, 0 for a row
# that does not say it. A block's mask has two bits of 256 for each thing that its rows can be searched by, so
# that a search for an account, a state or a campaign opens few blocks without it, and none too few.
"""Blocks of history: encoding, reading, and what to search them by."""

import hashlib
import struct
from array import array
from collections.abc import Iterable, Sequence
from itertools import accumulate
from typing import Final
from zlib import crc32

import attrs
import zstandard

from smpp_router.store.history_rows import marks_of, number_of
from smpp_router.store.seam import StoreFailedError

ROWS_MAX: Final = 512
"""Of a block: enough alike to compress well, few enough to read one row of them in a millisecond."""

BYTES_MAX: Final = 256 * 1024
"""Of the rows of a block: those with texts, or with many events, are fewer."""

BLOCK_BYTES_MAX: Final = 1 << 26
"""Nothing that was ever written is longer when decompressed; what claims to be is damaged."""

MASK_BYTES: Final = 32
LEVEL: Final = 5
"""Of compression: half a microsecond a message more than 3, and a tenth smaller."""

MARKS_MAX: Final = 65_536
"""Masks that are remembered; accounts, sources and campaigns are few, and looked up for each message."""

_COUNT: Final = struct.Struct("=I")

Row = tuple[int, int, bytes]
"""(message_id, number_hash or 0, entries)."""


class Marks:
    """Hashes with the key of one history: of numbers, and of what rows are searched by."""

    def __init__(self, key: bytes) -> None:
        self._key = key
        self._masks: dict[bytes, int] = {}

    def number(self, digits: bytes) -> int:
        """The hash of a number, 1 to 2**32 - 1. A leading + or 00 does not count."""
        digits = digits.lstrip(b"+")
        if digits.startswith(b"00"):
            digits = digits[2:]
        found = int.from_bytes(hashlib.blake2b(digits, digest_size=4, key=self._key).digest(), "big")
        return found or 1

    def mask(self, mark: bytes) -> int:
        """The two bits of one thing that rows are searched by."""
        mask = self._masks.get(mark)
        if mask is None:
            if len(self._masks) >= MARKS_MAX:
                self._masks.clear()
            one, two = hashlib.blake2b(mark, digest_size=2, key=self._key).digest()
            mask = self._masks[mark] = 1 << one | 1 << two
        return mask

    def row(self, message_id: int, entries: bytes) -> Row:
        """A row of its entries."""
        number = number_of(entries)
        return message_id, 0 if number is None else self.number(number), entries

    def of_rows(self, rows: Iterable[Row]) -> int:
        """The mask of a block."""
        mask = 0
        masks = self._masks
        for _, _, entries in rows:
            for mark in marks_of(entries):
                mask |= masks.get(mark) or self.mask(mark)
        return mask


@attrs.define(eq=False)
class Block:
    """A block as it lies in a file."""

    data: bytes
    count: int
    first_id: int
    last_id: int
    mask: int

    @property
    def checksum(self) -> int:
        """Of the compressed bytes."""
        return crc32(self.data)


def encode_block(rows: Sequence[Row], marks: Marks) -> Block:
    """Compress rows, which are in the order of their ids."""
    ids, hashes, entries = zip(*rows, strict=True)
    raw = b"".join(
        [
            _COUNT.pack(len(rows)),
            array("q", ids).tobytes(),
            array("I", hashes).tobytes(),
            array("I", accumulate(map(len, entries))).tobytes(),
            *entries,
        ]
    )
    data = zstandard.ZstdCompressor(level=LEVEL).compress(raw)
    return Block(data, len(rows), ids[0], ids[-1], marks.of_rows(rows))


@attrs.define(eq=False)
class Rows:
    """A block, decompressed."""

    ids: list[int]
    hashes: list[int]
    ends: list[int]
    blob: bytes
    start: int

    def row(self, at: int) -> bytes:
        """The entries of one row."""
        first = self.ends[at - 1] if at else 0
        return self.blob[self.start + first : self.start + self.ends[at]]

    def all(self) -> list[Row]:
        """All rows."""
        return [(i, h, self.row(n)) for n, (i, h) in enumerate(zip(self.ids, self.hashes, strict=True))]


def decode_block(data: bytes | memoryview, checksum: int, where: str) -> Rows:
    """Read a block. Raises StoreFailedError, naming `where` it is, if it is not as it was written."""
    if crc32(data) != checksum:
        raise StoreFailedError(f"{where}: damaged: a block has another checksum")
    try:
        raw = zstandard.ZstdDecompressor().decompress(data, max_output_size=BLOCK_BYTES_MAX)
    except zstandard.ZstdError as error:
        raise StoreFailedError(f"{where}: damaged: {error}") from error
    (count,) = _COUNT.unpack_from(raw)
    view = memoryview(raw)
    at = _COUNT.size
    ids = view[at : at + 8 * count].cast("q").tolist()
    hashes = view[at + 8 * count : at + 12 * count].cast("I").tolist()
    ends = view[at + 12 * count : at + 16 * count].cast("I").tolist()
    return Rows(ids, hashes, ends, raw, at + 16 * count)
