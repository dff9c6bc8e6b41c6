# What the demo shows: who is bound, what flows, how it ends, how long it takes - and how to join in.
"""The demo on the terminal."""

from collections import Counter
from typing import Any

from rich import box
from rich.console import Group
from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from simulators.demo_traffic import CustomerAtWork
from simulators.demo_world import GUEST
from simulators.histogram import Histogram
from smpp_router.net.router import Running

SNIPPET = """\
import smpplib.client
client = smpplib.client.Client("127.0.0.1", {port})
client.connect()
client.bind_transceiver(system_id="guest", password="guest123")
client.set_message_received_handler(lambda pdu: print(pdu.short_message))
message = {{"source_addr": "106900009", "destination_addr": "8613900000001"}}
client.send_message(**message, registered_delivery=1, short_message=b"hello")
client.listen()"""
"""Works as it stands, with smpplib installed; the receipt is printed seconds later."""


class View:
    """Tables of a running demo. Rates are over the time between two calls of render()."""

    def __init__(self, running: Running, customers: list[CustomerAtWork]) -> None:
        self._running = running
        self._customers = customers
        self._before: dict[str, tuple[int, int]] = {}
        self._before_at = 0.0

    def render(self, elapsed_s: float, left_s: float | None) -> Group:
        """Return the whole picture, 80 columns wide or more."""
        seconds = max(elapsed_s - self._before_at, 1e-9)
        self._before_at = elapsed_s
        end = "Ctrl-C ends it" if left_s is None else f"ends in {max(left_s, 0):.0f} s; Ctrl-C ends it now"
        title = Text(f"smpp-router demo   {elapsed_s:,.0f} s   {end}", style="bold")
        return Group(title, self._accounts(seconds), self._carriers(seconds), self._states(), self._how_to())

    def _accounts(self, seconds: float) -> Table:
        table = _table(
            "customer", "class", "binds", "sent/s", "accepted", "receipts", "response ms", "receipt s"
        )
        for customer in self._customers:
            counters = customer.counters
            rates = self._rates(customer.customer.system_id, counters.parts, counters.receipts, seconds)
            account = self._running.exchange.accounts[customer.customer.system_id]
            table.add_row(
                customer.customer.system_id,
                customer.customer.traffic_class,
                str(len(account.sessions)),
                f"{rates[0]:,.0f}",
                f"{account.counters.accepted:,}",
                f"{counters.receipts:,}",
                _quantiles(counters.submit, 1.0),
                _quantiles(counters.receipt, 1000.0),
            )
        guest = self._running.exchange.accounts[GUEST.system_id]
        guest_counters = guest.counters
        rates = self._rates(GUEST.system_id, guest_counters.accepted, guest_counters.delivered, seconds)
        table.add_row(
            f"{GUEST.system_id} (you)",
            GUEST.traffic_class,
            str(len(guest.sessions)),
            f"{rates[0]:,.0f}",
            f"{guest_counters.accepted:,}",
            f"{guest_counters.delivered:,}",
            "-",
            "-",
        )
        return table

    def _carriers(self, seconds: float) -> Table:
        table = _table("carrier", "links", "sent/s", "taken", "receipts", "refused", "waiting", "awaiting")
        exchange = self._running.exchange
        for carrier in exchange.carriers.values():
            counters = carrier.counters
            rates = self._rates(carrier.name, counters.sent, counters.receipts, seconds)
            table.add_row(
                carrier.name,
                f"{len(carrier.sessions)} up" if carrier.is_up else "down",
                f"{rates[0]:,.0f}",
                f"{counters.taken:,}",
                f"{counters.receipts:,}",
                f"{counters.refused + counters.throttled:,}",
                f"{carrier.queued:,}",
                f"{len(exchange.flight.taken[carrier.name]):,}",
            )
        return table

    def _states(self) -> Text:
        stats: Counter[str] = Counter()
        for customer in self._customers:
            stats.update(customer.counters.stats)
        ended = "  ".join(f"{stat} {count:,}" for stat, count in sorted(stats.items())) or "none yet"
        commits = self._running.committer.commits
        in_flight = len(self._running.exchange.flight)
        return Text(f"in flight {in_flight:,}   final receipts: {ended}   durable commits {commits:,}")

    def _how_to(self) -> Panel:
        port = self._running.ports[0]
        return Panel(
            SNIPPET.format(port=port),
            title=f"your own client: 127.0.0.1 port {port}, system_id guest, password guest123",
            title_align="left",
        )

    def _rates(self, name: str, first: int, second: int, seconds: float) -> tuple[float, float]:
        before = self._before.get(name, (0, 0))
        self._before[name] = (first, second)
        return (first - before[0]) / seconds, (second - before[1]) / seconds


def line(running: Running, customers: list[CustomerAtWork], elapsed_s: float) -> str:
    """Return the same in one line, where there is no terminal to draw on."""
    summary = summarise(running, customers)
    up = sum(len(carrier.sessions) for carrier in running.exchange.carriers.values())
    return (
        f"{elapsed_s:6.1f} s  {up} links up  {summary['accepted']:,} accepted"
        f"  {summary['receipts']:,} receipts  {summary['in_flight']:,} in flight"
        f"  response p99 {summary['submit_ms']['p99']:.0f} ms"
    )


def summarise(running: Running, customers: list[CustomerAtWork]) -> dict[str, Any]:
    """Return what happened, as plain values."""
    exchange = running.exchange
    stats: Counter[str] = Counter()
    submit, receipt = Histogram(), Histogram()
    for customer in customers:
        stats.update(customer.counters.stats)
    submit.include(customer.counters.submit for customer in customers)
    receipt.include(customer.counters.receipt for customer in customers)
    return {
        "port": running.ports[0],
        "accepted": sum(account.counters.accepted for account in exchange.accounts.values()),
        "ended": sum(exchange.ending.ended.values()),
        "in_flight": len(exchange.flight),
        "receipts": sum(customer.counters.receipts for customer in customers),
        "refused": sum(customer.counters.refused for customer in customers),
        "by_customer": {customer.customer.system_id: customer.counters.accepted for customer in customers},
        "stats": dict(sorted(stats.items())),
        "submit_ms": submit.summary(),
        "receipt_ms": receipt.summary(),
        "commits": running.committer.commits,
    }


def _table(*columns: str) -> Table:
    # Without borders all of it fits into 80 columns and 24 lines.
    table = Table(expand=True, pad_edge=False, box=box.SIMPLE_HEAD, padding=(0, 0), show_edge=False)
    for number, column in enumerate(columns):
        table.add_column(column, justify="left" if number < 2 else "right", no_wrap=number < 2)
    return table


def _quantiles(histogram: Histogram, divisor: float) -> str:
    if not histogram.count:
        return "-"
    median, tail = histogram.percentile_ms(0.5) / divisor, histogram.percentile_ms(0.99) / divisor
    return f"{median:.1f} p99 {tail:.1f}"
