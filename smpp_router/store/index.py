# Where each message of a segment is, and how those ended whose FINAL is in it: for query_sm, which asks for
# messages that the router no longer has in memory.
#
#   head | accepted id q | place q | final id q | final at d | final code I
#
# `place` is the offset of the frame's inside << 24 | the ordinal in its accepted section. Ids are sorted
# within runs of RUN, not over the whole: a run sorts in a millisecond, and nobody notices; a whole segment
# would hold up the event loop for a tenth of a second. A search looks into each run that may have the id.
#
# The segment that grows has its columns in memory, unsorted, at 16 to 20 bytes a record; they are searched as
# bytes. They go to a file beside the segment when it has been closed, and can be made again from it.
"""The side index of a segment: in memory while it grows, then a file."""

import contextlib
import mmap
import os
import struct
from array import array
from bisect import bisect_left
from collections.abc import Iterator
from itertools import chain
from pathlib import Path
from typing import Final, Protocol
from zlib import crc32

import attrs

from smpp_router.store.disk import DISK, Disk

INDEX_SUFFIX: Final = ".idx"
RUN: Final = 4096
PLACE_BITS: Final = 24
"""Of a place, for the ordinal: sixteen million messages in one frame."""

_HEAD: Final = struct.Struct("=8sQQqqqq")
_CHECKSUM: Final = struct.Struct("=I")
_HEAD_BYTES: Final = _HEAD.size + _CHECKSUM.size
_MAGIC: Final = b"SMRX1\0\0\0"
_ID: Final = struct.Struct("=q")

FinalEntry = tuple[float, int]
"""(final_at, code as in FINAL)."""


class Index(Protocol):
    """What a search asks of a segment."""

    def place(self, message_id: int) -> int | None:
        """Where the message was accepted in this segment, None if elsewhere."""
        ...

    def final(self, message_id: int) -> FinalEntry | None:
        """How the message ended in this segment, None if elsewhere."""
        ...


@attrs.frozen
class Bounds:
    """Lowest and highest ids in an index; the high one is below the low one if there is none."""

    accepted_min: int = 1
    accepted_max: int = 0
    final_min: int = 1
    final_max: int = 0


def index_path(directory: Path, number: int) -> Path:
    """The file of a segment's index."""
    return directory / f"{number:010d}{INDEX_SUFFIX}"


class Columns:
    """An index that grows in memory."""

    __slots__ = ("accepted_ids", "final_ats", "final_codes", "final_ids", "places")

    def __init__(self) -> None:
        self.accepted_ids = bytearray()
        self.places = array("q")
        self.final_ids = bytearray()
        self.final_ats = array("d")
        self.final_codes = array("I")

    def add_accepted(self, ids: bytes | memoryview, count: int, frame_offset: int) -> None:
        """Enter the accepted messages of a frame; `ids` as they lie in it."""
        # Ids last: a search in another thread must find a place for every id that it finds.
        first = frame_offset << PLACE_BITS
        self.places.extend(range(first, first + count))
        self.accepted_ids += ids

    def add_finals(self, ids: bytes | memoryview, ats: list[float], codes: list[int]) -> None:
        """Enter a section of FINAL."""
        self.final_ats.extend(ats)
        self.final_codes.extend(codes)
        self.final_ids += ids

    def place(self, message_id: int) -> int | None:
        """See Index."""
        at = _find(self.accepted_ids, message_id)
        return None if at < 0 else self.places[at]

    def final(self, message_id: int) -> FinalEntry | None:
        """See Index."""
        at = _find(self.final_ids, message_id)
        return None if at < 0 else (self.final_ats[at], self.final_codes[at])


def _find(ids: bytearray, message_id: int) -> int:
    sought = _ID.pack(message_id)
    at = ids.find(sought)
    while at >= 0 and at % 8:
        at = ids.find(sought, at + 1)
    return at // 8


def write(directory: Path, number: int, columns: Columns, disk: Disk = DISK) -> Bounds:
    """Write the index of a closed segment, durably, all or nothing. Raises OSError."""
    accepted = list(_runs(columns.accepted_ids, columns.places))
    finals = list(_runs(columns.final_ids, columns.final_ats, columns.final_codes))
    bounds = Bounds(*_bounds(accepted), *_bounds(finals))
    body = b"".join([*chain(*zip(*accepted, strict=True)), *chain(*zip(*finals, strict=True))])
    head = _HEAD.pack(_MAGIC, len(columns.places), len(columns.final_ats), *attrs.astuple(bounds))
    replace_file(index_path(directory, number), head + _CHECKSUM.pack(crc32(head)) + body, disk)
    return bounds


def _runs(ids: bytearray, *others: "array[int] | array[float]") -> Iterator[list[bytes]]:
    """The columns, run by run, each run sorted by id."""
    view = memoryview(ids).cast("q")
    for start in range(0, len(view), RUN):
        run = view[start : start + RUN].tolist()
        order = sorted(range(len(run)), key=run.__getitem__)
        yield [
            array("q", map(run.__getitem__, order)).tobytes(),
            *(
                array(other.typecode, map(other[start : start + RUN].__getitem__, order)).tobytes()
                for other in others
            ),
        ]


def _bounds(runs: list[list[bytes]]) -> tuple[int, int]:
    """The lowest and the highest id of sorted runs, 1 and 0 if there is none."""
    return (
        min((_ID.unpack_from(run[0])[0] for run in runs), default=1),
        max((_ID.unpack_from(run[0], len(run[0]) - 8)[0] for run in runs), default=0),
    )


def replace_file(path: Path, data: bytes, disk: Disk = DISK, mode: int = 0o640) -> None:
    """Put a file in the place of another, durably, so that either is there whole. Raises OSError."""
    new = path.with_suffix(".new")
    fd = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC | os.O_CLOEXEC, mode)
    try:
        disk.write_all(fd, data)
        disk.sync(fd)
    except OSError:
        with contextlib.suppress(OSError):
            disk.unlink(new)
        raise
    finally:
        os.close(fd)
    disk.replace(new, path)
    disk.sync_directory(path.parent)


def read_bounds(directory: Path, number: int) -> Bounds | None:
    """The bounds of a segment's index, None if it has no whole one and must be indexed again."""
    try:
        with index_path(directory, number).open("rb") as file:
            head = file.read(_HEAD_BYTES)
            size = os.fstat(file.fileno()).st_size
    except OSError:
        return None
    if len(head) < _HEAD_BYTES or _CHECKSUM.pack(crc32(head[: _HEAD.size])) != head[_HEAD.size :]:
        return None
    magic, accepted, finals, *bounds = _HEAD.unpack_from(head)
    if magic != _MAGIC or size != _HEAD_BYTES + 16 * accepted + 20 * finals:
        return None
    return Bounds(*bounds)


class IndexFile:
    """An index that is read from its file; to be closed."""

    def __init__(self, directory: Path, number: int) -> None:
        """Raise OSError if it is not there."""
        with index_path(directory, number).open("rb") as file:
            self._map = mmap.mmap(file.fileno(), 0, prot=mmap.PROT_READ)
        with memoryview(self._map) as whole:
            _, accepted, finals, *_ = _HEAD.unpack_from(whole)
            at = _HEAD_BYTES
            self._accepted_ids = whole[at : at + 8 * accepted].cast("q")
            at += 8 * accepted
            self._places = whole[at : at + 8 * accepted].cast("q")
            at += 8 * accepted
            self._final_ids = whole[at : at + 8 * finals].cast("q")
            at += 8 * finals
            self._final_ats = whole[at : at + 8 * finals].cast("d")
            at += 8 * finals
            self._final_codes = whole[at : at + 4 * finals].cast("I")

    def place(self, message_id: int) -> int | None:
        """See Index."""
        at = _search(self._accepted_ids, message_id)
        return None if at < 0 else self._places[at]

    def final(self, message_id: int) -> FinalEntry | None:
        """See Index."""
        at = _search(self._final_ids, message_id)
        return None if at < 0 else (self._final_ats[at], self._final_codes[at])

    def close(self) -> None:
        """Release the file."""
        for view in (
            self._accepted_ids,
            self._places,
            self._final_ids,
            self._final_ats,
            self._final_codes,
        ):
            view.release()
        self._map.close()


def _search(ids: "memoryview[int]", message_id: int) -> int:
    """The position of an id in sorted runs, -1 if it is not there."""
    count = len(ids)
    for start in range(0, count, RUN):
        end = min(start + RUN, count)
        if ids[start] <= message_id <= ids[end - 1]:
            at = bisect_left(ids, message_id, start, end)
            if ids[at] == message_id:
                return at
    return -1
