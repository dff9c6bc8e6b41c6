# The carrier side: one task a bind, which keeps it up. It connects, binds, reads until the session is lost,
# and tries again after a pause that doubles from reconnect_min_s to reconnect_max_s, with jitter so that
# binds which were lost together do not come back together.
#
# A reload compares the binds that there are with those that there should be, by what they are made of: who
# is the same stays bound. New ones are made before the old ones in their place are closed.
"""Keeping binds with carriers."""

import logging
import random
from collections.abc import Awaitable, Callable, Iterable
from typing import Final

import attrs
import trio

from smpp_router.config import BindType, CarrierConfig, LinkConfig
from smpp_router.core.carriers import Carrier
from smpp_router.core.exchange import Exchange
from smpp_router.error_groups import reason
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

REPLACE_S: Final = 0.1
"""Between two looks at binds that are being replaced."""

_NOT_US: Final = frozenset({c.ESME_RINVPASWD, c.ESME_RINVSYSID, c.ESME_RINVSYSTYP})
"""A bind refused so is not let in because of who we say we are, and not because of what is bound already."""

Connect = Callable[[LinkConfig], Awaitable[trio.abc.Stream]]
"""Opens a stream to a link's address; raises OSError."""

_COMMANDS: Final[dict[BindType, int]] = {
    "transmitter": c.BIND_TRANSMITTER,
    "receiver": c.BIND_RECEIVER,
    "transceiver": c.BIND_TRANSCEIVER,
}


@attrs.define(eq=False)
class KeptBind:
    """One session that is kept up with a carrier, over its link of that `number` in the file, from 1.

    `is_leaving`: it is being closed, for the configuration has it no more. `crowded` counts how often it was
    refused by a carrier that may have enough of us.
    """

    link: LinkConfig
    interface_version: int
    number: int
    scope: trio.CancelScope = attrs.Factory(trio.CancelScope)
    session: Session | None = None
    is_leaving: bool = False
    crowded: int = 0

    @property
    def is_up(self) -> bool:
        """Whether it is bound."""
        return self.session is not None and self.session.is_bound and self.session.owner is not None


def matched(
    carrier: Carrier, binds: Iterable[KeptBind]
) -> tuple[list[KeptBind], list[KeptBind], list[KeptBind]]:
    """Return which of a carrier's binds stay, which are to be made, and which are to be closed.

    A bind stays if its configuration wants one to the same address as the same ESME.
    """
    config = carrier.config
    left = [bind for bind in binds if not bind.is_leaving]
    kept: list[KeptBind] = []
    new: list[KeptBind] = []
    for number, link in enumerate(config.links, 1):
        one = attrs.evolve(link, binds=1)
        for _ in range(link.binds):
            same = (bind for bind in left if bind.link == one)
            bind = next((bind for bind in same if bind.interface_version == config.interface_version), None)
            if bind is None:
                new.append(KeptBind(one, config.interface_version, number))
            else:
                left.remove(bind)
                bind.number = number
                kept.append(bind)
    return kept, new, left


def reconnect_delay_s(attempt: int, min_s: float, max_s: float, rng: random.Random) -> float:
    """Return the seconds of pause number `attempt` (from 0): doubling, each ±20 % so that binds part."""
    return min(max_s, min_s * 2.0 ** min(attempt, 30)) * rng.uniform(0.8, 1.2)


class CarrierSide:
    """Keeps every configured bind with every carrier."""

    def __init__(
        self,
        exchange: Exchange,
        committer: Committer,
        outlets: Outlets,
        clock: Clock,
        connect: Connect,
        rng: random.Random,
    ) -> None:
        self._exchange = exchange
        self._committer = committer
        self._outlets = outlets
        self._clock = clock
        self._connect = connect
        self._rng = rng
        self._nursery: trio.Nursery | None = None
        self._binds: dict[Carrier, list[KeptBind]] = {}
        self._replacing: dict[Carrier, trio.CancelScope] = {}
        self._is_stopping = False

    def stop(self) -> None:
        """Bind no more from now on: the router ends, and what it unbinds is to stay so."""
        self._is_stopping = True

    async def run(self) -> None:
        """Keep all binds until cancelled."""
        async with trio.open_nursery() as nursery:
            self._nursery = nursery
            try:
                self.configure()
                await trio.sleep_forever()
            finally:
                # A reload that is under way when all ends finds nobody to start binds with.
                self._nursery = None

    # ------------------------------------------------------------------ which binds there are to be

    def configure(self) -> None:
        """Go by what the carriers' configurations say now: make new binds, then close the old."""
        if self._nursery is None:
            # It has not begun, and begins with what will be then.
            return
        for carrier in self._exchange.carriers.values():
            self._configure(carrier, self._nursery)

    def _configure(self, carrier: Carrier, nursery: trio.Nursery) -> None:
        before = self._binds.get(carrier, [])
        kept, new, old = matched(carrier, before)
        self._binds[carrier] = [*[bind for bind in before if bind.is_leaving], *kept, *new, *old]
        for bind in (*kept, *old):
            if bind.session is not None:
                bind.session.timers.limits = _limits(carrier.config)
                carrier.relink(bind.session, bind.number)
        for bind in new:
            nursery.start_soon(self._keep, carrier, bind)
        if scope := self._replacing.pop(carrier, None):
            scope.cancel()
        if old:
            scope = self._replacing[carrier] = trio.CancelScope()
            nursery.start_soon(self._replace, carrier, old, [*kept, *new], scope)

    async def _replace(
        self, carrier: Carrier, old: list[KeptBind], new: list[KeptBind], scope: trio.CancelScope
    ) -> None:
        """Close old binds when all new ones stand, or when drain_s is over.

        A new one that is refused, not for who we are, may be one too many: an old one makes room for it.
        """
        with scope:
            seen = sum(bind.crowded for bind in new)
            with trio.move_on_after(self._exchange.config.drain_s):
                while old and not all(bind.is_up for bind in new):
                    await trio.sleep(REPLACE_S)
                    crowded = sum(bind.crowded for bind in new)
                    for _ in range(min(len(old), crowded - seen)):
                        self._retire_soon(carrier, old.pop(0))
                    seen = crowded
            for bind in old:
                self._retire_soon(carrier, bind)
            del self._replacing[carrier]

    def _retire_soon(self, carrier: Carrier, bind: KeptBind) -> None:
        bind.is_leaving = True
        if self._nursery is not None:
            self._nursery.start_soon(self._retire, carrier, bind)

    async def _retire(self, carrier: Carrier, bind: KeptBind) -> None:
        """Close a bind: nothing more is sent, what is on it is answered, then it is unbound."""
        session = bind.session
        if session is None or not bind.is_up:
            bind.scope.cancel()
            return
        log.info("carrier=%s link=%s:%d is not used any more", carrier.name, bind.link.host, bind.link.port)
        carrier.rest(session, self._clock.now())
        with trio.move_on_after(carrier.config.response_timeout_s):
            while session.window.is_awaited or session.unanswered:  # noqa: ASYNC110 - two things at once
                await trio.sleep(REPLACE_S)
        session.unbind(self._clock.now())
        self._outlets.flush()

    # ------------------------------------------------------------------ one bind

    async def _keep(self, carrier: Carrier, bind: KeptBind) -> None:
        with bind.scope:
            await self._keep_up(carrier, bind)
        binds = self._binds[carrier]
        binds.remove(bind)
        if not binds:
            del self._binds[carrier]

    async def _keep_up(self, carrier: Carrier, bind: KeptBind) -> None:
        attempt = 0
        link = bind.link
        while not self._is_over(carrier, bind):
            started_at = self._clock.now()
            try:
                await self._once(carrier, bind)
            except STREAM_ERRORS as error:
                why = reason(error)
                log.info("carrier=%s link=%s:%d cannot connect: %s", carrier.name, link.host, link.port, why)
            if self._clock.now() >= started_at + STEADY_S:
                attempt = 0
            if self._is_over(carrier, bind):
                return
            config = carrier.config
            await trio.sleep(
                reconnect_delay_s(attempt, config.reconnect_min_s, config.reconnect_max_s, self._rng)
            )
            attempt += 1

    def _is_over(self, carrier: Carrier, bind: KeptBind) -> bool:
        return self._is_stopping or bind.is_leaving or carrier.is_drained

    async def _once(self, carrier: Carrier, bind: KeptBind) -> None:
        link = bind.link
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
        bind.session = session
        connection = Connection(stream, session, self._exchange.config.timers.write_stall_s)
        self._outlets.add(connection)
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(connection.write_for, nursery.cancel_scope)
                session.start_bind(_bind(config, link), self._clock.now())
                self._outlets.flush()
                await self._read(connection, carrier, bind)
                session.close("carrier closed")
                connection.wake()
        finally:
            bind.session = None
            self._end(carrier, session)
            self._outlets.remove(connection)
            await trio.aclose_forcefully(stream)

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

    async def _read(self, connection: Connection, carrier: Carrier, bind: KeptBind) -> None:
        session = connection.session
        while data := await connection.read():
            now = self._clock.now()
            pdus = session.receive(data, now)
            if pdus and session.owner is not carrier:
                pdus = self._bound(carrier, session, pdus, now, bind)
            if pdus:
                self._exchange.carrier_received(carrier, session, pdus, now)
            self._after()

    def _bound(
        self, carrier: Carrier, session: Session, pdus: list[Pdu], now: float, bind: KeptBind
    ) -> list[Pdu]:
        """Take up the bind_resp, which is the first thing that a session hands out."""
        resp = pdus[0]
        if not session.is_bound:
            log.warning("carrier=%s refused bind status=%s", carrier.name, c.status_name(resp.command_status))
            session.close("bind refused")
            bind.crowded += resp.command_status not in _NOT_US
            return []
        if self._is_over(carrier, bind):
            session.unbind(now)
            return []
        session.owner = carrier
        log.info("carrier=%s bound as %s", carrier.name, session.state.value)
        self._exchange.carrier_bound(carrier, session, now, bind.number)
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
