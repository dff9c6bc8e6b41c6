# Compaction makes history of the journal, and bigger files of small ones.
#
#   segment > rows > a file of level 0     as soon as the segment is closed, whether its messages have ended
#   files of one level > one of the next   once there are FANOUT of them, one behind the other
#
# A message whose life reaches over several segments has a row in the file of each; who looks for it puts them
# together, and so does a merge. So nothing ever waits for a message to end.
#
# All of it is cut into slices of some milliseconds: these are generators, which yield between two slices, so
# that the event loop and other work of the store have their turn.
"""Making history files out of segments, and out of smaller files."""

import contextlib
import sys
from collections.abc import Generator, Iterable, Iterator
from heapq import heapify, heappop, heapreplace
from pathlib import Path
from typing import Final

import attrs

from smpp_router.message.lifecycle import FINAL, MOBILE, REPLACED
from smpp_router.store import records
from smpp_router.store.disk import DISK, Disk
from smpp_router.store.history_blocks import BYTES_MAX, ROWS_MAX, Block, Marks, Row, encode_block
from smpp_router.store.history_file import Reader, Writer
from smpp_router.store.history_rows import TEXT, Received, entries, pack, pack_received
from smpp_router.store.notes import NOTES, ids_bytes, notes_of
from smpp_router.store.records import ACCEPTED, Section
from smpp_router.store.seam import ADOPTED, ORPHANED, StoreFailedError
from smpp_router.store.segments import HEAD_BYTES, frames, log_path, mapped, read_head
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.codec import decode
from smpp_router.wire.pdu import SubmitSm

FANOUT: Final = 8
"""Files of one level that become one of the next."""

LEVEL_MAX: Final = 2
"""Files of this level stay as they are: some six million messages each, at 64 MiB a segment."""

SLICE_BYTES: Final = 256 * 1024
"""Of frames that are read in one slice: some hundred messages, some milliseconds."""

SLICE_BLOCKS: Final = 2
SLICE_NUMBERS: Final = 20_000

_NOT_KEPT: Final = frozenset({ORPHANED, ADOPTED})
"""Of receipts whose message is not known; those of messages that had ended are notes."""


@attrs.frozen(kw_only=True)
class Keeping:
    """What is kept of messages, and for how long.

    `campaign_tag`: the optional parameter that names the campaign; without one, service_type does.
    """

    retention_s: float
    keep_text: bool = False
    campaign_tag: int | None = None


# ---------------------------------------------------------------------- rows out of the journal


def entries_of(
    view: memoryview, section: Section, keeping: Keeping, wanted: set[int] | None = None
) -> Iterator[tuple[int, bytes]]:
    """(message_id, entry) of what a section tells, of all messages or of those that are wanted."""
    kind = section.kind
    if kind in _NOT_KEPT:
        return
    if wanted is not None and not _mentions(view, section, wanted):
        return
    if kind == ACCEPTED:
        yield from _accepted(view, section, keeping, wanted)
    elif kind == NOTES:
        for noted, ids, at, code, detail in notes_of(view, section.start, section.count):
            for message_id in ids:
                if wanted is None or message_id in wanted:
                    yield message_id, pack(message_id, noted, at, code, detail)
    else:
        for message_id, at, code, detail in records.rows_of(view, section):
            if wanted is None or message_id in wanted:
                yield message_id, pack(message_id, kind, at, code, _kept(kind, detail))


def _kept(kind: int, detail: bytes) -> bytes:
    """Of the details of facts: no receipts, which say nothing new, and no texts."""
    if kind in (FINAL, REPLACED):
        return b""
    if kind == MOBILE:
        return detail.split(b"\0", 1)[0] + b"\0"
    return detail


def _mentions(view: memoryview, section: Section, wanted: set[int]) -> bool:
    if section.kind == NOTES:
        ids = ids_bytes(view, section.start, section.count, section.end)
    else:
        ids = records.ids_bytes(view, section)
    if len(wanted) > 4:
        return not wanted.isdisjoint(ids.cast("q"))
    octets = bytes(ids)
    return any(message_id.to_bytes(8, sys.byteorder) in octets for message_id in wanted)


def _accepted(
    view: memoryview, section: Section, keeping: Keeping, wanted: set[int] | None
) -> Iterator[tuple[int, bytes]]:
    columns = records.accepted_of(view, section)
    for at, message_id in enumerate(columns.ids):
        if wanted is not None and message_id not in wanted:
            continue
        offset = columns.body_offsets[at] + records.LENGTH.size
        (length,) = records.LENGTH.unpack_from(view, columns.body_offsets[at])
        told = Received(
            columns.reported_ids[at],
            columns.accounts[at],
            columns.classes[at],
            _campaign(view, offset, length, keeping),
            columns.addresses[at],
            columns.registered_delivery[at],
            bool(columns.is_sent_once[at]),
            columns.expires_at[at],
            columns.not_before[at],
        )
        entry = pack_received(message_id, told)
        if keeping.keep_text:
            entry += pack(message_id, TEXT, 0.0, 0, bytes(view[offset : offset + length]))
        yield message_id, entry


def _campaign(view: memoryview, offset: int, length: int, keeping: Keeping) -> str:
    # service_type is the first field of a submit_sm: 6 octets with its NUL (SMPP 3.4 section 4.4.1).
    if keeping.campaign_tag is not None:
        pdu = decode(c.SUBMIT_SM, 0, 0, bytes(view[offset : offset + length]))
        if isinstance(pdu, SubmitSm):
            value = tlv.find(pdu.tlvs, keeping.campaign_tag)
            if value:
                return value.rstrip(b"\0").replace(b"\0", b" ").decode("utf-8", "replace")
    return bytes(view[offset : offset + min(length, 6)]).split(b"\0", 1)[0].decode("latin-1")


def gather(
    directory: Path, number: int, keeping: Keeping, rows: dict[int, bytes], *, may_be_torn: bool = False
) -> Generator[None]:
    """Read a segment into rows by message_id. Raises StoreFailedError if it is damaged."""
    path = log_path(directory, number)
    with mapped(directory, number) as view:
        end, sliced_at = HEAD_BYTES, HEAD_BYTES
        for start, end in frames(view, read_head(path, view, number).salt):
            for section in records.sections(view, start, end):
                for message_id, entry in entries_of(view, section, keeping):
                    known = rows.get(message_id)
                    rows[message_id] = entry if known is None else known + entry
            if end - sliced_at > SLICE_BYTES:
                sliced_at = end
                yield
        if end != len(view) and not may_be_torn:
            raise StoreFailedError(f"{path}: damaged at offset {end}: not a whole frame")


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
    rows: dict[int, bytes] = {}
    yield from gather(directory, number, keeping, rows)
    if not rows:
        return None
    with _writing(target, disk) as writer:
        pending: list[Row] = []
        for at, message_id in enumerate(sorted(rows)):
            pending.append(marks.row(message_id, rows.pop(message_id)))
            if _is_full(pending):
                _flush(writer, pending, marks)
            if at % (SLICE_BLOCKS * ROWS_MAX // 2) == 0:
                yield
        _flush(writer, pending, marks)
        yield from writer.finish()
        return Made(writer.rows, *writer.bounds)


def merge(sources: list[Path], target: Path, marks: Marks, disk: Disk = DISK) -> Generator[None, None, Made]:
    """Make one file of several. Blocks that no other file has rows between are taken as they are."""
    with contextlib.ExitStack() as stack:
        readers = [stack.enter_context(contextlib.closing(Reader(path))) for path in sources]
        writer = stack.enter_context(_writing(target, disk))
        moved = [[-1] * reader.blocks for reader in readers]
        pending: list[Row] = []
        for piece, source, number in _merged(readers):
            if isinstance(piece, Block):
                _flush(writer, pending, marks)
                moved[source][number] = writer.blocks
                writer.add(piece, [])
                yield
            else:
                for row in piece:
                    if pending and pending[-1][0] == row[0]:
                        pending[-1] = _together(pending[-1], row, marks)
                        continue
                    if _is_full(pending):
                        _flush(writer, pending, marks)
                        yield
                    pending.append(row)
        _flush(writer, pending, marks)
        for reader, new in zip(readers, moved, strict=True):
            found: list[tuple[int, int]] = []
            for number_hash, block in reader.hashes_by_block():
                if new[block] >= 0:
                    found.append((number_hash, new[block]))
                if len(found) >= SLICE_NUMBERS:
                    writer.add_numbers(found)
                    found = []
                    yield
            writer.add_numbers(found)
        yield from writer.finish()
        return Made(writer.rows, *writer.bounds)


def _merged(readers: list[Reader]) -> Iterator[tuple[Block | list[Row], int, int]]:
    """What the files have, in the order of ids: whole blocks, and rows where blocks overlap."""
    # (next id, source, block, row within it or -1 if the block is untouched)
    heap = [(reader.firsts[0], source, 0, -1) for source, reader in enumerate(readers)]
    heapify(heap)
    opened: dict[int, list[Row]] = {}
    last_id = -1
    while heap:
        _, source, number, at = heap[0]
        reader = readers[source]
        limit = min((entry[0] for entry in heap[1:3]), default=None)
        is_apart = last_id < reader.firsts[number] and (limit is None or reader.lasts[number] < limit)
        if at < 0 and is_apart:
            yield reader.block(number), source, number
            end = reader.counts[number]
            last_id = reader.lasts[number]
        else:
            rows = opened.get(source)
            if at < 0 or rows is None:
                rows = opened[source] = reader.rows(number).all()
                at = 0
            end = at + 1
            while end < len(rows) and (limit is None or rows[end][0] < limit):
                end += 1
            last_id = rows[end - 1][0]
            yield rows[at:end], source, number
        if end < reader.counts[number]:
            heapreplace(heap, (opened[source][end][0], source, number, end))
        elif number + 1 < reader.blocks:
            heapreplace(heap, (reader.firsts[number + 1], source, number + 1, -1))
        else:
            heappop(heap)


def _together(one: Row, other: Row, marks: Marks) -> Row:
    """Two rows of one message."""
    return marks.row(one[0], once(one[0], [one[2], other[2]]))


def once(message_id: int, rows: Iterable[bytes]) -> bytes:
    """The entries of several rows of one message, each once."""
    told = entries(message_id, b"".join(rows))
    return b"".join(pack(message_id, kind, at, code, detail) for kind, at, code, detail in told)


def _is_full(pending: list[Row]) -> bool:
    if len(pending) >= ROWS_MAX:
        return True
    # Rows of usual size fill a block by their number.
    is_big = bool(pending) and len(pending[-1][2]) > BYTES_MAX // ROWS_MAX
    return is_big and sum(len(row[2]) for row in pending) > BYTES_MAX


def _flush(writer: Writer, pending: list[Row], marks: Marks) -> None:
    if pending:
        writer.add(encode_block(pending, marks), [row[1] for row in pending])
        pending.clear()


@contextlib.contextmanager
def _writing(target: Path, disk: Disk) -> Generator[Writer]:
    """A writer that leaves nothing behind if it does not come to its end."""
    writer = Writer(target, disk)
    try:
        yield writer
    finally:
        writer.abandon()
