# A whole router in a test: the real run_router() with its real store, simulated carriers, and ESMEs.
#
#   serving(tmp_path, ...)     on sockets of this machine, on ports that the system chooses, in real time
#   on_memory(tmp_path, ...)   on memory streams, for trio's virtual clock: nothing waits for anything else
#
# Both yield a World once every carrier is bound, and fail after TEST_S instead of hanging. until() waits for
# what has no event of its own.
"""A router between simulated carriers and ESMEs."""

import random
from collections.abc import AsyncGenerator, Awaitable, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from functools import cache
from pathlib import Path
from typing import Any, Literal, TypeVar

import attrs
import trio
import trio.testing

from simulators.carrier import SimulatedCarrier
from simulators.esme import Esme, EsmeOptions, esme_over
from simulators.profile import CarrierProfile
from simulators.server import CarrierServer, serve_carriers
from simulators.wall_clock import unix_s
from smpp_router.compliance.screener import Screener
from smpp_router.config import (
    AccountConfig,
    CarrierConfig,
    LinkConfig,
    ListenerConfig,
    RouterConfig,
    RoutesConfig,
    StoreConfig,
    TimersConfig,
)
from smpp_router.core.admission import Candidate
from smpp_router.core.credentials import hash_secret
from smpp_router.net.carrier_side import Connect
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets
from smpp_router.net.reloading import LoadRefusedError, ReloadResult, Renewal
from smpp_router.net.router import Pace, Running, connect_tcp, run_router
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.seam import Store
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Bind, Pdu, SubmitSmResp

T = TypeVar("T")

TEST_S = 30.0
HOST = "127.0.0.1"
PASSWORD = "bankpwd"
NUMBER = "8613900000001"
START = 1_800_000_000.0

AT_ONCE = Pace()
"""How often a router looks at what is due, unless a test says otherwise."""


@cache
def secret() -> str:
    """The scrypt string of PASSWORD."""
    return hash_secret(PASSWORD.encode(), bytes(16))


def account(system_id: str = "bank", **changes: Any) -> AccountConfig:
    values: dict[str, Any] = {
        "secrets": (secret(),),
        "allow_from": (HOST,),
        "throughput_per_s": 10_000.0,
        "burst": 10_000,
        "window_max": 1_000,
        "receipt_retry_s": 0.2,
    }
    return AccountConfig(system_id=system_id, **(values | changes))


def profile(name: str = "mobile", **changes: Any) -> CarrierProfile:
    values: dict[str, Any] = {"port": 0, **changes}
    return CarrierProfile(name=name, **values)


def carrier(name: str, port: int = 1, **changes: Any) -> CarrierConfig:
    """A carrier at a port; what is said of `binds` is said of its only link."""
    link = LinkConfig(
        host=HOST, port=port, system_id="router", password="demopass", binds=changes.pop("binds", 1)
    )
    values: dict[str, Any] = {"links": (link,), "reconnect_min_s": 0.02, "reconnect_max_s": 0.2}
    return CarrierConfig(name=name, **(values | changes))


def configuration(path: Path, carriers: Sequence[CarrierConfig], **changes: Any) -> RouterConfig:
    """Everything to the first carrier, then to the others."""
    values: dict[str, Any] = {
        "listeners": (ListenerConfig(host=HOST, port=0),),
        "store": StoreConfig(path=path, commit="inline", segment_bytes=1 << 20, disk_free_min_bytes=0),
        "accounts": (account(),),
        "carriers": tuple(carriers),
        "routes": RoutesConfig(default=tuple(carrier.name for carrier in carriers)),
        "timers": TimersConfig(bad_password_delay_s=0.05),
        "shutdown_s": 5.0,
    }
    return RouterConfig(**(values | changes))


def open_store(config: RouterConfig, housekeeping: Literal["thread", "inline"] = "thread") -> EmbeddedStore:
    store = config.store
    return EmbeddedStore(
        store.path,
        commit=store.commit,
        segment_bytes=store.segment_bytes,
        retention_s=store.retention_s,
        disk_free_min_bytes=store.disk_free_min_bytes,
        housekeeping=housekeeping,
    )


async def until(condition: Callable[[], object], what: str = "", limit_s: float = TEST_S) -> None:
    """Wait for a condition that has no event of its own; fail after `limit_s`, which may be virtual."""
    with trio.move_on_after(limit_s):
        while not condition():  # noqa: ASYNC110 - what has no event cannot be waited for otherwise
            await trio.sleep(0.002)
        return
    raise AssertionError(f"never came: {what or condition}")


def message_ids(responses: Sequence[Pdu]) -> list[bytes]:
    """The ids of messages that were all taken."""
    for resp in responses:
        assert isinstance(resp, SubmitSmResp), resp
        assert resp.command_status == 0, resp
    return [resp.message_id for resp in responses if isinstance(resp, SubmitSmResp)]


@attrs.define(eq=False)
class Files:
    """What stands in the files that a router is reloaded from; `problems` make them bad."""

    config: RouterConfig | None = None
    problems: tuple[str, ...] = ()

    def load(self) -> RouterConfig:
        if self.problems:
            raise LoadRefusedError(self.problems)
        assert self.config is not None
        return self.config

    @property
    def renewal(self) -> Renewal:
        """Read without a thread, which a virtual clock would not wait for."""
        return Renewal(load=self.load, aside=at_once)


async def at_once(function: Callable[[], T], /) -> T:
    await trio.lowlevel.checkpoint()
    return function()


@attrs.define(eq=False)
class World:
    """A router that serves, its carriers, and the ways in."""

    running: Running
    carriers: CarrierServer
    nursery: trio.Nursery
    connect: Callable[[], Awaitable[trio.abc.Stream]]
    """Opens a stream to the router; whoever opens it closes it."""
    returned: trio.Event
    """Set when run_router() has returned."""
    dialled: list[trio.abc.Stream] = attrs.Factory(list[trio.abc.Stream])
    store: Store | None = None
    files: Files = attrs.Factory(Files)

    async def reload(self, **changes: Any) -> ReloadResult:
        """Reload from files that differ in these sections from what the router goes by."""
        self.files.config = attrs.evolve(self.running.config, **changes)
        return await self.running.reload()

    @property
    def port(self) -> int:
        return self.running.ports[0]

    def carrier(self, name: str = "mobile") -> SimulatedCarrier:
        return self.carriers.carriers[name]

    def esme(
        self, system_id: str = "bank", password: str = PASSWORD, *, bind: str = "transceiver", **options: Any
    ) -> AbstractAsyncContextManager[Esme]:
        """A bound ESME of an account."""
        return esme_over(self.connect, system_id, password, bind=bind, options=EsmeOptions(**options))

    async def dial(self) -> trio.abc.Stream:
        """Open a stream to the router that is closed with the world at the latest."""
        stream = await self.connect()
        self.dialled.append(stream)
        return stream

    async def hang_up(self) -> None:
        """Close what was dialled."""
        for stream in self.dialled:
            await trio.aclose_forcefully(stream)

    async def carriers_up(self) -> None:
        await until(
            lambda: all(carrier.is_up for carrier in self.running.exchange.carriers.values()),
            "every carrier bound",
        )


async def start_carriers(nursery: trio.Nursery, *profiles: CarrierProfile) -> CarrierServer:
    """Serve simulated carriers on sockets until the nursery is cancelled."""

    async def serve(task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED) -> None:
        await serve_carriers(profiles, task_status=task_status)

    return await nursery.start(serve)


@asynccontextmanager
async def router(
    config: RouterConfig,
    *,
    started_at: float | None = None,
    connect: Connect = connect_tcp,
    store: Store | None = None,
    pace: Pace = AT_ONCE,
    renewal: Renewal | None = None,
    screener: Screener | None = None,
) -> AsyncGenerator[tuple[Running, trio.Event], None]:
    """Run a router and its store; yield it, and an event for when run_router() has returned."""
    returned = trio.Event()
    if store is None:
        store = open_store(config)

    async def run(task_status: "trio.TaskStatus[Running]" = trio.TASK_STATUS_IGNORED) -> None:
        await run_router(
            config,
            store,
            started_at=unix_s() if started_at is None else started_at,
            rng=random.Random(1),
            connect=connect,
            pace=pace,
            renewal=renewal,
            screener=screener,
            task_status=task_status,
        )
        returned.set()

    try:
        async with trio.open_nursery() as nursery:
            running: Running = await nursery.start(run)
            yield running, returned
            nursery.cancel_scope.cancel()
    finally:
        with trio.CancelScope(shield=True):
            await store.aclose()


@asynccontextmanager
async def serving(
    path: Path,
    *profiles: CarrierProfile,
    carrier_changes: dict[str, Any] | None = None,
    screener: Screener | None = None,
    **changes: Any,
) -> AsyncGenerator[World, None]:
    """A router on sockets, with a carrier of each profile (one that answers at once, without any)."""
    with trio.fail_after(TEST_S):
        async with trio.open_nursery() as nursery:
            server = await start_carriers(nursery, *(profiles or (profile(),)))
            carriers = [carrier(name, port, **(carrier_changes or {})) for name, port in server.ports.items()]
            config = configuration(path, carriers, **changes)
            files = Files()
            store = open_store(config)
            async with router(config, store=store, renewal=files.renewal, screener=screener) as (
                running,
                returned,
            ):

                async def connect() -> trio.abc.Stream:
                    return await trio.open_tcp_stream(HOST, running.ports[0])

                world = World(running, server, nursery, connect, returned, store=store, files=files)
                await world.carriers_up()
                try:
                    yield world
                finally:
                    await world.hang_up()
            nursery.cancel_scope.cancel()


@asynccontextmanager
async def on_memory(
    path: Path,
    *profiles: CarrierProfile,
    carrier_changes: dict[str, Any] | None = None,
    limit_s: float = 3_600.0,
    store: Store | None = None,
    is_reachable: bool = True,
    pace: Pace = AT_ONCE,
    screener: Screener | None = None,
    **changes: Any,
) -> AsyncGenerator[World, None]:
    """The same on memory streams, for a virtual clock; `limit_s` is virtual too.

    A test of hours has the router look at the time less often, by another `pace`. Nobody is there to be
    bound by if the carriers are not `is_reachable`.
    """
    simulated = {p.name: SimulatedCarrier(p) for p in profiles or (profile(),)}
    server = CarrierServer(simulated, Outlets(), Clock(START))
    ports = dict(enumerate(simulated, 1))
    carriers = [carrier(name, port, **(carrier_changes or {})) for port, name in ports.items()]
    config = configuration(path, carriers, **changes)
    with trio.fail_after(limit_s):
        async with trio.open_nursery() as nursery:
            nursery.start_soon(server.run_ticker)

            async def connect(link: LinkConfig) -> trio.abc.Stream:
                await trio.lowlevel.checkpoint()
                if not is_reachable:
                    raise ConnectionRefusedError("nobody there")
                near, far = trio.testing.memory_stream_pair()
                nursery.start_soon(server.connection, simulated[ports[link.port]], far)
                return near

            # A virtual clock does not wait for threads.
            kept = open_store(config, "inline") if store is None else store
            files = Files()
            async with router(
                config,
                started_at=START,
                connect=connect,
                store=kept,
                pace=pace,
                renewal=files.renewal,
                screener=screener,
            ) as (running, returned):

                async def dial() -> trio.abc.Stream:
                    await trio.lowlevel.checkpoint()
                    near, far = trio.testing.memory_stream_pair()
                    nursery.start_soon(running.esme_side.serve, far, HOST)
                    return near

                # A virtual clock does not wait for the thread that checks a password; these have been right.
                for one in config.accounts:
                    bind = Bind(
                        command_id=c.BIND_TRANSCEIVER,
                        system_id=one.system_id.encode(),
                        password=PASSWORD.encode(),
                    )
                    known = Candidate(running.exchange.accounts[one.system_id], is_known=True)
                    running.admission.remember(known, bind)
                world = World(running, server, nursery, dial, returned, store=kept, files=files)
                if is_reachable:
                    await world.carriers_up()
                yield world
            nursery.cancel_scope.cancel()
