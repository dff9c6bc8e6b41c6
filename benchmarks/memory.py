# Messages in flight are what the router holds by the million: taken by a carrier, awaiting their receipts.
# Carriers here never send one, so that everything offered stays in flight.
"""`python -m benchmarks.memory`: resident memory against messages in flight, and the restart with them."""

import argparse
import json
import sys
import tempfile
import time
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from benchmarks.processes import Process, carriers, started

NEVER_S = 604_800.0
"""A week: the longest that a simulated carrier lets a receipt wait."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0, or 1 if messages were refused or not found again after the kill."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.memory",
        description="Fill the router with messages that await receipts; kill -9 it; start it again.",
    )
    parser.add_argument("--messages", type=int, default=1_000_000, help="in flight at the end (%(default)s)")
    parser.add_argument("--steps", type=int, default=5, help="measurements on the way (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(argv)
    result = measure(arguments.messages, arguments.steps)
    if arguments.json:
        print(json.dumps(result))
    else:
        Console().print(table(result))
    return 0 if result["recovered"] == arguments.messages else 1


def measure(messages: int, steps: int) -> dict[str, Any]:
    """Fill, measure, kill and restart."""
    with (
        tempfile.TemporaryDirectory(prefix="smpp-bench-") as store,
        carriers(3, response_s=0.0, receipt_s=NEVER_S) as (_, addresses),
    ):
        arguments = ["benchmarks.throughput", "--router-only", "--carriers", addresses, "--store", store]
        points: list[dict[str, float]] = []
        with started(arguments) as router:
            ready = router.read()
            points.append({"in_flight": 0, "rss_mb": rss_mb(router.pid)})
            for step in range(1, steps + 1):
                _offer(ready, messages * step // steps - messages * (step - 1) // steps)
                points.append({"in_flight": messages * step // steps, "rss_mb": rss_mb(router.pid)})
        # Leaving the block has killed the router with SIGKILL.
        started_at = time.monotonic()
        with started(arguments) as router:
            again = router.read()
            restart_s = time.monotonic() - started_at
            restarted_mb = rss_mb(router.pid)
    used_mb = points[-1]["rss_mb"] - points[0]["rss_mb"]
    return {
        "points": points,
        "bytes_per_message": round(used_mb * 2**20 / messages),
        "restart_s": round(restart_s, 2),
        "load_s": again["load_s"],
        "recovered": again["recovered"],
        "restarted_rss_mb": restarted_mb,
    }


def _offer(ready: dict[str, Any], count: int) -> None:
    arguments = ["simulators", "esme", "load", "--json", "--port", str(ready["port"]), "--no-receipts"]
    arguments += ["--system-id", ready["system_id"], "--password", ready["password"], "--count", str(count)]
    process = Process(arguments)
    try:
        result = process.read()
        if result["accepted"] != count:
            raise RuntimeError(f"only {result['accepted']} of {count} were accepted: {result['statuses']}")
    finally:
        process.kill()


def rss_mb(pid: int) -> float:
    """Resident memory of a process in MB of 2^20 octets."""
    for line in Path(f"/proc/{pid}/status").read_text().splitlines():
        if line.startswith("VmRSS:"):
            return round(int(line.split()[1]) / 1024, 1)
    raise RuntimeError(f"process {pid} has ended")


def table(result: dict[str, Any]) -> Table:
    """Return the result for people."""
    view = Table(title="memory of the router")
    view.add_column("messages in flight", justify="right")
    view.add_column("resident, MB", justify="right")
    for point in result["points"]:
        view.add_row(f"{point['in_flight']:,.0f}", f"{point['rss_mb']:,.1f}")
    view.caption = (
        f"{result['bytes_per_message']} bytes a message; after kill -9 it served again in "
        f"{result['restart_s']} s with {result['recovered']:,} messages"
    )
    return view


if __name__ == "__main__":
    sys.exit(main())
