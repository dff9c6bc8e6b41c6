# From what the words say to a verdict. Findings of rules come in as further symbols; then all are decided
# together.
"""Verdicts of texts."""

from collections.abc import Iterable
from typing import Final

import attrs

from smpp_router.compliance.policy import Policy
from smpp_router.compliance.symbols import ACTIONS, Symbol
from smpp_router.compliance.textscreen import TextFindings
from smpp_router.compliance.verdict import Verdict, decide


@attrs.frozen(kw_only=True)
class Thresholds:
    """Probabilities that a text is illicit, from which something is done about it."""

    refuse: float = 0.98
    hold: float = 0.85


DEFAULT_THRESHOLDS: Final = Thresholds()


def text_symbols(found: TextFindings, thresholds: Thresholds = DEFAULT_THRESHOLDS) -> tuple[Symbol, ...]:
    """All symbols of a text: terms, model, and what the probability that it is illicit comes to."""
    if found.illicit >= thresholds.refuse:
        return (*found.symbols, Symbol("ILLICIT", 0.0, "the text is that of illicit messages"))
    if found.illicit >= thresholds.hold:
        return (*found.symbols, Symbol("SUSPECT", 0.0, "the text is much like illicit messages"))
    return found.symbols


@attrs.frozen(kw_only=True)
class TextJudge:
    """Makes verdicts of findings."""

    policy: Policy
    versions: tuple[str, str]
    """Of the lexicon and of the model that found them."""
    thresholds: Thresholds = DEFAULT_THRESHOLDS

    def verdict(
        self, found: TextFindings, traffic_class: str = "", further: Iterable[Symbol] = ()
    ) -> Verdict:
        """Decide about a text and whatever else was found about its message."""
        symbols = (*text_symbols(found, self.thresholds), *further)
        verdict = decide(symbols, self.policy, traffic_class)
        asked, by = found.keywords.severest
        if by is not None and ACTIONS.index(asked) > ACTIONS.index(verdict.action):
            verdict = attrs.evolve(verdict, action=asked, decisive=by)
        return attrs.evolve(
            verdict,
            illicit=found.illicit,
            categories=tuple(found.categories.items()),
            lexicon_version=self.versions[0],
            model_version=self.versions[1],
        )
