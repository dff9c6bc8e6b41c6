# The ESME side: one connection from its accept to its end.
#
#   accept -> PROXY header (from trusted load balancers) -> TLS -> bind (decided here) -> read, read, read
#
# A wrong password is answered late, against guessing, but always answered. scrypt runs in a worker thread,
# few at a time: a flood of binds costs those who bind, not those who are bound.
"""Serving ESME connections."""

import logging
import ssl
from functools import partial
from typing import Final

import attrs
import trio

from smpp_router.config import ListenerConfig, RouterConfig
from smpp_router.core.accounts import Account
from smpp_router.core.admission import Admission, Candidate
from smpp_router.core.credentials import verify
from smpp_router.core.exchange import Exchange
from smpp_router.net.clock import Clock
from smpp_router.net.committer import Committer
from smpp_router.net.connection import STREAM_ERRORS, Connection, Outlets
from smpp_router.net.proxied import ProxyHeaderError, read_proxy_header
from smpp_router.session.session import Session
from smpp_router.session.states import Role, State
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Bind, Pdu

log = logging.getLogger(__name__)

SYSTEM_ID: Final = b"smpp-router"
PEER_CLOSED: Final = "peer closed"
SCRYPT_THREADS: Final = 2
"""Passwords checked at once: more would take the cores that messages need."""


@attrs.define(eq=False)
class ListenerCounters:
    """What happened on all listeners since the start."""

    accepted: int = 0
    over_limit: int = 0
    binds: int = 0
    binds_refused: int = 0


class EsmeSide:
    """Accepts and serves ESME connections for one exchange."""

    def __init__(
        self,
        exchange: Exchange,
        admission: Admission,
        committer: Committer,
        outlets: Outlets,
        clock: Clock,
    ) -> None:
        self._exchange = exchange
        self._admission = admission
        self._committer = committer
        self._outlets = outlets
        self.clock = clock
        self._scrypt_limiter = trio.CapacityLimiter(SCRYPT_THREADS)
        self._open: dict[ListenerConfig, int] = {}
        self.counters = ListenerCounters()

    @property
    def _config(self) -> RouterConfig:
        return self._exchange.config

    def configure(self) -> None:
        """Go by what the exchange's configuration says now, sessions that are bound included."""
        self._admission.configure()
        limits = self._bound_limits()
        for account in self._exchange.accounts.values():
            for session in account.sessions:
                session.timers.limits = limits
        self._outlets.allow_stalls_of(self._config.timers.write_stall_s)

    async def accept(
        self, listener: ListenerConfig, tls: ssl.SSLContext | None, stream: trio.SocketStream
    ) -> None:
        """Serve one accepted socket until it ends; errors of the connection end here and are counted."""
        self.counters.accepted += 1
        open_now = self._open.get(listener, 0)
        if open_now >= listener.connections_max:
            self.counters.over_limit += 1
            await trio.aclose_forcefully(stream)
            return
        self._open[listener] = open_now + 1
        try:
            peer_ip = str(stream.socket.getpeername()[0])
            await self._serve(listener, tls, stream, peer_ip)
        except STREAM_ERRORS as error:
            log.info("connection failed before a bind: %s", type(error).__name__)
        finally:
            self._open[listener] -= 1
            await trio.aclose_forcefully(stream)

    async def _serve(
        self, listener: ListenerConfig, tls: ssl.SSLContext | None, raw: trio.SocketStream, peer_ip: str
    ) -> None:
        stream: trio.abc.Stream = raw
        with trio.move_on_after(self._config.timers.session_init_s) as too_slow:
            if listener.proxy_from:
                try:
                    stream, peer_ip = await read_proxy_header(raw, peer_ip, listener.proxy_from)
                except ProxyHeaderError as error:
                    log.warning("PROXY header refused: %s", error)
                    return
            if tls is not None:
                stream = trio.SSLStream(stream, tls, server_side=True, https_compatible=True)
                await stream.do_handshake()
        if not too_slow.cancelled_caught:
            await self.serve(stream, peer_ip)

    async def serve(self, stream: trio.abc.Stream, peer_ip: str) -> None:
        """Serve one SMPP connection on any stream; `peer_ip` is what allow lists are asked about."""
        session = Session(
            Role.MC,
            now=self.clock.now(),
            writable=self._outlets.writable,
            window_size=1,
            limits=TimerLimits(session_init_s=self._config.timers.session_init_s, enquire_link_s=0.0),
            name=peer_ip,
        )
        connection = Connection(stream, session, self._config.timers.write_stall_s)
        self._outlets.add(connection)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.write_for, nursery.cancel_scope)
                await self._read(connection, peer_ip)
                session.stream_ended(PEER_CLOSED)
                connection.wake()
                if session.close_reason is None:
                    nursery.start_soon(self._close_in_time, connection)
        finally:
            self._end(session)
            self._outlets.remove(connection)
            await trio.aclose_forcefully(stream)

    async def _close_in_time(self, connection: Connection) -> None:
        """Close behind a peer that sends no more, though something it asked is not answered yet."""
        await trio.sleep(self._config.timers.response_s)
        connection.session.close(PEER_CLOSED)
        connection.wake()

    def _end(self, session: Session) -> None:
        contexts = session.lose()
        account = session.owner
        if isinstance(account, Account):
            log.info("unbound system_id=%s reason=%s", account.system_id, session.close_reason)
            self._exchange.esme_lost(account, session, contexts, self.clock.now())
            self._after()

    def _after(self) -> None:
        if self._exchange.commit:
            self._committer.wake()
        self._outlets.flush()

    async def _read(self, connection: Connection, peer_ip: str) -> None:
        session = connection.session
        while data := await connection.read():
            pdus = session.receive(data, self.clock.now())
            while session.state is State.BINDING and session.close_reason is None:
                pdus = await self._decide(session, peer_ip)
            if pdus:
                self._received(session, pdus)
            self._after()
            outbox_bytes_max = self._config.limits.outbox_bytes_max
            if session.outbox_bytes >= outbox_bytes_max:
                await connection.drained_below(outbox_bytes_max)
            await self._committer.backlog_below_limit()

    def _received(self, session: Session, pdus: list[Pdu]) -> None:
        account = session.owner
        assert isinstance(account, Account), "only bound sessions hand out PDUs"
        self._exchange.esme_received(account, session, pdus, self.clock.now())

    async def _decide(self, session: Session, peer_ip: str) -> list[Pdu]:
        """Accept or reject the undecided bind; return what came glued behind it."""
        bind = session.bind
        assert bind is not None
        candidate = self._admission.check(bind, peer_ip)
        if isinstance(candidate, Candidate) and not candidate.is_known:
            candidate = await self._check_password(bind, candidate)
        if session.close_reason is not None:
            # The peer went away while its password was checked.
            return []
        if isinstance(candidate, int):
            self.counters.binds_refused += 1
            account = self._exchange.accounts.get(bind.system_id.decode("latin-1"))
            if account is not None and candidate == c.ESME_RINVPASWD:
                account.counters.bad_passwords += 1
            log.info("bind refused status=%s from=%s", c.status_name(candidate), peer_ip)
            if candidate in (c.ESME_RINVPASWD, c.ESME_RINVSYSID):
                await trio.sleep(self._config.timers.bad_password_delay_s)
            return session.reject_bind(candidate, self.clock.now())
        account = candidate.account
        now = self.clock.now()
        if not self._admission.make_room(account, now):
            self.counters.binds_refused += 1
            return session.reject_bind(c.ESME_RALYBND, now)
        self.counters.binds += 1
        session.owner = account
        session.name = account.system_id
        pdus = session.accept_bind(SYSTEM_ID, now, account.config.deliver_window, self._bound_limits())
        log.info("bound system_id=%s type=%s from=%s", account.system_id, session.state.value, peer_ip)
        self._exchange.esme_bound(account, session, now)
        return pdus

    def _bound_limits(self) -> TimerLimits:
        timers = self._config.timers
        return TimerLimits(
            timers.session_init_s, timers.enquire_link_s, timers.inactivity_s, timers.response_s
        )

    async def _check_password(self, bind: Bind, candidate: Candidate) -> Candidate | int:
        secrets = candidate.account.config.secrets
        check = partial(verify, bind.password, secrets)
        is_right = await trio.to_thread.run_sync(check, limiter=self._scrypt_limiter)
        if candidate.account.config.secrets != secrets or candidate.account.is_leaving:
            # A reload came meanwhile: what was checked is not what holds now.
            return c.ESME_RINVPASWD
        if not is_right:
            return c.ESME_RINVPASWD
        self._admission.remember(candidate, bind)
        return candidate
