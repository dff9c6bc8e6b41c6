# Reads router.toml and the files that it includes, and says everything that is wrong with them at once.
#
# Three steps: files to tables (_find_sections), each section's table to values (_Reader, by cattrs), and at
# last the checks that need two values (config_fit.py). A section that could not be read doesn't hide the
# errors of the others. Every problem is one line, `file: path: what is wrong`, naming the file to open.
"""Loading of the configuration from TOML files."""

import difflib
import math
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Literal, TypeVar, cast, get_args, get_origin

import attrs
import cattrs
from cattrs.errors import ForbiddenExtraKeysError
from cattrs.gen import make_dict_structure_fn, override

from smpp_router.config import RouterConfig
from smpp_router.config_checks import shown
from smpp_router.config_fit import CROSS_CHECKS
from smpp_router.portability import Portability, from_csv, from_toml

Table = dict[str, Any]
Section = TypeVar("Section")

TOML_NAMES: dict[type[Any], str] = {
    bool: "true or false",
    int: "a whole number",
    float: "a number",
    str: "a text",
    list: "a list",
    dict: "a table",
}


class ConfigError(Exception):
    """The configuration cannot be used; `lines` says why, one problem a line."""

    def __init__(self, lines: list[str]) -> None:
        self.lines = tuple(map(_printable, lines))
        super().__init__("\n".join(self.lines))


def _printable(line: str) -> str:
    """Keep a line one line, and a terminal unimpressed, whatever a key or a file name holds."""
    return "".join(
        character if character.isprintable() else character.encode("unicode_escape").decode("ascii")
        for character in line
    )


def load_config(path: Path) -> RouterConfig:
    """Read the configuration that begins at `path`.

    Relative paths in a file, be it of included files, of the store or of certificates, start from the folder
    of that file.

    Raises:
        ConfigError: with every problem found.
    """
    lines: list[str] = []
    main = _read_toml(path, lines)
    if main is None:
        raise ConfigError(lines)
    sources = _find_sections(path, main, lines)
    parts: dict[str, Any] = {}
    for section in attrs.fields(RouterConfig):
        source = sources.get(section.name)
        if source is None:
            if section.default is attrs.NOTHING:
                lines.append(f"{path}: {section.name}: is missing")
            else:
                parts[section.name] = _default(section)
        elif source.table is not None:
            known_lines = len(lines)
            value = _Reader(source.path).section(section, source.table[section.name], lines)
            if len(lines) == known_lines:
                parts[section.name] = value
    for needs, check in CROSS_CHECKS:
        if parts.keys() >= set(needs):
            values = [parts[name] for name in needs]
            lines.extend(f"{sources[section].path}: {problem}" for section, problem in check(*values))
    if lines:
        raise ConfigError(lines)
    return RouterConfig(**parts)


def section_files(path: Path) -> dict[str, Path]:
    """Return the file in which each section stands, of a configuration that loads and has not left it out."""
    main = _read_toml(path, [])
    return {} if main is None else {name: one.path for name, one in _find_sections(path, main, []).items()}


def load_section(path: Path, name: str, cls: type[Section]) -> Section:
    """Read a file that holds one section by itself, with or without the section's name before its keys.

    Raises:
        ConfigError: with every problem found.
    """
    lines: list[str] = []
    table = _read_toml(path, lines)
    if table is not None and table.keys() == {name} and isinstance(table[name], dict):
        table = cast(Table, table[name])
    value = None if table is None else _Reader(path).table(name, cls, table, lines)
    if value is None or lines:
        raise ConfigError(lines)
    return value


def _default(section: "attrs.Attribute[Any]") -> Any:
    default: Any = section.default
    return default.factory() if hasattr(default, "factory") else default


# --- files to tables


@attrs.frozen
class _Source:
    """The file in which a section stands; no table: what is wrong with the file has been said already."""

    path: Path
    table: Table | None


def _find_sections(path: Path, main: Table, lines: list[str]) -> dict[str, _Source]:
    """Give each section that is written somewhere the file that it is written in."""
    includes = main.pop("include", {})
    sections = [section.name for section in attrs.fields(RouterConfig)]
    unknown = [key for key in main if key not in sections]
    lines.extend(f"{path}: {_unknown_key(key, [*sections, 'include'])}" for key in unknown)
    sources = {key: _Source(path, main) for key in main if key in sections}
    if not isinstance(includes, dict):
        lines.append(f"{path}: include: {_expected(dict, includes)}")
        return sources
    for key, file_name in cast(Table, includes).items():
        if key not in sections:
            lines.append(f"{path}: include.{_unknown_key(key, sections)}")
        elif key in sources:
            lines.append(f"{path}: include.{key}: {key} stands in this file too")
        elif not isinstance(file_name, str):
            lines.append(f"{path}: include.{key}: {_expected(str, file_name)}")
            sources[key] = _Source(path, None)
        else:
            sources[key] = _read_included(path.parent / file_name, key, lines, f"{path}: include.{key}: ")
    return sources


def _read_included(path: Path, section: str, lines: list[str], place: str) -> _Source:
    table = _read_toml(path, lines, place)
    if table is None:
        return _Source(path, None)
    foreign = [key for key in table if key != section]
    lines.extend(f"{path}: {key}: this file is included for {section} only" for key in foreign)
    if section not in table:
        lines.append(f"{path}: {section}: is missing")
        return _Source(path, None)
    return _Source(path, table)


def _read_toml(path: Path, lines: list[str], place: str = "") -> Table | None:
    """The file's table; None, and a line, if there is none to be had. `place` is where the file is named."""
    try:
        # With a mark in front, as some editors write it, or without.
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        lines.append(f"{place}{path}: {error.strerror or error}")
    except tomllib.TOMLDecodeError as error:
        lines.append(f"{path}: {error}")
    except UnicodeDecodeError as error:
        lines.append(f"{path}: not a text in UTF-8: octet {error.start} is 0x{error.object[error.start]:02x}")
    except ValueError as error:  # a name that no file can have
        lines.append(f"{place}{path}: {error}")
    return None


# --- tables to values


class _Reader:
    """Makes values of one file's tables: strict about types, and about names that nobody knows."""

    def __init__(self, path: Path) -> None:
        self._path = path
        self._converter = cattrs.Converter(detailed_validation=True, forbid_extra_keys=True)
        for kind in (bool, int, float, str):
            self._converter.register_structure_hook(kind, _plain)
        self._converter.register_structure_hook(Path, self._relative_path)
        self._converter.register_structure_hook(Portability, self._portability)
        self._converter.register_structure_hook_func(lambda kind: get_origin(kind) is Literal, _choice)
        self._converter.register_structure_hook_factory(attrs.has, self._class_hook)

    def section(self, attribute: "attrs.Attribute[Any]", value: object, lines: list[str]) -> object:
        """Read one section; what is wrong in it is added to `lines`."""
        try:
            return self._field(attribute, value)
        except Exception as error:  # noqa: BLE001 - cattrs promises no narrower class
            lines.extend(f"{self._path}: {line}" for line in _problems(error, attribute.name))
            return None

    def table(self, name: str, cls: type[Section], value: Table, lines: list[str]) -> Section | None:
        """Read a whole table as one section; what is wrong in it is added to `lines`."""
        try:
            return self._converter.structure(value, cls)
        except Exception as error:  # noqa: BLE001 - cattrs promises no narrower class
            lines.extend(f"{self._path}: {line}" for line in _problems(error, name))
            return None

    def _field(self, attribute: "attrs.Attribute[Any]", value: object) -> object:
        kind = cast(Any, attribute.type)
        if get_origin(kind) is tuple and not isinstance(value, list):
            raise ValueError(_expected(list, value))
        result = self._converter.structure(value, kind)
        if attribute.validator is not None:
            attribute.validator(None, attribute, result)
        return result

    def _class_hook(self, cls: type[Any]) -> Callable[[object, Any], object]:
        def field_hook(attribute: "attrs.Attribute[Any]") -> Any:
            return override(struct_hook=lambda value, _: self._field(attribute, value))

        fields: dict[str, Any] = {attribute.name: field_hook(attribute) for attribute in attrs.fields(cls)}
        structure = make_dict_structure_fn(
            cls,
            self._converter,
            _cattrs_forbid_extra_keys=True,
            _cattrs_detailed_validation=True,
            **fields,
        )

        def read_table(value: object, kind: Any) -> object:
            if not isinstance(value, dict):
                raise ValueError(_expected(dict, value))  # noqa: TRY004 - one class for every refused value
            return structure(cast(Table, value), kind)

        return read_table

    def _relative_path(self, value: object, _: Any) -> Path:
        return self._path.parent / _plain(value, str)

    def _portability(self, value: object, _: Any) -> Portability:
        path = self._relative_path(value, Path)
        try:
            if path.suffix == ".toml":
                return from_toml(path.read_text("utf-8-sig"))
            with path.open(encoding="utf-8-sig") as lines:
                return from_csv(lines)
        except OSError as error:
            raise ValueError(f"{path}: {error.strerror or error}") from error
        except ValueError as error:
            raise ValueError(f"{path}: {error}") from error


def _plain(value: object, kind: type[Any]) -> Any:
    """No coercion: "false" is no boolean and true no number; only a whole number may stand for a float."""
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind:
        raise ValueError(_expected(kind, value))
    if isinstance(value, float) and not math.isfinite(value):
        raise ValueError(f"must be a finite number, got {value}")
    return value


def _choice(value: object, kind: Any) -> object:
    choices = get_args(kind)
    if value not in choices:
        raise ValueError(f"must be {' or '.join(map(shown, choices))}, got {shown(value)}")
    return value


def _expected(kind: type[Any], value: object) -> str:
    """Names the types, never the value: it may be a password in the wrong place."""
    return f"must be {TOML_NAMES[kind]}, got {TOML_NAMES.get(type(value), 'a date or time')}"


# --- errors to lines


def _problems(error: BaseException, path: str) -> Iterator[str]:
    """Walk the tree of errors that cattrs raises, and write one line for each leaf."""
    if isinstance(error, cattrs.ClassValidationError):
        for inner, note in _noted(error.group_exceptions()):
            yield from _problems(inner, f"{path}.{note.name}" if note else path)
    elif isinstance(error, cattrs.IterableValidationError):
        for inner, note in _noted(error.group_exceptions()):
            yield from _problems(inner, f"{path}[{note.index}]" if note else path)
    elif isinstance(error, ForbiddenExtraKeysError):
        known = [attribute.name for attribute in attrs.fields(error.cl)]
        for key in sorted(error.extra_fields):
            yield f"{path}.{_unknown_key(key, known)}"
    elif isinstance(error, KeyError):
        yield f"{path}: is missing"
    else:
        field = path.rsplit(".", 1)[-1]
        yield f"{path}: {str(error).removeprefix(f'{field}: ')}"


def _noted(group: tuple[list[Any], list[Any]]) -> Iterator[tuple[BaseException, Any]]:
    with_note, without_note = group
    yield from with_note
    for error in without_note:
        yield error, None


def _unknown_key(key: str, known: list[str]) -> str:
    close = difflib.get_close_matches(key, known, n=1)
    return f"{key}: unknown key" + (f"; did you mean {close[0]}?" if close else "")
