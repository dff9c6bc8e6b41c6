# A history file holds the rows of a stretch of time, and is never changed once it has its name.
#
#   head | blocks | numbers: hash I, block I | directory: offset Q, size I, count I, first q, last q, crc I,
#   mask 32 octets, each as a column | tail
#
# `numbers` are sorted by hash: who looks for a number finds by bisection which blocks may have it. The
# directory is the sparse index by message_id. The tail says where both are, and has their checksums; that of
# the directory is checked whenever the file is opened, those of blocks whenever one is read, that of the
# numbers when files are merged.
"""Writing and reading one file of history."""

import contextlib
import mmap
import os
import struct
from array import array
from bisect import bisect_left, bisect_right
from collections.abc import Generator, Iterable, Iterator
from pathlib import Path
from typing import Final
from zlib import crc32

from smpp_router.store.disk import DISK, Disk
from smpp_router.store.history_blocks import MASK_BYTES, Block, Rows, decode_block
from smpp_router.store.seam import StoreFailedError

_HEAD: Final = b"SMRH1\0\0\0"
_TAIL: Final = struct.Struct("=QQIIII4s")
_TAIL_MAGIC: Final = b"SMRT"
BUCKETS: Final = 256
"""Numbers are sorted bucket by bucket of their first octet, so that no sort takes long."""
SORTED_MAX: Final = 20_000
"""Numbers that are sorted between two yields: some milliseconds."""
_DIRECTORY: Final = 8 + 4 + 4 + 8 + 8 + 4 + MASK_BYTES


class Writer:
    """Writes one file: blocks in the order of their ids, then finish(). Raises OSError; then abandon()."""

    def __init__(self, path: Path, disk: Disk = DISK) -> None:
        self.path = path
        self._new = path.with_suffix(".new")
        self._disk = disk
        self._fd = os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._size = 0
        self._blocks: list[tuple[int, int, int, int, int, int, bytes]] = []
        self._numbers = [array("Q") for _ in range(BUCKETS)]
        self._write(_HEAD)

    @property
    def blocks(self) -> int:
        """How many blocks were added: the number of the next one."""
        return len(self._blocks)

    @property
    def rows(self) -> int:
        """How many rows were added."""
        return sum(block[2] for block in self._blocks)

    @property
    def bounds(self) -> tuple[int, int]:
        """The lowest and the highest id."""
        return self._blocks[0][3], self._blocks[-1][4]

    def _write(self, data: bytes) -> None:
        self._disk.write_all(self._fd, data)
        self._size += len(data)

    def add(self, block: Block, hashes: list[int]) -> None:
        """Add a block whose rows have these number hashes."""
        self.add_numbers((number_hash, len(self._blocks)) for number_hash in set(hashes))
        mask = block.mask.to_bytes(MASK_BYTES, "little")
        size, bounds = len(block.data), (block.first_id, block.last_id)
        self._blocks.append((self._size, size, block.count, *bounds, block.checksum, mask))
        self._write(block.data)

    def add_numbers(self, found: Iterable[tuple[int, int]]) -> None:
        """Enter (hash, block) pairs, of blocks that were added without."""
        numbers = self._numbers
        for number_hash, block in found:
            if number_hash:
                numbers[number_hash >> 24].append(number_hash << 32 | block)

    def finish(self) -> Generator[None, None, None]:
        """Write what is behind the blocks, and give the file its name, durably; yield between pieces."""
        numbers_at, checksum = self._size, 0
        hashes, blocks, sliced_at = array("I"), array("I"), 0
        for bucket in self._numbers:
            for packed in sorted(bucket):
                hashes.append(packed >> 32)
                blocks.append(packed & 0xFFFFFFFF)
            if len(hashes) >= sliced_at + SORTED_MAX:
                sliced_at = len(hashes)
                yield
        self._numbers = []
        for column in (hashes.tobytes(), blocks.tobytes()):
            checksum = crc32(column, checksum)
            for start in range(0, len(column), 1 << 20):
                self._write(column[start : start + (1 << 20)])
                yield
        directory = self._directory()
        directory_at = self._size
        self._write(directory)
        self._write(
            _TAIL.pack(
                numbers_at,
                directory_at,
                len(hashes),
                len(self._blocks),
                checksum,
                crc32(directory),
                _TAIL_MAGIC,
            )
        )
        self._disk.sync(self._fd)
        os.close(self._fd)
        self._fd = -1
        self._disk.replace(self._new, self.path)
        self._disk.sync_directory(self.path.parent)

    def _directory(self) -> bytes:
        offsets, sizes, counts, firsts, lasts, checksums, masks = zip(*self._blocks, strict=True)
        return b"".join(
            [
                array("Q", offsets).tobytes(),
                array("I", sizes).tobytes(),
                array("I", counts).tobytes(),
                array("q", firsts).tobytes(),
                array("q", lasts).tobytes(),
                array("I", checksums).tobytes(),
                *masks,
            ]
        )

    def abandon(self) -> None:
        """Leave nothing of an unfinished file."""
        if self._fd >= 0:
            os.close(self._fd)
            self._fd = -1
            with contextlib.suppress(OSError):
                self._disk.unlink(self._new)


class Reader:
    """Reads one file. Raises StoreFailedError if it is damaged, OSError if it is not there."""

    def __init__(self, path: Path) -> None:
        self.path = path
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            if size < len(_HEAD) + _TAIL.size:
                raise StoreFailedError(f"{path}: damaged: too short")
            self._map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        tail = _TAIL.unpack_from(self._map, size - _TAIL.size)
        numbers_at, at, self._numbers_count, count, self._numbers_checksum, checksum, magic = tail
        whole = self._whole = memoryview(self._map)
        end = size - _TAIL.size
        if (
            magic != _TAIL_MAGIC
            or self._map[: len(_HEAD)] != _HEAD
            or at + count * _DIRECTORY != end
            or numbers_at + 8 * self._numbers_count != at
            or crc32(whole[at:end]) != checksum
        ):
            raise StoreFailedError(f"{path}: damaged: its directory is not as it was written")
        middle = numbers_at + 4 * self._numbers_count
        self._hashes = whole[numbers_at:middle].cast("I")
        self._hash_blocks = whole[middle:at].cast("I")
        self.blocks = count
        self._offsets = whole[at : at + 8 * count].cast("Q")
        self._sizes = whole[at + 8 * count : at + 12 * count].cast("I")
        self.counts = whole[at + 12 * count : at + 16 * count].cast("I")
        self.firsts = whole[at + 16 * count : at + 24 * count].cast("q")
        self.lasts = whole[at + 24 * count : at + 32 * count].cast("q")
        self._checksums = whole[at + 32 * count : at + 36 * count].cast("I")
        self._masks = whole[at + 36 * count : end]

    def close(self) -> None:
        """Release the file."""
        for view in (
            self._hashes,
            self._hash_blocks,
            self._offsets,
            self._sizes,
            self.counts,
            self.firsts,
            self.lasts,
            self._checksums,
            self._masks,
            self._whole,
        ):
            view.release()
        self._map.close()

    def data(self, number: int) -> bytes:
        """The compressed bytes of a block."""
        offset = self._offsets[number]
        return bytes(self._whole[offset : offset + self._sizes[number]])

    def rows(self, number: int) -> Rows:
        """The rows of a block."""
        return decode_block(self.data(number), self._checksums[number], f"{self.path}: block {number}")

    def mask(self, number: int) -> int:
        """What can be found in a block."""
        return int.from_bytes(self._masks[number * MASK_BYTES : (number + 1) * MASK_BYTES], "little")

    def block(self, number: int) -> Block:
        """A block as it lies there."""
        data = self.data(number)
        if crc32(data) != self._checksums[number]:
            raise StoreFailedError(f"{self.path}: damaged: block {number} has another checksum")
        return Block(data, self.counts[number], self.firsts[number], self.lasts[number], self.mask(number))

    def find(self, message_id: int) -> bytes | None:
        """The entries of a message, None if it is not here."""
        number = bisect_right(self.firsts, message_id) - 1
        if number < 0 or self.lasts[number] < message_id:
            return None
        rows = self.rows(number)
        at = bisect_left(rows.ids, message_id)
        return rows.row(at) if at < len(rows.ids) and rows.ids[at] == message_id else None

    def blocks_with(self, number_hash: int) -> list[int]:
        """The blocks that have a message to a number of that hash."""
        start = bisect_left(self._hashes, number_hash)
        end = bisect_right(self._hashes, number_hash, start)
        return list(self._hash_blocks[start:end])

    def hashes_by_block(self) -> Iterator[tuple[int, int]]:
        """(hash, block) of all numbers. Raises StoreFailedError if they are not as they were written."""
        if crc32(self._hash_blocks, crc32(self._hashes)) != self._numbers_checksum:
            raise StoreFailedError(f"{self.path}: damaged: its numbers have another checksum")
        return zip(self._hashes, self._hash_blocks, strict=True)
