# Every job is one world; results stand in the order of scenarios, strategies and seeds, however many run at
# once, and depend on nothing but the files, the seed and the rate.
"""`python -m benchmarks.routing`: strategies compared while carriers go bad, as handsets see it."""

import argparse
import json
import logging
import os
import sys
import time
from collections.abc import Iterator, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import attrs

from benchmarks.routing.goals import missed
from benchmarks.routing.measure import figures, timeline
from benchmarks.routing.page import write_plot
from benchmarks.routing.run import run_strategy
from benchmarks.routing.scenario import RoutingScenario
from benchmarks.routing.scenario_file import file_of, load_routing, own_files
from benchmarks.routing.table import show
from simulators.picture import check_plot
from simulators.world.scenario_file import ScenarioError

EPILOG = """examples:
  python -m benchmarks.routing                                    all of benchmarks/routing_scenarios
  python -m benchmarks.routing --scenario dark --plot dark.html   one of them, with a picture
  python -m benchmarks.routing --scenario mine.toml --seed 7 --seeds 10 --rate 5 --json
  python -m benchmarks.routing --scenario lying --strategies hedged,static_failover

docs/routing.md says what is measured and how a scenario is written. It ends with 1 if a goal of a scenario
was missed, and with 2 if a file or an option is bad."""

EXIT_MISSED, EXIT_USAGE = 1, 2


@attrs.frozen
class Job:
    """One run: a scenario's file, the name of a strategy, a seed, and a rate instead of the file's."""

    path: Path
    strategy: str
    seed: int
    rate: float | None


def main(argv: Sequence[str] | None = None) -> int:
    """Run what is asked for; return the exit status."""
    arguments = _parser().parse_args(argv)
    started = time.perf_counter()
    try:
        if arguments.plot is not None:
            check_plot(arguments.plot)
        paths = [file_of(name) for name in arguments.scenario] or own_files()
        scenarios = [(path, load_routing(path)) for path in paths]
        jobs = list(_jobs(scenarios, arguments))
    except (ScenarioError, ValueError) as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE
    results = run_all(jobs, arguments.processes, is_told=not arguments.json)
    by_name = {scenario.name: scenario for _, scenario in scenarios}
    for result in results:
        result["goals_missed"] = missed(by_name[result["scenario"]].comparison.goals, result)
    timelines = [result.pop("timeline") for result in results]
    if arguments.json:
        print(json.dumps({"results": results, "wall_s": round(time.perf_counter() - started, 1)}))
    else:
        show([scenario for _, scenario in scenarios], results, time.perf_counter() - started)
    if arguments.plot is not None:
        write_plot(arguments.plot, [scenario for _, scenario in scenarios], results, timelines)
    return EXIT_MISSED if any(result["goals_missed"] for result in results) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.routing",
        description=__doc__,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--scenario",
        action="append",
        default=[],
        metavar="FILE",
        help="a TOML file, or a name in benchmarks/routing_scenarios; may be given again (all there)",
    )
    parser.add_argument("--strategies", type=_names, default=(), metavar="NAME,NAME", help="only these")
    parser.add_argument("--seed", type=int, default=1, help="all that chance decides (1)")
    parser.add_argument(
        "--seeds", type=_count, default=1, metavar="N", help="so many seeds, from --seed on (1)"
    )
    parser.add_argument("--rate", type=_rate, metavar="R", help="messages a second, instead of the file's")
    parser.add_argument("--processes", type=_count, default=os.cpu_count() or 1, help="(all cores)")
    parser.add_argument("--json", action="store_true", help="for other programs")
    parser.add_argument("--plot", type=Path, metavar="FILE", help="write a picture: .html, .svg or .png")
    return parser


def _names(text: str) -> tuple[str, ...]:
    return tuple(name for name in text.split(",") if name)


def _count(text: str) -> int:
    if not text.isdigit() or not int(text):
        raise argparse.ArgumentTypeError(f"must be a whole number from 1, got {text}")
    return int(text)


def _rate(text: str) -> float:
    try:
        rate = float(text)
    except ValueError:
        rate = 0.0
    if not 0.0 < rate <= 10_000:
        raise argparse.ArgumentTypeError(f"must be a number above 0, at most 10000, got {text}")
    return rate


def _jobs(scenarios: Sequence[tuple[Path, RoutingScenario]], arguments: argparse.Namespace) -> Iterator[Job]:
    """Yield what is to be run. Raises ValueError for a strategy that a scenario does not know."""
    for path, scenario in scenarios:
        known = scenario.known_strategies()
        for name in arguments.strategies:
            if name not in known:
                raise ValueError(f"--strategies: {path}: unknown strategy {name}; known: {', '.join(known)}")
        for strategy in scenario.compared(arguments.strategies):
            for seed in range(arguments.seed, arguments.seed + arguments.seeds):
                yield Job(path, strategy.name, seed, arguments.rate)


def run_all(jobs: Sequence[Job], processes: int, *, is_told: bool) -> list[dict[str, Any]]:
    """Run all jobs; return what each came to, in their order."""
    results: list[dict[str, Any]] = []
    with ExitStack() as stack:
        count = min(processes, len(jobs))
        pool = stack.enter_context(ProcessPoolExecutor(count)) if count > 1 else None
        for job, result in zip(jobs, (pool.map if pool else map)(run_job, jobs), strict=True):
            results.append(result)
            if is_told and sys.stderr.isatty():
                text = f"{len(results)} of {len(jobs)}: {job.path.stem} {job.strategy} {job.seed}"
                print(f"\r\x1b[K{text}", end="", file=sys.stderr, flush=True)
    if is_told and sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    return results


def run_job(job: Job) -> dict[str, Any]:
    """Run one world and measure it."""
    scenario = load_routing(job.path)
    if job.rate is not None:
        scenario = attrs.evolve(scenario, world=attrs.evolve(scenario.world, messages_per_s=job.rate))
    before = logging.root.manager.disable
    # What goes wrong in these worlds is meant to.
    logging.disable(logging.CRITICAL)
    try:
        run = run_strategy(scenario, scenario.compared([job.strategy])[0], job.seed)
    finally:
        logging.disable(before)
    return figures(run, job.seed) | {"timeline": timeline(run)}


if __name__ == "__main__":
    sys.exit(main())
