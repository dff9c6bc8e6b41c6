"""What goes wrong with the responses and receipts of some messages, in shares of all of them."""

import random

import attrs

from simulators.distributions import DELAY_MAX_S
from smpp_router.config_checks import between

_share = between(0, 1)
_seconds = between(0, DELAY_MAX_S)


@attrs.frozen(kw_only=True)
class Anomalies:
    """Shares from 0 to 1, each drawn on its own: a receipt may be late and come twice."""

    duplicated: float = attrs.field(default=0.0, validator=_share)
    """Receipts that come once more ..."""
    duplicated_s: float = attrs.field(default=1.0, validator=_seconds)
    """... so much later."""
    reordered: float = attrs.field(default=0.0, validator=_share)
    """Receipts that are held back so that later ones overtake them ..."""
    reordered_s: float = attrs.field(default=2.0, validator=_seconds)
    """... evenly up to so long."""
    late: float = attrs.field(default=0.0, validator=_share)
    """Receipts of messages that ended in time, sent only ..."""
    late_s: float = attrs.field(default=600.0, validator=_seconds)
    """... so much later."""
    early: float = attrs.field(default=0.0, validator=_share)
    """Receipts that come before the response ..."""
    early_s: float = attrs.field(default=0.1, validator=between(0.02, 3600))
    """... which therefore takes at least so long."""
    missing: float = attrs.field(default=0.0, validator=_share)
    """Receipts that never come."""
    unasked: float = attrs.field(default=0.0, validator=_share)
    """Messages that asked for no receipt and get one all the same."""
    withheld: float = attrs.field(default=0.0, validator=_share)
    """Messages that are taken, but of which the response never comes."""

    one_for_parts: bool = False
    """Of a long message in parts only the last part gets a receipt."""

    @property
    def is_any(self) -> bool:
        """Whether anything goes wrong at all."""
        return any(
            (
                self.duplicated,
                self.reordered,
                self.late,
                self.early,
                self.missing,
                self.unasked,
                self.withheld,
                self.one_for_parts,
            )
        )


@attrs.define(eq=False)
class Mishap:
    """What goes wrong with one message."""

    copies: int = 1
    held_back_s: float = 0.0
    is_early: bool = False
    is_unasked: bool = False
    is_withheld: bool = False


def mishap(anomalies: Anomalies, rng: random.Random) -> Mishap:
    """Draw what goes wrong with a message."""

    def hits(share: float) -> bool:
        return share > 0.0 and rng.random() < share

    drawn = Mishap()
    if hits(anomalies.missing):
        drawn.copies = 0
    elif hits(anomalies.duplicated):
        drawn.copies = 2
    if hits(anomalies.reordered):
        drawn.held_back_s += rng.random() * anomalies.reordered_s
    if hits(anomalies.late):
        drawn.held_back_s += anomalies.late_s
    drawn.is_early = hits(anomalies.early)
    drawn.is_unasked = hits(anomalies.unasked)
    drawn.is_withheld = hits(anomalies.withheld)
    return drawn
