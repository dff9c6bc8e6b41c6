# A load generator on the router's own sessions: everything that one read brings is dealt with in one pass, and
# each connection is written to once. It is the counterpart that must not be slower than what it measures.
#
#   closed loop   each bind keeps its window full
#   open loop     `rate_per_s` messages are offered whatever comes back, as far as windows allow
"""Offering load to an MC and measuring what comes back."""

import itertools
import time
from typing import Any, Final

import attrs
import trio

from simulators.esme import BIND_COMMANDS
from simulators.histogram import Histogram
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, encode_body
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import Bind, DataSm, DeliverSm, Pdu, SubmitSm, SubmitSmResp
from smpp_router.wire.receipt import parse_receipt

TEXT: Final = "【速达快递】您的包裹已到达幸福路驿站，取件码7-2-3018，请于今日20:00前凭码领取，逾期将退回。客服电话95311，感谢您的支持与配合！"
PACE_S: Final = 0.002
"""Between two looks at how much is to be offered, in an open loop."""
BIND_S: Final = 30.0
_LIMITS: Final = TimerLimits(session_init_s=BIND_S, enquire_link_s=30.0, response_s=60.0)
_SLOW_DOWN: Final = frozenset({c.ESME_RTHROTTLED, c.ESME_RMSGQFUL})


@attrs.frozen(kw_only=True)
class LoadOptions:
    """What to offer, and to whom. `count` or `duration_s` ends it, whichever comes first."""

    host: str = "127.0.0.1"
    port: int = 2775
    system_id: str = "bench"
    password: str = attrs.field(default="", repr=False)
    bind: str = "transceiver"
    binds: int = 4
    window: int = 250
    rate_per_s: float | None = None
    count: int | None = 10_000
    duration_s: float | None = None
    text: str = TEXT
    source: str = "106900"
    prefixes: tuple[str, ...] = ("86139", "86130", "86133")
    receipts: bool = True
    drain_s: float = 30.0
    """How long receipts are waited for after the last response."""


@attrs.define(eq=False)
class LoadResult:
    """What came back. Seconds and messages; histograms of submit to response and submit to receipt."""

    sent: int = 0
    accepted: int = 0
    refused: int = 0
    receipts: int = 0
    duplicated: int = 0
    unbound: int = 0
    elapsed_s: float = 0.0
    statuses: dict[str, int] = attrs.Factory(dict[str, int])
    stats: dict[str, int] = attrs.Factory(dict[str, int])
    submit: Histogram = attrs.Factory(Histogram)
    receipt: Histogram = attrs.Factory(Histogram)
    bind_p99_ms: list[float] = attrs.Factory(list[float])
    lost: int = 0

    def as_json(self) -> dict[str, Any]:
        """Return it as plain values."""
        slowest = sorted(self.bind_p99_ms)
        return {
            "sent": self.sent,
            "accepted": self.accepted,
            "refused": self.refused,
            "receipts": self.receipts,
            "lost": self.lost,
            "duplicated": self.duplicated,
            "unbound": self.unbound,
            "elapsed_s": round(self.elapsed_s, 3),
            "messages_per_s": round((self.receipts or self.accepted) / max(self.elapsed_s, 1e-9), 1),
            "submit_ms": self.submit.summary(),
            "receipt_ms": self.receipt.summary(),
            "bind_p99_ms": {
                "median": slowest[len(slowest) // 2] if slowest else 0.0,
                "max": slowest[-1] if slowest else 0.0,
            },
            "statuses": self.statuses,
            "stats": self.stats,
        }


class _Bind:
    """One session of the load."""

    def __init__(self, connection: Connection) -> None:
        self.connection = connection
        self.session = connection.session
        self.histogram = Histogram()
        self.paused_until = 0.0


class Load:
    """A run of load. Watch `result` while run() works."""

    def __init__(self, options: LoadOptions) -> None:
        self.options = options
        self.result = LoadResult()
        self._clock = Clock(time.time())
        self._outlets = Outlets()
        self._binds: list[_Bind] = []
        self._sent_at: dict[bytes, float] = {}
        self._early: dict[bytes, float] = {}
        self._started_at = 0.0
        self._last_at = 0.0
        self._answered = 0
        self._progress = trio.Event()
        self._bodies = self._templates()
        self._numbers = itertools.count()

    def _templates(self) -> list[list[tuple[bytes, bytes]]]:
        """The bodies of one message for each prefix, cut where the number's last eight digits go."""
        templates: list[list[tuple[bytes, bytes]]] = []
        marker = b"\x01" * 8
        for prefix in self.options.prefixes:
            parts: list[tuple[bytes, bytes]] = []
            for segment in split_text(self.options.text):
                pdu = SubmitSm(
                    source_addr=self.options.source.encode("latin-1"),
                    dest_addr_ton=c.TON_INTL,
                    dest_addr_npi=c.NPI_ISDN,
                    destination_addr=prefix.encode() + marker,
                    esm_class=segment.esm_class,
                    registered_delivery=int(self.options.receipts),
                    data_coding=segment.data_coding,
                    short_message=segment.short_message,
                )
                before, _, after = encode_body(pdu).partition(marker)
                parts.append((before, after))
            templates.append(parts)
        return templates

    # ------------------------------------------------------------------ running

    async def run(self) -> LoadResult:
        """Bind, offer, wait for what comes back, unbind. Raises OSError if nothing listens."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._tick)
            await self._bind_all(nursery)
            self._started_at = self._last_at = self._clock.now()
            nursery.start_soon(self._offer)
            await self._finished()
            self._sum_up()
            now = self._clock.now()
            for bind in self._binds:
                bind.session.unbind(now)
            self._outlets.flush()
            with trio.move_on_after(1.0):
                while len(self._outlets):  # noqa: ASYNC110 - the end, a second away at most
                    await trio.sleep(0.01)
            nursery.cancel_scope.cancel()
        return self.result

    async def _bind_all(self, nursery: trio.Nursery) -> None:
        limiter = trio.CapacityLimiter(64)
        with trio.move_on_after(BIND_S):
            async with trio.open_nursery() as binding:
                for _ in range(self.options.binds):
                    binding.start_soon(self._bind_one, nursery, limiter)

    async def _bind_one(self, nursery: trio.Nursery, limiter: trio.CapacityLimiter) -> None:
        async with limiter:
            stream = await trio.open_tcp_stream(self.options.host, self.options.port)
            session = Session(
                Role.ESME,
                now=self._clock.now(),
                writable=self._outlets.writable,
                window_size=self.options.window,
                limits=_LIMITS,
            )
            bind = _Bind(Connection(stream, session, write_stall_s=60.0))
            self._outlets.add(bind.connection)
            bound = trio.Event()
            nursery.start_soon(self._serve, bind, bound)
            pdu = Bind(
                command_id=BIND_COMMANDS[self.options.bind],
                system_id=self.options.system_id.encode(),
                password=self.options.password.encode(),
            )
            session.start_bind(pdu, self._clock.now())
            self._outlets.flush()
            await bound.wait()

    async def _serve(self, bind: _Bind, bound: trio.Event) -> None:
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, bind.connection, nursery.cancel_scope)
                while data := await bind.connection.read():
                    now = self._clock.now()
                    pdus = bind.session.receive(data, now)
                    if not bound.is_set() and pdus:
                        if bind.session.is_bound:
                            self._binds.append(bind)
                        else:
                            self._count(self.result.statuses, c.status_name(pdus[0].command_status))
                            self.result.unbound += 1
                        bound.set()
                        pdus = pdus[1:]
                    self._received(bind, pdus, now)
                    self._outlets.flush()
                bind.session.close("peer closed")
                bind.connection.wake()
        finally:
            bound.set()
            if bind in self._binds and bind.session.timers.unbind_at is None:
                self.result.unbound += 1
            bind.session.lose()
            self._outlets.remove(bind.connection)
            await trio.aclose_forcefully(bind.connection.stream)

    async def _write(self, connection: Connection, scope: trio.CancelScope) -> None:
        await connection.write_loop()
        scope.cancel()

    async def _tick(self) -> None:
        while True:
            await trio.sleep(0.25)
            now = self._clock.now()
            for session in self._outlets.sessions():
                session.tick(now)
            self._outlets.flush()

    async def _offer(self) -> None:
        """Keep windows filled: by the clock in an open loop, else after pauses and at the start."""
        while not self._has_sent_all(self._clock.now()):
            now = self._clock.now()
            for bind in self._binds:
                self._fill(bind, now)
            self._outlets.flush()
            await trio.sleep(PACE_S if self.options.rate_per_s else 0.05)
        self._progress.set()

    async def _finished(self) -> None:
        """Wait until all is back, or nothing more comes for drain_s."""
        while not self._has_all_back():
            with trio.move_on_after(0.2):
                await self._progress.wait()
            self._progress = trio.Event()
            now = self._clock.now()
            is_silent = now >= self._last_at + self.options.drain_s
            if self._has_sent_all(now) and is_silent:
                return
            if self._binds and not len(self._outlets):
                return

    # ------------------------------------------------------------------ the hot part

    def _received(self, bind: _Bind, pdus: list[Pdu], now: float) -> None:
        result = self.result
        answers: list[bytes] = []
        for pdu in pdus:
            if type(pdu) is SubmitSmResp:
                sent_at = pdu.request
                assert isinstance(sent_at, float)
                bind.histogram.add(now - sent_at)
                self._answered += 1
                if pdu.command_status == c.ESME_ROK:
                    result.accepted += 1
                    if self.options.receipts:
                        self._expect(pdu.message_id, sent_at)
                else:
                    result.refused += 1
                    self._count(result.statuses, c.status_name(pdu.command_status))
                    if pdu.command_status in _SLOW_DOWN:
                        bind.paused_until = now + 0.1
            elif isinstance(pdu, DeliverSm | DataSm):
                self._delivered(pdu, now)
                answers.append(deliver_sm_resp(pdu.sequence_number))
            elif pdu.command_id & 0x80000000:
                self._answered += 1
                result.refused += 1
                self._count(result.statuses, c.status_name(pdu.command_status))
        if answers:
            bind.session.answer(answers, len(answers))
        if pdus:
            self._last_at = now
            self._fill(bind, now)
            if self._has_all_back():
                self._progress.set()

    def _expect(self, message_id: bytes, sent_at: float) -> None:
        arrived_at = self._early.pop(message_id, None)
        if arrived_at is None:
            self._sent_at[message_id] = sent_at
        else:
            self.result.receipts += 1
            self.result.receipt.add(arrived_at - sent_at)

    def _delivered(self, pdu: DeliverSm | DataSm, now: float) -> None:
        receipt = parse_receipt(pdu)
        if receipt is None or not receipt.is_final:
            return
        self._count(self.result.stats, receipt.stat.decode("ascii", "replace"))
        sent_at = self._sent_at.pop(receipt.message_id, None)
        if sent_at is not None:
            self.result.receipts += 1
            self.result.receipt.add(now - sent_at)
        elif receipt.message_id in self._early:
            self.result.duplicated += 1
        else:
            self._early[receipt.message_id] = now

    def _fill(self, bind: _Bind, now: float) -> None:
        session = bind.session
        if now < bind.paused_until or not session.can_submit or self._has_sent_all(now):
            return
        options = self.options
        allowed = session.window.room
        if options.rate_per_s is not None:
            due = int((now - self._started_at) * options.rate_per_s) - self.result.sent
            # Spread over the binds, as a rate is meant.
            allowed = min(allowed, max(1, due // len(self._binds)) if due > 0 else 0)
        if options.count is not None:
            allowed = min(allowed, options.count - self.result.sent)
        bodies: list[bytes] = []
        while len(bodies) < allowed:
            number = next(self._numbers)
            digits = b"%08d" % (number % 100_000_000)
            parts = self._bodies[number % len(self._bodies)]
            bodies += [before + digits + after for before, after in parts]
        if bodies:
            session.request_bodies(c.SUBMIT_SM, bodies, [now] * len(bodies), now)
            self.result.sent += len(bodies)

    def _has_sent_all(self, now: float) -> bool:
        options = self.options
        if options.duration_s is not None and now >= self._started_at + options.duration_s:
            return True
        return options.count is not None and self.result.sent >= options.count

    def _has_all_back(self) -> bool:
        is_answered = self._answered >= self.result.sent and not self._sent_at
        return is_answered and self.result.sent > 0 and self._has_sent_all(self._clock.now())

    def _count(self, counts: dict[str, int], name: str) -> None:
        counts[name] = counts.get(name, 0) + 1

    def _sum_up(self) -> None:
        result = self.result
        result.elapsed_s = self._last_at - self._started_at
        result.lost = len(self._sent_at) + result.sent - self._answered
        # A final receipt for nothing that was sent is one too many.
        result.duplicated += len(self._early)
        result.submit.include(bind.histogram for bind in self._binds)
        result.bind_p99_ms = [bind.histogram.percentile_ms(0.99) for bind in self._binds]
