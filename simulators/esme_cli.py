"""The command `smpp-esme`: send messages, offer load, listen."""

import argparse
import json
import os
import resource
import sys
from typing import Any

import trio
from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn
from rich.table import Table

from simulators.esme import BindError, ConnectionLostError, Esme, open_esme
from simulators.load import TEXT, Load, LoadOptions, LoadResult
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import user_text
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSmResp
from smpp_router.wire.receipt import parse_receipt
from smpp_router.wire.text import decode_text

EXIT_OK = 0
EXIT_REFUSED = 1
EXIT_NO_BIND = 3

DESCRIPTION = "An SMPP client: send a message, offer load, or listen."
EPILOG = """examples:
  smpp-esme send --port 2775 --system-id bank --password demobank --to 8613900000001 --text 您好 --wait-receipt
  smpp-esme load --port 2775 --system-id bank --password demobank --binds 4 --window 100 --count 20000
  smpp-esme load --rate 2000 --duration 30 --json ...
  smpp-esme listen --port 2775 --system-id bank --password demobank

The password may also come from the environment: SMPP_PASSWORD.
exit status: 0 all is well, 1 something was refused or lost, 2 the command line is bad, 3 it could not bind"""


def main(argv: list[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    arguments = _parser().parse_args(argv)
    run = {"send": _send, "load": _load, "listen": _listen}[arguments.command]
    try:
        return trio.run(run, arguments)
    except KeyboardInterrupt:
        return EXIT_OK
    except (BindError, ConnectionLostError, OSError) as error:
        print(_reason(error, arguments), file=sys.stderr)
        return EXIT_NO_BIND
    except BaseExceptionGroup as group:
        if group.subgroup(KeyboardInterrupt) is not None:
            return EXIT_OK
        ours, others = group.split((BindError, ConnectionLostError, OSError))
        if ours is None or others is not None:
            raise
        print(_reason(_first(ours), arguments), file=sys.stderr)
        return EXIT_NO_BIND


def _first(error: BaseException) -> BaseException:
    while isinstance(error, BaseExceptionGroup):
        error = error.exceptions[0]
    return error


def _reason(error: BaseException, arguments: argparse.Namespace) -> str:
    return f"{arguments.host}:{arguments.port}: {error}"


def _parser() -> argparse.ArgumentParser:
    raw = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(
        prog="smpp-esme", description=DESCRIPTION, epilog=EPILOG, formatter_class=raw
    )
    peer = argparse.ArgumentParser(add_help=False)
    peer.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    peer.add_argument("--port", type=int, default=2775, help="default: %(default)s")
    peer.add_argument("--system-id", required=True, metavar="ID")
    peer.add_argument(
        "--password", default=os.environ.get("SMPP_PASSWORD", ""), help="default: $SMPP_PASSWORD"
    )
    peer.add_argument("--json", action="store_true", help="print JSON, for other programs")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    send = commands.add_parser("send", parents=[peer], help="send one text, in parts if it is long")
    send.add_argument("--to", required=True, metavar="NUMBER", help="international digits, as 8613900000001")
    send.add_argument("--from", dest="source", default="", metavar="ADDRESS", help="the sender's address")
    send.add_argument("--text", required=True)
    send.add_argument("--wait-receipt", action="store_true", help="wait for the final receipt of each part")
    send.add_argument(
        "--wait-s", type=float, default=60.0, metavar="S", help="at most (default: %(default)s)"
    )

    load = commands.add_parser("load", parents=[peer], help="offer many messages and measure")
    load.add_argument("--binds", type=int, default=4, help="sessions (default: %(default)s)")
    load.add_argument("--window", type=int, default=100, help="unanswered submit_sm of each (%(default)s)")
    load.add_argument(
        "--rate", type=float, metavar="PER_S", help="messages a second; default: all that windows allow"
    )
    load.add_argument("--count", type=int, help="messages in all (default: 10000 without --duration)")
    load.add_argument("--duration", type=float, metavar="S", help="seconds")
    load.add_argument("--text", default=TEXT, help="default: a courier's notice of 70 characters")
    load.add_argument("--from", dest="source", default="106900", metavar="ADDRESS")
    load.add_argument(
        "--to-prefix", action="append", metavar="DIGITS", help="first digits of numbers; may be repeated"
    )
    load.add_argument("--no-receipts", action="store_true", help="ask for none")
    load.add_argument("--drain-s", type=float, default=30.0, metavar="S", help="silence that ends the wait")

    listen = commands.add_parser("listen", parents=[peer], help="print what is delivered, until Ctrl-C")
    listen.add_argument("--count", type=int, help="stop after so many")
    return parser


# ---------------------------------------------------------------------- send and listen


async def _send(arguments: argparse.Namespace) -> int:
    async with open_esme(arguments.host, arguments.port, arguments.system_id, arguments.password) as esme:
        responses = await esme.submit(arguments.to, arguments.text, source=arguments.source)
        is_refused = False
        waiting: set[bytes] = set()
        for part, response in enumerate(responses, start=1):
            status = c.status_name(response.command_status)
            message_id = response.message_id if isinstance(response, SubmitSmResp) else b""
            is_refused |= response.command_status != c.ESME_ROK
            waiting |= {message_id} if message_id else set()
            _say(arguments, part=part, parts=len(responses), status=status, message_id=message_id.decode())
        if arguments.wait_receipt:
            with trio.move_on_after(arguments.wait_s):
                await _receipts(arguments, esme, waiting)
            is_refused |= bool(waiting)
    return EXIT_REFUSED if is_refused else EXIT_OK


async def _receipts(arguments: argparse.Namespace, esme: Esme, waiting: set[bytes]) -> None:
    while waiting:
        pdu = await esme.deliveries.receive()
        _say(arguments, **_described(pdu))
        receipt = parse_receipt(pdu)
        if receipt is not None and receipt.is_final:
            waiting.discard(receipt.message_id)


async def _listen(arguments: argparse.Namespace) -> int:
    count = 0
    async with open_esme(arguments.host, arguments.port, arguments.system_id, arguments.password) as esme:
        async for pdu in esme.deliveries:
            _say(arguments, **_described(pdu))
            count += 1
            if count == arguments.count:
                break
    return EXIT_OK


def _described(pdu: DeliverSm | DataSm) -> dict[str, Any]:
    receipt = parse_receipt(pdu)
    if receipt is not None:
        return {
            "receipt": receipt.message_id.decode("ascii", "replace"),
            "stat": receipt.stat.decode("ascii", "replace"),
            "err": receipt.error.decode("ascii", "replace"),
            "done": receipt.done_date.decode("ascii", "replace"),
        }
    return {
        "from": pdu.source_addr.decode("latin-1"),
        "to": pdu.destination_addr.decode("latin-1"),
        "text": decode_text(pdu.data_coding, user_text(pdu)),
    }


def _say(arguments: argparse.Namespace, **values: object) -> None:
    if arguments.json:
        print(json.dumps(values, ensure_ascii=False), flush=True)
    else:
        print("  ".join(f"{name}={value}" for name, value in values.items()), flush=True)


# ---------------------------------------------------------------------- load


async def _load(arguments: argparse.Namespace) -> int:
    count = arguments.count
    if count is None and arguments.duration is None:
        count = 10_000
    options = LoadOptions(
        host=arguments.host,
        port=arguments.port,
        system_id=arguments.system_id,
        password=arguments.password,
        binds=arguments.binds,
        window=arguments.window,
        rate_per_s=arguments.rate,
        count=count,
        duration_s=arguments.duration,
        text=arguments.text,
        source=arguments.source,
        prefixes=tuple(arguments.to_prefix or LoadOptions().prefixes),
        receipts=not arguments.no_receipts,
        drain_s=arguments.drain_s,
    )
    load = Load(options)
    before = resource.getrusage(resource.RUSAGE_SELF)
    async with trio.open_nursery() as nursery:
        if sys.stderr.isatty() and not arguments.json:
            nursery.start_soon(_show_progress, load)
        result = await load.run()
        nursery.cancel_scope.cancel()
    after = resource.getrusage(resource.RUSAGE_SELF)
    cpu_s = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    if arguments.json:
        print(json.dumps(result.as_json() | {"cpu_s": round(cpu_s, 3)}))
    else:
        Console().print(_table(result))
    if not result.sent:
        print("no bind was accepted: " + ", ".join(result.statuses), file=sys.stderr)
        return EXIT_NO_BIND
    return EXIT_REFUSED if result.lost or result.refused or result.duplicated else EXIT_OK


async def _show_progress(load: Load) -> None:
    columns = (
        TextColumn("{task.description}"),
        BarColumn(),
        TextColumn("{task.fields[counts]}"),
        TimeElapsedColumn(),
    )
    with Progress(*columns, console=Console(stderr=True), transient=True) as progress:
        task = progress.add_task("load", total=load.options.count, counts="")
        while True:
            result = load.result
            counts = f"{result.accepted:,} accepted  {result.receipts:,} receipts  {result.refused:,} refused"
            progress.update(task, completed=result.receipts or result.accepted, counts=counts)
            await trio.sleep(0.2)


def _table(result: LoadResult) -> Table:
    values = result.as_json()
    table = Table(title="load", show_header=False)
    table.add_column(style="bold")
    table.add_column(justify="right")
    for name in ("sent", "accepted", "refused", "receipts", "lost", "duplicated"):
        table.add_row(name, f"{values[name]:,}")
    table.add_row("messages/s", f"{values['messages_per_s']:,}")
    for name, label in (("submit_ms", "submit to response"), ("receipt_ms", "submit to receipt")):
        numbers = "  ".join(f"{key} {value:,.1f}" for key, value in values[name].items())
        table.add_row(f"{label}, ms", numbers)
    for status, count in values["statuses"].items():
        table.add_row(status, f"{count:,}")
    for stat, count in values["stats"].items():
        table.add_row(f"receipts {stat}", f"{count:,}")
    return table


if __name__ == "__main__":
    sys.exit(main())
