# All terms of a lexicon as two automata, one for the light view and one for the sound view. A batch is searched as one
# text, a line a message; views hold no line ends, so no term reaches from one message into the next.
#
# A Keywords is made once and never changes: a new lexicon is a new Keywords, and whoever screens takes up the
# new one with one assignment between two batches.
#
# What the terms of a text depend on besides its digits can be remembered by template. Terms with digits are looked
# for a second time with every digit as 0 (`may_depend_on_digits`): where such a term could stand, the
# template does not decide.
"""Layer one: the terms of a lexicon in a text."""

import datetime
import hashlib
import re
from collections.abc import Callable, Iterable, Sequence
from typing import Final

import attrs
import daachorse

from smpp_router.compliance.glyphs import glyphs
from smpp_router.compliance.lexicon import Term, as_line
from smpp_router.compliance.symbols import Action, Symbol
from smpp_router.compliance.views import shape_view, sound_view, trace_light, trace_sound

CATEGORY_CAP: Final = 5.0
"""Logits that the terms of one category add at most: repeating a word proves no more."""
FURTHER_SHARE: Final = 0.25
"""What each further term of a category adds of its weight: the first says most of it."""
TERMS_SHOWN: Final = 20
"""Terms of one text that become symbols: a text made of terms needs no longer list."""
PAUSE_AFTER: Final = 256
"""Terms prepared between two pauses, about a millisecond: how long others wait for a lexicon that is being made."""

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


@attrs.define(eq=False)
class _Patterns:
    """One automaton; each pattern with the terms that it stands for, none for a phrase in which a term is innocent."""

    automaton: Automaton | None
    terms: list[tuple[Term, ...]]


class Keywords:
    """The terms of a lexicon, ready to be found. Immutable."""

    def __init__(self, terms: Sequence[Term], pause: Callable[[], None] | None = None) -> None:
        """Prepare terms, a quarter of a second for 50,000; `pause` is called now and then to let others run."""
        light: dict[str, list[Term]] = {}
        sound: dict[str, list[Term]] = {}
        digits: set[str] = set()
        digest = hashlib.sha256()
        for count, term in enumerate(sorted(terms, key=lambda one: one.key)):
            if pause is not None and count % PAUSE_AFTER == 0:
                pause()
            digest.update(as_line(term).encode("utf-8", "surrogatepass") + b"\n")
            light.setdefault(term.seen, []).append(term)
            for phrase in term.unless:
                light.setdefault(phrase, [])
            if term.by_sound:
                sound.setdefault(sound_view(shape_view(term.seen)), []).append(term)
                for phrase in term.unless:
                    sound.setdefault(sound_view(shape_view(phrase)), [])
            if _DIGIT.search(term.seen):
                digits.add(_DIGIT.sub("0", term.seen))
        self.version: Final = f"lex-{digest.hexdigest()[:8]}"
        self.size: Final = len(terms)
        self._light = _patterns(light)
        self._sound = _patterns(sound)
        self._digits = Automaton(sorted(digits)) if digits else None

    def hits(self, lights: str, sounds: str, count: int) -> list[list[Hit]]:
        """The terms of `count` texts, given as views with a line for each; hits are in lines' own positions."""
        found: list[list[Hit]] = [[] for _ in range(count)]
        self._search(self._light, lights, found, by_sound=False)
        self._search(self._sound, sounds, found, by_sound=True)
        return found

    @staticmethod
    def _search(patterns: _Patterns, view: str, found: list[list[Hit]], *, by_sound: bool) -> None:
        if patterns.automaton is None:
            return
        matches = patterns.automaton.find_overlapping(view)
        if not matches:
            return
        innocent = [(start, end) for start, end, number in matches if not patterns.terms[number]]
        line, begin, end_of_line = 0, 0, view.find("\n")
        for start, end, number in matches:
            terms = patterns.terms[number]
            # Matches come in the order of their ends.
            while end > end_of_line:
                line, begin = line + 1, end_of_line + 1
                end_of_line = view.find("\n", begin)
            if not terms or (innocent and _innocent(start, end, innocent, terms, view)):
                continue
            found[line].extend(Hit(term, start - begin, end - begin, by_sound) for term in terms)

    def may_depend_on_digits(self, lights: str) -> bool:
        """Whether other digits in the same places could make or break a term."""
        if self._digits is None:
            return False
        return bool(self._digits.find_overlapping(_DIGIT.sub("0", lights)))


def _innocent(
    start: int, end: int, innocent: list[tuple[int, int]], terms: tuple[Term, ...], view: str
) -> bool:
    """Whether a match lies within a phrase that excuses all its terms."""
    phrases = [view[a:b] for a, b in innocent if a <= start and end <= b]
    if not phrases:
        return False
    by_sound = view[start:end] != terms[0].seen
    return all(
        any(
            phrase in (term.unless if not by_sound else [sound_view(shape_view(one)) for one in term.unless])
            for phrase in phrases
        )
        for term in terms
    )


def _patterns(terms: dict[str, list[Term]]) -> _Patterns:
    # The empty pattern stands for a term that is not heard; it cannot be searched for.
    terms.pop("", None)
    if not terms:
        return _Patterns(None, [])
    return _Patterns(Automaton(list(terms)), [tuple(found) for found in terms.values()])


@attrs.frozen
class KeywordFindings:
    """What the terms of one text come to."""

    score: float
    """Logits."""
    actions: frozenset[Action]
    symbols: tuple[Symbol, ...]


NOTHING_FOUND: Final = KeywordFindings(0.0, frozenset(), ())


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
    by_category: dict[str, dict[str, Hit]] = {}
    for hit in _longest(counting):
        # What is found by its sound too is one finding; the light view's comes first and is the better one to show.
        by_category.setdefault(hit.term.category, {}).setdefault(hit.term.seen, hit)
    traced: dict[bool, object] = {}
    score = 0.0
    symbols: list[Symbol] = []
    for category, found in sorted(by_category.items()):
        hits_here = sorted(found.values(), key=lambda hit: (-hit.term.weight, hit.term.seen))
        added = 0.0
        for number, hit in enumerate(hits_here):
            share = hit.term.weight * (FURTHER_SHARE if number else 1.0)
            share = min(share, CATEGORY_CAP - added)
            added += share
            if len(symbols) < TERMS_SHOWN:
                symbols.append(_symbol(text, hit, round(share, 3), traced))
        score += added
    actions = frozenset(hit.term.action for found in by_category.values() for hit in found.values())
    return KeywordFindings(round(score, 3), actions, tuple(symbols))


def _longest(hits: list[Hit]) -> list[Hit]:
    """Leave out what lies within a longer hit of the same category and view, and put the light view's first."""
    ordered = sorted(hits, key=lambda hit: (hit.by_sound, hit.start, -hit.end, hit.term.category))
    kept: list[Hit] = []
    reach: dict[tuple[str, bool], int] = {}
    for hit in ordered:
        key = (hit.term.category, hit.by_sound)
        if hit.end > reach.get(key, 0):
            kept.append(hit)
            reach[key] = hit.end
    return kept


def _symbol(text: str, hit: Hit, score: float, traced: dict[bool, object]) -> Symbol:
    trace = traced.get(hit.by_sound)
    if trace is None:
        trace = traced[hit.by_sound] = trace_sound(text) if hit.by_sound else trace_light(text)
    start, end = trace.span(hit.start, hit.end)  # type: ignore[attr-defined]
    how = "sounds like" if hit.by_sound else "says"
    return Symbol(
        name=f"TERM_{hit.term.category.upper()}",
        score=score,
        reason=f"the text {how} {hit.term.term}, a term of {hit.term.category.replace('_', ' ')}",
        start=start,
        end=end,
        source=hit.term.source,
    )


def warm_up() -> None:
    """Read the tables that keywords need, so that the first message does not wait for them."""
    glyphs()
