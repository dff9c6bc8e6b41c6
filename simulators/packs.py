# Packs are named pieces of a carrier's table, one TOML file each in the folder packs/ beside this file:
#
#   summary = "..."         one sentence for people
#   interop = [23]          items of docs/simulator/dialects.md that it is for; a vendor's profile has none
#   [carrier]               keys of a carrier, any but those that say who and where it is
#
# Rule 1: packs are applied in the order in which they are named: a later one wins, the carrier's own keys at
#         last.
# Rule 2: dialect, anomalies, faults and mo are merged key by key, so that packs add up; timelines are joined.
#         Any other key is replaced whole: weights of two packs together would be neither's.
"""Named packs of behaviour for simulated carriers."""

import difflib
import tomllib
from collections.abc import Collection, Mapping
from copy import deepcopy
from functools import cache
from importlib.resources import files
from typing import Any, Final, cast

import attrs

SECTIONS: Final = frozenset({"dialect", "anomalies", "faults", "mo"})
TIMELINE: Final = "timeline"
PACKS_MAX: Final = 32
"""Packs of one carrier; more is a mistake in a program that writes the file."""
OF_THE_CARRIER: Final = frozenset({"name", "host", "port", "listeners", "accounts", "packs"})
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
    merged: Table = {}
    for name in _names(own.pop("packs", [])):
        _merge(merged, _pack(name).carrier, SECTIONS)
    _merge(merged, own, SECTIONS)
    return merged


def dotted(table: Mapping[str, Any]) -> Table:
    """Return a carrier's table with dotted keys for what is within its sections: `faults.half_open`."""
    found: Table = {}
    for key, value in table.items():
        if key in SECTIONS and isinstance(value, dict):
            inner = cast("Table", value)
            found |= {f"{key}.{name}": inner[name] for name in inner}
        elif key != "packs":
            found[key] = value
    return found


def _names(named: object) -> list[str]:
    names = cast("list[object]", named) if isinstance(named, list) else [named]
    if not isinstance(named, list) or not all(isinstance(name, str) for name in names):
        raise ValueError("packs: must be a list of names")
    if len(names) > PACKS_MAX:
        raise ValueError(f"packs: must have at most {PACKS_MAX} entries, got {len(names)}")
    return cast("list[str]", names)


def _pack(name: str) -> Pack:
    pack = packs().get(name)
    if pack is None:
        close = difflib.get_close_matches(name, packs(), n=3)
        hint = f"; did you mean {' or '.join(close)}?" if close else ""
        raise ValueError(f'packs: there is no pack "{name}"{hint}')
    return pack


def _merge(into: Table, table: Table, sections: Collection[str]) -> None:
    """Put a table over another one: sections, and all within them, key by key; timelines are joined."""
    for key, value in table.items():
        before = into.get(key)
        if key in sections and isinstance(before, dict) and isinstance(value, dict):
            inner = cast("Table", value)
            _merge(cast("Table", before), inner, inner)
        elif key == TIMELINE and isinstance(before, list) and isinstance(value, list):
            into[key] = [*cast("list[object]", before), *deepcopy(cast("list[object]", value))]
        else:
            into[key] = deepcopy(value)
