# One simulated carrier by itself: it in one process, a light customer in another, TCP on the loopback between
# them. The carrier's CPU time is what its own process says at its end (getrusage), so starting Python and
# binding are in it.
"""`python -m benchmarks.carrier`: what one simulated carrier can answer, and how promptly."""

import argparse
import json
import statistics
import sys
from collections.abc import Sequence
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks.processes import carriers, started

EPILOG: Final = """examples:
  python -m benchmarks.carrier                        once, for people
  python -m benchmarks.carrier --runs 5 --json        medians, for other programs

It ends with 1 if anything was refused, a message is without receipt, or a receipt without message."""
SLOW_RESPONSE_S: Final = 0.5
SLOW_WINDOW: Final = 64
SLOW_COUNT: Final = 1_280
"""Ten seconds of 64 under way at 500 ms."""
ENQUIRE_EVERY_S: Final = 0.05


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0, or 1 if anything went astray."""
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.carrier",
        description="Measure one simulated carrier from a light customer.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--binds", type=int, default=4, help="connections (default: %(default)s)")
    parser.add_argument("--window", type=int, default=250, help="unanswered of each (default: %(default)s)")
    parser.add_argument("--count", type=int, default=200_000, help="messages of a run (%(default)s)")
    parser.add_argument("--runs", type=int, default=1, help="repetitions; medians are shown (%(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    given = parser.parse_args(argv)
    fast = [
        one_run(response_s=0.0, binds=given.binds, window=given.window, count=given.count)
        for _ in range(given.runs)
    ]
    slow = [
        one_run(
            response_s=SLOW_RESPONSE_S,
            binds=1,
            window=SLOW_WINDOW,
            count=SLOW_COUNT,
            enquire_every_s=ENQUIRE_EVERY_S,
        )
        for _ in range(given.runs)
    ]
    options = {"binds": given.binds, "window": given.window, "count": given.count, "runs": given.runs}
    result = {"at_once": medians(fast), "after_500_ms": medians(slow), "options": options}
    if given.json:
        print(json.dumps(result))
    else:
        Console().print(table(result))
    return 1 if any(run[name] for run in fast + slow for name in ("refused", "missing", "unmatched")) else 0


def one_run(
    *, response_s: float, binds: int, window: int, count: int, enquire_every_s: float = 0.0
) -> dict[str, Any]:
    """Start a carrier and a customer once; return what both found."""
    arguments = ["benchmarks.light_client", "--binds", str(binds), "--window", str(window)]
    arguments += ["--count", str(count), "--enquire-every-s", str(enquire_every_s)]
    with carriers(1, response_s=response_s, receipt_s=0.0) as (carrier_process, address):
        with started([*arguments, "--port", address.rpartition(":")[2]]) as client:
            offered = client.read()
        carried = carrier_process.finish()
    messages = max(offered["accepted"], 1)
    return offered | {
        "carrier_cpu_us_per_message": round(carried["cpu_s"] * 1e6 / messages, 2),
        "client_cpu_us_per_message": round(offered["client_cpu_s"] * 1e6 / messages, 2),
    }


def medians(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the median of each number over the runs."""
    return {name: statistics.median(run[name] for run in runs) for name in runs[0]}


def table(result: dict[str, Any]) -> Table:
    """Return the result for people."""
    options, fast, slow = result["options"], result["at_once"], result["after_500_ms"]
    view = Table(title=f"one carrier process, medians of {options['runs']}", show_header=False)
    view.add_column(style="bold")
    view.add_column(justify="right")
    view.add_row(f"{options['binds']} binds, window {options['window']}", "answers at once")
    view.add_row("submit_sm/s, each with its receipt", f"{fast['messages_per_s']:,.0f}")
    view.add_row("carrier, CPU us a message", f"{fast['carrier_cpu_us_per_message']:.1f}")
    view.add_row("customer, CPU us a message", f"{fast['client_cpu_us_per_message']:.1f}")
    view.add_row("submit to response, p50 / p99 ms", f"{fast['p50_ms']:.1f} / {fast['p99_ms']:.1f}")
    view.add_row("receipts matched / missing / unmatched", _matched(fast), end_section=True)
    view.add_row(f"1 bind, window {SLOW_WINDOW}", "answers after 500 ms")
    view.add_row("submit_sm/s", f"{slow['messages_per_s']:,.1f}")
    view.add_row("submit to response, p50 / p99 ms", f"{slow['p50_ms']:.1f} / {slow['p99_ms']:.1f}")
    view.add_row(
        f"enquire_link answered, p99 / max ms of {slow['enquire_links']:,.0f}",
        f"{slow['enquire_p99_ms']:.2f} / {slow['enquire_max_ms']:.2f}",
    )
    view.add_row("receipts matched / missing / unmatched", _matched(slow))
    return view


def _matched(run: dict[str, Any]) -> str:
    return " / ".join(f"{run[name]:,.0f}" for name in ("receipts", "missing", "unmatched"))


if __name__ == "__main__":
    sys.exit(main())
