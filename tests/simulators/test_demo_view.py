"""The picture of the demo: a router that serves, and terminals of several sizes."""

import random
from collections import deque
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from io import StringIO
from pathlib import Path

import pytest
import trio
from rich.console import Console

from simulators.demo_traffic import CustomerAtWork, Recent
from simulators.demo_view import SNIPPET, Demo, View, line, states, summarise, summary_table
from simulators.demo_world import CUSTOMERS, router_configuration
from simulators.wall_clock import unix_s
from smpp_router.net.router import Running, run_router
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.wire import constants as c

NOBODY = {"china-mobile": 1, "unicom": 1, "telecom": 1}
"""Ports at which no carrier listens."""


@asynccontextmanager
async def demo(folder: Path) -> AsyncGenerator[Demo, None]:
    """A demo whose carriers are away and whose customers have not begun: a test makes what it shows."""
    config = router_configuration(0, NOBODY, folder)
    store = EmbeddedStore(
        folder, commit="inline", segment_bytes=65_536, retention_s=0.0, disk_free_min_bytes=0
    )
    serve = partial(run_router, config, store, started_at=unix_s(), rng=random.Random(1))
    customers = [CustomerAtWork(one, 1.0, random.Random(1), trio.current_time) for one in CUSTOMERS]
    async with trio.open_nursery() as nursery:
        running: Running = await nursery.start(serve)
        yield Demo(running, customers, 100.0, deque(["bound system_id=bank"]))
        nursery.cancel_scope.cancel()
    await store.aclose()


def drawn(view: View, now: float, width: int, height: int) -> list[str]:
    console = Console(width=width, height=height, file=StringIO(), color_system=None)
    console.print(view.render(now, height, "Ctrl-C ends it"))
    assert isinstance(console.file, StringIO)
    return [text.rstrip() for text in console.file.getvalue().splitlines()]


def busy(it: Demo) -> None:
    """Numbers as wide as they become in a day."""
    exchange = it.exchange
    for account in exchange.accounts.values():
        account.counters.accepted = 1_234_567
        account.counters.delivered = 1_234_567
    for carrier in exchange.carriers.values():
        carrier.counters.sent = carrier.counters.taken = carrier.counters.receipts = 1_234_567
    exchange.ending.ended.update({c.DELIVERED: 1_234_567, c.EXPIRED: 12_345, c.REJECTED: 123})
    for customer in it.customers:
        customer.counters.submit.add(0.0123)
        customer.counters.receipt.add(1.5)
        for second in range(20):
            customer.recent.append(Recent(second, "verification", "86139******17", 2, "DELIVRD", 1.5))


@pytest.mark.parametrize(("width", "height"), [(80, 24), (80, 30), (100, 32), (132, 50)])
async def test_it_fits_and_shows_all(width: int, height: int, tmp_path: Path) -> None:
    async with demo(tmp_path) as it:
        busy(it)
        lines = drawn(View(it), 165.0, width, height)
        port = it.port
    assert len(lines) == height
    text = "\n".join(lines)
    assert "…" not in text
    for words in ("1:05", "Ctrl-C ends it", "bank", "courier", "ministry", "shop", "your own client"):
        assert words in text
    for words in ("0/2 tx, 0/1 rx", "0/2 trx", "1,234,567 delivered", "12,345 expired", "commits/s"):
        assert words in text
    assert f"host 127.0.0.1, port {port}, system_id guest, password demopass" in text
    assert "12.3 / 12.3" in text, "answers, in milliseconds"
    assert text.endswith(SNIPPET.format(port=port)), "can be copied: nothing is before or behind its lines"
    assert "86139******17  2 parts  DELIVRD" in text


@pytest.mark.parametrize(("width", "height"), [(40, 10), (20, 5)])
async def test_too_small_a_terminal_does_no_harm(width: int, height: int, tmp_path: Path) -> None:
    async with demo(tmp_path) as it:
        assert drawn(View(it), 165.0, width, height)


async def test_the_latest_message_comes_first(tmp_path: Path) -> None:
    async with demo(tmp_path) as it:
        for second, customer in enumerate(it.customers):
            customer.recent.append(Recent(second, customer.customer.traffic_class, "*", 1, "DELIVRD", 1.0))
        lines = drawn(View(it), 165.0, 100, 40)
    classes = [text[10:].split()[0] for text in lines if "DELIVRD" in text]
    assert classes == [customer.traffic_class for customer in reversed(CUSTOMERS)]


async def test_rates_are_over_the_last_seconds(tmp_path: Path) -> None:
    async with demo(tmp_path) as it:
        view = View(it)
        counters = it.exchange.accounts["bank"].counters
        rates: list[str] = []
        for second in range(12):
            bank = next(text for text in drawn(view, 100.0 + second, 100, 32) if text.startswith("bank"))
            rates.append(bank.split()[3])
            counters.accepted += 30 if second < 6 else 0
    assert rates == ["0", "30", "30", "30", "30", "30", "30", "20", "10", "0", "0", "0"]


async def test_a_line_and_a_summary_say_the_same(tmp_path: Path) -> None:
    async with demo(tmp_path) as it:
        assert "none ended" in line(it, 103.0)
        it.exchange.ending.ended.update({c.DELIVERED: 3, c.UNDELIVERABLE: 1})
        it.exchange.accounts["guest"].counters.accepted = 4
        said, summary = line(it, 103.0), summarise(it, 103.0)
        shown = StringIO()
        Console(file=shown, width=80).print(summary_table(summary))
        assert "none has come" in shown.getvalue()
        assert states(it.exchange) == summary["states"] == {"DELIVERED": 3, "UNDELIVERABLE": 1}
    assert "4 accepted, 0 in flight, 3 delivered, 1 undeliverable" in said
    assert (summary["accepted"], summary["ended"], summary["in_flight"], summary["seconds"]) == (4, 4, 0, 3.0)


def test_the_readme_shows_the_snippet_that_is_tested() -> None:
    assert SNIPPET.format(port=2775) in (Path(__file__).parents[2] / "README.md").read_text("utf-8")
