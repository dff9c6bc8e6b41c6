# The router as benchmarks run it: the real one, with its real store, in a process of its own, for carriers
# whose addresses it is told. First line out: where to bind. Last line, on SIGINT: what it cost.
"""A router for benchmarks, which reports its own CPU time and memory."""

import json
import logging
import os
import random
import resource
import shutil
import signal
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

import attrs
import trio

from benchmarks.mix import compliance
from benchmarks.routes import rules
from smpp_router.app import open_store, tune_interpreter
from smpp_router.config import (
    AccountConfig,
    CarrierConfig,
    LimitsConfig,
    LinkConfig,
    ListenerConfig,
    RouterConfig,
    RoutesConfig,
    StoreConfig,
)
from smpp_router.config_routes import RouteConfig
from smpp_router.core.credentials import hash_secret
from smpp_router.net.router import Running, run_router
from smpp_router.screeners import Screeners

SYSTEM_ID = "bench"
PASSWORD = "benchpwd"  # noqa: S105 - printed, and good for this process only

READY_S = 15.0
"""For the carriers to be bound before the first line is printed; without them it is printed anyway."""


@attrs.frozen
class RouterOptions:
    """How the router under test is set up. `carriers` are HOST:PORT."""

    carriers: tuple[str, ...]
    carrier_binds: int = 2
    carrier_window: int = 1000
    window: int = 250
    durability: str = "thread"
    store: str | None = None
    in_flight_max: int = 5_000_000
    rules: int = 0
    screening: bool = False


def configuration(options: RouterOptions, store: Path) -> RouterConfig:
    """Return a router with one account and a route to each carrier by the last digits of mobile prefixes.

    With `rules` so many stand before these routes; with `screening` texts are screened, see mix.py.
    """
    carriers = tuple(
        CarrierConfig(
            name=f"carrier-{number}",
            window=options.carrier_window,
            queue_max=options.in_flight_max,
            links=(
                LinkConfig(
                    host=address.rpartition(":")[0],
                    port=int(address.rpartition(":")[2]),
                    system_id="router",
                    password="demopass",  # noqa: S106 - simulated carriers know no other
                    binds=options.carrier_binds,
                ),
            ),
        )
        for number, address in enumerate(options.carriers)
    )
    names = [carrier.name for carrier in carriers]
    # Numbers are spread over the carriers by their last prefix digit, each with the others to fall back on.
    routes = tuple(
        RouteConfig(
            prefix=f"8613{digit}", carriers=tuple(names[digit % len(names) :] + names[: digit % len(names)])
        )
        for digit in range(10)
    )
    account = AccountConfig(
        system_id=SYSTEM_ID,
        secrets=(hash_secret(PASSWORD.encode(), os.urandom(16)),),
        allow_from=("0.0.0.0/0", "::/0"),
        binds_max=10_000,
        throughput_per_s=1e6,
        burst=1_000_000,
        window_max=100_000,
        deliver_window=1000,
        receipts_max=10_000_000,
    )
    return RouterConfig(
        node_id=1,
        shutdown_s=2.0,
        listeners=(ListenerConfig(host="127.0.0.1", port=0, connections_max=20_000),),
        store=StoreConfig(path=store, commit="inline" if options.durability == "inline" else "thread"),
        limits=LimitsConfig(in_flight_max=options.in_flight_max),
        accounts=(account,),
        carriers=carriers,
        routes=RoutesConfig(
            rules=rules(options.rules, names, random.Random(1)) if options.rules else (),
            prefixes=routes,
            default=tuple(names),
        ),
        compliance=compliance() if options.screening else None,
    )


def run(options: RouterOptions) -> int:
    """Serve until SIGINT or SIGTERM; print one JSON line when ready and one at the end."""
    tune_interpreter()
    logging.getLogger("smpp_router").addHandler(logging.NullHandler())
    directory = Path(options.store) if options.store else Path(tempfile.mkdtemp(prefix="smpp-bench-"))
    try:
        trio.run(_serve, configuration(options, directory))
    finally:
        if not options.store:
            shutil.rmtree(directory, ignore_errors=True)
    return 0


def cpu_s() -> float:
    """CPU seconds of this process, all its threads, and children that have ended."""
    own, children = resource.getrusage(resource.RUSAGE_SELF), resource.getrusage(resource.RUSAGE_CHILDREN)
    return own.ru_utime + own.ru_stime + children.ru_utime + children.ru_stime


async def _serve(config: RouterConfig) -> None:
    screener = Screeners().made(config)
    store = open_store(config)
    try:
        with trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals:
            async with trio.open_nursery() as nursery:
                started = time.monotonic()
                rng = random.Random(1)

                async def serve(task_status: "trio.TaskStatus[Running]" = trio.TASK_STATUS_IGNORED) -> None:
                    await run_router(
                        config,
                        store,
                        started_at=time.time(),
                        rng=rng,
                        screener=screener,
                        task_status=task_status,
                    )

                running: Running = await nursery.start(serve)
                load_s = time.monotonic() - started
                with trio.move_on_after(READY_S):
                    while not all(carrier.is_up for carrier in running.exchange.carriers.values()):  # noqa: ASYNC110 - a carrier has no event
                        await trio.sleep(0.02)
                _say(
                    port=running.ports[0],
                    system_id=SYSTEM_ID,
                    password=PASSWORD,
                    load_s=round(load_s, 3),
                    ready_s=round(time.monotonic() - started, 3),
                    recovered=len(running.exchange.flight),
                )
                before = cpu_s()
                async for _ in signals:
                    break
                used = cpu_s() - before
                _say(**report(running, used))
                await running.stop()
    finally:
        await store.aclose()


def report(running: Running, used_s: float) -> dict[str, Any]:
    """Return what the router did and what it cost."""
    exchange = running.exchange
    messages = sum(exchange.ending.ended.values())
    accepted = sum(account.counters.accepted for account in exchange.accounts.values())
    rss_peak_kb = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return {
        "messages": messages,
        "accepted": accepted,
        "in_flight": len(exchange.flight),
        "receipts_delivered": sum(account.counters.delivered for account in exchange.accounts.values()),
        "router_cpu_s": round(used_s, 3),
        "router_cpu_us_per_message": round(used_s * 1e6 / max(messages or accepted, 1), 2),
        "router_rss_peak_mb": round(rss_peak_kb / 1024, 1),
        "commits": running.committer.commits,
    }


def _say(**values: object) -> None:
    sys.stdout.write(json.dumps(values) + "\n")
    sys.stdout.flush()
