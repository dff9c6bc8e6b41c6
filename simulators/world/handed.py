# What a customer was handed by deliver_sm, a receipt or a reply: whether the router can know that it arrived,
# and so whether it may come again.
"""Deliveries to customers, and whether they may be repeated."""

from typing import Final

import attrs

from simulators.world.verdict import NEVER, Troubles
from simulators.world.wires import Wire
from smpp_router.wire import constants as c

RESPONSE_S: Final = 10.0
"""How long the router waits for a customer's deliver_sm_resp."""


@attrs.define(eq=False)
class Handed:
    """One deliver_sm that a customer got. `state` is a final receipt's message_state; a reply has none: 0."""

    state: int
    at: float
    wire: Wire
    answered_at: float = NEVER
    status: int = -1

    def may_have_waited(self, before: "Handed") -> bool:
        """Whether this one may have been sent before the other was answered, and have waited on its way."""
        return self.wire.stalled_until >= before.answered_at

    def is_received(self, now: float, troubles: Troubles) -> bool:
        """Whether the router knows that its customer has it."""
        wire = self.wire
        return (
            self.status == c.ESME_ROK
            and self.answered_at < wire.lost_from[True]
            and wire.stalled_until < self.at - RESPONSE_S
            and self.answered_at < self.at + RESPONSE_S
            and troubles.is_settled(self.answered_at, now)
        )

    def is_hasty(self, again: "Handed") -> bool:
        """Whether it comes again on its wire while the customer has time to answer it."""
        wire = self.wire
        return (
            self.status < 0
            and again.wire is wire
            and not (wire.is_broken or wire.is_silent)
            # What stood still on its way was sent some time before it was handed over.
            and wire.stalled_until < self.at
            and again.at < self.at + RESPONSE_S / 2
        )
