# How a batch lies on disk: one frame, written by one write() and made durable by one fdatasync().
#
#   frame                                   section (one for what was accepted, one for each kind of fact)
#   +-------+--------+-------+----------+   +------+-------+-------+-------+---------------------------+
#   | magic | length | crc32 | sections |   | kind | flags | count | bytes | columns, then blobs       |
#   |  u32  |  u32   |  u32  |          |   |  u8  |  u8   |  u32  |  u32  |                           |
#   +-------+--------+-------+----------+   +------+-------+-------+-------+---------------------------+
#
#   accepted   id q | expires_at d | reported_id q? | not_before d? | address_end I | body_length I |
#              account H | class B | registered_delivery B | is_sent_once B | names | addresses | bodies
#   notes      see notes.py
#   fact       id q | at d or d[1] | code I or I[1] | detail_end I? | details
#
# A section is columns, not rows: array, memoryview.cast and bytes do whole columns in C, so that a record
# costs a few hundred nanoseconds each way. Columns marked ? are left out, and those marked [1] shrunk to
# one value, when that says it all; `flags` tells. Bodies (and the details of REPLACED) have their length
# before them, so that one is read back by its offset alone. Names are the frame's accounts and classes.
#
# Facts are grouped by kind and lose their order among kinds. Folding does not need it: a life only goes
# forward (accepted, sending, taken, final, settled), and the furthest fact wins. ORPHANED and ADOPTED, which
# undo each other, share a section in the order in which they were staged.
#
# Numbers are in the machine's byte order; the head of a segment tells which that was.
"""Encode batches to frames and read the columns of their sections."""

import struct
import sys
from array import array
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final, Literal, cast
from zlib import crc32

import attrs

from smpp_router.message.message import Message
from smpp_router.store.notes import NOTES, encode_notes
from smpp_router.store.seam import ADOPTED, ORPHANED, REPLACED, Batch, Fact

ACCEPTED: Final = 0
"""The kind of a section of accepted messages, beside the kinds of facts in the seam."""

ADOPTED_CODE: Final = 0xFFFFFFFF
"""The code that tells an ADOPTED from an ORPHANED in their common section; no message_state has it."""

FRAME: Final = struct.Struct("=III")
FRAME_MAGIC: Final = 0x52464D53
FRAME_MAGIC_BYTES: Final = struct.pack("=I", FRAME_MAGIC)
LENGTH: Final = struct.Struct("=I")
_SECTION: Final = struct.Struct("=BBxxII")
_NAMES: Final = struct.Struct("=II")

_WIDTHS: Final = {"q": 8, "I": 4, "H": 2}

_HAS_REPORTED_ID: Final = 1
_HAS_NOT_BEFORE: Final = 2
_HAS_AT: Final = 1
_HAS_CODE: Final = 2
_HAS_DETAIL: Final = 4

Buffer = bytes | memoryview


@attrs.define(eq=False)
class Frame:
    """An encoded batch; `ids` and `body_offsets` (where in it their lengths are) of its accepted messages."""

    data: bytearray
    ids: list[int]
    body_offsets: Iterable[int]
    facts: dict[int, list[Fact]]


@attrs.define(eq=False)
class Section:
    """Where one section lies in a buffer: its columns start at `start`, its blobs end at `end`."""

    kind: int
    flags: int
    count: int
    start: int
    end: int


@attrs.define(eq=False)
class AcceptedColumns:
    """An accepted section, read; `body_offsets` are those of the length before each body."""

    ids: list[int]
    reported_ids: list[int]
    expires_at: list[float]
    not_before: list[float]
    accounts: list[str]
    classes: list[str]
    registered_delivery: bytes
    is_sent_once: bytes
    addresses: list[bytes]
    body_offsets: list[int]


# ---------------------------------------------------------------------- writing


def encode(batch: Batch, salt: int) -> Frame:
    """Encode a batch; `salt` is what the segment starts its checksums with."""
    parts: list[bytes | bytearray] = [bytes(FRAME.size)]
    ids: list[int] = []
    body_offsets: Iterable[int] = ()
    if batch.accepted:
        ids = [message.message_id for message in batch.accepted]
        body_offsets = _encode_accepted(batch.accepted, ids, parts)
    facts: defaultdict[int, list[Fact]] = defaultdict(list)
    for fact in batch.facts:
        facts[fact[0]].append(fact)
    for kind, rows in facts.items():
        if kind == ADOPTED or (kind == ORPHANED and ADOPTED in facts):
            continue
        _encode_facts(kind, rows, parts)
    if ADOPTED in facts:
        _encode_facts(ORPHANED, list(_with_codes(batch.facts)), parts)
    if batch.notes:
        columns = encode_notes(batch.notes)
        parts.append(_SECTION.pack(NOTES, 0, len(batch.notes), sum(map(len, columns))))
        parts += columns
    data = bytearray().join(parts)
    length = len(data) - FRAME.size
    FRAME.pack_into(data, 0, FRAME_MAGIC, length, crc32(memoryview(data)[FRAME.size :], salt))
    return Frame(data, ids, body_offsets, facts)


def _with_codes(facts: Iterable[Fact]) -> Iterator[Fact]:
    for kind, message_id, at, code, detail in facts:
        if kind == ADOPTED:
            yield kind, message_id, at, ADOPTED_CODE, detail
        elif kind == ORPHANED:
            yield kind, message_id, at, code, detail


def _encode_accepted(
    accepted: Sequence[Message], ids: list[int], parts: list[bytes | bytearray]
) -> Iterator[int]:
    """Append the section; return the offsets of the bodies' lengths in the frame that `parts` make."""
    flags = 0
    columns: list[bytes] = [
        array("q", ids).tobytes(),
        array("d", [message.expires_at for message in accepted]).tobytes(),
    ]
    reported_ids = [message.reported_id for message in accepted]
    if reported_ids != ids:
        flags |= _HAS_REPORTED_ID
        columns.append(array("q", reported_ids).tobytes())
    not_before = [message.not_before for message in accepted]
    if any(not_before):
        flags |= _HAS_NOT_BEFORE
        columns.append(array("d", not_before).tobytes())
    addresses = [message.addresses for message in accepted]
    bodies = [message.body or b"" for message in accepted]
    body_lengths = list(map(len, bodies))
    accounts = [message.account for message in accepted]
    classes = [message.traffic_class for message in accepted]
    account_numbers = {name: number for number, name in enumerate(dict.fromkeys(accounts))}
    class_numbers = {name: number for number, name in enumerate(dict.fromkeys(classes))}
    account_names = "\0".join(account_numbers).encode()
    class_names = "\0".join(class_numbers).encode()
    columns += (
        array("I", accumulate(map(len, addresses))).tobytes(),
        array("I", body_lengths).tobytes(),
        array("H", map(account_numbers.__getitem__, accounts)).tobytes(),
        bytes(map(class_numbers.__getitem__, classes)),
        bytes([message.registered_delivery for message in accepted]),
        bytes([message.is_sent_once for message in accepted]),
        _NAMES.pack(len(account_names), len(class_names)),
        account_names,
        class_names,
        *addresses,
    )
    before_bodies = sum(map(len, columns))
    start = sum(map(len, parts)) + _SECTION.size
    size = before_bodies + sum(body_lengths) + LENGTH.size * len(ids)
    parts.append(_SECTION.pack(ACCEPTED, flags, len(ids), size))
    parts += columns
    blobs: list[bytes] = [b""] * (2 * len(ids))
    blobs[0::2] = map(LENGTH.pack, body_lengths)
    blobs[1::2] = bodies
    parts += blobs
    return _body_offsets(start + before_bodies, body_lengths)


def _body_offsets(first: int, body_lengths: Sequence[int]) -> Iterator[int]:
    steps = map(LENGTH.size.__add__, body_lengths)
    return accumulate(steps, initial=first)


def _encode_facts(kind: int, rows: list[Fact], parts: list[bytes | bytearray]) -> None:
    _, ids, ats, codes, details = zip(*rows, strict=True)
    flags = 0
    count = len(ids)
    if ats.count(ats[0]) != count:
        flags |= _HAS_AT
    else:
        ats = ats[:1]
    if codes.count(codes[0]) != count:
        flags |= _HAS_CODE
    else:
        codes = codes[:1]
    columns: list[bytes] = [
        array("q", ids).tobytes(),
        array("d", ats).tobytes(),
        array("I", codes).tobytes(),
    ]
    if kind == REPLACED or any(details):
        flags |= _HAS_DETAIL
        if kind == REPLACED:
            details = [LENGTH.pack(len(detail)) + detail for detail in details]
        columns.append(array("I", accumulate(map(len, details))).tobytes())
        columns += details
    parts.append(_SECTION.pack(kind, flags, count, sum(map(len, columns))))
    parts += columns


# ---------------------------------------------------------------------- reading


def sections(buffer: Buffer, start: int, end: int) -> Iterator[Section]:
    """The sections of the frame whose inside is `buffer[start:end]`, which has passed its checksum."""
    while start < end:
        kind, flags, count, size = _SECTION.unpack_from(buffer, start)
        start += _SECTION.size
        yield Section(kind, flags, count, start, start + size)
        start += size


def ids_of(buffer: memoryview, section: Section) -> list[int]:
    """The ids of a section of any kind."""
    return _integers(buffer, "q", section.start, section.count)


def ids_bytes(buffer: memoryview, section: Section) -> memoryview:
    """The ids of a section of any kind, as they lie there."""
    return buffer[section.start : section.start + 8 * section.count]


def ats_of(buffer: memoryview, section: Section) -> list[float]:
    """When each fact of a section was staged."""
    start = section.start + 8 * section.count
    if section.flags & _HAS_AT:
        return _floats(buffer, start, section.count)
    return _floats(buffer, start, 1) * section.count


def codes_of(buffer: memoryview, section: Section) -> list[int]:
    """The code of each fact of a section."""
    count = section.count
    start = section.start + 8 * count + (8 * count if section.flags & _HAS_AT else 8)
    if section.flags & _HAS_CODE:
        return _integers(buffer, "I", start, count)
    return _integers(buffer, "I", start, 1) * count


def ats_bytes(buffer: memoryview, section: Section) -> bytes:
    """The same as octets, as they lie there."""
    start = section.start + 8 * section.count
    if section.flags & _HAS_AT:
        return bytes(buffer[start : start + 8 * section.count])
    return bytes(buffer[start : start + 8]) * section.count


def codes_bytes(buffer: memoryview, section: Section) -> bytes:
    """The code of each fact of a section, as octets."""
    count = section.count
    start = section.start + 8 * count + (8 * count if section.flags & _HAS_AT else 8)
    if section.flags & _HAS_CODE:
        return bytes(buffer[start : start + 4 * count])
    return bytes(buffer[start : start + 4]) * count


def has_details(section: Section) -> bool:
    """Whether any fact of a section has a detail."""
    return bool(section.flags & _HAS_DETAIL)


def detail_ends(buffer: memoryview, section: Section) -> tuple[list[int], int]:
    """Where each detail ends, counted from the start of the details, and where in the buffer those start."""
    count = section.count
    start = section.start + 8 * count
    start += 8 * count if section.flags & _HAS_AT else 8
    start += 4 * count if section.flags & _HAS_CODE else 4
    return _integers(buffer, "I", start, count), start + 4 * count


def details_of(buffer: memoryview, section: Section) -> list[bytes]:
    """The detail of each fact of a section; that of REPLACED still has its length before it."""
    if not section.flags & _HAS_DETAIL:
        return [b""] * section.count
    ends, start = detail_ends(buffer, section)
    return _cut(bytes(buffer[start : section.end]), ends)


def rows_of(buffer: memoryview, section: Section) -> Iterator[tuple[int, float, int, bytes]]:
    """Each fact of a section: message_id, at, code, detail."""
    return zip(
        ids_of(buffer, section),
        ats_of(buffer, section),
        codes_of(buffer, section),
        details_of(buffer, section),
        strict=True,
    )


def accepted_of(buffer: memoryview, section: Section) -> AcceptedColumns:
    """Read an accepted section; names come out interned."""
    count = section.count
    at = section.start
    ids = _integers(buffer, "q", at, count)
    at += 8 * count
    expires_at = _floats(buffer, at, count)
    at += 8 * count
    reported_ids = ids
    if section.flags & _HAS_REPORTED_ID:
        reported_ids = _integers(buffer, "q", at, count)
        at += 8 * count
    not_before = [0.0] * count
    if section.flags & _HAS_NOT_BEFORE:
        not_before = _floats(buffer, at, count)
        at += 8 * count
    address_ends = _integers(buffer, "I", at, count)
    body_lengths = _integers(buffer, "I", at + 4 * count, count)
    account_numbers = _integers(buffer, "H", at + 8 * count, count)
    at += 10 * count
    octets = bytes(buffer[at : at + 3 * count])
    at += 3 * count
    account_bytes, class_bytes = _NAMES.unpack_from(buffer, at)
    at += _NAMES.size
    account_names = names(bytes(buffer[at : at + account_bytes]))
    class_names = names(bytes(buffer[at + account_bytes : at + account_bytes + class_bytes]))
    at += account_bytes + class_bytes
    addresses_end = at + address_ends[-1]
    body_offsets = list(_body_offsets(addresses_end, body_lengths))
    body_offsets.pop()
    return AcceptedColumns(
        ids,
        reported_ids,
        expires_at,
        not_before,
        list(map(account_names.__getitem__, account_numbers)),
        list(map(class_names.__getitem__, octets[:count])),
        octets[count : 2 * count],
        octets[2 * count :],
        _cut(bytes(buffer[at:addresses_end]), address_ends),
        body_offsets,
    )


def addresses_of(buffer: memoryview, section: Section) -> list[bytes]:
    """The addresses of an accepted section, alone."""
    count = section.count
    at = section.start + 16 * count
    at += 8 * count * (bool(section.flags & _HAS_REPORTED_ID) + bool(section.flags & _HAS_NOT_BEFORE))
    ends = _integers(buffer, "I", at, count)
    at += 13 * count
    account_bytes, class_bytes = _NAMES.unpack_from(buffer, at)
    at += _NAMES.size + account_bytes + class_bytes
    return _cut(bytes(buffer[at : at + ends[-1]]), ends)


def _integers(buffer: memoryview, form: Literal["q", "I", "H"], start: int, count: int) -> list[int]:
    return buffer[start : start + _WIDTHS[form] * count].cast(form).tolist()


def _floats(buffer: memoryview, start: int, count: int) -> list[float]:
    return cast("list[float]", buffer[start : start + 8 * count].cast("d").tolist())


def _cut(blob: bytes, ends: list[int]) -> list[bytes]:
    return [blob[start:end] for start, end in zip([0, *ends], ends, strict=False)]


def names(blob: bytes) -> list[str]:
    """Names that were joined with NUL, interned, so that a million messages share a few strings."""
    return [sys.intern(name) for name in blob.decode().split("\0")]
