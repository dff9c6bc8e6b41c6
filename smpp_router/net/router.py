# The router as one nursery: listeners, carriers, committer, librarian, ticker. Whoever runs it gives it the
# store, the way to connect and the chance; tests give it memory streams and a virtual clock.
#
# Stopping, in order: no new connections, no new messages, and nothing more begins that the next start would
# go on with; what ESMEs have asked is answered, and what is on links may be; every session is unbound; what
# came last is made durable. It is over within shutdown_s, each step as soon as nobody is waited for.
"""Running a router under trio."""

import logging
import random
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Final

import attrs
import trio

from smpp_router import collector
from smpp_router.compliance.screener import Screener
from smpp_router.config import LinkConfig, ListenerConfig, RouterConfig
from smpp_router.core.accounts import Account
from smpp_router.core.admission import Admission
from smpp_router.core.exchange import Exchange
from smpp_router.core.restart import take_up
from smpp_router.net.alarm_sinks import run_alarm_sinks
from smpp_router.net.carrier_side import CarrierSide, Connect
from smpp_router.net.clock import Clock
from smpp_router.net.committer import Committer
from smpp_router.net.connection import Outlets
from smpp_router.net.esme_side import EsmeSide
from smpp_router.net.reloading import Reloader, ReloadResult, Renewal
from smpp_router.net.ticker import TICK_S, run_ticker
from smpp_router.net.tls import client_context, server_context
from smpp_router.store.seam import Store

log = logging.getLogger(__name__)

_Handler = Callable[[trio.SocketStream], Awaitable[object]]

LISTEN_BACKLOG: Final = 1024
"""Connections that the kernel keeps for us: a thousand ESMEs come back at once after a restart."""


STOP_POLL_S: Final = 0.02
UNBIND_S: Final = 1.0
"""For peers to answer our unbind before their connections are closed."""

LAST_SHARE: Final = 0.25
"""Of shutdown_s, at most so much is for unbinding, and as much for the last commit, which takes little."""


@attrs.frozen(kw_only=True)
class Pace:
    """How often a router looks at what time has brought about, in seconds; a simulated day is coarser."""

    tick_s: float = TICK_S
    librarian_s: float = 0.01
    """Between two looks for bodies to be read back: short against a window's round trip, dear to nobody."""


class ListenError(Exception):
    """A listener's address can't be had; the message names it."""


async def connect_tcp(link: LinkConfig) -> trio.abc.Stream:
    """Open a TCP or TLS stream to a carrier. Raises OSError, or ssl.SSLError for a bad handshake."""
    stream: trio.abc.Stream = await trio.open_tcp_stream(link.host, link.port)
    if link.tls is None:
        return stream
    context = client_context(
        ca=link.tls.ca, verify=link.tls.verify, certificate=link.tls.certificate, key=link.tls.key
    )
    secured = trio.SSLStream(
        stream, context, server_hostname=link.tls.server_name or link.host, https_compatible=True
    )
    try:
        await secured.do_handshake()
    except BaseException:
        await trio.aclose_forcefully(stream)
        raise
    return secured


@attrs.define(eq=False)
class Running:
    """A router that serves. `ports` are the listeners' TCP ports in the order of the configuration."""

    exchange: Exchange
    committer: Committer
    esme_side: EsmeSide
    carrier_side: CarrierSide
    outlets: Outlets
    clock: Clock
    admission: Admission
    scope: trio.CancelScope
    accepting: trio.CancelScope
    reloader: Reloader
    ports: list[int] = attrs.Factory(list[int])
    is_stopping: bool = False

    @property
    def config(self) -> RouterConfig:
        """What it goes by now."""
        return self.exchange.config

    async def reload(self) -> ReloadResult:
        """Read the configuration's files again and go by them; bad ones are refused whole, and told."""
        return await self.reloader.reload()

    async def stop(self) -> None:
        """End what is under way, within shutdown_s, unbind everybody and let run_router() return."""
        if self.is_stopping:
            return
        self.is_stopping = True
        self.reloader.stop()
        self.carrier_side.stop()
        self.accepting.cancel()
        self.exchange.close()
        shutdown_s = self.config.shutdown_s
        until = trio.current_time() + shutdown_s
        last_s = min(UNBIND_S, shutdown_s * LAST_SHARE)
        with trio.move_on_at(until - 2 * last_s):
            while not self._is_quiet:  # noqa: ASYNC110 - quiet is many things at once, and this is the end
                await trio.sleep(STOP_POLL_S)
        now = self.clock.now()
        for session in self.outlets.sessions():
            session.unbind(now)
        self.outlets.flush()
        with trio.move_on_after(last_s):
            while any(session.is_bound for session in self.outlets.sessions()):  # noqa: ASYNC110 - as above
                await trio.sleep(STOP_POLL_S)
        # What was answered last is to be durable too, or it comes again after the next start.
        with trio.move_on_at(until):
            await self.committer.until_all_durable()
        self.scope.cancel()

    @property
    def _is_quiet(self) -> bool:
        """Whether nobody is to answer anything. What carriers send meanwhile never ends, and is answered."""
        return not any(
            (session.is_bound and session.window.is_awaited)
            or (isinstance(session.owner, Account) and (session.unanswered or session.outbox_bytes))
            for session in self.outlets.sessions()
        )


async def run_router(  # noqa: PLR0913 - all that a router is given from outside, by name
    config: RouterConfig,
    store: Store,
    *,
    started_at: float,
    rng: random.Random,
    connect: Connect = connect_tcp,
    pace: Pace = Pace(),
    screener: Screener | None = None,
    renewal: Renewal | None = None,
    task_status: "trio.TaskStatus[Running]" = trio.TASK_STATUS_IGNORED,
) -> None:
    """Run a router until its Running.stop(), or until cancelled. The caller closes the store.

    Without a screener messages are not screened; without `renewal` the configuration cannot be reloaded.

    `started_at` is the unix time now. Raises ListenError, and StoreFailedError when the store fails.
    """
    clock = Clock(started_at)
    exchange = Exchange(config, started_at, random.Random(rng.getrandbits(64)), screener=screener)
    # A collection would walk, again and again, over a million messages as they are made.
    with collector.paused():
        take_up(exchange, store.load(), started_at)
    outlets = Outlets()
    committer = Committer(exchange, store, outlets, clock)
    admission = Admission(exchange.accounts, rng.randbytes(32))
    esme_side = EsmeSide(exchange, admission, committer, outlets, clock)
    carrier_side = CarrierSide(exchange, committer, outlets, clock, connect, rng)
    contexts = [
        None
        if listener.tls is None
        else server_context(
            certificate=listener.tls.certificate,
            key=listener.tls.key,
            client_ca=listener.tls.client_ca,
            require=listener.tls.require_client_certificate,
        )
        for listener in config.listeners
    ]
    listening: list[tuple[_Handler, list[trio.SocketListener]]] = []
    try:
        for listener, context in zip(config.listeners, contexts, strict=True):
            handler = partial(esme_side.accept, listener, context)
            listening.append((handler, await _listen(listener)))
        async with trio.open_nursery() as nursery:
            running = Running(
                exchange,
                committer,
                esme_side,
                carrier_side,
                outlets,
                clock,
                admission,
                nursery.cancel_scope,
                trio.CancelScope(),
                Reloader(exchange, esme_side, carrier_side, outlets, rng, renewal),
            )
            running.ports += [int(sockets[0].socket.getsockname()[1]) for _, sockets in listening]
            nursery.start_soon(committer.run)
            nursery.start_soon(committer.run_librarian, pace.librarian_s)
            nursery.start_soon(run_ticker, exchange, committer, outlets, clock, pace.tick_s)
            nursery.start_soon(carrier_side.run)
            nursery.start_soon(_run_alarms, running, rng)
            nursery.start_soon(_accept, running.accepting, listening, nursery)
            if exchange.commit:
                committer.wake()
            task_status.started(running)
    finally:
        for _, sockets in listening:
            for listening_socket in sockets:
                listening_socket.socket.close()


async def _run_alarms(running: Running, rng: random.Random) -> None:
    config, watch = running.config, running.exchange.alarm_watch
    if config.alarms.webhook is None:
        await run_alarm_sinks(watch, config.store.path, None)
        return
    # Only here: an HTTP client takes a tenth of a second to import, and few routers need one.
    from smpp_router.net.webhook import Webhook  # noqa: PLC0415 - as said above

    webhook = Webhook(config.alarms.webhook, node_id=config.node_id, clock=running.clock, rng=rng)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(webhook.run)
        nursery.start_soon(run_alarm_sinks, watch, config.store.path, webhook)


async def _listen(listener: ListenerConfig) -> list[trio.SocketListener]:
    try:
        return await trio.open_tcp_listeners(listener.port, host=listener.host, backlog=LISTEN_BACKLOG)
    except OSError as error:
        raise ListenError(f"cannot listen on {listener.host}:{listener.port}: {error.strerror}") from error


async def _accept(
    scope: trio.CancelScope,
    listening: list[tuple[_Handler, list[trio.SocketListener]]],
    connections: trio.Nursery,
) -> None:
    """Accept on all listeners until told to stop; connections live on in the router's nursery."""
    with scope:
        async with trio.open_nursery() as acceptors:
            for handler, sockets in listening:
                acceptors.start_soon(
                    partial(trio.serve_listeners, handler_nursery=connections), handler, sockets
                )
