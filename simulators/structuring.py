# Tables to values, strict about types and names. Every key is checked by itself, so that all mistakes are
# told at once.
"""Making values of what TOML and JSON say."""

import difflib
import math
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from smpp_router.config_file import TOML_NAMES


def converter(folder: Path) -> cattrs.Converter:
    """Make what reads tables; relative paths in them start from a folder."""
    made = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
    for kind in (int, float, str, bool):
        made.register_structure_hook(kind, _plain)
    # A table that is read later, as part of another one.
    made.register_structure_hook_func(lambda kind: kind is Any, lambda value, _: value)
    made.register_structure_hook(Path, lambda value, _: folder / _plain(value, str))
    made.register_structure_hook_func(lambda kind: get_origin(kind) is Literal, _choice)

    def class_hook(kind: type[Any]) -> Callable[[object, Any], object]:
        return _read_class(kind, made)

    made.register_structure_hook_factory(attrs.has, class_hook)
    return made


def _read_class(kind: type[Any], reading: cattrs.Converter) -> Callable[[object, Any], object]:
    """Return what reads a table: each key is checked by itself, so that one mistake does not hide another."""

    def hook(attribute: "attrs.Attribute[Any]") -> Any:
        def read(value: object, _: object) -> object:
            _check_shape(value, attribute.type)
            result = reading.structure(value, cast(Any, attribute.type))
            if attribute.validator is not None:
                attribute.validator(None, attribute, result)
            return result

        return override(struct_hook=read)

    fields = {attribute.name: hook(attribute) for attribute in attrs.fields(kind)}
    read_table = make_dict_structure_fn(
        kind, reading, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True, **fields
    )

    def read(value: object, of: Any) -> object:
        _require(dict, value)
        return read_table(cast("dict[str, Any]", value), of)

    return read


def _check_shape(value: object, kind: Any) -> None:
    """Have lists be lists and tables be tables: cattrs trips over others in words of its own."""
    shape = {tuple: list, dict: dict}.get(get_origin(kind))
    if shape is not None:
        _require(shape, value)


def _require(kind: type[Any], value: object) -> None:
    if not isinstance(value, kind):
        raise ValueError(f"must be {TOML_NAMES[kind]}, got {TOML_NAMES.get(type(value), 'a date or time')}")  # noqa: TRY004 - one class for every refused value


def _plain(value: object, kind: type[Any]) -> Any:
    """No coercion; only a whole number may stand for a float."""
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        got = TOML_NAMES.get(type(value), "a date or time")
        raise ValueError(f"must be {TOML_NAMES[kind]}, got {got}")
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"must be a finite number, got {value}")
    return value


def _choice(value: object, kind: Any) -> object:
    if value not in get_args(kind):
        raise ValueError(f"must be {' or '.join(get_args(kind))}, got {value}")
    return value


def problem_lines(error: BaseException, place: str) -> Iterator[str]:
    """Walk the tree of errors that cattrs raises; give one line for each leaf."""
    prefix = f"{place}: " if place else ""
    if isinstance(error, cattrs.ClassValidationError):
        noted, others = error.group_exceptions()
        for inner, note in noted:
            yield from problem_lines(inner, f"{place}.{note.name}" if place else note.name)
        for inner in others:
            yield from problem_lines(inner, place)
    elif isinstance(error, cattrs.IterableValidationError):
        noted_values, others = error.group_exceptions()
        for inner, note in noted_values:
            yield from problem_lines(inner, f"{place}[{note.index}]")
        for inner in others:
            yield from problem_lines(inner, place)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [attribute.name for attribute in attrs.fields(error.cl)]
        for key in sorted(error.extra_fields):
            close = difflib.get_close_matches(key, known, n=1)
            yield f"{prefix}{key}: unknown key" + (f"; did you mean {close[0]}?" if close else "")
    elif isinstance(error, KeyError):
        yield f"{prefix}is missing"
    elif isinstance(error, ValueError):
        key = place.rpartition(".")[2]
        yield f"{prefix}{str(error).removeprefix(f'{key}: ')}"
    else:
        # What cattrs trips over where a table or a list should be.
        yield f"{prefix}is not of the kind that belongs here"


_CONVERTER: Final = converter(Path())


def structure(value: object, kind: Any) -> Any:
    """Read one value as a file is read. Raises what problem_lines() explains."""
    _check_shape(value, kind)
    return _CONVERTER.structure(value, kind)
