# Flight holds every message between its acceptance and its final state, by its own id and by its carrier's.
#
# Rule 1: a message stands in `messages` as a Message until a carrier has taken it, then as a Pending.
# Rule 2: a Pending also stands in its carrier's map; both entries go together. When a reload has the ids of a
#         carrier read in another way, the map of before is set aside, and what is in it moves (rekeying.py).
# Rule 3: each message stands in the expiry bucket of its expires_at. Buckets are lists, at 8 bytes a message;
#         what has ended stays in its list until half of the list has, so that buckets hold what is in flight
#         and not what was accepted within the longest validity.
# Memory is counted here: everything in this file is within 400 bytes a message, at a million of them.
"""Messages that have not ended, and when they would expire."""

from collections.abc import Callable, Iterable, Mapping
from typing import Final

from smpp_router.message.message import Message, Pending

_BUCKET_S: Final = 2
"""Expiry is noticed at most this much later; finer buckets would cost memory at a validity of days."""

_SPARSE_MIN: Final = 64
"""Buckets smaller than this are not worth tidying."""


class Bucket:
    """The messages that expire within the same two seconds. `gone` of `ids` have ended or moved since."""

    __slots__ = ("gone", "ids")

    def __init__(self) -> None:
        self.ids: list[int] = []
        self.gone = 0


class Aside:
    """What a carrier had taken when its ids began to be read in another way; `key_of` is the old one."""

    __slots__ = ("entries", "is_raw", "key_of")

    def __init__(
        self, entries: dict[bytes, Pending], key_of: Callable[[bytes], bytes], *, is_raw: bool
    ) -> None:
        self.entries = entries
        self.key_of = key_of
        self.is_raw = is_raw


class Flight:
    """The table of messages in flight."""

    __slots__ = ("_buckets", "_over", "aside", "messages", "taken")

    def __init__(self, carriers: Iterable[str]) -> None:
        self.messages: dict[int, Message | Pending] = {}
        self.taken: dict[str, dict[bytes, Pending]] = {carrier: {} for carrier in carriers}
        self.aside: dict[str, list[Aside]] = {}
        """Of few carriers, and mostly of none: what stands under keys of before, the oldest keys first."""
        self._buckets: dict[int, Bucket] = {}
        self._over = 0

    def __len__(self) -> int:
        return len(self.messages)

    def accept(self, message: Message) -> None:
        """Enter a message that has just been admitted, or that was recovered."""
        self.accept_all((message,))

    def accept_all(self, accepted: Iterable[Message]) -> None:
        """As accept(), of messages that come together."""
        messages = self.messages
        expires_at, bucket = -1.0, Bucket()
        for message in accepted:
            message_id = message.message_id
            messages[message_id] = message
            if message.expires_at != expires_at:
                expires_at = message.expires_at
                bucket = self._bucket(expires_at)
            bucket.ids.append(message_id)

    def recover(self, pendings: Iterable[Pending], key_of: Mapping[str, Callable[[bytes], bytes]]) -> None:
        """Enter messages that carriers had taken before a crash; `key_of` makes a carrier's ids canonical.

        A restart waits for this with every message that awaits its receipt, hence the loop without calls.
        """
        messages, taken, buckets = self.messages, self.taken, self._buckets
        carrier = ""
        from_response = bytes
        of_carrier: dict[bytes, Pending] = {}
        for pending in pendings:
            if pending.carrier != carrier:
                carrier = pending.carrier
                from_response = key_of[carrier]
                of_carrier = taken[carrier]
            of_carrier[from_response(pending.carrier_message_id)] = pending
            message_id = pending.message_id
            messages[message_id] = pending
            number = int(pending.expires_at) // _BUCKET_S
            bucket = buckets.get(number)
            if bucket is None:
                bucket = buckets[number] = Bucket()
            bucket.ids.append(message_id)

    def awaiting(self, carrier: str) -> int:
        """How many messages a carrier has taken whose receipts have not come."""
        return len(self.taken[carrier]) + sum(len(one.entries) for one in self.aside.get(carrier, ()))

    def taken_by(self, carrier: str) -> list[Pending]:
        """These messages."""
        maps = [one.entries for one in self.aside.get(carrier, ())] + [self.taken.get(carrier, {})]
        return [pending for entries in maps for pending in entries.values()]

    def end(self, entry: Message | Pending) -> None:
        """A message known by its own id has ended; its carrier entry is removed by whoever knows its key."""
        self.end_all((entry,))

    def end_all(self, entries: Iterable[Message | Pending]) -> None:
        """As end(), of messages that end together."""
        messages = self.messages
        at, gone = 0, 0
        for entry in entries:
            if messages.pop(entry.message_id, None) is None:
                continue
            number = int(entry.expires_at) // _BUCKET_S
            if number != at:
                # Those that end together came together, mostly, and share a bucket.
                self._leave(at, gone)
                at, gone = number, 0
            gone += 1
        self._leave(at, gone)

    def _leave(self, at: int, gone: int) -> None:
        bucket = self._buckets.get(at)
        if bucket is not None:
            bucket.gone += gone
            if bucket.gone * 2 >= len(bucket.ids):
                self._tidy(at, bucket)

    def _tidy(self, at: int, bucket: Bucket) -> None:
        if bucket.gone >= len(bucket.ids):
            del self._buckets[at]
        elif len(bucket.ids) >= _SPARSE_MIN:
            messages = self.messages
            bucket.ids = [message_id for message_id in bucket.ids if message_id in messages]
            bucket.gone = 0

    def expire_at(self, message_id: int, at: float) -> None:
        """Have due() name a message at `at`, in unix seconds, too."""
        self._bucket(at).ids.append(message_id)

    def _bucket(self, at: float) -> Bucket:
        number = max(int(at) // _BUCKET_S, self._over)
        bucket = self._buckets.get(number)
        if bucket is None:
            bucket = self._buckets[number] = Bucket()
        return bucket

    def due(self, now: float) -> list[int]:
        """Take out the messages whose validity is over, in order of time and id."""
        limit = int(now) // _BUCKET_S
        if limit - self._over > len(self._buckets):
            over = sorted(number for number in self._buckets if number < limit)
        else:
            over = [number for number in range(self._over, limit) if number in self._buckets]
        self._over = limit
        # Named once, though one that was replaced stands in its bucket twice, or in two buckets.
        due: dict[int, None] = {}
        for number in over:
            for message_id in sorted(set(self._buckets.pop(number).ids)):
                entry = self.messages.get(message_id)
                if entry is not None and entry.expires_at <= now:
                    due[message_id] = None
        return list(due)
