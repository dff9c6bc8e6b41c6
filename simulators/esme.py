# An ESME for people and tests. What is fast about it is the session; what is simple is that a request is one
# call which returns its own response, and that what the MC delivers is an async iterator:
#
#   open_esme(host, port, system_id, password) --> an Esme, bound
#   submit(destination, text)    --> the responses of its parts
#   receipt(message_id)          --> the final Receipt of one part
#   deliveries                   --> every deliver_sm and data_sm, each already answered
#
# Rule 1: never more requests under way than the window holds; one more waits.
# Rule 2: a lost connection fails the requests that it had under way, ConnectionLostError, and nothing is sent
#         twice. With reconnect_max_s later requests wait for the next bind; without it they fail too.
# Rule 3: a refused bind is final, even while reconnecting: trying again would be guessing passwords.
"""A trio SMPP client."""

import random
import ssl
from collections import OrderedDict
from collections.abc import AsyncGenerator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Final

import attrs
import trio

from simulators.dial import dial
from simulators.wall_clock import unix_s
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Connection, Outlets
from smpp_router.session.replies import response
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, encode
from smpp_router.wire.multipart import Method, split_text
from smpp_router.wire.pdu import Bind, DataSm, DataSmResp, DeliverSm, Pdu, SubmitSm
from smpp_router.wire.receipt import Receipt, parse_receipt

BIND_COMMANDS: Final = {
    "transmitter": c.BIND_TRANSMITTER,
    "receiver": c.BIND_RECEIVER,
    "transceiver": c.BIND_TRANSCEIVER,
}
RECEIPTS_MAX: Final = 10_000
"""Final receipts that receipt() still finds; the oldest is forgotten first."""
BIND_S: Final = 15.0
"""For the MC to answer a bind."""
UNBIND_S: Final = 2.0
"""For the MC to agree to our unbind."""
WRITE_STALL_S: Final = 30.0
TICK_S: Final = 0.25
RECONNECT_MIN_S: Final = 0.5
"""The first pause before a reconnect; the others double from here, each ±20 %."""

Connect = Callable[[], Awaitable[trio.abc.Stream]]
"""Opens a stream to the MC; raises OSError."""


class BindError(Exception):
    """The MC refused the bind; `command_status` says why, by name in the message."""

    def __init__(self, command_status: int) -> None:
        super().__init__(f"bind refused: {c.status_name(command_status)}")
        self.command_status = command_status


class ConnectionLostError(Exception):
    """The connection ended, or the time was up, before the response came."""


@attrs.frozen(kw_only=True)
class EsmeOptions:
    """How an Esme goes about it. Seconds."""

    system_type: str = ""
    interface_version: int = 0x34
    window: int = 100
    """Requests without a response; one more waits."""
    response_s: float = 30.0
    enquire_link_s: float = 30.0
    reconnect_max_s: float | None = None
    """The longest pause before another attempt to connect; None: the first loss is the end."""
    told: Callable[[Exception], None] | None = None
    """Hears why there is no bind, each time before it tries again."""
    connect_s: float = BIND_S
    """For a connection to come about; math.inf for who waits to be called."""
    deliveries_max: int = 10_000
    """Deliveries that nobody has taken; above it the MC gets ESME_RMSGQFUL and keeps them."""


@attrs.define(eq=False)
class _Waiting:
    """A request whose sender waits for the response."""

    answered: trio.Event = attrs.Factory(trio.Event)
    response: Pdu | None = None


class Esme:
    """An ESME that binds and stays bound while run() runs. open_esme() does both."""

    def __init__(self, connect: Connect, bind: Bind, options: EsmeOptions, clock: Clock) -> None:
        self.session: Session | None = None
        self.problem: Exception | None = None
        self._connect = connect
        self._bind = bind
        self._options = options
        self._clock = clock
        self._rng = random.Random(bind.system_id)
        self._outlets = Outlets()
        self._room = trio.Semaphore(options.window)
        self._bound = trio.Event()
        self._ended = trio.Event()
        self._is_leaving = False
        self._send, self._receive = trio.open_memory_channel[DeliverSm | DataSm](options.deliveries_max)
        self._receipts: OrderedDict[bytes, Receipt] = OrderedDict()
        self._receipt_came = trio.Event()
        self._reference = 0

    # ------------------------------------------------------------------ what its user does

    @property
    def deliveries(self) -> "trio.MemoryReceiveChannel[DeliverSm | DataSm]":
        """What the MC delivers, receipts and messages, already answered; ends with the last connection."""
        return self._receive

    async def bound(self) -> None:
        """Wait until a bind stands. Raises BindError, OSError or ConnectionLostError if none will."""
        while self.session is None:
            if self._ended.is_set():
                raise self.problem or ConnectionLostError("the connection has ended")
            await self._bound.wait()

    async def request(self, pdu: Pdu) -> Pdu:
        """Send a request and return its response, whatever its status.

        Raises ConnectionLostError; ValueError for a field that breaks a limit, and then nothing is sent.
        """
        return await self._response(await self._request(pdu))

    async def _request(self, pdu: Pdu) -> _Waiting:
        await self._room.acquire()
        waiting = _Waiting()
        try:
            await self.bound()
            assert self.session is not None
            self.session.request(pdu, waiting, self._clock.now())
        except BaseException:
            self._room.release()
            raise
        self._outlets.flush()
        return waiting

    async def _response(self, waiting: _Waiting) -> Pdu:
        await waiting.answered.wait()
        if waiting.response is None:
            raise ConnectionLostError("the connection ended, or no response came in time")
        return waiting.response

    async def submit(
        self,
        destination: str,
        text: str,
        *,
        source: str = "",
        receipt: bool = True,
        method: Method = "udh8",
    ) -> list[Pdu]:
        """Send a text, in as many parts as it takes, and return the responses in the order of the parts.

        A source that is not digits counts as a name (TON alphanumeric). Raises as request() does.
        """
        self._reference = self._reference % 255 + 1
        number = destination.removeprefix("+")
        is_name = bool(source) and not source.removeprefix("+").isdigit()
        under_way: list[_Waiting] = []
        for segment in split_text(text, method=method, reference=self._reference):
            pdu = SubmitSm(
                source_addr_ton=c.TON_ALNUM if is_name else c.TON_UNK,
                source_addr=(source if is_name else source.removeprefix("+")).encode("latin-1"),
                dest_addr_ton=c.TON_INTL,
                dest_addr_npi=c.NPI_ISDN,
                destination_addr=number.encode("ascii"),
                esm_class=segment.esm_class,
                registered_delivery=1 if receipt else 0,
                data_coding=segment.data_coding,
                short_message=segment.short_message,
                tlvs=segment.tlvs,
            )
            under_way.append(await self._request(pdu))
        return [await self._response(waiting) for waiting in under_way]

    async def receipt(self, message_id: bytes) -> Receipt:
        """Wait for the final receipt that names this id, spelt the same. Raises ConnectionLostError."""
        while message_id not in self._receipts:
            if self._ended.is_set():
                raise ConnectionLostError("the connection ended before the receipt came")
            await self._receipt_came.wait()
        return self._receipts[message_id]

    async def unbind(self) -> None:
        """Unbind for good, and wait for the MC to agree, briefly."""
        self._is_leaving = True
        if self.session is not None:
            self.session.unbind(self._clock.now())
            self._outlets.flush()
            with trio.move_on_after(UNBIND_S):
                await self._ended.wait()

    # ------------------------------------------------------------------ keeping the bind

    async def run(self) -> None:
        """Connect, bind, serve; again after a loss, if the options say so. Why it ended is in `problem`."""
        attempt = 0
        pause_max_s = self._options.reconnect_max_s
        try:
            while True:
                try:
                    attempt = 0 if await self._once() else attempt + 1
                except OSError as error:
                    self.problem = error
                    attempt += 1
                if self._is_leaving or pause_max_s is None or isinstance(self.problem, BindError):
                    return
                if self._options.told is not None:
                    self._options.told(self.problem or ConnectionLostError("the connection has ended"))
                pause_s = min(pause_max_s, RECONNECT_MIN_S * 2.0 ** min(attempt, 30))
                await trio.sleep(pause_s * self._rng.uniform(0.8, 1.2))
        finally:
            self._ended.set()
            self._bound.set()
            self._receipt_came.set()
            self._send.close()

    async def _once(self) -> bool:
        """Keep one connection to its end; tell whether it was bound."""
        options = self._options
        stream: trio.abc.Stream | None = None
        with trio.move_on_after(options.connect_s):
            stream = await self._connect()
        if stream is None:
            raise TimeoutError("connecting took too long")
        session = Session(
            Role.ESME,
            now=self._clock.now(),
            writable=self._outlets.writable,
            window_size=options.window,
            limits=TimerLimits(
                session_init_s=BIND_S, enquire_link_s=options.enquire_link_s, response_s=options.response_s
            ),
            name=self._bind.system_id.decode("latin-1"),
        )
        connection = Connection(stream, session, WRITE_STALL_S)
        self._outlets.add(connection)
        try:
            session.start_bind(attrs.evolve(self._bind), self._clock.now())
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.write_for, nursery.cancel_scope)
                nursery.start_soon(self._tick, session)
                await self._read(connection)
                session.close("peer closed")
                connection.wake()
        finally:
            was_bound = self.session is session
            if was_bound:
                self.session = None
                self._bound = trio.Event()
            self._settle(session.lose())
            self._outlets.remove(connection)
            await trio.aclose_forcefully(stream)
        if not was_bound and self.problem is None:
            self.problem = ConnectionLostError("no response to the bind")
        return was_bound

    async def _tick(self, session: Session) -> None:
        while True:
            await trio.sleep(TICK_S)
            self._settle(session.tick(self._clock.now()))
            self._outlets.flush()

    def _settle(self, contexts: list[object]) -> None:
        for context in contexts:
            if isinstance(context, _Waiting):
                self._room.release()
                context.answered.set()

    async def _read(self, connection: Connection) -> None:
        session = connection.session
        while data := await connection.read():
            for pdu in session.receive(data, self._clock.now()):
                if isinstance(pdu, (DeliverSm, DataSm)):
                    self._delivered(session, pdu)
                elif isinstance(pdu.request, _Waiting):
                    pdu.request.response = pdu
                    self._settle([pdu.request])
                elif not session.is_bound:
                    self.problem = BindError(pdu.command_status)
                    return
                else:
                    self.problem = None
                    self.session = session
                    self._bound.set()
            self._outlets.flush()

    def _delivered(self, session: Session, pdu: DeliverSm | DataSm) -> None:
        """Answer what came and pass it on; with a status if there is no room for it."""
        try:
            self._send.send_nowait(pdu)
        except trio.WouldBlock:
            session.answer([response(pdu, c.ESME_RMSGQFUL)], 1)
            return
        except trio.BrokenResourceError:
            # Its user has closed `deliveries`, and wants to see none of them.
            pass
        receipt = parse_receipt(pdu)
        if receipt is not None and receipt.is_final:
            self._receipts[receipt.message_id] = receipt
            if len(self._receipts) > RECEIPTS_MAX:
                self._receipts.popitem(last=False)
            self._receipt_came.set()
            self._receipt_came = trio.Event()
        if isinstance(pdu, DeliverSm):
            session.answer([deliver_sm_resp(pdu.sequence_number)], 1)
        else:
            session.answer([encode(DataSmResp(sequence_number=pdu.sequence_number))], 1)


@asynccontextmanager
async def open_esme(
    host: str,
    port: int,
    system_id: str,
    password: str,
    *,
    bind: str = "transceiver",
    tls: ssl.SSLContext | None = None,
    options: EsmeOptions | None = None,
) -> AsyncGenerator[Esme, None]:
    """Connect, bind, and unbind at the end; `bind` is transmitter, receiver or transceiver.

    Raises OSError, BindError or ConnectionLostError if no bind comes about, never in a group.
    """

    async def connect() -> trio.abc.Stream:
        return await dial(host, port, tls)

    async with esme_over(connect, system_id, password, bind=bind, options=options) as esme:
        yield esme


@asynccontextmanager
async def esme_over(
    connect: Connect,
    system_id: str,
    password: str,
    *,
    bind: str = "transceiver",
    options: EsmeOptions | None = None,
) -> AsyncGenerator[Esme, None]:
    """Do what open_esme() does over streams of any kind."""
    options = EsmeOptions() if options is None else options
    request = Bind(
        command_id=BIND_COMMANDS[bind],
        system_id=system_id.encode(),
        password=password.encode(),
        system_type=options.system_type.encode(),
        interface_version=options.interface_version,
    )
    esme = Esme(connect, request, options, Clock(unix_s()))
    error: BaseException | None = None
    try:
        async with trio.open_nursery() as nursery:
            nursery.start_soon(esme.run)
            await esme.bound()
            yield esme
            await esme.unbind()
            nursery.cancel_scope.cancel()
    except BaseExceptionGroup as group:
        error, *others = group.exceptions
        if others:
            raise
        # The nursery's own wrapping of a single error would only be in its user's way.
    if error is not None:
        raise error
