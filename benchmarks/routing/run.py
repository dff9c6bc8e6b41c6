# One run is one world: a scenario, a strategy, a seed. Traffic, numbers, carriers and what befalls them are
# drawn from the seed by name, so that all strategies of a scenario have the same ones.
"""Running one strategy in one scenario."""

from collections.abc import Iterator
from typing import Final

import attrs

from benchmarks.routing.degradations import mishaps
from benchmarks.routing.scenario import RoutingScenario, Strategy
from simulators.world.lives import Life
from simulators.world.scenario import Mishap, Scenario
from simulators.world.world import START, WorldOptions, WorldResult, run_world
from smpp_router.config_routes import RuleConfig
from smpp_router.core.exchange import Exchange
from smpp_router.routing.health_breaker import State

MANY: Final = 1_000
"""How often a handset may show a message: here it is counted, not judged."""


@attrs.frozen
class Look:
    """What a second's look at the router found. `at_s` counts from the first message."""

    at_s: float
    probed: frozenset[str]
    """Carriers that get probes, they or one of their cells."""
    openings: dict[str, int]
    """How often breakers have opened, a carrier's and its cells' together."""


@attrs.define(eq=False)
class Watched:
    """What a run has shown: see simulators.world.spectator."""

    lives: list[Life] = attrs.Factory(list[Life])
    looks: list[Look] = attrs.Factory(list[Look])

    def offered(self, life: Life) -> None:
        """Keep a message."""
        self.lives.append(life)

    def looked(self, exchange: Exchange, now: float) -> None:
        """Keep how the breakers stand."""
        probed: set[str] = set()
        openings: dict[str, int] = {}
        for name in exchange.carriers:
            carrier = exchange.health.carrier(name)
            if carrier is None:
                continue
            breakers = [carrier.gauge.breaker, *(cell.gauge.breaker for cell in carrier.all_cells())]
            openings[name] = sum(breaker.openings for breaker in breakers)
            if any(breaker.state is State.HALF_OPEN for breaker in breakers):
                probed.add(name)
        self.looks.append(Look(now - START, frozenset(probed), openings))


@attrs.frozen
class Run:
    """A run that is over."""

    scenario: RoutingScenario
    strategy: Strategy
    world: Scenario
    watched: Watched
    result: WorldResult


def run_strategy(scenario: RoutingScenario, strategy: Strategy, seed: int) -> Run:
    """Run a scenario with all its traffic routed by one strategy."""
    world = routed(scenario, strategy)
    watched = Watched()
    options = WorldOptions(seed=seed, duration_s=scenario.comparison.duration_s)
    result = run_world(world, options, spectator=watched)
    return Run(scenario, strategy, world, watched, result)


def routed(scenario: RoutingScenario, strategy: Strategy) -> Scenario:
    """Return the world in which a strategy routes everything, and the degradations happen."""
    world = scenario.world
    names = strategy.carriers or tuple(carrier.profile.name for carrier in world.carriers)
    rule = RuleConfig(
        name=strategy.name,
        strategy=strategy.strategy,
        carriers=names,
        weights=strategy.weights,
        score_min=strategy.score_min,
        price_per_part_max=strategy.price_per_part_max,
        probe_share_min=strategy.probe_share_min,
        probe_share_max=strategy.probe_share_max,
    )
    customers = tuple(
        attrs.evolve(customer, paths=customer.paths or strategy.paths, shown_max=MANY)
        for customer in world.customers
    )
    happens = (*world.mishaps, *_happens(scenario))
    return attrs.evolve(world, rules=(rule,), customers=customers, mishaps=happens)


def _happens(scenario: RoutingScenario) -> Iterator[Mishap]:
    profiles = {carrier.profile.name: carrier.profile for carrier in scenario.world.carriers}
    for one in scenario.comparison.degradations:
        yield from mishaps(one, profiles[one.carrier])
