# The catalog knows the segments that are there and what they are good for:
#
#      retired                             replayed                            growing
#   +-----------+-----------+-----------+-----------+-----------+-----------+-----------+
#   |  1  .idx  |  2  .idx  |  3  .idx  |  4  .idx  |  5  .idx  |  6        |  7        |
#   +-----------+-----------+-----------+-----------+-----------+-----------+-----------+
#   no message of theirs is in          ^ replay_from             ^ closed, its index
#   flight; kept for query_sm                                       not yet in a file
#
# Everything here blocks and is called in a worker thread, on a snapshot() that was taken on the event loop's.
"""What segments there are, and reading single records out of them."""

import os
from collections.abc import Generator, Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import groupby
from pathlib import Path
from typing import Final

import attrs

from smpp_router.message.lifecycle import ERROR_MASK, ERROR_SHIFT
from smpp_router.message.message import Finished
from smpp_router.store import records
from smpp_router.store.fold import OFFSET_BITS
from smpp_router.store.index import PLACE_BITS, Bounds, Columns, FinalEntry, Index, IndexFile
from smpp_router.store.records import ACCEPTED, FRAME, LENGTH
from smpp_router.store.seam import FINAL, StoreFailedError
from smpp_router.store.segments import HEAD_BYTES, frames, log_path, read_head

BODY_GUESS_BYTES: Final = 1024
"""What is read for a body whose length is not known yet: all of any but the longest."""

GAP_BYTES: Final = 16 * 1024
"""Between two bodies that are read in one go: reading that much costs less than handing the interpreter over
once more, which is what each read does beside a busy event loop."""

SPAN_BYTES: Final = 256 * 1024
"""Read in one go at most."""


@attrs.define(eq=False)
class Catalog:
    """The segments of a directory by number: their sizes, and their indexes in memory or in a file."""

    directory: Path
    sizes: dict[int, int] = attrs.Factory(dict[int, int])
    columns: dict[int, Columns] = attrs.Factory(dict[int, Columns])
    bounds: dict[int, Bounds] = attrs.Factory(dict[int, Bounds])

    def snapshot(self) -> "Catalog":
        """A copy that another thread may read while this one changes."""
        return Catalog(self.directory, dict(self.sizes), dict(self.columns), dict(self.bounds))

    def forget(self, number: int) -> None:
        """A segment's files are gone."""
        for by_number in (self.sizes, self.columns, self.bounds):
            by_number.pop(number, None)

    # ------------------------------------------------------------------ reading

    def finished(self, message_ids: Sequence[int]) -> list[Finished | None]:
        """Look up messages that have ended. Raises StoreFailedError."""
        finals = self.finals(message_ids)
        places: dict[int, tuple[int, int]] = {}
        for number in sorted(self.sizes, reverse=True):
            sought = [i for i in self._may_begin_in(number, finals) if i not in places]
            with self._index(number, sought) as index:
                for message_id in sought:
                    place = index.place(message_id)
                    if place is not None:
                        places[message_id] = (number, place)
        return [
            self._finished(message_id, places[message_id], finals[message_id])
            if message_id in places
            else None
            for message_id in message_ids
        ]

    def finals(self, message_ids: Sequence[int]) -> dict[int, FinalEntry]:
        """How messages ended, those of which a segment tells it. Raises StoreFailedError."""
        finals: dict[int, FinalEntry] = {}
        for number in sorted(self.sizes, reverse=True):
            sought = [i for i in self._may_end_in(number, message_ids) if i not in finals]
            with self._index(number, sought) as index:
                for message_id in sought:
                    final = index.final(message_id)
                    if final is not None:
                        finals[message_id] = final
        return finals

    def _may_end_in(self, number: int, message_ids: Iterable[int]) -> Iterable[int]:
        bounds = self.bounds.get(number)
        if bounds is None:
            return message_ids
        return [i for i in message_ids if bounds.final_min <= i <= bounds.final_max]

    def _may_begin_in(self, number: int, message_ids: Iterable[int]) -> Iterable[int]:
        bounds = self.bounds.get(number)
        if bounds is None:
            return message_ids
        return [i for i in message_ids if bounds.accepted_min <= i <= bounds.accepted_max]

    @contextmanager
    def _index(self, number: int, sought: list[int]) -> Generator[Index]:
        """The index of a segment; an empty one, without opening anything, if nothing is sought."""
        if not sought:
            yield Columns()
        elif number in self.columns:
            yield self.columns[number]
        else:
            try:
                index = IndexFile(self.directory, number)
            except OSError as error:
                raise StoreFailedError(f"index of {log_path(self.directory, number)}: {error}") from error
            try:
                yield index
            finally:
                index.close()

    def _finished(self, message_id: int, place: tuple[int, int], final: FinalEntry) -> Finished:
        number, packed = place
        offset, ordinal = packed >> PLACE_BITS, packed & ((1 << PLACE_BITS) - 1)
        path = log_path(self.directory, number)
        with self._open(number) as fd:
            view = _frame(fd, path, number, offset - FRAME.size)
        section = next(s for s in records.sections(view, 0, len(view)) if s.kind == ACCEPTED)
        columns = records.accepted_of(view, section)
        if columns.ids[ordinal] != message_id:
            raise StoreFailedError(f"{path}: index damaged: another message is at offset {offset}")
        final_at, code = final
        return Finished(
            message_id,
            columns.reported_ids[ordinal],
            columns.accounts[ordinal],
            columns.addresses[ordinal],
            code & 0xFF,
            code >> ERROR_SHIFT & ERROR_MASK,
            final_at,
        )

    def bodies(self, handles: Sequence[int]) -> list[bytes]:
        """Read bodies by their handles. Raises StoreFailedError."""
        found: dict[int, bytes] = {}
        for number, wanted in groupby(sorted(set(handles)), lambda handle: handle >> OFFSET_BITS):
            base = number << OFFSET_BITS
            with self._open(number) as fd:
                for span in _spans(handle - base for handle in wanted):
                    bodies = _bodies(fd, span)
                    found.update(zip(map(base.__add__, span), bodies, strict=True))
        return [found[handle] for handle in handles]

    @contextmanager
    def _open(self, number: int) -> Generator[int]:
        path = log_path(self.directory, number)
        try:
            fd = os.open(path, os.O_RDONLY | os.O_CLOEXEC)
        except OSError as error:
            raise StoreFailedError(f"{path}: {error.strerror}") from error
        try:
            yield fd
        except OSError as error:
            raise StoreFailedError(f"{path}: {error.strerror}") from error
        finally:
            os.close(fd)


def _spans(offsets: Iterable[int]) -> Iterator[list[int]]:
    """Cut ascending offsets where it is better to read again than to read on."""
    span: list[int] = []
    for offset in offsets:
        if span and (offset - span[-1] > GAP_BYTES or offset - span[0] > SPAN_BYTES):
            yield span
            span = []
        span.append(offset)
    if span:
        yield span


def _bodies(fd: int, span: list[int]) -> Iterator[bytes]:
    """The bodies at the offsets of a span, in one read; one more for each that is longer than expected."""
    first = span[0]
    data = os.pread(fd, span[-1] - first + LENGTH.size + BODY_GUESS_BYTES, first)
    for offset in span:
        start = offset - first + LENGTH.size
        (length,) = LENGTH.unpack_from(data, offset - first)
        body = data[start : start + length]
        if len(body) < length:
            body = os.pread(fd, length, offset + LENGTH.size)
        yield body


def _frame(fd: int, path: Path, number: int, offset: int) -> memoryview:
    """The inside of the frame at `offset`. Raises StoreFailedError if it is not as it was written."""
    salt = read_head(path, memoryview(os.pread(fd, HEAD_BYTES, 0)), number).salt
    head = os.pread(fd, FRAME.size, offset)
    if len(head) == FRAME.size:
        length = min(FRAME.unpack(head)[1], os.fstat(fd).st_size)
        view = memoryview(os.pread(fd, FRAME.size + length, offset))
        for start, end in frames(view, salt, 0):
            return view[start:end]
    raise StoreFailedError(f"{path}: damaged at offset {offset}: not a whole frame")


def enter(columns: Columns, view: memoryview, start: int, end: int, offset: int) -> None:
    """Enter a frame into an index: its inside is `view[start:end]`, and is at `offset` in its segment."""
    for section in records.sections(view, start, end):
        if section.kind == ACCEPTED:
            columns.add_accepted(records.ids_bytes(view, section), section.count, offset)
        elif section.kind == FINAL:
            columns.add_finals(
                records.ids_bytes(view, section),
                records.ats_of(view, section),
                records.codes_of(view, section),
            )
