"""`python -m simulators world`: run a world, and say how to run it again if it broke a promise."""

import argparse
import json
import logging
import shlex
import sys
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path
from typing import Final

from rich.console import Console
from rich.table import Table

from simulators.world.scenario import Scenario
from simulators.world.scenario_file import ScenarioError, load_scenario, scenario_path
from simulators.world.shrink import shrink
from simulators.world.world import WorldOptions, WorldResult, run_world

EPILOG = """examples:
  python -m simulators world --seed 7                               six minutes of the scenario everyday
  python -m simulators world --seed 7 --scenario day --hours 24     a whole day
  python -m simulators world --seed 7 --faults 3,9 --log world.log  two of its faults; write every event

It ends with 1 if the router broke a promise, and prints the command that does it again with fewest faults."""

EXIT_OK: Final = 0
EXIT_VIOLATED: Final = 1
EXIT_USAGE: Final = 2


def main(argv: Sequence[str]) -> int:
    """Run one world; return the exit status."""
    arguments = _parser().parse_args(argv)
    path = scenario_path(arguments.scenario)
    try:
        scenario = load_scenario(path)
    except ScenarioError as error:
        print(error, file=sys.stderr)
        return EXIT_USAGE
    logging.disable(logging.NOTSET if arguments.verbose else logging.CRITICAL)
    options = WorldOptions(seed=arguments.seed, duration_s=arguments.hours * 3_600.0, faults=arguments.faults)
    with ExitStack() as stack:
        file = stack.enter_context(arguments.log.open("w")) if arguments.log else None
        result = run_world(scenario, options, file)
    again = None
    if result.violation_count:
        faults = arguments.faults
        if not arguments.no_shrink:
            faults = _shrunk(scenario, options, result)
        again = _command(arguments, faults)
    if arguments.json:
        print(json.dumps(result.as_json() | {"replay": again}))
    else:
        _show(result, again)
    return EXIT_VIOLATED if result.violation_count else EXIT_OK


def _faults(text: str) -> frozenset[int]:
    try:
        return frozenset(int(one) for one in text.split(",") if one)
    except ValueError:
        raise argparse.ArgumentTypeError(f"must be numbers such as 3,9, got {text}") from None


def _hours(text: str) -> float:
    try:
        hours = float(text)
    except ValueError:
        hours = 0.0
    if not 0.0 < hours <= 24 * 366:
        raise argparse.ArgumentTypeError(f"must be a number of hours above 0, got {text}")
    return hours


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m simulators world",
        description="Router, carriers and customers in virtual time, with everything going wrong.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--seed", type=int, default=1, help="all that chance decides (1)")
    parser.add_argument(
        "--scenario", default="everyday", metavar="FILE", help="a TOML file, or a name in config/scenarios"
    )
    parser.add_argument("--hours", type=_hours, default=0.1, help="simulated hours of traffic (0.1)")
    parser.add_argument(
        "--faults", type=_faults, metavar="N,N", help="only these of the plan; empty: none (all)"
    )
    parser.add_argument("--json", action="store_true", help="for other programs")
    parser.add_argument("--log", type=Path, metavar="FILE", help="write every event")
    parser.add_argument("--no-shrink", action="store_true", help="do not look for the fewest faults")
    parser.add_argument("--verbose", action="store_true", help="show what the router logs")
    return parser


def _shrunk(scenario: Scenario, options: WorldOptions, result: WorldResult) -> frozenset[int]:
    """Look for the fewest faults with which the same promise is broken."""
    broken = result.violations[0].invariant

    def fails(faults: frozenset[int]) -> bool:
        tried = run_world(
            scenario, WorldOptions(seed=options.seed, duration_s=options.duration_s, faults=faults)
        )
        return any(violation.invariant == broken for violation in tried.violations)

    return shrink([fault.number for fault in result.plan], fails)


def _command(arguments: argparse.Namespace, faults: frozenset[int] | None) -> str:
    words = ["python", "-m", "simulators", "world", "--seed", str(arguments.seed)]
    words += ["--scenario", arguments.scenario, "--hours", f"{arguments.hours:g}"]
    if faults is not None:
        words += ["--faults", ",".join(map(str, sorted(faults)))]
    return shlex.join(words)


def _show(result: WorldResult, again: str | None) -> None:
    console = Console()
    table = Table(box=None, show_header=False, padding=(0, 2))
    speed = result.simulated_s / max(result.wall_s, 1e-9)
    table.add_row("seed", str(result.seed))
    table.add_row("simulated", f"{result.simulated_s:,.0f} s in {result.wall_s:,.1f} s ({speed:,.0f} times)")
    table.add_row("messages", f"{result.messages:,}")
    for name, count in result.counts.items():
        table.add_row(f"  {name.replace('_', ' ')}", f"{count:,}")
    table.add_row("final states", ", ".join(f"{name} {count:,}" for name, count in result.states.items()))
    table.add_row("router started", f"{result.starts} times")
    table.add_row("faults", ", ".join(f"{name} {count}" for name, count in result.faults.items()) or "none")
    table.add_row("events", f"{result.events:,}, sha256 {result.log_sha256[:16]}")
    console.print(table)
    if not result.violation_count:
        console.print("[green]every promise was kept[/green]")
        return
    console.print(f"[red]{result.violation_count} broken promises[/red]")
    for violation in result.violations[:20]:
        console.print(f"  {violation}", markup=False, highlight=False)
    console.print(f"again: {again}", markup=False, highlight=False, soft_wrap=True)
