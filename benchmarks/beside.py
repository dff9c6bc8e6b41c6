# Two ways to run the router, or two checkouts of it, in turns: A B A B. Machines change their speed by more
# than most changes to a program do; neighbours in time have nearly the same machine.
"""Runs of the throughput benchmark in pairs."""

import argparse
import json
import shlex
import statistics
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

CPU: Final = "router_cpu_us_per_message"
SHOWN: Final = {
    CPU: "router, CPU us a message",
    "carriers_cpu_us_per_message": "carriers, CPU us a message",
    "load_cpu_us_per_message": "load, CPU us a message",
    "messages_per_s": "messages/s",
    "router_rss_peak_mb": "router, peak memory, MB",
}
WRONG: Final = ("lost", "duplicated", "unmatched", "refused")
_OWN_OPTIONS: Final = ("--beside", "--beside-in", "--runs")
"""Options that are not for a single run; each has a value."""


def main(arguments: argparse.Namespace, argv: Sequence[str]) -> int:
    """Run pairs and show them; return 0, or 1 if anything was lost, doubled or refused."""
    here = Path(__file__).parent.parent
    there = here if arguments.beside_in is None else Path(arguments.beside_in).resolve()
    ours = single(argv)
    theirs = ours if arguments.beside is None else shlex.split(arguments.beside)
    pairs = [(run(here, ours), run(there, theirs)) for _ in range(arguments.runs)]
    result = compared(pairs)
    result |= {"options": shlex.join(ours), "beside": shlex.join(theirs), "beside_in": arguments.beside_in}
    if arguments.json:
        print(json.dumps(result))
    else:
        Console().print(table(result))
    return 1 if result["wrong"] else 0


def single(argv: Sequence[str]) -> list[str]:
    """The options of one run: all but those that say how often, and beside what."""
    kept: list[str] = []
    rest = iter(argv)
    for option in rest:
        name, equals, _ = option.partition("=")
        if name in _OWN_OPTIONS:
            if not equals:
                next(rest)
        elif option != "--json":
            kept.append(option)
    return kept


def run(checkout: Path, options: Sequence[str]) -> dict[str, Any]:
    """Run the benchmark of a checkout once. Raises RuntimeError if it gives no result."""
    command = [sys.executable, "-m", "benchmarks.throughput", *options, "--json"]
    done = subprocess.run(command, cwd=checkout, stdout=subprocess.PIPE, text=True, check=False)  # noqa: S603 - ours
    if not done.stdout:
        raise RuntimeError(f"{shlex.join(command)} in {checkout} ended with status {done.returncode}")
    return json.loads(done.stdout)


def compared(pairs: Sequence[tuple[dict[str, Any], dict[str, Any]]]) -> dict[str, Any]:
    """Medians of both, and of the differences and ratios pair by pair."""
    result: dict[str, Any] = {}
    for name in SHOWN:
        ours, theirs = [pair[0][name] for pair in pairs], [pair[1][name] for pair in pairs]
        both = list(zip(ours, theirs, strict=True))
        result[name] = {
            "ours": statistics.median(ours),
            "beside": statistics.median(theirs),
            "difference": round(statistics.median(a - b for a, b in both), 2),
            "ratio": round(statistics.median(a / max(b, 1e-9) for a, b in both), 3),
        }
    result["wrong"] = sum(one[name] for pair in pairs for one in pair for name in WRONG)
    result["pairs"] = len(pairs)
    return result


def table(result: dict[str, Any]) -> Table:
    """Return the result for people."""
    where = f" in {result['beside_in']}" if result["beside_in"] else ""
    title = f"{result['options'] or 'as it is'}   beside   {result['beside'] or 'as it is'}{where}"
    view = Table(title=title, caption=f"medians of {result['pairs']} pairs")
    view.add_column(style="bold")
    for column in ("ours", "beside", "difference", "ratio"):
        view.add_column(column, justify="right")
    for name, label in SHOWN.items():
        row = result[name]
        values = (f"{row[column]:,.1f}" for column in ("ours", "beside", "difference"))
        view.add_row(label, *values, f"{row['ratio']:.3f}")
    return view
