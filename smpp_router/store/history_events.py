# History is made of columns, not of objects: what some frames of the journal tell, or some blocks of
# history, is one table of events, whose columns are sorted, cut and put together by numpy. A message costs
# microseconds that way, and the table of a whole segment a fraction of its size.
#
#   events   id | kind | delay | code | word number          words   blob, cut at bounds
#
# Entries are those of history_rows.py. Word 0 is empty. Words of a frame that many have in common have one
# number; that two numbers have the same word does no harm.
"""Tables of events: gathering them out of the journal, sorting, cutting and joining them."""

from array import array
from collections.abc import Iterable, Iterator, Sequence
from itertools import accumulate
from typing import Final

import attrs
import numpy as np
from numpy.typing import NDArray

from smpp_router.config import StoreConfig
from smpp_router.message.lifecycle import FINAL, MOBILE, RECEIVED, REPLACED, TURNED_AWAY
from smpp_router.store import records
from smpp_router.store.history_rows import (
    IS_SENT_ONCE,
    LATER,
    TEXT,
    TO,
    VERDICT,
    Entry,
    delay_of,
    delays_of,
    later,
)
from smpp_router.store.notes import NOTES, ids_bytes, notes_of
from smpp_router.store.records import ACCEPTED, AcceptedColumns, Section
from smpp_router.store.seam import ADOPTED, ORPHANED
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.codec import decode
from smpp_router.wire.pdu import SubmitSm

Longs = NDArray[np.int64]

_NOT_KEPT: Final = frozenset({ORPHANED, ADOPTED})
"""Of receipts whose message is not known; those of messages that had ended are notes."""

_NO_DETAIL: Final = frozenset({FINAL, REPLACED})
"""Facts whose details are not kept: receipts, which say nothing new, and texts."""

BEGINNINGS_MAX: Final = 65_536
"""Beginnings of messages that are known by what they are made of; those of a segment are few."""


@attrs.frozen(kw_only=True)
class Keeping:
    """What is kept of messages, and for how long.

    `campaign_tag`: the optional parameter that names the campaign; without one, service_type does.
    """

    retention_s: float
    keep_text: bool = False
    campaign_tag: int | None = None

    @classmethod
    def of(cls, store: StoreConfig) -> "Keeping":
        """Return what a configuration has kept."""
        return cls(
            retention_s=store.history_s,
            keep_text=store.history_texts,
            campaign_tag=store.history_campaign_tag,
        )


@attrs.define(eq=False)
class Events:
    """A table of events. `bounds` has one more entry than there are words."""

    ids: Longs
    kinds: NDArray[np.uint8]
    delays: NDArray[np.uint32]
    codes: NDArray[np.uint32]
    words: NDArray[np.uint32]
    blob: bytes
    bounds: Longs

    def __len__(self) -> int:
        return len(self.ids)

    def word(self, number: int) -> bytes:
        """A word by its number."""
        return self.blob[self.bounds[number] : self.bounds[number + 1]]

    def part(self, which: "slice | Longs | NDArray[np.bool_]") -> "Events":
        """Some of the events, with the same words."""
        return Events(
            self.ids[which],
            self.kinds[which],
            self.delays[which],
            self.codes[which],
            self.words[which],
            self.blob,
            self.bounds,
        )

    def sorted(self) -> "Events":
        """The same in the order of ids; what is told of one message keeps its order."""
        ids = self.ids
        if len(ids) < 2 or bool((ids[1:] >= ids[:-1]).all()):
            return self
        return self.part(np.argsort(ids, kind="stable"))

    def of(self, wanted: Longs) -> "Events":
        """Those of some messages, whose ids are sorted."""
        return self.part(is_among(self.ids, wanted))

    def rows(self) -> Iterator[tuple[int, list[Entry]]]:
        """The entries of each message, of a sorted table."""
        ids = self.ids.tolist()
        told = zip(self.kinds.tolist(), self.delays.tolist(), self.codes.tolist(), strict=True)
        row: list[Entry] = []
        for at, ((kind, delay, code), word) in enumerate(zip(told, self.words.tolist(), strict=True)):
            if row and ids[at] != ids[at - 1]:
                yield ids[at - 1], row
                row = []
            row.append((kind, delay, code, self.word(word)))
        if row:
            yield ids[-1], row

    def compacted(self) -> "Events":
        """The same with no more words than it has."""
        numbers, words = np.unique(self.words, return_inverse=True)
        found = [self.word(number) for number in numbers.tolist()]
        bounds = np.zeros(len(found) + 1, np.int64)
        np.cumsum([len(word) for word in found], out=bounds[1:])
        return Events(
            self.ids.copy(),
            self.kinds.copy(),
            self.delays.copy(),
            self.codes.copy(),
            words.astype(np.uint32).reshape(-1),
            b"".join(found),
            bounds,
        )


def is_among(ids: Longs, wanted: Longs) -> NDArray[np.bool_]:
    """Which ids are among others, which are sorted and at least one."""
    places = np.searchsorted(wanted, ids)
    places[places == len(wanted)] = 0
    return wanted[places] == ids


def joined(tables: Sequence[Events]) -> Events:
    """One table of several, sorted."""
    if len(tables) == 1:
        return tables[0].sorted()
    words: list[NDArray[np.uint32]] = []
    bounds: list[Longs] = [np.zeros(1, np.int64)]
    number, size = 0, 0
    for table in tables:
        words.append(table.words + np.uint32(number))
        bounds.append(table.bounds[1:] + size)
        number += len(table.bounds) - 1
        size += len(table.blob)
    return Events(
        np.concatenate([table.ids for table in tables]),
        np.concatenate([table.kinds for table in tables]),
        np.concatenate([table.delays for table in tables]),
        np.concatenate([table.codes for table in tables]),
        np.concatenate(words),
        b"".join(table.blob for table in tables),
        np.concatenate(bounds),
    ).sorted()


def table_of(rows: Iterable[tuple[int, Iterable[Entry]]]) -> Events:
    """A table of rows."""
    told = [(message_id, *entry) for message_id, row in rows for entry in row]
    words = [b"", *(entry[4] for entry in told)]
    bounds = np.zeros(len(words) + 1, np.int64)
    np.cumsum([len(word) for word in words], out=bounds[1:])
    return Events(
        np.array([entry[0] for entry in told], np.int64),
        np.array([entry[1] for entry in told], np.uint8),
        np.array([entry[2] for entry in told], np.uint32),
        np.array([entry[3] for entry in told], np.uint32),
        np.arange(1, len(words), dtype=np.uint32),
        b"".join(words),
        bounds,
    ).sorted()


# ---------------------------------------------------------------------- out of the journal


def mentions(view: memoryview, section: Section, octets: bytes) -> bool:
    """Whether an id, as its octets lie there, is among those of a section."""
    if section.kind == NOTES:
        ids = ids_bytes(view, section.start, section.count, section.end)
    else:
        ids = records.ids_bytes(view, section)
    return octets in bytes(ids)


class Gathering:
    """Collects what sections of the journal tell of messages."""

    def __init__(self, keeping: Keeping) -> None:
        self._keeping = keeping
        self._ids = array("q")
        self._kinds = bytearray()
        self._ats = array("d")
        self._codes = array("I")
        self._words = array("I")
        self._blob = bytearray()
        self._bounds = array("q", [0, 0])
        self._numbers = {b"": 0}
        self._beginnings: dict[tuple[str, str, bytes, bytes], int] = {}

    def __len__(self) -> int:
        return len(self._ids)

    def add(self, view: memoryview, section: Section) -> None:
        """Collect what a section tells."""
        kind = section.kind
        if kind == ACCEPTED:
            self._accepted(view, section)
        elif kind == NOTES:
            for noted, ids, at, code, detail in notes_of(view, section.start, section.count):
                self._note(noted, ids, at, code, detail)
        elif kind not in _NOT_KEPT:
            self._facts(view, section)

    def add_about(self, view: memoryview, section: Section, wanted: frozenset[int]) -> None:
        """Collect what a section tells of a few messages."""
        kind = section.kind
        if kind == ACCEPTED:
            self._accepted(view, section, _places(view, section, wanted))
        elif kind == NOTES:
            for noted, ids, at, code, detail in notes_of(view, section.start, section.count):
                if not wanted.isdisjoint(ids):
                    self._note(noted, list(wanted.intersection(ids)), at, code, detail)
        elif kind not in _NOT_KEPT:
            for message_id, at, code, detail in _facts_about(view, section, wanted):
                self._note(kind, [message_id], at, code, _kept(kind, detail))

    def _note(self, kind: int, ids: list[int], at: float, code: int, detail: bytes) -> None:
        if kind == TURNED_AWAY:
            source, destination, verdict = turned_away_of(detail)
            for message_id in ids:
                self._one(message_id, TO, destination)
                self._one(message_id, VERDICT, verdict)
            detail = source
        count = len(ids)
        self._ids.extend(ids)
        self._kinds += bytes((kind,)) * count
        self._ats.extend([at] * count)
        self._codes.extend([code] * count)
        self._words.extend([self._number(detail)] * count)

    def _number(self, word: bytes) -> int:
        number = self._numbers.get(word)
        if number is None:
            number = self._numbers[word] = len(self._bounds) - 1
            self._blob += word
            self._bounds.append(len(self._blob))
        return number

    def _facts(self, view: memoryview, section: Section) -> None:
        count, kind = section.count, section.kind
        self._ids.frombytes(records.ids_bytes(view, section))
        self._kinds += bytes((kind,)) * count
        self._ats.frombytes(records.ats_bytes(view, section))
        self._codes.frombytes(records.codes_bytes(view, section))
        if kind in _NO_DETAIL or not records.has_details(section):
            self._words.frombytes(bytes(4 * count))
        elif kind == MOBILE:
            details = records.details_of(view, section)
            self._words.extend([self._number(_kept(kind, detail)) for detail in details])
        else:
            ends, start = records.detail_ends(view, section)
            self._append(view[start : section.end], ends)

    def _append(self, blob: "memoryview | bytes", ends: Sequence[int]) -> None:
        """Enter as many words as there are ends, one an event."""
        first = len(self._bounds) - 1
        base = len(self._blob)
        self._blob += blob
        self._bounds.frombytes((np.array(ends, np.int64) + base).tobytes())
        self._words.frombytes(np.arange(first, first + len(ends), dtype=np.uint32).tobytes())

    def _accepted(self, view: memoryview, section: Section, chosen: Sequence[int] | None = None) -> None:
        """Collect what messages are: of all of a section, or of those that stand at some places."""
        columns = records.accepted_of(view, section)
        at = np.arange(section.count) if chosen is None else np.array(chosen, np.int64)
        ids = np.array(columns.ids, np.int64)[at].tobytes()
        self._ids.frombytes(ids)
        self._kinds += bytes((RECEIVED,)) * len(at)
        self._ats.frombytes(np.array(columns.expires_at)[at].tobytes())
        once = np.frombuffer(columns.is_sent_once, np.uint8)[at].astype(np.uint32) * IS_SENT_ONCE
        asked = np.frombuffer(columns.registered_delivery, np.uint8)[at]
        self._codes.frombytes((once | asked).tobytes())
        destinations = self._begin(view, columns, at.tolist())
        self._ids.frombytes(ids)
        self._kinds += bytes((TO,)) * len(at)
        self._ats.frombytes(bytes(8 * len(at)))
        self._codes.frombytes(bytes(4 * len(at)))
        self._append(b"".join(destinations), list(accumulate(map(len, destinations))))
        if columns.reported_ids is not columns.ids or any(columns.not_before):
            self._differing(columns, at.tolist())
        if self._keeping.keep_text:
            for n in at.tolist():
                self._one(columns.ids[n], TEXT, _body(view, columns.body_offsets[n]))

    def _begin(self, view: memoryview, columns: AcceptedColumns, chosen: list[int]) -> list[bytes]:
        """Enter the words of RECEIVED; return the destinations."""
        known = self._beginnings
        names, classes, offsets = columns.accounts, columns.classes, columns.body_offsets
        is_tagged = self._keeping.campaign_tag is not None
        destinations: list[bytes] = []
        numbers: list[int] = []
        for n in chosen:
            addresses, body = columns.addresses[n], offsets[n]
            end = addresses.index(0, 2) + 1
            destinations.append(addresses[end:-1])
            # What a campaign is told by, unless it is a parameter: service_type has 6 octets with its NUL.
            key = names[n], classes[n], bytes(view[body + 4 : body + 10]), addresses[:end]
            number = None if is_tagged else known.get(key)
            if number is None:
                campaign = self._campaign(_body(view, body))
                account, class_ = names[n].encode(), classes[n].encode()
                number = self._number(b"%b\0%b\0%b\0%b" % (account, class_, campaign, addresses[:end]))
                if len(known) < BEGINNINGS_MAX:
                    known[key] = number
            numbers.append(number)
        self._words.extend(numbers)
        return destinations

    def _differing(self, columns: AcceptedColumns, chosen: list[int]) -> None:
        for n in chosen:
            message_id, not_before = columns.ids[n], columns.not_before[n]
            difference = columns.reported_ids[n] - message_id
            if difference or not_before:
                delay = delay_of(message_id, not_before) if not_before else 0
                self._one(message_id, LATER, later(difference, delay))

    def _one(self, message_id: int, kind: int, word: bytes) -> None:
        self._ids.append(message_id)
        self._kinds.append(kind)
        self._ats.append(0.0)
        self._codes.append(0)
        self._append(word, [len(word)])

    def _campaign(self, body: bytes) -> bytes:
        if self._keeping.campaign_tag is not None:
            pdu = decode(c.SUBMIT_SM, 0, 0, body)
            if isinstance(pdu, SubmitSm):
                value = tlv.find(pdu.tlvs, self._keeping.campaign_tag)
                if value:
                    return value.rstrip(b"\0").replace(b"\0", b" ")
        # The first field of a submit_sm (SMPP 3.4 section 4.4.1).
        found = body[:6].partition(b"\0")[0]
        return found if found.isascii() else found.decode("latin-1").encode()

    def events(self) -> Events:
        """All of it as a sorted table; nothing more can be collected then."""
        ids = np.frombuffer(self._ids, np.int64)
        return Events(
            ids,
            np.frombuffer(bytes(self._kinds), np.uint8),
            delays_of(ids, np.frombuffer(self._ats, np.float64)),
            np.frombuffer(self._codes, np.uint32),
            np.frombuffer(self._words, np.uint32),
            bytes(self._blob),
            np.frombuffer(self._bounds, np.int64),
        ).sorted()


def turned_away_of(detail: bytes) -> tuple[bytes, bytes, bytes]:
    """What a TURNED_AWAY of the journal says: account to source, destination as in TO, the verdict."""
    account, class_, campaign, rest = detail.split(b"\0", 3)
    source_end = rest.index(0, 2) + 1
    end = rest.index(0, source_end + 2)
    campaign = campaign if campaign.isascii() else campaign.decode("latin-1").encode()
    source = b"%b\0%b\0%b\0%b" % (account, class_, campaign, rest[:source_end])
    return source, rest[source_end:end], rest[end + 1 :]


def _facts_about(
    view: memoryview, section: Section, wanted: frozenset[int]
) -> Iterator[tuple[int, float, int, bytes]]:
    places = _places(view, section, wanted)
    # Of thousands of facts some few are wanted: the columns are cut as they lie there, not made lists of.
    ids = np.frombuffer(records.ids_bytes(view, section), np.int64)[places].tolist()
    ats = np.frombuffer(records.ats_bytes(view, section), np.float64)[places].tolist()
    codes = np.frombuffer(records.codes_bytes(view, section), np.uint32)[places].tolist()
    ends, start = records.detail_ends(view, section) if records.has_details(section) else ([], 0)
    for place, message_id, at, code in zip(places, ids, ats, codes, strict=True):
        detail = b""
        if ends:
            detail = bytes(view[start + (ends[place - 1] if place else 0) : start + ends[place]])
        yield message_id, at, code, detail


def _places(view: memoryview, section: Section, wanted: frozenset[int]) -> list[int]:
    """Where in a section a few messages stand."""
    ids = np.frombuffer(records.ids_bytes(view, section), np.int64)
    return np.flatnonzero(is_among(ids, np.array(sorted(wanted), np.int64))).tolist()


def _kept(kind: int, detail: bytes) -> bytes:
    """What is kept of a fact's detail."""
    if kind in _NO_DETAIL:
        return b""
    return detail.split(b"\0", 1)[0] + b"\0" if kind == MOBILE else detail


def _body(view: memoryview, offset: int) -> bytes:
    """A submit_sm body, whose length stands at an offset."""
    (length,) = records.LENGTH.unpack_from(view, offset)
    start = offset + records.LENGTH.size
    return bytes(view[start : start + length])
