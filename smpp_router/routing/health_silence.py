# Receipts that stop coming, found out long before the first of them is missed by its deadline.
#
# Of the newest messages, back to the last one of which anything was heard, none has its receipt. That is
# usual while they are young, and less and less so: if a share s of receipts comes, F(t) of these within t
# seconds, the chance that none of these messages has one yet is the product of 1 - s F(age). The level of a
# silence is minus the logarithm of that chance. From DARK on (three in ten million) the carrier, or the cell,
# is taken not to report any more.
#
# Rule 1: one message says at most what s F = HEARD_MAX says: six have to be silent, whatever is known of s.
# Rule 2: receipts that come in batches, or later than they used to, are no silence. Where a receipt comes for
#         one of the messages that were silent, the level that had been reached was a usual one, and only
#         twice as much counts from then on; that fades within an hour.
"""Silence: when no receipts come any more."""

from collections.abc import Iterable
from math import exp, inf
from typing import Final

import attrs

DARK: Final = 15.0
"""The level from which nobody believes in bad luck."""

HEARD_MAX: Final = 0.95
"""The largest chance to have been heard of that is believed of one message."""

USUAL_FACTOR: Final = 2.0
"""How many times the highest usual level is one that is not usual."""

USUAL_S: Final = 3_600.0
"""Time constant with which usual levels are forgotten."""


@attrs.define(eq=False)
class Silence:
    """The silence of one carrier or cell. `heard_at` is when the newest message began that was heard of."""

    heard_at: float = -inf
    level: float = 0.0
    usual: float = 0.0
    _peak: float = 0.0
    _peak_at: float = -inf

    def heard(self, begun: Iterable[float]) -> None:
        """Receipts have come of messages that began then."""
        newer = [at for at in begun if at > self.heard_at]
        if newer:
            if min(newer) <= self._peak_at:
                self.usual = max(self.usual, self._peak)
            self.heard_at = max(newer)
            self.level = self._peak = 0.0

    def look(self, level: float, now: float, dt_s: float) -> None:
        """Take the level of the messages that are newer than `heard_at`."""
        self.usual *= exp(-max(0.0, dt_s) / USUAL_S)
        self.level = level
        if level > self._peak:
            self._peak, self._peak_at = level, now

    @property
    def is_dark(self) -> bool:
        """Whether receipts have stopped coming."""
        return self.level >= max(DARK, USUAL_FACTOR * self.usual)
