# Notes are what happened to messages and need not be folded after a crash: screened, planned, sent, refused,
# handed. They ride in the frame of the commit that comes next anyway. One note tells of all messages that the
# same thing happened to at the same time, so that it costs a message little more than its id:
#
#   notes      at d | code I | ids I | detail I | kind B | details I, bytes | detail_end I | details | id q
#
# `ids` and `detail` say how many ids a note has, and which of the details, each of which stands there once:
# reasons and carrier names are small integers. Ids come note by note.
"""Encode and read the notes of a batch."""

import struct
from array import array
from collections.abc import Iterator
from itertools import accumulate, chain
from typing import Final

from smpp_router.store.seam import Note

NOTES: Final = 31
"""The kind of a section of notes."""

_DETAILS: Final = struct.Struct("=II")


def encode_notes(notes: list[Note]) -> list[bytes]:
    """The columns of a section of notes."""
    kinds, ids, ats, codes, details = zip(*notes, strict=True)
    numbers = {detail: number for number, detail in enumerate(dict.fromkeys(details))}
    return [
        array("d", ats).tobytes(),
        array("I", codes).tobytes(),
        array("I", map(len, ids)).tobytes(),
        array("I", map(numbers.__getitem__, details)).tobytes(),
        bytes(kinds),
        _DETAILS.pack(len(numbers), sum(map(len, numbers))),
        array("I", accumulate(map(len, numbers))).tobytes(),
        *numbers,
        array("q", chain.from_iterable(ids)).tobytes(),
    ]


def notes_of(buffer: memoryview, at: int, count: int) -> Iterator[Note]:
    """The notes of a section that starts at `at` with `count` of them."""
    ats = array("d", bytes(buffer[at : at + 8 * count]))
    at += 8 * count
    codes, lengths, numbers = (
        buffer[start : start + 4 * count].cast("I").tolist() for start in (at, at + 4 * count, at + 8 * count)
    )
    at += 12 * count
    kinds = bytes(buffer[at : at + count])
    different, size = _DETAILS.unpack_from(buffer, at + count)
    at += count + _DETAILS.size
    ends = buffer[at : at + 4 * different].cast("I").tolist()
    at += 4 * different
    details = [bytes(buffer[at + start : at + end]) for start, end in zip([0, *ends], ends, strict=False)]
    at += size
    for kind, staged_at, code, number, length in zip(kinds, ats, codes, numbers, lengths, strict=True):
        ids = buffer[at : at + 8 * length].cast("q").tolist()
        at += 8 * length
        yield kind, ids, staged_at, code, details[number]


def kinds_of(buffer: memoryview, at: int, count: int) -> bytes:
    """The kinds of the notes of a section that starts at `at` with `count` of them."""
    return bytes(buffer[at + 20 * count : at + 21 * count])


def ids_bytes(buffer: memoryview, start: int, count: int, end: int) -> memoryview:
    """The ids of all notes of a section that lies from `start` to `end`, as they lie in it."""
    lengths = buffer[start + 12 * count : start + 16 * count].cast("I")
    return buffer[end - 8 * sum(lengths) : end]
