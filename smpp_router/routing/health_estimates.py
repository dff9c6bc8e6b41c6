# How sure one can be of a share, from counts that fade.
#
# A Pool holds good and bad events. It forgets by time while it has plenty, and hardly at all while it has
# little: it remembers about window_s seconds or the last messages_min events, whichever is more. So a link
# with 100 messages a second is judged by seconds, one with a message a minute by its last twenty.
#
#     n > messages_min    kept = max(messages_min / n, exp(-dt / window_s))
#     else                kept = exp(-dt / SLOW_S)
#
# upper(good, bad) is the upper end of the Wilson interval of the share of good ones: the best that can still
# be believed. With no events it is 1, with few it is near 1, with many it is the share: a few messages
# condemn nobody. Both halves are monotone: another good event never lowers it, a bad one never raises it.
"""Estimates of shares from decayed counts, with confidence."""

from math import exp, sqrt
from typing import Final

import attrs

Z: Final = 1.645
"""Standard normal quantile of 95 %: of links that are as good as their bound, one in twenty looks worse."""

SLOW_S: Final = 1_800.0
"""Time constant of forgetting when there is little to forget: what was true an hour ago is half a guess."""

_Z2: Final = Z * Z


def upper(good: float, bad: float) -> float:
    """The upper end of the one-sided 95 % Wilson interval of good / (good + bad); 1 without events."""
    if bad <= 0.0:
        return 1.0
    n = good + bad
    return min(1.0, (good + _Z2 / 2.0 + Z * sqrt(good * bad / n + _Z2 / 4.0)) / (n + _Z2))


@attrs.define(eq=False)
class Fading:
    """What a step in time leaves of counts: `quick` of plenty, `slow` of little; `least` is how little."""

    quick: float
    slow: float
    least: float


def fading(dt_s: float, window_s: float, messages_min: float) -> Fading:
    """The fading of `dt_s` seconds; none if the clock has stepped back."""
    dt_s = max(0.0, dt_s)
    return Fading(exp(-dt_s / window_s), exp(-dt_s / SLOW_S), messages_min)


class Pool:
    """Good and bad events, fading."""

    __slots__ = ("bad", "good")

    def __init__(self) -> None:
        self.good = 0.0
        self.bad = 0.0

    @property
    def n(self) -> float:
        """Events remembered."""
        return self.good + self.bad

    def add(self, good: float, bad: float, by: Fading) -> None:
        """Let what there is fade, and add what is new."""
        n = self.good + self.bad
        if n > by.least:
            kept = max(by.quick, by.least / n)
            self.good = self.good * kept + good
            self.bad = self.bad * kept + bad
        elif n > 0.0:
            self.good = self.good * by.slow + good
            self.bad = self.bad * by.slow + bad
        else:
            self.good = good
            self.bad = bad

    def upper(self, more_bad: float = 0.0) -> float:
        """The best share that can be believed, with `more_bad` events that are not in the pool."""
        return upper(self.good, self.bad + more_bad)

    def clear(self) -> None:
        """Forget everything."""
        self.good = self.bad = 0.0
