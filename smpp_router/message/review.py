"""What a person has decided about a held message, or that nobody has."""

from typing import Literal

import attrs

Why = Literal["expired", "cancelled", "opted out"]
"""A held message's validity was over, its ESME took it back, or its recipient refused such messages."""


@attrs.frozen
class Review:
    """One decision, for good. `at` is unix seconds."""

    at: float
    message_id: int
    account: str
    is_accepted: bool
    reviewer: str
    """Who decided, as that person said."""
    reason: str
    operator: str = ""
    """Whose token it came by; empty: by none."""
    finding: str = ""
    """The symbol for which the message was held."""


@attrs.frozen
class Lapsed:
    """A held message that ended at `at` without a decision."""

    at: float
    message_id: int
    account: str
    why: Why
