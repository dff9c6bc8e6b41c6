# A text is learnt as it is, in another source's manner, and written evasively: as others would write it.
"""How else texts could be written."""

import random
import re
from collections.abc import Sequence

from benchmarks.compliance.attacks import attacks
from benchmarks.compliance.data import Sample
from benchmarks.compliance.styles import crossed_out, masked, realised

_CLAUSE_END = re.compile("[，。！？；,!?;\n]+")
_PHRASE = re.compile("[\u4e00-\u9fff]{4,16}")
SHORT = 30
"""Characters of a text that can stand before or behind another."""
# Views undo the other families: nothing could be learnt of them.
HARD = {
    "homophones": 3, "split characters": 1, "rare characters": 3, "pinyin": 1, "filler": 3, "order": 3,
    "mixed": 2,
}  # fmt: skip
"""How often each is chosen: what is hardest to see through, most often."""
ILLICIT_VARIANTS = 6
WRAPPED_SHARE = 0.15
"""Of the illicit copies, between harmless texts; all of those with fillers, whatever they are."""


def evaded(written: Sequence[tuple[Sample, str]], rng: random.Random) -> list[tuple[Sample, str]]:
    """Evasive variants: six of an illicit text, some of them between harmless ones; one of others."""
    families = attacks(0)
    names, shares = list(HARD), list(HARD.values())
    between = harmless([sample for sample, _ in written if sample.illicit is False])
    result: list[tuple[Sample, str]] = []
    for sample, styled in written:
        for _ in range(ILLICIT_VARIANTS if sample.illicit else 1):
            name = rng.choices(names, shares)[0]
            text = rng.choice((sample.text, styled))
            # Fillers are what honest people write: a few fixed ones would be learnt as signs of fraud.
            text = text if name == "filler" else families[name](text, rng)
            if name == "filler" or (sample.illicit and rng.random() < WRAPPED_SHARE):
                before, after = rng.choice(rng.choice(between)), rng.choice(rng.choice(between))
                wrapped = before + text + after
                text = rng.choice((text + after, before + text, wrapped, wrapped))
            result.append((sample, text))
    return result


def harmless(legitimate: Sequence[Sample]) -> tuple[list[str], list[str]]:
    """What evasive texts are put between: short texts of honest people, and how longer ones begin and end."""
    clauses = (_CLAUSE_END.split(sample.text.strip("。！!. \n")) for sample in legitimate)
    ends = {clause for found in clauses if len(found) > 1 for clause in (found[0], found[-1])}
    return (
        [sample.text for sample in legitimate if len(sample.text) < SHORT],
        sorted(clause for clause in ends if _PHRASE.fullmatch(clause)),
    )


def restyled(sample: Sample, rng: random.Random) -> str:
    """A text in another source's manner."""
    if sample.source in ("fbs", "sms80w_spam"):
        return realised(sample.text, rng)
    return masked(sample.text, rng) if rng.random() < 0.7 else crossed_out(sample.text)
