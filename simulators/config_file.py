"""Reading simulated carriers from a TOML file, with every mistake named by its place."""

import difflib
import math
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, Literal, cast, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from simulators.listening import tls_problem
from simulators.packs import apply_packs
from simulators.profile import SimulatorConfig
from simulators.signalling.contradictions import refused_in_tables
from smpp_router.config_file import TOML_NAMES


class SimulatorConfigError(Exception):
    """The file can't be used; `lines` say why, each naming file and key."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def load_simulators(path: Path) -> SimulatorConfig:
    """Read a file of carriers; relative paths in it start from its folder.

    Raises SimulatorConfigError with every problem found.
    """
    try:
        table = tomllib.loads(path.read_text("utf-8"))
    except OSError as error:
        raise SimulatorConfigError([f"{path}: {error.strerror or error}"]) from error
    except ValueError as error:  # not TOML, not UTF-8, or a name that no file can have
        raise SimulatorConfigError([f"{path}: {error}"]) from error
    lines = [f"{path}: {line}" for line in (*refused_in_tables(table), *_work_packs_in(table))]
    if lines:
        raise SimulatorConfigError(lines)
    try:
        config = _converter(path.parent).structure(table, SimulatorConfig)
    except cattrs.BaseValidationError as error:
        raise SimulatorConfigError([f"{path}: {line}" for line in problem_lines(error, "")]) from error
    lines = [f"{path}: {line}" for line in _clashes(config)]
    if lines:
        raise SimulatorConfigError(lines)
    return config


def structure(value: object, kind: Any) -> Any:
    """Read one value as load_simulators() reads them. Raises what problem_lines() explains."""
    return _CONVERTER.structure(value, kind)


def _work_packs_in(table: dict[str, Any]) -> Iterator[str]:
    """Replace each carrier's table by one with its packs in it."""
    carriers = table.get("carriers")
    if not isinstance(carriers, list):
        return
    tables = cast("list[object]", carriers)
    for index, carrier in enumerate(tables):
        if isinstance(carrier, dict):
            try:
                tables[index] = apply_packs(cast("dict[str, Any]", carrier))
            except ValueError as error:
                yield f"carriers[{index}]: {error}"


def _converter(folder: Path) -> cattrs.Converter:
    converter = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
    for kind in (int, float, str, bool):
        converter.register_structure_hook(kind, _plain)
    converter.register_structure_hook(Path, lambda value, _: folder / _plain(value, str))
    converter.register_structure_hook_func(lambda kind: get_origin(kind) is Literal, _choice)

    def class_hook(kind: type[Any]) -> Callable[[object, Any], object]:
        return _read_class(kind, converter)

    converter.register_structure_hook_factory(attrs.has, class_hook)
    return converter


def _read_class(kind: type[Any], converter: cattrs.Converter) -> Callable[[object, Any], object]:
    """Return what reads a table: each key is checked by itself, so that one mistake does not hide another."""

    def hook(attribute: "attrs.Attribute[Any]") -> Any:
        def read(value: object, _: object) -> object:
            if get_origin(attribute.type) is tuple and not isinstance(value, list):
                raise ValueError(f"must be a list, got {TOML_NAMES.get(type(value), 'a date or time')}")
            result = converter.structure(value, cast(Any, attribute.type))
            if attribute.validator is not None:
                attribute.validator(None, attribute, result)
            return result

        return override(struct_hook=read)

    fields = {attribute.name: hook(attribute) for attribute in attrs.fields(kind)}
    read_table = make_dict_structure_fn(
        kind, converter, _cattrs_forbid_extra_keys=True, _cattrs_detailed_validation=True, **fields
    )
    return lambda value, of: read_table(cast("dict[str, Any]", value), of)


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


_CONVERTER: Final = _converter(Path())


def _clashes(config: SimulatorConfig) -> Iterator[str]:
    """What needs two carriers to be wrong, or is wrong without any."""
    if not config.carriers:
        yield "carriers: there is none"
    names: dict[str, int] = {}
    ports: dict[tuple[str, int], str] = {}
    for index, carrier in enumerate(config.carriers):
        first = names.setdefault(carrier.name, index)
        if first != index:
            yield f'carriers[{index}].name: "{carrier.name}" is carriers[{first}] already'
        for number, listener in enumerate(carrier.all_listeners):
            place = f"carriers[{index}]" + (f".listeners[{number - 1}]" if number else "")
            taken = ports.setdefault((listener.host, listener.port), place) if listener.port else place
            if taken != place:
                yield f"{place}.port: {listener.host}:{listener.port} is {taken} already"
            if listener.tls is not None:
                problem = tls_problem(listener.tls)
                if problem:
                    yield f"{place}.tls.{problem}"
