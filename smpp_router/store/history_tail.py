# What is in the journal and not in history yet is found by an index beside it, chunk by chunk of the segment:
#
#   history/0000000013.tail   chunk*
#   chunk                     magic I | crc I | start Q | end Q | ids I, numbers I | id q* | number hash I*
#
# `start` and `end` are where in the segment the frames of the chunk begin and end; ids and hashes are sorted,
# each once. Whoever looks for a message reads the few chunks that tell of it, and what has been written since
# the last one.
#
# Rule 1: it is a help and no promise: nobody waits until it is durable, and what it does not cover, or what
#         of it has another checksum, is read in the segment itself.
# Rule 2: only the store's owner writes it, as it keeps house: a chunk once there is enough for one. It begins
#         anew at each start, and goes when the segment is in history.
"""The index of the journal's end."""

import contextlib
import os
import struct
from array import array
from collections.abc import Iterator
from pathlib import Path
from typing import Final
from zlib import crc32

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.message.lifecycle import TURNED_AWAY
from smpp_router.store import records
from smpp_router.store.history_blocks import Marks
from smpp_router.store.history_events import Longs, is_among, turned_away_of
from smpp_router.store.history_rows import plain
from smpp_router.store.notes import NOTES, ids_bytes, kinds_of, notes_of
from smpp_router.store.records import ACCEPTED, FRAME, Section
from smpp_router.store.seam import ADOPTED, ORPHANED
from smpp_router.store.segments import HEAD_BYTES, forget_pages, mapped

SUFFIX: Final = ".tail"

CHUNK_BYTES: Final = 256 * 1024
"""Of a segment. Half of that is what a look reads in vain at its end, and all of it for each chunk that tells
of its message."""

CHUNKS_MAX: Final = 64
"""Made by one look at a segment, of 16 MiB together: more than a second brings."""

_CHUNK: Final = struct.Struct("=IIQQII")
_MAGIC: Final = 0x54524D53


def tail_path(folder: Path, number: int) -> Path:
    """The index of a segment."""
    return folder / f"{number:010d}{SUFFIX}"


@attrs.define(eq=False)
class Chunk:
    """Some frames of a segment, and what they tell of."""

    start: int
    end: int
    ids: Longs
    numbers: NDArray[np.uint32]


class TailWriter:
    """Follows the segments that are not in history yet."""

    def __init__(self, directory: Path, folder: Path, marks: Marks) -> None:
        self._directory = directory
        self._folder = folder
        self._marks = marks
        self._ends: dict[int, int] = {}

    def follow(self, number: int, size: int, *, is_closed: bool) -> None:
        """Index what a segment of that size has more than before. Raises OSError, StoreFailedError."""
        end = self._ends.get(number, HEAD_BYTES)
        if size - end < CHUNK_BYTES and not (is_closed and size > end):
            return
        further = os.O_APPEND if number in self._ends else os.O_TRUNC
        flags = os.O_WRONLY | os.O_CREAT | os.O_CLOEXEC | further
        fd = os.open(tail_path(self._folder, number), flags, 0o600)
        try:
            with os.fdopen(fd, "wb") as file, mapped(self._directory, number) as view:
                for _ in range(CHUNKS_MAX):
                    until = min(size, end + CHUNK_BYTES)
                    if until == end or (until == size and until - end < CHUNK_BYTES and not is_closed):
                        break
                    chunk = self._chunk(view, end, until)
                    file.write(_packed(chunk))
                    end = self._ends[number] = chunk.end
                forget_pages(view)
        except OSError:
            # What is half written would hide what comes after it.
            self.forget(number)
            raise

    def _chunk(self, view: memoryview, start: int, until: int) -> Chunk:
        """Index the frames from `start` to the first that ends at `until` or beyond."""
        ids = array("q")
        digits: list[bytes] = []
        end = start
        while end < until:
            inside = end + FRAME.size
            end = inside + FRAME.unpack_from(view, end)[1]
            for section in records.sections(view, inside, end):
                if section.kind == NOTES:
                    digits += [plain(number) for _, number in numbers_turned_away(view, section)]
                    ids.frombytes(ids_bytes(view, section.start, section.count, section.end))
                elif section.kind not in (ORPHANED, ADOPTED):
                    ids.frombytes(records.ids_bytes(view, section))
                if section.kind == ACCEPTED:
                    digits += [
                        plain(addresses[addresses.index(0, 2) + 3 : -1])
                        for addresses in records.addresses_of(view, section)
                    ]
        numbers = np.unique(self._marks.numbers(digits)) if digits else np.zeros(0, np.uint32)
        return Chunk(start, end, np.unique(np.array(ids, np.int64)), numbers)

    def forget(self, number: int) -> None:
        """A segment is in history: its index goes."""
        self._ends.pop(number, None)
        with contextlib.suppress(FileNotFoundError):
            tail_path(self._folder, number).unlink()


def numbers_turned_away(view: memoryview, section: Section) -> Iterator[tuple[int, bytes]]:
    """The ids and destinations of the messages that were turned away, of a section of notes."""
    if TURNED_AWAY in kinds_of(view, section.start, section.count):
        for kind, ids, _, _, detail in notes_of(view, section.start, section.count):
            if kind == TURNED_AWAY:
                number = turned_away_of(detail)[1][2:]
                for message_id in ids:
                    yield message_id, number


def _packed(chunk: Chunk) -> bytes:
    columns = chunk.ids.tobytes() + chunk.numbers.tobytes()
    places = struct.pack("=QQII", chunk.start, chunk.end, len(chunk.ids), len(chunk.numbers))
    return struct.pack("=II", _MAGIC, crc32(columns, crc32(places))) + places + columns


@attrs.define(eq=False)
class Tail:
    """The index of a segment, as it is read. `end` is how far into the segment it reaches."""

    chunks: list[Chunk] = attrs.Factory(list[Chunk])
    end: int = HEAD_BYTES
    _size: int = 0

    def refresh(self, folder: Path, number: int) -> None:
        """Read what has come to it."""
        try:
            with tail_path(folder, number).open("rb") as file:
                file.seek(self._size)
                data = file.read()
        except FileNotFoundError:
            data = b""
        at = 0
        while at + _CHUNK.size <= len(data):
            magic, checksum, start, end, ids, numbers = _CHUNK.unpack_from(data, at)
            first, last = at + _CHUNK.size, at + _CHUNK.size + 8 * ids + 4 * numbers
            if magic != _MAGIC or start != self.end or crc32(memoryview(data)[at + 8 : last]) != checksum:
                break
            self.chunks.append(
                Chunk(
                    start,
                    end,
                    np.frombuffer(data, np.int64, ids, first),
                    np.frombuffer(data, np.uint32, numbers, first + 8 * ids),
                )
            )
            self.end = end
            at = last
        self._size += at

    def with_ids(self, wanted: Longs) -> list[tuple[int, int]]:
        """The places of the frames that tell of any of some messages, whose ids are sorted."""
        found: list[tuple[int, int]] = []
        for chunk in self.chunks:
            ids = chunk.ids
            if len(ids) and ids[0] <= wanted[-1] and ids[-1] >= wanted[0]:
                few, many = (wanted, ids) if len(wanted) < len(ids) else (ids, wanted)
                if is_among(few, many).any():
                    found.append((chunk.start, chunk.end))
        return found

    def with_number(self, number_hash: int) -> list[tuple[int, int]]:
        """The places of the frames that have messages to a number of that hash."""
        wanted = np.uint32(number_hash)
        return [
            (chunk.start, chunk.end)
            for chunk in self.chunks
            if (at := int(np.searchsorted(chunk.numbers, wanted))) < len(chunk.numbers)
            and chunk.numbers[at] == wanted
        ]

    def between(self, first: int, last: int) -> list[tuple[int, int]]:
        """The places of the frames that may tell of messages with ids from `first` to below `last`."""
        return [
            (chunk.start, chunk.end)
            for chunk in self.chunks
            if len(chunk.ids) and chunk.ids[-1] >= first and chunk.ids[0] < last
        ]
