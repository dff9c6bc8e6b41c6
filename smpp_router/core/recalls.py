# Asking carriers to cancel what they hold and nobody wants any more (SMPP 3.4 section 4.9): the copies of a
# message that another path has delivered. A carrier that cancels ends the copy; one that does not has sent it
# on, or will not say, and the copy's receipt is awaited like any other.
"""Cancelling copies at their carriers."""

from itertools import islice
from typing import Final

import attrs

from smpp_router.core.carriers import Carrier
from smpp_router.core.flight import Flight
from smpp_router.message.message import Pending
from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode_body
from smpp_router.wire.pdu import CancelSm, ReplaceSm

WAITING_MAX: Final = 100_000
"""Copies that wait to be cancelled at one carrier, for want of room in its window or of a session: the oldest
is left alone, it has probably arrived by then."""


@attrs.define(eq=False)
class Recall:
    """A cancel_sm for a copy, in a session's window."""

    message_id: int


@attrs.define(eq=False)
class Recalls:
    """Copies to be cancelled, by carrier."""

    flight: Flight
    carriers: dict[str, Carrier]
    waiting_max: int = WAITING_MAX
    asked: int = 0
    cancelled: int = 0
    dropped: int = 0
    _waiting: dict[str, dict[int, None]] = attrs.Factory(dict[str, dict[int, None]])

    def __len__(self) -> int:
        return sum(map(len, self._waiting.values()))

    def ask(self, message_id: int) -> None:
        """Have a copy that a carrier has taken cancelled as soon as that can be asked, once."""
        entry = self.flight.messages.get(message_id)
        if not isinstance(entry, Pending) or entry.carrier not in self.carriers:
            return
        waiting = self._waiting.setdefault(entry.carrier, {})
        if len(waiting) >= self.waiting_max:
            del waiting[next(iter(waiting))]
            self.dropped += 1
        waiting[message_id] = None

    def answered(self, status: int) -> bool:
        """A carrier has answered: tell whether the copy is cancelled."""
        is_cancelled = status == c.ESME_ROK
        self.cancelled += is_cancelled
        return is_cancelled

    def send(self, now: float) -> None:
        """Ask the carriers that have room."""
        for name, waiting in self._waiting.items():
            carrier = self.carriers.get(name) if waiting else None
            for link in () if carrier is None else carrier.sessions:
                if not link.can_submit:
                    continue
                # Requests of other kinds may have gone beyond the window.
                room = max(0, link.window.room)
                for message_id in list(islice(waiting, room)):
                    del waiting[message_id]
                    entry = self.flight.messages.get(message_id)
                    if isinstance(entry, Pending):
                        ask(link, cancel_of(entry), Recall(message_id), now)
                        self.asked += 1


def cancel_of(entry: Pending) -> CancelSm:
    """The cancel_sm for what a carrier has taken."""
    addresses = entry.addresses
    split = addresses.index(0, 2)
    return CancelSm(
        message_id=entry.carrier_message_id,
        source_addr_ton=addresses[0],
        source_addr_npi=addresses[1],
        source_addr=addresses[2:split],
        dest_addr_ton=addresses[split + 1],
        dest_addr_npi=addresses[split + 2],
        destination_addr=addresses[split + 3 : -1],
    )


def ask(link: Session, pdu: CancelSm | ReplaceSm, context: object, now: float) -> None:
    """Send a carrier a request about a message by the id that it gave it, however long that is."""
    link.request_bodies(pdu.command_id, [encode_body(pdu, strict=False)], [context], now)
