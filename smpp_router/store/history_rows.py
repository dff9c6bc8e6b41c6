# What history keeps of a message is a row: one entry for each thing that happened to it.
#
#   entry   kind B | delay I | code I | detail_length H | detail
#
# `kind` and `code` are those of message/lifecycle.py. `delay` counts from when the message_id was issued: in
# units of 100 microseconds, or, with its top bit set, in seconds. The entry of kind RECEIVED says what the
# message is; its code has registered_delivery in bits 0 to 7 and is_sent_once in bit 8, and its detail is
#
#   reported_id less message_id q | delay of expires_at I | delay of not_before I | account NUL class NUL
#   campaign NUL | source and destination as on the wire
#
# Texts are left out, but for an entry of kind TEXT, which is there if the configuration asks for it. A
# message that was carried forward in the journal has some entries twice: who reads a row drops repetitions.
"""Rows of history: packing and reading what happened to one message."""

import struct
from collections.abc import Iterable, Iterator
from typing import Final

import attrs

from smpp_router.message.lifecycle import ERROR_MASK, ERROR_SHIFT, FINAL, MOBILE, RECEIVED, Event
from smpp_router.message.message import Finished

TEXT: Final = 62
"""The submit_sm body, or as much of it as fits."""

_ENTRY: Final = struct.Struct("=BIIH")
_RECEIVED: Final = struct.Struct("=qII")
_UNITS_PER_S: Final = 10_000.0
_SECONDS: Final = 1 << 31
_ID_TIME_SHIFT: Final = 21
"""Of a message_id, below its milliseconds (core/message_ids.py draws it)."""

DETAIL_MAX: Final = 0xFFFF


def issued_at(message_id: int) -> float:
    """Unix seconds at which a message_id was issued."""
    return (message_id >> _ID_TIME_SHIFT) / 1000.0


def first_id_at(at: float) -> int:
    """The lowest message_id that can have been issued at a time."""
    return max(0, int(at * 1000.0)) << _ID_TIME_SHIFT


def _delay(since: float, at: float) -> int:
    units = int((at - since) * _UNITS_PER_S + 0.5)
    if units < 0:
        return 0
    if units < _SECONDS:
        return units
    return _SECONDS | min(int(at - since), _SECONDS - 1)


def _after(since: float, delay: int) -> float:
    return since + (delay - _SECONDS if delay & _SECONDS else delay / _UNITS_PER_S)


def pack(message_id: int, kind: int, at: float, code: int, detail: bytes) -> bytes:
    """One entry. What is longer than DETAIL_MAX of a detail is cut."""
    if len(detail) > DETAIL_MAX:
        detail = detail[:DETAIL_MAX]
    since = (message_id >> _ID_TIME_SHIFT) / 1000.0
    units = int((at - since) * _UNITS_PER_S + 0.5)
    if not 0 <= units < _SECONDS:
        units = _delay(since, at)
    return _ENTRY.pack(kind, units, code, len(detail)) + detail


@attrs.frozen
class Received:
    """What a message is. Times are unix seconds; `not_before` is 0 for one that could go at once."""

    reported_id: int
    account: str
    traffic_class: str
    campaign: str
    addresses: bytes
    registered_delivery: int
    is_sent_once: bool
    expires_at: float
    not_before: float

    @property
    def source_addr(self) -> str:
        """Who the message is from."""
        return self.addresses[2 : self.addresses.index(0, 2)].decode("latin-1")

    @property
    def destination_addr(self) -> str:
        """Whom the message is for."""
        return self.addresses[self.addresses.index(0, 2) + 3 : -1].decode("latin-1")


def pack_received(message_id: int, told: Received) -> bytes:
    """The entry that says what a message is."""
    since = issued_at(message_id)
    detail = _RECEIVED.pack(
        told.reported_id - message_id,
        _delay(since, told.expires_at),
        _delay(since, told.not_before) if told.not_before else 0,
    )
    names = f"{told.account}\0{told.traffic_class}\0{told.campaign}\0".encode()
    code = told.registered_delivery | told.is_sent_once << 8
    return pack(message_id, RECEIVED, since, code, detail + names + told.addresses)


def unpack_received(message_id: int, code: int, detail: bytes) -> Received:
    """What the detail of a RECEIVED entry says."""
    reported, expires, not_before = _RECEIVED.unpack_from(detail)
    account, class_, campaign, addresses = detail[_RECEIVED.size :].split(b"\0", 3)
    since = issued_at(message_id)
    return Received(
        message_id + reported,
        account.decode(),
        class_.decode(),
        campaign.decode("utf-8", "replace"),
        addresses,
        code & 0xFF,
        bool(code & 0x100),
        _after(since, expires),
        _after(since, not_before) if not_before else 0.0,
    )


def entries(message_id: int, row: bytes) -> Iterator[Event]:
    """What happened to a message, each thing once, in the order in which it was kept."""
    since = issued_at(message_id)
    seen: set[bytes] = set()
    at = 0
    while at < len(row):
        kind, delay, code, length = _ENTRY.unpack_from(row, at)
        end = at + _ENTRY.size + length
        entry = row[at:end]
        if entry not in seen:
            seen.add(entry)
            yield kind, _after(since, delay), code, row[at + _ENTRY.size : end]
        at = end


def marks_of(row: bytes) -> Iterator[bytes]:
    """What a row can be searched by: account, campaign, source and state, each with a letter before it.

    A row that has a beginning and no end yet, or no beginning, is marked `i`, for incomplete.
    """
    at = 0
    has_begun = has_ended = False
    while at < len(row):
        kind, _, code, length = _ENTRY.unpack_from(row, at)
        at += _ENTRY.size
        if kind == RECEIVED:
            has_begun = True
            account, _, campaign, addresses = row[at + _RECEIVED.size : at + length].split(b"\0", 3)
            yield b"a" + account
            yield b"c" + campaign
            yield b"f" + addresses[2 : addresses.index(0, 2)]
        elif kind == FINAL:
            has_ended = True
            yield b"s%d" % (code & 0xFF)
        elif kind == MOBILE:
            yield b"a" + row[at : at + length].split(b"\0", 1)[0]
        at += length
    if not (has_begun and has_ended):
        yield b"i"


def number_of(row: bytes) -> bytes | None:
    """The destination of the message of a row that says it."""
    at = 0
    while at < len(row):
        kind, _, _, length = _ENTRY.unpack_from(row, at)
        at += _ENTRY.size
        if kind == RECEIVED:
            addresses = row[at + _RECEIVED.size : at + length].split(b"\0", 3)[3]
            return addresses[addresses.index(0, 2) + 3 : -1]
        at += length
    return None


def finished_of(message_id: int, rows: Iterable[bytes]) -> Finished | None:
    """What is known of a message that has ended, for query_sm; None of one that has not, or is not known."""
    received: Received | None = None
    final: Event | None = None
    for event in entries(message_id, b"".join(rows)):
        if event[0] == RECEIVED:
            received = unpack_received(message_id, event[2], event[3])
        elif event[0] == FINAL:
            final = event
    if received is None or final is None:
        return None
    _, at, code, _ = final
    return Finished(
        message_id,
        received.reported_id,
        received.account,
        received.addresses,
        code & 0xFF,
        code >> ERROR_SHIFT & ERROR_MASK,
        at,
    )
