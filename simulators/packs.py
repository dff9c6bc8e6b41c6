# Packs are named pieces of a carrier's table, one TOML file each in the folder packs/ beside this file:
#
#   summary = "..."         one sentence for people
#   interop = [23]          items of docs/simulator/dialects.md that it is for; a vendor's profile has none
#   [carrier]               keys of a carrier, any but those that say who and where it is
#
# Rule 1: packs are applied in the order in which they are named: a later one wins, the carrier's own keys at
#         last.
# Rule 2: dialect and anomalies are merged key by key, so that packs add up. Any other key is
#         replaced whole: weights of two packs together would be neither's.
"""Named packs of behaviour for simulated carriers."""

import difflib
import tomllib
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

import attrs

SECTIONS: Final = frozenset({"dialect", "anomalies"})
PACKS_MAX: Final = 32
"""Packs of one carrier; more is a mistake in a program that writes the file."""
OF_THE_CARRIER: Final = frozenset({"name", "host", "port", "accounts", "tls", "packs"})
"""Who and where a carrier is: no pack may say it."""

Table = dict[str, Any]


@attrs.frozen(kw_only=True)
class Pack:
    """One named pack; `carrier` is a piece of a carrier's table."""

    name: str
    summary: str
    interop: tuple[int, ...] = ()
    carrier: Table


@cache
def packs() -> dict[str, Pack]:
    """Return all packs that come with the simulator, by name."""
    folder = files("simulators") / "packs"
    found: dict[str, Pack] = {}
    for file in sorted(folder.iterdir(), key=lambda one: one.name.removesuffix(".toml")):
        if file.name.endswith(".toml"):
            name = file.name.removesuffix(".toml")
            table = tomllib.loads(file.read_text("utf-8"))
            found[name] = Pack(
                name=name,
                summary=table["summary"],
                interop=tuple(table.get("interop", ())),
                carrier=table["carrier"],
            )
    return found


def pack_names() -> tuple[str, ...]:
    """Return the names of all packs, sorted."""
    return tuple(packs())


def pack_summary(name: str) -> str:
    """Return what a pack does, in one sentence. Raises ValueError for a name that is none's."""
    return _pack(name).summary


def apply_packs(table: Table) -> Table:
    """Return a carrier's table with the packs that it names worked in; `packs` itself is gone.

    Raises ValueError, which begins with the key, if `packs` is no list of names of packs.
    """
    own = dict(table)
    named = own.pop("packs", [])
    if not isinstance(named, list):
        raise ValueError("packs: must be a list of names")  # noqa: TRY004 - all mistakes of a file are alike
    names = cast("list[object]", named)
    if len(names) > PACKS_MAX:
        raise ValueError(f"packs: must have at most {PACKS_MAX} entries, got {len(names)}")
    merged: Table = {}
    for name in names:
        if not isinstance(name, str):
            raise ValueError("packs: must be a list of names")  # noqa: TRY004
        _merge(merged, _pack(name).carrier)
    _merge(merged, own)
    return merged


def _pack(name: str) -> Pack:
    pack = packs().get(name)
    if pack is None:
        close = difflib.get_close_matches(name, packs(), n=3)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise ValueError(f'packs: there is no pack "{name}"{hint}')
    return pack


def _merge(into: Table, table: Table) -> None:
    for key, value in table.items():
        before = into.get(key)
        if key in SECTIONS and isinstance(before, dict) and isinstance(value, dict):
            _merge_whole(cast("Table", before), cast("Table", value))
        else:
            into[key] = deepcopy(value)


def _merge_whole(into: Table, table: Table) -> None:
    for key, value in table.items():
        before = into.get(key)
        if isinstance(before, dict) and isinstance(value, dict):
            _merge_whole(cast("Table", before), cast("Table", value))
        else:
            into[key] = deepcopy(value)
