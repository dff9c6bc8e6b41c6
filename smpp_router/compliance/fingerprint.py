# A verdict rests on a text, a lexicon, a model and a configuration. Lexicon and model have versions; this is
# the configuration's: SHA-256 of a canonical form of what decides about a text, cut to what people compare.
#
#   in    the router's version (its rules are code), and of [compliance]: regime, classes, registrations with
#         their signatures and templates, hours, caps, domains, actions, answers, shares; own rules with the
#         code that was loaded
#   out   what decides nothing about a text (KEYS_OUT), where files lie, and the order of tables that are
#         found by name: a configuration that is only arranged otherwise is the same
"""The version of screening's configuration."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from typing import Any, Final

import attrs

from smpp_router import __version__
from smpp_router.compliance.policy import TABLE
from smpp_router.config_compliance import ComplianceConfig

SIGNS: Final = 12
"""48 bits: of a thousand configurations two are alike once in half a billion times."""

KEYS_OUT: Final = frozenset(
    {
        "lexicons",  # Its words have a version of their own.
        "confirmations",
        "optout_words",
        "optin_words",
        "help_words",
        "parts_wait_s",
        "held_max",
        "status_text",
        "own_rules",  # Told one by one, with their code.
    }
)
_BY_NAME: Final[Mapping[str, str]] = {"classes": "name", "registrations": "account"}
"""Tables of which no order counts, and what they are found by."""


def configuration_version(config: ComplianceConfig, own_rules: Mapping[str, str]) -> str:
    """Return the version of a configuration; `own_rules` are digests of code by the names of rules."""
    digest = hashlib.sha256(__version__.encode())
    # Piece by piece: an encoder that is in one piece lets no other thread run meanwhile.
    for piece in _pieces(config, own_rules):
        digest.update(b"\n" + _WRITE(piece).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:SIGNS]


def _table(value: Any) -> Any:
    """A table of the configuration as JSON has it; what is in it comes here by itself."""
    return attrs.asdict(value, recurse=False)


_WRITE: Final = json.JSONEncoder(
    sort_keys=True, separators=(",", ":"), ensure_ascii=False, default=_table
).encode


def _pieces(config: ComplianceConfig, own_rules: Mapping[str, str]) -> Iterator[Any]:
    yield {name: action for name, (action, _) in TABLE.items()}
    for field in attrs.fields(ComplianceConfig):
        if field.name in KEYS_OUT:
            continue
        value: Any = getattr(config, field.name)
        yield field.name
        if field.name in _BY_NAME:
            yield from _sorted(value, _BY_NAME[field.name])
        else:
            yield value
    for rule in config.own_rules:
        if rule.enabled:
            yield [attrs.evolve(rule, file=None), own_rules.get(rule.name, "")]


def _sorted(tables: Iterable[Any], key: str) -> list[Any]:
    return sorted(tables, key=lambda table: str(getattr(table, key)))
