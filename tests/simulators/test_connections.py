"""One connection of a simulated carrier, from its first octet to its end."""

import socket

import pytest
import trio
import trio.testing

from simulators.alarm import Alarm
from simulators.carrier import SimulatedCarrier
from simulators.connections import OUTBOX_BYTES_MAX, WRITE_STALL_S, Connections
from simulators.dialect import Dialect
from simulators.esme import EsmeOptions, esme_over, open_esme
from simulators.faults.config import Faults
from simulators.profile import SimulatedAccount
from smpp_router.net.clock import Clock
from smpp_router.net.connection import Outlets
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.framing import Framer
from smpp_router.wire.pdu import Bind, BindResp, Pdu
from smpp_router.wire.receipt import parse_receipt
from tests.simulators.customers import START, message, profile
from tests.simulators.lines import lines, served


async def test_what_is_glued_behind_a_bind_is_answered() -> None:
    async with lines() as line:
        stream = await line.connect()
        submit = message()
        submit.sequence_number = 2
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")) + encode(submit))
        got = b""
        while len(got) < 16 or c.SUBMIT_SM_RESP.to_bytes(4, "big") not in got:
            got += await stream.receive_some()
        await stream.aclose()


async def test_a_rejected_bind_may_be_tried_again_on_the_same_connection() -> None:
    async with lines(accounts=(SimulatedAccount(system_id="bank", password="secret"),)) as line:
        stream = await line.connect()
        binds = [
            Bind(sequence_number=n, system_id=b"bank", password=word)
            for n, word in ((1, b"no"), (2, b"secret"))
        ]
        await stream.send_all(b"".join(map(encode, binds)))
        framer = Framer()
        answers: list[Pdu] = []
        while len(answers) < 2:
            answers += framer.feed(await stream.receive_some())
        await stream.aclose()
    assert [answer.command_status for answer in answers] == [c.ESME_RINVPASWD, c.ESME_ROK]


async def test_a_request_before_the_bind_is_refused_and_garbage_ends_the_line() -> None:
    async with lines() as line:
        stream = await line.connect()
        submit = message()
        submit.sequence_number = 7
        await stream.send_all(encode(submit))
        answer = await stream.receive_some()
        assert answer[8:16] == c.ESME_RINVBNDSTS.to_bytes(4, "big") + (7).to_bytes(4, "big")
        await stream.send_all(b"GET / HTTP/1.1\r\n\r\n")
        answer = await stream.receive_some()
        assert answer[4:8] == c.GENERIC_NACK.to_bytes(4, "big")
        assert await stream.receive_some() == b""


async def test_who_never_binds_is_disconnected(autojump_clock: trio.testing.MockClock) -> None:
    async with lines() as line:
        stream = await line.connect()
        assert await stream.receive_some() == b""
        assert 29.0 < trio.current_time() < 35.0


async def test_what_a_lost_connection_had_not_answered_comes_again_on_another() -> None:
    async with lines() as line:
        stream = await line.connect()
        submit = message()
        submit.sequence_number = 2
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")) + encode(submit))
        got = b""
        while b"stat:DELIVRD" not in got:
            got += await stream.receive_some()
        await stream.aclose()
        async with esme_over(line.connect, "x", "") as esme:
            with trio.fail_after(5.0):
                receipt = parse_receipt(await esme.deliveries.receive())
        assert receipt is not None
        assert receipt.message_id in got


async def test_who_asks_and_reads_no_answer_is_read_no_more_and_then_cut_off(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with lines() as line:
        near, far = trio.testing.lockstep_stream_pair()
        line.nursery.start_soon(line.server.connection, line.carrier, far)
        await near.send_all(encode(Bind(sequence_number=1, system_id=b"x")))
        await near.receive_some()
        asked = header_only(c.ENQUIRE_LINK, c.ESME_ROK, 1) * 10_000
        octets = 0
        is_open = True
        while is_open and octets < 100 * OUTBOX_BYTES_MAX:
            try:
                await near.send_all(asked)
                octets += len(asked)
            except trio.BrokenResourceError:
                is_open = False
        assert not is_open
        assert octets < 3 * OUTBOX_BYTES_MAX
        assert WRITE_STALL_S - 1 < trio.current_time() < WRITE_STALL_S + 5


async def test_a_bind_may_be_answered_late_and_what_is_behind_it_then(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with lines(faults=Faults(bind_resp_s=4.0)) as line:
        stream = await line.connect()
        submit = message()
        submit.sequence_number = 2
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")) + encode(submit))
        framer = Framer()
        answers: list[Pdu] = []
        while len(answers) < 2:
            answers += framer.feed(await stream.receive_some())
        assert 4.0 <= trio.current_time() < 4.5
        assert [answer.command_id for answer in answers[:2]] == [c.BIND_TRANSCEIVER_RESP, c.SUBMIT_SM_RESP]
        assert line.carrier.statistics()["faults"] == 1


async def test_one_who_is_given_up_before_the_late_answer_gets_none(
    autojump_clock: trio.testing.MockClock,
) -> None:
    accounts = (SimulatedAccount(system_id="bank", password="secret"),)
    async with lines(faults=Faults(bind_resp_s=20.0), accounts=accounts) as line:
        stream = await line.connect()
        wrong = Bind(sequence_number=1, system_id=b"bank", password=b"no")
        right = Bind(sequence_number=2, system_id=b"bank", password=b"secret")
        await stream.send_all(encode(wrong) + encode(right))
        framer = Framer()
        (answer,) = framer.feed(await stream.receive_some())
        assert (answer.sequence_number, answer.command_status) == (1, c.ESME_RINVPASWD)
        assert await stream.receive_some() == b""
        assert 29.0 < trio.current_time() < 35.0
        await trio.sleep(20.0)
        assert line.carrier.counters.binds == 0


async def test_sessions_that_come_and_go_leave_nothing_behind() -> None:
    async with lines() as line:
        for _ in range(50):
            async with esme_over(line.connect, "x", "", options=EsmeOptions(window=1)) as esme:
                await esme.request(message())
        assert len(line.server.outlets) == 0
        assert [account.sessions for account in line.carrier.accounts.values()] == [[]]


async def test_a_socket_that_is_reset_ends_its_session_only() -> None:
    async with served(profile()) as server:
        port = server.ports["carrier"]
        async with open_esme("127.0.0.1", port, "x", "") as esme:
            rude = await trio.open_tcp_stream("127.0.0.1", port)
            await rude.send_all(encode(Bind(sequence_number=1, system_id=b"x")))
            await rude.receive_some()
            rude.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, b"\x01\0\0\0\0\0\0\0")
            await trio.aclose_forcefully(rude)
            (resp,) = await esme.submit("8613900000001", "hello")
            assert resp.command_status == c.ESME_ROK


@pytest.mark.parametrize(("told", "tlvs"), [(0x34, [b"4"]), (0x50, [b"P"]), (0, [])])
async def test_a_bind_is_answered_as_the_dialect_has_it(told: int, tlvs: list[bytes]) -> None:
    dialect = Dialect(system_id="GATEWAY", sc_interface_version=told)
    async with lines(dialect=dialect) as line:
        stream = await line.connect()
        await stream.send_all(encode(Bind(sequence_number=1, system_id=b"x")))
        (resp,) = Framer().feed(await stream.receive_some())
        await stream.aclose()
    assert isinstance(resp, BindResp)
    assert resp.system_id == b"GATEWAY"
    assert [value for tag, value in resp.tlvs if tag == c.TAG_SC_INTERFACE_VERSION] == tlvs


async def test_who_is_cut_off_sees_the_end_and_another_carrier_is_left_alone(
    autojump_clock: trio.testing.MockClock,
) -> None:
    outlets, clock = Outlets(), Clock(START)
    connections = Connections(outlets, clock, (), Alarm())
    ends: list[trio.abc.Stream] = []
    async with trio.open_nursery() as nursery:
        for name in ("one", "other"):
            esme_end, carrier_end = trio.testing.memory_stream_pair()
            nursery.start_soon(
                connections.serve, SimulatedCarrier(profile(name=name)), carrier_end, None, None
            )
            ends.append(esme_end)
        await trio.testing.wait_all_tasks_blocked()
        connections.cut("one")
        assert await ends[0].receive_some() == b""
        assert [session.name for session in outlets.sessions()] == ["other"]
        nursery.cancel_scope.cancel()
    assert len(outlets) == 0
