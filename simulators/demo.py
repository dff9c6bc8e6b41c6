# The demo is the real thing on one machine: simulated carriers on TCP ports, the router with its durable
# store, and customers that bind to it over TCP, in one process that shows what they do.
"""`smpp-router demo`: see it work."""

import argparse
import json
import logging
import random
import signal
import socket
import sys
import tempfile
from collections.abc import Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import trio
from rich.console import Console
from rich.live import Live
from rich.table import Table

from simulators.demo_traffic import CustomerAtWork
from simulators.demo_view import SNIPPET, View, line, summarise
from simulators.demo_world import CUSTOMERS, carrier_profiles, router_configuration
from simulators.server import CarrierServer, serve_carriers
from simulators.wall_clock import unix_s
from smpp_router.net.router import ListenError, Running, run_router
from smpp_router.store.embedded import EmbeddedStore

PORT: Final = 2775
EXIT_OK: Final = 0
EXIT_CANNOT_SERVE: Final = 3
REFRESH_S: Final = 0.5
LINE_S: Final = 2.0
LINKS_S: Final = 5.0

DESCRIPTION = """\
Starts three simulated carriers, the router, and four customers that send verification codes, parcel notices,
public warnings and offers, all on this machine, and shows what happens. Bind your own SMPP client meanwhile:
the screen says how. The store is a temporary directory; nothing is left behind."""

EPILOG = """examples:
  smpp-router demo
  smpp-router demo --duration 10 --json
  smpp-router demo --rate 200 --port 2776"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; return the exit status."""
    arguments = _parser().parse_args(argv)
    # The screen is the demo's; what the router would log is on it.
    logging.getLogger("smpp_router").addHandler(logging.NullHandler())
    try:
        with tempfile.TemporaryDirectory(prefix="smpp-router-demo-") as directory:
            summary = trio.run(_demo, arguments, Path(directory))
    except BaseExceptionGroup as group:
        ours, others = group.split((OSError, ListenError))
        if ours is None or others is not None:
            raise
        print(f"the demo cannot start: {ours.exceptions[0]}", file=sys.stderr)
        return EXIT_CANNOT_SERVE
    if arguments.json:
        print(json.dumps(summary))
    else:
        Console().print(_summary_table(summary))
    return EXIT_OK


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smpp-router demo",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--duration", type=float, metavar="S", help="end after so many seconds; default: Ctrl-C"
    )
    parser.add_argument(
        "--rate", type=float, default=40.0, help="texts a second in all (default: %(default)s)"
    )
    parser.add_argument("--port", type=int, help="of the router (default: 2775, or another if that is taken)")
    parser.add_argument("--json", action="store_true", help="print only a summary, as JSON, at the end")
    return parser


async def _demo(arguments: argparse.Namespace, directory: Path) -> dict[str, Any]:
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            server: CarrierServer = await nursery.start(partial(serve_carriers, carrier_profiles()))
            config = router_configuration(_free_port(arguments.port), server.ports, directory / "store")
            store = EmbeddedStore(
                config.store.path,
                commit=config.store.commit,
                segment_bytes=config.store.segment_bytes,
                retention_s=config.store.retention_s,
                disk_free_min_bytes=config.store.disk_free_min_bytes,
            )
            serve = partial(run_router, config, store, started_at=unix_s(), rng=random.Random(unix_s()))
            running: Running = await nursery.start(serve)
            customers = [
                CustomerAtWork(
                    customer, arguments.rate * customer.share, random.Random(number), trio.current_time
                )
                for number, customer in enumerate(CUSTOMERS)
            ]
            async with trio.open_nursery() as working:
                with trio.move_on_after(LINKS_S):
                    while not all(carrier.is_up for carrier in running.exchange.carriers.values()):  # noqa: ASYNC110
                        await trio.sleep(0.02)
                for customer in customers:
                    working.start_soon(customer.run, running.ports[0])
                working.start_soon(_stop_on_signal, signals, working.cancel_scope)
                await _show(arguments, running, customers)
                working.cancel_scope.cancel()
            summary = summarise(running, customers)
            await running.stop()
            await server.stop()
            await store.aclose()
            nursery.cancel_scope.cancel()
    return summary


async def _stop_on_signal(signals: Any, scope: trio.CancelScope) -> None:
    async for _ in signals:
        scope.cancel()
        return


def _free_port(asked: int | None) -> int:
    """The port asked for; else 2775 if it is free, else one of the system's choice."""
    if asked is not None:
        return asked
    try:
        # As the listener will: a port that was left a minute ago counts as free.
        with socket.create_server(("127.0.0.1", PORT)):
            return PORT
    except OSError:
        return 0


async def _show(arguments: argparse.Namespace, running: Running, customers: list[CustomerAtWork]) -> None:
    """Show what happens until the time is up, or for ever."""
    started = trio.current_time()
    end = float("inf") if arguments.duration is None else started + arguments.duration
    console = Console()
    if arguments.json:
        await trio.sleep_until(end)
    elif not console.is_terminal:
        print(f"router on 127.0.0.1 port {running.ports[0]}, system_id guest, password guest123", flush=True)
        print(SNIPPET.format(port=running.ports[0]), flush=True)
        while trio.current_time() < end:
            await trio.sleep_until(min(end, trio.current_time() + LINE_S))
            print(line(running, customers, trio.current_time() - started), flush=True)
    else:
        view = View(running, customers)
        with Live(console=console, auto_refresh=False, screen=True) as live:
            while trio.current_time() < end:
                now = trio.current_time()
                left_s = None if arguments.duration is None else end - now
                live.update(view.render(now - started, left_s), refresh=True)
                await trio.sleep_until(min(end, now + REFRESH_S))


def _summary_table(summary: dict[str, Any]) -> Table:
    table = Table(title="demo", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    table.add_row("accepted", f"{summary['accepted']:,}")
    for stat, count in summary["stats"].items():
        table.add_row(f"receipts {stat}", f"{count:,}")
    table.add_row("still in flight", f"{summary['in_flight']:,}")
    table.add_row(
        "submit to response, ms", f"p50 {summary['submit_ms']['p50']}  p99 {summary['submit_ms']['p99']}"
    )
    table.add_row(
        "submit to receipt, ms", f"p50 {summary['receipt_ms']['p50']}  p99 {summary['receipt_ms']['p99']}"
    )
    table.add_row("durable commits", f"{summary['commits']:,}")
    return table


if __name__ == "__main__":
    sys.exit(main())
