# A lexicon file is a table in plain text: tab-separated columns, a head line that names them, # for comments.
#
#   term  category  classes  action  weight  source  from  to  unless  match
#   代开发票  invoice_sale  *  refuse  3.5  发票管理办法 第二十一条  -  -  -  sound
#   第一  superlative  marketing  tag  0.4  广告法 第九条  2015-09-01  -  第一时间|第一次  plain
#
# Columns after `weight` may be left out; - is an empty one. Terms are matched in views, so neither spaces
# nor punctuation nor traditional characters of a term matter, and two lines whose terms look the same are
# the same term. In several files the later file overrides a term of the same category in an earlier one;
# the action `off` takes it out.
"""Lexicons: terms with what they mean, read from plain files."""

import datetime
from collections.abc import Iterable, Iterator
from typing import Final, Literal, cast

import attrs

from smpp_router.compliance.symbols import ACTIONS, Action
from smpp_router.compliance.views import light_view

COLUMNS: Final = (
    "term", "category", "classes", "action", "weight", "source", "from", "to", "unless", "match",
)  # fmt: skip
NEEDED: Final = COLUMNS[:5]
TERM_MAX: Final = 64
"""Characters of a term: longer ones are texts, for which there are templates."""
WEIGHT_MAX: Final = 10.0
"""Logits: more than this is certainty, and certainty is an action."""
SOUND_MIN: Final = 3
"""Syllables of a term that is matched by its sound: two are met by chance in any text."""
EVERY_CLASS: Final = "*"
_NEVER: Final = datetime.date.max

Match = Literal["plain", "sound"]


@attrs.frozen(kw_only=True)
class Term:
    """A term of one category. Equal terms mean the same."""

    term: str
    """As written."""
    seen: str
    """Its light view, which is what is matched."""
    category: str
    classes: tuple[str, ...]
    """Traffic classes in which it counts; empty: in all."""
    action: Action
    """What it asks for by itself."""
    weight: float
    """What it adds to the suspicion, in logits."""
    source: str = ""
    valid_from: datetime.date = datetime.date.min
    valid_to: datetime.date = _NEVER
    """The last day."""
    unless: tuple[str, ...] = ()
    """Light views of phrases in which the term is innocent."""
    by_sound: bool = False

    @property
    def key(self) -> tuple[str, str]:
        """What a later file overrides it by."""
        return self.seen, self.category


class LexiconError(Exception):
    """Files that are no lexicon; `lines` says why, one problem a line."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = tuple(lines)
        super().__init__("\n".join(lines))


def read_terms(files: Iterable[tuple[str, str]]) -> list[Term]:
    """Read lexicon files, given as name and text, each overriding those before it.

    Raises:
        LexiconError: with every problem found, `file:line: what is wrong`.
    """
    terms: dict[tuple[str, str], Term] = {}
    problems: list[str] = []
    for name, text in files:
        mine: dict[tuple[str, str], int] = {}
        for number, row in _rows(name, text, problems):
            term = _term(row, f"{name}:{number}", problems)
            if term is None:
                continue
            if term.key in mine:
                problems.append(f"{name}:{number}: {term.term!r} stands in line {mine[term.key]} too")
            mine[term.key] = number
            if row["action"] == "off":
                terms.pop(term.key, None)
            else:
                terms[term.key] = term
    if problems:
        raise LexiconError(problems)
    return list(terms.values())


def _rows(name: str, text: str, problems: list[str]) -> Iterator[tuple[int, dict[str, str]]]:
    head: list[str] | None = None
    # Not splitlines(): a form feed or a separator of Unicode is no end of a line in a file.
    for number, line in enumerate(text.replace("\r\n", "\n").split("\n"), 1):
        if not line.strip() or line.startswith("#"):
            continue
        cells = [cell.strip() for cell in line.split("\t")]
        if head is None:
            wrong = [cell for cell in cells if cell not in COLUMNS]
            missing = [column for column in NEEDED if column not in cells]
            if wrong or missing or len(set(cells)) < len(cells):
                problems.append(
                    f"{name}:{number}: the head line must name {', '.join(NEEDED)} and may name "
                    f"{', '.join(COLUMNS[len(NEEDED) :])}, each once, with tabs between"
                )
                return
            head = cells
        elif len(cells) > len(head):
            problems.append(f"{name}:{number}: {len(cells)} columns, the head line has {len(head)}")
        else:
            row = dict(zip(head, cells, strict=False))
            yield number, {key: "" if value == "-" else value for key, value in row.items()}
    if head is None:
        problems.append(f"{name}: has no head line")


def _term(row: dict[str, str], place: str, problems: list[str]) -> Term | None:
    """The term of a row; None, and problems, if it is none."""
    known = len(problems)
    term, category = row.get("term", ""), row.get("category", "")
    seen = light_view(term)
    if not seen:
        problems.append(f"{place}: term: {term!r} has no letter, digit or character that is seen")
    elif len(seen) > TERM_MAX:
        problems.append(f"{place}: term: {len(seen)} characters, at most {TERM_MAX}")
    if not category.replace("_", "").isalnum() or not category.isascii() or category != category.lower():
        problems.append(f"{place}: category: {category!r} is no name of a-z, 0-9 and _")
    action = row.get("action", "")
    if action != "off" and action not in ACTIONS:
        problems.append(f"{place}: action: {action!r} is none of {', '.join(ACTIONS)}, off")
    by_sound = row.get("match") == "sound"
    if row.get("match", "") not in ("", "plain", "sound"):
        problems.append(f"{place}: match: {row['match']!r} is neither plain nor sound")
    elif by_sound and 0 < len(seen) < SOUND_MIN:
        problems.append(f"{place}: match: sound needs {SOUND_MIN} characters or more")
    weight = _weight(row.get("weight", ""), place, problems)
    begin = _day(row.get("from", ""), "from", place, problems) or datetime.date.min
    end = _day(row.get("to", ""), "to", place, problems) or _NEVER
    if begin > end:
        problems.append(f"{place}: from: {begin} is after {end}")
    unless = tuple(light_view(phrase) for phrase in row.get("unless", "").split("|") if phrase.strip())
    if not all(seen in phrase and seen != phrase for phrase in unless):
        problems.append(f"{place}: unless: each phrase must hold the term, and more than it")
    if len(problems) > known:
        return None
    classes = row.get("classes", "")
    return Term(
        term=term,
        seen=seen,
        category=category,
        classes=() if classes in ("", EVERY_CLASS) else tuple(sorted(c.strip() for c in classes.split(","))),
        action=cast("Action", action if action != "off" else "accept"),
        weight=weight,
        source=row.get("source", ""),
        valid_from=begin,
        valid_to=end,
        unless=unless,
        by_sound=by_sound,
    )


def _weight(text: str, place: str, problems: list[str]) -> float:
    try:
        weight = float(text)
    except ValueError:
        problems.append(f"{place}: weight: {text!r} is no number")
        return 0.0
    if not 0 <= weight <= WEIGHT_MAX:
        problems.append(f"{place}: weight: must be from 0 to {WEIGHT_MAX:g}, got {text}")
    return weight


def _day(text: str, column: str, place: str, problems: list[str]) -> datetime.date | None:
    if not text:
        return None
    try:
        return datetime.date.fromisoformat(text)
    except ValueError:
        problems.append(f"{place}: {column}: {text!r} is no day such as 2026-05-01")
        return None


def as_line(term: Term) -> str:
    """A term as a line of a file with all columns."""
    return "\t".join(
        (
            term.term,
            term.category,
            ",".join(term.classes) or EVERY_CLASS,
            term.action,
            f"{term.weight:g}",
            term.source or "-",
            "-" if term.valid_from == datetime.date.min else term.valid_from.isoformat(),
            "-" if term.valid_to == _NEVER else term.valid_to.isoformat(),
            "|".join(term.unless) or "-",
            "sound" if term.by_sound else "plain",
        )
    )


HEAD_LINE: Final = "\t".join(COLUMNS)
"""The head line of a file with all columns."""


@attrs.frozen(kw_only=True)
class Difference:
    """What one set of terms has that another has not."""

    added: tuple[Term, ...]
    removed: tuple[Term, ...]
    changed: tuple[tuple[Term, Term], ...]
    """The same term and category, before and after."""


def difference(before: Iterable[Term], after: Iterable[Term]) -> Difference:
    """Compare two sets of terms."""
    old = {term.key: term for term in before}
    new = {term.key: term for term in after}
    return Difference(
        added=tuple(term for key, term in new.items() if key not in old),
        removed=tuple(term for key, term in old.items() if key not in new),
        changed=tuple((old[key], term) for key, term in new.items() if key in old and old[key] != term),
    )
