# Mixes and accounts from files. A mix is TOML ([[kinds]], every key), CSV (a first line with some of a kind's
# keys) or JSONL (an object a line): in the last two a line is a kind with one text, `text`, and one
# `destination`. The end of the file's name says which it is.
"""Reading traffic and accounts, with every mistake named by its place."""

import csv
import json
import tomllib
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final, cast

import cattrs

from simulators.structuring import problem_lines, structure
from simulators.traffic.accounts import AccountsConfig, LoadAccount
from simulators.traffic.mix import KINDS_MAX, Kind, TrafficConfig

_NUMBERS: Final[dict[str, Callable[[str], object]]] = {
    "weight": float,
    "data_coding": lambda value: int(value, 0),
    "message_class": int,
    "priority": int,
    "receipt": lambda value: _YES_NO[value],
}
_YES_NO: Final = {"true": True, "yes": True, "1": True, "false": False, "no": False, "0": False}


def load_traffic(path: Path) -> tuple[Kind, ...]:
    """Read a mix. Raises ValueError that names file, place and key."""
    text = _text(path)
    suffix = path.suffix.lower()
    if suffix == ".toml":
        table: object = _toml(path, text)
    elif suffix == ".csv":
        table = {"kinds": list(_csv(path, text))}
    elif suffix in (".jsonl", ".ndjson"):
        table = {"kinds": list(_jsonl(path, text))}
    else:
        raise ValueError(f"{path}: must end in .toml, .csv or .jsonl")
    config: TrafficConfig = _structured(path, table, TrafficConfig)
    return config.kinds


def load_accounts(path: Path) -> tuple[LoadAccount, ...]:
    """Read accounts from TOML. Raises ValueError that names file, place and key."""
    config: AccountsConfig = _structured(path, _toml(path, _text(path)), AccountsConfig)
    return config.accounts


def _text(path: Path) -> str:
    try:
        return path.read_text("utf-8-sig")
    except OSError as error:
        raise ValueError(f"{path}: {error.strerror or error}") from error
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _toml(path: Path, text: str) -> dict[str, Any]:
    try:
        return tomllib.loads(text)
    except ValueError as error:
        raise ValueError(f"{path}: {error}") from error


def _csv(path: Path, text: str) -> Iterator[dict[str, object]]:
    rows = csv.DictReader(text.splitlines(), strict=True)
    try:
        for row in rows:
            place = f"{path}: line {rows.line_num}"
            if None in row or None in row.values():
                raise ValueError(f"{place}: has not as many fields as the first line")
            filled = {key.strip(): value for key, value in row.items() if value != ""}
            yield _kind(place, {key: _number(place, key, value) for key, value in filled.items()})
            _bounded(path, rows.line_num)
    except csv.Error as error:
        raise ValueError(f"{path}: line {rows.line_num}: {error}") from error


def _number(place: str, key: str, value: str) -> object:
    reading = _NUMBERS.get(key)
    if reading is None:
        return value
    try:
        return reading(value.strip().lower())
    except (ValueError, KeyError) as error:
        raise ValueError(f"{place}: {key}: is not one: {value}") from error


def _jsonl(path: Path, text: str) -> Iterator[dict[str, object]]:
    for number, line in enumerate(text.splitlines(), start=1):
        if not line.strip():
            continue
        place = f"{path}: line {number}"
        try:
            value: object = json.loads(line)
        except ValueError as error:
            raise ValueError(f"{place}: {error}") from error
        if not isinstance(value, dict):
            raise ValueError(f"{place}: must be an object")  # noqa: TRY004 - the file's mistake, as all others
        yield _kind(place, cast("dict[str, object]", value))
        _bounded(path, number)


def _bounded(path: Path, line: int) -> None:
    if line > KINDS_MAX + 1:
        raise ValueError(f"{path}: has more than {KINDS_MAX} lines")


def _kind(place: str, values: dict[str, object]) -> dict[str, object]:
    """Turn the one text and destination of a line into the lists that a kind has."""
    found = dict(values)
    for one, many in (("text", "texts"), ("destination", "destinations")):
        if one in found:
            found[many] = [found.pop(one)]
    if "texts" not in found:
        raise ValueError(f"{place}: text: is missing")
    found.setdefault("name", "")
    return found


def _structured(path: Path, table: object, kind: Any) -> Any:
    try:
        return structure(table, kind)
    except cattrs.BaseValidationError as error:
        lines = [f"{path}: {line}" for line in problem_lines(error, "")]
        raise ValueError("\n".join(lines)) from error
