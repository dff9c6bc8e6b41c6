# What may be changed of a carrier while it runs: everything but who and where it is.
#
# A key with dots, such as dialect.receipt_template, goes into a table. Values are as TOML or JSON has them,
# and are read as from a file: a profile that comes out is as valid as one that was loaded. Either all changes
# are made or none.
"""Changing a carrier's profile."""

from collections.abc import Mapping
from typing import Any, Final, cast

import attrs
import cattrs

from simulators.profile import CarrierProfile
from simulators.signalling.config import NetworkConfig
from simulators.structuring import problem_lines, structure

FIXED: Final = frozenset({"name", "host", "port", "listeners"})
"""Keys that say who and where a carrier is: others find it by them."""
NETWORK_FIXED: Final = frozenset({"seed"})
"""What numbers have drawn is theirs for as long as the network runs."""


def changed(profile: CarrierProfile, changes: Mapping[str, Any]) -> CarrierProfile:
    """Return the profile with other values. Raises ValueError, which names the key and says why."""
    return attrs.evolve(profile, **_new_fields(profile, changes, FIXED, "a carrier"))


def changed_network(config: NetworkConfig, changes: Mapping[str, Any]) -> NetworkConfig:
    """Return a network with other values. Raises ValueError, which names the key and says why."""
    return attrs.evolve(config, **_new_fields(config, changes, NETWORK_FIXED, "the network"))


def _new_fields(owner: Any, changes: Mapping[str, Any], fixed: frozenset[str], who: str) -> dict[str, Any]:
    by_field: dict[str, dict[str, Any]] = {}
    for key, value in changes.items():
        field, _, rest = key.partition(".")
        by_field.setdefault(field, {})[rest] = value
    new: dict[str, Any] = {}
    for field, parts in by_field.items():
        if field in fixed:
            raise ValueError(f"{field}: can't be changed while {who} runs")
        new[field] = _changed_field(owner, field, parts)
    return new


def _changed_field(owner: Any, field: str, parts: dict[str, Any], place: str = "") -> Any:
    """Return the value of one field, whole (the part "") or with parts of it replaced."""
    kind = cast(type[Any], type(owner))
    attribute = attrs.fields_dict(kind).get(field)
    if attribute is None or not attribute.init:
        raise ValueError(f"{place}{field}: unknown key")
    value: Any = getattr(owner, field)
    if "" in parts:
        value = _structured(parts[""], attribute.type, f"{place}{field}")
    inner = {key: part for key, part in parts.items() if key}
    if not inner:
        return value
    if isinstance(value, dict):
        old = cast("dict[str, Any]", value)
        return {**old, **_structured(_tables(old, inner), attribute.type, f"{place}{field}")}
    value_kind = cast(type[Any], type(value))
    if not attrs.has(value_kind):
        raise ValueError(f"{place}{field}: is no table, so it has no {next(iter(inner))}")
    deeper: dict[str, dict[str, Any]] = {}
    for key, part in inner.items():
        name, _, rest = key.partition(".")
        deeper.setdefault(name, {})[rest] = part
    try:
        return attrs.evolve(
            value,
            **{
                name: _changed_field(value, name, given, f"{place}{field}.") for name, given in deeper.items()
            },
        )
    except ValueError as error:
        text = str(error)
        raise ValueError(text if text.startswith(f"{place}{field}.") else f"{place}{field}.{text}") from None


def _tables(old: dict[str, Any], inner: dict[str, Any]) -> dict[str, Any]:
    """Return new entries of a table; of one that is a table itself some keys may be given."""
    tables: dict[str, Any] = {}
    for key, part in inner.items():
        name, _, rest = key.partition(".")
        if not rest:
            tables[name] = part
            continue
        tables.setdefault(name, _given(old.get(name)))[rest] = part
    return tables


def _given(value: Any) -> dict[str, Any]:
    """Write a table as it was read; what is none counts as an empty one, and is refused when it is read."""
    kind = cast(type[Any], type(value))
    keys: dict[str, Any] = {}
    for field in attrs.fields(kind) if attrs.has(kind) else ():
        part = getattr(value, field.name)
        if part is not None:
            keys[field.name] = list(cast("tuple[Any, ...]", part)) if isinstance(part, tuple) else part
    return keys


def _structured(value: Any, kind: Any, place: str) -> Any:
    if _is_made(value):
        return value
    try:
        return structure(value, kind)
    except (cattrs.BaseValidationError, ValueError, TypeError) as error:
        raise ValueError("; ".join(problem_lines(error, place))) from None


def _is_made(value: Any) -> bool:
    """Whether a value is of our own classes: a program may give these too."""
    kind = cast(type[Any], type(value))
    if kind is tuple:
        return any(map(_is_made, value))
    return attrs.has(kind)
