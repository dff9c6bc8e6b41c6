# What history keeps of a message is a row: one entry for each thing that happened to it.
#
#   entry   kind | delay | code | word
#
# `kind` and `code` are those of message/lifecycle.py, `word` is the detail. `delay` counts from when the
# message_id was issued: in units of 100 microseconds, or, with its top bit set, in seconds. What a message is
# stands in up to three entries, so that what many messages have in common is one word for all of them:
#
#   RECEIVED   delay: of expires_at. code: registered_delivery, is_sent_once in bit 8.
#              word: account NUL class NUL campaign NUL source as on the wire
#   TO         word: the destination as on the wire, without the NUL at its end
#   LATER      word: reported_id less message_id q | delay of not_before I; where either is not 0
#
# Of a submit_sm that was refused, TURNED_AWAY stands in the place of RECEIVED, with the same word and the
# command_status for its code; a VERDICT has what screening said, as its word.
#
# Texts are left out, but for an entry of kind TEXT, which is there if the configuration asks for it. A
# message that was carried forward in the journal has some entries twice: who reads a row drops repetitions.
"""Rows of history: what happened to one message, made and read."""

import struct
from collections.abc import Iterable, Sequence
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.message.lifecycle import ERROR_MASK, ERROR_SHIFT, FINAL, RECEIVED, TURNED_AWAY, Event
from smpp_router.message.message import Finished

VERDICT: Final = 59
LATER: Final = 60
TO: Final = 61
TEXT: Final = 62
"""The submit_sm body."""

Entry = tuple[int, int, int, bytes]
"""(kind, delay, code, word)."""

IS_SENT_ONCE: Final = 0x100

_LATER: Final = struct.Struct("=qI")
_UNITS_PER_S: Final = 10_000.0
_SECONDS: Final = 1 << 31
_ID_TIME_SHIFT: Final = 21
"""Of a message_id, below its milliseconds (core/message_ids.py draws it)."""


def issued_at(message_id: int) -> float:
    """Unix seconds at which a message_id was issued."""
    return (message_id >> _ID_TIME_SHIFT) / 1000.0


def first_id_at(at: float) -> int:
    """The lowest message_id that can have been issued at a time."""
    return max(0, int(at * 1000.0)) << _ID_TIME_SHIFT


def delay_of(message_id: int, at: float) -> int:
    """A time as an entry has it."""
    since = issued_at(message_id)
    units = int((at - since) * _UNITS_PER_S + 0.5)
    if units < 0:
        return 0
    if units < _SECONDS:
        return units
    return _SECONDS | min(int(at - since), _SECONDS - 1)


def delays_of(ids: NDArray[np.int64], ats: NDArray[np.float64]) -> NDArray[np.uint32]:
    """The same of many times, each of the message of that id."""
    since = ats - (ids >> _ID_TIME_SHIFT) / 1000.0
    units = np.maximum(since * _UNITS_PER_S + 0.5, 0.0)
    found = np.minimum(units, float(_SECONDS)).astype(np.int64)
    if len(found) and int(found.max()) >= _SECONDS:
        seconds = np.minimum(np.maximum(since, 0.0), float(_SECONDS - 1)).astype(np.int64)
        found = np.where(found >= _SECONDS, seconds | _SECONDS, found)
    return found.astype(np.uint32)


def after(message_id: int, delay: int) -> float:
    """The time that a delay stands for."""
    return issued_at(message_id) + (delay - _SECONDS if delay & _SECONDS else delay / _UNITS_PER_S)


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


def later(reported_less_id: int, not_before_delay: int) -> bytes:
    """The word of a LATER."""
    return _LATER.pack(reported_less_id, not_before_delay)


def entries_of_received(message_id: int, told: Received) -> list[Entry]:
    """The entries that say what a message is."""
    end = told.addresses.index(0, 2) + 1
    names = f"{told.account}\0{told.traffic_class}\0{told.campaign}\0".encode()
    code = told.registered_delivery | told.is_sent_once * IS_SENT_ONCE
    found: list[Entry] = [
        (RECEIVED, delay_of(message_id, told.expires_at), code, names + told.addresses[:end]),
        (TO, 0, 0, told.addresses[end:-1]),
    ]
    not_before = delay_of(message_id, told.not_before) if told.not_before else 0
    if told.reported_id != message_id or not_before:
        found.append((LATER, 0, 0, later(told.reported_id - message_id, not_before)))
    return found


def received_of(message_id: int, entries: Iterable[Entry]) -> Received | None:
    """What a message is, None if its entries do not say it."""
    begun: Entry | None = None
    to = b"\0\0"
    reported, not_before = 0, 0
    for entry in entries:
        kind = entry[0]
        if kind in BEGINNINGS:
            begun = begun or entry
        elif kind == TO:
            to = entry[3]
        elif kind == LATER:
            reported, not_before = _LATER.unpack(entry[3])
    if begun is None:
        return None
    kind, expires, code, word = begun
    if kind == TURNED_AWAY:
        # Nobody has taken it, so it asks for nothing and never expires.
        expires, code = 0, 0
    account, class_, campaign, source = word.split(b"\0", 3)
    return Received(
        message_id + reported,
        account.decode(),
        class_.decode(),
        campaign.decode("utf-8", "replace"),
        source + to + b"\0",
        code & 0xFF,
        bool(code & IS_SENT_ONCE),
        after(message_id, expires),
        after(message_id, not_before) if not_before else 0.0,
    )


def events_of(message_id: int, entries: Iterable[Entry]) -> list[Event]:
    """What happened to a message, each thing once, in the order in which it was kept."""
    since = issued_at(message_id)
    events: list[Event] = []
    told = dict.fromkeys(entries)
    for kind, delay, code, word in told:
        if kind == RECEIVED:
            events.append((RECEIVED, since, code, b""))
        elif kind == TURNED_AWAY:
            verdict = next((entry[3] for entry in told if entry[0] == VERDICT), b"")
            events.append((TURNED_AWAY, since, code, verdict))
        elif kind not in (TO, LATER, VERDICT):
            events.append((kind, after(message_id, delay), code, word))
    return events


def plain(digits: bytes) -> bytes:
    """A number without what only says that it is international."""
    digits = digits.lstrip(b"+")
    return digits[2:] if digits.startswith(b"00") else digits


def marks_of(word: bytes) -> tuple[bytes, bytes, bytes]:
    """What a message can be searched by, of a RECEIVED's word: account, campaign, source, with a letter."""
    account, _, campaign, source = word.split(b"\0", 3)
    return b"a" + account, b"c" + campaign, b"f" + source[2:-1]


def mark_of_state(message_state: int) -> bytes:
    """What a message that has ended can be searched by."""
    return b"s%d" % message_state


BEGINNINGS: Final = frozenset({RECEIVED, TURNED_AWAY})
"""The kinds of entries that say what a message is."""

REFUSED: Final = b"r"
"""The mark of a row of a message that was turned away."""

INCOMPLETE: Final = b"i"
"""The mark of a row that has a beginning and no end yet, or no beginning."""


def finished_of(message_id: int, entries: Sequence[Entry]) -> Finished | None:
    """What is known of a message that has ended, for query_sm; None of one that has not, or is not known."""
    received = received_of(message_id, entries)
    final = next((entry for entry in reversed(entries) if entry[0] == FINAL), None)
    if received is None or final is None:
        return None
    _, delay, code, _ = final
    return Finished(
        message_id,
        received.reported_id,
        received.account,
        received.addresses,
        code & 0xFF,
        code >> ERROR_SHIFT & ERROR_MASK,
        after(message_id, delay),
    )
