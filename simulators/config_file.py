"""Reading simulated carriers from a TOML file, with every mistake named by its place."""

import tomllib
from collections.abc import Collection, Iterator
from pathlib import Path
from typing import Any, cast

import attrs
import cattrs

from simulators.listening import tls_problem
from simulators.packs import apply_packs
from simulators.profile import SimulatorConfig
from simulators.signalling.contradictions import refused_in_tables
from simulators.structuring import converter, problem_lines
from simulators.timeline.agenda import problems_of
from simulators.timeline.network_agenda import network_problems


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
        table = tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise SimulatorConfigError([f"{path}: {error.strerror or error}"]) from error
    except ValueError as error:  # not TOML, not UTF-8, or a name that no file can have
        raise SimulatorConfigError([f"{path}: {error}"]) from error
    lines = [f"{path}: {line}" for line in (*refused_in_tables(table), *_work_packs_in(table))]
    try:
        config = converter(path.parent).structure(table, SimulatorConfig)
    except cattrs.BaseValidationError as error:
        lines += [f"{path}: {line}" for line in problem_lines(error, "")]
        raise SimulatorConfigError(lines) from error
    lines += [f"{path}: {line}" for line in _clashes(config)]
    if lines:
        raise SimulatorConfigError(lines)
    return _shared(config)


def _shared(config: SimulatorConfig) -> SimulatorConfig:
    """Give each carrier the entries of the file's timeline that are for it, before its own."""
    if not config.timeline:
        return config
    carriers = [
        attrs.evolve(
            carrier,
            timeline=(
                *(entry for entry in config.timeline if not entry.carriers or carrier.name in entry.carriers),
                *carrier.timeline,
            ),
        )
        for carrier in config.carriers
    ]
    return attrs.evolve(config, carriers=tuple(carriers))


def _work_packs_in(table: dict[str, Any]) -> Iterator[str]:
    """Replace each carrier's table by one with its packs in it."""
    carriers = table.get("carriers")
    if not isinstance(carriers, list):
        return
    tables = cast("list[object]", carriers)
    for index, carrier in enumerate(tables):
        if isinstance(carrier, dict):
            given = cast("dict[str, Any]", carrier)
            try:
                tables[index] = apply_packs(given)
            except ValueError as error:
                yield f"carriers[{index}]: {error}"
                # What else is wrong is looked for as if it named no packs.
                tables[index] = {key: value for key, value in given.items() if key != "packs"}


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
    yield from _wrong_entries(config, names)
    if config.network is not None:
        for index, problem in network_problems(config.network):
            yield f"network.timeline[{index}].{problem}"


def _wrong_entries(config: SimulatorConfig, names: Collection[str]) -> Iterator[str]:
    """What can't happen to those whom an entry of a timeline is for."""
    for index, entry in enumerate(config.timeline):
        for name in entry.carriers:
            if name not in names:
                yield f"timeline[{index}].carriers: no carrier {name}; there are {', '.join(names)}"
        for carrier in config.carriers:
            if not entry.carriers or carrier.name in entry.carriers:
                for _, problem in problems_of(attrs.evolve(carrier, timeline=(entry,))):
                    yield f"timeline[{index}].{problem} ({carrier.name})"
    for number, carrier in enumerate(config.carriers):
        for index, entry in enumerate(carrier.timeline):
            if entry.carriers:
                yield f"carriers[{number}].timeline[{index}].carriers: belongs to the [[timeline]] of a file"
        for index, problem in problems_of(carrier):
            yield f"carriers[{number}].timeline[{index}].{problem}"
