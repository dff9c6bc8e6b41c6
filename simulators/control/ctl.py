"""`smpp-carriers ctl`: steering and asking carriers that run, from a terminal or a script."""

import argparse
import http
import json
import os
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

from simulators.control.client import ControlClient, Refused, Unreachable
from simulators.control.ctl_network import NETWORK_ORDERS, Said, add_orders, change_network, wait_for_texts
from simulators.control.ctl_network_view import show_network, show_shown
from simulators.control.ctl_view import show_messages, show_pdus, show_state

EXIT_OK: Final = 0
EXIT_NOT_MET: Final = 1
EXIT_BAD_COMMAND_LINE: Final = 2
EXIT_UNREACHABLE: Final = 3
EXIT_REFUSED: Final = 4

URL: Final = "http://127.0.0.1:8775"
EPILOG: Final = """examples:
  smpp-carriers ctl status
  smpp-carriers ctl change china-mobile response_s=0.5 anomalies.late=0.2
  smpp-carriers ctl inject china-mobile --from 8613900000001 --to 10690 --system-id bank TD
  smpp-carriers ctl change china-mobile mo.rate_per_s=20
  smpp-carriers ctl wait china-mobile --count 10 --destination '86139*' --timeout 30
  smpp-carriers ctl capture traffic.pcap
  smpp-carriers ctl handset 8613900000001 off
  smpp-carriers ctl wait-handset 8613900000001 --text hello

The token of the carriers' [control] table is read from SMPP_CONTROL_TOKEN.

exit status: 0 all is well, 1 fewer messages came than were waited for, 2 the command line is bad,
3 nobody answers, 4 the carriers refuse"""

_Subparsers = Any


def add_parser(subparsers: _Subparsers) -> argparse.ArgumentParser:
    """Add the command to those of smpp-carriers."""
    parser: argparse.ArgumentParser = subparsers.add_parser(
        "ctl",
        help="steer and ask carriers that run",
        description="Steer and ask carriers that run with a [control] table.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--url", default=URL, help=f"where their API listens (default {URL})")
    parser.add_argument("--json", action="store_true", help="print the answer as one line of JSON")
    orders = parser.add_subparsers(dest="order", required=True, metavar="order")

    def order(name: str, says: str, *, takes_carrier: bool = True) -> argparse.ArgumentParser:
        one: argparse.ArgumentParser = orders.add_parser(name, help=says, description=says)
        if takes_carrier:
            one.add_argument("carrier", metavar="CARRIER")
        return one

    status = order("status", "show carriers, binds and what was counted", takes_carrier=False)
    status.add_argument("carrier", nargs="?", metavar="CARRIER", help="one of them, with all of its keys")
    change = order("change", "change keys of a carrier's profile while it runs")
    change.add_argument(
        "changes", nargs="+", metavar="KEY=VALUE", help="values as in TOML; text needs no quotes"
    )
    inject = order("inject", "send a client a message from a handset")
    inject.add_argument("text", metavar="TEXT")
    inject.add_argument("--from", dest="source", required=True, metavar="NUMBER", help="the handset")
    inject.add_argument(
        "--to", dest="destination", required=True, metavar="NUMBER", help="the service's number"
    )
    inject.add_argument("--system-id", default="", help="whose message it is; needed if there are several")
    burst = order("burst", "have subscribers send many messages at once, as the carrier's mo says")
    burst.add_argument("--count", type=int, default=100, metavar="N", help="default: %(default)s")
    outbind = order("outbind", "call an account: connect to it, so that it binds")
    outbind.add_argument("--system-id", default="", help="whom; needed if there are several")
    order("down", "close a carrier's port and its connections")
    order("up", "have a carrier that is down listen again")
    disconnect = order("disconnect", "close a carrier's connections; the port stays open")
    disconnect.add_argument("--how", default="close", help="how, such as unbind (default close)")
    messages = order("messages", "show the messages that a carrier was sent")
    _add_filters(messages)
    messages.add_argument("--limit", type=int, default=20, help="how many of the latest (default 20)")
    wait = order("wait", "wait until so many messages that match have come")
    _add_filters(wait)
    wait.add_argument("--count", type=int, default=1, metavar="N")
    wait.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS")
    pdus = order("pdus", "show the latest PDUs, decoded", takes_carrier=False)
    pdus.add_argument("--carrier")
    # `command` is taken: it is what smpp-carriers does.
    pdus.add_argument("--command", dest="pdu", metavar="NAME", help="such as submit_sm")
    pdus.add_argument("--hex", action="store_true", help="show the octets too")
    pdus.add_argument("--limit", type=int, default=20)
    capture = order("capture", "save what passed as a file for Wireshark", takes_carrier=False)
    capture.add_argument("file", type=Path, metavar="FILE")
    capture.add_argument("--carrier")
    add_orders(order, changes_help="values as in TOML; text needs no quotes")
    order("reset", "count from nothing, and forget messages and PDUs", takes_carrier=False)
    return parser


def _add_filters(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--destination", help="* stands for anything: '86139*'")
    parser.add_argument("--source")
    parser.add_argument("--text", help="what the text contains")
    parser.add_argument("--system-id")
    parser.add_argument("--status", help="what it was answered with, such as ESME_ROK")
    parser.add_argument("--since", type=float, metavar="UNIX_S")


def run(arguments: argparse.Namespace) -> int:
    """Do what the command line says; return the exit status."""
    try:
        client = ControlClient(arguments.url, os.environ.get("SMPP_CONTROL_TOKEN", ""))
        return ORDERS[arguments.order](client, arguments)
    except Unreachable as error:
        print(error, file=sys.stderr)
        return EXIT_UNREACHABLE
    except Refused as error:
        where = "; it is read from SMPP_CONTROL_TOKEN" if error.status == http.HTTPStatus.UNAUTHORIZED else ""
        print(f"{error}{where}", file=sys.stderr)
        return EXIT_REFUSED
    except ValueError as error:
        print(error, file=sys.stderr)
        return EXIT_BAD_COMMAND_LINE
    except OSError as error:
        print(f"{error.filename}: {error.strerror}", file=sys.stderr)
        return EXIT_BAD_COMMAND_LINE


def parse_changes(pairs: list[str]) -> dict[str, Any]:
    """Read KEY=VALUE pairs. A value that is no TOML is a text: `throttle_status=ESME_RMSGQFUL`."""
    changes: dict[str, Any] = {}
    for pair in pairs:
        key, equals, value = pair.partition("=")
        if not equals or not key.strip():
            raise ValueError(f"{pair}: must be KEY=VALUE")
        try:
            table = tomllib.loads(f"value = {value}")
        except tomllib.TOMLDecodeError:
            table = {"value": value}
        changes[key.strip()] = table["value"] if len(table) == 1 else value
    return changes


def _carrier(arguments: argparse.Namespace, rest: str = "") -> str:
    return f"/carriers/{quote(arguments.carrier, safe='')}{rest}"


def _say(
    arguments: argparse.Namespace, answer: dict[str, Any], show: Callable[[dict[str, Any]], None]
) -> int:
    if arguments.json:
        print(json.dumps(answer, ensure_ascii=False))
    else:
        show(answer)
    return EXIT_OK


def _done(text: str) -> Callable[[dict[str, Any]], None]:
    return lambda _answer: print(text)


def _filters(arguments: argparse.Namespace) -> dict[str, Any]:
    given = {key: getattr(arguments, key) for key in ("destination", "source", "text", "system_id", "status")}
    given["since"] = arguments.since
    return {key: value for key, value in given.items() if value is not None}


def _status(client: ControlClient, arguments: argparse.Namespace) -> int:
    path = "/carriers" if arguments.carrier is None else _carrier(arguments)
    return _say(arguments, client.ask("GET", path), show_state)


def _change(client: ControlClient, arguments: argparse.Namespace) -> int:
    answer = client.ask("PATCH", _carrier(arguments), parse_changes(arguments.changes))
    return _say(
        arguments, answer, _done(f"{arguments.carrier}: {', '.join(answer.get('changed', ()))} changed")
    )


def _inject(client: ControlClient, arguments: argparse.Namespace) -> int:
    body = {key: getattr(arguments, key) for key in ("source", "destination", "text", "system_id")}
    answer = client.ask("POST", _carrier(arguments, "/inject"), body)
    parts = answer.get("parts")
    return _say(arguments, answer, _done(f"sent to {answer.get('system_id')}, in {parts} deliver_sm"))


def _burst(client: ControlClient, arguments: argparse.Namespace) -> int:
    answer = client.ask("POST", _carrier(arguments, "/burst"), {"count": arguments.count})
    told = f"{answer.get('sent')} messages sent, {answer.get('dropped')} dropped: no room, or no account"
    return _say(arguments, answer, _done(told))


def _outbind(client: ControlClient, arguments: argparse.Namespace) -> int:
    answer = client.ask("POST", _carrier(arguments, "/outbind"), {"system_id": arguments.system_id})
    place = f"{answer.get('host')}:{answer.get('port')}"
    return _say(arguments, answer, _done(f"{answer.get('system_id')} is being called at {place}"))


def _post(rest: str, says: str) -> Callable[[ControlClient, argparse.Namespace], int]:
    def order(client: ControlClient, arguments: argparse.Namespace) -> int:
        answer = client.ask("POST", _carrier(arguments, rest))
        return _say(arguments, answer, _done(f"{arguments.carrier} {says}"))

    return order


def _disconnect(client: ControlClient, arguments: argparse.Namespace) -> int:
    answer = client.ask("POST", _carrier(arguments, "/disconnect"), {"how": arguments.how})
    return _say(arguments, answer, _done(f"{arguments.carrier} has no connections"))


def _messages(client: ControlClient, arguments: argparse.Namespace) -> int:
    query = {**_filters(arguments), "limit": arguments.limit}
    return _say(arguments, client.ask("GET", _carrier(arguments, "/arrivals"), query=query), show_messages)


def _wait(client: ControlClient, arguments: argparse.Namespace) -> int:
    body = {**_filters(arguments), "count": arguments.count, "timeout_s": arguments.timeout}
    answer = client.ask("POST", _carrier(arguments, "/wait"), body, extra_s=arguments.timeout)
    return _met(arguments, answer, show_messages, "messages")


def _met(
    arguments: argparse.Namespace,
    answer: dict[str, Any],
    show: Callable[[dict[str, Any]], None],
    what: str,
) -> int:
    _say(arguments, answer, show)
    if answer.get("is_met"):
        return EXIT_OK
    print(f"{answer.get('count')} of {arguments.count} {what} came in time", file=sys.stderr)
    return EXIT_NOT_MET


def _pdus(client: ControlClient, arguments: argparse.Namespace) -> int:
    query = {"carrier": arguments.carrier, "command": arguments.pdu, "limit": arguments.limit}
    answer = client.ask(
        "GET", "/pdus", query={key: value for key, value in query.items() if value is not None}
    )
    return _say(arguments, answer, lambda said: show_pdus(said, arguments.hex))


def _capture(client: ControlClient, arguments: argparse.Namespace) -> int:
    with arguments.file.open("wb") as file:
        query = {"carrier": arguments.carrier} if arguments.carrier else {}
        octets = client.save("/capture.pcap", query, file)
    answer = {"file": str(arguments.file), "octets": octets}
    return _say(arguments, answer, _done(f"{octets} octets in {arguments.file}"))


def _reset(client: ControlClient, arguments: argparse.Namespace) -> int:
    return _say(arguments, client.ask("POST", "/reset"), _done("counted from nothing from now on"))


def _network(client: ControlClient, arguments: argparse.Namespace) -> int:
    answer = change_network(client, parse_changes(arguments.changes))
    return _say(arguments, answer, show_network)


def _network_order(
    ask: Callable[[ControlClient, argparse.Namespace], Said],
) -> Callable[[ControlClient, argparse.Namespace], int]:
    return lambda client, arguments: _say(arguments, *ask(client, arguments))


def _wait_handset(client: ControlClient, arguments: argparse.Namespace) -> int:
    answer = wait_for_texts(client, arguments)
    return _met(arguments, answer, show_shown, "texts")


ORDERS: Final[dict[str, Callable[[ControlClient, argparse.Namespace], int]]] = {
    "status": _status,
    "change": _change,
    "inject": _inject,
    "burst": _burst,
    "outbind": _outbind,
    "down": _post("/down", "is down"),
    "up": _post("/up", "is up"),
    "disconnect": _disconnect,
    "messages": _messages,
    "wait": _wait,
    "pdus": _pdus,
    "capture": _capture,
    "network": _network,
    **{name: _network_order(ask) for name, ask in NETWORK_ORDERS.items()},
    "wait-handset": _wait_handset,
    "reset": _reset,
}
