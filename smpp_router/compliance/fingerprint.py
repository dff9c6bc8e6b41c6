# A verdict rests on a text, a lexicon, a model and a configuration. Lexicon and model have versions; this is
# the configuration's: SHA-256 of a canonical form of what decides about a text, cut to what people compare.
#
#   in    the router's version, the code of its rules with their tables, and of [compliance]: regime, classes,
#         registrations with their signatures and templates, hours, caps, domains, actions, answers, shares;
#         own rules with the code that was loaded
#   out   what decides nothing about a text (KEYS_OUT), where files lie, and the order of tables that are
#         found by name: a configuration that is only arranged otherwise is the same
"""The version of screening's configuration."""

import hashlib
import json
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from importlib.resources import files
from importlib.resources.abc import Traversable
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
_NOT_CODE: Final = frozenset({"__pycache__", "lexicons"})
"""Lexicons and model have versions of their own."""
_BY_NAME: Final[Mapping[str, str]] = {"classes": "name", "registrations": "account"}
"""Tables of which no order counts, and what they are found by."""


def configuration_version(config: ComplianceConfig, own_rules: Mapping[str, str]) -> str:
    """Return the version of a configuration; `own_rules` are digests of code by the names of rules."""
    digest = hashlib.sha256(f"{__version__} {own_code()}".encode())
    # Piece by piece: an encoder that is in one piece lets no other thread run meanwhile.
    for piece in _pieces(config, own_rules):
        digest.update(b"\n" + _WRITE(piece).encode("utf-8", "surrogatepass"))
    return digest.hexdigest()[:SIGNS]


@cache
def own_code() -> str:
    """Return a digest of the code that screens.

    Between two releases, and in a copy that somebody has changed, the version is the same and rules are not.
    """
    return code_digest(files("smpp_router.compliance"))


def code_digest(folder: Traversable) -> str:
    """Return a digest of the modules and tables in a folder and below it, by what they are called."""
    digest = hashlib.sha256()
    for one in sorted(folder.iterdir(), key=lambda one: one.name):
        if one.is_dir():
            if one.name not in _NOT_CODE:
                digest.update(f"{one.name}/{code_digest(one)}\n".encode())
        elif one.name.endswith((".py", "glyphs.npz")):
            digest.update(f"{one.name} {hashlib.sha256(one.read_bytes()).hexdigest()}\n".encode())
    return digest.hexdigest()


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
