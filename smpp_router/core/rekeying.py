# A reload may say that a carrier's message ids are read in another way. What it has taken stands under keys
# of the old way then:
#
#   raw to any other style, or back   the keys are others: what there is is set aside, and STEP_MAX of it move
#                                     to their new keys at a tick; what is taken from now on has a new key
#   any other style to any other      the keys are the same (receipt_ids.py), and nothing moves
#
# Rule 1: who looks for a new key looks among what is set aside, too, under the spellings that the key may
#         have there. What is found moves at once, and is found only if its new key is the one that was looked
#         for: nothing is matched by the old way of reading any more.
# Rule 2: a spelling that nobody thought of, such as a number padded with zeros to another length than its
#         neighbours, is not found. Its receipt is parked, and when its message moves it is looked for.
# Rule 3: the latest moves first, and does not take a key from a later message that has it already.
"""Reading the ids of what a carrier has taken in another way, a few at a time."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

from smpp_router.core.carriers import Carrier
from smpp_router.core.flight import Aside, Flight
from smpp_router.core.receipt_ids import RUN, Canonicaliser
from smpp_router.message.message import Pending

STEP_MAX: Final = 2_000
"""Messages that move at one tick, at about 1 us each: a million are through in 13 seconds."""

LEARNT_MAX: Final = 4 * RUN
"""Ids that a new style with something to find out is shown of those that keep their keys."""

Moved = tuple[Carrier, bytes, Pending]


class Rekeying:
    """Moves what carriers have taken to other keys."""

    def __init__(self, flight: Flight) -> None:
        self._flight = flight

    def __bool__(self) -> bool:
        """Whether something is on its way."""
        return bool(self._flight.aside)

    def begin(self, carrier: Carrier, before: Canonicaliser) -> None:
        """A carrier's ids are read by another canonicaliser than before, from now on."""
        name = carrier.name
        taken = self._flight.taken[name]
        if before.is_raw == carrier.ids.is_raw:
            for pending in islice(reversed(taken.values()), LEARNT_MAX):
                carrier.ids.from_response(pending.carrier_message_id)
        elif taken:
            aside = Aside(taken, before.from_response, is_raw=before.is_raw)
            self._flight.aside.setdefault(name, []).append(aside)
            self._flight.taken[name] = {}

    def bring(self, carrier: Carrier, key: bytes, written: bytes) -> Pending | None:
        """Return what has a key now, and was set aside; the key is for an id that is `written` so."""
        for aside in self._flight.aside.get(carrier.name, ()):
            for spelt in _spellings(aside, key, written):
                pending = aside.entries.get(spelt)
                if pending is not None and carrier.ids.from_response(pending.carrier_message_id) == key:
                    del aside.entries[spelt]
                    self._flight.taken[carrier.name][key] = pending
                    return pending
        return None

    def bring_one(self, carrier: Carrier, entry: Pending) -> None:
        """Have a message stand under its new key, unless a later one does; harmless if it is not aside."""
        for aside in self._flight.aside.get(carrier.name, ()):
            spelt = aside.key_of(entry.carrier_message_id)
            if aside.entries.get(spelt) is entry:
                del aside.entries[spelt]
                key = carrier.ids.from_response(entry.carrier_message_id)
                self._flight.taken[carrier.name].setdefault(key, entry)
                return

    def step(self, carriers: dict[str, Carrier]) -> list[Moved]:
        """Move some, and return them."""
        moved: list[Moved] = []
        room = STEP_MAX
        for name in list(self._flight.aside):
            carrier = carriers[name]
            for pending in self._taken_out(name, room):
                room -= 1
                key = carrier.ids.from_response(pending.carrier_message_id)
                if self._flight.taken[name].setdefault(key, pending) is pending:
                    moved.append((carrier, key, pending))
        return moved

    def _taken_out(self, name: str, count: int) -> Iterator[Pending]:
        """Take out up to so many of what is set aside, the latest first."""
        asides = self._flight.aside[name]
        while asides:
            entries = asides[-1].entries
            while entries and count:
                count -= 1
                yield entries.popitem()[1]
            if entries:
                return
            asides.pop()
        del self._flight.aside[name]


def _spellings(aside: Aside, key: bytes, written: bytes) -> Iterator[bytes]:
    """The keys under which a message may be set aside that has another one now."""
    if not aside.is_raw:
        yield aside.key_of(written)
        return
    yield written
    yield key
    yield key.upper()
    width = len(next(reversed(aside.entries), b""))
    if len(key) < width:
        yield key.rjust(width, b"0")
        yield key.upper().rjust(width, b"0")
