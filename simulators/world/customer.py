# A customer of a world: an ESME that keeps its binds, sends what it is given, answers what it gets - or does
# not, for as long as something is wrong with it - and tells the ledger of everything.
"""ESMEs of a simulated world."""

import random
from collections import deque
from collections.abc import Awaitable, Callable, Sequence
from contextlib import suppress
from typing import Final

import attrs
import trio

from simulators.esme import BIND_COMMANDS
from simulators.profile import BindType
from simulators.world.addresses import number_in
from simulators.world.handed import RESPONSE_S, Handed
from simulators.world.lives import Life, Lives
from simulators.world.replies import Replies, Reply
from simulators.world.scenario import Customer
from simulators.world.wires import WireEnd
from smpp_router.net.clock import Clock
from smpp_router.net.connection import STREAM_ERRORS, Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, header_only
from smpp_router.wire.pdu import Bind, DeliverSm, Pdu, SubmitSmResp
from smpp_router.wire.receipt import parse_receipt

PASSWORD: Final = b"world"
WAITING_MAX: Final = 10_000
"""Messages that wait for a bind; a customer without one for long drops what is new."""
TICK_S: Final = 1.0
RECONNECT_S: Final = (0.5, 2.0)
WRITE_STALL_S: Final = 30.0
_LIMITS: Final = TimerLimits(session_init_s=10.0, enquire_link_s=20.0, response_s=RESPONSE_S)

Dial = Callable[[str], Awaitable[WireEnd]]
"""Opens a wire to the router for a system_id; raises OSError."""


@attrs.define(eq=False)
class Parcel:
    """A message with all its parts: each one's life, and the body of its submit_sm."""

    lives: Sequence[Life]
    bodies: Sequence[bytes]


class CustomerSide:
    """One customer while the world runs."""

    def __init__(
        self, config: Customer, lives: Lives, replies: Replies, clock: Clock, dial: Dial, seed: int
    ) -> None:
        self.config = config
        self.away_until = 0.0
        """It keeps no bind before."""
        self.refuses_until = 0.0
        """It answers deliver_sm with an error before."""
        self.ignores_until = 0.0
        """It answers deliver_sm not at all before."""
        self.dropped = 0
        self._lives = lives
        self._replies = replies
        self._clock = clock
        self._dial = dial
        self._rng = random.Random(f"{seed} {config.system_id} customer")
        self._outlets = Outlets()
        self._waiting: deque[Parcel] = deque()
        self._ends: dict[Session, WireEnd] = {}

    @property
    def waiting(self) -> int:
        """Messages that no bind has taken yet, and submit_sm without an answer."""
        return len(self._waiting) + sum(len(session.window) for session in self._ends)

    async def run(self) -> None:
        """Keep all binds until cancelled."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._tick)
            for bind in self.config.binds:
                nursery.start_soon(self._keep, bind)

    # ------------------------------------------------------------------ what it sends

    def offer(self, parcel: Parcel) -> None:
        """Send a message as soon as a bind has room."""
        if len(self._waiting) >= WAITING_MAX:
            self.dropped += 1
        else:
            self._waiting.append(parcel)

    def pump(self, now: float) -> None:
        """Hand over what there is room for; all parts of a message by one bind."""
        waiting = self._waiting
        for session in self._ends:
            while waiting and session.can_submit and session.window.room >= len(waiting[0].lives):
                parcel = waiting.popleft()
                for life in parcel.lives:
                    life.offered_at = now
                    self._lives.offered(life)
                session.request_bodies(c.SUBMIT_SM, parcel.bodies, parcel.lives, now)
        self._outlets.flush()

    # ------------------------------------------------------------------ its binds

    async def _keep(self, bind: BindType) -> None:
        while True:
            await trio.sleep(max(self.away_until - self._clock.now(), 0.0))
            # Nobody may be there to connect to.
            with suppress(*STREAM_ERRORS):
                await self._once(bind)
            await trio.sleep(self._rng.uniform(*RECONNECT_S))

    async def _once(self, bind: BindType) -> None:
        stream = await self._dial(self.config.system_id)
        session = Session(
            Role.ESME,
            now=self._clock.now(),
            writable=self._outlets.writable,
            window_size=self.config.window,
            limits=_LIMITS,
            name=self.config.system_id,
        )
        connection = Connection(stream, session, WRITE_STALL_S)
        self._outlets.add(connection)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.write_for, nursery.cancel_scope)
                request = Bind(
                    command_id=BIND_COMMANDS[bind],
                    system_id=self.config.system_id.encode(),
                    password=PASSWORD,
                )
                session.start_bind(request, self._clock.now())
                self._outlets.flush()
                await self._read(connection, stream)
                session.close("router closed")
                connection.wake()
        finally:
            self._ends.pop(session, None)
            self._lost(session.lose())
            self._outlets.remove(connection)
            stream.close()

    async def _tick(self) -> None:
        while True:
            await trio.sleep(TICK_S)
            now = self._clock.now()
            for session in self._outlets.sessions():
                self._lost(session.tick(now))
            self.pump(now)

    def _lost(self, contexts: Sequence[object]) -> None:
        now = self._clock.now()
        for context in contexts:
            if isinstance(context, Life):
                self._lives.unanswered(context, now)

    # ------------------------------------------------------------------ what it gets

    async def _read(self, connection: Connection, stream: WireEnd) -> None:
        session = connection.session
        while data := await connection.read():
            now = self._clock.now()
            pdus = session.receive(data, now)
            if pdus and session not in self._ends:
                if not session.is_bound:
                    return
                self._ends[session] = stream
                pdus = pdus[1:]
            for pdu in pdus:
                self._received(session, stream, pdu, now)
            self.pump(now)

    def _received(self, session: Session, stream: WireEnd, pdu: Pdu, now: float) -> None:
        if isinstance(pdu, DeliverSm):
            self._delivered(session, stream, pdu, now)
        elif isinstance(pdu.request, Life):
            message_id = pdu.message_id if isinstance(pdu, SubmitSmResp) else b""
            self._lives.answered(pdu.request, pdu.command_status, message_id, now)

    def _delivered(self, session: Session, stream: WireEnd, pdu: DeliverSm, now: float) -> None:
        handed = Handed(0, now, stream.wire)
        life: Life | None = None
        reply: Reply | None = None
        receipt = parse_receipt(pdu)
        if receipt is None:
            reply = self._replies.handed(pdu.source_addr, pdu.destination_addr, self.config.system_id, handed)
        elif receipt.is_final:
            handed.state = receipt.message_state
            number = number_in(pdu.destination_addr, pdu.dest_addr_ton)
            life = None if number is None else self._lives.get(number, "a receipt", now)
            if life is not None:
                self._lives.receipt(life, handed, self.config.system_id, receipt.message_id)
        if now < self.ignores_until:
            session.unanswered -= 1
            return
        status = c.ESME_RX_T_APPN if now < self.refuses_until else c.ESME_ROK
        if status:
            session.answer([header_only(c.DELIVER_SM_RESP, status, pdu.sequence_number)], 1)
        else:
            session.answer([deliver_sm_resp(pdu.sequence_number)], 1)
        if life is not None:
            self._lives.receipt_answered(life, handed, status, now)
        if reply is not None:
            self._replies.answered(reply, handed, status, now)
