"""Carriers that call their ESMEs: in virtual time over memory streams, and over sockets."""

import math
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import attrs
import pytest
import trio
import trio.testing

from simulators.called import called_at, heard_outbind
from simulators.carrier import SimulatedCarrier
from simulators.esme import BindError, Esme, EsmeOptions, esme_over
from simulators.outbind import Calls
from simulators.outbind_config import OutbindConfig
from simulators.profile import SimulatedAccount
from smpp_router.wire.framing import Framer
from smpp_router.wire.pdu import DeliverSm, Outbind
from tests.simulators.customers import START, profile
from tests.simulators.lines import Lines, lines, served

Clock = trio.testing.MockClock
WAITING = EsmeOptions(connect_s=math.inf)


def called(**keys: Any) -> tuple[SimulatedAccount, ...]:
    values: dict[str, Any] = {"host": "esme.example", "port": 2776, **keys}
    return (SimulatedAccount(system_id="x", outbind=OutbindConfig(**values)),)


@attrs.define(eq=False)
class Place:
    """Where a carrier's calls arrive."""

    line: Lines
    streams: "trio.MemoryReceiveChannel[trio.abc.Stream]"
    attempts: list[float] = attrs.Factory(list[float])
    is_there: bool = True

    async def connect(self) -> trio.abc.Stream:
        stream = await self.streams.receive()
        assert await heard_outbind(stream)
        return stream


@asynccontextmanager
async def place(**keys: Any) -> AsyncGenerator[Place]:
    async with lines(accounts=called(**keys)) as line:
        send, receive = trio.open_memory_channel[trio.abc.Stream](100)
        where = Place(line, receive)

        async def dial(host: str, port: int) -> trio.abc.Stream:
            assert (host, port) == ("esme.example", 2776)
            await trio.lowlevel.checkpoint()
            where.attempts.append(round(trio.current_time(), 1))
            if not where.is_there:
                raise ConnectionRefusedError("nobody there")
            near, far = trio.testing.memory_stream_pair()
            await send.send(far)
            return near

        server = line.server
        server.dial = dial
        line.nursery.start_soon(server._calls.run, server, line.nursery)
        yield where


def write(where: Place) -> None:
    where.line.server.inject("carrier", "x", DeliverSm(source_addr=b"1", destination_addr=b"2"))


async def test_a_carrier_calls_when_something_waits_and_the_esme_takes_it(autojump_clock: Clock) -> None:
    async with place() as where:
        await trio.sleep(10.0)
        assert where.attempts == []
        write(where)
        async with esme_over(where.connect, "x", "", bind="receiver", options=WAITING) as esme:
            assert (await esme.deliveries.receive()).source_addr == b"1"
            write(where)
            assert (await esme.deliveries.receive()).source_addr == b"1"
        assert len(where.attempts) == 1
        await trio.sleep(60.0)
        assert len(where.attempts) == 1
        counters = where.line.carrier.counters
        assert (counters.outbinds, counters.outbinds_failed) == (1, 0)


async def test_the_first_thing_that_is_said_is_who_the_carrier_is(autojump_clock: Clock) -> None:
    async with place(password="open", system_id="mc7") as where:
        write(where)
        stream = await where.streams.receive()
        (pdu,) = Framer().feed(bytes(await stream.receive_some()))
        assert isinstance(pdu, Outbind)
        assert (pdu.system_id, pdu.password, pdu.sequence_number) == (b"mc7", b"open", 1)
        await stream.aclose()


async def test_calls_that_come_to_nothing_get_rarer_and_end(autojump_clock: Clock) -> None:
    async with place(retry_s=1.0, retry_max_s=8.0, attempts_max=6) as where:
        where.is_there = False
        write(where)
        await trio.sleep(1_000.0)
        assert len(where.attempts) == 6
        pauses = [later - earlier for earlier, later in zip(where.attempts, where.attempts[1:], strict=False)]
        assert pauses == [pytest.approx(pause, abs=0.3) for pause in (1, 2, 4, 8, 8)]
        assert where.line.carrier.counters.outbinds_failed == 6


async def test_who_connects_and_never_binds_is_hung_up_on_and_called_again(autojump_clock: Clock) -> None:
    async with place() as where:
        write(where)
        stream = await where.streams.receive()
        assert await heard_outbind(stream)
        assert await stream.receive_some() == b""
        assert 29.0 < trio.current_time() < 35.0
        async with esme_over(where.connect, "x", "", bind="receiver", options=WAITING) as esme:
            assert (await esme.deliveries.receive()).destination_addr == b"2"


async def test_always_means_whenever_no_session_can_take_anything(autojump_clock: Clock) -> None:
    async with place(when="always") as where:
        for _ in range(2):
            async with esme_over(where.connect, "x", "", bind="transceiver", options=WAITING):
                await trio.sleep(30.0)
        assert len(where.attempts) == 2
        assert where.attempts[1] - where.attempts[0] == pytest.approx(31.0, abs=1.0)


async def test_a_transmitter_is_not_what_was_called_for(autojump_clock: Clock) -> None:
    async with place(when="always") as where:
        with pytest.raises(BindError, match="ESME_RBINDFAIL"):
            async with esme_over(where.connect, "x", "", bind="transmitter", options=WAITING):
                pass


async def test_a_carrier_that_is_down_calls_nobody(autojump_clock: Clock) -> None:
    async with place(when="always") as where:
        where.line.server.apply("carrier", {"timeline": [{"down": True, "for_s": 20}]})
        await trio.sleep(19.0)
        assert where.attempts == []
        async with esme_over(where.connect, "x", "", bind="receiver", options=WAITING):
            assert trio.current_time() >= 20.0


def test_an_order_needs_an_account_that_can_be_called_and_is_not() -> None:
    calls = Calls()
    account = SimulatedAccount(system_id="plain")
    carrier = SimulatedCarrier(profile(accounts=(*called(when="on_demand"), account)))
    with pytest.raises(ValueError, match="plain has no outbind; those that have: x"):
        calls.ordered(carrier, "plain")
    assert list(calls.due({"carrier": carrier}, START)) == []
    call = calls.ordered(carrier, "x")
    with pytest.raises(ValueError, match="x is being called"):
        calls.ordered(carrier, "x")
    calls.ended(call, START)
    assert calls.ordered(carrier, "x").config == call.config


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"port": 0}, "port: must be from 1"),
        ({"retry_s": 0}, "retry_s: must be above 0"),
        ({"password": "much too long"}, "password: must be 0 to 8"),
    ],
)
def test_what_can_not_be_is_refused_by_its_key(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        called(**keys)
    assert "much" not in str(caught.value)


async def test_a_call_by_order_over_sockets() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    free_tcp_port = listeners[0].socket.getsockname()[1]
    await listeners[0].aclose()
    account = called(host="127.0.0.1", port=free_tcp_port, when="on_demand")
    with trio.fail_after(20.0):
        async with (
            served(profile(accounts=account)) as server,
            called_at("127.0.0.1", free_tcp_port) as connect,
            trio.open_nursery() as nursery,
        ):
            got: list[bytes] = []

            async def listen() -> None:
                async with esme_over(connect, "x", "", bind="receiver", options=WAITING) as esme:
                    got.append(await _one(esme))

            nursery.start_soon(listen)
            assert server.outbind("carrier", "x").port == free_tcp_port
            server.inject("carrier", "x", DeliverSm(source_addr=b"7", destination_addr=b"2"))
    assert got == [b"7"]


async def _one(esme: Esme) -> bytes:
    return (await esme.deliveries.receive()).source_addr
