"""The ESME client against a simulated carrier."""

from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
import trustme

from simulators.esme import BindError, ConnectionLostError, Esme, EsmeOptions, esme_over, open_esme
from simulators.profile import SimulatedAccount
from smpp_router.net.tls import client_context, server_context
from smpp_router.session.states import State
from smpp_router.wire import constants as c
from smpp_router.wire.multipart import user_text
from smpp_router.wire.pdu import DataSm, DeliverSm, QuerySm, QuerySmResp, SubmitSm, SubmitSmResp
from smpp_router.wire.text import decode_text
from tests.simulators.customers import message, profile
from tests.simulators.lines import Lines, lines, served

NUMBER = "8613900000001"


@asynccontextmanager
async def bound(line: Lines, **options: Any) -> AsyncGenerator[Esme, None]:
    async with esme_over(line.connect, "bank", "secret", options=EsmeOptions(**options)) as esme:
        yield esme


def ids(responses: list[Any]) -> list[bytes]:
    assert all(isinstance(resp, SubmitSmResp) and not resp.command_status for resp in responses)
    return [resp.message_id for resp in responses]


async def test_a_text_is_submitted_and_its_receipt_comes(autojump_clock: trio.testing.MockClock) -> None:
    async with lines(response_s=1.0, receipt_s=5.0) as line, bound(line) as esme:
        started_at = trio.current_time()
        (message_id,) = ids(await esme.submit(NUMBER, "您的验证码是123456", source="BANK"))
        assert 1.0 <= trio.current_time() - started_at < 1.1
        receipt = await esme.receipt(message_id)
        assert 6.0 <= trio.current_time() - started_at < 6.1
        assert receipt.stat == b"DELIVRD"
        assert (await esme.deliveries.receive()).source_addr == NUMBER.encode()


@pytest.mark.parametrize(
    ("text", "parts"), [("您" * 70, 1), ("您" * 71, 2), ("a" * 160, 1), ("a" * 161, 2), ("€" * 500, 7)]
)
async def test_a_long_text_goes_out_in_parts(
    text: str, parts: int, autojump_clock: trio.testing.MockClock
) -> None:
    async with lines(response_s=1.0) as line, bound(line) as esme:
        started_at = trio.current_time()
        assert len(set(ids(await esme.submit(NUMBER, text)))) == parts
        # Its parts are under way together.
        assert trio.current_time() - started_at < 1.1


@pytest.mark.parametrize(
    ("source", "ton", "address"), [("BANK", 5, b"BANK"), ("+86106900", 0, b"86106900"), ("", 0, b"")]
)
async def test_addresses_are_written_as_carriers_want_them(source: str, ton: int, address: bytes) -> None:
    async with lines() as line, bound(line) as esme:
        await esme.submit("+" + NUMBER, "hello", source=source)
        receipt = await esme.deliveries.receive()
        assert (receipt.dest_addr_ton, receipt.destination_addr) == (ton, address)
        assert (receipt.source_addr_ton, receipt.source_addr) == (1, NUMBER.encode())


async def test_never_more_is_under_way_than_the_window_holds(
    autojump_clock: trio.testing.MockClock,
) -> None:
    async with lines(response_s=1.0, window_max=4) as line, bound(line, window=4) as esme:
        statuses: list[int] = []

        async def submit() -> None:
            statuses.append((await esme.request(message())).command_status)

        started_at = trio.current_time()
        async with trio.open_nursery() as nursery:
            for _ in range(12):
                nursery.start_soon(submit)
        # Three rounds, and the carrier would have throttled a fifth.
        assert 3.0 <= trio.current_time() - started_at < 3.2
        assert statuses == [c.ESME_ROK] * 12


async def test_any_request_has_its_response() -> None:
    async with lines() as line, bound(line) as esme:
        (message_id,) = ids(await esme.submit(NUMBER, "hello", source="106900"))
        resp = await esme.request(QuerySm(message_id=message_id, source_addr=b"106900"))
        assert isinstance(resp, QuerySmResp)
        assert resp.message_state == c.DELIVERED


async def test_a_field_that_is_too_long_is_refused_here_and_costs_no_window() -> None:
    async with lines() as line, bound(line, window=1) as esme:
        for _ in range(3):
            with pytest.raises(ValueError, match="destination_addr"):
                await esme.request(SubmitSm(destination_addr=b"1" * 30))
        ids(await esme.submit(NUMBER, "hello"))


async def test_messages_are_delivered_and_answered() -> None:
    async with lines() as line, bound(line) as esme:
        text = "退订".encode("utf-16-be")
        mo = DeliverSm(source_addr=NUMBER.encode(), data_coding=8, short_message=text)
        line.carrier.inject("bank", mo, line.server.clock.now())
        line.server.outlets.flush()
        got = await esme.deliveries.receive()
        assert decode_text(got.data_coding, user_text(got)) == "退订"
        ids(await esme.submit(NUMBER, "hello", receipt=False))
        assert line.carrier.counters.deliveries_answered == 1


async def test_what_nobody_takes_is_given_back() -> None:
    async with lines(deliver_retry_s=1e6) as line, bound(line, deliveries_max=2) as esme:
        for _ in range(3):
            ids(await esme.submit(NUMBER, "hello"))
        ids(await esme.submit(NUMBER, "the end", receipt=False))
        assert esme.deliveries.statistics().current_buffer_used == 2
        assert line.carrier.counters.deliveries_failed == 1


async def test_a_wrong_password_is_a_bind_error_and_not_tried_again(
    autojump_clock: trio.testing.MockClock,
) -> None:
    accounts = (SimulatedAccount(system_id="bank", password="other"),)
    async with lines(accounts=accounts) as line:
        with pytest.raises(BindError, match="ESME_RINVPASWD") as caught:
            async with bound(line, reconnect_max_s=5.0):
                pytest.fail("it is not bound")
        assert caught.value.command_status == c.ESME_RINVPASWD
        assert len(line.carrier_ends) == 1


async def test_nobody_there_is_an_os_error(autojump_clock: trio.testing.MockClock) -> None:
    async with lines() as line:
        line.refused = 1
        with pytest.raises(ConnectionRefusedError):
            async with bound(line):
                pytest.fail("it is not bound")


async def test_a_peer_that_never_answers_the_bind_is_given_up(
    autojump_clock: trio.testing.MockClock,
) -> None:
    near, _far = trio.testing.memory_stream_pair()

    async def connect() -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        return near

    with pytest.raises(ConnectionLostError):
        async with esme_over(connect, "bank", "secret"):
            pytest.fail("it is not bound")


async def test_a_connect_that_takes_too_long_is_given_up(autojump_clock: trio.testing.MockClock) -> None:
    async def connect() -> trio.abc.Stream:
        await trio.sleep_forever()
        raise AssertionError

    with pytest.raises(TimeoutError):
        async with esme_over(connect, "bank", "secret"):
            pytest.fail("it is not bound")


async def test_an_error_of_its_user_comes_out_as_it_is() -> None:
    async with lines() as line:
        with pytest.raises(KeyError, match="mine"):
            async with bound(line):
                raise KeyError("mine")


async def test_a_lost_connection_fails_what_is_under_way(autojump_clock: trio.testing.MockClock) -> None:
    async with lines(response_s=60.0) as line, bound(line) as esme:
        async with trio.open_nursery() as nursery:

            async def submit() -> None:
                with pytest.raises(ConnectionLostError):
                    await esme.submit(NUMBER, "hello")

            async def wait() -> None:
                with pytest.raises(ConnectionLostError):
                    await esme.receipt(b"1")

            nursery.start_soon(submit)
            nursery.start_soon(wait)
            await trio.sleep(1.0)
            await line.hang_up()
        with pytest.raises(ConnectionLostError):
            await esme.submit(NUMBER, "too late")
        assert [delivery async for delivery in esme.deliveries] == []


async def test_a_request_that_is_not_answered_in_time_fails(autojump_clock: trio.testing.MockClock) -> None:
    async with lines(response_s=60.0) as line, bound(line, response_s=5.0, window=1) as esme:
        started_at = trio.current_time()
        for _ in range(2):
            with pytest.raises(ConnectionLostError):
                await esme.submit(NUMBER, "hello")
        assert 10.0 <= trio.current_time() - started_at < 12.0


async def test_with_reconnect_it_comes_back_and_goes_on(autojump_clock: trio.testing.MockClock) -> None:
    async with lines(receipt_s=30.0) as line, bound(line, reconnect_max_s=5.0) as esme:
        (before,) = ids(await esme.submit(NUMBER, "before"))
        line.refused = 4
        await line.hang_up()
        await trio.testing.wait_all_tasks_blocked()
        assert esme.session is None
        (after,) = ids(await esme.submit(NUMBER, "after"))
        assert trio.current_time() < 20.0
        for message_id in (before, after):
            assert (await esme.receipt(message_id)).stat == b"DELIVRD"
        assert line.carrier.counters.binds == 2


async def test_it_tries_until_somebody_is_there_and_tells_why_nobody_is(
    autojump_clock: trio.testing.MockClock,
) -> None:
    told: list[Exception] = []
    async with lines() as line:
        line.refused = 20
        async with bound(line, reconnect_max_s=5.0, told=told.append) as esme:
            assert 60.0 < trio.current_time() < 120.0
            assert [str(problem) for problem in told] == ["nobody there"] * 20
            ids(await esme.submit(NUMBER, "hello"))
            await line.hang_up()
            await trio.testing.wait_all_tasks_blocked()
            await esme.bound()
    assert [str(problem) for problem in told[20:]] == ["the connection has ended"]


async def test_once_it_was_bound_it_comes_back_soon(autojump_clock: trio.testing.MockClock) -> None:
    async with lines() as line:
        line.refused = 10
        async with bound(line, reconnect_max_s=60.0) as esme:
            lost_at = trio.current_time()
            assert lost_at > 60.0
            await line.hang_up()
            await trio.testing.wait_all_tasks_blocked()
            await esme.bound()
            assert trio.current_time() - lost_at < 1.0


async def test_it_unbinds_at_the_end() -> None:
    async with lines() as line:
        async with bound(line) as esme:
            session = esme.session
            assert session is not None
            (mc,) = line.server.outlets.sessions()
        assert session.close_reason == "unbound"
        assert mc.close_reason == "unbound by peer"
        assert session.state is State.CLOSED


async def test_an_idle_session_stays_up(autojump_clock: trio.testing.MockClock) -> None:
    async with lines(enquire_link_s=7.0) as line, bound(line, enquire_link_s=5.0) as esme:
        await trio.sleep(3_600.0)
        ids(await esme.submit(NUMBER, "still there"))


async def test_a_receipt_in_a_data_sm_is_understood() -> None:
    async with lines() as line, bound(line) as esme:
        (mc,) = line.server.outlets.sessions()
        tlvs = ((c.TAG_RECEIPTED_MESSAGE_ID, b"77\0"), (c.TAG_MESSAGE_STATE, bytes([c.UNDELIVERABLE])))
        mc.request(DataSm(esm_class=4, tlvs=tlvs), "context", line.server.clock.now())
        line.server.outlets.flush()
        assert (await esme.receipt(b"77")).message_state == c.UNDELIVERABLE


async def test_over_tcp() -> None:
    async with served(profile(name="one"), profile(name="two")) as server:
        for port in server.ports.values():
            async with open_esme("127.0.0.1", port, "bank", "secret") as esme:
                (message_id,) = ids(await esme.submit(NUMBER, "您好"))
                assert (await esme.receipt(message_id)).stat == b"DELIVRD"
        assert [carrier.counters.messages for carrier in server.carriers.values()] == [1, 1]


@pytest.mark.parametrize("is_trusted", [True, False])
async def test_over_tls(is_trusted: bool, tmp_path: Path) -> None:
    ca = trustme.CA()
    issued = (ca if is_trusted else trustme.CA()).issue_cert("127.0.0.1")
    ca.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "server.pem")
    issued.private_key_pem.write_to_path(tmp_path / "server.key")
    context = server_context(tmp_path / "server.pem", tmp_path / "server.key")
    async with lines() as line:
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]

        async def handle(stream: trio.SocketStream) -> None:
            secured = trio.SSLStream(stream, context, server_side=True, https_compatible=True)
            await line.server.connection(line.carrier, secured)

        line.nursery.start_soon(trio.serve_listeners, handle, listeners)
        client = client_context(tmp_path / "ca.pem")
        if is_trusted:
            async with open_esme("127.0.0.1", port, "bank", "secret", tls=client) as esme:
                ids(await esme.submit(NUMBER, "您好"))
        else:
            with pytest.raises(ConnectionError, match=r"no TLS: .*certificate"):
                async with open_esme("127.0.0.1", port, "bank", "secret", tls=client):
                    pytest.fail("it is not bound")
