"""`smpp-esme load`: the load generator for people, and as JSON for other programs."""

import argparse
import json
import resource
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Final

import trio
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from simulators.load import Load
from simulators.load_plot import write_plot
from simulators.load_result import TEXT, LoadOptions, LoadResult
from simulators.load_view import report
from simulators.picture import check_plot
from simulators.traffic.files import load_accounts, load_traffic
from simulators.traffic.misbehaviours import MISBEHAVIOURS
from simulators.traffic.mix import Kind
from simulators.traffic.pace import parse_ramp
from smpp_router import collector

EXIT_OK: Final = 0
EXIT_REFUSED: Final = 1
EXIT_NO_BIND: Final = 3

COUNT: Final = 10_000
"""Messages without --count and --duration."""
REFRESH_S: Final = 0.2


def add_load_arguments(parser: argparse.ArgumentParser) -> None:
    """Add what `load` understands."""
    _add_what(parser)
    _add_how(parser)
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
    parser.add_argument("--no-receipts", action="store_true", help="ask for none")
    parser.add_argument(
        "--drain-s",
        type=float,
        default=30.0,
        metavar="S",
        help="silence after which what is not back is lost (default: %(default)g)",
    )


def _add_what(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--text", default=TEXT, help="default: a courier's notice of 70 characters")
    parser.add_argument("--from", dest="source", default="106900", metavar="ADDRESS", help="%(default)s")
    parser.add_argument(
        "--to-prefix",
        action="append",
        metavar="DIGITS",
        help="numbers' first digits, eight follow; may be repeated (default: 86139, 86130, 86133 in turn)",
    )
    parser.add_argument(
        "--long",
        choices=("udh8", "udh16", "sar", "payload"),
        default="udh8",
        help="how a long text is carried (default: %(default)s)",
    )
    parser.add_argument(
        "--traffic",
        type=Path,
        metavar="FILE",
        help="a mix of messages (.toml, .csv, .jsonl) instead of --text, --from and --to-prefix",
    )
    parser.add_argument(
        "--accounts",
        type=Path,
        metavar="FILE",
        help="several accounts (.toml) instead of --system-id, --binds and --bind",
    )
    parser.add_argument("--seed", type=int, default=1, help="of everything that is drawn (%(default)s)")


def _add_how(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--ramp",
        metavar="RATES",
        help="rates that change: 100:2000/60s is a line, 100/10s,500/10s are steps; the last rate goes on,"
        " or ends the load without --count and --duration",
    )
    parser.add_argument(
        "--arrival",
        choices=("fixed", "poisson"),
        default="fixed",
        help="how messages of a --rate or --ramp are spaced (default: %(default)s)",
    )
    parser.add_argument(
        "--plot", type=Path, metavar="FILE", help="a picture of it all: .html, .svg, or .png with cairosvg"
    )
    parser.add_argument(
        "--misbehave",
        metavar="NAME,...",
        help="be a bad ESME too, on connections beside the load; list shows the names",
    )
    parser.add_argument(
        "--misbehave-as", metavar="ID", help="with this system_id; default: that of the load itself"
    )
    parser.add_argument("--misbehave-password", default="", metavar="PASSWORD", help="for --misbehave-as")


async def load(arguments: argparse.Namespace) -> int:
    """Run a load and print what came of it; return the exit status. Raises OSError and ValueError."""
    if arguments.misbehave == "list":
        _list_misbehaviours(arguments)
        return EXIT_OK
    collector.collect_rarely()
    run = Load(options_of(arguments))
    if arguments.plot is not None:
        check_plot(arguments.plot)
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
        Console().print(report(result))
    if arguments.plot is not None and result.sent:
        write_plot(arguments.plot, result, title_of(arguments))
    if not result.sent:
        why = ", ".join(result.statuses) or "no response to the bind"
        print(f"no session was bound: {why}", file=sys.stderr)
        return EXIT_NO_BIND
    return EXIT_OK if result.is_clean else EXIT_REFUSED


def options_of(arguments: argparse.Namespace) -> LoadOptions:
    """Return what the command line asks for. Raises ValueError for what can't be done."""
    for name in ("binds", "window", "rate", "count", "duration"):
        value = getattr(arguments, name)
        if value is not None and value <= 0:
            raise ValueError(f"--{name} must be above 0")
    if arguments.rate is not None and arguments.ramp is not None:
        raise ValueError("--rate and --ramp: only one of them")
    if arguments.arrival != "fixed" and arguments.rate is None and arguments.ramp is None:
        raise ValueError("--arrival needs --rate or --ramp: in a closed loop windows say when")
    if not arguments.system_id and arguments.accounts is None:
        raise ValueError("--system-id or --accounts: as whom?")
    has_end = arguments.count is not None or arguments.duration is not None or arguments.ramp is not None
    return LoadOptions(
        host=arguments.host,
        port=arguments.port,
        system_id=arguments.system_id or "",
        password=arguments.password,
        bind=arguments.bind,
        binds=arguments.binds,
        window=arguments.window,
        rate_per_s=arguments.rate,
        ramp=None if arguments.ramp is None else parse_ramp(arguments.ramp),
        arrival=arguments.arrival,
        count=arguments.count if has_end else COUNT,
        duration_s=arguments.duration,
        text=arguments.text,
        source=arguments.source,
        prefixes=tuple(arguments.to_prefix or LoadOptions().prefixes),
        receipts=not arguments.no_receipts,
        drain_s=arguments.drain_s,
        tls=arguments.context,
        kinds=_kinds(arguments),
        accounts=() if arguments.accounts is None else load_accounts(arguments.accounts),
        misbehave=tuple(arguments.misbehave.split(",")) if arguments.misbehave else (),
        misbehave_as=arguments.misbehave_as or "",
        misbehave_password=arguments.misbehave_password,
        has_series=arguments.plot is not None,
        seed=arguments.seed,
    )


def _kinds(arguments: argparse.Namespace) -> tuple[Kind, ...]:
    if arguments.traffic is not None:
        return load_traffic(arguments.traffic)
    prefixes = arguments.to_prefix or LoadOptions().prefixes
    patterns = tuple(prefix + "#" * 8 for prefix in prefixes)
    kind = Kind(texts=(arguments.text,), sender=arguments.source, destinations=patterns, long=arguments.long)
    return (kind,)


def title_of(arguments: argparse.Namespace) -> str:
    """Return what a picture of this load is called."""
    name = arguments.traffic or arguments.accounts
    offered = f"{arguments.rate:g}/s" if arguments.rate else arguments.ramp or "full windows"
    spaced = ", Poisson" if arguments.arrival == "poisson" else ""
    return f"smpp-esme load: {offered}{spaced}" + (f", {name.stem}" if name else "")


def _list_misbehaviours(arguments: argparse.Namespace) -> None:
    if arguments.json:
        print(json.dumps({kind.name: kind.summary for kind in MISBEHAVIOURS.values()}))
        return
    width = max(map(len, MISBEHAVIOURS))
    # In one piece, so that it may be piped into head.
    print("\n".join(f"{kind.name:{width}}  {kind.summary}" for kind in MISBEHAVIOURS.values()))


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
