"""Time passes for everybody: sessions, the exchange, and what both of them have to say then."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path

import attrs
import pytest
import trio
import trio.testing

from smpp_router.core.exchange import Exchange
from smpp_router.message.message import Delivery, Message
from smpp_router.net.clock import Clock
from smpp_router.net.committer import Committer
from smpp_router.net.connection import Connection, Outlets
from smpp_router.net.ticker import SESSION_TICKS, TICK_S, run_ticker, tick_sessions
from smpp_router.session.session import Session
from smpp_router.session.states import Role
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import encode_body
from smpp_router.wire.framing import Framer
from tests.core.talk import configuration
from tests.session.peers import LIMITS, NOW, bound
from tests.store.stores import open_store

BODY = encode_body(p.DeliverSm(source_addr=b"1", short_message=b"hello"))
DELIVERY = Delivery(1, "bank", BODY, NOW)


@attrs.define(eq=False)
class Parts:
    """What a router ticks."""

    exchange: Exchange
    committer: Committer
    outlets: Outlets
    clock: Clock

    def add(self, session: Session) -> trio.abc.Stream:
        """Give the session a connection; return its far end."""
        near, far = trio.testing.memory_stream_pair()
        session.writable = self.outlets.writable
        self.outlets.add(Connection(near, session, 30.0))
        return far

    def esme(self) -> tuple[Session, trio.abc.Stream]:
        session = bound(Role.MC)
        session.owner = self.exchange.accounts["bank"]
        self.exchange.accounts["bank"].sessions.append(session)
        return session, self.add(session)


@asynccontextmanager
async def ticking(directory: Path, tick_s: float = TICK_S) -> AsyncGenerator[Parts]:
    """All parts under a running ticker."""
    store = open_store(directory)
    store.load()
    clock = Clock(NOW)
    exchange = Exchange(configuration(), NOW)
    outlets = Outlets()
    committer = Committer(exchange, store, outlets, clock)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run_ticker, exchange, committer, outlets, clock, tick_s)
        nursery.start_soon(committer.run)
        yield Parts(exchange, committer, outlets, clock)
        nursery.cancel_scope.cancel()
    await store.aclose()


async def written(parts: Parts, far: trio.abc.Stream) -> p.Pdu:
    """The first PDU that a session of these parts writes."""
    (connection,) = parts.outlets._connections.values()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(connection.write_loop)
        (pdu,) = Framer().feed(await far.receive_some())
        nursery.cancel_scope.cancel()
    return pdu


async def test_a_silent_peer_is_asked_over_its_connection(
    autojump_clock: trio.testing.MockClock,
    tmp_path: Path,
) -> None:
    async with ticking(tmp_path) as parts:
        _, far = parts.esme()
        assert (await written(parts, far)).command_id == c.ENQUIRE_LINK
        late_s = parts.clock.now() - NOW - LIMITS.enquire_link_s
        assert 0.0 <= late_s <= TICK_S * SESSION_TICKS + 0.001


async def test_a_delivery_whose_pause_is_over_goes_out_with_the_next_tick(
    autojump_clock: trio.testing.MockClock,
    tmp_path: Path,
) -> None:
    async with ticking(tmp_path) as parts:
        session, far = parts.esme()
        account = parts.exchange.accounts["bank"]
        account.retry_later(DELIVERY, parts.clock.now())
        pdu = await written(parts, far)
        assert isinstance(pdu, p.DeliverSm)
        assert len(session.window) == 1
        late_s = parts.clock.now() - NOW - account.config.receipt_retry_s
        assert 0.0 <= late_s <= TICK_S + 0.001


async def test_what_a_tick_stages_is_committed(
    autojump_clock: trio.testing.MockClock,
    tmp_path: Path,
) -> None:
    async with ticking(tmp_path) as parts:
        message = Message(1, 1, "bank", "default", BODY, b"\1\1106900\0\1\1861390\0", 1, NOW + 60.0)
        parts.exchange.flight.accept(message)
        parts.exchange.commit.batch.accepted.append(message)
        parts.committer.wake()
        await trio.sleep(59.9)
        assert parts.committer.commits == 1
        await trio.sleep(2.2)
        assert message.is_ended
        assert parts.committer.commits == 2
        assert parts.exchange.accounts["bank"].waiting == 1


def parts_of(session: Session) -> tuple[Exchange, Outlets]:
    outlets = Outlets()
    near, _ = trio.testing.memory_stream_pair()
    outlets.add(Connection(near, session, 30.0))
    return Exchange(configuration(), NOW), outlets


async def test_interop_25_a_delivery_that_nobody_answers_comes_back_to_its_account() -> None:
    session = bound(Role.MC)
    exchange, outlets = parts_of(session)
    session.owner = account = exchange.accounts["bank"]
    session.request_bodies(c.DELIVER_SM, [BODY], [DELIVERY], NOW)
    tick_sessions(exchange, outlets, NOW)
    tick_sessions(exchange, outlets, NOW + LIMITS.response_s - 0.1)
    assert account.waiting == 0
    tick_sessions(exchange, outlets, NOW + LIMITS.response_s)
    assert (account.waiting, account.counters.deliver_errors) == (1, 1)


async def test_a_message_that_a_carrier_does_not_answer_is_the_exchanges_to_settle() -> None:
    session = bound(Role.ESME)
    exchange, outlets = parts_of(session)
    session.owner = carrier = exchange.carriers["mobile"]
    message = Message(
        1, 1, "bank", "default", BODY, b"\1\1106900\0\1\1861390\0", 1, NOW + 60.0, plan=("mobile", "unicom")
    )
    exchange.flight.accept(message)
    session.request_bodies(c.SUBMIT_SM, [BODY], [message], NOW)
    tick_sessions(exchange, outlets, NOW)
    tick_sessions(exchange, outlets, NOW + LIMITS.response_s)
    assert carrier.counters.unanswered == 1
    assert not message.is_ended


async def test_what_an_unbound_connection_leaves_unanswered_concerns_nobody() -> None:
    session = bound(Role.MC)
    exchange, outlets = parts_of(session)
    session.request_bodies(c.DELIVER_SM, [BODY], ["nobody's"], NOW)
    tick_sessions(exchange, outlets, NOW)
    tick_sessions(exchange, outlets, NOW + LIMITS.response_s)
    assert len(session.window) == 0
    assert not exchange.commit


async def test_it_looks_as_often_as_it_is_told(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, monkeypatch: pytest.MonkeyPatch
) -> None:
    looked: list[float] = []
    monkeypatch.setattr(Exchange, "tick", lambda _, now: looked.append(now))
    async with ticking(tmp_path, tick_s=0.5):
        await trio.sleep(5.2)
    assert len(looked) == 10
