# What screening finds, one finding a symbol: layers of text, rules and facts of the sender all speak this
# language, and the verdict is made of nothing else.
"""Findings of screening."""

from collections.abc import Iterable
from typing import Any, Final, Literal

import attrs

Action = Literal["accept", "tag", "throttle", "hold", "refuse"]
"""What becomes of a message: sent; sent and marked; refused for now; kept for review; refused."""

ACTIONS: Final[tuple[Action, ...]] = ("accept", "tag", "throttle", "hold", "refuse")
"""From the mildest to the severest: the severest that anything asks for is what happens."""


@attrs.frozen
class Symbol:
    """One finding. `start` and `end` are where in the text it stands, -1 where it is about no place."""

    name: str
    """In capitals, as configuration names it: LINK_SHORTENER."""
    score: float
    """What it adds to the suspicion that the message is illicit, in logits; 0: a matter of rules only."""
    reason: str
    """For the customer: what is wrong, in one sentence without numbers or names of recipients."""
    start: int = -1
    end: int = -1
    source: str = ""
    """The rule or law that it rests on."""

    def as_json(self) -> dict[str, Any]:
        """Return it in plain values, as every answer of ours names them."""
        return {
            "name": self.name,
            "score": self.score,
            "span": None if self.start < 0 else [self.start, self.end],
            "reason": self.reason,
            "source": self.source,
        }


def severest(actions: Iterable[Action]) -> Action:
    """Return the severest of some actions, accept of none."""
    return ACTIONS[max(map(ACTIONS.index, actions), default=0)]
