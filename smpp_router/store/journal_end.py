# The end of the journal, which is not in history yet, is read as it is: chunks of frames, found by their
# index (history_tail.py) or, where that does not reach, by going from frame to frame.
#
# Rule 1: each frame has passed its checksum before it is believed; what is being written has not.
# Rule 2: frames never change, so what was read of a chunk may be remembered, as long as the segment is here.
"""Looking for messages in what history does not have yet."""

import sys
from collections.abc import Generator, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Final

from smpp_router.store import records
from smpp_router.store.history_blocks import Rows
from smpp_router.store.history_events import Events, Gathering, Keeping, Longs, mentions
from smpp_router.store.history_rows import plain
from smpp_router.store.history_tail import CHUNK_BYTES, Tail, numbers_turned_away
from smpp_router.store.notes import NOTES
from smpp_router.store.records import ACCEPTED, FRAME, FRAME_MAGIC
from smpp_router.store.segments import HEAD_BYTES, frames, log_path, mapped, numbers, read_head

EVERY_ID: Final = (1 << 63) - 1

CHUNKS_MAX: Final = 512
"""Chunks that are remembered, at some 100 kB each: those of two segments."""

FEW: Final = 4
"""Messages that are looked for by their octets; more of them by reading all of a chunk."""

Place = tuple[int, int]


class JournalEnd:
    """The segments of a store that are not in its history."""

    def __init__(self, directory: Path, keeping: Keeping) -> None:
        self._directory = directory
        self._keeping = keeping
        self._tails: dict[int, Tail] = {}
        self._tables: dict[tuple[int, int, int], Events | None] = {}

    def refresh(self, folder: Path, compacted_to: int) -> None:
        """See what there is now."""
        there = self._numbers(compacted_to)
        self._tails = {number: self._tails.get(number) or Tail() for number in there}
        for number, tail in self._tails.items():
            tail.refresh(folder, number)
        for key in [key for key in self._tables if key[0] not in self._tails]:
            del self._tables[key]

    def _numbers(self, compacted_to: int) -> list[int]:
        number = compacted_to + 1
        if not log_path(self._directory, number).exists():
            return [one for one in numbers(self._directory) if one >= number]
        # One follows the other: so thousands that are kept for their texts need not be listed.
        found: list[int] = []
        while log_path(self._directory, number).exists():
            found.append(number)
            number += 1
        return found

    # ------------------------------------------------------------------ what there is to ask

    def about(self, ids: Longs) -> Iterator[Events]:
        """What is told of messages, whose ids are sorted."""
        needles = [message_id.to_bytes(8, sys.byteorder) for message_id in ids.tolist()]
        for number, tail in self._tails.items():
            with self._open(number) as (view, salt):
                for place in (*tail.with_ids(ids), *_rest(view, tail)):
                    if len(needles) > FEW:
                        table = self._table(number, view, salt, place)
                    else:
                        table = self._mentioning(view, salt, place, needles)
                    found = None if table is None else table.of(ids)
                    if found is not None and len(found):
                        yield found

    def to_number(self, digits: bytes, number_hash: int) -> set[int]:
        """The ids of the messages to a number, which is plain."""
        found: set[int] = set()
        for number, tail in self._tails.items():
            with self._open(number) as (view, salt):
                for start, end in (*tail.with_number(number_hash), *_rest(view, tail)):
                    if digits in bytes(view[start:end]):
                        found.update(_to(view, salt, (start, end), digits))
        return found

    def between(self, first: int, last: int) -> Iterator[tuple[int, Rows]]:
        """What chunks tell of messages with ids from `first` to below `last`, with the highest id of each.

        The newest chunk first.
        """
        for number, tail in reversed(self._tails.items()):
            with self._open(number) as (view, salt):
                places = (*tail.between(first, last), *_rest(view, tail))
                for place in reversed(places):
                    table = self._table(number, view, salt, place)
                    if table is not None:
                        yield int(table.ids[-1]), Rows(table)

    # ------------------------------------------------------------------ reading

    @contextmanager
    def _open(self, number: int) -> Generator[tuple[memoryview, int]]:
        with mapped(self._directory, number) as view:
            if len(view) <= HEAD_BYTES:
                yield memoryview(b""), 0
            else:
                yield view, read_head(log_path(self._directory, number), view, number).salt

    def _table(self, number: int, view: memoryview, salt: int, place: Place) -> Events | None:
        """All that a chunk tells."""
        key = number, *place
        if key not in self._tables:
            while len(self._tables) >= CHUNKS_MAX:
                del self._tables[next(iter(self._tables))]
            found = Gathering(self._keeping)
            for start, end in frames(view[: place[1]], salt, place[0]):
                for section in records.sections(view, start, end):
                    found.add(view, section)
            self._tables[key] = found.events() if len(found) else None
        return self._tables[key]

    def _mentioning(self, view: memoryview, salt: int, place: Place, needles: list[bytes]) -> Events | None:
        """What those sections of a chunk tell that mention any of a few messages."""
        octets = bytes(view[place[0] : place[1]])
        needles = [needle for needle in needles if needle in octets]
        if not needles:
            return None
        wanted = frozenset(int.from_bytes(needle, sys.byteorder) for needle in needles)
        found = Gathering(self._keeping)
        for start, end in frames(view[: place[1]], salt, place[0]):
            for section in records.sections(view, start, end):
                if any(mentions(view, section, needle) for needle in needles):
                    found.add_about(view, section, wanted)
        return found.events() if len(found) else None


def _to(view: memoryview, salt: int, place: Place, digits: bytes) -> Iterator[int]:
    """The ids of the messages of a chunk that are to a number."""
    for start, end in frames(view[: place[1]], salt, place[0]):
        for section in records.sections(view, start, end):
            if section.kind == ACCEPTED:
                ids, addresses = records.ids_of(view, section), records.addresses_of(view, section)
                for message_id, pair in zip(ids, addresses, strict=True):
                    if digits in pair and plain(pair[pair.index(0, 2) + 3 : -1]) == digits:
                        yield message_id
            elif section.kind == NOTES:
                for message_id, number in numbers_turned_away(view, section):
                    if plain(number) == digits:
                        yield message_id


def _rest(view: memoryview, tail: Tail) -> Iterator[Place]:
    """What of a segment its index does not reach, in chunks of whole frames."""
    start = end = tail.end
    while end + FRAME.size <= len(view):
        magic, length, _ = FRAME.unpack_from(view, end)
        if magic != FRAME_MAGIC or end + FRAME.size + length > len(view):
            # What is being written, or what a crash has left.
            break
        end += FRAME.size + length
        if end - start >= CHUNK_BYTES:
            yield start, end
            start = end
    if end > start:
        yield start, end
