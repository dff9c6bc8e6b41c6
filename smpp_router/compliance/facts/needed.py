# An expression that may begin with any of many words is tried at each character of a text, which takes longer
# than all else about it; most texts have none of its words. So one pass of an automaton tells first which of
# all expressions can fit at all.
#
# Rule 1: whatever an expression fits has one of its words, in any spelling that re.IGNORECASE takes for it.
#         tests/compliance/facts/test_needed.py holds each list to its expression.
"""Which expressions are worth trying on a text."""

from collections.abc import Mapping
from typing import Final

import daachorse

KNOWN_MAX: Final = 4_096
"""Sets of expressions that are remembered: texts have much the same."""


class Needed:
    """Words by the name of their expression, with spaces between, in whatever case."""

    def __init__(self, words: Mapping[str, str]) -> None:
        self.words = {name: tuple(dict.fromkeys(line.casefold().split())) for name, line in words.items()}
        self._bits: list[int] = []
        """Of each word, a bit for each of its expressions."""
        numbers: dict[str, int] = {}
        for place, some in enumerate(self.words.values()):
            for word in some:
                if word not in numbers:
                    numbers[word] = len(numbers)
                    self._bits.append(0)
                self._bits[numbers[word]] |= 1 << place
        self._known: dict[int, frozenset[str]] = {}
        self._automaton = daachorse.CharwiseDoubleArrayAhoCorasick(list(numbers))

    def of(self, text: str) -> frozenset[str]:
        """Return the names of the expressions that can fit a text."""
        # Beside what casefold() does, re takes a dotless i and one with a dot for an i.
        plain = text.casefold().replace("\u0131", "i").replace("\u0307", "")
        try:
            matches = self._automaton.find_overlapping(plain)
        except UnicodeEncodeError:
            # Lone surrogates are in no word.
            matches = self._automaton.find_overlapping(plain.encode("utf-8", "replace").decode())
        found, bits = 0, self._bits
        for _, _, number in matches:
            found |= bits[number]
        names = self._known.get(found)
        if names is None:
            if len(self._known) >= KNOWN_MAX:
                self._known.clear()
            names = self._known[found] = frozenset(
                [name for place, name in enumerate(self.words) if found >> place & 1]
            )
        return names
