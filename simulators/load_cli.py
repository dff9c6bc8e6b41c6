"""`smpp-esme load`: the load generator for people, and as JSON for other programs."""

import argparse
import gc
import json
import resource
import signal
import sys
from collections.abc import AsyncIterator
from typing import Any, Final

import trio
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulators.load import Load
from simulators.load_result import TEXT, LoadOptions, LoadResult

EXIT_OK: Final = 0
EXIT_REFUSED: Final = 1
EXIT_NO_BIND: Final = 3

COUNT: Final = 10_000
"""Messages without --count and --duration."""
GC_THRESHOLD: Final = 50_000
"""Young objects before a collection; nearly all die young without its help."""
REFRESH_S: Final = 0.2


def add_load_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `load` understands."""
    parser.add_argument("--binds", type=int, default=4, metavar="N", help="sessions (default: %(default)s)")
    parser.add_argument(
        "--bind", choices=("transmitter", "transceiver"), default="transceiver", help="default: %(default)s"
    )
    parser.add_argument(
        "--window", type=int, default=100, metavar="N", help="unanswered submit_sm of each (%(default)s)"
    )
    parser.add_argument(
        "--rate", type=float, metavar="PER_S", help="messages a second; default: all that windows allow"
    )
    parser.add_argument(
        "--count", type=int, metavar="N", help=f"messages in all (default: {COUNT} without --duration)"
    )
    parser.add_argument("--duration", type=float, metavar="S", help="seconds")
    parser.add_argument("--text", default=TEXT, help="default: a courier's notice of 70 characters")
    parser.add_argument("--from", dest="source", default="106900", metavar="ADDRESS", help="%(default)s")
    parser.add_argument(
        "--to-prefix",
        action="append",
        metavar="DIGITS",
        help="numbers' first digits, eight follow; may be repeated (default: 86139, 86130, 86133 in turn)",
    )
    parser.add_argument("--no-receipts", action="store_true", help="ask for none")
    parser.add_argument(
        "--drain-s",
        type=float,
        default=30.0,
        metavar="S",
        help="silence after which what is not back is lost (default: %(default)g)",
    )


async def load(arguments: argparse.Namespace) -> int:
    """Run a load and print what came of it; return the exit status. Raises OSError and ValueError."""
    gc.set_threshold(GC_THRESHOLD, 20, 100)
    run = Load(options_of(arguments))
    before_s = _cpu_s()
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_stop_at, signals, run)
            if sys.stderr.isatty() and not arguments.json:
                nursery.start_soon(_show_progress, run)
            result: LoadResult | OSError
            try:
                result = await run.run()
            except OSError as error:
                result = error
            nursery.cancel_scope.cancel()
    if isinstance(result, OSError):
        raise result
    cpu_s = _cpu_s() - before_s
    if arguments.json:
        print(json.dumps(result.as_json() | {"cpu_s": round(cpu_s, 3)}), flush=True)
    elif result.sent:
        Console().print(table(result))
    if not result.sent:
        print("no session was bound: " + ", ".join(result.statuses), file=sys.stderr)
        return EXIT_NO_BIND
    return EXIT_OK if result.is_clean else EXIT_REFUSED


def options_of(arguments: argparse.Namespace) -> LoadOptions:
    """Return what the command line asks for. Raises ValueError for what can't be done."""
    for name in ("binds", "window", "rate", "count", "duration"):
        value = getattr(arguments, name)
        if value is not None and value <= 0:
            raise ValueError(f"--{name} must be above 0")
    has_end = arguments.count is not None or arguments.duration is not None
    return LoadOptions(
        host=arguments.host,
        port=arguments.port,
        system_id=arguments.system_id,
        password=arguments.password,
        bind=arguments.bind,
        binds=arguments.binds,
        window=arguments.window,
        rate_per_s=arguments.rate,
        count=arguments.count if has_end else COUNT,
        duration_s=arguments.duration,
        text=arguments.text,
        source=arguments.source,
        prefixes=tuple(arguments.to_prefix or LoadOptions().prefixes),
        receipts=not arguments.no_receipts,
        drain_s=arguments.drain_s,
        tls=arguments.context,
    )


async def _stop_at(signals: AsyncIterator[int], run: Load) -> None:
    """The first Ctrl-C ends the offering, the second everything."""
    number = 0
    async for _ in signals:
        number += 1
        if number > 1:
            raise KeyboardInterrupt
        run.stop()


def _cpu_s() -> float:
    usage = resource.getrusage(resource.RUSAGE_SELF)
    return usage.ru_utime + usage.ru_stime


async def _show_progress(run: Load) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("load", total=run.options.count, counts="")
        while True:
            result = run.result
            counts = f"{result.accepted:,} accepted  {result.receipts:,} receipts  {result.refused:,} refused"
            progress.update(task, completed=result.receipts or result.accepted, counts=counts)
            await trio.sleep(REFRESH_S)


def table(result: LoadResult) -> Table:
    """Return a result for people."""
    values: dict[str, Any] = result.as_json()
    view = Table(title="load", show_header=False)
    view.add_column(style="bold")
    view.add_column(justify="right")
    for name in ("sent", "accepted", "refused", "receipts", "lost", "duplicated", "unbound"):
        view.add_row(name, f"{values[name]:,}")
    view.add_row("messages/s", f"{values['messages_per_s']:,}")
    for name, label in (("submit_ms", "submit to response"), ("receipt_ms", "submit to receipt")):
        numbers = "  ".join(f"{key} {value:,.1f}" for key, value in values[name].items())
        view.add_row(f"{label}, ms", numbers)
    for status, number in values["statuses"].items():
        view.add_row(status, f"{number:,}")
    for stat, number in values["stats"].items():
        view.add_row(f"receipts {stat}", f"{number:,}")
    return view
