# The archive is a store as others may read it: what is in history, and what is still in the journal only. It
# takes no lock and changes nothing, so it works beside a running router and on a stopped one.
#
#   compacted_to     1 .. 12 in history       |  13 .. 15 read as they are: segments of some megabytes
#
# Rule 1: a message's events may lie in several files and segments; they are put together, each once.
# Rule 2: files may go while they are read: then the manifest is read again, RETRIES_MAX times.
# Rule 3: a search goes from the newest messages to the oldest, and ends when it has found enough.
"""Looking for messages in a store's files."""

import sys
from bisect import bisect_left
from collections.abc import Callable, Iterable, Iterator, Sequence
from mmap import mmap
from pathlib import Path
from typing import Final, TypeVar

import attrs

from smpp_router.message.lifecycle import FINAL, RECEIVED, Event
from smpp_router.store import records
from smpp_router.store.history import FOLDER, Contents, FileEntry, file_path, read_contents
from smpp_router.store.history_blocks import Marks
from smpp_router.store.history_compaction import Keeping, entries_of, gather
from smpp_router.store.history_file import Reader
from smpp_router.store.history_rows import (
    Received,
    entries,
    first_id_at,
    issued_at,
    marks_of,
    number_of,
    unpack_received,
)
from smpp_router.store.records import ACCEPTED, FRAME, FRAME_MAGIC
from smpp_router.store.seam import StoreFailedError
from smpp_router.store.segments import HEAD_BYTES, frames, log_path, mapped, numbers, read_head

RETRIES_MAX: Final = 5
"""A merge takes seconds, a look some milliseconds: to meet five in a row is not chance."""

EVERY_ID: Final = 1 << 63

T = TypeVar("T")


@attrs.frozen
class Told:
    """All that is known of one message. `received` is None where only later events are left."""

    message_id: int
    received: Received | None
    events: tuple[Event, ...]

    @property
    def message_state(self) -> int | None:
        """How it ended (SMPP 3.4 section 5.2.28), None if it has not."""
        return next((code & 0xFF for kind, _, code, _ in self.events if kind == FINAL), None)


@attrs.frozen(kw_only=True)
class Search:
    """What to look for; None is anything. Times are unix seconds, of when messages were received."""

    account: str | None = None
    campaign: str | None = None
    source_addr: str | None = None
    message_state: int | None = None
    since: float = 0.0
    until: float | None = None

    def fits(self, told: Told) -> bool:
        """Whether a message is meant."""
        received = told.received
        if received is None:
            return False
        return (
            self.account in (None, received.account)
            and self.campaign in (None, received.campaign)
            and self.source_addr in (None, received.source_addr)
            and self.message_state in (None, told.message_state)
            and issued_at(told.message_id) >= self.since
            and (self.until is None or issued_at(told.message_id) < self.until)
        )

    def marks(self) -> list[bytes]:
        """What a row that begins a message has, by history_rows.marks_of()."""
        wanted = ((b"a", self.account), (b"c", self.campaign), (b"f", self.source_addr))
        return [letter + text.encode() for letter, text in wanted if text is not None]


class Archive:
    """A store's files, to be looked into; each method looks afresh. All raise StoreFailedError."""

    def __init__(self, directory: Path, keeping: Keeping) -> None:
        """Take a store's directory. Raises StoreFailedError if there is none."""
        if not directory.is_dir():
            raise StoreFailedError(f"{directory}: there is no store")
        self._directory = directory
        self._folder = directory / FOLDER
        self._keeping = keeping
        self._readers: dict[int, Reader] = {}
        self._contents = Contents(b"")
        self._marks = Marks(b"")
        self._tail: list[int] = []
        self._gathered: dict[int, int] = {}
        self._rows: dict[int, bytes] = {}

    # ------------------------------------------------------------------ what there is to ask

    def by_id(self, message_ids: Iterable[int]) -> dict[int, Told]:
        """What is known of messages; those of which nothing is known are left out."""
        wanted = set(message_ids)
        return self._looking(lambda: self._told(wanted))

    def by_number(self, number: str, limit: int) -> list[Told]:
        """The last messages to a number, the newest first. A leading + or 00 does not count."""
        return self._looking(lambda: self._to_number(number.encode(), limit))

    def search(self, search: Search, limit: int) -> list[Told]:
        """The last messages that fit, the newest first."""
        return self._looking(lambda: self._search(search, limit))

    def _looking(self, look: Callable[[], T]) -> T:
        for left in reversed(range(RETRIES_MAX)):
            try:
                self._look_again()
                return look()
            except (FileNotFoundError, StoreFailedError) as error:
                # A segment that goes is told as one that can't be read.
                is_gone = isinstance(error, FileNotFoundError) or isinstance(
                    error.__cause__, FileNotFoundError
                )
                if not is_gone or not left:
                    if isinstance(error, StoreFailedError):
                        raise
                    raise StoreFailedError(f"{error.filename}: missing") from error
        raise AssertionError("the last try returns or raises")

    def _look_again(self) -> None:
        contents = read_contents(self._folder) or Contents(b"")
        if contents.key != self._contents.key:
            self._marks = Marks(contents.key)
        self._contents = contents
        known = {entry.number for entry in contents.files}
        for number in self._readers.keys() - known:
            self._readers.pop(number).close()
        self._tail = [n for n in numbers(self._directory) if n > contents.compacted_to]

    def _reader(self, entry: FileEntry) -> Reader:
        reader = self._readers.get(entry.number)
        if reader is None:
            reader = self._readers[entry.number] = Reader(file_path(self._folder, entry.number))
        return reader

    # ------------------------------------------------------------------ by id

    def _told(self, wanted: set[int]) -> dict[int, Told]:
        rows: dict[int, list[bytes]] = {}
        for entry in self._contents.files:
            for message_id in wanted:
                if entry.first_id <= message_id <= entry.last_id:
                    row = self._reader(entry).find(message_id)
                    if row is not None:
                        rows.setdefault(message_id, []).append(row)
        for message_id, entry in self._in_journal(wanted):
            rows.setdefault(message_id, []).append(entry)
        return {message_id: told_of(message_id, b"".join(found)) for message_id, found in rows.items()}

    def _in_journal(self, wanted: set[int]) -> Iterator[tuple[int, bytes]]:
        needles = [message_id.to_bytes(8, sys.byteorder) for message_id in wanted]
        for view, start, end in self._frames_with(needles):
            for section in records.sections(view, start, end):
                yield from entries_of(view, section, self._keeping, wanted)

    def _frames_with(self, needles: Sequence[bytes]) -> Iterator[tuple[memoryview, int, int]]:
        """The frames of the journal in which any of some octets stand, wherever that is."""
        for number in self._tail:
            with mapped(self._directory, number) as view:
                if len(view) <= HEAD_BYTES:
                    continue
                places = sorted({at for needle in needles for at in _places(view, needle)})
                if places:
                    salt = read_head(log_path(self._directory, number), view, number).salt
                    for start, end in _frames_at(view, salt, places):
                        yield view, start, end

    # ------------------------------------------------------------------ by number

    def _to_number(self, digits: bytes, limit: int) -> list[Told]:
        number_hash = self._marks.number(digits)
        plain = _plain(digits)
        found = self._numbers_in_journal(plain)
        for entry in self._contents.files:
            reader = self._reader(entry)
            blocks = reader.blocks_with(number_hash)
            # The newest first: of a number with very many messages, the last are wanted.
            for block in sorted(blocks, reverse=True)[: limit + 1]:
                rows = reader.rows(block)
                for at, message_id in enumerate(rows.ids):
                    if rows.hashes[at] == number_hash and _plain(number_of(rows.row(at)) or b"") == plain:
                        found.add(message_id)
        return self._newest(found, limit)

    def _numbers_in_journal(self, plain: bytes) -> set[int]:
        found: set[int] = set()
        for view, start, end in self._frames_with([plain]):
            for section in records.sections(view, start, end):
                if section.kind == ACCEPTED:
                    columns = records.accepted_of(view, section)
                    found |= {
                        message_id
                        for message_id, addresses in zip(columns.ids, columns.addresses, strict=True)
                        if _plain(addresses[addresses.index(0, 2) + 3 : -1]) == plain
                    }
        return found

    def _newest(self, found: set[int], limit: int) -> list[Told]:
        newest = sorted(found, reverse=True)[:limit]
        told = self._told(set(newest))
        return [told[message_id] for message_id in newest if message_id in told]

    # ------------------------------------------------------------------ by what they are

    def _search(self, search: Search, limit: int) -> list[Told]:
        first = first_id_at(search.since)
        last = EVERY_ID if search.until is None else first_id_at(search.until)
        found = {told.message_id: told for told in self._recent(search, first, last)}
        files = sorted(self._contents.files, key=lambda entry: -entry.last_id)
        for entry in files:
            newest = sorted(found, reverse=True)[:limit]
            if entry.last_id < first or (len(newest) == limit and entry.last_id < newest[-1]):
                break
            if entry.first_id < last:
                for told in self._in_file(self._reader(entry), search, first, last, limit):
                    found[told.message_id] = told
        return [found[message_id] for message_id in sorted(found, reverse=True)[:limit]]

    def _recent(self, search: Search, first: int, last: int) -> Iterator[Told]:
        """The messages that the journal tells of and that fit, whole."""
        sizes = {number: log_path(self._directory, number).stat().st_size for number in self._tail}
        if sizes != self._gathered:
            # Some seconds for a full segment of 64 MiB; asked again, with nothing new in it, none.
            self._rows = {}
            for number in self._tail:
                for _ in gather(self._directory, number, self._keeping, self._rows, may_be_torn=True):
                    pass
            self._gathered = sizes
        for message_id, row in self._rows.items():
            if first <= message_id < last and _may_fit(row, search):
                told = told_of(message_id, row)
                if told.received is None or told.message_state is None:
                    older = self._in_files(message_id)
                    told = told_of(message_id, older + row) if older else told
                if search.fits(told):
                    yield told

    def _in_files(self, message_id: int) -> bytes:
        found = [
            self._reader(entry).find(message_id)
            for entry in self._contents.files
            if entry.first_id <= message_id <= entry.last_id
        ]
        return b"".join(row for row in found if row is not None)

    def _in_file(self, reader: Reader, search: Search, first: int, last: int, limit: int) -> Iterator[Told]:
        marks = self._marks
        needed = [marks.mask(mark) for mark in search.marks()]
        state = None if search.message_state is None else marks.mask(b"s%d" % search.message_state)
        incomplete = marks.mask(b"i")
        count = 0
        for block in reversed(range(reader.blocks)):
            if count >= limit or reader.lasts[block] < first:
                return
            mask = reader.mask(block)
            has_state = state is None or mask & state == state or mask & incomplete == incomplete
            if reader.firsts[block] >= last or not has_state or any(mask & one != one for one in needed):
                continue
            rows = reader.rows(block)
            for at in reversed(range(len(rows.ids))):
                told = self._fitting(rows.ids[at], rows.row(at), search)
                if told is not None:
                    count += 1
                    yield told

    def _fitting(self, message_id: int, row: bytes, search: Search) -> Told | None:
        found = set(marks_of(row))
        if not found.issuperset(search.marks()):
            return None
        if (
            b"i" not in found
            and search.message_state is not None
            and b"s%d" % search.message_state not in found
        ):
            return None
        told = told_of(message_id, row)
        if b"i" in found:
            told = self._told({message_id}).get(message_id, told)
        return told if search.fits(told) else None


def _may_fit(row: bytes, search: Search) -> bool:
    """Whether a row, which need not be all of its message, does not speak against it."""
    found = set(marks_of(row))
    has_begun = any(mark.startswith(b"a") for mark in found)
    if has_begun and not found.issuperset(search.marks()):
        return False
    states = {mark for mark in found if mark.startswith(b"s")}
    return search.message_state is None or not states or b"s%d" % search.message_state in states


def told_of(message_id: int, row: bytes) -> Told:
    """What a row tells."""
    events = tuple(entries(message_id, row))
    received = next(
        (unpack_received(message_id, code, detail) for kind, _, code, detail in events if kind == RECEIVED),
        None,
    )
    return Told(message_id, received, events)


def _plain(digits: bytes) -> bytes:
    """A number without what only says that it is international."""
    digits = digits.lstrip(b"+")
    return digits[2:] if digits.startswith(b"00") else digits


def _places(view: memoryview, needle: bytes) -> Iterator[int]:
    """Where some octets stand in a segment."""
    whole = view.obj
    assert isinstance(whole, mmap), "a segment that is not empty is mapped"
    at = whole.find(needle)
    while at >= 0:
        yield at
        at = whole.find(needle, at + 1)


def _frames_at(view: memoryview, salt: int, places: list[int]) -> Iterator[tuple[int, int]]:
    """The frames that places are in, checked; the others are passed over by their lengths."""
    at = HEAD_BYTES
    while at + FRAME.size <= len(view) and at <= places[-1]:
        magic, length, _ = FRAME.unpack_from(view, at)
        end = at + FRAME.size + length
        if magic != FRAME_MAGIC or end > len(view):
            # What is being written, or what a crash has left.
            return
        first = bisect_left(places, at)
        if first < len(places) and places[first] < end:
            yield from frames(view[:end], salt, at)
        at = end
