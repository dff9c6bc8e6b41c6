# Receipts whose message is not known: they overtook their submit_sm_resp, repeat one that has been settled,
# or belong to a submit_sm that was given up unanswered. They are stored before they are answered, so that
# one which overtook its response survives a crash, and dropped by age or by number, the oldest first.
#
# A receipt stands under every canonical key that its id may mean; while a carrier's ways with ids are in
# doubt that can be more than one (see receipt_ids.py).
"""Parked receipts."""

from collections import OrderedDict
from collections.abc import Iterable

from smpp_router.message.message import Orphan


class Orphans:
    """Receipts parked until their message is known, bounded by number and age."""

    def __init__(self, orphans_max: int, seconds_max: float) -> None:
        self._orphans_max = orphans_max
        self._seconds_max = seconds_max
        # Ordered, since taking the first of a plain dict walks over all that were deleted before it.
        self._parked: OrderedDict[tuple[str, bytes], tuple[Orphan, tuple[bytes, ...]]] = OrderedDict()
        self._by_key: dict[tuple[str, bytes], Orphan] = {}
        self.dropped = 0

    def configure(self, orphans_max: int, seconds_max: float) -> None:
        """Go by other bounds; what is too much or too old leaves with the next receipt or tick."""
        self._orphans_max = orphans_max
        self._seconds_max = seconds_max

    def __len__(self) -> int:
        return len(self._parked)

    def park(self, orphan: Orphan, keys: Iterable[bytes]) -> list[Orphan]:
        """Keep a receipt, in the place of an earlier one for the same id; return those dropped for it."""
        self.remove(orphan)
        keys = tuple(keys)
        self._parked[orphan.carrier, orphan.carrier_message_id] = orphan, keys
        for key in keys:
            self._by_key[orphan.carrier, key] = orphan
        dropped: list[Orphan] = []
        while len(self._parked) > self._orphans_max:
            dropped.append(next(iter(self._parked.values()))[0])
            self.remove(dropped[-1])
        self.dropped += len(dropped)
        return dropped

    def find(self, carrier: str, key: bytes) -> Orphan | None:
        """The receipt that may be meant by a key that has just become known."""
        return self._by_key.get((carrier, key))

    def remove(self, orphan: Orphan) -> None:
        """Take a receipt out; harmless if it is not there."""
        parked, keys = self._parked.pop((orphan.carrier, orphan.carrier_message_id), (orphan, ()))
        for key in keys:
            # A later receipt that may mean the same message has taken the key over, and keeps it.
            if self._by_key.get((orphan.carrier, key)) is parked:
                del self._by_key[orphan.carrier, key]

    def tick(self, now: float) -> list[Orphan]:
        """Take out what has waited too long; arrival order is age order."""
        old: list[Orphan] = []
        for orphan, _ in self._parked.values():
            if orphan.received_at + self._seconds_max > now:
                break
            old.append(orphan)
        for orphan in old:
            self.remove(orphan)
        self.dropped += len(old)
        return old
