# Why a message goes the way that it goes. A router makes few of these and hands them out again and again: all
# messages of the same kind in the same second share one, so that an explanation costs a message 8 bytes.
"""The choice of a way, with its reasons."""

from typing import Final, NamedTuple

import attrs

TOO_DEAR: Final = "above the price ceiling"
"""The remark of a candidate of which nothing but its price was looked at."""


class Candidate(NamedTuple):
    """A carrier that a rule names, as it stood when the choice was made."""

    carrier: str
    price: float
    """For one part."""
    score: float
    """Health, 0 to 100."""
    share: float
    """Which part of its traffic health lets it have: 0 breaker open, 1 all."""
    delivered: float
    failed: float
    """Messages that were delivered and not, decayed."""
    chance: float
    """Which part of such messages has it as first choice."""
    remark: str = ""
    """Why it is none of the first choices, where more than the numbers says so."""


@attrs.define(eq=False)
class Decision:
    """A plan and how it came about; never changed.

    `plan` are carriers in order of preference; empty: there is no way.
    """

    plan: tuple[str, ...]
    rule: str = ""
    strategy: str = ""
    region: str = ""
    network: str = ""
    traffic_class: str = ""
    why: str = ""
    candidates: tuple[Candidate, ...] = ()

    @property
    def explanation(self) -> str:
        """Everything in one line, for a trace or a log; no number, no text."""
        if not self.plan:
            return self.why or "no rule, prefix or default has a carrier for this number"
        where = " ".join(part for part in (self.region, self.network) if part)
        told = "; ".join(map(_told, self.candidates))
        return (
            f"rule {self.rule} ({self.strategy}){f' for {where}' if where else ''}: "
            f"{' > '.join(self.plan)}, {self.why} [{told}]"
        )


def _told(candidate: Candidate) -> str:
    if candidate.remark == TOO_DEAR:
        return f"{candidate.carrier}: price {candidate.price:g}, {TOO_DEAR}"
    rate = ""
    sent = candidate.delivered + candidate.failed
    if sent >= 0.5:
        rate = f", delivered {candidate.delivered / sent:.1%} of {sent:.0f}"
    share = f", share {candidate.share:.0%}" if candidate.share < 1.0 else ""
    remark = f", {candidate.remark}" if candidate.remark else ""
    return (
        f"{candidate.carrier}: chance {candidate.chance:.1%}, score {candidate.score:.0f}, "
        f"price {candidate.price:g}{share}{rate}{remark}"
    )
