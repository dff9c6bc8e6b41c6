# All terms of a lexicon as two automata, one for the light view and one for the sound view. A batch is
# searched as one text, a line a message; views hold no line ends, so no term reaches from one message
# into the next.
#
# A Keywords is made once and never changes: a new lexicon is a new Keywords, and whoever screens takes up the
# new one with one assignment between two batches.
#
# What the terms of a text depend on besides its digits can be remembered by template. Terms with digits
# are looked for a second time with every digit as 0 (`lines_with_digits`): where such a term could
# stand, the template does not decide.
"""Layer one: the terms of a lexicon in a text."""

import datetime
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs
import daachorse

from smpp_router.compliance.lexicon import Term
from smpp_router.compliance.symbols import ACTIONS, Action, Symbol
from smpp_router.compliance.views import (
    Traced,
    light_origins,
    light_view,
    loses_letters,
    shape_view,
    sound_view,
    trace_sound,
)

CATEGORY_CAP: Final = 5.0
"""Logits that the terms of one category add at most: repeating a word proves no more."""
FURTHER_SHARE: Final = 0.25
"""What each further term of a category adds of its weight: the first says most of it."""
TERMS_SHOWN: Final = 20
"""Terms of one text that become symbols: a text made of terms needs no longer list."""
PAUSE_AFTER: Final = 256
"""Terms prepared between two pauses, about a millisecond: so long others wait for a new lexicon."""

_LINK = re.compile("https?|www")
_DIGIT = re.compile("[0-9]")

Automaton = daachorse.CharwiseDoubleArrayAhoCorasick


@attrs.define(eq=False)
class Hit:
    """A term in a text."""

    term: Term
    start: int
    end: int
    """Where it stands in its view."""
    by_sound: bool


@attrs.frozen(kw_only=True, eq=False)
class Patterns:
    """One automaton, and the terms of each of its patterns."""

    automaton: Automaton | None
    count: int
    terms: Callable[[int], tuple[Term, ...]]
    """By the number of a pattern."""
    excuses: frozenset[int]
    """Patterns that are phrases in which a term is innocent."""


@attrs.frozen(kw_only=True, eq=False)
class Parts:
    """What Keywords are made of: what a file of a compiled lexicon holds (compiled.py)."""

    version: str
    size: int
    """Terms."""
    light: Patterns
    sound: Patterns
    digits: Automaton | None
    """Terms that have digits, and phrases that excuse one, with every digit as 0."""


class Keywords:
    """The terms of a lexicon, ready to be found. Immutable."""

    def __init__(self, terms: Sequence[Term] | Parts, pause: Callable[[], None] | None = None) -> None:
        """Prepare terms; `pause` is called now and then to let others run."""
        parts = terms if isinstance(terms, Parts) else _made(terms, pause)
        self.parts: Final = parts
        self.version: Final = parts.version
        self.size: Final = parts.size
        self._light = parts.light
        self._sound = parts.sound
        self._digits = parts.digits

    def hits(self, lights: str, sounds: str, count: int) -> list[list[Hit]]:
        """The terms of `count` texts, given as views with a line for each; hits count from their line."""
        found: list[list[Hit]] = [[] for _ in range(count)]
        self._search(self._light, lights, found, by_sound=False)
        self._search(self._sound, sounds, found, by_sound=True)
        return found

    @staticmethod
    def _search(patterns: Patterns, view: str, found: list[list[Hit]], *, by_sound: bool) -> None:
        if patterns.automaton is None:
            return
        matches = patterns.automaton.find_overlapping(view)
        if not matches:
            return
        innocent = [(start, end) for start, end, number in matches if number in patterns.excuses]
        line, begin, end_of_line = 0, 0, view.find("\n")
        for start, end, number in matches:
            terms = patterns.terms(number)
            # Matches come in the order of their ends.
            while end > end_of_line:
                line, begin = line + 1, end_of_line + 1
                end_of_line = view.find("\n", begin)
            if terms and not by_sound and _is_cut(view, start, end):
                continue
            if terms and innocent:
                phrases = [view[a:b] for a, b in innocent if a <= start and end <= b]
                terms = [term for term in terms if not _is_excused(term, phrases, by_sound=by_sound)]
            found[line].extend(Hit(term, start - begin, end - begin, by_sound) for term in terms)

    def lines_with_digits(self, zeroed: str) -> set[int]:
        """The lines in which other digits in the same places could make or break a term.

        `zeroed` is the light views with every digit as 0.
        """
        if self._digits is None or not self._digits.find(zeroed):
            return set()
        lines: set[int] = set()
        line, at = 0, 0
        # Matches come in the order of their ends.
        for start, end, _ in self._digits.find_overlapping(zeroed):
            if not _is_cut(zeroed, start, end):
                line, at = line + zeroed.count("\n", at, end), end
                lines.add(line)
        return lines


def _sound(light: str) -> str:
    return sound_view(shape_view(light))


def _is_cut(view: str, start: int, end: int) -> bool:
    """Whether a hit begins or ends within a longer number: 0元领 in 100元领."""
    return (view[start].isdigit() and view[start - 1 : start].isdigit()) or (
        view[end - 1].isdigit() and view[end : end + 1].isdigit()
    )


def _is_excused(term: Term, phrases: list[str], *, by_sound: bool) -> bool:
    """Whether one of the phrases around a term makes it innocent."""
    excuses = [_sound(phrase) for phrase in term.unless] if by_sound else term.unless
    return any(phrase in excuses for phrase in phrases)


def _made(terms: Sequence[Term], pause: Callable[[], None] | None) -> Parts:
    # Nothing here is one long step of the interpreter, so that another thread never waits for it: no sort of
    # all terms, and the automata are made without the interpreter's lock.
    light: dict[str, list[Term]] = {}
    sound: dict[str, list[Term]] = {}
    excuses: set[str] = set()
    digits: dict[str, None] = {}
    digest = 0
    for count, term in enumerate(terms):
        if pause is not None and count % PAUSE_AFTER == 0:
            pause()
        digest += _digest(term)
        light.setdefault(term.seen, []).append(term)
        excuses.update(term.unless)
        if term.by_sound:
            sound.setdefault(_sound(term.seen), []).append(term)
        if _DIGIT.search(term.seen):
            digits[_DIGIT.sub("0", term.seen)] = None
        for phrase in term.unless:
            # A phrase may stand within a longer number, which a term may not: without the digits at its ends
            # it is found there, too. One of digits only excuses no term but itself.
            if _DIGIT.search(phrase) and (signs := _DIGIT.sub("0", phrase).strip("0")):
                digits[signs] = None
    return Parts(
        version=f"lex-{digest % (1 << 32):08x}",
        size=len(terms),
        light=_patterns(light, excuses),
        sound=_patterns(sound, {_sound(phrase) for phrase in excuses} if sound else set()),
        digits=Automaton(list(digits)) if digits else None,
    )


def _digest(term: Term) -> int:
    """A number of all that counts of a term; their sum is the lexicon's, in whatever order they are."""
    written = (
        f"{term.seen}\t{term.category}\t{term.classes}\t{term.action}\t{term.weight}\t"
        f"{term.valid_from.toordinal()} {term.valid_to.toordinal()}\t{term.unless}\t{term.by_sound}"
    )
    return int.from_bytes(hashlib.sha256(written.encode("utf-8", "surrogatepass")).digest()[:8], "big")


def _patterns(terms: dict[str, list[Term]], excuses: set[str]) -> Patterns:
    patterns = dict.fromkeys((*terms, *sorted(excuses)))
    # A term of which nothing is heard; an empty pattern cannot be searched for.
    patterns.pop("", None)
    return Patterns(
        automaton=Automaton(list(patterns)) if patterns else None,
        count=len(patterns),
        terms=[tuple(terms.get(pattern, ())) for pattern in patterns].__getitem__,
        excuses=frozenset(number for number, pattern in enumerate(patterns) if pattern in excuses),
    )


@attrs.frozen
class KeywordFindings:
    """What the terms of one text come to."""

    score: float
    """Logits."""
    severest: tuple[Action, Symbol | None]
    """The severest action that a term asks for by itself, and its symbol; accept and None without terms."""
    symbols: tuple[Symbol, ...]


NOTHING_FOUND: Final = KeywordFindings(0.0, ("accept", None), ())


def findings(text: str, hits: Iterable[Hit], traffic_class: str, day: datetime.date) -> KeywordFindings:
    """Judge the hits of one text: those that count in this class and on this day."""
    counting = [
        hit
        for hit in hits
        if (not hit.term.classes or traffic_class in hit.term.classes)
        and hit.term.valid_from <= day <= hit.term.valid_to
    ]
    if not counting:
        return NOTHING_FOUND
    traces = _Traces(text)
    if any(hit.by_sound for hit in counting):
        counting = [hit for hit in counting if not _is_other_name(hit, text, traces)]
    by_category: dict[str, dict[str, Hit]] = {}
    for hit in _longest(counting):
        # What is found by its sound too is one finding; the light view's comes first and is the better
        # one to show.
        by_category.setdefault(hit.term.category, {}).setdefault(hit.term.seen, hit)
    score = 0.0
    symbols: list[Symbol] = []
    asked: tuple[Action, Symbol | None] = ("accept", None)
    for _, found in sorted(by_category.items()):
        added = 0.0
        for hit in sorted(found.values(), key=lambda hit: (-hit.term.weight, hit.term.seen)):
            share = min(hit.term.weight * (FURTHER_SHARE if added else 1.0), CATEGORY_CAP - added)
            added += share
            is_severer = ACTIONS.index(hit.term.action) > ACTIONS.index(asked[0])
            if len(symbols) < TERMS_SHOWN or is_severer:
                symbols.append(_symbol(hit, round(share, 3), traces))
            if is_severer:
                asked = (hit.term.action, symbols[-1])
        score += added
    # The term that asks for most comes first.
    symbols.sort(key=lambda symbol: symbol is not asked[1])
    return KeywordFindings(round(score, 3), asked, tuple(symbols))


def _is_other_name(hit: Hit, text: str, traces: "_Traces") -> bool:
    """Whether a term whose sound forgets its letters, such as 加telegram, was heard in something else.

    In place of the letters some name may stand, but no link, and the rest must be written as in the term.
    """
    if not hit.by_sound or not loses_letters(hit.term.seen):
        return False
    start, end = traces.span(hit)
    seen = light_view(text[start:end])
    return shape_view(seen) != shape_view(hit.term.seen) or _LINK.search(seen) is not None


class _Traces:
    """The ways back of one text, walked when they are needed."""

    def __init__(self, text: str) -> None:
        self._text = text
        self._origins: list[int] | None = None
        self._sound: Traced | None = None

    def span(self, hit: Hit) -> tuple[int, int]:
        """Where a hit stands in the text as written."""
        if hit.by_sound:
            self._sound = self._sound or trace_sound(self._text)
            return self._sound.span(hit.start, hit.end)
        if self._origins is None:
            self._origins = light_origins(self._text)
        return self._origins[hit.start], self._origins[hit.end - 1] + 1


def _longest(hits: list[Hit]) -> list[Hit]:
    """Leave out what lies within a longer hit of the same category and view; the light view's come first."""
    ordered = sorted(hits, key=lambda hit: (hit.by_sound, hit.start, -hit.end, hit.term.category))
    kept: list[Hit] = []
    reach: dict[tuple[str, bool], int] = {}
    for hit in ordered:
        key = (hit.term.category, hit.by_sound)
        if hit.end > reach.get(key, 0):
            kept.append(hit)
            reach[key] = hit.end
    return kept


def _symbol(hit: Hit, score: float, traces: _Traces) -> Symbol:
    start, end = traces.span(hit)
    how = "sounds like" if hit.by_sound else "says"
    return Symbol(
        name=f"TERM_{hit.term.category.upper()}",
        score=score,
        reason=f"the text {how} {hit.term.term}, a term of {hit.term.category.replace('_', ' ')}",
        start=start,
        end=end,
        source=hit.term.source,
    )
