# A verdict as it is kept: what became of the message, all findings with their scores and places, and the
# versions of lexicon, model and configuration that made it, in some tens or hundreds of octets of JSON.
# Nothing of the text is in it. With the text and the same versions it can be made again:
#
#   a action | i illicit, rounded | d the decisive finding | l lexicon | m model | k configuration
#   s findings: [name, score, start, end, source, reason]      c categories from CATEGORY_MIN on
#
# What a message was sent to and when, and what traffic was around it, is not part of its text: findings of
# these sources are told, and nobody can ask for them again.
"""Keeping verdicts, and comparing one that was kept with one that is made again."""

import json
from collections.abc import Iterator
from typing import Any, Final

import attrs

from smpp_router.compliance.symbols import ACTIONS, Symbol
from smpp_router.compliance.verdict import Verdict

SYMBOLS_MAX: Final = 16
"""Findings of one verdict that are kept, the decisive one first: who sees as many needs no more."""

REASON_MAX: Final = 160
"""Characters of a finding's reason."""

CATEGORY_MIN: Final = 0.05
CATEGORIES_MAX: Final = 8

DIGITS: Final = 4
"""Of probabilities and scores: two machines may differ in the last bits, and in nothing that counts."""

OF_CLASS: Final = "required_marks of its class"
"""Where a finding comes from that is not of screening's configuration."""

PASSING_SOURCES: Final = frozenset({"opt-out", "frequency caps", "traffic", OF_CLASS})
"""Where findings come from that rest on more than the message and screening's configuration."""


@attrs.frozen
class Kept:
    """A verdict as it was kept."""

    action: str
    illicit: float
    decisive: str
    symbols: tuple[Symbol, ...]
    categories: tuple[tuple[str, float], ...]
    lexicon_version: str
    model_version: str
    configuration_version: str = ""
    """Empty in verdicts of before it was kept."""


_WRITE: Final = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


def kept_share(verdict: Verdict) -> float:
    """How likely the text is illicit, with the digits that are kept."""
    return round(verdict.illicit, DIGITS)


def to_octets(verdict: Verdict) -> bytes:
    """A verdict as octets."""
    told: dict[str, Any] = {"a": verdict.action, "i": kept_share(verdict)}
    if verdict.decisive is not None:
        told["d"] = verdict.decisive.name
    if verdict.symbols:
        decisive = verdict.decisive
        symbols = sorted(verdict.symbols, key=lambda symbol: symbol is not decisive)
        told["s"] = [_packed(symbol) for symbol in symbols[:SYMBOLS_MAX]]
        likely = [(name, round(value, DIGITS)) for name, value in verdict.categories if value >= CATEGORY_MIN]
        if likely:
            told["c"] = dict(sorted(likely, key=lambda pair: -pair[1])[:CATEGORIES_MAX])
    told["l"], told["m"] = verdict.lexicon_version, verdict.model_version
    if verdict.configuration_version:
        told["k"] = verdict.configuration_version
    return _WRITE(told).encode("utf-8", "replace")


def _packed(symbol: Symbol) -> list[Any]:
    score = round(symbol.score, DIGITS)
    return [symbol.name, score, symbol.start, symbol.end, symbol.source, symbol.reason[:REASON_MAX]]


def from_octets(octets: bytes) -> Kept:
    """Read a verdict. Raises ValueError if it is none."""
    try:
        told: dict[str, Any] = json.loads(octets)
        symbols = tuple(
            Symbol(name, score, reason, start, end, source)
            for name, score, start, end, source, reason in told.get("s", ())
        )
        categories = tuple(told.get("c", {}).items())
        versions = told["l"], told["m"], told.get("k", "")
        return Kept(told["a"], told["i"], told.get("d", ""), symbols, categories, *versions)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        raise ValueError("not a verdict") from error


def as_json(kept: Kept) -> dict[str, Any]:
    """A kept verdict in plain values, named as `smpp-router screen --json` names them."""
    return {
        "action": kept.action,
        "illicit": kept.illicit,
        "decisive": kept.decisive or None,
        "categories": dict(kept.categories),
        "symbols": [symbol.as_json() for symbol in kept.symbols],
        "lexicon_version": kept.lexicon_version,
        "model_version": kept.model_version,
        "configuration_version": kept.configuration_version,
    }


def from_json(told: dict[str, Any]) -> Kept:
    """The opposite of as_json(). Raises ValueError."""
    try:
        symbols = tuple(_symbol(one) for one in told["symbols"])
        return Kept(
            told["action"],
            float(told["illicit"]),
            told["decisive"] or "",
            symbols,
            tuple(told["categories"].items()),
            told["lexicon_version"],
            told["model_version"],
            told.get("configuration_version", ""),
        )
    except (KeyError, TypeError, AttributeError, ValueError) as error:
        raise ValueError("not a verdict as `smpp-router trace --json` tells it") from error


def _symbol(told: dict[str, Any]) -> Symbol:
    start, end = told["span"] or (-1, -1)
    return Symbol(told["name"], told["score"], told["reason"], start, end, told.get("source", ""))


# ---------------------------------------------------------------------- again


@attrs.frozen
class Comparison:
    """What a verdict made again has to say about one that was kept.

    `versions`: what was kept and what is in force, where they differ. `differences`: in words, none if it is
    the same. `passing`: findings that were kept and cannot be asked for again.
    """

    versions: tuple[tuple[str, str, str], ...]
    differences: tuple[str, ...]
    passing: tuple[str, ...]

    @property
    def is_same(self) -> bool:
        """Whether the verdict was reproduced, by the same versions."""
        return not self.versions and not self.differences


def compare(kept: Kept, again: Verdict) -> Comparison:
    """Hold a verdict that was made again, of the same text, against one that was kept."""
    now = from_octets(to_octets(again))
    pairs = (
        ("lexicon", kept.lexicon_version, now.lexicon_version),
        ("model", kept.model_version, now.model_version),
    )
    if kept.configuration_version:
        pairs = (*pairs, ("configuration", kept.configuration_version, now.configuration_version))
    versions = tuple(pair for pair in pairs if pair[1] != pair[2])
    passing = tuple(symbol.name for symbol in kept.symbols if symbol.source in PASSING_SOURCES)
    return Comparison(versions, tuple(_differences(kept, now, passing)), passing)


def _differences(kept: Kept, now: Kept, passing: tuple[str, ...]) -> Iterator[str]:
    if kept.decisive in passing:
        # It was refused or held for what is not in its text, which asks for no more than that alone.
        if ACTIONS.index(now.action) > ACTIONS.index(kept.action):
            yield f"action: {kept.action} then, {now.action} now"
    elif kept.action != now.action:
        yield f"action: {kept.action} then, {now.action} now"
    elif kept.decisive != now.decisive:
        yield f"decisive finding: {kept.decisive or 'none'} then, {now.decisive or 'none'} now"
    if abs(kept.illicit - now.illicit) > 2 * 10**-DIGITS:
        yield f"illicit: {kept.illicit:.2%} then, {now.illicit:.2%} now"
    then_found = {_identity(symbol) for symbol in kept.symbols if symbol.source not in PASSING_SOURCES}
    now_found = {_identity(symbol) for symbol in now.symbols if symbol.source not in PASSING_SOURCES}
    for name, score, start, end in sorted(then_found - now_found):
        yield f"found then, not now: {name} {score:+g} at {start}-{end}"
    for name, score, start, end in sorted(now_found - then_found):
        yield f"found now, not then: {name} {score:+g} at {start}-{end}"


def _identity(symbol: Symbol) -> tuple[str, float, int, int]:
    return symbol.name, round(symbol.score, DIGITS), symbol.start, symbol.end
