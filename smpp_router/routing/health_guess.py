# How late receipts are of a carrier that has not sent enough of them yet to know: one that lies from its very
# first message on sends none, and its traffic would be lost for as long as nobody has an opinion.
#
#   cell's own       from DELAYS_MIN receipts of its own on
#   its carrier's    else, from as many of these on
#   others'          else: of the carriers that are known the slowest, and this one may take LENIENCE times as
#                    long
#   nobody's         else, as long as nothing has come from anybody: (age / first_s)^2, all by first_s
#
# A guess speaks of complete silence only (health_silence.py): the first receipts end it, and whoever sends
# them in batches, or later than guessed, is learned to be so.
"""Receipt delays of a carrier that is not known yet."""

from collections.abc import Iterable, Sequence
from typing import Final

import attrs

from smpp_router.routing.health_baseline import DELAYS_MIN, Delays, Reaches
from smpp_router.routing.health_cells import CarrierHealth, CellHealth

LENIENCE: Final = 3.0
"""How many times slower than those that are known a carrier may be before it has shown what it is like."""


@attrs.frozen
class Guess:
    """What is taken to be true of a carrier's delays. `others` are known; `first_s`: see receipt_first_s."""

    others: Sequence[Delays]
    first_s: float

    def reached(self, age_s: float) -> float:
        """The share of receipts that come within so many seconds."""
        if self.others:
            return min(delays.reached(age_s / LENIENCE) for delays in self.others)
        return min(1.0, max(0.0, age_s) / self.first_s) ** 2


def delays_of(
    carrier: CarrierHealth, cell: CellHealth, carriers: Iterable[CarrierHealth], first_s: float
) -> Reaches:
    """Return what is known of the delays of a cell's receipts, or guessed."""
    own = cell.awaiting.delays
    if own.total >= DELAYS_MIN:
        return own
    if carrier.delays.total >= DELAYS_MIN:
        return carrier.delays
    return Guess([one.delays for one in carriers if one.delays.total >= DELAYS_MIN], first_s)
