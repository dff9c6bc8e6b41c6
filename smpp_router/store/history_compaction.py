# Compaction makes history of the journal, and bigger files of small ones.
#
#   segment > events > a file of level 0   as soon as the segment is closed, whether its messages have ended
#   files of one level > one of the next   once there are FANOUT of them, one behind the other
#
# A message whose life reaches over several segments has a row in the file of each; who looks for it puts them
# together, and so does a merge. So nothing ever waits for a message to end.
#
# All of it is cut into slices of some milliseconds: these are generators, which yield between two slices, so
# that the event loop and other work of the store have their turn.
"""Making history files out of segments, and out of smaller files."""

import contextlib
from collections.abc import Generator, Iterator
from pathlib import Path
from typing import Final

import attrs
import numpy as np

from smpp_router.store import records
from smpp_router.store.disk import DISK, Disk
from smpp_router.store.history_blocks import ROWS_MAX, Marks, blocks_of
from smpp_router.store.history_events import Events, Gathering, Keeping, joined
from smpp_router.store.history_file import Reader, Writer
from smpp_router.store.seam import StoreFailedError
from smpp_router.store.segments import HEAD_BYTES, forget_pages, frames, log_path, mapped, read_head

FANOUT: Final = 8
"""Files of one level that become one of the next."""

LEVEL_MAX: Final = 4
"""Files of this level stay as they are: some 400 million messages each, at 64 MiB a segment."""

SLICE_BYTES: Final = 512 * 1024
"""Of frames that are read in one slice: a thousand messages, some milliseconds."""

SLICE_BLOCKS: Final = 4
SLICE_MOVED: Final = 64
"""Blocks that are taken as they are in one slice."""

POOL_ROWS: Final = 16 * ROWS_MAX
"""Rows of files that overlap that are put together at once: some megabytes."""

_EVERY_ID: Final = 1 << 63


# ---------------------------------------------------------------------- out of the journal


def gather(
    directory: Path, number: int, keeping: Keeping, *, may_be_torn: bool = False
) -> Generator[None, None, Events | None]:
    """Read a segment; None if it tells of no message. Raises StoreFailedError if it is damaged."""
    path = log_path(directory, number)
    found = Gathering(keeping)
    with mapped(directory, number) as view:
        end, sliced_at = HEAD_BYTES, HEAD_BYTES
        for start, end in frames(view, read_head(path, view, number).salt):
            for section in records.sections(view, start, end):
                found.add(view, section)
            if end - sliced_at > SLICE_BYTES:
                sliced_at = end
                forget_pages(view)
                yield
        if end != len(view) and not may_be_torn:
            raise StoreFailedError(f"{path}: damaged at offset {end}: not a whole frame")
    return found.events() if len(found) else None


# ---------------------------------------------------------------------- files


@attrs.define(eq=False)
class Made:
    """A file that is there whole: its rows, and the lowest and highest ids among them."""

    rows: int
    first_id: int
    last_id: int


def compact(
    directory: Path, number: int, target: Path, marks: Marks, keeping: Keeping, disk: Disk = DISK
) -> Generator[None, None, Made | None]:
    """Make a file of a closed segment; None, and no file, if it tells of no message."""
    events = yield from gather(directory, number, keeping)
    if events is None:
        return None
    yield
    with _writing(target, disk) as writer:
        yield from _write(writer, events, marks)
        yield from writer.finish()
        return Made(writer.rows, *writer.bounds)


def _write(writer: Writer, events: Events, marks: Marks) -> Generator[None, None, None]:
    for number, block in enumerate(blocks_of(events, marks), 1):
        writer.add(block)
        if number % SLICE_BLOCKS == 0:
            yield


def merge(sources: list[Path], target: Path, marks: Marks, disk: Disk = DISK) -> Generator[None, None, Made]:
    """Make one file of several. Blocks that no other file has rows between are taken as they are."""
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(contextlib.closing(Reader(path))) for path in sources]
        writer = stack.enter_context(_writing(target, disk))
        moved = [np.full(reader.blocks, -1, np.int64) for reader in readers]
        pool = _Pool()
        for turn, (source, number, is_apart) in enumerate(_in_turn(readers)):
            reader = readers[source]
            first_id = int(reader.firsts[number])
            if is_apart and pool.last_id < first_id:
                if pool.rows:
                    yield from _write(writer, pool.settled(_EVERY_ID), marks)
                moved[source][number] = writer.blocks
                writer.add(reader.block(number))
            else:
                if pool.rows >= POOL_ROWS:
                    yield from _write(writer, pool.settled(first_id), marks)
                pool.add(reader.rows(number).events, int(reader.counts[number]))
                if turn % SLICE_BLOCKS == 0:
                    yield
            if turn % SLICE_MOVED == 0:
                yield
        if pool.rows:
            yield from _write(writer, pool.settled(_EVERY_ID), marks)
        for reader, new in zip(readers, moved, strict=True):
            writer.add_moved(reader.checked_numbers(), new)
        yield from writer.finish()
        return Made(writer.rows, *writer.bounds)


def _in_turn(readers: list[Reader]) -> Iterator[tuple[int, int, bool]]:
    """All blocks of some files by their first ids: file, block, whether no later one overlaps it."""
    firsts = np.concatenate([reader.firsts for reader in readers])
    lasts = np.concatenate([reader.lasts for reader in readers])
    source = np.repeat(np.arange(len(readers)), [reader.blocks for reader in readers])
    number = np.concatenate([np.arange(reader.blocks) for reader in readers])
    order = np.argsort(firsts, kind="stable")
    apart = np.append(lasts[order][:-1] < firsts[order][1:], [True])
    yield from zip(source[order].tolist(), number[order].tolist(), apart.tolist(), strict=True)


@attrs.define(eq=False)
class _Pool:
    """Rows of blocks that overlap, waiting until all that is to be put together with them is there."""

    tables: list[Events] = attrs.Factory(list[Events])
    rows: int = 0
    last_id: int = -1

    def add(self, events: Events, rows: int) -> None:
        """Take the rows of a block."""
        self.tables.append(events)
        self.rows += rows
        self.last_id = max(self.last_id, int(events.ids[-1]))

    def settled(self, before: int) -> Events:
        """Give away the rows with lower ids, put together."""
        events = joined(self.tables)
        cut = len(events) if before > self.last_id else int(np.searchsorted(events.ids, before))
        rest = events.part(slice(cut, None))
        self.tables = [rest.compacted()] if len(rest) else []
        self.rows = len(np.unique(rest.ids))
        return events.part(slice(0, cut))


@contextlib.contextmanager
def _writing(target: Path, disk: Disk) -> Generator[Writer]:
    """A writer that leaves nothing behind if it does not come to its end."""
    writer = Writer(target, disk)
    try:
        yield writer
    finally:
        writer.abandon()
