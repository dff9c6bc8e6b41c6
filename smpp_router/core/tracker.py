# The tracker notes what happens to messages (message/lifecycle.py), for whoever asks later: one note for all
# messages that the same thing happened to in one pass, so that a message costs little more than its id.
#
# It also remembers how the messages of the last while ended, by their carriers' ids: a receipt that comes
# again is a duplicate, and one that says otherwise contradicts the first; both are noted with the message.
"""Notes of what happens to messages, staged into the commit that comes next."""

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from smpp_router.core.verdict_notes import VerdictNotes
from smpp_router.message.decision import Decision
from smpp_router.message.lifecycle import (
    CONTRADICTED,
    DUPLICATE,
    PLANNED,
    RESTARTED,
    SIGNAL,
)
from smpp_router.message.message import HELD_FROM, Message
from smpp_router.store.seam import Note

NOTES_S: Final = 1.0
"""Notes that no fact goes with are committed that much later: a crash loses no more of them."""

NOTES_MAX: Final = 20_000
"""Notes that wait for a store that is full; the oldest are given up, and counted. Some megabytes."""

REASONS_MAX: Final = 4_096
"""Reasons kept as bytes, some 300 each: a router makes one a rule and second at most."""

REASON_OCTETS_MAX: Final = 2_000
"""Of one reason; what is longer is cut. A reason names each of its carriers once."""

TOGETHER_MAX: Final = 10_000
"""Messages of one note about a start, or about missing receipts: there may be a million of either."""

RECENT_MAX: Final = 50_000
"""Ended messages in each of two generations that a late receipt finds, at some 150 bytes each."""

_STATE_BITS: Final = 4


@attrs.frozen(kw_only=True)
class TrackerStatistics:
    """What was noted since the start that should not happen, and what was given up."""

    duplicates: int
    contradicted: int
    late_signals: int
    notes_dropped: int
    refusals_dropped: int
    """Refused submit_sm that were not noted, being too many."""


@attrs.define(eq=False)
class Tracker:
    """Notes for one router."""

    duplicates: int = 0
    contradicted: int = 0
    late_signals: int = 0
    notes_dropped: int = 0
    verdicts: VerdictNotes = attrs.Factory(VerdictNotes)
    _reasons: dict[Decision | tuple[str, ...], bytes] = attrs.Factory(dict[Decision | tuple[str, ...], bytes])
    _noted_at: float = 0.0
    _recent: dict[str, dict[bytes, int]] = attrs.Factory(dict[str, dict[bytes, int]])
    _older: dict[str, dict[bytes, int]] = attrs.Factory(dict[str, dict[bytes, int]])

    # ------------------------------------------------------------------ the way

    def planned(self, messages: Sequence[Message], now: float) -> list[Note]:
        """Tell which way messages are to go, and why; those that are held have none yet."""
        if any(message.not_before >= HELD_FROM for message in messages):
            messages = [message for message in messages if message.not_before < HELD_FROM]
            if not messages:
                return []
        first = messages[0].decision
        if first is not None and all(message.decision is first for message in messages):
            return [(PLANNED, [message.message_id for message in messages], now, 0, self._reason(first))]
        by_way: dict[Decision | tuple[str, ...], list[int]] = {}
        for message in messages:
            by_way.setdefault(message.decision or message.plan, []).append(message.message_id)
        return [(PLANNED, ids, now, 0, self._reason(way)) for way, ids in by_way.items()]

    def taken_up(self, messages: Sequence[Message], now: float) -> list[Note]:
        """Tell of messages that were queued when the router stopped, and which way they are to go now."""
        return self.restarted(messages, now) + (self.planned(messages, now) if messages else [])

    def restarted(self, messages: Sequence[Message], now: float) -> list[Note]:
        """Tell of messages that were queued when the router stopped."""
        # Before one that may be sent once is sent, that is durable: of it nothing is in doubt.
        ids = [message.message_id for message in messages if not message.is_sent_once]
        pieces = [ids[start : start + TOGETHER_MAX] for start in range(0, len(ids), TOGETHER_MAX)]
        return [(RESTARTED, piece, now, 0, b"") for piece in pieces]

    def _reason(self, way: Decision | tuple[str, ...]) -> bytes:
        reason = self._reasons.get(way)
        if reason is None:
            if len(self._reasons) >= REASONS_MAX:
                self._reasons.clear()
            plan, why = (way.plan, way.explanation) if isinstance(way, Decision) else (way, "")
            reason = (" > ".join(plan) + "\0" + why).encode()[:REASON_OCTETS_MAX]
            self._reasons[way] = reason
        return reason

    # ------------------------------------------------------------------ late receipts

    def recent(self, carrier: str) -> dict[bytes, int]:
        """Where a carrier's messages that end are to be entered: by key, ended_as()."""
        return self._recent.setdefault(carrier, {})

    def late(self, carrier: str, keys: Iterable[bytes], code: int, now: float) -> Note | None:
        """The note about a receipt for a message that has ended; None if nothing is known of one."""
        for generation in (self._recent, self._older):
            known = generation.get(carrier, {})
            for key in keys:
                found = known.get(key)
                if found is not None:
                    return self._late_note(found, carrier, code, now)
        return None

    def _late_note(self, found: int, carrier: str, code: int, now: float) -> Note:
        message_id, ended_as = found >> _STATE_BITS, found & (1 << _STATE_BITS) - 1
        state = code & 0xFF
        if state in _UNDER_WAY:
            kind = SIGNAL
            self.late_signals += 1
        elif state == ended_as:
            kind = DUPLICATE
            self.duplicates += 1
        else:
            kind = CONTRADICTED
            self.contradicted += 1
        return kind, [message_id], now, code, carrier.encode()

    # ------------------------------------------------------------------ time

    def is_due(self, notes: list[Note], now: float) -> bool:
        """Whether notes have waited long enough for a commit to ride in; to be asked at each tick."""
        if not notes or notes[0][2] > self._noted_at:
            # The last ones went with a commit: these began to wait when the first of them was made.
            self._noted_at = notes[0][2] if notes else now
        if sum(map(len, self._recent.values())) >= RECENT_MAX:
            self._recent, self._older = {}, self._recent
        return now >= self._noted_at + NOTES_S

    def after_refusal(self, notes: list[Note], refused: set[int]) -> list[Note]:
        """What is left to note of a commit that the store refused together with the messages `refused`."""
        left: list[Note] = []
        for kind, ids, at, code, detail in notes[-NOTES_MAX:]:
            kept = [message_id for message_id in ids if message_id not in refused] if refused else ids
            if kept:
                left.append((kind, kept, at, code, detail))
        self.notes_dropped += max(0, len(notes) - NOTES_MAX)
        return left

    def statistics(self) -> TrackerStatistics:
        """A snapshot for the console."""
        return TrackerStatistics(
            duplicates=self.duplicates,
            contradicted=self.contradicted,
            late_signals=self.late_signals,
            notes_dropped=self.notes_dropped,
            refusals_dropped=self.verdicts.dropped,
        )


_UNDER_WAY: Final = frozenset({1, 6})
"""message_state ENROUTE and ACCEPTED (SMPP 3.4 section 5.2.28)."""


def ended_as(message_id: int, message_state: int) -> int:
    """What is remembered of a message that has ended, as one number."""
    return message_id << _STATE_BITS | message_state & (1 << _STATE_BITS) - 1
