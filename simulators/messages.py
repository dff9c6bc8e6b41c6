# The messages that a simulated carrier has taken.
#
#   add() --> under way, found by id --> end() --> ended, found by id until ENDED_MAX later ones have ended
#
# The destinations of a submit_multi share one id (SMPP 3.4 section 4.5.2): the first of them is the one that
# is found, and it knows the others.
"""A simulated carrier's memory of messages."""

import math
from collections import OrderedDict
from typing import Final

import attrs

from simulators.fates import Fate
from simulators.outcomes import SILENT
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import masked

ENDED_MAX: Final = 100_000
"""Ended messages that query_sm still finds; the oldest is forgotten first."""
UNDER_WAY_MAX: Final = 2_000_000
"""Messages that have not ended; one more is refused with ESME_RMSGQFUL, as by a carrier with a full store."""

ABSENT_SUBSCRIBER: Final = 27
"""The error code of a message that has expired (GSM's)."""


@attrs.define(eq=False)
class Held:
    """A message that the carrier has taken. Times are unix seconds.

    `addresses` is the stretch of the submit_sm body from source_addr_ton to the NUL of destination_addr.
    `outcome` and `error_code` are what it will come to; `message_state` is what it is. `fate` is there
    if more than chance had a say; `is_on_air` and what follows are for messages in a radio network.
    """

    message_id: bytes
    system_id: str
    service_type: bytes
    addresses: bytes = attrs.field(repr=masked)
    registered_delivery: int
    short_message: bytes = attrs.field(repr=masked)
    taken_at: float
    ends_at: float
    outcome: int
    error_code: int
    expires_at: float = math.inf
    message_state: int = c.ENROUTE
    others: "tuple[Held, ...]" = ()
    data_coding: int = 0
    fate: Fate | None = None
    is_on_air: bool = False
    is_notified: bool = False
    wants_alert: bool = False

    @property
    def has_ended(self) -> bool:
        """Whether its state is final."""
        return self.message_state != c.ENROUTE

    @property
    def is_delivered(self) -> bool:
        """Whether it comes to its receiver, and not only by its receipt."""
        is_intercepted = self.fate is not None and self.fate.is_intercepted
        return self.outcome == c.DELIVERED and not is_intercepted

    @property
    def source_addr(self) -> bytes:
        """Whom it is from."""
        return self.addresses[2 : self.addresses.index(0, 2)]

    def heed_validity(self) -> None:
        """Have a message end as EXPIRED that would come to its end later than its validity period."""
        if self.expires_at < self.ends_at:
            self.ends_at = self.expires_at
            if self.outcome != SILENT:
                self.outcome, self.error_code = c.EXPIRED, ABSENT_SUBSCRIBER


class Messages:
    """Messages by id: those under way, and those that ended lately."""

    __slots__ = ("_ended", "_under_way")

    def __init__(self) -> None:
        self._under_way: dict[bytes, Held] = {}
        self._ended: OrderedDict[bytes, Held] = OrderedDict()

    def __len__(self) -> int:
        return len(self._under_way)

    @property
    def is_full(self) -> bool:
        """Whether no message can be taken."""
        return len(self._under_way) >= UNDER_WAY_MAX

    def add(self, held: Held) -> None:
        """Remember a message that has been taken."""
        self._under_way[held.message_id] = held

    def unite(self, taken: list[Held]) -> bytes:
        """Have messages known by one id, the first one's (SMPP 3.4 section 4.5.2); return it."""
        if not taken:
            return b""
        for held in taken[1:]:
            del self._under_way[held.message_id]
            held.message_id = taken[0].message_id
        taken[0].others = tuple(taken[1:])
        return taken[0].message_id

    def end(self, held: Held, message_state: int, now: float) -> None:
        """Give a message its final state; its text is not needed any more."""
        held.message_state = message_state
        held.ends_at = now
        held.short_message = b""
        if self._under_way.get(held.message_id) is held:
            del self._under_way[held.message_id]
            self._ended[held.message_id] = held
            if len(self._ended) > ENDED_MAX:
                self._ended.popitem(last=False)

    def find(self, message_id: bytes, system_id: str) -> Held | None:
        """Return an account's message, under way or ended; None if it has none of that id."""
        held = self._under_way.get(message_id) or self._ended.get(message_id)
        return held if held is not None and held.system_id == system_id else None

    def under_way(self, system_id: str, service_type: bytes, addresses: bytes) -> list[Held]:
        """Return an account's messages between two addresses; an empty service_type stands for any.

        Looks at every message under way: asked for by cancel_sm without a message_id, which is rare.
        """
        return [
            one
            for held in self._under_way.values()
            if held.system_id == system_id
            for one in (held, *held.others)
            if not one.has_ended and one.addresses == addresses and service_type in (b"", one.service_type)
        ]
