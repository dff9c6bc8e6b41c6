# A verdict is what screening says about one message: what becomes of it, and all the reasons.
#
# It is made of symbols only, so that it can be made again later of the same symbols with the same policy,
# and so that nothing decides that is not written down.
"""Verdicts."""

from collections.abc import Iterable

import attrs

from smpp_router.compliance.policy import NO_ANSWER, Answer, Policy, status_of, text_of
from smpp_router.compliance.symbols import ACTIONS, Action, Symbol
from smpp_router.wire import constants as c


@attrs.define
class Verdict:
    """What becomes of a message. `decisive` is the finding that asked for it, None if nothing did.

    Messages share it: it is not to be changed. That it could be makes it a fifth of what frozen ones cost.
    """

    action: Action
    symbols: tuple[Symbol, ...] = ()
    decisive: Symbol | None = None
    illicit: float = 0.0
    """Probability that the text is illicit whoever sends it."""
    categories: tuple[tuple[str, float], ...] = ()
    """What it is about, with probabilities."""
    lexicon_version: str = ""
    model_version: str = ""
    answer: Answer = NO_ANSWER
    """What configuration says about the decisive finding."""
    configuration_version: str = ""
    """Of screening's configuration (fingerprint.py)."""
    likeliest: tuple[str, float] = ("", 0.0)
    """What it is about, most likely, with the probability; nothing where words were not read."""

    @property
    def command_status(self) -> int:
        """What a refused submit_sm is answered with, ESME_ROK if it is not refused."""
        if self.action not in ("refuse", "throttle"):
            return c.ESME_ROK
        if self.answer.command_status is not None:
            return self.answer.command_status
        if self.action == "refuse" and self.decisive is not None:
            return status_of(self.decisive)
        return c.ESME_RTHROTTLED

    @property
    def status_text(self) -> str:
        """What the sender of a refused message may be told beside the status: ASCII, nothing of its text."""
        if self.decisive is None or self.action not in ("refuse", "throttle"):
            return ""
        return self.answer.text or text_of(self.decisive)

    @property
    def reason(self) -> str:
        """What the customer is told, empty if the message goes on."""
        return "" if self.decisive is None or self.action in ("accept", "tag") else self.decisive.reason


ACCEPTED = Verdict("accept")


def decide(symbols: Iterable[Symbol], policy: Policy, traffic_class: str = "", account: str = "") -> Verdict:
    """Make the verdict of findings; of several that ask for the same, the first decides."""
    found = tuple(symbols)
    decisive: Symbol | None = None
    action: Action = "accept"
    for symbol in found:
        asked = policy.action(symbol, traffic_class, account)
        if ACTIONS.index(asked) > ACTIONS.index(action):
            action, decisive = asked, symbol
    return Verdict(action, found, decisive)
