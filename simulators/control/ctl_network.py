"""The orders of `smpp-carriers ctl` that are about the radio network and its handsets."""

import argparse
from collections.abc import Callable
from typing import Any, Final
from urllib.parse import quote

from simulators.control.client import ControlClient
from simulators.control.ctl_network_view import show_events, show_handset

Answer = dict[str, Any]
Said = tuple[Answer, Callable[[Answer], None]]
"""An answer, and what shows it to people."""

STATES: Final = ("on", "off", "out_of_coverage", "as_configured")
WHAT: Final = (*STATES, "full", "not_full", "clear")
"""What a handset can be ordered."""


def add_orders(order: Callable[..., argparse.ArgumentParser], *, changes_help: str) -> None:
    """Add the orders to the parser; `order` makes one by its name and what it says."""
    network = order("network", "show what the network has seen, or change its keys", takes_carrier=False)
    network.add_argument("changes", nargs="*", metavar="KEY=VALUE", help=changes_help)
    events = order("events", "show the latest events of the network", takes_carrier=False)
    events.add_argument("--number", help="of one handset")
    events.add_argument("--kind", help="sri_sm, mt_forward_sm, alert_sc, mo_forward_sm or final")
    events.add_argument("--cause", help="such as absentSubscriberSM")
    events.add_argument("--limit", type=int, default=20, help="how many of the latest (default 20)")
    port = order("port", "have another carrier serve a number", takes_carrier=False)
    port.add_argument("number", metavar="NUMBER")
    port.add_argument("carrier", nargs="?", default="", metavar="CARRIER", help="none: back to the plan's")
    handset = order("handset", "show a handset, or have it be otherwise", takes_carrier=False)
    handset.add_argument("number", metavar="NUMBER")
    handset.add_argument("what", nargs="?", choices=WHAT, metavar="WHAT", help=", ".join(WHAT))
    send = order("send", "have a handset send a text", takes_carrier=False)
    send.add_argument("number", metavar="NUMBER", help="the handset")
    send.add_argument("text", metavar="TEXT")
    send.add_argument("--to", required=True, metavar="NUMBER", help="the service's number")
    send.add_argument("--carrier", default="", help="by way of which; the one that serves the handset")
    wait = order("wait-handset", "wait until a handset has been shown so many texts", takes_carrier=False)
    wait.add_argument("number", metavar="NUMBER")
    wait.add_argument("--text", default="", help="what the text contains")
    wait.add_argument("--source", default="", help="whom it is from")
    wait.add_argument("--since", type=float, default=0.0, metavar="UNIX_S")
    wait.add_argument("--count", type=int, default=1, metavar="N")
    wait.add_argument("--timeout", type=float, default=30.0, metavar="SECONDS")


def _path(arguments: argparse.Namespace, rest: str = "") -> str:
    return f"/handsets/{quote(arguments.number, safe='')}{rest}"


def change_network(client: ControlClient, changes: dict[str, Any]) -> dict[str, Any]:
    """Change keys of the network, or only ask for its state without any."""
    return client.ask("PATCH", "/network", changes) if changes else client.ask("GET", "/network")


def _events(client: ControlClient, arguments: argparse.Namespace) -> Said:
    query = {key: getattr(arguments, key) for key in ("number", "kind", "cause", "limit")}
    given = {key: value for key, value in query.items() if value is not None}
    return client.ask("GET", "/network/events", query=given), show_events


def _port(client: ControlClient, arguments: argparse.Namespace) -> Said:
    body = {"number": arguments.number, "carrier": arguments.carrier}
    answer = client.ask("POST", "/network/port", body)
    return answer, lambda said: print(f"{said['number']} is served by {said['served_by'] or 'nobody'}")


def _handset(client: ControlClient, arguments: argparse.Namespace) -> Said:
    what: str | None = arguments.what
    if what is None:
        answer = client.ask("GET", _path(arguments))
    elif what == "clear":
        answer = client.ask("POST", _path(arguments, "/clear"))
    elif what in STATES:
        answer = client.ask("PATCH", _path(arguments), {"state": what})
    else:
        answer = client.ask("PATCH", _path(arguments), {"is_full": what == "full"})
    return answer, show_handset


def _send(client: ControlClient, arguments: argparse.Namespace) -> Said:
    body = {key: getattr(arguments, key) for key in ("to", "text", "carrier")}
    answer = client.ask("POST", _path(arguments, "/send"), body)
    return answer, lambda said: print(f"{said['number']} sends to {said['to']} by way of {said['carrier']}")


def wait_for_texts(client: ControlClient, arguments: argparse.Namespace) -> dict[str, Any]:
    """Return the answer to a wait for texts on a handset."""
    body = {key: getattr(arguments, key) for key in ("text", "source", "since", "count")}
    body["timeout_s"] = arguments.timeout
    return client.ask("POST", _path(arguments, "/wait"), body, extra_s=arguments.timeout)


NETWORK_ORDERS: Final[dict[str, Callable[[ControlClient, argparse.Namespace], Said]]] = {
    "events": _events,
    "port": _port,
    "handset": _handset,
    "send": _send,
}
