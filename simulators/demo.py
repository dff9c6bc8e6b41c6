# The demo is the real thing on one machine: simulated carriers on TCP ports, the router with its durable
# store, and customers that bind to it over TCP, in one process that shows what they do.
"""`smpp-router demo`: see it work."""

import argparse
import json
import logging
import os
import random
import signal
import sys
import tempfile
from collections import deque
from collections.abc import AsyncIterator, Sequence
from functools import partial
from pathlib import Path
from typing import Any, Final

import attrs
import trio
from rich.console import Console
from rich.live import Live

from simulators.demo_traffic import CustomerAtWork
from simulators.demo_view import Demo, View, how_to, line, summarise, summary_table
from simulators.demo_world import CUSTOMERS, carrier_profiles, router_configuration
from simulators.server import CarrierServer, serve_carriers
from simulators.wall_clock import unix_s
from smpp_router.app import open_store, tune_interpreter
from smpp_router.config import RouterConfig
from smpp_router.error_groups import leaves
from smpp_router.net.router import ListenError, Running, run_router
from smpp_router.store.seam import StoreFailedError

EXIT_OK: Final = 0
EXIT_CANNOT_SERVE: Final = 3
PORT: Final = 2775
REFRESH_S: Final = 0.5
LINE_S: Final = 3.0
"""Between two lines where there is no terminal."""
LINKS_S: Final = 5.0
"""For the router to bind to its carriers before customers begin."""
RATE_MAX: Final = 1_000.0
"""Every text is a task here; for more there is `smpp-esme load`."""
SIGNALS: Final = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)
"""Each of them is an ordinary end, which leaves nothing behind: Ctrl-C, kill, a closed terminal."""

DESCRIPTION = f"""\
Starts three simulated carriers, the router, and four customers that send verification codes, parcel
notices, public warnings and offers, all on this machine, and shows what happens. Nothing is sent to
anybody. Bind your own SMPP client meanwhile: the screen says how. Ctrl-C ends it.

The router listens on 127.0.0.1, port {PORT} or another if that is taken. Its store is a temporary directory,
and goes with the demo. Where the output is not a terminal, there is a plain line every few seconds."""

EPILOG = """examples:
  smpp-router demo
  smpp-router demo --rate 200 --port 2776
  smpp-router demo --duration 10 --json

exit status: 0 all is well, 2 the command line is bad, 3 the port can't be had or the store is broken"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the demo; return the exit status."""
    arguments = _parser().parse_args(argv)
    try:
        with tempfile.TemporaryDirectory(prefix="smpp-router-demo-") as directory:
            summary = trio.run(_demo, arguments, Path(directory))
        if arguments.json:
            print(json.dumps(summary), flush=True)
        else:
            Console().print(summary_table(summary))
    except KeyboardInterrupt:
        # So early that nothing was there to be ended.
        return EXIT_OK
    except (OSError, ListenError, StoreFailedError, BaseExceptionGroup) as error:
        return _failed(error)
    return EXIT_OK


def _failed(why: BaseException) -> int:
    """Say why it could not go on; raise what is a bug."""
    errors = list(leaves(why))
    if any(isinstance(error, BrokenPipeError) for error in errors):
        # Whoever read our output, such as head, has seen enough; nor can the interpreter flush it at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return EXIT_OK
    if not all(isinstance(error, (OSError, ListenError, StoreFailedError)) for error in errors):
        raise why
    for error in errors:
        print(f"the demo cannot run: {error}", file=sys.stderr)
    return EXIT_CANNOT_SERVE


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="smpp-router demo",
        description=DESCRIPTION,
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument(
        "--duration", type=_seconds, metavar="S", help="end after so many seconds (default: at Ctrl-C)"
    )
    parser.add_argument(
        "--rate",
        type=_rate,
        default=40.0,
        metavar="PER_S",
        help="texts a second in all (default: %(default)g)",
    )
    parser.add_argument(
        "--port",
        type=_port,
        help=f"the router's port; 0: any that is free (default: {PORT}, or any if that is taken)",
    )
    parser.add_argument("--json", action="store_true", help="print only a summary, as JSON, at the end")
    return parser


def _seconds(text: str) -> float:
    return _number(text, float("inf"))


def _rate(text: str) -> float:
    return _number(text, RATE_MAX)


def _number(text: str, high: float) -> float:
    try:
        number = float(text)
    except ValueError:
        raise argparse.ArgumentTypeError(f"{text!r} is not a number") from None
    if not 0.0 < number <= high or number == float("inf"):
        limit = "" if high == float("inf") else f" and at most {high:g}"
        raise argparse.ArgumentTypeError(f"must be above 0{limit}")
    return number


def _port(text: str) -> int:
    if not text.isdecimal() or int(text) > 65_535:
        raise argparse.ArgumentTypeError("must be a number from 0 to 65535")
    return int(text)


# ---------------------------------------------------------------------- running


async def _demo(arguments: argparse.Namespace, directory: Path) -> dict[str, Any]:
    """Run everything until the time is up or a signal comes; return the summary."""
    tune_interpreter()
    events = _Events()
    with trio.open_signal_receiver(*SIGNALS) as signals:
        async with trio.open_nursery() as nursery:
            server: CarrierServer = await nursery.start(partial(serve_carriers, carrier_profiles()))
            running = await _start_router(nursery, arguments.port, server.ports, directory / "store")
            customers = [
                CustomerAtWork(
                    customer, arguments.rate * customer.share, random.Random(number), trio.current_time
                )
                for number, customer in enumerate(CUSTOMERS)
            ]
            demo = Demo(running, customers, trio.current_time(), events.lines)
            async with trio.open_nursery() as working:
                working.start_soon(_cancel_at, signals, working.cancel_scope)
                working.start_soon(_work, demo)
                await _show(arguments, demo)
                working.cancel_scope.cancel()
            summary = summarise(demo, trio.current_time())
            await running.stop()
            await server.stop()
            nursery.cancel_scope.cancel()
    return summary


async def _start_router(
    nursery: trio.Nursery, asked: int | None, carrier_ports: dict[str, int], path: Path
) -> Running:
    """Run the router in the nursery on the port asked for; else on 2775, or if that is taken on any."""
    config = router_configuration(PORT if asked is None else asked, carrier_ports, path)
    try:
        return await nursery.start(_router, config)
    except (ListenError, BaseExceptionGroup) as error:
        if asked is not None or not all(isinstance(one, ListenError) for one in leaves(error)):
            raise
    return await nursery.start(_router, router_configuration(0, carrier_ports, path))


async def _router(
    config: RouterConfig, task_status: "trio.TaskStatus[Running]" = trio.TASK_STATUS_IGNORED
) -> None:
    store = open_store(config)
    try:
        await run_router(config, store, started_at=unix_s(), rng=random.Random(), task_status=task_status)
    finally:
        await store.aclose()


async def _work(demo: Demo) -> None:
    """Have the customers bind and send, once the router's carriers are there."""
    with trio.move_on_after(LINKS_S):
        while not all(carrier.is_up for carrier in demo.exchange.carriers.values()):  # noqa: ASYNC110 - at most LINKS_S
            await trio.sleep(0.02)
    async with trio.open_nursery() as nursery:
        for customer in demo.customers:
            nursery.start_soon(customer.run, demo.port)


async def _cancel_at(signals: AsyncIterator[int], scope: trio.CancelScope) -> None:
    async for _ in signals:
        scope.cancel()
        return


# ---------------------------------------------------------------------- showing


@attrs.define(eq=False)
class _Events(logging.Handler):
    """The router's log, of which the screen shows the end: on the terminal it would tear the picture."""

    lines: deque[str] = attrs.field(factory=lambda: deque[str](maxlen=100))

    def __attrs_post_init__(self) -> None:
        super().__init__(logging.INFO)
        log = logging.getLogger("smpp_router")
        log.setLevel(logging.INFO)
        log.propagate = False
        log.addHandler(self)

    def emit(self, record: logging.LogRecord) -> None:
        """Keep a line."""
        self.lines.append(record.getMessage())


async def _show(arguments: argparse.Namespace, demo: Demo) -> None:
    """Show what happens until the time is up, or for ever."""
    end = float("inf") if arguments.duration is None else demo.started_at + arguments.duration
    console = Console()
    if arguments.json:
        await trio.sleep_until(end)
    elif console.is_terminal and not console.is_dumb_terminal:
        await _show_live(console, demo, end)
    else:
        print(how_to(demo.port), flush=True)
        while trio.current_time() < end:
            await trio.sleep_until(min(end, trio.current_time() + LINE_S))
            print(line(demo, trio.current_time()), flush=True)


async def _show_live(console: Console, demo: Demo, end: float) -> None:
    view = View(demo)
    with Live(console=console, auto_refresh=False, screen=True) as live:
        while (now := trio.current_time()) < end:
            how = "Ctrl-C ends it" if end == float("inf") else f"ends in {end - now:.0f} s"
            live.update(view.render(now, console.height, how), refresh=True)
            await trio.sleep_until(min(end, now + REFRESH_S))


if __name__ == "__main__":
    sys.exit(main())
