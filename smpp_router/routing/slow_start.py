# The pace of a carrier that has come back: little at first, doubling, until nothing limits it any more.
# Whatever has gathered meanwhile would otherwise hit it in the second in which it is weakest.
#
#   rate_per_s(t) = FIRST_PER_S * 2^(t / DOUBLING_S)     t: seconds since it came back, up to RAMP_S
#   sent by then  = FIRST_PER_S * DOUBLING_S / ln 2 * (2^(t / DOUBLING_S) - 1) at most, and FIRST_BURST
#
# So 9,000 messages go in the first 9 seconds, 37,000 in the first 11. A pacer may hold it to less.
"""Slow start towards a carrier that was down."""

from math import log
from typing import Final

import attrs

FIRST_PER_S: Final = 12.5
"""What any carrier bears that has just started."""

FIRST_BURST: Final = 1
"""The first message goes at once."""

DOUBLING_S: Final = 1.0
"""Answers come back well within it, and a carrier that throttles is noticed (routing/throttle.py)."""

RAMP_S: Final = 11.0
"""25,600 a second by then: more than one router sends."""


@attrs.define(eq=False)
class SlowStart:
    """What may be sent since a carrier has come back."""

    _began_at: float = attrs.field(default=0.0, init=False)
    _sent: int = attrs.field(default=0, init=False)
    is_on: bool = attrs.field(default=False, init=False)
    began: int = attrs.field(default=0, init=False)
    """How often it was needed."""

    def begin(self, now: float) -> None:
        """The carrier is back."""
        self._began_at = now
        self._sent = 0
        self.is_on = True
        self.began += 1

    def allowance(self, now: float) -> int:
        """How many messages may go now; to be asked while it is on."""
        elapsed_s = max(0.0, now - self._began_at)
        if elapsed_s >= RAMP_S:
            self.is_on = False
            elapsed_s = RAMP_S
        allowed = FIRST_PER_S * DOUBLING_S / log(2.0) * (2.0 ** (elapsed_s / DOUBLING_S) - 1.0)
        return max(0, FIRST_BURST + int(allowed) - self._sent)

    def sent(self, count: int) -> None:
        """So many have gone."""
        self._sent += count
