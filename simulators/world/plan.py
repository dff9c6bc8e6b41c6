# The plan of a run: which faults happen when, drawn from the seed before anything runs, so that a fault that
# is left out (to find what a violation needs) moves no other one.
"""Drawing the faults of a run."""

import random
from collections.abc import Sequence

import attrs

from simulators.world.scenario import Mishap, Scenario

ROUTER = "router"


@attrs.frozen
class Fault:
    """One fault. Times are seconds from the beginning; `number` names it in one run."""

    number: int
    at_s: float
    lasts_s: float
    mishap: Mishap
    target: str
    dice: int
    """Whatever else chance decides about it."""

    @property
    def kind(self) -> str:
        """Its kind, by which faults are counted."""
        return self.mishap.kind

    @property
    def ends_s(self) -> float:
        """When it is over, in seconds from the beginning."""
        return self.at_s + self.lasts_s

    def __str__(self) -> str:
        """Say it in a line."""
        keys = "".join(f" {key}={value}" for key, value in self.mishap.set.items())
        return f"{self.number} {self.at_s:.3f}s {self.kind} {self.target} for {self.lasts_s:.1f}s{keys}"


def draw_plan(scenario: Scenario, seed: int, duration_s: float) -> list[Fault]:
    """Draw the faults of the first `duration_s` seconds, in order of time."""
    drawn: list[tuple[float, int, Fault]] = []
    for index, mishap in enumerate(scenario.mishaps):
        rng = random.Random(f"{seed} mishap {index}")
        targets = _targets(scenario, mishap)
        if mishap.at_s is not None and mishap.at_s < duration_s:
            lasts_s = rng.uniform(*mishap.lasts_s)
            fault = Fault(0, mishap.at_s, lasts_s, mishap, rng.choice(targets), rng.getrandbits(32))
            drawn.append((mishap.at_s, index, fault))
        if not mishap.per_hour:
            continue
        at_s = rng.expovariate(mishap.per_hour / 3_600.0)
        while at_s < duration_s:
            lasts_s = rng.uniform(*mishap.lasts_s)
            fault = Fault(0, at_s, lasts_s, mishap, rng.choice(targets), rng.getrandbits(32))
            drawn.append((at_s, index, fault))
            at_s += rng.expovariate(mishap.per_hour / 3_600.0)
    drawn.sort(key=lambda one: one[:2])
    return [attrs.evolve(fault, number=number) for number, (_, _, fault) in enumerate(drawn, 1)]


def _targets(scenario: Scenario, mishap: Mishap) -> Sequence[str]:
    if mishap.among:
        return mishap.among
    if mishap.kind.startswith("carrier"):
        return [carrier.profile.name for carrier in scenario.carriers]
    if mishap.kind.startswith("esme"):
        return [customer.system_id for customer in scenario.customers]
    return (ROUTER,)
