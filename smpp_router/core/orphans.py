# Receipts whose message is not known: they overtook their submit_sm_resp, repeat one that has been settled,
# or belong to a submit_sm that was given up unanswered. They are stored before they are answered, so that
# one which overtook its response survives a crash, and dropped by age or by number, the oldest first.
"""Parked receipts."""

from smpp_router.message.message import Orphan


class Orphans:
    """Receipts parked until their message is known, bounded by number and age."""

    def __init__(self, orphans_max: int, seconds_max: float) -> None:
        self._orphans_max = orphans_max
        self._seconds_max = seconds_max
        self._parked: dict[tuple[str, bytes], Orphan] = {}
        self.dropped = 0

    def __len__(self) -> int:
        return len(self._parked)

    def park(self, orphan: Orphan) -> list[Orphan]:
        """Keep a receipt, in the place of an earlier one for the same id; return those dropped for it."""
        key = (orphan.carrier, orphan.carrier_message_id)
        self._parked.pop(key, None)
        self._parked[key] = orphan
        dropped: list[Orphan] = []
        while len(self._parked) > self._orphans_max:
            dropped.append(self._parked.pop(next(iter(self._parked))))
        self.dropped += len(dropped)
        return dropped

    def adopt(self, carrier: str, carrier_message_id: bytes) -> Orphan | None:
        """Take out the receipt for an id that has just become known."""
        return self._parked.pop((carrier, carrier_message_id), None)

    def tick(self, now: float) -> list[Orphan]:
        """Take out what has waited too long; arrival order is age order."""
        old: list[Orphan] = []
        for orphan in self._parked.values():
            if orphan.received_at + self._seconds_max > now:
                break
            old.append(orphan)
        for orphan in old:
            del self._parked[orphan.carrier, orphan.carrier_message_id]
        self.dropped += len(old)
        return old
