# A segment is one file of the journal: a head, then frames.
#
#   +---------+-------+------+--------+----------------+-----------------+-------+-------+-------+---
#   | "SMRJ1" | order | salt | number | previous_bytes | message_id_last | crc32 | frame | frame | ...
#   |   8 s   |  u32  | u32  |  u64   |      u64       |       i64       |  u32  |       |       |
#   +---------+-------+------+--------+----------------+-----------------+-------+-------+-------+---
#
# Rule 1: only the last segment grows, and only by whole frames that were made durable one after another.
# So what a crash leaves unfinished is the end of the last segment, and it is cut off; damage anywhere else
# is not a crash's doing and stops the router.
# Rule 2: a bad frame with a good one after it was durable once, and is damage too. `salt` starts every
# checksum, so that a frame inside some message's body is not taken for one.
# Rule 3: each segment knows how long the one before it was, so that a loss between two frames shows.
# Rule 4: `message_id_last` is the highest id in the segments before, so that it outlives them.
"""Files of the journal: their names, heads and frames."""

import contextlib
import mmap
import os
import struct
import sys
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final
from zlib import crc32

import attrs

from smpp_router.store.disk import DISK, Disk
from smpp_router.store.records import FRAME, FRAME_MAGIC, FRAME_MAGIC_BYTES
from smpp_router.store.seam import StoreFailedError

LOG_SUFFIX: Final = ".log"
SEGMENT_MAX: Final = (1 << 23) - 1
"""A handle has 63 bits: 23 of a segment's number, 40 of an offset in it."""

_HEAD: Final = struct.Struct("=8sIIQQq")
HEAD_BYTES: Final = _HEAD.size + 4
_MAGIC: Final = b"SMRJ1\0\0\0"
_ORDER: Final = 0x01020304


@attrs.frozen
class Head:
    """What a segment knows of itself and of those before it."""

    number: int
    salt: int
    previous_bytes: int
    message_id_last: int


def log_path(directory: Path, number: int) -> Path:
    """The file of a segment."""
    return directory / f"{number:010d}{LOG_SUFFIX}"


def numbers(directory: Path) -> list[int]:
    """The segments that are there, ascending."""
    return sorted(int(path.stem) for path in directory.glob(f"[0-9]*{LOG_SUFFIX}"))


def create(directory: Path, head: Head, disk: Disk = DISK) -> int:
    """Create a segment, durably, and return its descriptor. Raises OSError and leaves nothing."""
    path = log_path(directory, head.number)
    fd = os.open(path, os.O_RDWR | os.O_CREAT | os.O_EXCL | os.O_APPEND | os.O_CLOEXEC, 0o640)
    packed = _HEAD.pack(_MAGIC, _ORDER, head.salt, head.number, head.previous_bytes, head.message_id_last)
    try:
        disk.write_all(fd, packed + crc32(packed).to_bytes(4, sys.byteorder))
        disk.sync(fd)
        disk.sync_directory(directory)
    except OSError:
        os.close(fd)
        with contextlib.suppress(OSError):
            disk.unlink(path)
        raise
    return fd


@contextlib.contextmanager
def mapped(directory: Path, number: int) -> Generator[memoryview]:
    """A segment's bytes, for as long as the context lasts. Raises StoreFailedError."""
    path = log_path(directory, number)
    try:
        with path.open("rb") as file:
            size = os.fstat(file.fileno()).st_size
            data = mmap.mmap(file.fileno(), size, prot=mmap.PROT_READ) if size else None
    except OSError as error:
        raise StoreFailedError(f"{path}: {error.strerror}") from error
    if data is None:
        yield memoryview(b"")
        return
    view = memoryview(data)
    try:
        yield view
    finally:
        view.release()
        data.close()


def forget_pages(view: memoryview) -> None:
    """Let go of the memory of a mapped() segment; what is read again comes from the page cache."""
    if isinstance(view.obj, mmap.mmap):
        view.obj.madvise(mmap.MADV_DONTNEED)


def read_head(path: Path, view: memoryview, number: int) -> Head:
    """Check a segment's head. Raises StoreFailedError."""
    if len(view) < HEAD_BYTES:
        raise StoreFailedError(f"{path}: damaged at offset 0: shorter than a segment's head")
    magic, order, salt, own_number, previous_bytes, message_id_last = _HEAD.unpack_from(view)
    if magic == _MAGIC and order == int.from_bytes(_ORDER.to_bytes(4, "little"), "big"):
        raise StoreFailedError(f"{path}: written by a machine of the other byte order")
    checksum = int.from_bytes(view[_HEAD.size : HEAD_BYTES], sys.byteorder)
    if magic != _MAGIC or own_number != number or crc32(view[: _HEAD.size]) != checksum:
        raise StoreFailedError(f"{path}: damaged at offset 0: not the head of segment {number}")
    return Head(number, salt, previous_bytes, message_id_last)


def frames(view: memoryview, salt: int, start: int = HEAD_BYTES) -> Iterator[tuple[int, int]]:
    """Where the inside of each frame starts and ends; stops before the first that is not whole."""
    size = len(view)
    while start + FRAME.size <= size:
        magic, length, checksum = FRAME.unpack_from(view, start)
        start += FRAME.size
        if magic != FRAME_MAGIC or length > size - start:
            return
        if crc32(view[start : start + length], salt) != checksum:
            return
        yield start, start + length
        start += length


def is_torn(view: memoryview, salt: int, start: int) -> bool:
    """Whether what begins at `start` may be a frame that a crash cut short: nothing whole comes after it."""
    rest = bytes(view[start:])
    at = rest.find(FRAME_MAGIC_BYTES)
    while at >= 0:
        if next(frames(view, salt, start + at), None) is not None:
            return False
        at = rest.find(FRAME_MAGIC_BYTES, at + 1)
    return True
