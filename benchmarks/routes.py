# What a decision costs: few rules and many, few carriers and many, with health that changes every second, for
# numbers from all over China. Beside it the number plan and a portability table by themselves.
"""`python -m benchmarks.routes`: microseconds a routing decision takes."""

import argparse
import gc
import json
import random
import statistics
import sys
import time
from collections.abc import Callable, Sequence
from typing import Any, Final

import attrs
from rich.console import Console
from rich.table import Table

from smpp_router.config import CarrierConfig, LinkConfig
from smpp_router.config_routes import RouteConfig, RoutesConfig, RuleConfig, StrategyName
from smpp_router.portability import Portability
from smpp_router.routing.numberplan import number_plan
from smpp_router.routing.router import RuleRouter

MESSAGES: Final = 20_000
"""Decisions of one round: about a second of traffic at full load, which is how often health changes."""

ACCOUNTS: Final = ("bank", "courier", "ministry", "shop")
CLASSES: Final = ("verification", "logistics", "government", "marketing")
STRATEGIES: Final[tuple[StrategyName, ...]] = ("failover", "weighted", "least_cost", "best_delivery")
EPILOG = """examples:
  python -m benchmarks.routes              a table for people
  python -m benchmarks.routes --json       one JSON object: us a decision, and what was remembered"""


@attrs.define(eq=False)
class Wandering:
    """Health that is another one every second: scores and counts walk at random."""

    rng: random.Random
    names: Sequence[str]
    scores: dict[str, float] = attrs.Factory(dict[str, float])

    def walk(self) -> None:
        """A second passes."""
        self.scores = {name: self.rng.uniform(60, 100) for name in self.names}

    def score(self, carrier: str, region: str, traffic_class: str) -> float:  # noqa: ARG002 - a Protocol's
        """Return a carrier's score, for all regions."""
        return self.scores.get(carrier, 100.0)

    def share(self, carrier: str, region: str, traffic_class: str) -> float:  # noqa: ARG002 - as above
        """Return all."""
        return 1.0

    def delivery(self, carrier: str, region: str, traffic_class: str) -> tuple[float, float]:  # noqa: ARG002 - as above
        """Return counts that go with the score."""
        score = self.scores.get(carrier, 100.0)
        return 10.0 * score, 10.0 * (100.0 - score)

    def explain(self, carrier: str, region: str, traffic_class: str) -> str:  # noqa: ARG002 - as above
        """Return what this is."""
        return "made up"


def carriers(count: int) -> tuple[CarrierConfig, ...]:
    """Return carriers with prices."""
    link = LinkConfig(host="127.0.0.1", system_id="router", password="")
    return tuple(
        CarrierConfig(name=f"carrier-{i}", links=(link,), price_per_part=0.03 + i / 1000)
        for i in range(count)
    )


def rules(count: int, names: Sequence[str], rng: random.Random) -> tuple[RuleConfig, ...]:
    """Return rules on prefixes, regions, networks, accounts and classes; the last one fits everything."""
    places = sorted(place for place in number_plan().places if place.startswith("CN/"))
    networks = sorted(number_plan().networks)
    made: list[RuleConfig] = []
    for i in range(count - 1):
        conditions: dict[str, Any] = {}
        if i % 2 == 0:
            conditions["prefixes"] = (f"861{rng.randrange(3_000, 9_999)}",)
        else:
            conditions["regions"] = (rng.choice(places),)
            conditions["networks"] = (rng.choice(networks),)
        if i % 3 == 0:
            conditions["classes"] = (rng.choice(CLASSES),)
        if i % 5 == 0:
            conditions["accounts"] = (rng.choice(ACCOUNTS),)
        few = tuple(rng.sample(list(names), 3))
        strategy = STRATEGIES[i % len(STRATEGIES)]
        weights = (5.0, 3.0, 2.0) if strategy == "weighted" else ()
        made.append(
            RuleConfig(name=f"rule-{i}", strategy=strategy, carriers=few, weights=weights, **conditions)
        )
    made.append(RuleConfig(name="rest", carriers=tuple(names)))
    return tuple(made)


def messages(rng: random.Random) -> list[tuple[str, bytes, bytes, str]]:
    """Return the arguments of decisions: Chinese numbers of all blocks, a few abroad."""
    numbers = [b"861%d%09d" % (rng.choice([3, 5, 7, 8, 9]), rng.randrange(10**9)) for _ in range(MESSAGES)]
    numbers[::50] = [b"4479%08d" % rng.randrange(10**8) for _ in numbers[::50]]
    return [
        (account, b"1069000%02d" % rng.randrange(20), number, CLASSES[ACCOUNTS.index(account)])
        for number, account in zip(numbers, rng.choices(ACCOUNTS, k=MESSAGES), strict=True)
    ]


def timed_us(work: Callable[[], object], count: int, rounds: int) -> float:
    """Return the median CPU time of one of `count` things that `work` does, in microseconds."""
    times: list[float] = []
    gc.collect()
    for _ in range(rounds):
        # CPU time: what else the machine does is not counted.
        started = time.process_time()
        work()
        times.append((time.process_time() - started) * 1e6 / count)
    return statistics.median(times)


def measured(router: RuleRouter, rounds: int, health: Wandering | None) -> dict[str, float]:
    """Time decisions in a router: the first second, and those that follow."""
    rng = random.Random(5)
    asked = messages(rng)
    now = 0.0

    def decide_all() -> None:
        nonlocal now
        now += 1.0
        if health is not None:
            health.walk()
        router.tick(now)
        decide = router.decide
        for account, sender, number, traffic_class in asked:
            decide(account, sender, number, traffic_class)

    first_us = timed_us(decide_all, MESSAGES, 1)
    return {
        "first_us": round(first_us, 3),
        "decision_us": round(timed_us(decide_all, MESSAGES, rounds), 3),
    } | {name: value for name, value in attrs.asdict(router.statistics()).items() if name != "rules"}


def table_router() -> RuleRouter:
    """Return a router as simple as one can be: a table of a few prefixes, and no number plan."""
    prefixes = tuple(RouteConfig(prefix=f"8613{i}", carriers=("carrier-0", "carrier-1")) for i in range(10))
    return RuleRouter(RoutesConfig(prefixes=prefixes, default=("carrier-0",)), rng=random.Random(1))


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and print."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.routes",
        description="Measure what a routing decision costs.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--rounds", type=int, default=9, help="of which the median counts (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(argv)
    result = everything(arguments.rounds)
    if arguments.json:
        print(json.dumps(result))
    else:
        Console().print(table(result))
    return 0


def everything(rounds: int) -> dict[str, Any]:
    """Measure all cases."""
    cases: dict[str, Any] = {"a table of prefixes": measured(table_router(), rounds, None)}
    plan = number_plan()
    for carrier_count in (3, 100):
        some = carriers(carrier_count)
        names = [carrier.name for carrier in some]
        for rule_count in (10, 10_000):
            routes = RoutesConfig(rules=rules(rule_count, names, random.Random(2)))
            for health in (None, Wandering(random.Random(3), names)):
                started = time.process_time()
                router = RuleRouter(routes, some, rng=random.Random(1), scores=health, plan=plan)
                made_s = time.process_time() - started
                label = f"{rule_count:,} rules, {carrier_count} carriers"
                label += ", health changes every second" if health else ""
                cases[label] = measured(router, rounds, health) | {"compiled_s": round(made_s, 3)}
    return {"decisions": cases, "number_plan_us": plan_us(rounds), "portability_us": portability_us(rounds)}


def plan_us(rounds: int) -> float:
    """Return what one look into the number plan costs."""
    numbers = [number for _, _, number, _ in messages(random.Random(4))]
    facts = number_plan().facts
    return round(timed_us(lambda: [facts(number) for number in numbers], MESSAGES, rounds), 3)


def portability_us(rounds: int) -> float:
    """Return what one look into a table of a million moved numbers costs."""
    rng = random.Random(6)
    moved = rng.sample(range(8613000000000, 8613900000000), 1_000_000)
    ported = Portability((at, str(number), "china-unicom") for at, number in enumerate(moved))
    numbers = [b"%d" % number for number in rng.sample(moved, MESSAGES)]
    network = ported.network
    return round(timed_us(lambda: [network(number) for number in numbers], MESSAGES, rounds), 3)


def table(result: dict[str, Any]) -> Table:
    """Return the result for people."""
    view = Table(title="a routing decision, microseconds")
    view.add_column("")
    for name in ("first second", "decision", "kinds", "choices", "rankings"):
        view.add_column(name, justify="right")
    for label, case in result["decisions"].items():
        view.add_row(
            label,
            f"{case['first_us']:.2f}",
            f"{case['decision_us']:.2f}",
            *(f"{case[name]:,}" for name in ("kinds", "choices", "rankings")),
        )
    view.add_section()
    view.add_row("a look into the number plan", "", f"{result['number_plan_us']:.2f}")
    view.add_row("a look into a million moved numbers", "", f"{result['portability_us']:.2f}")
    return view


if __name__ == "__main__":
    sys.exit(main())
