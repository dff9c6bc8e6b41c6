# Folding the journal into the state that its facts lead to. A million messages must not keep a router from
# starting, so this works in two passes over whole columns:
#
#   1. read every frame, check it, and collect what has ended: sets of ids, filled in C
#   2. go through the accepted sections, skip those that have ended altogether, and make objects of the rest
#
# Rule 1: the furthest fact of a message decides, wherever in the journal it stands; see records.py.
# Rule 2: a message may stand in the journal twice, even in one section, since live ones are carried forward.
# The last copy counts, so the second pass goes backwards. Among facts that may repeat (SENDING, REPLACED,
# RETIMED) the latest `at` counts.
# Rule 3: facts of unknown messages are left over from segments that are no longer replayed, and mean nothing.
"""Fold committed facts into the state that a router starts from."""

from collections.abc import Callable, Iterable, Iterator
from itertools import chain, compress, repeat
from operator import attrgetter, itemgetter
from typing import Final, cast

import attrs

from smpp_router.message.message import Copy, Delivery, Message, Orphan, PathEnd, Pending
from smpp_router.store import records
from smpp_router.store.notes import NOTES
from smpp_router.store.records import ACCEPTED, ADOPTED_CODE, AcceptedColumns, Section
from smpp_router.store.seam import (
    COPY,
    FINAL,
    ORPHANED,
    OWED,
    PATH,
    PATH_TAKEN,
    REPLACED,
    RETIMED,
    SENDING,
    SETTLED,
    TAKEN,
    TIMES,
    Recovered,
)

OFFSET_BITS: Final = 40
"""Of a handle, for the offset in its segment."""

Place = tuple[int, memoryview, Section]
"""A section: the number of its segment, that segment's bytes, where it lies in them."""

Marks = dict[int, tuple[float, int, int]]
"""By message_id: (at, code, handle or 0) of the latest fact of a kind."""


# The constructor of a NamedTuple is written in Python and costs twice as much as this, which it comes to.
_new_tuple = cast(
    "Callable[[type[Pending], tuple[object, ...]], Pending]",
    tuple.__new__,  # pyright: ignore[reportUnknownMemberType] - of what elements, the cast says
)


class Carriers(dict[bytes, str]):
    """Carrier names by their bytes, each one string."""

    def __missing__(self, name: bytes) -> str:
        self[name] = text = records.names(name)[0]
        return text


@attrs.define(eq=False)
class Fold:
    """Takes frames in the order of the journal, then gives what they come to.

    `live` are the ids of the messages that are in flight or owed; `orphans` the parked receipts, by the
    detail of their facts, with code, at and the segment where they stand.
    """

    live: set[int] = attrs.Factory(set[int])
    orphans: dict[bytes, tuple[int, float, int]] = attrs.Factory(dict[bytes, tuple[int, float, int]])
    message_id_last: int = 0
    _ended: set[int] = attrs.Factory(set[int])
    _accepted: list[Place] = attrs.Factory(list[Place])
    _others: dict[int, list[Place]] = attrs.Factory(dict[int, list[Place]])
    _taken: dict[int, bytes] = attrs.Factory(dict[int, bytes])
    _doubtful: set[int] = attrs.Factory(set[int])
    """Of those, the ones that another carrier may have too."""
    _finals: dict[int, tuple[bytes, float]] = attrs.Factory(dict[int, tuple[bytes, float]])
    _sending: Marks = attrs.Factory(dict[int, tuple[float, int, int]])
    _replaced: Marks = attrs.Factory(dict[int, tuple[float, int, int]])
    _retimed: dict[int, tuple[float, float, float]] = attrs.Factory(dict[int, tuple[float, float, float]])
    """By message_id: (at, expires_at, not_before) of the latest RETIMED."""
    _carriers: Carriers = attrs.Factory(Carriers)

    def add(self, number: int, view: memoryview, section: Section) -> None:
        """First pass: one section of segment `number`; `view` must stay readable until result()."""
        kind = section.kind
        if kind == ACCEPTED:
            self._accepted.append((number, view, section))
        elif kind == SETTLED or (kind == FINAL and not records.has_details(section)):
            self._ended.update(records.ids_of(view, section))
        elif kind == ORPHANED:
            self._park(number, view, section)
        elif kind != NOTES:
            self._others.setdefault(kind, []).append((number, view, section))

    def _park(self, number: int, view: memoryview, section: Section) -> None:
        facts = zip(
            records.details_of(view, section),
            records.codes_of(view, section),
            records.ats_of(view, section),
            strict=True,
        )
        for detail, code, at in facts:
            self.orphans.pop(detail, None)
            if code != ADOPTED_CODE:
                self.orphans[detail] = (code, at, number)

    def result(self) -> Recovered:
        """Second pass. To be called once."""
        self._read_finals()
        for _, view, section in self._unended(TAKEN):
            ids, codes = records.ids_of(view, section), records.codes_of(view, section)
            self._taken.update(zip(ids, records.details_of(view, section), strict=True))
            if any(codes):
                self._doubtful.update(compress(ids, codes))
        self._read_marks(SENDING, self._sending)
        self._read_marks(REPLACED, self._replaced)
        self._read_times()
        recovered = Recovered()
        queued: list[list[Message]] = []
        awaiting: list[list[Pending]] = []
        for number, view, section in reversed(self._accepted):
            ids = records.ids_of(view, section)
            self._saw(ids)
            if self._ended.issuperset(ids):
                continue
            columns = records.accepted_of(view, section)
            if len(set(ids)) != len(ids):
                last = {message_id: at for at, message_id in enumerate(ids)}
                columns = _only(columns, [last[message_id] == at for at, message_id in enumerate(ids)])
                ids = columns.ids
            if not self._ended.isdisjoint(ids) or not self.live.isdisjoint(ids):
                columns = _only(columns, [i not in self._ended and i not in self.live for i in ids])
            self.live.update(columns.ids)
            base = number << OFFSET_BITS
            columns.body_offsets = list(map(base.__add__, columns.body_offsets))
            columns = self._take_owed(columns, recovered.owed)
            columns = self._take_awaiting(columns, awaiting)
            if columns.ids:
                queued.append(self._queued(columns))
        recovered.queued = sorted(chain.from_iterable(reversed(queued)), key=attrgetter("message_id"))
        recovered.awaiting = sorted(chain.from_iterable(reversed(awaiting)), key=itemgetter(0))
        self._add_mobile_originated(recovered.owed)
        recovered.owed.sort(key=itemgetter(0))
        recovered.orphans = sorted(self._orphans(), key=attrgetter("received_at"))
        self._add_paths(recovered)
        recovered.message_id_last = self.message_id_last
        return recovered

    def _saw(self, ids: list[int]) -> None:
        highest = max(ids)
        self.message_id_last = max(self.message_id_last, highest)

    def _unended(self, kind: int) -> Iterator[Place]:
        """The sections of a kind that tell of any message that has not ended."""
        for place in self._others.get(kind, ()):
            if not self._ended.issuperset(records.ids_of(place[1], place[2])):
                yield place

    def _read_finals(self) -> None:
        ended = self._ended
        for _, view, section in self._unended(FINAL):
            ids, ats = records.ids_of(view, section), records.ats_of(view, section)
            for message_id, at, detail in zip(ids, ats, records.details_of(view, section), strict=True):
                if message_id in ended:
                    continue
                if detail:
                    self._finals[message_id] = (detail, at)
                else:
                    ended.add(message_id)

    def _read_marks(self, kind: int, marks: Marks) -> None:
        for number, view, section in self._unended(kind):
            handles: Iterable[int] = repeat(0)
            if kind == REPLACED:
                ends, start = records.detail_ends(view, section)
                base = (number << OFFSET_BITS) + start
                handles = (base + offset for offset in [0, *ends[:-1]])
            ids, ats = records.ids_of(view, section), records.ats_of(view, section)
            codes = records.codes_of(view, section)
            for message_id, at, code, handle in zip(ids, ats, codes, handles, strict=False):
                if message_id not in marks or at >= marks[message_id][0]:
                    marks[message_id] = (at, code, handle)

    def _read_times(self) -> None:
        retimed = self._retimed
        for _, view, section in self._unended(RETIMED):
            for message_id, at, _, detail in records.rows_of(view, section):
                if message_id not in retimed or at >= retimed[message_id][0]:
                    retimed[message_id] = (at, *TIMES.unpack(detail))

    # ------------------------------------------------------------------ objects

    def _take_owed(self, columns: AcceptedColumns, owed: list[Delivery]) -> AcceptedColumns:
        """Make the deliveries that are owed; return the rest of the columns."""
        finals = self._finals
        if not finals or finals.keys().isdisjoint(columns.ids):
            return columns
        for message_id, account in zip(columns.ids, columns.accounts, strict=True):
            if message_id in finals:
                body, made_at = finals[message_id]
                owed.append(Delivery(message_id, account, body, made_at))
        return _only(columns, [i not in finals for i in columns.ids])

    def _take_awaiting(self, columns: AcceptedColumns, awaiting: list[list[Pending]]) -> AcceptedColumns:
        """Make the messages that a carrier has taken; return the rest of the columns."""
        # Out of the dict at once: what is made next can have the memory.
        details = list(map(self._taken.pop, columns.ids, repeat(None)))
        if details.count(None) == len(details):
            return columns
        rest = columns
        if None in details:
            is_taken = [detail is not None for detail in details]
            rest = _only(columns, [not taken for taken in is_taken])
            columns = _only(columns, is_taken)
        else:
            rest = _only(columns, [])
        parts = [detail.partition(b"\x00") for detail in details if detail is not None]
        carriers = self._carriers
        times: dict[float, float] = {}
        registered_delivery = self._apply_replaced(columns)
        rows = zip(
            columns.ids,
            columns.reported_ids,
            columns.accounts,
            [carriers[part[0]] for part in parts],
            [part[2] for part in parts],
            columns.addresses,
            registered_delivery,
            [times.setdefault(expires_at, expires_at) for expires_at in columns.expires_at],
            [None] * len(columns.ids),
            map(self._doubtful.__contains__, columns.ids),
            strict=True,
        )
        awaiting.append(list(map(_new_tuple, repeat(Pending), rows)))
        return rest

    def _queued(self, columns: AcceptedColumns) -> list[Message]:
        registered_delivery = self._apply_replaced(columns)
        messages = list(
            map(
                Message,
                columns.ids,
                columns.reported_ids,
                columns.accounts,
                columns.classes,
                repeat(None),
                columns.addresses,
                registered_delivery,
                columns.expires_at,
                columns.not_before,
                columns.body_offsets,
            )
        )
        if any(columns.is_sent_once):
            for message, is_sent_once in zip(messages, columns.is_sent_once, strict=True):
                message.is_sent_once = bool(is_sent_once)
        if self._sending:
            for message in messages:
                mark = self._sending.get(message.message_id)
                if mark is not None:
                    message.is_recorded = True
                    message.attempts = mark[1]
        return messages

    def _apply_replaced(self, columns: AcceptedColumns) -> Iterable[int]:
        """Put new times and handles of new bodies in their places; return what registered_delivery is now."""
        retimed = self._retimed
        if not retimed.keys().isdisjoint(columns.ids):
            for at, message_id in enumerate(columns.ids):
                if message_id in retimed:
                    _, columns.expires_at[at], columns.not_before[at] = retimed[message_id]
        replaced = self._replaced
        if not replaced or replaced.keys().isdisjoint(columns.ids):
            return columns.registered_delivery
        registered_delivery = list(columns.registered_delivery)
        for at, message_id in enumerate(columns.ids):
            if message_id in replaced:
                _, registered_delivery[at], columns.body_offsets[at] = replaced[message_id]
        return registered_delivery

    def _add_mobile_originated(self, owed: list[Delivery]) -> None:
        for _, view, section in self._others.get(OWED, ()):
            ids, ats = records.ids_of(view, section), records.ats_of(view, section)
            self._saw(ids)
            for message_id, at, detail in zip(ids, ats, records.details_of(view, section), strict=True):
                if message_id not in self._ended and message_id not in self.live:
                    self.live.add(message_id)
                    account, _, body = detail.partition(b"\x00")
                    owed.append(Delivery(message_id, self._carriers[account], body, at))

    def _add_paths(self, recovered: Recovered) -> None:
        """What is known of copies, and of what they are of; carried facts may stand there twice."""
        if COPY not in self._others and PATH not in self._others:
            return
        copies: dict[int, Copy] = {}
        for _, view, section in self._unended(COPY):
            for message_id, at, code, detail in records.rows_of(view, section):
                if message_id in self.live:
                    parent_id, carrier = int.from_bytes(detail[:8], "big"), self._carriers[detail[8:]]
                    copies[message_id] = Copy(message_id, parent_id, code & 0xFF, carrier, code >> 8, at)
        recovered.copies = [copies[message_id] for message_id in sorted(copies)]
        queued = {message.message_id for message in recovered.queued}
        ends: dict[tuple[int, int], PathEnd] = {}
        for _, view, section in self._unended(PATH):
            for message_id, at, code, detail in records.rows_of(view, section):
                if message_id in queued:
                    copy_id, carrier = int.from_bytes(detail[:8], "big"), self._carriers[detail[8:]]
                    ends[message_id, copy_id] = PathEnd(
                        message_id,
                        code & (PATH_TAKEN - 1),
                        copy_id,
                        carrier,
                        bool(code & PATH_TAKEN),
                        code >> 8 & 0xFF,
                        code >> 16,
                        at,
                    )
        recovered.path_ends = [ends[key] for key in sorted(ends)]

    def _orphans(self) -> Iterator[Orphan]:
        for detail, (code, at, _) in self.orphans.items():
            carrier, _, carrier_message_id = detail.partition(b"\x00")
            yield Orphan(self._carriers[carrier], carrier_message_id, code & 0xFF, code >> 8, at)


def _only(columns: AcceptedColumns, mask: list[bool]) -> AcceptedColumns:
    """The rows of the columns where the mask is true; none for an empty mask."""
    ids = list(compress(columns.ids, mask))
    return AcceptedColumns(
        ids,
        ids if columns.reported_ids is columns.ids else list(compress(columns.reported_ids, mask)),
        list(compress(columns.expires_at, mask)),
        list(compress(columns.not_before, mask)),
        list(compress(columns.accounts, mask)),
        list(compress(columns.classes, mask)),
        bytes(compress(columns.registered_delivery, mask)),
        bytes(compress(columns.is_sent_once, mask)),
        list(compress(columns.addresses, mask)),
        list(compress(columns.body_offsets, mask)),
    )
