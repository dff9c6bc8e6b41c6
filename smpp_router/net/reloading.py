# Reloading: SIGHUP or a call makes a running router read its files again.
#
#   load      files to values, and all checks, beside the loop. Any problem refuses the whole
#   make      what takes its time to make of them: the router with its rules, the screener. Beside it, too
#   apply     one pass over the exchange, on the loop, between two batches
#
# Rule 1: a refused reload has changed nothing: all that can fail comes before the first change.
# Rule 2: one at a time. Who asks meanwhile waits, and gets a reload of the files as they are then.
# Rule 3: keys that only a restart can change are kept as they are, and told of (config_changes.RESTART).
"""Reloading of the configuration."""

import logging
import random
from collections.abc import Awaitable, Callable
from typing import Any, Final, Protocol, TypeVar

import attrs
import trio

from smpp_router.compliance.screener import Screener
from smpp_router.config import RouterConfig
from smpp_router.config_changes import Change, changes, with_kept
from smpp_router.core.exchange import Exchange
from smpp_router.core.path_plans import path_tables
from smpp_router.core.reload import Fresh, apply, needs_router
from smpp_router.net.carrier_side import CarrierSide
from smpp_router.net.connection import Outlets
from smpp_router.net.esme_side import EsmeSide
from smpp_router.routing.router import made_router

log = logging.getLogger(__name__)

T = TypeVar("T")

LINES_MAX: Final = 100
"""Changes and problems that are logged one by one; a thousand accounts at once are told as a number."""


class LoadRefusedError(Exception):
    """The files cannot be used; `lines` says why, `file: path: what is wrong` each."""

    def __init__(self, lines: tuple[str, ...]) -> None:
        self.lines = lines
        super().__init__("\n".join(lines))


class Aside(Protocol):
    """Runs a function beside the loop, and returns what it returns."""

    def __call__(self, function: Callable[[], T], /) -> Awaitable[T]:
        """Wait for the function without keeping others waiting."""
        ...


@attrs.frozen(kw_only=True)
class Renewal:
    """Where a router gets its configuration from again."""

    load: Callable[[], RouterConfig]
    """Reads and checks all files. Raises LoadRefusedError."""
    screener: Callable[[RouterConfig, RouterConfig], Screener | None] = lambda old, new: None  # noqa: ARG005 - what it is given decides nothing
    """Makes what a new configuration says of screening, where the old one says something; None: nothing has
    changed. Raises LoadRefusedError."""
    aside: Aside = trio.to_thread.run_sync


@attrs.frozen(kw_only=True)
class ReloadResult:
    """What came of a reload."""

    errors: tuple[str, ...] = ()
    """Why it was refused, a problem each; empty: it was not, and the router goes by the files."""
    changes: tuple[Change, ...] = ()
    """What has changed, by section and name."""
    restart: tuple[str, ...] = ()
    """Keys that are otherwise in the files, and stay as they were until a restart."""

    @property
    def is_applied(self) -> bool:
        """Whether the router goes by the files now; False: nothing has changed."""
        return not self.errors

    def as_json(self) -> dict[str, Any]:
        """Return it as JSON has it."""
        return {
            "applied": self.is_applied,
            "errors": list(self.errors),
            "changes": [attrs.asdict(change) for change in self.changes],
            "restart": list(self.restart),
        }


class Reloader:
    """Reloads one router's configuration."""

    def __init__(
        self,
        exchange: Exchange,
        esme_side: EsmeSide,
        carrier_side: CarrierSide,
        outlets: Outlets,
        rng: random.Random,
        renewal: Renewal | None = None,
    ) -> None:
        """Without `renewal` every reload is refused."""
        self._exchange = exchange
        self._esme_side = esme_side
        self._carrier_side = carrier_side
        self._outlets = outlets
        self._clock = esme_side.clock
        self._rng = rng
        self._renewal = renewal
        self._lock = trio.Lock()
        self._is_stopping = False

    def stop(self) -> None:
        """Refuse reloads from now on: the router ends."""
        self._is_stopping = True

    async def reload(self) -> ReloadResult:
        """Read the files again and go by them, or refuse them whole and stay as it was."""
        async with self._lock:
            try:
                result = await self._reload()
            except LoadRefusedError as error:
                result = ReloadResult(errors=error.lines)
        self._tell(result)
        return result

    async def _reload(self) -> ReloadResult:
        renewal = self._renewal
        if self._is_stopping:
            raise LoadRefusedError(("the router is stopping",))
        if renewal is None:
            raise LoadRefusedError(("this router was not started from files that could be read again",))
        old = self._exchange.config
        config, kept = with_kept(old, await renewal.aside(renewal.load))
        found = await renewal.aside(lambda: changes(old, config))
        screener = None
        if config.compliance is not None:
            screener = await renewal.aside(lambda: renewal.screener(old, config))
            if screener is not None and not any(change.section == "compliance" for change in found):
                found = (*found, Change("compliance", keys=("files",)))
        router = None
        if needs_router(old, config):
            rng = random.Random(self._rng.getrandbits(64))
            scores = self._exchange.router.standings.scores
            router = await renewal.aside(lambda: made_router(config, rng, scores))
        paths = await renewal.aside(lambda: path_tables(config))
        self._go_over(Fresh(config=config, changes=found, paths=paths, router=router, screener=screener))
        return ReloadResult(changes=found, restart=kept)

    def _go_over(self, fresh: Fresh) -> None:
        if self._is_stopping:
            raise LoadRefusedError(("the router is stopping",))
        apply(self._exchange, fresh, self._clock.now())
        self._esme_side.configure()
        self._carrier_side.configure()
        self._outlets.flush()

    def _tell(self, result: ReloadResult) -> None:
        self._exchange.reloads.count(self._clock.now(), is_applied=result.is_applied)
        if not result.is_applied:
            for line in result.errors[:LINES_MAX]:
                log.error("reload refused: %s", line)
            log.error(
                "reload refused: %d problems, the configuration of before stays in force", len(result.errors)
            )
            return
        for change in result.changes[:LINES_MAX]:
            log.info("reloaded %s", change)
        for key in result.restart:
            log.warning("not reloaded, needs a restart: %s", key)
        log.info("reloaded: %d changes", len(result.changes))
