# The archive is a store as others may read it: what is in history, and what is still in the journal only. It
# takes no lock and changes nothing, so it works beside a running router and on a stopped one.
#
#   compacted_to     1 .. 12 in history       |  13 .. 15 in the journal only (journal_end.py)
#
# Rule 1: a message's events may lie in several files and segments; they are put together, each once.
# Rule 2: files may go while they are read: then the manifest is read again, RETRIES_MAX times.
# Rule 3: a search goes from the newest messages to the oldest, and ends when it has found enough.
# Rule 4: it finds no copies that were made for paths: they are told with the messages that they are of.
"""Looking for messages in a store's files."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final, TypeVar

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.message.lifecycle import COPY, FINAL, TURNED_AWAY, Event
from smpp_router.store.history import FOLDER, Contents, FileEntry, file_path, read_contents
from smpp_router.store.history_blocks import Marks, Rows
from smpp_router.store.history_events import Keeping, is_among
from smpp_router.store.history_file import Reader
from smpp_router.store.history_rows import (
    INCOMPLETE,
    REFUSED,
    Entry,
    Received,
    events_of,
    first_id_at,
    issued_at,
    mark_of_state,
    plain,
    received_of,
)
from smpp_router.store.journal_end import EVERY_ID, JournalEnd
from smpp_router.store.seam import StoreFailedError

RETRIES_MAX: Final = 5
"""A merge takes seconds, a look some milliseconds: to meet five in a row is not chance."""

BLOCKS_MAX: Final = 128
"""Blocks that are remembered as they were read, at some 150 kB each."""

TOGETHER_MAX: Final = 1_000
"""Messages to a number that are read at a time, until enough of them fit."""

T = TypeVar("T")


@attrs.frozen
class Told:
    """All that is known of one message. `received` is None where only later events are left."""

    message_id: int
    received: Received | None
    events: tuple[Event, ...]

    @property
    def command_status(self) -> int | None:
        """What a message that was turned away was refused with, None if it was taken."""
        return next((code for kind, _, code, _ in self.events if kind == TURNED_AWAY), None)

    @property
    def is_copy(self) -> bool:
        """Whether it was made for one path of another message."""
        return any(kind == COPY for kind, *_ in self.events)

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
    is_refused: bool | None = None
    """Whether it was turned away when it was submitted."""

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
            and self.is_refused in (None, told.command_status is not None)
            and issued_at(told.message_id) >= self.since
            and (self.until is None or issued_at(told.message_id) < self.until)
        )

    def marks(self) -> list[bytes]:
        """What a row that begins a message has, by history_rows.marks_of()."""
        wanted = ((b"a", self.account), (b"c", self.campaign), (b"f", self.source_addr))
        return [letter + text.encode() for letter, text in wanted if text is not None]

    def rows_of(self, rows: Rows, first: int, last: int) -> NDArray[np.bool_]:
        """Which rows begin a message that is meant, how it ended apart."""
        chosen = rows.begun(self.marks()) & (rows.ids >= first) & (rows.ids < last) & ~rows.copies()
        if self.is_refused is not None:
            chosen &= rows.refused() == self.is_refused
        return chosen


ANYTHING: Final = Search()


class Archive:
    """A store's files, to be looked into; each method looks afresh. All raise StoreFailedError.

    It may be kept, and then remembers what cannot change: open files, blocks and chunks that it has read.
    """

    def __init__(self, directory: Path, keeping: Keeping) -> None:
        """Take a store's directory. Raises StoreFailedError if there is none."""
        if not directory.is_dir():
            raise StoreFailedError(f"{directory}: there is no store")
        self._directory = directory
        self._folder = directory / FOLDER
        self._readers: dict[int, Reader] = {}
        self._contents = Contents(b"")
        self._marks = Marks(b"")
        self._journal = JournalEnd(directory, keeping)
        self._rows: dict[tuple[int, int], Rows] = {}

    # ------------------------------------------------------------------ what there is to ask

    def by_id(self, message_ids: Iterable[int]) -> dict[int, Told]:
        """What is known of messages; those of which nothing is known are left out."""
        wanted = set(message_ids)
        return self._looking(lambda: self._told(wanted))

    def by_number(self, number: str, limit: int, search: Search = ANYTHING) -> list[Told]:
        """The last messages to a number that fit, the newest first. A leading + or 00 does not count."""
        return self._looking(lambda: self._fitting_to(number.encode(), search, limit))

    def search(self, search: Search, limit: int) -> list[Told]:
        """The last messages that fit, the newest first."""
        return self._looking(lambda: self._newest(self._search(search, limit), limit))

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
        for key in [key for key in self._rows if key[0] not in known]:
            del self._rows[key]
        self._journal.refresh(self._folder, contents.compacted_to)

    def _reader(self, entry: FileEntry) -> Reader:
        reader = self._readers.get(entry.number)
        if reader is None:
            reader = self._readers[entry.number] = Reader(file_path(self._folder, entry.number))
        return reader

    def _block(self, entry: FileEntry, number: int) -> Rows:
        """A block, as it was read if that was not long ago."""
        key = entry.number, number
        rows = self._rows.pop(key, None)
        if rows is None:
            while len(self._rows) >= BLOCKS_MAX:
                del self._rows[next(iter(self._rows))]
            rows = self._reader(entry).rows(number)
        self._rows[key] = rows
        return rows

    # ------------------------------------------------------------------ by id

    def _told(self, wanted: set[int]) -> dict[int, Told]:
        if not wanted:
            return {}
        ids = np.array(sorted(wanted), np.int64)
        found: dict[int, list[Entry]] = {}
        for entry in self._contents.files:
            start = np.searchsorted(ids, entry.first_id)
            part = ids[start : np.searchsorted(ids, entry.last_id, side="right")]
            if len(part):
                for block in self._reader(entry).blocks_of(part):
                    rows = self._block(entry, block)
                    for at in np.flatnonzero(is_among(rows.ids, part)).tolist():
                        found.setdefault(int(rows.ids[at]), []).extend(rows.row(at))
        for table in self._journal.about(ids):
            for message_id, row in table.rows():
                found.setdefault(message_id, []).extend(row)
        return {message_id: told_of(message_id, row) for message_id, row in found.items()}

    def _newest(self, found: set[int], limit: int) -> list[Told]:
        newest = sorted(found, reverse=True)[:limit]
        told = self._told(set(newest))
        return [told[message_id] for message_id in newest if message_id in told]

    # ------------------------------------------------------------------ by number

    def _fitting_to(self, digits: bytes, search: Search, limit: int) -> list[Told]:
        fitting: list[Told] = []
        seen: set[int] = set()
        reach = limit
        while True:
            newest = sorted(self._to_number(digits, reach), reverse=True)[:reach]
            unseen = [message_id for message_id in newest if message_id not in seen]
            seen.update(unseen)
            for start in range(0, len(unseen), TOGETHER_MAX):
                part = unseen[start : start + TOGETHER_MAX]
                told = self._told(set(part))
                found = (told[message_id] for message_id in part if message_id in told)
                fitting += [one for one in found if not one.is_copy and search.fits(one)]
                if len(fitting) >= limit:
                    return fitting[:limit]
            if len(newest) < reach:
                return fitting
            # Further back: copies, and others that do not fit, have taken the place of those that would.
            reach *= 4

    def _to_number(self, digits: bytes, limit: int) -> set[int]:
        digits = plain(digits)
        number_hash = self._marks.number(digits)
        found = self._journal.to_number(digits, number_hash)
        for entry in self._newest_first(found, limit):
            count = 0
            # The newest first: of a number with very many messages, the last are wanted.
            for block in sorted(self._reader(entry).blocks_with(number_hash), reverse=True):
                ids = self._block(entry, block).to(digits).tolist()
                found.update(ids)
                count += len(ids)
                if count >= limit:
                    break
        return found

    def _newest_first(self, found: set[int], limit: int) -> Iterator[FileEntry]:
        """The files, as long as there may be newer messages in them than the last that was found."""
        for entry in sorted(self._contents.files, key=lambda entry: -entry.last_id):
            if len(found) >= limit and entry.last_id < sorted(found, reverse=True)[limit - 1]:
                return
            yield entry

    # ------------------------------------------------------------------ by what they are

    def _search(self, search: Search, limit: int) -> set[int]:
        first = first_id_at(search.since)
        last = EVERY_ID if search.until is None else first_id_at(search.until)
        found: set[int] = set()
        for highest, rows in self._journal.between(first, last):
            if len(found) >= limit and highest < sorted(found, reverse=True)[limit - 1]:
                break
            found |= self._fitting(rows, search, first, last)
        for entry in self._newest_first(found, limit):
            if entry.last_id >= first and entry.first_id < last:
                self._in_file(entry, search, (first, last), limit, found)
        return found

    def _in_file(
        self, entry: FileEntry, search: Search, between: tuple[int, int], limit: int, found: set[int]
    ) -> None:
        marks = self._marks
        reader = self._reader(entry)
        first, last = between
        possible = (reader.lasts >= first) & (reader.firsts < last)
        for mark in search.marks():
            possible &= reader.may_have(marks.mask(mark))
        if search.is_refused:
            possible &= reader.may_have(marks.mask(REFUSED))
        if search.message_state is not None:
            state = reader.may_have(marks.mask(mark_of_state(search.message_state)))
            possible &= state | reader.may_have(marks.mask(INCOMPLETE))
        count = 0
        for block in reversed(np.flatnonzero(possible).tolist()):
            fitting = self._fitting(self._block(entry, block), search, first, last)
            found |= fitting
            count += len(fitting)
            if count >= limit:
                return

    def _fitting(self, rows: Rows, search: Search, first: int, last: int) -> set[int]:
        """The messages that begin in some rows and are looked for."""
        chosen = search.rows_of(rows, first, last)
        if search.message_state is None:
            return set(rows.ids[chosen].tolist())
        found = set(rows.ids[chosen & rows.ended(search.message_state)].tolist())
        # How the others ended is told elsewhere, if anywhere.
        told = self._told(set(rows.ids[chosen & ~rows.ended() & ~rows.refused()].tolist()))
        return found | {one.message_id for one in told.values() if one.message_state == search.message_state}


def told_of(message_id: int, row: Sequence[Entry]) -> Told:
    """What a row tells."""
    return Told(message_id, received_of(message_id, row), tuple(events_of(message_id, row)))
