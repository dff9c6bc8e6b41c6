# What was accepted before its recipient refused it is looked for by a sweep (optout_sweep.py), which takes
# some ticks. Until it has seen everything, whatever leaves for a carrier is looked at right before: the last
# door.
#
# The door costs where somebody has just refused something, some 0.1 us a message: the last four digits of all
# that is to leave at once are held against theirs. Only what is alike is asked about in earnest.
"""Stopping what recipients have just refused."""

from collections.abc import Callable
from typing import Final

import attrs

from smpp_router.message.message import Message

DIGITS: Final = 4
"""Of the end of a number; one of a hundred that have refused is like one message in a hundred."""


@attrs.define(eq=False)
class Unwanted:
    """Who has refused something lately. `stopped` are messages that did not leave, for whoever ends them."""

    is_refused: Callable[[Message], bool]
    stopped: list[Message] = attrs.Factory(list[Message])
    asks_all: bool = False
    """Whether anybody may have: after a start."""
    _ends: set[bytes] = attrs.Factory(set[bytes])

    def add(self, number: str) -> None:
        """Somebody refuses something."""
        self._ends.add(number[-DIGITS:].encode())

    def without(self, messages: list[Message]) -> list[Message]:
        """Return those of some messages that may leave, and keep the others."""
        ends = [message.addresses[-DIGITS - 1 : -1] for message in messages]
        # What does not end in digits is a number written otherwise, or a very short one.
        if not self.asks_all and self._ends.isdisjoint(ends) and b"".join(ends).isdigit():
            return messages
        go: list[Message] = []
        for message in messages:
            (self.stopped if self.is_refused(message) else go).append(message)
        return go
