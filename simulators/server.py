# Simulated carriers over sockets: one nursery, the ports of those that are up, one ticker for all. What a
# connection does is connections.py's.
"""Serving simulated carriers over TCP."""

import math
import ssl
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any, Final

import attrs
import trio

from simulators.alarm import Alarm
from simulators.carrier import SimulatedCarrier
from simulators.connections import Connections
from simulators.listening import Listening, Port, listen
from simulators.outbind import Call, Calls, Dial
from simulators.outbind_config import OutbindConfig
from simulators.profile import CarrierProfile
from simulators.signalling.config import NetworkConfig
from simulators.signalling.contradictions import refused
from simulators.signalling.network import Network
from simulators.tap import Tap
from simulators.timeline.timelines import Timelines
from simulators.wall_clock import unix_s
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets
from smpp_router.net.tls import TlsFileError
from smpp_router.wire.pdu import DeliverSm

TICK_S: Final = 0.005
"""As fine as delays are: what is due within it leaves in one batch."""
SESSION_TICK_S: Final = 0.25
"""How often sessions are told the time; their timers count in seconds."""
UNBIND_S: Final = 1.0
"""For peers to answer our unbind before the process ends."""
REOPEN_S: Final = 1.0
"""Between two attempts to listen again after an outage."""


class OutageError(Exception):
    """A carrier can't be brought up while its timeline has it down."""


@attrs.define(eq=False)
class CarrierServer:
    """Several simulated carriers that serve. `ports` are by carrier name, of those that are up."""

    carriers: dict[str, SimulatedCarrier]
    outlets: Outlets
    clock: Clock
    ports: dict[str, int] = attrs.Factory(dict[str, int])
    taps: list[Tap] = attrs.Factory(list[Tap])
    """Who listens to connections; one that is added hears those that open from then on."""
    network: Network | None = None
    """What is behind all carriers."""
    tick_s: float = TICK_S
    """What is due within this leaves in one batch; a simulated day is coarser."""
    _alarm: Alarm = attrs.field(factory=Alarm, init=False)
    _connections: Connections = attrs.field(init=False)
    _listening: dict[str, object] = attrs.field(factory=dict[str, object], init=False)
    """The carriers that are up, or on their way up, each with a token of its own."""
    _ports: dict[str, Listening] = attrs.field(factory=dict[str, Listening], init=False)
    """Where the carriers listen, or did before they were taken down."""
    _nursery: trio.Nursery | None = attrs.field(default=None, init=False)
    dial: Dial = trio.open_tcp_stream
    """How it connects to whom it calls."""
    _calls: Calls = attrs.field(factory=Calls, init=False)
    _timelines: Timelines = attrs.field(init=False)
    _outages: set[str] = attrs.field(factory=set[str], init=False)
    """The carriers that their timelines have down ..."""
    _taken_down: set[str] = attrs.field(factory=set[str], init=False)
    """... and those that were taken down by an order."""

    def __attrs_post_init__(self) -> None:
        """Begin the timelines."""
        self._connections = Connections(self.outlets, self.clock, self.taps, self._alarm)
        profiles = {name: carrier.profile for name, carrier in self.carriers.items()}
        self._timelines = Timelines(profiles, self.clock.now())

    # ------------------------------------------------------------------ orders

    def apply(self, name: str, changes: Mapping[str, Any]) -> None:
        """Have a carrier behave otherwise. Raises ValueError, and changes nothing, if a key is wrong."""
        problem = next(refused(changes), "") if self.network is not None else ""
        if problem:
            raise ValueError(problem)
        now = self.clock.now()
        self._timelines.change(name, changes, now)
        self._heed_timelines(now)
        self.moved()

    def become(self, name: str, profile: CarrierProfile) -> None:
        """Have a carrier go by another profile, and by what its timeline makes of it."""
        now = self.clock.now()
        self._timelines.become(name, profile, now)
        self._heed_timelines(now)
        self.moved()

    def timeline(self, name: str) -> list[dict[str, Any]]:
        """Return the entries of a carrier's timeline, and which of them hold now."""
        return self._timelines.state(name, self.clock.now())

    def _heed_timelines(self, now: float) -> None:
        for name, effect in self._timelines.due(now):
            carrier = self.carriers[name]
            if effect.profile != carrier.profile:
                carrier.change(effect.profile, now)
            for how in effect.disconnects:
                self.disconnect(name, how)
            if effect.is_down and name not in self._outages:
                self._outages.add(name)
                self._close_ports(name)
                self.disconnect(name)
            elif not effect.is_down and name in self._outages:
                self._outages.remove(name)
                if self._nursery is not None and name not in self._taken_down:
                    self._nursery.start_soon(self._reopen, name)

    async def _reopen(self, name: str) -> None:
        """Have a carrier listen again after an outage, however long another program has its port."""
        while not {name} & (self._outages | self._taken_down):
            try:
                await self.bring_up(name)
            except (OSError, TlsFileError):
                await trio.sleep(REOPEN_S)
            else:
                return

    def inject(self, name: str, system_id: str, pdu: DeliverSm) -> None:
        """Send a mobile-originated message to an account of a carrier."""
        self.carriers[name].inject(system_id, pdu, self.clock.now())
        self.moved()

    def burst(self, name: str, count: int) -> int:
        """Have a carrier's subscribers send so many messages at once; return how many found room."""
        sent = self.carriers[name].sending.burst(count, self.clock.now())
        self.moved()
        return sent

    def outbind(self, name: str, system_id: str) -> OutbindConfig:
        """Call an account of a carrier now. Raises ValueError if it has no outbind, or is being called."""
        if not self.is_calling(name):
            raise ValueError(f"{name} is down")
        call = self._calls.ordered(self.carriers[name], system_id)
        assert self._nursery is not None, "serve_carriers gives it one"
        self._nursery.start_soon(self._calls.make, self, call)
        return call.config

    def is_calling(self, name: str) -> bool:
        """Whether a carrier is up, and may call."""
        return name not in self._outages | self._taken_down

    def disconnect(self, name: str, how: str = "close") -> None:
        """End a carrier's connections: close or unbind. Raises ValueError for another way."""
        if how == "unbind":
            now = self.clock.now()
            for session in self.outlets.sessions():
                if session.name == name:
                    session.unbind(now)
            self.outlets.flush()
        elif how == "close":
            self._connections.cut(name)
        else:
            raise ValueError(f"must be close or unbind, got {how}")

    def known_ports(self, name: str) -> tuple[Port, ...]:
        """Return the ports of a carrier, also while it is down."""
        return self._ports[name].ports

    def listening(self, name: str) -> tuple[Port, ...]:
        """Return the ports of a carrier, its first one first; none while it is down."""
        return self._ports[name].ports if name in self.ports else ()

    def take_down(self, name: str) -> None:
        """Close a carrier's ports and its connections; one that is down stays so."""
        self._taken_down.add(name)
        self._close_ports(name)
        self.disconnect(name)

    def _close_ports(self, name: str) -> None:
        if self._listening.pop(name, None) is not None and name in self.ports:
            del self.ports[name]
            self._ports[name].close()

    async def bring_up(self, name: str) -> None:
        """Listen again, on the ports that it had.

        Raises OSError or TlsFileError if one can't be had, OutageError while its timeline has it down.
        """
        self._taken_down.discard(name)
        if name in self._outages:
            raise OutageError(f"{name} is down by its timeline: {self._timelines.why_down(name)}")
        if name in self._listening:
            return
        token = self._listening[name] = object()
        carrier = self.carriers[name]
        before = self._ports.get(name)
        try:
            opened = await listen(carrier.profile, [port.port for port in before.ports] if before else ())
        except BaseException:
            self._listening.pop(name, None)
            raise
        if self._listening.get(name) is not token:
            # Taken down again meanwhile.
            opened.close()
            return
        self.ports[name] = opened.ports[0].port
        self._ports[name] = opened
        assert self._nursery is not None, "serve_carriers gives it one"
        self._nursery.start_soon(opened.accept, partial(self.connection, carrier), self._nursery)

    def moved(self) -> None:
        """Have what was just ordered, of carriers or of their network, take effect at once."""
        self._alarm.wake()
        self.outlets.flush()

    # ------------------------------------------------------------------ connections

    async def connection(
        self,
        carrier: SimulatedCarrier,
        stream: trio.abc.Stream,
        tls: "ssl.SSLContext | None" = None,
        call: Call | None = None,
    ) -> None:
        """Serve one connection of a carrier on any stream, until it ends; with TLS if there is a context.

        `call` is whom the carrier has called itself.
        """
        if carrier.profile.name in self._outages:
            # A stream that came by no port: those are closed.
            await trio.aclose_forcefully(stream)
            return
        await self._connections.serve(carrier, stream, tls, call)

    async def serve(self, task_status: "trio.TaskStatus[CarrierServer]") -> None:
        """Listen, and serve until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            for name in self.carriers:
                await self.bring_up(name)
            self._heed_timelines(self.clock.now())
            nursery.start_soon(self._calls.run, self, nursery)
            nursery.start_soon(self.run_ticker)
            task_status.started(self)

    async def run_ticker(self) -> None:
        """Let time pass for all carriers and sessions, until cancelled."""
        sessions_at = self.clock.now()
        while True:
            await self._until_due(sessions_at + SESSION_TICK_S)
            now = self.clock.now()
            self._heed_timelines(now)
            for carrier in self.carriers.values():
                if not carrier.is_idle:
                    carrier.tick(now)
            if now >= sessions_at + SESSION_TICK_S:
                sessions_at = now
                self._tick_sessions(now)
            self.outlets.flush()

    async def _until_due(self, sessions_at: float) -> None:
        """Wait for what is scheduled next, or for the timers of sessions if there are any."""
        due_at = min((carrier.next_at() for carrier in self.carriers.values()), default=math.inf)
        due_at = min(due_at, self._timelines.next_at())
        if len(self.outlets):
            due_at = min(due_at, sessions_at)
        await self._alarm.sleep_until(due_at, self.clock.now(), self.tick_s)

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


async def serve_carriers(
    profiles: Sequence[CarrierProfile],
    *,
    network: NetworkConfig | None = None,
    started_at: float | None = None,
    taps: Sequence[Tap] = (),
    task_status: "trio.TaskStatus[CarrierServer]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Serve carriers until cancelled; tell the CarrierServer once all ports listen.

    `started_at` is the unix time that it is now, None for the present. Raises OSError if a port can't be had,
    TlsFileError if a certificate or key can't be used.
    """
    clock = Clock(unix_s() if started_at is None else started_at)
    air = None if network is None else Network(network, started_at=clock.now())
    carriers = {profile.name: SimulatedCarrier(profile, air) for profile in profiles}
    server = CarrierServer(carriers, Outlets(), clock, taps=list(taps), network=air)
    try:
        await server.serve(task_status)
    except BaseExceptionGroup as group:
        # A port that can't be had is an error by itself, not a part of several.
        if len(group.exceptions) == 1 and isinstance(group.exceptions[0], (OSError, TlsFileError)):
            raise group.exceptions[0] from None
        raise
