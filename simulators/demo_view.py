# What the demo shows: who is bound, what flows, how it ends, how long it takes - and how to join in.
# It is written for 80 columns and 24 lines; a larger terminal shows more of the recent messages.
"""The demo on the terminal."""

import shutil
import sys
from collections import deque
from collections.abc import Iterable, Sequence
from operator import attrgetter
from pathlib import Path
from typing import Any, Final

import attrs
from rich.console import Group, RenderableType
from rich.table import Table
from rich.text import Text

from simulators.demo_traffic import DELIVERED, CustomerAtWork
from simulators.demo_world import CUSTOMERS, GUEST
from simulators.histogram import Histogram
from smpp_router.core.carriers import Carrier
from smpp_router.core.exchange import Exchange
from smpp_router.net.router import Running
from smpp_router.session.states import State
from smpp_router.wire import constants as c

SNIPPET: Final = """\
import smpplib.client
client = smpplib.client.Client("127.0.0.1", {port})
client.set_message_sent_handler(lambda pdu: print("accepted", pdu.message_id))
client.set_message_received_handler(lambda pdu: print(pdu.short_message))
client.connect()
client.bind_transceiver(system_id="guest", password="demopass")
client.send_message(source_addr="106900009", destination_addr="8613900000001",
                    registered_delivery=1, short_message=b"hello")
client.listen()  # the receipt comes within seconds; Ctrl-C ends it"""
"""Works as it stands; smpplib is among our dependencies."""
COMMAND: Final = (
    "{program} send --port {port} --system-id guest \\\n"
    "    --password demopass --to 8613900000001 --text hello --wait-receipt"
)
"""The same without Python."""

RATE_S: Final = 3.0
"""Rates are over so long: shorter ones jump, longer ones tell of the past."""
LARGE_LINES: Final = 30
"""Terminals with fewer lines get no blank ones, and no command line beside the snippet."""
BINDS: Final = (
    ("transmitter", State.BOUND_TX, "tx"),
    ("receiver", State.BOUND_RX, "rx"),
    ("transceiver", State.BOUND_TRX, "trx"),
)


@attrs.define(eq=False)
class Demo:
    """A running demo, as far as it can be looked at."""

    running: Running
    customers: Sequence[CustomerAtWork]
    started_at: float
    events: deque[str]
    """The router's log, the latest last."""

    @property
    def exchange(self) -> Exchange:
        """The router's core."""
        return self.running.exchange

    @property
    def port(self) -> int:
        """Where the router listens."""
        return self.running.ports[0]


class View:
    """The picture of a running demo, over and over: rates need to know what was before."""

    def __init__(self, demo: Demo) -> None:
        self._demo = demo
        self._past: deque[tuple[float, dict[str, int]]] = deque()

    def render(self, now: float, lines: int, end: str) -> Group:
        """Return the whole picture, for a terminal of so many lines; `end` says how it ends."""
        demo = self._demo
        rates = self._rates(now)
        is_large = lines >= LARGE_LINES
        gap: list[RenderableType] = [Text("")] if is_large else []
        elapsed_s = int(now - demo.started_at)
        title = Text.assemble(
            ("smpp-router demo", "bold"),
            f"   {elapsed_s // 60}:{elapsed_s % 60:02d}   {end}",
            ("   latencies: p50 / p99", "dim"),
        )
        upper: list[RenderableType] = [title, self._accounts(rates), *gap, self._carriers(rates), *gap]
        upper += [_states(demo.exchange), self._store(rates)]
        lower: list[RenderableType] = [*gap, *_how_to(demo.port, is_large)]
        room = lines - _lines(upper) - _lines(lower)
        return Group(*upper, *_recent(demo, max(room, 0)), *lower)

    def _rates(self, now: float) -> dict[str, float]:
        """Return what is counted, a second, over the last RATE_S seconds."""
        counts = _counts(self._demo)
        past = self._past
        past.append((now, counts))
        while len(past) > 2 and past[1][0] <= now - RATE_S:
            past.popleft()
        then, before = past[0]
        if now <= then:
            return dict.fromkeys(counts, 0.0)
        return {name: (count - before[name]) / (now - then) for name, count in counts.items()}

    def _accounts(self, rates: dict[str, float]) -> Table:
        table = _table(
            "customer", "class", "binds", "sent/s", "receipts/s", "accepted", "answer ms", "receipt s"
        )
        customers = {customer.customer.system_id: customer for customer in self._demo.customers}
        for customer in (*CUSTOMERS, GUEST):
            account = self._demo.exchange.accounts[customer.system_id]
            at_work = customers.get(customer.system_id)
            counters = None if at_work is None else at_work.counters
            is_guest = customer is GUEST
            table.add_row(
                customer.system_id,
                "your own client" if is_guest else customer.traffic_class,
                str(len(account.sessions)),
                f"{rates['sent ' + customer.system_id]:,.0f}",
                f"{rates['receipts ' + customer.system_id]:,.0f}",
                f"{account.counters.accepted:,}",
                "" if counters is None else _quantiles(counters.submit, 1.0),
                "" if counters is None else _quantiles(counters.receipt, 1_000.0),
                style="dim" if is_guest and not account.sessions else "",
            )
        return table

    def _carriers(self, rates: dict[str, float]) -> Table:
        table = _table("carrier", "binds", "sent/s", "receipts/s", "taken", "refused", "queued", "in flight")
        exchange = self._demo.exchange
        for carrier in exchange.carriers.values():
            counters = carrier.counters
            table.add_row(
                carrier.name,
                _binds(carrier),
                f"{rates['sent ' + carrier.name]:,.0f}",
                f"{rates['receipts ' + carrier.name]:,.0f}",
                f"{counters.taken:,}",
                f"{counters.refused + counters.throttled:,}",
                f"{carrier.queued:,}",
                f"{len(exchange.flight.taken[carrier.name]):,}",
            )
        return table

    def _store(self, rates: dict[str, float]) -> Text:
        return Text.assemble(
            ("store     ", "bold"),
            f"{rates['commits']:,.0f} commits/s, {self._demo.running.committer.commits:,} in all; "
            "each is on disk before it is answered",
        )


def _counts(demo: Demo) -> dict[str, int]:
    exchange = demo.exchange
    counts = {"commits": demo.running.committer.commits}
    for account in exchange.accounts.values():
        counts["sent " + account.system_id] = account.counters.accepted
        counts["receipts " + account.system_id] = account.counters.delivered
    for carrier in exchange.carriers.values():
        counts["sent " + carrier.name] = carrier.counters.sent
        counts["receipts " + carrier.name] = carrier.counters.receipts
    return counts


def states(exchange: Exchange) -> dict[str, int]:
    """Return how many messages have ended in which state, by its name."""
    return {c.message_state_name(state): count for state, count in sorted(exchange.ending.ended.items())}


def _states(exchange: Exchange) -> Text:
    text = Text.assemble(("messages  ", "bold"), f"{len(exchange.flight):,} in flight")
    for name, count in states(exchange).items():
        text.append(f", {count:,} ")
        text.append(name.lower(), style="green" if name == "DELIVERED" else "yellow")
    return text


def _recent(demo: Demo, lines: int) -> Iterable[Text]:
    """Return the end of the router's log and the latest messages that have ended, in so many lines."""
    shown: list[Text] = []
    if lines > 2 and demo.events:
        shown.append(
            Text.assemble(("log       ", "bold"), demo.events[-1], no_wrap=True, overflow="ellipsis")
        )
    recent = sorted((one for at_work in demo.customers for one in at_work.recent), key=attrgetter("ended_at"))
    for one in recent[: -(lines - len(shown)) - 1 : -1] if lines > len(shown) else ():
        head = "recent    " if not shown or shown[-1].plain.startswith("log") else " " * 10
        parts = "1 part " if one.parts == 1 else f"{one.parts} parts"
        shown.append(
            Text.assemble(
                (head, "bold"),
                f"{one.traffic_class:<13}{one.number}  {parts}  ",
                (f"{one.stat:<16}", "green" if one.stat == DELIVERED else "yellow"),
                f"after {one.took_s:.1f} s",
                no_wrap=True,
                overflow="ellipsis",
            )
        )
    # The lower part keeps its place while there is little to show.
    return [*shown, *([Text("")] * (lines - len(shown)))]


def _how_to(port: int, is_large: bool) -> Iterable[Text]:
    yield Text(
        f"Your own client: host 127.0.0.1, port {port}, system_id guest, password demopass", style="bold"
    )
    if is_large:
        yield Text(COMMAND.format(program=_program(), port=port), no_wrap=True)
    yield Text(SNIPPET.format(port=port), no_wrap=True, style="cyan")


def _program() -> str:
    """Return what the shell here calls `smpp-esme`: after `make demo` no virtual environment is active."""
    if shutil.which("smpp-esme"):
        return "smpp-esme"
    python = Path(sys.executable)
    if python.is_relative_to(Path.cwd()):
        python = python.relative_to(Path.cwd())
    return f"{python} -m simulators esme"


def how_to(port: int) -> str:
    """Return how to join in, for where there is no terminal to draw on."""
    return "\n".join(text.plain for text in _how_to(port, is_large=True))


def line(demo: Demo, now: float) -> str:
    """Return the state of a demo in one line."""
    exchange = demo.exchange
    submit = Histogram()
    submit.include(customer.counters.submit for customer in demo.customers)
    ended = ", ".join(f"{count:,} {name.lower()}" for name, count in states(exchange).items())
    accepted = sum(account.counters.accepted for account in exchange.accounts.values())
    binds = sum(len(account.sessions) for account in exchange.accounts.values())
    links = sum(len(carrier.sessions) for carrier in exchange.carriers.values())
    return (
        f"{now - demo.started_at:5.0f} s: {binds} customers' and {links} carriers' binds; "
        f"{accepted:,} accepted, "
        f"{len(exchange.flight):,} in flight, {ended or 'none ended'}; answers p99 "
        f"{submit.percentile_ms(0.99):.0f} ms; {demo.running.committer.commits:,} commits"
    )


def summarise(demo: Demo, now: float) -> dict[str, Any]:
    """Return what happened, as plain values."""
    exchange = demo.exchange
    submit, receipt = Histogram(), Histogram()
    submit.include(customer.counters.submit for customer in demo.customers)
    receipt.include(customer.counters.receipt for customer in demo.customers)
    return {
        "port": demo.port,
        "seconds": round(now - demo.started_at, 3),
        "accepted": sum(account.counters.accepted for account in exchange.accounts.values()),
        "ended": sum(exchange.ending.ended.values()),
        "in_flight": len(exchange.flight),
        "states": states(exchange),
        "commits": demo.running.committer.commits,
        "submit_to_response_ms": submit.summary(),
        "submit_to_receipt_ms": receipt.summary(),
        "customers": {
            at_work.customer.system_id: {
                "traffic_class": at_work.customer.traffic_class,
                "texts": at_work.counters.texts,
                "long_texts": at_work.counters.long_texts,
                "accepted": at_work.counters.accepted,
                "refused": at_work.counters.refused,
                "receipts": at_work.counters.receipts,
                "stats": dict(sorted(at_work.counters.stats.items())),
            }
            for at_work in demo.customers
        },
        "carriers": {
            name: {
                "binds": len(carrier.sessions),
                "sent": carrier.counters.sent,
                "taken": carrier.counters.taken,
                "refused": carrier.counters.refused + carrier.counters.throttled,
                "receipts": carrier.counters.receipts,
            }
            for name, carrier in exchange.carriers.items()
        },
    }


def summary_table(summary: dict[str, Any]) -> Table:
    """Return a summary as a table."""
    table = Table(title="smpp-router demo", show_header=False, title_justify="left")
    table.add_column(style="bold")
    table.add_column()
    table.add_row("accepted", f"{summary['accepted']:,} in {summary['seconds']:,.0f} s")
    for name, count in summary["states"].items():
        table.add_row(name.lower(), f"{count:,}")
    table.add_row("still in flight", f"{summary['in_flight']:,}")
    answer, receipt = summary["submit_to_response_ms"], summary["submit_to_receipt_ms"]
    table.add_row("answer after", f"p50 {answer['p50']:,.1f} ms, p99 {answer['p99']:,.1f} ms")
    told = f"p50 {receipt['p50'] / 1e3:,.1f} s, p99 {receipt['p99'] / 1e3:,.1f} s"
    table.add_row("receipt after", told if receipt["p99"] else "none has come")
    table.add_row("durable commits", f"{summary['commits']:,}")
    return table


def _lines(parts: Iterable[RenderableType]) -> int:
    """Count the lines of texts, and of tables, which have a header."""
    return sum(part.row_count + 1 if isinstance(part, Table) else str(part).count("\n") + 1 for part in parts)


def _table(*columns: str) -> Table:
    table = Table(box=None, expand=True, pad_edge=False, padding=(0, 1, 0, 0), header_style="bold")
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < 2 else "right", no_wrap=True)
    return table


def _binds(carrier: Carrier) -> str:
    """Say how many binds of each kind stand, of how many there should be."""
    parts: list[str] = []
    for bind, state, short in BINDS:
        wanted = sum(link.binds for link in carrier.config.links if link.bind == bind)
        if wanted:
            parts.append(f"{sum(session.state is state for session in carrier.sessions)}/{wanted} {short}")
    return ", ".join(parts)


def _quantiles(histogram: Histogram, divisor: float) -> str:
    if not histogram.count:
        return "-"
    return f"{histogram.percentile_ms(0.5) / divisor:.1f} / {histogram.percentile_ms(0.99) / divisor:.1f}"
