"""The command `smpp-esme`: send messages, offer load, listen."""

import argparse
import json
import math
import os
import signal
import ssl
import sys
from collections.abc import AsyncGenerator, AsyncIterator, Callable, Iterator, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from pathlib import Path
from typing import Any, Final

import attrs
import trio

from simulators.called import called_at
from simulators.esme import (
    BIND_COMMANDS,
    BindError,
    ConnectionLostError,
    Esme,
    EsmeOptions,
    esme_over,
    open_esme,
)
from simulators.load_cli import add_load_arguments, load
from smpp_router.error_groups import reason
from smpp_router.net.tls import TlsFileError, client_context
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import part_of, user_text
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSmResp
from smpp_router.wire.reassembly import Reassembler
from smpp_router.wire.receipt import parse_receipt
from smpp_router.wire.text import decode_text

EXIT_OK: Final = 0
EXIT_REFUSED: Final = 1
EXIT_BAD_COMMAND_LINE: Final = 2
EXIT_NO_BIND: Final = 3
RECONNECT_MAX_S: Final = 30.0

DESCRIPTION = "An SMPP client: send a message, offer load, or listen."
EPILOG = """examples:
  export SMPP_PASSWORD=demobank
  smpp-esme send --system-id bank --to 8613900000001 --text 您的验证码是123456 --wait-receipt
  smpp-esme load --system-id bank --binds 4 --window 100 --count 20000
  smpp-esme load --system-id bank --rate 2000 --duration 30 --json
  smpp-esme listen --system-id bank --reconnect

smpp-esme COMMAND --help explains the rest.
exit status: 0 all is well, 1 something was refused or lost, 2 the command line is bad, 3 it could not bind"""
SEND_EPILOG = """The text goes out in GSM 03.38 if that has all its characters, else in UCS2; in parts if
it is long.

examples:
  smpp-esme send --system-id bank --password demobank --to 8613900000001 --text 您好
  smpp-esme send --system-id bank --to 8613900000001 --from BANK --text "$(cat letter)" --wait-receipt"""
LISTEN_EPILOG = """examples:
  smpp-esme listen --system-id bank --password demobank
  smpp-esme listen --system-id bank --bind receiver --reconnect --json >> deliveries.jsonl
  smpp-esme listen --system-id bank --outbind-port 2776 --reconnect"""
LOAD_EPILOG = """Without --rate each session keeps its window full. With it messages fall due by the clock,
and their latencies count from then. Ctrl-C stops offering, waits for what is under way, and
shows what there is. Files of traffic and accounts: docs/simulator/esme.md.

examples:
  smpp-esme load --system-id bench --password benchpwd --binds 4 --window 250 --count 100000
  smpp-esme load --system-id bench --rate 2000 --duration 60 --to-prefix 86139 --to-prefix 86130 --json
  smpp-esme load --system-id bench --traffic config/traffic/marketing.toml --ramp 100:2000/60s --plot p.html
  smpp-esme load --accounts config/traffic/accounts.toml --rate 500 --arrival poisson --duration 60
  smpp-esme load --system-id bench --rate 100 --duration 10 --misbehave resets,garbage,no-deliver-sm-resp"""


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit status."""
    arguments = _parser().parse_args(argv)
    if arguments.password is None:
        arguments.password = os.environ.get("SMPP_PASSWORD", "")
    try:
        arguments.context = _tls(arguments)
        return trio.run(_run, arguments)
    except KeyboardInterrupt:
        return EXIT_OK
    except (TlsFileError, ValueError) as error:
        print(error, file=sys.stderr)
        return EXIT_BAD_COMMAND_LINE
    except (BindError, ConnectionLostError, OSError) as error:
        print(f"{arguments.host}:{arguments.port}: {reason(error)}", file=sys.stderr)
        return EXIT_NO_BIND


def _tls(arguments: argparse.Namespace) -> ssl.SSLContext | None:
    if not arguments.tls and arguments.ca is None and not arguments.insecure:
        return None
    return client_context(arguments.ca, verify=not arguments.insecure)


# ---------------------------------------------------------------------- the command line


def _parser() -> argparse.ArgumentParser:
    def command(add: Callable[..., Any], *names: str, **more: Any) -> argparse.ArgumentParser:
        return add(*names, formatter_class=argparse.RawDescriptionHelpFormatter, **more)

    parser = command(argparse.ArgumentParser, prog="smpp-esme", description=DESCRIPTION, epilog=EPILOG)
    peer = _peer_arguments()
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")

    text = "send one text, in parts if it is long"
    send = command(commands.add_parser, "send", parents=[peer], help=text, epilog=SEND_EPILOG)
    send.add_argument("--to", required=True, metavar="NUMBER", help="international digits, as 8613900000001")
    send.add_argument("--from", dest="source", default="", metavar="ADDRESS", help="the sender's address")
    send.add_argument("--text", required=True)
    send.add_argument(
        "--method",
        choices=("udh8", "udh16", "sar", "payload"),
        default="udh8",
        help="how a long text is carried (default: %(default)s)",
    )
    send.add_argument("--wait-receipt", action="store_true", help="wait for the final receipt of each part")
    send.add_argument(
        "--wait-s", type=float, default=60.0, metavar="S", help="but not longer (default: %(default)g)"
    )

    text = "offer many messages and measure"
    load_peer = _peer_arguments(needs_account=False)
    load_parser = command(commands.add_parser, "load", parents=[load_peer], help=text, epilog=LOAD_EPILOG)
    add_load_arguments(load_parser)

    text = "print what is delivered, until Ctrl-C"
    listen = command(commands.add_parser, "listen", parents=[peer], help=text, epilog=LISTEN_EPILOG)
    listen.add_argument("--count", type=int, help="stop after so many")
    listen.add_argument("--bind", choices=list(BIND_COMMANDS), help="default: transceiver")
    listen.add_argument(
        "--outbind-port",
        type=int,
        metavar="PORT",
        help="connect to nobody: wait at --host and this port for an outbind, then bind as a receiver",
    )
    listen.add_argument("--reconnect", action="store_true", help="connect again after a loss")
    return parser


def _peer_arguments(*, needs_account: bool = True) -> argparse.ArgumentParser:
    peer = argparse.ArgumentParser(add_help=False)
    peer.add_argument("--host", default="127.0.0.1", help="default: %(default)s")
    peer.add_argument("--port", type=int, default=2775, help="default: %(default)s")
    peer.add_argument("--system-id", required=needs_account, metavar="ID")
    peer.add_argument("--password", help="default: what SMPP_PASSWORD says in the environment")
    peer.add_argument("--tls", action="store_true", help="use TLS, checked by the system's authorities")
    peer.add_argument("--ca", type=Path, metavar="FILE", help="use TLS, checked by these authorities (PEM)")
    peer.add_argument("--insecure", action="store_true", help="use TLS, and check nothing")
    peer.add_argument("--json", action="store_true", help="print JSON, for other programs")
    return peer


# ---------------------------------------------------------------------- what it does


async def _run(arguments: argparse.Namespace) -> int:
    return await {"send": _send, "load": load, "listen": _listen}[arguments.command](arguments)


def _opened(
    arguments: argparse.Namespace, bind: str = "transceiver", options: EsmeOptions | None = None
) -> AbstractAsyncContextManager[Esme]:
    return open_esme(
        arguments.host,
        arguments.port,
        arguments.system_id,
        arguments.password,
        bind=bind,
        tls=arguments.context,
        options=options,
    )


async def _send(arguments: argparse.Namespace) -> int:
    async with _opened(arguments) as esme:
        responses = await esme.submit(
            arguments.to, arguments.text, source=arguments.source, method=arguments.method
        )
        is_good = True
        waiting: set[bytes] = set()
        for part, response in enumerate(responses, start=1):
            status = c.status_name(response.command_status)
            message_id = response.message_id if isinstance(response, SubmitSmResp) else b""
            is_good &= response.command_status == c.ESME_ROK
            waiting |= {message_id} if message_id else set()
            _say(arguments, part=part, parts=len(responses), status=status, message_id=message_id.decode())
        if arguments.wait_receipt:
            ended = f"within {arguments.wait_s:g} s"
            try:
                with trio.move_on_after(arguments.wait_s):
                    await _receipts(arguments, esme, waiting)
            except trio.EndOfChannel:
                ended = "before the connection ended"
            if waiting:
                missing = b", ".join(sorted(waiting)).decode("latin-1")
                print(f"no final receipt {ended}: {missing}", file=sys.stderr)
                is_good = False
    return EXIT_OK if is_good else EXIT_REFUSED


async def _receipts(arguments: argparse.Namespace, esme: Esme, waiting: set[bytes]) -> None:
    """Print what comes until each of `waiting` has its final receipt.

    Raises trio.EndOfChannel when the connection ends before that.
    """
    while waiting:
        pdu = await esme.deliveries.receive()
        _say(arguments, **_described(pdu))
        receipt = parse_receipt(pdu)
        if receipt is not None and receipt.is_final:
            waiting.discard(receipt.message_id)


async def _listen(arguments: argparse.Namespace) -> int:
    # Ctrl-C is the ordinary end, of what is innermost: it unbinds; before there is a bind, and while it
    # unbinds, it ends at once.
    everything = trio.CancelScope()
    scopes = [everything]
    problem: Exception | None = None
    with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals, everything:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(_cancel_last, signals, scopes)
            try:
                await _print_deliveries(arguments, scopes)
            except (BindError, ConnectionLostError, OSError) as error:
                # Out of the nursery, which would make a group of it.
                problem = error
            nursery.cancel_scope.cancel()
    if problem is not None:
        raise problem
    return EXIT_OK


async def _print_deliveries(arguments: argparse.Namespace, scopes: list[trio.CancelScope]) -> None:
    """Print what comes until it is enough, or the last of `scopes`, its own, is cancelled."""
    # Who is called has nobody to be told of: an MC that has had its say hangs up.
    told = _teller(arguments) if arguments.outbind_port is None else None
    options = EsmeOptions(reconnect_max_s=RECONNECT_MAX_S if arguments.reconnect else None, told=told)
    count = 0
    reassembler = Reassembler()
    async with _listening(arguments, options) as esme:
        with trio.CancelScope() as scope:
            scopes.append(scope)
            async for pdu in esme.deliveries:
                shown = assembled(pdu, reassembler, trio.current_time())
                if shown is None:
                    continue
                _say(arguments, **shown)
                count += 1
                if count == arguments.count:
                    break
        scopes.remove(scope)
        is_lost = esme.session is None
    if is_lost:
        raise ConnectionLostError("the connection has ended")


def _teller(arguments: argparse.Namespace) -> Callable[[Exception], None]:
    """Tell on stderr why there is no bind; what is the same as before, once."""
    last = ""

    def tell(problem: Exception) -> None:
        nonlocal last
        why = reason(problem)
        if why != last:
            print(f"{arguments.host}:{arguments.port}: {why}; trying again", file=sys.stderr, flush=True)
        last = why

    return tell


@asynccontextmanager
async def _listening(arguments: argparse.Namespace, options: EsmeOptions) -> AsyncGenerator[Esme, None]:
    """Bind to the MC, or wait until it calls and bind then."""
    if arguments.outbind_port is None:
        async with _opened(arguments, arguments.bind or "transceiver", options) as esme:
            yield esme
        return
    async with called_at(arguments.host, arguments.outbind_port) as connect:
        options = attrs.evolve(options, connect_s=math.inf)
        bind = arguments.bind or "receiver"
        async with esme_over(
            connect, arguments.system_id, arguments.password, bind=bind, options=options
        ) as esme:
            yield esme


async def _cancel_last(signals: AsyncIterator[int], scopes: Sequence[trio.CancelScope]) -> None:
    async for _ in signals:
        scopes[-1].cancel()


def assembled(pdu: DeliverSm | DataSm, reassembler: Reassembler, now: float) -> dict[str, Any] | None:
    """Return what to show of a delivery; of a part of a long message nothing until the whole has come."""
    reassembler.tick(now)
    part = part_of(pdu) if parse_receipt(pdu) is None else None
    if part is None or part.total == 1:
        return _described(pdu)
    octets = reassembler.add("", pdu.source_addr, pdu.destination_addr, part, user_text(pdu), now)
    if octets is None:
        return None
    return _described(pdu) | {"text": decode_text(pdu.data_coding, octets), "parts": part.total}


def _described(pdu: DeliverSm | DataSm) -> dict[str, Any]:
    receipt = parse_receipt(pdu)
    if receipt is not None:
        return {
            "receipt": receipt.message_id.decode("ascii", "replace"),
            "stat": receipt.stat.decode("ascii", "replace") or c.message_state_name(receipt.message_state),
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
        print("  ".join(pairs(values)), flush=True)


def pairs(values: dict[str, object]) -> Iterator[str]:
    """Return name=value for each, safe to print."""
    for name, value in values.items():
        # A text may hold anything, and shall not move a terminal's cursor.
        text = "".join(sign if sign.isprintable() else repr(sign)[1:-1] for sign in str(value))
        yield f"{name}={text}"


if __name__ == "__main__":
    sys.exit(main())
