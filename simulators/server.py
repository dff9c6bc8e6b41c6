# Simulated carriers over sockets: one nursery, a reader and a writer a connection, one ticker for all.
"""Serving simulated carriers over TCP."""

from collections.abc import Sequence
from functools import partial
from typing import Final

import attrs
import trio

from simulators.carrier import SimulatedCarrier
from simulators.profile import CarrierProfile
from simulators.wall_clock import unix_s
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role, State
from smpp_router.session.timers import TimerLimits
from smpp_router.wire.pdu import Pdu

TICK_S: Final = 0.005
"""As fine as delays are: what is due within it leaves in one batch."""
SESSION_TICK_S: Final = 0.25
"""How often sessions are told the time; their timers count in seconds."""
WRITE_STALL_S: Final = 30.0
"""A peer that reads nothing for so long is disconnected."""
BACKLOG: Final = 1_024
"""Connections that the system accepts ahead: load generators open thousands at once."""
UNBIND_S: Final = 1.0
"""For peers to answer our unbind before the process ends."""
UNBOUND_LIMITS: Final = TimerLimits(session_init_s=30.0, enquire_link_s=0.0)


@attrs.define(eq=False)
class CarrierServer:
    """Several simulated carriers that serve. `ports` are by carrier name."""

    carriers: dict[str, SimulatedCarrier]
    outlets: Outlets
    clock: Clock
    ports: dict[str, int] = attrs.Factory(dict[str, int])
    _scheduled: trio.Event = attrs.field(factory=trio.Event, init=False)

    async def connection(self, carrier: SimulatedCarrier, stream: trio.abc.Stream) -> None:
        """Serve one connection to a carrier on any stream, until it ends."""
        session = Session(
            Role.MC,
            now=self.clock.now(),
            writable=self.outlets.writable,
            window_size=carrier.profile.deliver_window,
            limits=UNBOUND_LIMITS,
            name=carrier.profile.name,
        )
        connection = Connection(stream, session, WRITE_STALL_S)
        self.outlets.add(connection)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_write, connection, nursery.cancel_scope)
                await self._read(carrier, connection)
                session.close("peer closed")
                connection.wake()
        finally:
            system_id = session.owner
            contexts = session.lose()
            if isinstance(system_id, str):
                carrier.lost(session, system_id, contexts, self.clock.now())
                self.outlets.flush()
            self.outlets.remove(connection)
            await trio.aclose_forcefully(stream)

    async def _read(self, carrier: SimulatedCarrier, connection: Connection) -> None:
        session = connection.session
        while data := await connection.read():
            now = self.clock.now()
            pdus = session.receive(data, now)
            while session.state is State.BINDING:
                pdus = _bind(carrier, session, now)
            if pdus:
                system_id = session.owner
                assert isinstance(system_id, str), "only bound sessions hand out PDUs"
                carrier.receive(session, system_id, pdus, now)
                if not carrier.is_idle:
                    self._scheduled.set()
            self.outlets.flush()

    async def run_ticker(self) -> None:
        """Let time pass for all carriers, until cancelled. While nothing is scheduled it costs nothing."""
        sessions_at = self.clock.now()
        while True:
            if all(carrier.is_idle for carrier in self.carriers.values()):
                self._scheduled = trio.Event()
                with trio.move_on_after(SESSION_TICK_S):
                    await self._scheduled.wait()
            else:
                await trio.sleep(TICK_S)
            now = self.clock.now()
            for carrier in self.carriers.values():
                if not carrier.is_idle:
                    carrier.tick(now)
            if now >= sessions_at + SESSION_TICK_S:
                sessions_at = now
                self._tick_sessions(now)
            self.outlets.flush()

    def _tick_sessions(self, now: float) -> None:
        for session in self.outlets.sessions():
            expired = session.tick(now)
            if expired and isinstance(session.owner, str):
                self.carriers[session.name].expired(session.owner, expired, now)

    async def stop(self) -> None:
        """Unbind every session and give the peers a moment to answer."""
        now = self.clock.now()
        for session in self.outlets.sessions():
            session.unbind(now)
        self.outlets.flush()
        with trio.move_on_after(UNBIND_S):
            while len(self.outlets):  # noqa: ASYNC110 - the end of the process, at most UNBIND_S away
                await trio.sleep(TICK_S)


def _bind(carrier: SimulatedCarrier, session: Session, now: float) -> list[Pdu]:
    """Decide an undecided bind; return what had come behind it."""
    bind = session.bind
    assert bind is not None
    profile = carrier.profile
    status = carrier.check(bind)
    if status:
        return session.reject_bind(status, now)
    limits = TimerLimits(enquire_link_s=profile.enquire_link_s, response_s=profile.deliver_timeout_s)
    pdus = session.accept_bind(profile.name.encode()[:15], now, profile.deliver_window, limits)
    session.owner = bind.system_id.decode("latin-1")
    carrier.bound(session, session.owner, now)
    return pdus


async def _write(connection: Connection, scope: trio.CancelScope) -> None:
    await connection.write_loop()
    scope.cancel()


async def _listen(profile: CarrierProfile) -> Sequence[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(profile.port, host=profile.host, backlog=BACKLOG)
    except OSError as error:
        place = f"{profile.name} on {profile.host}:{profile.port}"
        raise OSError(error.errno, f"{place}: {error.strerror or error}") from error


async def serve_carriers(
    profiles: Sequence[CarrierProfile],
    *,
    started_at: float | None = None,
    task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve carriers until cancelled; tell the CarrierServer once all ports listen.

    `started_at` is the unix time that it is now, None for the present. Raises OSError if a port can't be had.
    """
    carriers = {profile.name: SimulatedCarrier(profile) for profile in profiles}
    server = CarrierServer(carriers, Outlets(), Clock(unix_s() if started_at is None else started_at))
    listening: list[tuple[SimulatedCarrier, trio.SocketListener]] = []
    try:
        for carrier in carriers.values():
            profile = carrier.profile
            for listener in await _listen(profile):
                listening.append((carrier, listener))
                server.ports.setdefault(profile.name, int(listener.socket.getsockname()[1]))
        async with trio.open_nursery() as nursery:
            nursery.start_soon(server.run_ticker)
            for carrier, listener in listening:
                connect = partial(server.connection, carrier)
                nursery.start_soon(
                    partial(trio.serve_listeners, handler_nursery=nursery), connect, [listener]
                )
            task_status.started(server)
    finally:
        for _, listener in listening:
            listener.socket.close()
