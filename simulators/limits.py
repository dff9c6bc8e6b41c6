"""How much a simulated carrier takes, and what becomes of the rest."""

from typing import Final

import attrs

from simulators.messages import UNDER_WAY_MAX
from simulators.profile import CarrierProfile, Reaction
from smpp_router.routing.throttle import TokenBucket
from smpp_router.wire import constants as c

BURST_S: Final = 0.1
"""Seconds' worth of the throughput that may come at once."""
SILENCE: Final = -1
"""No command_status: there is no answer."""
DISCONNECT: Final = -2
"""No command_status: the connection ends."""


@attrs.define(eq=False)
class Limits:
    """Window, throughput and queue of one carrier. A reaction is a command_status, SILENCE or DISCONNECT."""

    window_max: int
    queue_capacity: int
    over_window: int
    over_rate: int
    bucket: TokenBucket | None

    @classmethod
    def of(cls, profile: CarrierProfile) -> "Limits":
        """Return the limits of a profile; its throughput begins with a full burst."""
        rate_per_s = profile.throughput_per_s
        over_rate = _reaction(profile.throttle_status)
        over_window = profile.dialect.over_window
        return cls(
            profile.window_max,
            min(profile.queue_capacity or UNDER_WAY_MAX, UNDER_WAY_MAX),
            over_rate if over_window == "as_throttled" else _reaction(over_window),
            over_rate,
            None if rate_per_s is None else TokenBucket(rate_per_s, max(1.0, rate_per_s * BURST_S)),
        )

    def reaction(self, unanswered: int, count: int, now: float) -> int:
        """Return what becomes of `count` messages more on a session, ESME_ROK if they are not too many."""
        if unanswered >= self.window_max:
            return self.over_window
        if self.bucket is not None and not self.bucket.take(count, now):
            return self.over_rate
        return c.ESME_ROK


def _reaction(reaction: Reaction) -> int:
    if reaction == "silence":
        return SILENCE
    return DISCONNECT if reaction == "disconnect" else int(getattr(c, reaction))
