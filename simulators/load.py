# A load generator on the router's own sessions: everything that one read brings is dealt with in one pass,
# and each connection is written to once. It must not be slower than what it measures.
#
# Rule 1: a latency begins when the message was due. In a closed loop that is when there was room; in an open
#         loop it is by the clock, so that a peer which stalls can't hide it by being asked less.
# Rule 2: a message goes out whole over one session, or waits; those that wait keep when they were due.
# Rule 3: ESME_RTHROTTLED and ESME_RMSGQFUL pause a session in a closed loop; what they refused is not sent
#         again. An open loop does not care.
"""Offering load to an MC and measuring what comes back."""

import math
from collections.abc import Awaitable
from functools import partial
from typing import Final

import trio

from simulators.dial import dial
from simulators.esme import BIND_COMMANDS, Connect
from simulators.load_binds import LoadBind, LoadSource, sources_of
from simulators.load_result import TEXT, LoadOptions, LoadResult
from simulators.load_series import Series
from simulators.traffic.misbehaving import Misbehaving
from simulators.traffic.misbehaviours import check_names
from simulators.traffic.mix import Mix
from simulators.traffic.pace import Pace
from simulators.wall_clock import unix_s
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, encode
from smpp_router.wire.pdu import Bind, DataSm, DataSmResp, DeliverSm, Pdu, SubmitSmResp
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
OVERDUE_MAX: Final = 1_000_000
"""Messages that had no room are counted up to here."""

_LIMITS: Final = TimerLimits(session_init_s=BIND_S, enquire_link_s=30.0, response_s=60.0)
_SLOW_DOWN: Final = frozenset({c.ESME_RTHROTTLED, c.ESME_RMSGQFUL})


async def run_load(options: LoadOptions) -> LoadResult:
    """Offer a load and return what came of it.

    Raises OSError if nothing listens, ValueError for a window that can't hold the text.
    """
    return await Load(options).run()


class Load:
    """A run of load. Watch `result` while run() works; `connect` opens streams other than TCP."""

    def __init__(self, options: LoadOptions, connect: Connect | None = None) -> None:
        check_names(options.misbehave)
        self.options = options
        self._connect = connect or partial(dial, options.host, options.port, options.tls)
        self.result = LoadResult()
        self._clock = Clock(unix_s())
        self._outlets = Outlets()
        self._binds: list[LoadBind] = []
        self._mix = Mix(options.all_kinds(), receipts=options.receipts, seed=str(options.seed))
        self._accounts = sources_of(options)
        for account in self._accounts:
            window = account.options.window or options.window
            if window < self._mix.parts_max:
                raise ValueError(
                    f"a window of {window} can't hold the {self._mix.parts_max} parts of the text"
                )
        rates = options.rates
        is_endless = options.count is None and options.duration_s is None
        self._duration_s = options.duration_s if rates is None or not is_endless else rates.s
        self._is_stopped = False
        self._started_at = 0.0
        self._last_at = 0.0
        self._messages = 0
        self._dialled: OSError | None = None
        self._is_back = trio.Event()
        if options.has_series:
            self.result.series = Series()

    # ------------------------------------------------------------------ running

    async def run(self) -> LoadResult:
        """Bind, offer, wait for what comes back, unbind. Raises OSError if nothing listens."""
        async with trio.open_nursery() as nursery:
            nursery.start_soon(self._tick)
            await self._bind_all(nursery)
            self._started_at = self._last_at = self._clock.now()
            if self._binds:
                bad = self._misbehaving()
                nursery.start_soon(bad.run)
                nursery.start_soon(self._offer)
                await self._finished()
                await bad.finish()
                self.result.misbehaved = {name: found.as_json() for name, found in bad.found.items()}
            self._sum_up()
            await self._unbind()
            nursery.cancel_scope.cancel()
        if self._dialled is not None and not self._binds:
            raise self._dialled
        return self.result

    def stop(self) -> None:
        """Offer nothing more; run() returns when what was sent is back."""
        self._is_stopped = True

    def _misbehaving(self) -> Misbehaving:
        options, account = self.options, self._accounts[0].options
        return Misbehaving(
            options.misbehave,
            partial(self._connect_as, self._accounts[0]),
            (options.misbehave_as or account.system_id).encode(),
            (options.misbehave_password if options.misbehave_as else account.secret()).encode(),
            str(options.seed),
        )

    async def _bind_all(self, nursery: trio.Nursery) -> None:
        limiter = trio.CapacityLimiter(DIALS_MAX)
        with trio.move_on_after(BIND_S):
            async with trio.open_nursery() as binding:
                for account in self._accounts:
                    for kind in account.options.commands:
                        binding.start_soon(self._bind_one, nursery, limiter, account, kind)

    async def _bind_one(
        self, nursery: trio.Nursery, limiter: trio.CapacityLimiter, account: LoadSource, kind: str
    ) -> None:
        options = account.options
        async with limiter:
            try:
                stream = await self._connect_as(account)
            except OSError as error:
                self._dialled = error
                self.result.unbound += 1
                return
            session = Session(
                Role.ESME,
                now=self._clock.now(),
                writable=self._outlets.writable,
                window_size=options.window or self.options.window,
                limits=_LIMITS,
            )
            connection = Connection(stream, session, write_stall_s=60.0)
            self._outlets.add(connection)
            session.start_bind(
                Bind(
                    command_id=BIND_COMMANDS[kind],
                    system_id=options.system_id.encode(),
                    password=options.secret().encode(),
                ),
                self._clock.now(),
            )
            decided = trio.Event()
            nursery.start_soon(self._serve, LoadBind(connection, account), decided, kind != "receiver")
            await decided.wait()

    def _connect_as(self, account: LoadSource) -> Awaitable[trio.abc.Stream]:
        options = account.options
        if not options.host and not options.port:
            return self._connect()
        return dial(options.host or self.options.host, options.port or self.options.port, self.options.tls)

    async def _serve(self, bind: LoadBind, decided: trio.Event, is_sender: bool) -> None:
        session = bind.session
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(bind.connection.write_for, nursery.cancel_scope)
                while data := await bind.connection.read():
                    now = self._clock.now()
                    pdus = session.receive(data, now)
                    if pdus and not decided.is_set():
                        decided.set()
                        if not session.is_bound:
                            _count(self.result.statuses, c.status_name(pdus[0].command_status))
                            break
                        self._binds.append(bind)
                        if is_sender:
                            bind.account.senders.append(bind)
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

    async def _tick(self) -> None:
        while True:
            await trio.sleep(TICK_S)
            now = self._clock.now()
            for session in self._outlets.sessions():
                # What nobody answered in time is missing from `answered`, and so is lost.
                session.tick(now)
            self._outlets.flush()

    async def _offer(self) -> None:
        """Begin, and go on by the clock: an open loop's pace, a closed loop's ends of pauses."""
        while True:
            now = self._clock.now()
            if self._has_sent_all(now):
                return
            for account in self._accounts:
                if account.pace is not None:
                    self._keep_pace(account, account.pace, now)
                    continue
                for bind in account.senders:
                    self._fill(bind, now)
            self._outlets.flush()
            await trio.sleep(PACE_S if self.options.is_open else THROTTLE_PAUSE_S / 4)

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

    def _received(self, bind: LoadBind, pdus: list[Pdu], now: float) -> None:
        result, matching, key = self.result, self.result.matching, bind.account.key
        span = None if result.series is None else result.series.at(now - self._started_at)
        before = (result.accepted, result.refused, matching.receipts)
        answers: list[bytes] = []
        for pdu in pdus:
            if isinstance(pdu, DeliverSm):
                self._delivered(bind, pdu, now)
                answers.append(deliver_sm_resp(pdu.sequence_number))
            elif isinstance(pdu, DataSm):
                self._delivered(bind, pdu, now)
                answers.append(encode(DataSmResp(sequence_number=pdu.sequence_number)))
            elif isinstance(due_at := pdu.request, float):
                bind.histogram.add(now - due_at)
                if span is not None:
                    span.submit.add(now - due_at)
                result.answered += 1
                if type(pdu) is SubmitSmResp and pdu.command_status == c.ESME_ROK:
                    result.accepted += 1
                    if type(due_at) is float:
                        matching.accepted(key + pdu.message_id, due_at)
                else:
                    self._refused(bind, pdu, now)
        if answers:
            bind.session.answer(answers, len(answers))
        self._last_at = now
        if span is not None:
            span.accepted += result.accepted - before[0]
            span.refused += result.refused - before[1]
            span.receipts += matching.receipts - before[2]
        if bind.account.pace is None:
            self._fill(bind, now)
        if self._has_all_back() and self._has_sent_all(now):
            self._is_back.set()

    def _refused(self, bind: LoadBind, resp: Pdu, now: float) -> None:
        self.result.refused += 1
        _count(self.result.statuses, c.status_name(resp.command_status))
        if resp.command_status in _SLOW_DOWN:
            bind.paused_until = now + THROTTLE_PAUSE_S

    def _delivered(self, bind: LoadBind, pdu: DeliverSm | DataSm, now: float) -> None:
        receipt = parse_receipt(pdu)
        if receipt is None or not receipt.is_final:
            return
        _count(self.result.stats, receipt.stat.decode("ascii", "replace"))
        self.result.matching.received(bind.account.key + receipt.message_id, now)

    # ------------------------------------------------------------------ what goes out

    def _fill(self, bind: LoadBind, now: float) -> None:
        """Use the room in a window, in a closed loop."""
        session = bind.session
        if now < bind.paused_until or not session.can_submit or self._has_sent_all(now):
            return
        bind.room = session.window.room
        account = bind.account
        while not self._has_count():
            made = account.held or next(self._mix)
            if not bind.put(made, now):
                account.held = made
                break
            account.held = None
            self._messages += 1
        self._send(bind, now)

    def _keep_pace(self, account: LoadSource, pace: Pace, now: float) -> None:
        """Send what is due, in an open loop, in turn over the sessions."""
        elapsed_s = now - self._started_at
        if pace.next_s > elapsed_s:
            return
        able = [bind for bind in account.senders if bind.session.can_submit]
        for bind in able:
            bind.room = bind.session.window.room
        duration_s = math.inf if self._duration_s is None else self._duration_s
        while able and pace.next_s <= elapsed_s and pace.next_s < duration_s and not self._has_count():
            made = account.held or next(self._mix)
            due_at = self._started_at + pace.next_s
            if not account.put_in_turn(able, made, due_at):
                account.held = made
                break
            account.held = None
            self._messages += 1
            pace.take()
        for bind in able:
            self._send(bind, now)

    def _send(self, bind: LoadBind, now: float) -> None:
        if not bind.bodies:
            return
        number = len(bind.bodies)
        bind.session.request_bodies(c.SUBMIT_SM, bind.bodies, bind.due, now)
        bind.bodies, bind.due = [], []
        bind.account.sent += number
        self.result.sent += number
        if self.result.series is not None:
            self.result.series.at(now - self._started_at).sent += number

    # ------------------------------------------------------------------ the end

    def _has_count(self) -> bool:
        count = self.options.count
        return count is not None and self._messages >= count

    def _has_sent_all(self, now: float) -> bool:
        if self._is_stopped or self._has_count():
            return True
        if self._duration_s is not None and now >= self._started_at + self._duration_s:
            return True
        return self.options.is_open and all(
            account.pace is not None and account.pace.next_s == math.inf for account in self._accounts
        )

    def _has_all_back(self) -> bool:
        return self.result.answered >= self.result.sent and not self.result.missing

    def _sum_up(self) -> None:
        result = self.result
        result.elapsed_s = self._last_at - self._started_at
        result.submit.include(bind.histogram for bind in self._binds)
        result.bind_p99_ms = [bind.histogram.percentile_ms(0.99) for bind in self._binds]
        for account in self._accounts:
            name = account.options.system_id
            result.sent_as[name] = result.sent_as.get(name, 0) + account.sent
        if not self._is_stopped and not self._has_count() and self._duration_s is not None:
            result.overdue = self._overdue(self._duration_s)

    def _overdue(self, until_s: float) -> int:
        overdue = 0
        for account in self._accounts:
            while account.pace is not None and account.pace.next_s < until_s and overdue < OVERDUE_MAX:
                account.pace.take()
                overdue += 1
        return overdue


def _count(counts: dict[str, int], name: str) -> None:
    counts[name] = counts.get(name, 0) + 1
