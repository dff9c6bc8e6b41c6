# A carrier server whose connections are listened to. The stream is wrapped at the carrier's end, so that what
# the grader hears is what was on the wire: whole reads, and whole writes before they are sent.
"""Serving carriers with a tap at each connection."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import trio

from simulators.carrier import SimulatedCarrier
from simulators.grade.grader import Grader
from simulators.profile import CarrierProfile
from simulators.server import CarrierServer
from simulators.wall_clock import unix_s
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets

BACKLOG: Final = 1_024


class TappedStream(trio.abc.Stream):
    """A stream that tells a grader what passes."""

    def __init__(self, stream: trio.abc.Stream, grader: Grader, clock: Clock, connection: int) -> None:
        self._stream = stream
        self._grader = grader
        self._clock = clock
        self._connection = connection

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Read, and tell."""
        data = await self._stream.receive_some(max_bytes)
        if data:
            self._grader.octets(self._connection, True, bytes(data), self._clock.now())
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Tell, and write."""
        self._grader.octets(self._connection, False, bytes(data), self._clock.now())
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """Wait as the stream does."""
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """Tell, and close."""
        self._grader.closed(self._connection, self._clock.now())
        await self._stream.aclose()


async def serve_graded(
    profiles: Sequence[CarrierProfile],
    grader: Grader,
    task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve carriers until cancelled, with `grader` at each connection.

    Raises OSError if a port can't be had.
    """
    carriers = {profile.name: SimulatedCarrier(profile) for profile in profiles}
    server = CarrierServer(carriers, Outlets(), Clock(unix_s()))
    connections = 0

    async def connection(carrier: SimulatedCarrier, stream: trio.SocketStream) -> None:
        nonlocal connections
        connections += 1
        number, now = connections, server.clock.now()
        host, port = stream.socket.getpeername()[:2]
        grader.connected(number, carrier.profile.name, f"{host}:{port}", now)
        await server.connection(carrier, TappedStream(stream, grader, server.clock, number))

    async with trio.open_nursery() as nursery:
        nursery.start_soon(server.run_ticker)
        for carrier in carriers.values():
            profile = carrier.profile
            listeners = await _listen(profile)
            server.ports[profile.name] = int(listeners[0].socket.getsockname()[1])
            serve = partial(
                trio.serve_listeners, partial(connection, carrier), listeners, handler_nursery=nursery
            )
            nursery.start_soon(serve)
        task_status.started(server)


async def _listen(profile: CarrierProfile) -> list[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(profile.port, host=profile.host, backlog=BACKLOG)
    except OSError as error:
        place = f"{profile.name} on {profile.host}:{profile.port}"
        raise OSError(error.errno, f"{place}: {error.strerror or error}") from error
