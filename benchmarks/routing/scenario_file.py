# A file has the keys of a world's scenario (docs/simulator/world.md) and those of Comparison beside them.
"""Reading scenarios of the routing benchmark, with every mistake named by its place."""

from collections.abc import Iterator
from pathlib import Path
from typing import Final

import attrs
import cattrs

from benchmarks.routing.degradations import mishaps
from benchmarks.routing.scenario import Comparison, Degradation, RoutingScenario, Strategy
from simulators.changes import changed
from simulators.structuring import problem_lines, structure
from simulators.world.scenario import Scenario
from simulators.world.scenario_file import ScenarioError, load_table, scenario_of

FOLDER: Final = Path(__file__).parent.parent / "routing_scenarios"
"""Where the scenarios are that are run if nobody names others."""

_OWN: Final = tuple(field.name for field in attrs.fields(Comparison))


def own_files() -> list[Path]:
    """Return all files of the folder, in order."""
    return sorted(FOLDER.glob("*.toml"))


def file_of(name: str) -> Path:
    """Return the file of a scenario by its path, or by its name in the folder."""
    path = Path(name)
    return path if path.suffix == ".toml" else FOLDER / f"{name}.toml"


def load_routing(path: Path) -> RoutingScenario:
    """Read a scenario. Raises ScenarioError with every problem found."""
    table = load_table(path)
    own = {key: table.pop(key) for key in _OWN if key in table}
    # What nobody asks for afterwards costs a fifth of the time.
    table.setdefault("history_s", 0.0)
    lines: list[str] = []
    comparison = world = None
    try:
        comparison = structure(own, Comparison)
    except cattrs.BaseValidationError as error:
        lines += [f"{path}: {line}" for line in problem_lines(error, "")]
    try:
        world = scenario_of(table, path)
    except ScenarioError as error:
        lines += error.lines
    if world is not None and comparison is not None:
        scenario = RoutingScenario(world=world, comparison=comparison)
        lines += [f"{path}: {line}" for line in _clashes(scenario)]
        if not lines:
            return scenario
    raise ScenarioError(lines)


def _clashes(scenario: RoutingScenario) -> Iterator[str]:
    """What needs two values to be wrong."""
    comparison, world = scenario.comparison, scenario.world
    if world.network is None:
        yield "network: is missing; without handsets nobody sees what arrives"
    if len(world.carriers) < 2:
        yield f"carriers: must be at least 2, got {len(world.carriers)}"
    if world.rules or world.routes:
        yield "rules, routes: say nothing here; strategies decide, see [[strategies]]"
    known = scenario.known_strategies()
    for name in comparison.compare:
        if name not in known:
            yield f"compare: unknown strategy {name}; known: {', '.join(known)}"
    for index, goal in enumerate(comparison.goals):
        for name in goal.strategies:
            if name not in known:
                yield f"goals[{index}].strategies: unknown strategy {name}; known: {', '.join(known)}"
    for index, one in enumerate(comparison.degradations):
        yield from (f"degradations[{index}].{line}" for line in _wrong_degradation(one, scenario))
    for index, strategy in enumerate(comparison.strategies):
        yield from (f"strategies[{index}].{line}" for line in _wrong_strategy(strategy, world))


def _wrong_degradation(one: Degradation, scenario: RoutingScenario) -> Iterator[str]:
    duration_s = scenario.comparison.duration_s
    profiles = {carrier.profile.name: carrier.profile for carrier in scenario.world.carriers}
    if one.carrier not in profiles:
        yield f"carrier: {one.carrier} is no carrier of this scenario"
        return
    if one.ends_s > duration_s:
        yield f"for_s: ends at {one.ends_s:g}, after the traffic, which ends at {duration_s:g}"
    for mishap in mishaps(one, profiles[one.carrier]):
        try:
            changed(profiles[one.carrier], mishap.set)
        except ValueError as error:
            yield str(error)
            return


def _wrong_strategy(strategy: Strategy, world: Scenario) -> Iterator[str]:
    names = [carrier.profile.name for carrier in world.carriers]
    for name in strategy.carriers:
        if name not in names:
            yield f"carriers: {name} is no carrier of this scenario"
    count = len(strategy.carriers or names)
    if strategy.strategy == "weighted" and len(strategy.weights) != count:
        yield f"weights: must be {count} numbers, one for each carrier, got {len(strategy.weights)}"
    if strategy.weights and strategy.strategy != "weighted":
        yield f"weights: belong to the strategy weighted, not to {strategy.strategy}"
    if strategy.strategy == "fixed" and count > 1:
        yield f"carriers: fixed wants one carrier, got {count}"
    if strategy.paths is not None and strategy.paths.count > len(names):
        yield f"paths.count: must be at most {len(names)}, as many carriers as there are"
