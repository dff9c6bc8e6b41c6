# A campaign: many short worlds, each of another seed, on all cores. It looks for a broken promise, not for
# speed; a seed that has one is told with the command that shows it again.
"""`python -m benchmarks.worlds`: thousands of simulated worlds with crashes and every other fault."""

import argparse
import json
import logging
import os
import sys
import time
from collections import Counter
from collections.abc import Sequence
from concurrent.futures import ProcessPoolExecutor
from functools import partial
from typing import Any

from rich.console import Console

from simulators.world.scenario_file import ScenarioError, load_scenario, scenario_path
from simulators.world.world import WorldOptions, run_world

EPILOG = """examples:
  python -m benchmarks.worlds                                2,000 seeds of everyday, a minute each
  python -m benchmarks.worlds --first 5001 --seeds 100 --seconds 600 --json

It ends with 1 if any world broke a promise."""
SHOWN_MAX = 20


def main(argv: Sequence[str] | None = None) -> int:
    """Run the campaign; return the exit status."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.worlds",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--scenario", default="everyday", metavar="FILE")
    parser.add_argument("--first", type=int, default=1, help="the first seed (1)")
    parser.add_argument("--seeds", type=int, default=2_000)
    parser.add_argument("--seconds", type=float, default=60.0, help="simulated traffic of each world (60)")
    parser.add_argument("--processes", type=int, default=os.cpu_count() or 1)
    parser.add_argument("--json", action="store_true")
    arguments = parser.parse_args(argv)
    try:
        load_scenario(scenario_path(arguments.scenario))
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return 2
    result = campaign(arguments)
    if arguments.json:
        print(json.dumps(result))
    else:
        _show(result, arguments)
    return 1 if result["failing"] else 0


def campaign(arguments: argparse.Namespace) -> dict[str, Any]:
    """Run all worlds and sum them up."""
    started = time.perf_counter()
    seeds = range(arguments.first, arguments.first + arguments.seeds)
    sums: Counter[str] = Counter()
    faults: Counter[str] = Counter()
    failing: list[dict[str, Any]] = []
    run = partial(one_world, arguments.scenario, arguments.seconds)
    with ProcessPoolExecutor(arguments.processes) as pool:
        for world in pool.map(run, seeds, chunksize=4):
            for name in ("messages", "events", "simulated_s", "starts"):
                sums[name] += world[name]
            faults.update(world["faults"])
            if world["violations"]:
                failing.append({"seed": world["seed"], "violations": world["violations"][:SHOWN_MAX]})
    return {
        "scenario": arguments.scenario,
        "seeds": arguments.seeds,
        "first": arguments.first,
        "seconds": arguments.seconds,
        "wall_s": round(time.perf_counter() - started, 1),
        **sums,
        "faults": dict(sorted(faults.items())),
        "failing": failing,
    }


def one_world(scenario: str, seconds: float, seed: int) -> dict[str, Any]:
    """Run one world."""
    logging.disable(logging.CRITICAL)
    options = WorldOptions(seed=seed, duration_s=seconds)
    return run_world(load_scenario(scenario_path(scenario)), options).as_json()


def _show(result: dict[str, Any], arguments: argparse.Namespace) -> None:
    console = Console()
    console.print(
        f"{result['seeds']:,} worlds, {result['messages']:,} messages, "
        f"{result['simulated_s'] / 3600:,.1f} hours "
        f"in {result['wall_s']:,.0f} s; the router started {result['starts']:,} times"
    )
    console.print("faults: " + ", ".join(f"{name} {count:,}" for name, count in result["faults"].items()))
    hours = arguments.seconds / 3_600.0
    for world in result["failing"][:SHOWN_MAX]:
        first = world["violations"][0]
        console.print(f"seed {world['seed']}: {first['invariant']}: {first['text']}", markup=False)
        console.print(
            f"  python -m simulators world --seed {world['seed']} --scenario {arguments.scenario} "
            f"--hours {hours!r}",
            markup=False,
            soft_wrap=True,
        )
    console.print(
        f"{len(result['failing'])} worlds broke a promise" if result["failing"] else "all promises kept"
    )


if __name__ == "__main__":
    sys.exit(main())
