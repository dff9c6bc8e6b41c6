# Clients that people use, graded: no false accusation. The carrier refuses some, delays, delivers and asks.
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Any

import trio
import trio.testing
from smpplib import client as smpplib_client
from smpplib import gsm as smpplib_gsm
from smpplib import smpp as smpplib_smpp

from simulators.carrier import SimulatedCarrier
from simulators.esme import EsmeOptions, esme_over
from simulators.grade.conversation import Limits
from simulators.grade.grader import Grader
from simulators.grade.provoking import provoking_profile
from simulators.grade.report import report_of
from simulators.server import CarrierServer
from simulators.wall_clock import unix_s
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets
from smpp_router.wire.pdu import DeliverSm
from smpp_router.wire.times import format_relative
from tests.simulators.grade.wires import NUMBER

# smpplib has no types.
clients: Any = smpplib_client
gsm: Any = smpplib_gsm
smpp: Any = smpplib_smpp
CLIENT_S = 30.0


class Tapped(trio.abc.Stream):
    """A stream that a grader listens to, at the carrier's end."""

    def __init__(self, stream: trio.abc.Stream, grader: Grader, clock: Clock, connection: int) -> None:
        self.stream = stream
        self.grader = grader
        self.clock = clock
        self.connection = connection
        grader.connected(connection, "grade", "client", clock.now())

    async def receive_some(self, max_bytes: int | None = None) -> bytes:
        data = bytes(await self.stream.receive_some(max_bytes))
        if data:
            self.grader.octets(self.connection, True, data, self.clock.now())
        return data

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        self.grader.octets(self.connection, False, bytes(data), self.clock.now())
        await self.stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        await self.stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        self.grader.closed(self.connection, self.clock.now())
        await self.stream.aclose()


class Place:
    """A carrier that provokes, and a grader at each of its connections."""

    def __init__(self, started_at: float) -> None:
        self.carrier = SimulatedCarrier(provoking_profile(0))
        self.server = CarrierServer({"grade": self.carrier}, Outlets(), Clock(started_at))
        self.grader = Grader({"grade": Limits()})
        self.connections = 0

    async def serve(self, stream: trio.abc.Stream) -> None:
        self.connections += 1
        tapped = Tapped(stream, self.grader, self.server.clock, self.connections)
        await self.server.connection(self.carrier, tapped)

    def deliver(self, text: bytes) -> None:
        now = self.server.clock.now()
        self.carrier.inject("bank", DeliverSm(source_addr=NUMBER, short_message=text), now)
        self.server.outlets.flush()


@asynccontextmanager
async def place(started_at: float) -> AsyncGenerator[tuple[Place, trio.Nursery], None]:
    one = Place(started_at)
    async with trio.open_nursery() as nursery:
        nursery.start_soon(one.server.run_ticker)
        yield one, nursery
        nursery.cancel_scope.cancel()


async def test_our_own_client_does_nothing_wrong(autojump_clock: trio.testing.MockClock) -> None:
    async with place(1_800_000_000.0) as (one, nursery):

        async def connect() -> trio.abc.Stream:
            client_end, carrier_end = trio.testing.memory_stream_pair()
            nursery.start_soon(one.serve, carrier_end)
            return client_end

        options = EsmeOptions(window=10, enquire_link_s=15.0)
        async with esme_over(connect, "bank", "secret", options=options) as esme:
            async with trio.open_nursery() as senders:
                for number in range(60):
                    text = ("Hello", "您的验证码是123456", "€ [long] " * 40, "表情😀" * 60)[number % 4]
                    senders.start_soon(esme.submit, NUMBER.decode(), f"{text} {number}")
                one.deliver(b"STOP")
            await trio.sleep(300.0)
            one.deliver(b"Hello?")
            await trio.sleep(10.0)
        one.grader.finish(one.server.clock.now())
    report = report_of(one.grader)
    assert [finding.rule.id for finding in report.findings if finding.rule.severity == "violation"] == []
    assert report.counters["deliveries"] > 60
    assert {rule.id for rule in report.kept} >= {
        "part-number",
        "part-cut-surrogate",
        "part-cut-escape",
        "window-overrun",
        "deliver-resp-message-id",
        "response-to-nothing",
        "no-unbind",
        "no-enquire-link",
    }


def talk(port: int) -> None:
    """Do with smpplib what its documentation shows."""
    client = clients.Client("127.0.0.1", port, timeout=5, allow_unknown_opt_params=True)
    try:
        client.connect()
        converse(client)
    finally:
        client.disconnect()


def converse(client: Any) -> None:
    client.bind_transceiver(system_id="bank", password="secret")
    answers: list[int] = []
    receipts: list[bytes] = []
    client.set_message_sent_handler(lambda pdu: answers.append(pdu.status))
    client.set_message_received_handler(lambda pdu: receipts.append(pdu.short_message))
    client.set_error_pdu_handler(lambda pdu: answers.append(pdu.status))
    sent = 0
    for text in ("Hello", "您的验证码是123456", "€ [long] " * 40, "表情😀" * 60):
        parts, coding, esm_class = gsm.make_parts(text)
        for part in parts:
            client.send_message(
                source_addr_ton=5,
                source_addr="bank",
                dest_addr_ton=1,
                dest_addr_npi=1,
                destination_addr=NUMBER.decode(),
                short_message=part,
                data_coding=coding,
                esm_class=esm_class,
                validity_period=format_relative(3600.0).decode(),
                registered_delivery=True,
            )
            sent += 1
    while len(answers) < sent or len(receipts) < answers.count(0) + 1:
        client.read_once()
    client.send_pdu(smpp.make_pdu("enquire_link", client=client))
    client.read_once()
    client.unbind()


async def test_smpplib_does_nothing_wrong() -> None:
    async with place(unix_s()) as (one, nursery):
        (listener,) = await trio.open_tcp_listeners(0, host="127.0.0.1")
        nursery.start_soon(trio.serve_listeners, one.serve, [listener])
        port: int = listener.socket.getsockname()[1]
        one.deliver(b"STOP")
        with trio.fail_after(CLIENT_S):
            await trio.to_thread.run_sync(talk, port, abandon_on_cancel=True)
            while not one.grader.is_over:  # noqa: ASYNC110 - sockets are the subject
                await trio.sleep(0.01)
        one.grader.finish(one.server.clock.now())
    report = report_of(one.grader)
    assert [finding.rule.id for finding in report.findings if finding.rule.severity == "violation"] == []
    assert report.counters["messages"] == 10
    assert "deliver-resp-message-id" in {rule.id for rule in report.kept}
