# From a configuration to a running process: logging, signals, the garbage collector, the store, trio.
"""The router as a process."""

import json
import logging
import random
import secrets
import signal
import sys
import time
from collections.abc import AsyncIterator
from functools import partial
from pathlib import Path
from typing import Final

import trio

from smpp_router import collector
from smpp_router.compliance.screener import Screener
from smpp_router.config import RouterConfig
from smpp_router.config_file import ConfigError, load_config
from smpp_router.core.statistics import statistics
from smpp_router.error_groups import leaves
from smpp_router.net.reloading import LoadRefusedError, Renewal
from smpp_router.net.router import ListenError, Running, run_router
from smpp_router.screeners import Screeners
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.history_events import Keeping
from smpp_router.store.seam import StoreFailedError

EXIT_OK: Final = 0
EXIT_BAD_CONFIGURATION: Final = 1
EXIT_CANNOT_SERVE: Final = 3

SWITCH_INTERVAL_S: Final = 0.0005
"""How long the store's thread may have to wait for the interpreter when a commit returns. The default of
5 ms is felt in every submit_sm_resp of a loaded router."""

STATISTICS_S: Final = 60.0

log = logging.getLogger("smpp_router")


def open_store(config: RouterConfig) -> EmbeddedStore:
    """Open the configured store. Raises StoreFailedError."""
    store = config.store
    opened = EmbeddedStore(
        store.path,
        commit=store.commit,
        segment_bytes=store.segment_bytes,
        retention_s=store.retention_s,
        disk_free_min_bytes=store.disk_free_min_bytes,
    )
    if store.history_s > 0:
        opened.keep_history(Keeping.of(store))
    return opened


def tune_interpreter() -> None:
    """Set what a loaded router needs of the interpreter."""
    sys.setswitchinterval(SWITCH_INTERVAL_S)
    collector.collect_rarely()


def load_again(path: Path) -> RouterConfig:
    """Read the configuration that begins at `path`. Raises LoadRefusedError with every problem found."""
    try:
        return load_config(path)
    except ConfigError as error:
        raise LoadRefusedError(error.lines) from error


def run(config: RouterConfig, path: Path | None = None) -> int:
    """Serve until SIGINT or SIGTERM; return the process's exit status.

    `path` is the file that `config` was read from, and is read from again on SIGHUP.
    """
    logging.basicConfig(
        level=logging.INFO, stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s %(message)s"
    )
    tune_interpreter()
    screeners = Screeners()
    screener, problems = None, ()
    try:
        screener = screeners.made(config)
    except LoadRefusedError as error:
        problems = error.lines
    if problems:
        for problem in problems:
            log.error("%s", problem)
        return EXIT_BAD_CONFIGURATION
    renewal = None
    if path is not None:
        renewal = Renewal(load=partial(load_again, path), screener=screeners.renewed)
    try:
        trio.run(_serve, config, screener, renewal)
    except (ListenError, StoreFailedError) as error:
        causes: list[BaseException] = [error]
    except BaseExceptionGroup as group:
        ours, others = group.split((ListenError, StoreFailedError))
        if ours is None or others is not None:
            raise
        causes = list(leaves(ours))
    else:
        return EXIT_OK
    for cause in causes:
        log.error("%s", cause)
    return EXIT_CANNOT_SERVE


async def _serve(config: RouterConfig, screener: Screener | None, renewal: Renewal | None) -> None:
    store = open_store(config)
    try:
        with (
            trio.open_signal_receiver(signal.SIGINT, signal.SIGTERM) as signals,
            # From now on, so that one which comes while the store is being read does not end the process.
            trio.open_signal_receiver(signal.SIGHUP) as reloads,
        ):
            async with trio.open_nursery() as nursery:
                running: Running = await nursery.start(_run, config, store, screener, renewal)
                collector.collect_and_freeze()
                log.info("serving on ports %s", ", ".join(map(str, running.ports)))
                nursery.start_soon(_log_statistics, running)
                nursery.start_soon(_reload, running, reloads)
                if config.api is not None:
                    from smpp_router.console.api import serve_api  # noqa: PLC0415 - its HTTP server takes 0.1 s to import

                    url: str = await nursery.start(serve_api, config.api, running, store)
                    log.info("api on %s", url)
                async for number in signals:
                    name = signal.Signals(number).name
                    if running.is_stopping:
                        # Whoever asks twice is in a hurry; what is accepted is in the store.
                        log.warning("%s again: stopping at once", name)
                        nursery.cancel_scope.cancel()
                    else:
                        log.info("%s: stopping", name)
                        nursery.start_soon(_stop, running, nursery.cancel_scope)
    finally:
        await store.aclose()


async def _reload(running: Running, signals: AsyncIterator[int]) -> None:
    """Reload at each SIGHUP; those that come meanwhile are one more together."""
    async for number in signals:
        log.info("%s: reading the configuration again", signal.Signals(number).name)
        await running.reload()


async def _stop(running: Running, scope: trio.CancelScope) -> None:
    await running.stop()
    log.info("statistics %s", json.dumps(statistics(running.exchange)))
    scope.cancel()


async def _log_statistics(running: Running) -> None:
    """Tell every minute what the router has counted, for whoever reads logs."""
    while True:
        await trio.sleep(STATISTICS_S)
        log.info("statistics %s", json.dumps(statistics(running.exchange)))


async def _run(
    config: RouterConfig,
    store: EmbeddedStore,
    screener: Screener | None,
    renewal: Renewal | None,
    task_status: "trio.TaskStatus[Running]" = trio.TASK_STATUS_IGNORED,
) -> None:
    rng = random.Random(secrets.randbits(64))
    await run_router(
        config,
        store,
        started_at=time.time(),
        rng=rng,
        screener=screener,
        renewal=renewal,
        task_status=task_status,
    )
