"""Reading scenarios from TOML files, with every mistake named by its place."""

import tomllib
from collections.abc import Iterator
from pathlib import Path
from typing import Any, Final, cast

import cattrs

from simulators.changes import changed, changed_network
from simulators.packs import apply_packs
from simulators.signalling.contradictions import refused
from simulators.structuring import problem_lines, structure
from simulators.timeline.network_agenda import network_problems
from simulators.world.addresses import CUSTOMERS_MAX
from simulators.world.scenario import Mishap, Scenario

FOLDER: Final = Path("config") / "scenarios"


class ScenarioError(Exception):
    """The file can't be used; `lines` say why, each naming file and key."""

    def __init__(self, lines: list[str]) -> None:
        super().__init__("\n".join(lines))
        self.lines = lines


def scenario_path(name: str) -> Path:
    """Return the file of a scenario by its path, or by its name in the folder config/scenarios."""
    path = Path(name)
    return path if path.suffix == ".toml" else FOLDER / f"{name}.toml"


def load_scenario(path: Path) -> Scenario:
    """Read a scenario. Raises ScenarioError with every problem found."""
    return scenario_of(load_table(path), path)


def load_table(path: Path) -> dict[str, Any]:
    """Read a TOML file as it stands. Raises ScenarioError."""
    try:
        return tomllib.loads(path.read_text("utf-8-sig"))
    except OSError as error:
        raise ScenarioError([f"{path}: {error.strerror or error}"]) from error
    except ValueError as error:  # not TOML, or not UTF-8
        raise ScenarioError([f"{path}: {error}"]) from error


def scenario_of(table: dict[str, Any], path: Path) -> Scenario:
    """Make a scenario of what a file says. Raises ScenarioError with every problem found."""
    lines = list(_prepare(table))
    if not lines:
        table.setdefault("name", path.stem)
        try:
            scenario = structure(table, Scenario)
        except cattrs.BaseValidationError as error:
            lines = list(problem_lines(error, ""))
        else:
            lines = list(_clashes(scenario))
            if not lines:
                return scenario
    raise ScenarioError([f"{path}: {line}" for line in lines])


def _prepare(table: dict[str, Any]) -> Iterator[str]:
    """Work packs into the carriers' profiles; they need no port, since nothing is dialled."""
    carriers = table.get("carriers")
    if not isinstance(carriers, list):
        return
    for index, carrier in enumerate(cast("list[object]", carriers)):
        profile = cast("dict[str, Any]", carrier).get("profile") if isinstance(carrier, dict) else None
        if isinstance(profile, dict):
            if "network" in table:
                for line in refused(cast("dict[str, Any]", profile)):
                    yield f"carriers[{index}].profile.{line}"
            try:
                worked = apply_packs(cast("dict[str, Any]", profile))
            except ValueError as error:
                yield f"carriers[{index}].profile.{error}"
            else:
                cast("dict[str, Any]", carrier)["profile"] = {"port": 0, **worked}


def _clashes(scenario: Scenario) -> Iterator[str]:
    """What needs two values to be wrong."""
    names = [carrier.profile.name for carrier in scenario.carriers]
    ids = [customer.system_id for customer in scenario.customers]
    for what, many in (("carriers", names), ("customers", ids)):
        for one in sorted({one for one in many if many.count(one) > 1}):
            yield f"{what}: {one} stands there twice"
    if len(ids) > CUSTOMERS_MAX:
        yield f"customers: must be at most {CUSTOMERS_MAX}, got {len(ids)}"
    for index, route in enumerate(scenario.routes):
        for name in route.carriers:
            if name not in names:
                yield f"routes[{index}].carriers: {name} is no carrier of this scenario"
    if scenario.network is not None:
        for name in scenario.network.number_plan:
            if name not in names:
                yield f"network.number_plan: {name} is no carrier of this scenario"
        for index, problem in network_problems(scenario.network):
            yield f"network.timeline[{index}].{problem}"
    for index, mishap in enumerate(scenario.mishaps):
        yield from (f"mishaps[{index}].{line}" for line in _wrong_mishap(scenario, mishap))


def _wrong_mishap(scenario: Scenario, mishap: Mishap) -> Iterator[str]:
    """What is wrong with a mishap in this scenario."""
    if mishap.kind.startswith("esme"):
        known = {customer.system_id for customer in scenario.customers}
    else:
        known = {carrier.profile.name for carrier in scenario.carriers}
    for name in mishap.among:
        if name not in known:
            yield f"among: {name} is not there"
    yield from _wrong_changes(scenario, mishap)


def _wrong_changes(scenario: Scenario, mishap: Mishap) -> Iterator[str]:
    """What cannot be set for as long as a mishap lasts."""
    network = scenario.network
    if mishap.kind == "network" and network is None:
        yield "kind: this scenario has no [network]"
        return
    if network is not None and mishap.kind == "carrier":
        yield from (f"set.{line}" for line in refused(mishap.set))
    try:
        if mishap.kind == "network" and network is not None:
            changed_network(network, mishap.set)
        elif mishap.kind == "carrier":
            for carrier in scenario.carriers:
                changed(carrier.profile, mishap.set)
    except ValueError as error:
        yield f"set.{error}"
