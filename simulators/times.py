"""When a message that a simulated carrier takes shall go out, and until when it is worth it."""

import math
from typing import Final

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire.times import parse_time

ZERO: Final = b"0"
"""What some clients write for no time at all, the example programs of Net::SMPP among them. It is no time by
SMPP 3.4 section 7.1.1, and taken for none; `smpp-carriers grade` tells it."""


@attrs.frozen
class Times:
    """Unix seconds."""

    starts_at: float
    expires_at: float = math.inf

    def later(self, seconds: float) -> "Times":
        """Return the same with a later start."""
        return Times(self.starts_at + seconds, self.expires_at) if seconds else self


def times_of(schedule_delivery_time: bytes, validity_period: bytes, now: float) -> Times | int:
    """Return what the two fields say, or the command_status that they deserve (SMPP 3.4 section 7.1.1)."""
    try:
        starts_at = None if schedule_delivery_time == ZERO else parse_time(schedule_delivery_time, now)
    except ValueError:
        return c.ESME_RINVSCHED
    # A time of the present second was in the future when it was sent.
    if starts_at is not None and starts_at < now - 1.0:
        return c.ESME_RINVSCHED
    try:
        expires_at = None if validity_period == ZERO else parse_time(validity_period, now)
    except ValueError:
        return c.ESME_RINVEXPIRY
    starts_at = now if starts_at is None else max(starts_at, now)
    if expires_at is None:
        return Times(starts_at)
    return Times(starts_at, expires_at) if expires_at > starts_at else c.ESME_RINVEXPIRY
