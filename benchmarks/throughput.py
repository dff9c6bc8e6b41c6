# The whole router under load: ESMEs submit over TCP, the router stores each message durably, sends it over
# three carrier links, and brings its receipt back. Router, carriers and load are processes of their own.
"""`python -m benchmarks.throughput`: messages a second, latencies, CPU time and memory."""

import argparse
import json
import statistics
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

from rich.console import Console
from rich.table import Table

from benchmarks import beside, mix
from benchmarks.processes import Process, carriers, started
from benchmarks.router_process import RouterOptions, run
from simulators.load import TEXT

WRONG: Final = ("lost", "duplicated", "unmatched", "refused")
"""What a run has none of, or ends with 1."""
EPILOG = """examples:
  python -m benchmarks.throughput                                 as fast as it goes
  python -m benchmarks.throughput --rate 2000 --total 60000       latencies at a given load
  python -m benchmarks.throughput --runs 5 --json                 medians, for other programs
  python -m benchmarks.throughput --screening                     9 messages in 10 by template, the tenth new
  python -m benchmarks.throughput --runs 5 --beside=--many-numbers     numbers of few blocks, and of many
  python -m benchmarks.throughput --runs 5 --beside-in ../older   another checkout: what have changes cost?
  python -m benchmarks.throughput --router-only --carriers 127.0.0.1:3001,127.0.0.1:3002

With --beside, --beside-in or both, runs with these options take turns with runs with those that stand in
quotation marks, or in another checkout, so that a machine that becomes slower does so for both; medians of
each are shown, and of the differences and ratios of neighbours.

With --router-only just the router is started, for carriers and load of your own. It prints a JSON line with
port, system_id and password, and on SIGINT a last one with messages and router_cpu_us_per_message."""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the benchmark; return 0, or 1 if anything was lost, doubled or refused."""
    arguments = _parser().parse_args(argv)
    if arguments.router_only:
        if not arguments.carriers:
            print("--router-only needs --carriers HOST:PORT,...", file=sys.stderr)
            return 2
        return run(
            RouterOptions(
                carriers=tuple(arguments.carriers.split(",")),
                carrier_binds=arguments.carrier_binds,
                carrier_window=arguments.carrier_window,
                durability=arguments.durability,
                store=arguments.store,
                rules=arguments.rules,
                screening=arguments.screening,
            )
        )
    if arguments.beside is not None or arguments.beside_in is not None:
        return beside.main(arguments, sys.argv[1:] if argv is None else list(argv))
    with tempfile.TemporaryDirectory(prefix="smpp-bench-") as directory:
        traffic = _traffic(arguments, Path(directory))
        result = median_run([one_run(arguments, traffic) for _ in range(arguments.runs)])
    if arguments.json:
        print(json.dumps(result))
    else:
        Console().print(table(result))
    return 1 if any(result[name] for name in WRONG) else 0


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="python -m benchmarks.throughput",
        description="Measure the router from submit_sm to final receipt.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--binds", type=int, default=4, help="ESME sessions (default: %(default)s)")
    parser.add_argument("--window", type=int, default=250, help="unanswered submit_sm of each (%(default)s)")
    parser.add_argument(
        "--rate", type=float, help="offered messages a second; default: all that windows allow"
    )
    parser.add_argument("--total", type=int, default=150_000, help="messages of a run (default: %(default)s)")
    parser.add_argument("--no-receipts", action="store_true", help="ask for no receipts")
    parser.add_argument(
        "--durability",
        choices=("thread", "inline"),
        default="thread",
        help="where fdatasync runs: beside the event loop or on it (default: %(default)s)",
    )
    parser.add_argument("--text", default=TEXT, help="default: a courier's notice of 70 characters, as UCS2")
    parser.add_argument(
        "--many-numbers",
        action="store_true",
        help="numbers of 2,000 blocks instead of those that follow each other",
    )
    parser.add_argument(
        "--rules", type=int, default=0, metavar="N", help="rules before the table of prefixes (%(default)s)"
    )
    parser.add_argument(
        "--screening",
        action="store_true",
        help="screen texts; 90 %% fit a template, 10 %% are new (no --text)",
    )
    parser.add_argument("--carrier-count", type=int, default=3, help="default: %(default)s")
    parser.add_argument("--carrier-binds", type=int, default=2, help="of each carrier (default: %(default)s)")
    parser.add_argument(
        "--carrier-window", type=int, default=1000, help="of each bind (default: %(default)s)"
    )
    parser.add_argument("--response-s", type=float, default=0.0, help="carriers' response time (%(default)s)")
    parser.add_argument("--receipt-s", type=float, default=0.0, help="carriers' receipt delay (%(default)s)")
    parser.add_argument("--runs", type=int, default=1, help="repetitions; medians are shown (%(default)s)")
    parser.add_argument("--beside", metavar="OPTIONS", help="runs with these options take turns with ours")
    parser.add_argument("--beside-in", metavar="DIRECTORY", help="those runs in another checkout")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    parser.add_argument("--router-only", action="store_true", help="start just the router, see below")
    parser.add_argument("--carriers", metavar="HOST:PORT,...", help="carriers for --router-only")
    parser.add_argument("--store", metavar="DIRECTORY", help="for --router-only; default: a temporary one")
    return parser


def _traffic(arguments: argparse.Namespace, directory: Path) -> Path | None:
    """Write what the load is to offer; None for one text to numbers that follow each other."""
    if arguments.screening:
        return mix.write_traffic(directory / "traffic.toml", mix.screened_mix())
    if arguments.many_numbers or arguments.rules:
        return mix.write_traffic(directory / "traffic.toml", mix.many_numbers(arguments.text))
    return None


def one_run(arguments: argparse.Namespace, traffic: Path | None = None) -> dict[str, Any]:
    """Run carriers, router and load once; without `traffic` the load offers one text."""
    with carriers(
        arguments.carrier_count, response_s=arguments.response_s, receipt_s=arguments.receipt_s
    ) as (carrier_process, addresses):
        router_arguments = ["benchmarks.throughput", "--router-only", "--carriers", addresses]
        router_arguments += ["--durability", arguments.durability]
        router_arguments += ["--carrier-binds", str(arguments.carrier_binds)]
        router_arguments += ["--carrier-window", str(arguments.carrier_window)]
        router_arguments += ["--rules", str(arguments.rules)]
        router_arguments += ["--screening"] * arguments.screening
        with started(router_arguments) as router:
            ready = router.read()
            load = _load(arguments, ready, traffic)
            routed = router.finish()
        carried = carrier_process.finish()
    return _result(arguments, load, routed, carried)


def _load(arguments: argparse.Namespace, ready: dict[str, Any], traffic: Path | None) -> dict[str, Any]:
    load_arguments = ["simulators", "esme", "load", "--json", "--port", str(ready["port"])]
    load_arguments += ["--system-id", ready["system_id"], "--password", ready["password"]]
    load_arguments += ["--binds", str(arguments.binds), "--window", str(arguments.window)]
    load_arguments += ["--count", str(arguments.total), "--text", arguments.text]
    load_arguments += [] if traffic is None else ["--traffic", str(traffic)]
    if arguments.rate:
        load_arguments += ["--rate", str(arguments.rate)]
    if arguments.no_receipts:
        load_arguments += ["--no-receipts"]
    process = Process(load_arguments)
    try:
        return process.read()
    finally:
        process.kill()


def _result(
    arguments: argparse.Namespace, load: dict[str, Any], routed: dict[str, Any], carried: dict[str, Any]
) -> dict[str, Any]:
    messages = max(load["accepted"], 1)
    options = {
        name: getattr(arguments, name)
        for name in (
            "binds",
            "window",
            "rate",
            "total",
            "durability",
            "carrier_count",
            "carrier_binds",
            "carrier_window",
            "response_s",
            "receipt_s",
            "rules",
            "screening",
            "many_numbers",
            "runs",
        )
    }
    return {
        "messages_per_s": load["messages_per_s"],
        "submits_per_s": round(load["accepted"] / max(load["elapsed_s"], 1e-9), 1),
        "receipts_per_s": round(load["receipts"] / max(load["elapsed_s"], 1e-9), 1),
        "router_cpu_us_per_message": routed["router_cpu_us_per_message"],
        "carriers_cpu_us_per_message": round(carried["cpu_s"] * 1e6 / messages, 2),
        "load_cpu_us_per_message": round(load["cpu_s"] * 1e6 / messages, 2),
        "submit_ms": load["submit_ms"],
        "receipt_ms": load["receipt_ms"],
        "bind_p99_ms": load["bind_p99_ms"],
        "router_rss_peak_mb": routed["router_rss_peak_mb"],
        "commits": routed["commits"],
        "sent": load["sent"],
        "lost": load["lost"],
        "duplicated": load["duplicated"],
        "unmatched": load["unmatched"],
        "refused": load["refused"],
        "options": options | {"receipts": not arguments.no_receipts, "text_characters": len(arguments.text)},
    }


def median_run(runs: list[dict[str, Any]]) -> dict[str, Any]:
    """Return the medians of all numbers; what must be zero is summed instead."""
    first = runs[0]
    result: dict[str, Any] = {}
    for name, value in first.items():
        if name in WRONG:
            result[name] = sum(run[name] for run in runs)
        elif name == "options":
            result[name] = value
        elif isinstance(value, dict):
            result[name] = median_run([run[name] for run in runs])
        else:
            result[name] = statistics.median(run[name] for run in runs)
    return result


def table(result: dict[str, Any]) -> Table:
    """Return the result for people."""
    options = result["options"]
    title = f"{options['binds']} binds, window {options['window']}, durable ({options['durability']})"
    title += f", {options['rate']:,.0f}/s offered" if options["rate"] else ", as fast as windows allow"
    title += f", {options['rules']:,} rules" if options["rules"] else ""
    title += ", screening" if options["screening"] else ""
    view = Table(title=title, show_header=False)
    view.add_column(style="bold")
    view.add_column(justify="right")
    view.add_row("messages/s, submit to final receipt", f"{result['messages_per_s']:,.0f}")
    for part in ("router", "carriers", "load"):
        view.add_row(f"{part}, CPU us a message", f"{result[f'{part}_cpu_us_per_message']:.1f}")
    for name, label in (("submit_ms", "submit to response"), ("receipt_ms", "submit to receipt")):
        numbers = "  ".join(f"{key} {value:,.1f}" for key, value in result[name].items())
        view.add_row(f"{label}, ms", numbers)
    view.add_row("router, peak memory, MB", f"{result['router_rss_peak_mb']:,.0f}")
    view.add_row(
        "sent / lost / duplicated / unmatched / refused",
        " / ".join(f"{result[name]:,.0f}" for name in ("sent", *WRONG)),
    )
    return view


if __name__ == "__main__":
    sys.exit(main())
