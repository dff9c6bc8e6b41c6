# Layers one and two together, for a batch at a time, with what was found kept by template.
#
# A template is a text with every digit as 0. Neither the model nor the views depend on which digits a
# text has, only on where they stand; and where a term of the lexicon does (lines_with_digits), the
# text itself is the template. So what is kept is exactly what would be found again, spans included.
#
# Keywords, model and what is kept under them are one object that is replaced as a whole: no message is
# screened by half of one version and half of another.
"""What the words of texts say about them."""

import datetime
import math
from collections import OrderedDict
from collections.abc import Sequence
from functools import lru_cache
from operator import itemgetter
from typing import Final, cast

import attrs

from smpp_router.compliance.keywords import NOTHING_FOUND, Hit, KeywordFindings, Keywords, findings
from smpp_router.compliance.model import ILLICIT, Model
from smpp_router.compliance.symbols import ACTIONS, Action, Symbol
from smpp_router.compliance.views import light_views, shape_of_zeroed, sound_view, zeroed, zeroed_texts
from smpp_router.compliance.warning_texts import only_warns

TEMPLATES_MAX: Final = 50_000
"""Templates that are kept, about 1 kB each: bulk traffic has hundreds. The oldest goes first."""
BATCH_MAX: Final = 512
"""Texts that are read at once: more gain nothing, and their features take half a megabyte already."""
CATEGORY_SHOWN: Final = 0.5
"""From this probability on a category is a symbol."""

TERMS_SHARE: Final = 0.7
TERMS_CAP: Final = 5.0
"""What the terms add to the model's logit, by their score, as measured on held-out texts: they carry what the
model was never shown, and the model knows ordinary use."""

WARNING_RELIEF: Final = 4.0
"""What is taken from the logit of a text that does nothing but warn; and its terms are quotations then."""
SUSPECT_FROM: Final = 0.1
"""Below this probability nobody asks whether a text warns."""

_ASKING: Final[dict[Action, frozenset[Action]]] = {action: frozenset({action}) for action in ACTIONS}


@attrs.define(eq=False)
class TextFindings:
    """What layers one and two say about one text. Shared by the messages of a template: not to be changed."""

    illicit: float
    """The probability that the text is illicit, whoever sends it."""
    model: float
    """The same by the model alone."""
    names: tuple[str, ...]
    """The categories, which all texts share ..."""
    values: list[float]
    """... and the probability of each."""
    keywords: KeywordFindings
    symbols: tuple[Symbol, ...]
    """The terms' and the model's; the term that asks for most comes first."""

    @property
    def categories(self) -> dict[str, float]:
        """The probability of each category."""
        return dict(zip(self.names, self.values, strict=True))

    @property
    def shares(self) -> tuple[tuple[str, float], ...]:
        """The same in pairs."""
        return tuple(zip(self.names, self.values, strict=True))

    @property
    def likeliest(self) -> tuple[str, float]:
        """The likeliest category."""
        if not self.values:
            return "", 0.0
        share = max(self.values)
        return self.names[self.values.index(share)], share

    @property
    def actions(self) -> frozenset[Action]:
        """What its terms ask for by themselves."""
        return _ASKING[self.keywords.severest[0]]


@attrs.define(eq=False)
class TextStatistics:
    """Counts since the start."""

    hits: int = 0
    """Texts whose template was known."""
    misses: int = 0
    evicted: int = 0


@attrs.define(eq=False)
class _Version:
    keywords: Keywords
    model: Model
    day: datetime.date
    # Ordered: a dict takes long to find its first entry after many have gone.
    known: OrderedDict[tuple[bytes, str], TextFindings] = attrs.Factory(
        OrderedDict[tuple[bytes, str], TextFindings]
    )
    """By template and traffic class, the oldest first."""
    literal: OrderedDict[bytes, None] = attrs.Factory(OrderedDict[bytes, None])
    """Templates whose texts are their own templates."""
    illicit_at: int = attrs.field(init=False)
    """Which of the heads of the model says whether a text is illicit; the others are categories."""
    categories: tuple[str, ...] = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        heads = self.model.heads
        self.illicit_at = heads.index(ILLICIT)
        self.categories = tuple(head for head in heads if head != ILLICIT)


class TextScreen:
    """Screens texts by lexicon and model."""

    def __init__(self, keywords: Keywords, model: Model, day: datetime.date) -> None:
        self._now = _Version(keywords, model, day)
        self._statistics = TextStatistics()

    def statistics(self) -> TextStatistics:
        """Return a copy of the counts."""
        return attrs.evolve(self._statistics)

    @property
    def versions(self) -> tuple[str, str]:
        """The versions of lexicon and model."""
        return self._now.keywords.version, self._now.model.version

    def swap(self, keywords: Keywords | None = None, model: Model | None = None) -> None:
        """Screen with another lexicon or model from the next batch on."""
        now = self._now
        self._now = _Version(keywords or now.keywords, model or now.model, now.day)

    def screen(self, texts: Sequence[str], classes: Sequence[str], day: datetime.date) -> list[TextFindings]:
        """Screen texts, each of a traffic class (empty: unknown), on a day (terms have their time)."""
        now = self._now
        if now.day != day:
            now = self._now = _Version(now.keywords, now.model, day)
        known, literal = now.known, now.literal
        result: list[TextFindings | None] = []
        missing: dict[tuple[bytes, str], list[int]] = {}
        for i, (template, traffic_class) in enumerate(zip(zeroed_texts(texts), classes, strict=True)):
            if template in literal:
                template = texts[i].encode("utf-8", "surrogatepass")  # noqa: PLW2901 - its own template
            key = (template, traffic_class)
            found = known.get(key)
            result.append(found)
            if found is None:
                missing.setdefault(key, []).append(i)
        self._statistics.hits += len(texts) - len(missing)
        if missing:
            self._statistics.misses += len(missing)
            self._find(now, missing, texts, result)
        return cast("list[TextFindings]", result)

    def _find(
        self,
        now: _Version,
        missing: dict[tuple[bytes, str], list[int]],
        texts: Sequence[str],
        result: list[TextFindings | None],
    ) -> None:
        """Find what is missing, and keep it."""
        keys = list(missing)
        for at in range(0, len(keys), BATCH_MAX):
            batch = keys[at : at + BATCH_MAX]
            firsts = [texts[missing[key][0]] for key in batch]
            views = _Views.of(firsts)
            hits = now.keywords.hits(views.lights, views.sounds, len(batch))
            scores = now.model.shares_of_views(views.shapes, views.sounds, len(batch))
            depends = now.keywords.lines_with_digits(views.zeroed)
            lights = views.lights.split("\n")
            for line, (key, text, found, row) in enumerate(zip(batch, firsts, hits, scores, strict=True)):
                whole = _findings(now, (text, lights[line]), key[1], found, row)
                same = missing[key]
                if line in depends:
                    self._keep_literal(now, text)
                    for i in same:
                        result[i] = whole if texts[i] == text else self._alone(now, texts[i], key[1])
                    key = (text.encode("utf-8", "surrogatepass"), key[1])  # noqa: PLW2901 - its own template
                else:
                    for i in same:
                        result[i] = whole
                self._keep(now, key, whole)

    def _keep(self, now: _Version, key: tuple[bytes, str], found: TextFindings) -> None:
        while len(now.known) >= TEMPLATES_MAX:
            now.known.popitem(last=False)
            self._statistics.evicted += 1
        now.known[key] = found

    @staticmethod
    def _keep_literal(now: _Version, text: str) -> None:
        while len(now.literal) >= TEMPLATES_MAX:
            now.literal.popitem(last=False)
        now.literal[zeroed_texts([text])[0]] = None

    @staticmethod
    def _alone(now: _Version, text: str, traffic_class: str) -> TextFindings:
        views = _Views.of([text])
        hits = now.keywords.hits(views.lights, views.sounds, 1)
        row = now.model.shares_of_views(views.shapes, views.sounds, 1)[0]
        return _findings(now, (text, views.lights[:-1]), traffic_class, hits[0], row)


@attrs.define(eq=False)
class _Views:
    lights: str
    zeroed: str
    """The light views with every digit as 0."""
    shapes: str
    sounds: str

    @classmethod
    def of(cls, texts: Sequence[str]) -> "_Views":
        lights = light_views(texts)
        zeros = zeroed(lights)
        shapes = shape_of_zeroed(zeros)
        return cls(lights, zeros, shapes, sound_view(shapes))


def _findings(
    now: _Version, seen: tuple[str, str], traffic_class: str, hits: list[Hit], scores: list[float]
) -> TextFindings:
    """Join what layers one and two say; `seen` is a text and its light view. `scores` becomes theirs."""
    text, light = seen
    keywords = findings(text, hits, traffic_class, now.day) if hits else NOTHING_FOUND
    symbols = keywords.symbols
    # max() is cheap; most texts have one likely category or none.
    is_shown = max(scores) >= CATEGORY_SHOWN
    illicit, names = scores.pop(now.illicit_at), now.categories
    if is_shown:
        symbols = (*symbols, *_model_symbols(illicit, names, scores))
    joined = illicit
    if (keywords.score or illicit >= SUSPECT_FROM) and only_warns(light):
        joined = round(1 / (1 + math.exp(WARNING_RELIEF - _logit(illicit))), 7)
        keywords = _quoted(keywords)
        symbols = (*symbols, _WARNING)
    elif keywords.score:
        # Rounded as the model's own are: what is told has no digits that mean nothing.
        logit = _logit(illicit) + TERMS_SHARE * min(keywords.score, TERMS_CAP)
        joined = round(1 / (1 + math.exp(-logit)), 7)
    return TextFindings(joined, illicit, names, scores, keywords, symbols)


def _quoted(keywords: KeywordFindings) -> KeywordFindings:
    """What terms come to in a text that warns: only what is refused in every context still counts."""
    action, symbol = keywords.severest
    return keywords if action in ("accept", "refuse") else attrs.evolve(keywords, severest=("tag", symbol))


def _model_symbols(illicit: float, names: tuple[str, ...], values: list[float]) -> list[Symbol]:
    shown = [(names[at], value) for at, value in enumerate(values) if value >= CATEGORY_SHOWN]
    shown.sort(key=itemgetter(1), reverse=True)
    symbols = [_category_symbol(name, f"{value:.0%}") for name, value in shown]
    if illicit >= CATEGORY_SHOWN:
        symbols.insert(0, _illicit_symbol(illicit))
    return symbols


_WARNING: Final = Symbol("WARNING", -WARNING_RELIEF, "the text warns, and leads its reader nowhere")

# A category has some fifty symbols, and an illicit text one of 8,192: so many steps the model's curve has.


@lru_cache(maxsize=4_096)
def _category_symbol(name: str, share: str) -> Symbol:
    return Symbol(
        f"MODEL_{name.upper()}", 0.0, f"the wording is that of {name.replace('_', ' ')}, {share} sure"
    )


@lru_cache(maxsize=8_192)
def _illicit_symbol(illicit: float) -> Symbol:
    reason = f"the wording is that of illicit messages, {illicit:.0%} sure"
    return Symbol("MODEL_ILLICIT", round(_logit(illicit), 3), reason)


def _logit(probability: float) -> float:
    probability = min(max(probability, 1e-7), 1 - 1e-7)
    return math.log(probability / (1 - probability))
