# A history file holds the rows of a stretch of time, and is never changed once it has its name.
#
#   head | blocks | numbers: hash << 32 | block, Q | directory: offset Q, size I, count I, first q, last q,
#   crc I, mask 32 octets, each as a column | tail
#
# `numbers` are sorted: who looks for a number finds by bisection which blocks may have it. The directory is
# the sparse index by message_id. The tail says where both are, and has their checksums; that of the directory
# is checked whenever the file is opened, those of blocks whenever one is read, that of the numbers when files
# are merged.
"""Writing and reading one file of history."""

import contextlib
import mmap
import os
import struct
from collections.abc import Generator
from pathlib import Path
from typing import Any, Final
from zlib import crc32

import numpy as np
from numpy.typing import NDArray

from smpp_router.store.disk import DISK, Disk
from smpp_router.store.history_blocks import MASK_BYTES, Block, Rows, decode_block
from smpp_router.store.history_events import Longs
from smpp_router.store.history_rows import Entry
from smpp_router.store.seam import StoreFailedError

_HEAD: Final = b"SMRH2\0\0\0"
_TAIL: Final = struct.Struct("=QQQIII4s")
_TAIL_MAGIC: Final = b"SMRT"
SORTED_MAX: Final = 1 << 18
"""Numbers that are sorted between two yields: some milliseconds, and some megabytes."""
_DIRECTORY: Final = 8 + 4 + 4 + 8 + 8 + 4 + MASK_BYTES

_BLOCK_BITS: Final = np.uint64(32)
_BLOCK_MASK: Final = np.uint64(0xFFFFFFFF)
_HASHES: Final = 1 << 32

Numbers = NDArray[np.uint64]


class Writer:
    """Writes one file: blocks in the order of their ids, then finish(). Raises OSError; then abandon()."""

    def __init__(self, path: Path, disk: Disk = DISK) -> None:
        self.path = path
        self._new = path.with_suffix(".new")
        self._disk = disk
        self._fd = os.open(self._new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, 0o600)
        self._size = 0
        self._blocks: list[tuple[int, int, int, int, int, int, bytes]] = []
        self._numbers: list[Numbers] = []
        self._moved: list[tuple[Numbers, Longs]] = []
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

    def add(self, block: Block) -> None:
        """Add a block, and the numbers that it knows itself to have."""
        if len(block.hashes):
            packed = block.hashes.astype(np.uint64) << _BLOCK_BITS | np.uint64(len(self._blocks))
            self._numbers.append(packed)
        mask = block.mask.to_bytes(MASK_BYTES, "little")
        size, bounds = len(block.data), (block.first_id, block.last_id)
        self._blocks.append((self._size, size, block.count, *bounds, block.checksum, mask))
        self._write(block.data)

    def add_moved(self, numbers: Numbers, moved: Longs) -> None:
        """Enter the numbers of another file, whose blocks are here as `moved` tells, -1: not."""
        self._moved.append((numbers, moved))

    def finish(self) -> Generator[None, None, None]:
        """Write what is behind the blocks, and give the file its name, durably; yield between pieces."""
        # On a border of 8 octets, where numpy reads columns without copying them.
        self._write(bytes(-self._size % 8))
        numbers_at, count, checksum = self._size, 0, 0
        for packed in self._sorted():
            octets = packed.tobytes()
            checksum = crc32(octets, checksum)
            count += len(packed)
            self._write(octets)
            yield
        directory = self._directory()
        directory_at = self._size
        self._write(directory)
        checksums = checksum, crc32(directory)
        self._write(_TAIL.pack(numbers_at, directory_at, count, len(self._blocks), *checksums, _TAIL_MAGIC))
        self._disk.sync(self._fd)
        os.close(self._fd)
        self._fd = -1
        self._disk.replace(self._new, self.path)
        self._disk.sync_directory(self.path.parent)

    def _sorted(self) -> Generator[Numbers, None, None]:
        """All numbers, from the lowest hash to the highest, a stretch of hashes at a time."""
        own = np.sort(np.concatenate(self._numbers)) if self._numbers else np.zeros(0, np.uint64)
        self._numbers = []
        sources = [(own, None), *self._moved]
        total = sum(len(numbers) for numbers, _ in sources)
        stretches = total // SORTED_MAX + 1
        for number in range(stretches):
            low, high = (end * _HASHES // stretches << 32 for end in (number, number + 1))
            found: list[Numbers] = []
            for numbers, moved in sources:
                start = np.searchsorted(numbers, np.uint64(low))
                is_last = number == stretches - 1
                end = len(numbers) if is_last else np.searchsorted(numbers, np.uint64(high))
                part = numbers[start:end]
                if moved is not None:
                    blocks = moved[(part & _BLOCK_MASK).astype(np.int64)]
                    part = (part >> _BLOCK_BITS << _BLOCK_BITS)[blocks >= 0]
                    part = part | blocks[blocks >= 0].astype(np.uint64)
                found.append(part)
            yield np.sort(np.concatenate(found))

    def _directory(self) -> bytes:
        offsets, sizes, counts, firsts, lasts, checksums, masks = zip(*self._blocks, strict=True)
        columns = (
            np.array(offsets, np.uint64),
            np.array(sizes, np.uint32),
            np.array(counts, np.uint32),
            np.array(firsts, np.int64),
            np.array(lasts, np.int64),
            np.array(checksums, np.uint32),
        )
        return b"".join([*(column.tobytes() for column in columns), *masks])

    def abandon(self) -> None:
        """Leave nothing of an unfinished file, and let go of the others' numbers."""
        self._moved = []
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
        numbers_at, at, numbers, count, self._numbers_checksum, checksum, magic = tail
        whole = self._whole = memoryview(self._map)
        end = size - _TAIL.size
        if (
            magic != _TAIL_MAGIC
            or self._map[: len(_HEAD)] != _HEAD
            or at + count * _DIRECTORY != end
            or numbers_at + 8 * numbers != at
            or crc32(whole[at:end]) != checksum
        ):
            raise StoreFailedError(f"{path}: damaged: its directory is not as it was written")
        self.blocks: int = count
        self.numbers: Numbers = np.frombuffer(whole[numbers_at:at], np.uint64)
        self._offsets = _column(whole, np.dtype(np.uint64), at, count)
        self._sizes = _column(whole, np.dtype(np.uint32), at + 8 * count, count)
        self.counts = _column(whole, np.dtype(np.uint32), at + 12 * count, count)
        self.firsts: Longs = _column(whole, np.dtype(np.int64), at + 16 * count, count)
        self.lasts: Longs = _column(whole, np.dtype(np.int64), at + 24 * count, count)
        self._checksums = _column(whole, np.dtype(np.uint32), at + 32 * count, count)
        self._masks: NDArray[np.uint8] = _column(
            whole, np.dtype(np.uint8), at + 36 * count, MASK_BYTES * count
        ).reshape(count, MASK_BYTES)

    def close(self) -> None:
        """Release the file; nothing may be read after it."""
        del self.numbers, self._offsets, self._sizes, self.counts, self.firsts, self.lasts, self._checksums
        del self._masks
        self._whole.release()
        self._map.close()

    def data(self, number: int) -> bytes:
        """The compressed bytes of a block."""
        offset = int(self._offsets[number])
        return bytes(self._whole[offset : offset + int(self._sizes[number])])

    def rows(self, number: int) -> Rows:
        """The rows of a block."""
        first_id, where = int(self.firsts[number]), f"{self.path}: block {number}"
        return decode_block(self.data(number), int(self._checksums[number]), first_id, where)

    def mask(self, number: int) -> int:
        """What can be found in a block."""
        return int.from_bytes(self._masks[number].tobytes(), "little")

    def may_have(self, mask: int) -> NDArray[np.bool_]:
        """For each block, whether its mask has all of another one."""
        wanted = np.frombuffer(mask.to_bytes(MASK_BYTES, "little"), np.uint8)
        return ((self._masks & wanted) == wanted).all(axis=1)

    def block(self, number: int) -> Block:
        """A block as it lies there, without its numbers."""
        data = self.data(number)
        if crc32(data) != self._checksums[number]:
            raise StoreFailedError(f"{self.path}: damaged: block {number} has another checksum")
        bounds = int(self.firsts[number]), int(self.lasts[number])
        return Block(data, int(self.counts[number]), *bounds, self.mask(number), np.zeros(0, np.uint32))

    def block_of(self, message_id: int) -> int:
        """Which block has a message if any has, -1 if none can."""
        number = int(np.searchsorted(self.firsts, message_id, side="right")) - 1
        return number if number >= 0 and self.lasts[number] >= message_id else -1

    def blocks_of(self, wanted: Longs) -> list[int]:
        """The blocks that may have any of some messages."""
        numbers = np.searchsorted(self.firsts, wanted, side="right") - 1
        possible = numbers[numbers >= 0]
        return np.unique(possible[self.lasts[possible] >= wanted[numbers >= 0]]).tolist()

    def find(self, message_id: int) -> list[Entry] | None:
        """The entries of a message, None if it is not here."""
        number = self.block_of(message_id)
        if number < 0:
            return None
        rows = self.rows(number)
        at = rows.find(message_id)
        return rows.row(at) if at >= 0 else None

    def blocks_with(self, number_hash: int) -> list[int]:
        """The blocks that have a message to a number of that hash."""
        low = np.uint64(number_hash << 32)
        start = int(np.searchsorted(self.numbers, low))
        end = int(np.searchsorted(self.numbers, low | _BLOCK_MASK, side="right"))
        return (self.numbers[start:end] & _BLOCK_MASK).tolist()

    def checked_numbers(self) -> Numbers:
        """The numbers. Raises StoreFailedError if they are not as they were written."""
        if crc32(self.numbers.data) != self._numbers_checksum:
            raise StoreFailedError(f"{self.path}: damaged: its numbers have another checksum")
        return self.numbers


def _column(whole: memoryview, kind: "np.dtype[Any]", at: int, count: int) -> "NDArray[Any]":
    return np.frombuffer(whole[at : at + kind.itemsize * count], kind)
