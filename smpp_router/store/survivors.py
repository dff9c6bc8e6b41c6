# Survivors are what is still live in the oldest segment that is replayed. Once nothing is, it retires.
# Where few are, they are carried forward: every record of a live message that stands in the segment, be it
# accepted there or only told about, is written again at the end of the journal, as it was. Nothing is
# folded for that, so no other segment has to be read.
#
# Rule 1: what is carried is sifted once more when it is its turn to be written. A message that was settled
# before must not be written after its SETTLED, since that may leave the replay first.
# Rule 2: the segment retires only when everything carried out of it is durable. A crash before leaves
# copies, which the fold takes for one.
"""What is live in a segment, and reading it out in pieces."""

from pathlib import Path
from typing import Final

import attrs

from smpp_router.message.message import Message
from smpp_router.store import records
from smpp_router.store.fold import OFFSET_BITS
from smpp_router.store.records import ACCEPTED, FRAME, LENGTH, Frame, Section
from smpp_router.store.seam import (
    COPY,
    FINAL,
    OWED,
    PATH,
    REPLACED,
    RETIMED,
    SENDING,
    TAKEN,
    Batch,
    Fact,
    StoreFailedError,
)
from smpp_router.store.segments import HEAD_BYTES, frames, log_path, mapped, read_head

PIECE_BYTES: Final = 256 * 1024
"""Carried at once: a commit that comes meanwhile waits a few milliseconds for it."""

_CARRIED: Final = frozenset({SENDING, TAKEN, FINAL, REPLACED, RETIMED, OWED, COPY, PATH})


@attrs.define(eq=False)
class Piece:
    """Records on their way to the end of the journal; those with a body with the handle it had."""

    accepted: list[tuple[int, Message]] = attrs.Factory(list[tuple[int, Message]])
    replaced: list[tuple[int, Fact]] = attrs.Factory(list[tuple[int, Fact]])
    facts: list[Fact] = attrs.Factory(list[Fact])
    next_frame: int = 0

    def sift(self, live: set[int]) -> Batch:
        """Drop what is no longer live; return the rest as a batch, each message once.

        A segment has a message twice if two that were carried into it both had it, one since a crash.
        """
        once: dict[int, Message] = {}
        self.accepted = [
            (handle, once.setdefault(message.message_id, message))
            for handle, message in self.accepted
            if message.message_id in live
        ]
        self.replaced = [row for row in self.replaced if row[1][1] in live]
        facts = [fact for fact in self.facts if fact[1] in live]
        return Batch(list(once.values()), facts + [fact for _, fact in self.replaced])

    def moves(self, frame: Frame, base: int) -> dict[int, int]:
        """Where bodies are, now that the batch begins at handle `base`: old handle to new one."""
        moved = {old: message.handle for old, message in self.accepted}
        view = memoryview(frame.data)
        for section in records.sections(view, FRAME.size, len(view)):
            if section.kind == REPLACED:
                ends, start = records.detail_ends(view, section)
                for (old, _), offset in zip(self.replaced, [0, *ends[:-1]], strict=True):
                    moved[old] = base + start + offset
        return moved


@attrs.define(eq=False)
class Survivors:
    """The live ids of one closed segment, and how far they have been read out."""

    directory: Path
    number: int
    ids: set[int]
    accepted: int
    """How many messages were accepted in the segment."""
    _frames: list[tuple[int, int]]
    _next: int = 0

    @property
    def is_read(self) -> bool:
        """Whether all has been read out."""
        return self._next >= len(self._frames)

    @property
    def is_begun(self) -> bool:
        """Whether anything has been read out."""
        return self._next > 0

    def refresh(self, live: set[int]) -> None:
        """Drop what has ended since."""
        # A loop and not `&=`, so that the event loop can have its turn meanwhile.
        self.ids = {message_id for message_id in self.ids if message_id in live}

    def read(self) -> Piece:
        """Read out the next piece, the same until it is passed(). Raises StoreFailedError."""
        piece = Piece(next_frame=self._next)
        size = 0
        with mapped(self.directory, self.number) as view:
            while size < PIECE_BYTES and piece.next_frame < len(self._frames):
                start, end = self._frames[piece.next_frame]
                piece.next_frame += 1
                for section in records.sections(view, start, end):
                    if section.kind == ACCEPTED:
                        size += self._read_accepted(view, section, piece)
                    elif section.kind in _CARRIED:
                        size += self._read_facts(view, section, piece)
        return piece

    def passed(self, piece: Piece) -> None:
        """A piece is durable in its new place."""
        self._next = piece.next_frame

    def _read_accepted(self, view: memoryview, section: Section, piece: Piece) -> int:
        ids = self.ids
        columns = records.accepted_of(view, section)
        size = 0
        for at, message_id in enumerate(columns.ids):
            if message_id not in ids:
                continue
            body = _sized(view, columns.body_offsets[at])
            size += len(body)
            message = Message(
                message_id,
                columns.reported_ids[at],
                columns.accounts[at],
                columns.classes[at],
                body,
                columns.addresses[at],
                columns.registered_delivery[at],
                columns.expires_at[at],
                columns.not_before[at],
                is_sent_once=bool(columns.is_sent_once[at]),
            )
            piece.accepted.append((self.number << OFFSET_BITS | columns.body_offsets[at], message))
        return size

    def _read_facts(self, view: memoryview, section: Section, piece: Piece) -> int:
        kind = section.kind
        ids = records.ids_of(view, section)
        if self.ids.isdisjoint(ids):
            return 0
        details = records.details_of(view, section)
        rows = zip(ids, records.ats_of(view, section), records.codes_of(view, section), details, strict=True)
        kept = [
            (at, (kind, message_id, staged_at, code, detail))
            for at, (message_id, staged_at, code, detail) in enumerate(rows)
            if message_id in self.ids
        ]
        if kind == REPLACED:
            ends, start = records.detail_ends(view, section)
            base = (self.number << OFFSET_BITS) + start
            handles = [base + offset for offset in [0, *ends[:-1]]]
            piece.replaced += [(handles[at], (*fact[:4], fact[4][LENGTH.size :])) for at, fact in kept]
        else:
            piece.facts += [fact for _, fact in kept]
        return sum(len(fact[4]) for _, fact in kept)


def survey(directory: Path, number: int, live: set[int]) -> Survivors:
    """Find what is live in a closed segment. `live` may lose ids meanwhile. Raises StoreFailedError."""
    found: set[int] = set()
    told: list[tuple[int, int]] = []
    accepted = 0
    path = log_path(directory, number)
    with mapped(directory, number) as view:
        end = HEAD_BYTES
        for start, end in frames(view, read_head(path, view, number).salt):
            has_live = False
            for section in records.sections(view, start, end):
                if section.kind == ACCEPTED:
                    accepted += section.count
                if section.kind == ACCEPTED or section.kind in _CARRIED:
                    ids = live.intersection(records.ids_of(view, section))
                    found |= ids
                    has_live = has_live or bool(ids)
            if has_live:
                told.append((start, end))
        if end != len(view):
            raise StoreFailedError(f"{path}: damaged at offset {end}: not a whole frame")
    return Survivors(directory, number, found, accepted, told)


def straightened(moved: dict[int, int], number: int) -> dict[int, int]:
    """The moves that Piece.moves() gave, once segment `number` has retired: none leads into it any more.

    Those that did lead on to where the message was carried next, or, if it was not carried, it has ended.
    So there is one for each message that was ever carried, however often that was.
    """
    inner = {new for new in moved.values() if new >> OFFSET_BITS == number}
    straight: dict[int, int] = {}
    for old, new in moved.items():
        if old in inner:
            # Only a step on the way: nobody was ever given this handle.
            continue
        last = moved.get(new) if new in inner else new
        if last is not None:
            straight[old] = last
    return straight


def _sized(view: memoryview, offset: int) -> bytes:
    (length,) = LENGTH.unpack_from(view, offset)
    return bytes(view[offset + LENGTH.size : offset + LENGTH.size + length])
