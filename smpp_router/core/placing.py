# What is durable goes to its carriers from here: alone, by paths, or not yet, because screening holds it.
"""Placing messages once they may go."""

import attrs

from smpp_router.core.commit import Commit
from smpp_router.core.paths import Paths
from smpp_router.core.retries import Retries
from smpp_router.message.message import HELD_FROM, Message


@attrs.define(eq=False)
class Placing:
    """Hands messages to what places them."""

    retries: Retries
    paths: Paths

    def place(self, messages: list[Message], now: float, commit: Commit) -> None:
        """Place messages; those of classes with paths get their copies, those that are held nothing yet."""
        if self.paths:
            held = [message for message in messages if message.not_before >= HELD_FROM]
            if held:
                self.retries.place(held, now)
                messages = [message for message in messages if message.not_before < HELD_FROM]
            messages = self.paths.open(messages, now, commit)
        self.retries.place(messages, now)

    def place_freed(self, now: float, commit: Commit) -> None:
        """Place what screening holds no longer."""
        freed, self.retries.freed = self.retries.freed, []
        self.place([message for message in freed if not message.is_ended], now, commit)
