# Whether a share has fallen, found out by the order in which events come instead of by a window that has to
# fill: of a carrier that fails from one moment on, a window of 15 seconds knows after 15 seconds.
#
# With u the usual share of good events, each event says how much likelier it is if only LEFT of u is left
# than if nothing has changed (Page's cumulative sum test, 1954):
#
#     a bad one    b = log((1 - LEFT u) / (1 - u))
#     a good one   log(LEFT), which is negative
#     level        the sum of these, never below 0; both times min(1, 1 / b)
#
# From DARK on the share is taken to have fallen. A bad event counts 1 at most, so that it takes 15 of them
# in a row at least, and more where failures are usual. Of events that mix, the level rises while more are bad
# than
#
#     u           0.95   0.9    0.7    0.5
#     bad ones    34 %   40 %   58 %   72 %
#
# and falls back to 0 below that: a list of numbers that is worse than others is not a carrier that fails.
"""Decline: when much less goes well than usual."""

from collections.abc import Sequence
from functools import lru_cache
from math import log
from typing import Final

import attrs

from smpp_router.routing.health_overtaken import LEFT, OUTRUN_MAX, Passed, Weights, nats
from smpp_router.routing.health_silence import DARK

USUAL_MAX: Final = 0.95
"""Nobody is believed to be better than this: else a list of numbers of which one in four is dead would look
like a carrier that fails."""

LEVEL_MAX: Final = 2.0 * DARK
"""What is known beyond doubt does not grow: so a dozen good events can end it."""


@attrs.define(eq=False)
class Decline:
    """The decline of one share of one carrier or cell."""

    level: float = 0.0

    def add(self, good: float, bad: float, usual: float, more: float = 0.0) -> None:
        """Take events that came together, where a `usual` share of them is good.

        `more` is what others say, as a logarithm of how much likelier a decline makes them.
        """
        if not (good or bad or more):
            return
        usual = min(usual, USUAL_MAX)
        of_bad = log((1.0 - LEFT * usual) / (1.0 - usual))
        change = (bad * of_bad + good * log(LEFT) + more) * min(1.0, 1.0 / of_bad)
        self.level = min(LEVEL_MAX, max(0.0, self.level + change))

    def ahead(self, passed: Sequence[Passed], usual: float) -> float:
        """Return the level with messages that may still go well: see health_overtaken.py."""
        level = self.level
        usual = min(usual, USUAL_MAX)
        scale = _scale(usual)
        for one in passed:
            change = one.come * log(LEFT) + nats(one.open, one.due)
            level = min(LEVEL_MAX, max(0.0, level + change * scale))
        return level

    @property
    def is_dark(self) -> bool:
        """Whether the share has fallen."""
        return self.level >= DARK


@lru_cache(maxsize=16)
def weights(usual: float) -> Weights:
    """What messages count at most where a `usual` share of receipts comes."""
    usual = min(usual, USUAL_MAX)
    scale = _scale(usual)
    return Weights(nats(1, usual) * scale, nats(1, OUTRUN_MAX) * scale, log(LEFT) * scale)


def _scale(usual: float) -> float:
    """By which everything is multiplied, so that a bad event counts 1 at most."""
    return min(1.0, 1.0 / nats(1, usual))
