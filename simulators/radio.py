# What lies between a carrier and the radio network behind it: values, and what a carrier asks of a network.
#
#   carrier --ShortMessage--> network --Signal: what happened to it--> carrier
#                             network --MobileOriginated: what a subscriber sent--> carrier
"""The border between simulated carriers and a simulated radio network."""

from typing import Protocol

import attrs


@attrs.define(eq=False)
class ShortMessage:
    """A message for a handset; `octets` begin with the UDH, if there is one. Times are unix seconds.

    `token` is the carrier's own and comes back with each signal.
    """

    carrier: str
    token: object
    source: tuple[int, int, bytes] = attrs.field(repr=False)
    destination: tuple[int, int, bytes] = attrs.field(repr=False)
    service_type: bytes
    esm_class: int
    protocol_id: int
    priority: int
    data_coding: int
    octets: bytes = attrs.field(repr=False)
    submitted_at: float
    starts_at: float
    expires_at: float
    default_alphabet: str = "gsm"


@attrs.define(eq=False)
class Signal:
    """A step of a message's way; `message_state` is 0 while it is not final, `cause` empty for success."""

    at: float
    token: object
    kind: str
    cause: str
    error_code: int
    message_state: int


@attrs.define(eq=False)
class MobileOriginated:
    """What a subscriber sent, to a short code or to whom it answers."""

    at: float
    source: bytes = attrs.field(repr=False)
    destination: bytes = attrs.field(repr=False)
    octets: bytes = attrs.field(repr=False)
    data_coding: int
    esm_class: int


class Radio(Protocol):
    """A network that all carriers of a process share."""

    def submit(self, message: ShortMessage, now: float) -> None:
        """Take a message to its handset."""
        ...

    def cancel(self, token: object, now: float) -> bool:
        """Stop a message; False if the handset has it already."""
        ...

    def replace(
        self, token: object, octets: bytes, data_coding: int | None, expires_at: float | None, now: float
    ) -> bool:
        """Give a message another text; False if the handset has it already."""
        ...

    def tick(self, now: float) -> None:
        """Do what is due."""
        ...

    def next_at(self) -> float:
        """Return when something is due next; math.inf for never."""
        ...

    def take(self, carrier: str) -> "list[Signal | MobileOriginated]":
        """Return what happened since for a carrier, in order."""
        ...
