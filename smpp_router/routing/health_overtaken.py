# Receipts of which some do not come, found out before the deadline at which each of them is missed: a carrier
# that leaves out half of them has as many messages sent once more by others until it is found out.
#
# A message is overtaken if a receipt has come of one that was taken later, and none of it. The younger it is,
# the less that says: if F(t) of receipts come within t seconds, a share u usually and LEFT u in a decline,
# a message that has none at the age t is likelier in a decline by
#
#     (1 - LEFT d) / (1 - d), with d = u F(t)
#
# and this goes to what health_decline.py takes a missed one for. So the level of the decline, which knows of
# all messages up to the deadline, is carried on over those behind it, in the order in which they were taken.
#
# A message is outrun if another carrier, asked later, has delivered it in the time that is usual for that
# one. So its handset can be reached, and d = F(t): it says more than one that is missed.
#
# Rule 1: only overtaken messages count. If nobody has been heard of since, that is a silence, or a batch.
# Rule 2: receipts that are later than they used to be are no decline. Where half of the messages that were
#         overtaken when the level was highest have their receipts after all, that level was a usual one, and
#         only twice as much counts from then on; that fades within an hour.
"""Receipts that others have overtaken."""

from collections.abc import Iterable, Sequence
from math import exp, inf, log
from typing import Final, NamedTuple

import attrs

from smpp_router.routing.health_silence import DARK, USUAL_FACTOR, USUAL_S

LEFT: Final = 0.25
"""The part of the usual share at which a carrier is taken to fail."""

OUTRUN_MAX: Final = 0.98
"""The largest chance that is believed that a message which was outrun should have had its receipt."""

INNOCENT: Final = 0.5
"""The part of its overtaken messages at which a carrier was only late."""


class Passed(NamedTuple):
    """Messages taken together, later ones of which have been heard of.

    `come` have their receipts, `open` have not, and each should have had with the chance `due`.
    """

    taken_at: float
    come: int
    open: int
    due: float


class Weights(NamedTuple):
    """What one message counts at most: one without receipt, one that was outrun, one with its receipt."""

    silent: float
    outrun: float
    come: float


def nats(count: int, due: float) -> float:
    """Return how much likelier a decline makes it that `count` messages are without receipt: a logarithm."""
    return count * log((1.0 - LEFT * due) / (1.0 - due)) if count else 0.0


@attrs.define(eq=False)
class Overtaken:
    """What the overtaken messages of one carrier or cell come to."""

    level: float = 0.0
    usual: float = 0.0
    _peak: float = 0.0
    _newest_at: float = -inf
    _open: int = 0
    _came: int = 0

    def heard(self, came: Iterable[tuple[float, int]]) -> None:
        """So many receipts have come of messages that were taken then."""
        if not self._peak:
            return
        self._came += sum(count for taken_at, count in came if taken_at <= self._newest_at)
        if self._came >= INNOCENT * self._open:
            self.usual = max(self.usual, self._peak)
            self._peak = 0.0

    def look(self, level: float, passed: Sequence[Passed], dt_s: float) -> None:
        """Take a level, and what it was made of."""
        if self.usual:
            self.usual *= exp(-max(0.0, dt_s) / USUAL_S)
        self.level = level
        if passed and passed[0].taken_at > self._newest_at:
            # Those of the peak are all due by now.
            self._peak = 0.0
        if passed and level > self._peak:
            self._peak = level
            self._newest_at = passed[-1].taken_at
            self._open = sum(one.open for one in passed)
            self._came = 0

    @property
    def is_dark(self) -> bool:
        """Whether a part of the receipts has stopped coming."""
        return self.level >= max(DARK, USUAL_FACTOR * self.usual)
