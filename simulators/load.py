# A load generator on the router's own sessions: everything that one read brings is dealt with in one pass,
# and each connection is written to once. It must not be slower than what it measures.
#
# Rule 1: a latency begins when the message was due. In a closed loop that is when there was room; in an open
#         loop it is by the clock, so that a peer which stalls can't hide it by being asked less.
# Rule 2: a receipt may come before the response that names its message: it is kept until that comes. One
#         that no message lacks is `duplicated`; a message that lacks one in the end is `lost`.
# Rule 3: ESME_RTHROTTLED and ESME_RMSGQFUL pause a session in a closed loop; what they refused is not sent
#         again. An open loop does not care.
"""Offering load to an MC and measuring what comes back."""

from collections.abc import Iterator
from functools import partial
from itertools import count, islice
from typing import Final

import trio

from simulators.dial import dial
from simulators.esme import BIND_COMMANDS, Connect
from simulators.histogram import Histogram
from simulators.load_result import TEXT, LoadOptions, LoadResult
from simulators.wall_clock import unix_s
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, encode, encode_body
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import Bind, DataSm, DataSmResp, DeliverSm, Pdu, SubmitSm, SubmitSmResp
from smpp_router.wire.receipt import parse_receipt

__all__ = ["TEXT", "Load", "LoadOptions", "LoadResult", "run_load"]

PACE_S: Final = 0.002
"""Between two looks at what is due, in an open loop."""
THROTTLE_PAUSE_S: Final = 0.1
BIND_S: Final = 30.0
UNBIND_S: Final = 1.0
TICK_S: Final = 0.25
DIALS_MAX: Final = 64
"""Connections opened at the same time: thousands at once would overrun the MC's accept queue."""
EARLY_MAX: Final = 1_000_000
"""Receipts kept for responses that have not come; beyond it they count as duplicated."""

_LIMITS: Final = TimerLimits(session_init_s=BIND_S, enquire_link_s=30.0, response_s=60.0)
_SLOW_DOWN: Final = frozenset({c.ESME_RTHROTTLED, c.ESME_RMSGQFUL})
_MARKER: Final = b"\x01" * 8


async def run_load(options: LoadOptions) -> LoadResult:
    """Offer a load and return what came of it.

    Raises OSError if nothing listens, ValueError for a window that can't hold the text.
    """
    return await Load(options).run()


class _Bind:
    """One session of the load."""

    __slots__ = ("bodies", "connection", "histogram", "paused_until", "session")

    def __init__(self, connection: Connection, bodies: Iterator[bytes]) -> None:
        self.connection = connection
        self.session = connection.session
        self.bodies = bodies
        self.histogram = Histogram()
        self.paused_until = 0.0


class Load:
    """A run of load. Watch `result` while run() works; `connect` opens streams other than TCP."""

    def __init__(self, options: LoadOptions, connect: Connect | None = None) -> None:
        self.options = options
        self._connect = connect or partial(dial, options.host, options.port, options.tls)
        self.result = LoadResult()
        self._clock = Clock(unix_s())
        self._outlets = Outlets()
        self._binds: list[_Bind] = []
        self._lacking: dict[bytes, float] = {}
        self._early: dict[bytes, float] = {}
        self._numbers = count()
        self._templates = _templates(options)
        self._parts = len(self._templates[0])
        if options.window < self._parts:
            raise ValueError(f"a window of {options.window} can't hold the {self._parts} parts of the text")
        self._total = None if options.count is None else options.count * self._parts
        self._is_stopped = False
        self._started_at = 0.0
        self._last_at = 0.0
        self._answered = 0
        self._dialled: OSError | None = None
        self._is_back = trio.Event()

    # ------------------------------------------------------------------ running

    async def run(self) -> LoadResult:
        """Bind, offer, wait for what comes back, unbind. Raises OSError if nothing listens."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._tick)
            await self._bind_all(nursery)
            self._started_at = self._last_at = self._clock.now()
            if self._binds:
                nursery.start_soon(self._offer)
                await self._finished()
            self._sum_up()
            await self._unbind()
            nursery.cancel_scope.cancel()
        if self._dialled is not None and not self._binds:
            raise self._dialled
        return self.result

    def stop(self) -> None:
        """Offer nothing more; run() returns when what was sent is back."""
        self._is_stopped = True

    async def _bind_all(self, nursery: trio.Nursery) -> None:
        limiter = trio.CapacityLimiter(DIALS_MAX)
        with trio.move_on_after(BIND_S):
            async with trio.open_nursery() as binding:
                for _ in range(self.options.binds):
                    binding.start_soon(self._bind_one, nursery, limiter)

    async def _bind_one(self, nursery: trio.Nursery, limiter: trio.CapacityLimiter) -> None:
        options = self.options
        async with limiter:
            try:
                stream = await self._connect()
            except OSError as error:
                self._dialled = error
                self.result.unbound += 1
                return
            session = Session(
                Role.ESME,
                now=self._clock.now(),
                writable=self._outlets.writable,
                window_size=options.window,
                limits=_LIMITS,
            )
            connection = Connection(stream, session, write_stall_s=60.0)
            self._outlets.add(connection)
            session.start_bind(
                Bind(
                    command_id=BIND_COMMANDS[options.bind],
                    system_id=options.system_id.encode(),
                    password=options.password.encode(),
                ),
                self._clock.now(),
            )
            decided = trio.Event()
            nursery.start_soon(self._serve, _Bind(connection, self._bodies()), decided)
            await decided.wait()

    async def _serve(self, bind: _Bind, decided: trio.Event) -> None:
        session = bind.session
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, bind.connection, nursery.cancel_scope)
                while data := await bind.connection.read():
                    now = self._clock.now()
                    pdus = session.receive(data, now)
                    if pdus and not decided.is_set():
                        decided.set()
                        if not session.is_bound:
                            _count(self.result.statuses, c.status_name(pdus[0].command_status))
                            break
                        self._binds.append(bind)
                        del pdus[0]
                    if pdus:
                        self._received(bind, pdus, now)
                    self._outlets.flush()
                session.close("peer closed")
                bind.connection.wake()
        finally:
            decided.set()
            if bind not in self._binds or session.timers.unbind_at is None:
                self.result.unbound += 1
            session.lose()
            self._outlets.remove(bind.connection)
            await trio.aclose_forcefully(bind.connection.stream)

    async def _write(self, connection: Connection, scope: trio.CancelScope) -> None:
        await connection.write_loop()
        scope.cancel()

    async def _tick(self) -> None:
        while True:
            await trio.sleep(TICK_S)
            now = self._clock.now()
            for session in self._outlets.sessions():
                # What nobody answered in time is missing from _answered, and so is lost.
                session.tick(now)
            self._outlets.flush()

    async def _offer(self) -> None:
        """Begin, and go on by the clock: an open loop's pace, a closed loop's ends of pauses."""
        while True:
            now = self._clock.now()
            if self._has_sent_all(now):
                return
            if self.options.rate_per_s is None:
                for bind in self._binds:
                    self._fill(bind, now)
            else:
                self._keep_pace(now, self.options.rate_per_s)
            self._outlets.flush()
            await trio.sleep(THROTTLE_PAUSE_S / 4 if self.options.rate_per_s is None else PACE_S)

    async def _finished(self) -> None:
        """Wait until all is back, or nothing more comes for drain_s, or nobody is left to send it."""
        while len(self._outlets):
            with trio.move_on_after(TICK_S):
                await self._is_back.wait()
            now = self._clock.now()
            if self._has_sent_all(now) and (
                self._has_all_back() or now >= self._last_at + self.options.drain_s
            ):
                return

    async def _unbind(self) -> None:
        now = self._clock.now()
        for session in self._outlets.sessions():
            session.unbind(now)
        self._outlets.flush()
        with trio.move_on_after(UNBIND_S):
            while len(self._outlets):  # noqa: ASYNC110 - the end, at most UNBIND_S away
                await trio.sleep(PACE_S)

    # ------------------------------------------------------------------ what comes back

    def _received(self, bind: _Bind, pdus: list[Pdu], now: float) -> None:
        result = self.result
        answers: list[bytes] = []
        for pdu in pdus:
            if type(pdu) is SubmitSmResp and pdu.command_status == c.ESME_ROK:
                due_at = pdu.request
                assert isinstance(due_at, float)
                bind.histogram.add(now - due_at)
                self._answered += 1
                result.accepted += 1
                if self.options.receipts:
                    self._expect(pdu.message_id, due_at)
            elif isinstance(pdu, DeliverSm):
                self._delivered(pdu, now)
                answers.append(deliver_sm_resp(pdu.sequence_number))
            elif isinstance(pdu, DataSm):
                self._delivered(pdu, now)
                answers.append(encode(DataSmResp(sequence_number=pdu.sequence_number)))
            elif isinstance(pdu.request, float):
                self._refused(bind, pdu, pdu.request, now)
        if answers:
            bind.session.answer(answers, len(answers))
        self._last_at = now
        if self.options.rate_per_s is None:
            self._fill(bind, now)
        if self._has_all_back() and self._has_sent_all(now):
            self._is_back.set()

    def _refused(self, bind: _Bind, resp: Pdu, due_at: float, now: float) -> None:
        bind.histogram.add(now - due_at)
        self._answered += 1
        self.result.refused += 1
        _count(self.result.statuses, c.status_name(resp.command_status))
        if resp.command_status in _SLOW_DOWN:
            bind.paused_until = now + THROTTLE_PAUSE_S

    def _expect(self, message_id: bytes, due_at: float) -> None:
        arrived_at = self._early.pop(message_id, None)
        if arrived_at is None:
            self._lacking[message_id] = due_at
        else:
            self.result.receipts += 1
            self.result.receipt.add(arrived_at - due_at)

    def _delivered(self, pdu: DeliverSm | DataSm, now: float) -> None:
        receipt = parse_receipt(pdu)
        if receipt is None or not receipt.is_final:
            return
        _count(self.result.stats, receipt.stat.decode("ascii", "replace"))
        due_at = self._lacking.pop(receipt.message_id, None)
        if due_at is not None:
            self.result.receipts += 1
            self.result.receipt.add(now - due_at)
        elif receipt.message_id in self._early or len(self._early) >= EARLY_MAX:
            self.result.duplicated += 1
        else:
            self._early[receipt.message_id] = now

    # ------------------------------------------------------------------ what goes out

    def _bodies(self) -> Iterator[bytes]:
        """The submit_sm bodies of one session: the parts of a message follow each other."""
        templates = self._templates
        for number in self._numbers:
            digits = b"%08d" % (number % 100_000_000)
            for before, after in templates[number % len(templates)]:
                yield before + digits + after

    def _fill(self, bind: _Bind, now: float) -> None:
        """Use the room in a window, in a closed loop."""
        session = bind.session
        if now < bind.paused_until or not session.can_submit or self._has_sent_all(now):
            return
        allowed = session.window.room
        if self._total is not None:
            allowed = min(allowed, self._total - self.result.sent)
        allowed -= allowed % self._parts
        if allowed > 0:
            self._send(bind, [now] * allowed, now)

    def _keep_pace(self, now: float, rate_per_s: float) -> None:
        """Send what is due, in an open loop, spread over the sessions as a rate is meant."""
        interval_s = 1.0 / (rate_per_s * self._parts)
        sent = self.result.sent
        due = int((now - self._started_at) / interval_s) + self._parts - sent
        if self._total is not None:
            due = min(due, self._total - sent)
        due -= due % self._parts
        turn = sent // self._parts
        able = [bind for bind in self._binds if bind.session.can_submit]
        for offset in range(len(able)):
            if due <= 0:
                return
            bind = able[(turn + offset) % len(able)]
            share = -(-due // (len(able) - offset))
            share = min(share + -share % self._parts, due, bind.session.window.room)
            share -= share % self._parts
            if share > 0:
                self._send(bind, [self._started_at + (sent + i) * interval_s for i in range(share)], now)
                sent += share
                due -= share

    def _send(self, bind: _Bind, due: list[float], now: float) -> None:
        bodies = list(islice(bind.bodies, len(due)))
        bind.session.request_bodies(c.SUBMIT_SM, bodies, due, now)
        self.result.sent += len(due)

    # ------------------------------------------------------------------ the end

    def _has_sent_all(self, now: float) -> bool:
        duration_s = self.options.duration_s
        return (
            self._is_stopped
            or (self._total is not None and self.result.sent >= self._total)
            or (duration_s is not None and now >= self._started_at + duration_s)
        )

    def _has_all_back(self) -> bool:
        return self._answered >= self.result.sent and not self._lacking

    def _sum_up(self) -> None:
        result = self.result
        result.elapsed_s = self._last_at - self._started_at
        result.lost = len(self._lacking) + result.sent - self._answered
        result.duplicated += len(self._early)
        result.submit.include(bind.histogram for bind in self._binds)
        result.bind_p99_ms = [bind.histogram.percentile_ms(0.99) for bind in self._binds]


def _templates(options: LoadOptions) -> list[list[tuple[bytes, bytes]]]:
    """The bodies of a message's parts, for each prefix, cut where the number's last eight digits go."""
    templates: list[list[tuple[bytes, bytes]]] = []
    for prefix in options.prefixes:
        parts: list[tuple[bytes, bytes]] = []
        for segment in split_text(options.text):
            pdu = SubmitSm(
                source_addr=options.source.encode("latin-1"),
                dest_addr_ton=c.TON_INTL,
                dest_addr_npi=c.NPI_ISDN,
                destination_addr=prefix.encode("ascii") + _MARKER,
                esm_class=segment.esm_class,
                registered_delivery=int(options.receipts),
                data_coding=segment.data_coding,
                short_message=segment.short_message,
                tlvs=segment.tlvs,
            )
            before, _, after = encode_body(pdu).partition(_MARKER)
            parts.append((before, after))
        templates.append(parts)
    return templates


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
