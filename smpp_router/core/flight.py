# Flight holds every message between its acceptance and its final state, by its own id and by its carrier's.
#
# Rule 1: a message stands in `messages` as a Message until a carrier has taken it, then as a Pending.
# Rule 2: a Pending also stands in its carrier's map; both entries go together.
# Rule 3: each message stands in the expiry bucket of its expires_at, and leaves it when it ends, so that
#         buckets hold what is in flight and not what was accepted within the longest validity.
# Memory is counted here: at a million Pendings everything in this file is within 450 bytes a message.
"""Messages that have not ended, and when they would expire."""

from collections.abc import Iterable
from typing import Final

from smpp_router.message.message import Message, Pending

_BUCKET_S: Final = 2
"""Expiry is noticed at most this much later; finer buckets would cost memory at a validity of days."""


class Deadlines:
    """Which message ids expire in which two seconds."""

    __slots__ = ("_buckets", "_over")

    def __init__(self) -> None:
        self._buckets: dict[int, set[int]] = {}
        self._over = 0

    def add(self, message_id: int, expires_at: float) -> None:
        """Note when a message expires, in unix seconds."""
        bucket = max(int(expires_at) // _BUCKET_S, self._over)
        try:
            self._buckets[bucket].add(message_id)
        except KeyError:
            self._buckets[bucket] = {message_id}

    def remove(self, message_id: int, expires_at: float) -> None:
        """Forget a message that has ended; harmless for one that is not there."""
        bucket = int(expires_at) // _BUCKET_S
        ids = self._buckets.get(bucket)
        if ids is not None:
            ids.discard(message_id)
            if not ids:
                del self._buckets[bucket]

    def due(self, now: float) -> list[int]:
        """Take out the ids whose bucket is over, in order of time and id."""
        limit = int(now) // _BUCKET_S
        buckets = self._buckets
        if limit - self._over > len(buckets):
            over = sorted(bucket for bucket in buckets if bucket < limit)
        else:
            over = [bucket for bucket in range(self._over, limit) if bucket in buckets]
        self._over = limit
        due: list[int] = []
        for bucket in over:
            due += sorted(buckets.pop(bucket))
        return due


class Flight:
    """The table of messages in flight."""

    __slots__ = ("deadlines", "messages", "taken")

    def __init__(self, carriers: Iterable[str]) -> None:
        self.messages: dict[int, Message | Pending] = {}
        self.taken: dict[str, dict[bytes, Pending]] = {carrier: {} for carrier in carriers}
        self.deadlines = Deadlines()

    def __len__(self) -> int:
        return len(self.messages)

    def accept(self, message: Message) -> None:
        """Enter a message that has just been admitted."""
        self.messages[message.message_id] = message
        self.deadlines.add(message.message_id, message.expires_at)

    def take(self, pending: Pending, key: bytes) -> None:
        """A carrier has taken the message; `key` is its canonical id there."""
        self.messages[pending.message_id] = pending
        self.taken.setdefault(pending.carrier, {})[key] = pending

    def end(self, entry: Message | Pending) -> None:
        """A message known by its own id has ended; its carrier entry is removed by whoever knows its key."""
        if self.messages.pop(entry.message_id, None) is not None:
            self.deadlines.remove(entry.message_id, entry.expires_at)
