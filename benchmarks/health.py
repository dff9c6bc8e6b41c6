# What measuring carriers costs: the additions that every message makes on its way, and one look a second at
# every cell in use. Nothing else runs beside it, so that the numbers are its own.
"""`python -m benchmarks.health`: CPU of health scores, a message and a look."""

import argparse
import json
import statistics
import sys
import time
from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from smpp_router.config_health import HealthConfig
from smpp_router.message.message import Message
from smpp_router.routing.health import Health

MESSAGES = 100_000
START = 1_800_000_000.0


def main(argv: Sequence[str] | None = None) -> int:
    """Measure and tell."""
    parser = argparse.ArgumentParser(prog="python -m benchmarks.health", description=__doc__)
    parser.add_argument("--runs", type=int, default=7, help="medians of so many (default: %(default)s)")
    parser.add_argument("--cells", type=int, default=300, help="in use at once (default: %(default)s)")
    parser.add_argument("--json", action="store_true", help="print one JSON object")
    arguments = parser.parse_args(argv)
    result = {
        "us_per_message": round(statistics.median(message_us() for _ in range(arguments.runs)), 3),
        "us_per_cell_and_look": round(
            statistics.median(look_us(arguments.cells) for _ in range(arguments.runs)), 2
        ),
        "cells": arguments.cells,
    }
    if arguments.json:
        print(json.dumps(result))
    else:
        table = Table(title="health scores, CPU")
        table.add_column("what")
        table.add_column("us", justify="right")
        table.add_row("a message, submit_sm to receipt", f"{result['us_per_message']:.3f}")
        table.add_row("a cell in use, once a second", f"{result['us_per_cell_and_look']:.2f}")
        Console().print(table)
    return 0


def message_us() -> float:
    """Microseconds of what dispatch, a response and a receipt add, less those of the bare loop."""
    health = Health(HealthConfig(), ["mobile"], START)
    messages = [Message(n, n, "bank", "default", b"", b"", 1, START) for n in range(MESSAGES)]
    started = time.process_time()
    for _ in messages:
        pass
    empty_s = time.process_time() - started
    started = time.process_time()
    _count(health, messages)
    return (time.process_time() - started - empty_s) / MESSAGES * 1e6


def _count(health: Health, messages: list[Message]) -> None:
    """The same steps as carriers.Carrier._count, settle.Settle.responses and .receipts."""
    tallies = {("", "default"): health.tally("mobile", "", "default")}
    for message in messages:
        tally = tallies.get(("", message.traffic_class))
        assert tally is not None
        tally.sent += 1
        message.tally = tally
        message.sent_at = START
    cohorts: list[object] = []
    for message in messages:
        tally = message.tally
        if tally is not None:
            tally.accepted += 1
            tally.latency_sum_s += START + 0.1 - message.sent_at
            cohort = tally.cohort
            cohort.taken += 1
            cohorts.append(cohort)
    for message in messages:
        cohort = message.tally.cohort if message.tally is not None else None
        if cohort is not None:
            cohort.delivered += 1


def look_us(cells: int) -> float:
    """Microseconds a cell of looks at so many that all have traffic."""
    health = Health(HealthConfig(cells_max=max(1, cells)), ["mobile", "unicom", "telecom"], START)
    for carrier in ("mobile", "unicom", "telecom"):
        health.bound(carrier)
    looks = 30
    spent_s = 0.0
    keys = [(("mobile", "unicom", "telecom")[n % 3], f"r{n // 3}", "default") for n in range(cells)]
    for second in range(1, looks + 1):
        for key in keys:
            tally = health.tally(*key)
            tally.sent += 10
            cohort = tally.accept(10, 1.0)
            cohort.delivered += 9
        started = time.process_time()
        health.tick(START + second)
        spent_s += time.process_time() - started
    return spent_s / looks / cells * 1e6


if __name__ == "__main__":
    sys.exit(main())
