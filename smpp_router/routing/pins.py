# The parts of a long message are separate submit_sm to us and one message to the handset. Sent by two
# carriers they may arrive with other senders, or one of them never; so the first part's carrier is pinned.
#
# Rule 1: a pin is a wish. Whether a lost carrier is waited for or left with repin() is the caller's decision.
# Rule 2: a pin ends seconds_max after it was made, used or not: references are reused, and the next message
#         under the same one shall be free to go where its plan says.
# Rule 3: above entries_max the oldest goes. All pins live equally long, so insertion order is expiry order.
# The order is an OrderedDict's: a dict finds its first entry by walking over all that were deleted before it,
# which takes 18 us with 100,000 pins.
"""Which carrier the parts of a long message go by."""

from collections import OrderedDict
from collections.abc import Hashable

import attrs

PinKey = Hashable
"""What parts of one message have in common: account, source, destination, reference, total (in any shape)."""


@attrs.frozen
class PinsStatistics:
    """How many pins stand, and since the start: made, moved to another carrier, dropped for want of room."""

    pinned: int
    made: int
    moved: int
    dropped: int


class Pins:
    """Bounded memory of carriers by message: at most `entries_max`, for `seconds_max` each."""

    def __init__(self, entries_max: int, seconds_max: float) -> None:
        self._entries_max = entries_max
        self._seconds_max = seconds_max
        self._entries: OrderedDict[PinKey, tuple[str, float]] = OrderedDict()
        self._made = 0
        self._moved = 0
        self._dropped = 0

    def __len__(self) -> int:
        return len(self._entries)

    def configure(self, entries_max: int) -> None:
        """Go by another bound; the oldest above it leave with the next pins."""
        self._entries_max = entries_max

    def carrier_for(self, key: PinKey, now: float) -> str | None:
        """The carrier that the message is pinned to, None if to none."""
        entry = self._entries.get(key)
        if entry is None:
            return None
        carrier, until = entry
        if now < until:
            return carrier
        del self._entries[key]
        return None

    def pin(self, key: PinKey, carrier: str, now: float) -> None:
        """Pin a message that is pinned to none."""
        self._entries.pop(key, None)
        self._make_room(now)
        self._made += 1
        self._entries[key] = (carrier, now + self._seconds_max)

    def repin(self, key: PinKey, carrier: str, now: float) -> None:
        """Pin a message to a carrier, whether it is pinned already or not."""
        before = self._entries.pop(key, None)
        if before is not None and now < before[1] and before[0] != carrier:
            self._moved += 1
        self.pin(key, carrier, now)

    def statistics(self) -> PinsStatistics:
        """A snapshot for the console."""
        return PinsStatistics(len(self._entries), self._made, self._moved, self._dropped)

    def _make_room(self, now: float) -> None:
        entries = self._entries
        # Two out for one in, at most: what has expired goes without a sweep that would take long at once.
        for _ in range(2):
            oldest = next(iter(entries), None)
            if oldest is None:
                return
            if now >= entries[oldest][1]:
                del entries[oldest]
            elif len(entries) >= self._entries_max:
                del entries[oldest]
                self._dropped += 1
