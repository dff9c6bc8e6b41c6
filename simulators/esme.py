# An ESME for people and tests: bind, submit, receive. What is fast about it is the session; what is simple is
# that each submit() waits for its own response, and that what comes from the MC is an async iterator.
#
#   async with open_esme("127.0.0.1", 2775, "bank", "demobank") as esme:
#       resp = await esme.submit("8613900000001", "您的验证码是 123456")
#       async for pdu in esme.deliveries: ...
"""A trio SMPP client."""

import ssl
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Final

import attrs
import trio

from smpp_router.net.clock import Clock
from smpp_router.net.connection import Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, header_only
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import Bind, DataSm, DeliverSm, Pdu, SubmitSm

BIND_COMMANDS: Final = {
    "transmitter": c.BIND_TRANSMITTER,
    "receiver": c.BIND_RECEIVER,
    "transceiver": c.BIND_TRANSCEIVER,
}
DELIVERIES_MAX: Final = 10_000
"""Deliveries that the user of an Esme has not taken; above it the MC gets ESME_RMSGQFUL and keeps them."""
BIND_S: Final = 15.0
TICK_S: Final = 0.25
LIMITS: Final = TimerLimits(session_init_s=BIND_S, enquire_link_s=30.0, response_s=30.0)


class BindError(Exception):
    """The MC refused the bind; `command_status` says why, by name in the message."""

    def __init__(self, command_status: int) -> None:
        super().__init__(f"bind refused: {c.status_name(command_status)}")
        self.command_status = command_status


class ConnectionLostError(Exception):
    """The connection ended before the response came."""


@attrs.define(eq=False)
class _Waiting:
    """A request whose sender waits for the response."""

    answered: trio.Event = attrs.Factory(trio.Event)
    response: Pdu | None = None


class Esme:
    """A bound ESME. Make one with open_esme()."""

    def __init__(self, connection: Connection, outlets: Outlets, clock: Clock) -> None:
        self.session = connection.session
        self._connection = connection
        self._outlets = outlets
        self._clock = clock
        self._send, self._receive = trio.open_memory_channel[DeliverSm | DataSm](DELIVERIES_MAX)
        self._reference = 0
        self.bound = _Waiting()

    @property
    def deliveries(self) -> "trio.MemoryReceiveChannel[DeliverSm | DataSm]":
        """What the MC delivers, receipts and messages, each already answered; ends with the connection."""
        return self._receive

    async def request(self, pdu: Pdu) -> Pdu:
        """Send a request and return its response, whatever its status. Raises ConnectionLostError."""
        waiting = _Waiting()
        self.session.request(pdu, waiting, self._clock.now())
        self._outlets.flush()
        await waiting.answered.wait()
        if waiting.response is None:
            raise ConnectionLostError("the connection ended, or no response came in time")
        return waiting.response

    async def submit(
        self, destination: str, text: str, *, source: str = "", receipt: bool = True
    ) -> list[Pdu]:
        """Send a text, in as many parts as it takes, and return the responses in the order of the parts."""
        self._reference = self._reference % 255 + 1
        source_ton = c.TON_UNK if source.isdigit() or not source else c.TON_ALNUM
        responses: list[Pdu] = []
        for segment in split_text(text, reference=self._reference):
            pdu = SubmitSm(
                source_addr_ton=source_ton,
                source_addr=source.encode("latin-1"),
                dest_addr_ton=c.TON_INTL,
                dest_addr_npi=c.NPI_ISDN,
                destination_addr=destination.encode("ascii"),
                esm_class=segment.esm_class,
                registered_delivery=1 if receipt else 0,
                data_coding=segment.data_coding,
                short_message=segment.short_message,
                tlvs=segment.tlvs,
            )
            responses.append(await self.request(pdu))
        return responses

    async def run(self) -> None:
        """Read, tick and answer until the connection ends."""
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, nursery.cancel_scope)
                nursery.start_soon(self._tick)
                await self._read()
                self.session.close("peer closed")
                self._connection.wake()
        finally:
            self._give_up(self.session.lose())
            self.bound.answered.set()
            self._send.close()

    async def _write(self, scope: trio.CancelScope) -> None:
        await self._connection.write_loop()
        scope.cancel()

    async def _tick(self) -> None:
        while True:
            await trio.sleep(TICK_S)
            self._give_up(self.session.tick(self._clock.now()))
            self._outlets.flush()

    async def _read(self) -> None:
        while data := await self._connection.read():
            for pdu in self.session.receive(data, self._clock.now()):
                if pdu.command_id & 0x80000000:
                    waiting = self.bound if isinstance(pdu.request, Bind) else pdu.request
                    if isinstance(waiting, _Waiting):
                        waiting.response = pdu
                        waiting.answered.set()
                elif isinstance(pdu, DeliverSm | DataSm):
                    self._delivered(pdu)
            self._outlets.flush()

    def _delivered(self, pdu: DeliverSm | DataSm) -> None:
        try:
            self._send.send_nowait(pdu)
        except trio.WouldBlock:
            status = c.ESME_RMSGQFUL
        else:
            status = c.ESME_ROK
        if isinstance(pdu, DeliverSm) and status == c.ESME_ROK:
            self.session.answer([deliver_sm_resp(pdu.sequence_number)], 1)
        else:
            resp = header_only(pdu.command_id | 0x80000000, status, pdu.sequence_number)
            self.session.answer([resp], 1)

    def _give_up(self, contexts: list[object]) -> None:
        for context in contexts:
            if isinstance(context, _Waiting):
                context.answered.set()

    async def bind(self, bind: str, system_id: str, password: str, system_type: str) -> None:
        """Bind and wait for the response. Raises BindError or ConnectionLostError."""
        pdu = Bind(
            command_id=BIND_COMMANDS[bind],
            system_id=system_id.encode(),
            password=password.encode(),
            system_type=system_type.encode(),
        )
        self.session.start_bind(pdu, self._clock.now())
        self._outlets.flush()
        with trio.move_on_after(BIND_S):
            await self.bound.answered.wait()
        if self.bound.response is None:
            raise ConnectionLostError("no response to the bind")
        if self.bound.response.command_status != c.ESME_ROK:
            raise BindError(self.bound.response.command_status)

    async def unbind(self) -> None:
        """Unbind and wait for the MC to agree, briefly."""
        self.session.unbind(self._clock.now())
        self._outlets.flush()
        with trio.move_on_after(2.0):
            while self.session.close_reason is None:  # noqa: ASYNC110 - two seconds at most, once
                await trio.sleep(0.01)


@asynccontextmanager
async def open_esme(
    host: str,
    port: int,
    system_id: str,
    password: str,
    *,
    bind: str = "transceiver",
    system_type: str = "",
    tls: ssl.SSLContext | None = None,
    window: int = 100,
) -> AsyncIterator[Esme]:
    """Connect, bind, and unbind at the end. Raises OSError, BindError or ConnectionLostError."""
    stream: trio.abc.Stream = await trio.open_tcp_stream(host, port)
    if tls is not None:
        stream = trio.SSLStream(stream, tls, server_hostname=host, https_compatible=True)
    clock, outlets = Clock(time.time()), Outlets()
    session = Session(
        Role.ESME,
        now=clock.now(),
        writable=outlets.writable,
        window_size=window,
        limits=LIMITS,
        name=system_id,
    )
    connection = Connection(stream, session, write_stall_s=30.0)
    outlets.add(connection)
    esme = Esme(connection, outlets, clock)
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(esme.run)
            await esme.bind(bind, system_id, password, system_type)
            yield esme
            await esme.unbind()
            nursery.cancel_scope.cancel()
    finally:
        await trio.aclose_forcefully(stream)
