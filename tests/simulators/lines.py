"""Simulated carriers and ESMEs on memory streams, under trio's virtual clock; or on real sockets."""

from collections.abc import AsyncGenerator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import attrs
import trio
import trio.testing

from simulators.carrier import SimulatedCarrier
from simulators.esme import Connect
from simulators.profile import CarrierProfile
from simulators.server import CarrierServer, serve_carriers
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets
from tests.simulators.customers import START, profile


@attrs.define(eq=False)
class Lines:
    """A carrier server without ports; connect() opens another line to its only carrier."""

    server: CarrierServer
    carrier: SimulatedCarrier
    nursery: trio.Nursery
    carrier_ends: list[trio.abc.Stream] = attrs.Factory(list[trio.abc.Stream])
    refused: int = 0
    """So many of the next attempts to connect fail."""

    async def connect(self) -> trio.abc.Stream:
        """Open a line, as dial() would."""
        await trio.lowlevel.checkpoint()
        if self.refused:
            self.refused -= 1
            raise ConnectionRefusedError("nobody there")
        esme_end, carrier_end = trio.testing.memory_stream_pair()
        self.carrier_ends.append(carrier_end)
        self.nursery.start_soon(self.server.connection, self.carrier, carrier_end)
        return esme_end

    async def hang_up(self) -> None:
        """Cut the last line."""
        await self.carrier_ends[-1].aclose()


@asynccontextmanager
async def lines(**settings: Any) -> AsyncGenerator[Lines, None]:
    """A carrier on memory streams: everything waits for the virtual clock only."""
    carrier = SimulatedCarrier(profile(**settings))
    server = CarrierServer({carrier.profile.name: carrier}, Outlets(), Clock(START))
    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.run_ticker)
        yield Lines(server, carrier, nursery)
        nursery.cancel_scope.cancel()


@asynccontextmanager
async def served(*profiles: CarrierProfile) -> AsyncGenerator[CarrierServer, None]:
    """Carriers on real ports of this machine."""
    async with trio.open_nursery() as nursery:
        yield await started(nursery, profiles)
        nursery.cancel_scope.cancel()


async def started(nursery: trio.Nursery, profiles: Sequence[CarrierProfile]) -> CarrierServer:
    """Serve carriers until the nursery is cancelled."""

    async def serve(task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED) -> None:
        await serve_carriers(profiles, task_status=task_status)

    return await nursery.start(serve)


__all__ = ["Connect", "Lines", "lines", "served", "started"]
