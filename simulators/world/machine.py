# The machine that the router runs on: its disk may lose power or run full, the router on it may be killed,
# and in either case it comes back after a while, with what the disk has kept.
"""The router of a simulated world, from crash to crash."""

import random
from collections.abc import Callable
from typing import Final, TypeVar

import attrs
import trio

from simulators.world.customer import PASSWORD
from simulators.world.power import FailingDisk, PowerCutError
from simulators.world.verdict import Troubles, Violations
from smpp_router.config import RouterConfig
from smpp_router.core.admission import Candidate
from smpp_router.net.carrier_side import Connect
from smpp_router.net.clock import Clock
from smpp_router.net.reloading import Renewal
from smpp_router.net.router import Pace, Running, run_router
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.history_events import Keeping
from smpp_router.store.seam import StoreFailedError
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Bind

T = TypeVar("T")

RESTART_S: Final = 0.5
"""The shortest time between a death and the next start."""


@attrs.define(eq=False, kw_only=True)
class Machine:
    """Runs the router again and again."""

    config: RouterConfig
    connect: Connect
    clock: Clock
    pace: Pace
    seed: int
    violations: Violations
    troubles: Troubles
    hang_up: Callable[[], None]
    """Breaks every wire of the router: that is what its peers notice of its death."""
    running: Running | None = None
    starts: int = 0
    disk: FailingDisk = attrs.field(factory=lambda: FailingDisk(random.Random(0)))
    _is_disk_full: bool = False
    _scope: trio.CancelScope = attrs.Factory(trio.CancelScope)
    _nursery: trio.Nursery | None = None
    _down_s: float = RESTART_S
    _next_cut: int = 0

    # ------------------------------------------------------------------ what befalls it

    @property
    def is_disk_full(self) -> bool:
        """Whether the disk has no room, now and after a restart."""
        return self._is_disk_full

    @is_disk_full.setter
    def is_disk_full(self, is_full: bool) -> None:
        self._is_disk_full = self.disk.is_full = is_full

    def crash(self, down_s: float) -> None:
        """Kill the router; nothing that it is about to do is done."""
        if self.running is not None:
            self._down_s = max(down_s, RESTART_S)
            self.disk.kill()
            self._died()
            self._scope.cancel()

    def cut_power(self, changes: int, down_s: float, next_cut: int = 0) -> None:
        """Cut the power at that change of the disk, and again at change `next_cut` of the next start."""
        self._down_s = max(down_s, RESTART_S)
        self._next_cut = next_cut
        self.disk.cut_after(changes)

    async def stop(self, down_s: float) -> None:
        """Stop the router as its operator would, and start it again later."""
        if self.running is not None:
            self._down_s = max(down_s, RESTART_S)
            await self.running.stop()
            if self.disk.is_full:
                # What it had yet to write is lost, as if it had been killed.
                self.troubles.died(self.clock.now())

    async def reload(self, dice: int) -> None:
        """Have the router go by other routes and other numbers of binds; a restart reads them, too."""
        rng = random.Random(dice)
        config = self.config
        carriers = tuple(
            attrs.evolve(one, links=(attrs.evolve(one.links[0], binds=rng.randint(1, 3)),))
            for one in config.carriers
        )
        prefixes = tuple(
            attrs.evolve(route, carriers=tuple(rng.sample(route.carriers, len(route.carriers))))
            for route in config.routes.prefixes
        )
        default = tuple(rng.sample(config.routes.default, len(config.routes.default)))
        routes = attrs.evolve(config.routes, prefixes=prefixes, default=default)
        self.config = attrs.evolve(config, carriers=carriers, routes=routes)
        if self.running is not None:
            await self.running.reload()

    def _died(self) -> None:
        self.troubles.died(self.clock.now())
        self.running = None
        self.hang_up()

    # ------------------------------------------------------------------ its life

    async def run(self) -> None:
        """Start the router, and again whenever it has ended, until cancelled."""
        while True:
            self.starts += 1
            self.disk = FailingDisk(random.Random(f"{self.seed} disk {self.starts}"), self._died)
            self.disk.is_full = self._is_disk_full
            if self._next_cut:
                self.disk.cut_after(self._next_cut)
                self._next_cut = 0
            try:
                await self._once(self.disk)
            except* PowerCutError:
                pass
            except* StoreFailedError as errors:
                self.violations.add(self.clock.now(), "the router lives", str(errors.exceptions[0]))
                self._died()
            self.running = None
            await trio.sleep(self._down_s)
            self._down_s = RESTART_S

    async def _once(self, disk: FailingDisk) -> None:
        store: EmbeddedStore | None = None
        try:
            store = open_store(self.config, disk)
            async with trio.open_nursery() as nursery:
                self._scope = nursery.cancel_scope
                self._nursery = nursery
                running: Running = await nursery.start(self._serve, store)
                self._let_in(running)
                self.running = running
        finally:
            if store is not None:
                with trio.CancelScope(shield=True):
                    await store.aclose()

    def serve(self, running: Running, stream: trio.abc.Stream, peer_ip: str) -> None:
        """Serve a customer's connection as long as the router runs."""
        assert self._nursery is not None, "who runs has a nursery"
        self._nursery.start_soon(running.esme_side.serve, stream, peer_ip)

    async def _serve(self, store: EmbeddedStore, task_status: "trio.TaskStatus[Running]") -> None:
        await run_router(
            self.config,
            store,
            started_at=self.clock.now(),
            rng=random.Random(f"{self.seed} router {self.starts}"),
            connect=self.connect,
            pace=self.pace,
            renewal=Renewal(load=lambda: self.config, aside=_at_once),
            task_status=task_status,
        )
        # A stop has ended it: connections that it had not closed end with it.
        self._scope.cancel()

    def _let_in(self, running: Running) -> None:
        """A virtual clock does not wait for the thread that checks a password; these have been right."""
        for account in self.config.accounts:
            bind = Bind(
                command_id=c.BIND_TRANSCEIVER, system_id=account.system_id.encode(), password=PASSWORD
            )
            candidate = Candidate(running.exchange.accounts[account.system_id], is_known=True)
            running.admission.remember(candidate, bind)


async def _at_once(function: Callable[[], T], /) -> T:
    """Run a function on the loop: a virtual clock does not wait for threads."""
    await trio.lowlevel.checkpoint()
    return function()


def open_store(config: RouterConfig, disk: FailingDisk) -> EmbeddedStore:
    """Open the router's store on a disk that may fail. Raises StoreFailedError, PowerCutError."""
    store = config.store
    opened = EmbeddedStore(
        store.path,
        commit="inline",
        segment_bytes=store.segment_bytes,
        retention_s=store.retention_s,
        disk_free_min_bytes=0,
        housekeeping="inline",
        disk=disk,
    )
    if store.history_s > 0:
        opened.keep_history(Keeping.of(store))
    return opened
