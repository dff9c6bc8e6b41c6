# One connection of a simulated carrier, layer by layer from the outside in:
#
#   serve()  a scope by which it can be cut, TLS     _tapped()  what others hear of it
#   _serve() its session, faults, reader and writer  _read()    binds, and PDUs for the carrier
"""The connections of simulated carriers."""

import ssl
from collections.abc import Sequence
from typing import Final

import trio

from simulators.alarm import Alarm
from simulators.binding import decide_bind
from simulators.carrier import SimulatedCarrier
from simulators.faults.stream import FaultyStream, faulty
from simulators.listening import shake_hands
from simulators.numbering import UnrulyWindow
from simulators.outbind import Call
from simulators.tap import Tap, TappedStream, peer_of
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role, State
from smpp_router.session.timers import TimerLimits
from smpp_router.wire.codec import encode

WRITE_STALL_S: Final = 30.0
"""A peer that reads nothing for so long is disconnected."""
OUTBOX_BYTES_MAX: Final = 1024 * 1024
"""Unsent octets above which nothing more is read: one who asks and reads no answer fills no memory."""
UNBOUND_LIMITS: Final = TimerLimits(session_init_s=30.0, enquire_link_s=0.0)


class Connections:
    """Serves connections, and knows those that are open. `taps` hear those that open from then on."""

    def __init__(self, outlets: Outlets, clock: Clock, taps: Sequence[Tap], alarm: Alarm) -> None:
        self._outlets = outlets
        self._clock = clock
        self._taps = taps
        self._alarm = alarm
        self._count = 0
        self._open: dict[str, set[trio.CancelScope]] = {}

    def cut(self, name: str) -> None:
        """Close a carrier's connections."""
        for scope in self._open.get(name, ()):
            scope.cancel()

    async def serve(
        self,
        carrier: SimulatedCarrier,
        stream: trio.abc.Stream,
        tls: ssl.SSLContext | None,
        call: Call | None,
    ) -> None:
        """Serve one connection of a carrier until it ends; with TLS if there is a context.

        `call` is whom the carrier has called itself.
        """
        scopes = self._open.setdefault(carrier.profile.name, set())
        scope = trio.CancelScope()
        scopes.add(scope)
        try:
            with scope:
                secured = stream if tls is None else await shake_hands(stream, tls)
                if secured is None:
                    carrier.counters.handshakes_failed += 1
                else:
                    await self._tapped(carrier, secured, stream, call)
        finally:
            scopes.remove(scope)
            if scope.cancelled_caught:
                await trio.aclose_forcefully(stream)

    async def _tapped(
        self,
        carrier: SimulatedCarrier,
        stream: trio.abc.Stream,
        transport: trio.abc.Stream,
        call: Call | None,
    ) -> None:
        """Serve a connection whose octets whoever listens gets to hear, out of TLS if it has that."""
        self._count += 1
        number = self._count
        taps = tuple(self._taps)
        for tap in taps:
            tap.connected(number, carrier.profile.name, peer_of(transport), self._clock.now())
        if taps:
            stream = TappedStream(stream, number, taps, self._clock.now)
        try:
            await self._serve(carrier, faulty(carrier, stream, transport, number), call)
        finally:
            for tap in taps:
                tap.closed(number, self._clock.now())

    async def _serve(self, carrier: SimulatedCarrier, stream: FaultyStream, call: Call | None) -> None:
        if carrier.profile.faults.accept_then_close:
            carrier.counters.faults += 1
            await trio.aclose_forcefully(stream)
            return
        session = Session(
            Role.MC,
            now=self._clock.now(),
            writable=self._outlets.writable,
            window_size=carrier.profile.deliver_window,
            limits=UNBOUND_LIMITS,
            name=carrier.profile.name,
        )
        first = carrier.profile.dialect.first_sequence_number
        if first != 1:
            session.window = UnrulyWindow(session.window.size, first)
        connection = Connection(stream, session, WRITE_STALL_S)
        self._outlets.add(connection)
        if call is not None:
            number = session.window.open(None)
            session.window.answer(number)
            session.write(encode(call.pdu(number)))
            self._outlets.flush()
        # The ticker does not look after sessions while there are none.
        self._alarm.wake()
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.write_for, nursery.cancel_scope)
                nursery.start_soon(self._end_in_time, carrier, session, stream, nursery.cancel_scope)
                await self._read(carrier, connection, call)
                session.close("peer closed")
                connection.wake()
        finally:
            system_id = session.owner
            contexts = session.lose()
            if isinstance(system_id, str):
                carrier.lost(session, system_id, contexts, self._clock.now())
                self._alarm.wake()
                self._outlets.flush()
            self._outlets.remove(connection)
            await trio.aclose_forcefully(stream)

    async def _end_in_time(
        self, carrier: SimulatedCarrier, session: Session, stream: FaultyStream, scope: trio.CancelScope
    ) -> None:
        """End a connection after faults.lasts_s, if it has one when the connection begins."""
        faults = carrier.profile.faults
        if faults.lasts_s is None:
            return
        await trio.sleep(faults.lasts_s)
        carrier.counters.faults += 1
        if faults.ends_with == "unbind":
            session.unbind(self._clock.now())
            self._outlets.flush()
            return
        if faults.ends_with == "reset":
            stream.reset()
        scope.cancel()

    async def _read(self, carrier: SimulatedCarrier, connection: Connection, call: Call | None) -> None:
        session = connection.session
        while data := await connection.read():
            now = self._clock.now()
            pdus = session.receive(data, now)
            while session.state is State.BINDING:
                if carrier.profile.faults.bind_resp_s:
                    carrier.counters.faults += 1
                    await trio.sleep(carrier.profile.faults.bind_resp_s)
                    now = self._clock.now()
                if session.close_reason is not None:
                    # It was given up meanwhile.
                    return
                pdus = decide_bind(carrier, session, now, call)
                self._alarm.wake()
            if pdus:
                system_id = session.owner
                assert isinstance(system_id, str), "only bound sessions hand out PDUs"
                carrier.receive(session, system_id, pdus, now)
                self._alarm.wake_before(carrier.next_at())
            self._outlets.flush()
            if session.outbox_bytes >= OUTBOX_BYTES_MAX:
                await connection.drained_below(OUTBOX_BYTES_MAX)
