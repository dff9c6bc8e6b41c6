"""What came to a simulated carrier, kept to be asked for."""

import attrs

from smpp_router.wire.pdu import Pdu


@attrs.define(eq=False)
class Arrival:
    """A message that a client sent, and what it was answered. `message_id` is empty if it was not taken."""

    at: float
    system_id: str
    pdu: Pdu
    message_id: bytes
    status: int
