# The carrier side: one task a bind, which keeps it up. It connects, binds, reads until the session is lost,
# and tries again after a pause that doubles from reconnect_min_s to reconnect_max_s, with jitter so that
# binds which were lost together do not come back together.
"""Keeping binds with carriers."""

import logging
import random
from collections.abc import Awaitable, Callable
from typing import Final

import trio

from smpp_router.config import BindType, CarrierConfig, LinkConfig, RouterConfig
from smpp_router.core.carriers import Carrier
from smpp_router.core.exchange import Exchange
from smpp_router.net.clock import Clock
from smpp_router.net.committer import Committer
from smpp_router.net.connection import STREAM_ERRORS, Connection, Outlets
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Bind, BindResp, Pdu
from smpp_router.wire.receipt_sm import RECEIPT_DECODERS

log = logging.getLogger(__name__)

CONNECT_S: Final = 10.0
"""To connect, shake hands and be bound; a carrier that takes longer is tried again."""

STEADY_S: Final = 30.0
"""A bind that stood so long was a good one: the next pause begins at the shortest again."""

Connect = Callable[[LinkConfig], Awaitable[trio.abc.Stream]]
"""Opens a stream to a link's address; raises OSError."""

_COMMANDS: Final[dict[BindType, int]] = {
    "transmitter": c.BIND_TRANSMITTER,
    "receiver": c.BIND_RECEIVER,
    "transceiver": c.BIND_TRANSCEIVER,
}


def reconnect_delay_s(attempt: int, min_s: float, max_s: float, rng: random.Random) -> float:
    """Return the seconds of pause number `attempt` (from 0): doubling, each ±20 % so that binds part."""
    return min(max_s, min_s * 2.0 ** min(attempt, 30)) * rng.uniform(0.8, 1.2)


class CarrierSide:
    """Keeps every configured bind with every carrier."""

    def __init__(
        self,
        config: RouterConfig,
        exchange: Exchange,
        committer: Committer,
        outlets: Outlets,
        clock: Clock,
        connect: Connect,
        rng: random.Random,
    ) -> None:
        self._config = config
        self._exchange = exchange
        self._committer = committer
        self._outlets = outlets
        self._clock = clock
        self._connect = connect
        self._rng = rng

    async def run(self) -> None:
        """Keep all binds until cancelled."""
        async with trio.open_nursery() as nursery:
            for carrier in self._exchange.carriers.values():
                for number, link in enumerate(carrier.config.links, 1):
                    for _ in range(link.binds):
                        nursery.start_soon(self._keep, carrier, link, number)

    async def _keep(self, carrier: Carrier, link: LinkConfig, number: int) -> None:
        attempt = 0
        config = carrier.config
        while True:
            started_at = self._clock.now()
            try:
                await self._once(carrier, link, number)
            except STREAM_ERRORS as error:
                log.info(
                    "carrier=%s link=%s:%d cannot connect: %s", carrier.name, link.host, link.port, error
                )
            if self._clock.now() >= started_at + STEADY_S:
                attempt = 0
            await trio.sleep(
                reconnect_delay_s(attempt, config.reconnect_min_s, config.reconnect_max_s, self._rng)
            )
            attempt += 1

    async def _once(self, carrier: Carrier, link: LinkConfig, number: int) -> None:
        stream: trio.abc.Stream | None = None
        with trio.move_on_after(CONNECT_S):
            stream = await self._connect(link)
        if stream is None:
            log.info("carrier=%s link=%s:%d connect timed out", carrier.name, link.host, link.port)
            return
        config = carrier.config
        session = Session(
            Role.ESME,
            now=self._clock.now(),
            writable=self._outlets.writable,
            window_size=config.window,
            limits=_limits(config),
            name=carrier.name,
        )
        session.framer.decoders = RECEIPT_DECODERS
        connection = Connection(stream, session, self._config.timers.write_stall_s)
        self._outlets.add(connection)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(self._write, connection, nursery.cancel_scope)
                session.start_bind(_bind(config, link), self._clock.now())
                self._outlets.flush()
                await self._read(connection, carrier, number)
                session.close("carrier closed")
                connection.wake()
        finally:
            self._end(carrier, session)
            self._outlets.remove(connection)
            await trio.aclose_forcefully(stream)

    async def _write(self, connection: Connection, scope: trio.CancelScope) -> None:
        await connection.write_loop()
        scope.cancel()

    def _end(self, carrier: Carrier, session: Session) -> None:
        contexts = session.lose()
        if session.owner is carrier:
            # What we unbind ourselves is no surprise.
            level = logging.INFO if session.timers.unbind_at is not None else logging.WARNING
            log.log(level, "carrier=%s unbound reason=%s", carrier.name, session.close_reason)
            self._exchange.carrier_lost(carrier, session, contexts, self._clock.now())
            self._after()

    def _after(self) -> None:
        if self._exchange.commit:
            self._committer.wake()
        self._outlets.flush()

    async def _read(self, connection: Connection, carrier: Carrier, number: int) -> None:
        session = connection.session
        while data := await connection.read():
            now = self._clock.now()
            pdus = session.receive(data, now)
            if pdus and session.owner is not carrier:
                pdus = self._bound(carrier, session, pdus, now, number)
            if pdus:
                self._exchange.carrier_received(carrier, session, pdus, now)
            self._after()

    def _bound(
        self, carrier: Carrier, session: Session, pdus: list[Pdu], now: float, number: int
    ) -> list[Pdu]:
        """Take up the bind_resp, which is the first thing that a session hands out."""
        resp = pdus[0]
        if not session.is_bound:
            log.warning("carrier=%s refused bind status=%s", carrier.name, c.status_name(resp.command_status))
            session.close("bind refused")
            return []
        session.owner = carrier
        log.info("carrier=%s bound as %s", carrier.name, session.state.value)
        self._exchange.carrier_bound(carrier, session, now, number)
        return pdus[1:] if isinstance(resp, BindResp) else pdus


def _limits(config: CarrierConfig) -> TimerLimits:
    return TimerLimits(
        session_init_s=CONNECT_S,
        enquire_link_s=config.enquire_link_s,
        inactivity_s=0.0,
        response_s=config.response_timeout_s,
    )


def _bind(config: CarrierConfig, link: LinkConfig) -> Bind:
    return Bind(
        command_id=_COMMANDS[link.bind],
        system_id=link.system_id.encode(),
        password=link.password.encode(),
        system_type=link.system_type.encode(),
        interface_version=config.interface_version,
    )
