"""Writing so that machines read something else than people is itself a violation, whatever is written."""

from collections.abc import Iterator, Sequence
from typing import Final

from smpp_router.compliance.case import Case
from smpp_router.compliance.facts.plain import INVISIBLE
from smpp_router.compliance.symbols import Symbol

INVISIBLE_MIN: Final = 2
"""One zero-width joiner or variation selector belongs to an emoji, one soft hyphen to a copied word.

Within a link, a code or an unsubscribe entry there is no reason for one.
"""
_SOURCE: Final = "evasive writing"
_OVERRIDES: Final = frozenset({"\u202d", "\u202e"})
"""They turn the letters behind them round, which no text needs: moc.live reads evil.com."""
_JOINERS: Final = frozenset({"\u200d", "\ufe0e", "\ufe0f"})


_WHY: Final = {
    "separators": "there are signs between the characters of words",
    "split": "characters are written in pieces",
    "variants": "letters or digits are written as symbols",
    "traditional": "characters are written in their traditional forms",
}


def check_evasion(case: Case) -> Iterator[Symbol]:
    """Yield disguises, and invisible characters but for those that make emoji."""
    if case.regime == "cn" and case.kind not in (None, "free"):
        for found in case.facts.disguises:
            name = f"EVASIVE_{found.disguise.upper()}"
            yield Symbol(name, 0.5, _WHY[found.disguise], found.start, found.end, _SOURCE)
    if not case.facts.invisible:
        return
    text = case.facts.text
    hidden = [at for at, sign in enumerate(text) if sign in INVISIBLE and sign not in _JOINERS]
    if (
        len(hidden) >= INVISIBLE_MIN
        or any(text[at] in _OVERRIDES for at in hidden)
        or _part_what_is_read_closely(case, hidden)
    ):
        why = "the text has characters that nobody can see"
        yield Symbol("INVISIBLE", 1.0, why, hidden[0], hidden[-1] + 1, _SOURCE)


def _part_what_is_read_closely(case: Case, hidden: Sequence[int]) -> bool:
    """Whether a sign that nobody sees stands within a link, a code or the unsubscribe entry."""
    if not hidden:
        return False
    facts = case.facts
    spans = [(one.start, one.end) for one in (*facts.links, *facts.codes.codes)]
    if facts.unsubscribe is not None:
        spans.append((facts.unsubscribe.start, facts.unsubscribe.end))
    return any(start < at < end for at in hidden for start, end in spans)
