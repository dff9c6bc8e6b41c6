"""Carriers that run with their HTTP API."""

from collections.abc import AsyncGenerator, Callable
from contextlib import asynccontextmanager
from functools import partial
from typing import Any, TypeVar

import attrs
import trio

from simulators.control.client import ControlClient
from simulators.control.config import ControlConfig
from simulators.control.recorder import Recorder, make_recorder
from simulators.control.serve import serve_control
from simulators.profile import CarrierProfile, SimulatedAccount
from simulators.server import CarrierServer, serve_carriers
from simulators.signalling.config import NetworkConfig

T = TypeVar("T")


def profile(**keys: Any) -> CarrierProfile:
    accounts = (SimulatedAccount(system_id="bank", password="secret"),)
    given: dict[str, Any] = {"name": "mobile", "port": 0, "accounts": accounts, "keep_arrivals": 100}
    return CarrierProfile(**given | keys)


@attrs.define(eq=False)
class Controlled:
    server: CarrierServer
    recorder: Recorder
    url: str
    token: str

    async def ask(
        self, method: str, path: str, body: dict[str, Any] | None = None, **query: Any
    ) -> dict[str, Any]:
        return await in_thread(ControlClient(self.url, self.token).ask, method, path, body, query)

    @property
    def port(self) -> int:
        return self.server.ports["mobile"]


async def in_thread(function: Callable[..., T], *arguments: Any) -> T:
    with trio.fail_after(30.0):
        return await trio.to_thread.run_sync(partial(function, *arguments))


@asynccontextmanager
async def controlled(*profiles: CarrierProfile, **keys: Any) -> AsyncGenerator[Controlled]:
    """Run carriers and their API, on free ports."""
    network: NetworkConfig | None = keys.pop("network", None)
    given: dict[str, Any] = {"port": 0}
    config = ControlConfig(**given | keys)
    async with trio.open_nursery() as nursery:

        async def carriers(task_status: Any) -> None:
            await serve_carriers(profiles or (profile(),), network=network, task_status=task_status)

        server: CarrierServer = await nursery.start(carriers)
        recorder = make_recorder(config, server)

        async def control(task_status: Any) -> None:
            await serve_control(config, server, recorder, task_status=task_status)

        url: str = await nursery.start(control)
        yield Controlled(server, recorder, url, config.token)
        nursery.cancel_scope.cancel()
