# What comes to a listener: ESMEs that may bind, ESMEs that may not, and all that is no ESME.
import ssl
import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing
import trustme

from simulators.esme import BindError, ConnectionLostError, Esme, esme_over, open_esme
from smpp_router.config import LimitsConfig, ListenerConfig, TimersConfig, TlsConfig
from smpp_router.net.tls import client_context
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER, encode, header_only
from smpp_router.wire.pdu import Bind, SubmitSm
from tests.router_fixtures import (
    HOST,
    NUMBER,
    PASSWORD,
    World,
    account,
    message_ids,
    on_memory,
    profile,
    serving,
    until,
)


def bind(system_id: bytes = b"bank", password: bytes = PASSWORD.encode(), number: int = 1) -> bytes:
    pdu = Bind(command_id=c.BIND_TRANSCEIVER, system_id=system_id, password=password, sequence_number=number)
    return encode(pdu)


async def read_headers(stream: trio.abc.Stream, count: int) -> list[tuple[int, int, int]]:
    """command_id, command_status and sequence_number of the next PDUs; fewer if the stream ends."""
    data = b""
    headers: list[tuple[int, int, int]] = []
    while len(headers) < count:
        if len(data) >= 4 and len(data) >= (length := struct.unpack_from(">I", data)[0]):
            headers.append(HEADER.unpack_from(data)[1:])
            data = data[length:]
            continue
        received = await stream.receive_some()
        if not received:
            break
        data += received
    return headers


async def is_served(world: World, system_id: str = "bank") -> bool:
    async with world.esme(system_id) as esme:
        (message_id,) = message_ids(await esme.submit(NUMBER, "hello"))
        return (await esme.receipt(message_id)).stat == b"DELIVRD"


# ---------------------------------------------------------------------- who may bind


@pytest.mark.parametrize(
    ("system_id", "password", "status"),
    [(b"bank", b"wrong", c.ESME_RINVPASWD), (b"nobody", PASSWORD.encode(), c.ESME_RINVSYSID)],
)
async def test_a_stranger_is_answered_late_and_may_try_again_on_the_same_connection(
    tmp_path: Path, system_id: bytes, password: bytes, status: int
) -> None:
    async with serving(tmp_path, timers=TimersConfig(bad_password_delay_s=0.2)) as world:
        stream = await world.dial()
        began_at = trio.current_time()
        await stream.send_all(bind(system_id, password))
        assert await read_headers(stream, 1) == [(c.BIND_TRANSCEIVER_RESP, status, 1)]
        assert trio.current_time() - began_at > 0.19
        await stream.send_all(bind(number=2))
        assert await read_headers(stream, 1) == [(c.BIND_TRANSCEIVER_RESP, c.ESME_ROK, 2)]
        assert world.running.esme_side.counters.binds_refused == 1


async def test_a_wrong_password_is_refused_and_the_right_one_is_not(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        with pytest.raises(BindError) as caught:
            async with world.esme(password="wrong"):
                pass
        assert caught.value.command_status == c.ESME_RINVPASWD
        assert await is_served(world)
        assert world.running.exchange.accounts["bank"].counters.bad_passwords == 1


async def test_one_who_tries_names_does_not_hold_up_others(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, timers=TimersConfig(bad_password_delay_s=5.0)) as world:
        for _ in range(50):
            stream = await world.dial()
            await stream.send_all(bind(system_id=b"nobody"))
        began_at = trio.current_time()
        assert await is_served(world)
        assert trio.current_time() - began_at < 2.0


async def test_nobody_comes_in_from_where_the_account_does_not_say(tmp_path: Path) -> None:
    accounts = (account("bank", allow_from=()), account("shop", allow_from=("10.0.0.0/8",)), account("open"))
    async with serving(tmp_path, accounts=accounts) as world:
        for system_id in ("bank", "shop"):
            with pytest.raises(BindError) as caught:
                async with world.esme(system_id):
                    pass
            assert caught.value.command_status == c.ESME_RBINDFAIL
        assert await is_served(world, "open")


async def test_one_bind_too_many_is_refused(tmp_path: Path) -> None:
    async with serving(tmp_path, accounts=(account(binds_max=1),)) as world:
        async with world.esme() as first:
            with pytest.raises(BindError) as caught:
                async with world.esme():
                    pass
            assert caught.value.command_status == c.ESME_RALYBND
            message_ids(await first.submit(NUMBER, "hello"))
        await until(lambda: not world.running.exchange.accounts["bank"].sessions)
        assert await is_served(world)


async def test_or_it_takes_the_place_of_the_oldest(tmp_path: Path) -> None:
    accounts = (account(binds_max=1, takeover="kick_oldest"),)
    async with serving(tmp_path, accounts=accounts) as world, world.esme() as first:
        async with world.esme() as second:
            await until(lambda: first.session is None)
            message_ids(await second.submit(NUMBER, "hello"))
            assert len(world.running.exchange.accounts["bank"].sessions) == 1
        with pytest.raises(ConnectionLostError):
            await first.submit(NUMBER, "hello")


async def test_what_comes_glued_behind_a_bind_is_answered_behind_its_response(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        stream = await world.dial()
        submit = SubmitSm(destination_addr=NUMBER.encode(), short_message=b"hello", sequence_number=2)
        await stream.send_all(bind() + header_only(c.ENQUIRE_LINK, c.ESME_ROK, 3) + encode(submit))
        headers = await read_headers(stream, 3)
        assert headers[0] == (c.BIND_TRANSCEIVER_RESP, c.ESME_ROK, 1)
        assert set(headers[1:]) == {
            (c.ENQUIRE_LINK_RESP, c.ESME_ROK, 3),
            (c.SUBMIT_SM_RESP, c.ESME_ROK, 2),
        }


async def test_one_who_has_said_all_and_still_listens_gets_every_answer(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        stream = await world.dial()
        assert isinstance(stream, trio.SocketStream)
        submits = [
            encode(SubmitSm(destination_addr=NUMBER.encode(), short_message=b"hello", sequence_number=number))
            for number in range(2, 102)
        ]
        await stream.send_all(bind() + b"".join(submits))
        await stream.send_eof()
        headers = await read_headers(stream, 200)
        assert len(headers) == 101
        assert set(headers[1:]) == {(c.SUBMIT_SM_RESP, c.ESME_ROK, number) for number in range(2, 102)}
        await until(lambda: not world.running.exchange.accounts["bank"].sessions)


# ---------------------------------------------------------------------- TLS


@pytest.fixture(scope="module")
def authority() -> trustme.CA:
    return trustme.CA()


@asynccontextmanager
async def with_tls(tmp_path: Path, authority: trustme.CA, *, require: bool) -> AsyncGenerator[World, None]:
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = authority.issue_cert(HOST)
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    tls = TlsConfig(
        certificate=tmp_path / "certificate.pem",
        key=tmp_path / "key.pem",
        client_ca=tmp_path / "ca.pem" if require else None,
        require_client_certificate=require,
    )
    listeners = (ListenerConfig(host=HOST, port=0, tls=tls),)
    async with serving(tmp_path / "store", listeners=listeners) as world:
        yield world


def over_tls(world: World, context: ssl.SSLContext) -> Any:
    return open_esme(HOST, world.port, "bank", PASSWORD, tls=context)


async def test_a_tls_listener_serves_who_shows_a_trusted_certificate(
    tmp_path: Path, authority: trustme.CA
) -> None:
    async with with_tls(tmp_path, authority, require=True) as world:
        issued = authority.issue_cert("esme.example")
        pem = tmp_path / "esme.pem"
        issued.private_key_and_cert_chain_pem.write_to_path(pem)
        async with over_tls(world, client_context(tmp_path / "ca.pem", certificate=pem)) as esme:
            (message_id,) = message_ids(await esme.submit(NUMBER, "您好"))
            assert (await esme.receipt(message_id)).stat == b"DELIVRD"


@pytest.mark.parametrize("shown", ["none", "another authority's"])
async def test_and_nobody_else(tmp_path: Path, authority: trustme.CA, shown: str) -> None:
    async with with_tls(tmp_path, authority, require=True) as world:
        pem = None
        if shown != "none":
            pem = tmp_path / "esme.pem"
            trustme.CA().issue_cert("esme.example").private_key_and_cert_chain_pem.write_to_path(pem)
        with pytest.raises((OSError, ConnectionLostError)):
            async with over_tls(world, client_context(tmp_path / "ca.pem", certificate=pem)):
                pass
        assert world.running.esme_side.counters.binds == 0


async def test_plain_text_on_a_tls_listener_harms_nobody(tmp_path: Path, authority: trustme.CA) -> None:
    async with with_tls(tmp_path, authority, require=False) as world:
        stream = await world.dial()
        await stream.send_all(bind())
        # What comes is a TLS alert at most, then the end.
        while await stream.receive_some():
            pass
        async with over_tls(world, client_context(tmp_path / "ca.pem")) as esme:
            message_ids(await esme.submit(NUMBER, "hello"))


# ---------------------------------------------------------------------- PROXY


@asynccontextmanager
async def proxied_esme(world: World, header: bytes) -> AsyncGenerator[Esme, None]:
    async def connect() -> trio.abc.Stream:
        stream = await world.connect()
        await stream.send_all(header)
        return stream

    async with esme_over(connect, "bank", PASSWORD) as esme:
        yield esme


@pytest.mark.parametrize(
    ("source", "status"), [("203.0.113.7", c.ESME_ROK), ("198.51.100.7", c.ESME_RBINDFAIL)]
)
async def test_a_trusted_balancer_tells_the_address_that_decides(
    tmp_path: Path, source: str, status: int
) -> None:
    listeners = (ListenerConfig(host=HOST, port=0, proxy_from=(HOST,)),)
    accounts = (account(allow_from=("203.0.113.0/24",)),)
    header = f"PROXY TCP4 {source} 192.0.2.1 40000 2775\r\n".encode()
    async with serving(tmp_path, listeners=listeners, accounts=accounts) as world:
        if status == c.ESME_ROK:
            async with proxied_esme(world, header) as esme:
                message_ids(await esme.submit(NUMBER, "hello"))
        else:
            with pytest.raises(BindError) as caught:
                async with proxied_esme(world, header):
                    pass
            assert caught.value.command_status == status


async def test_a_stranger_who_claims_an_address_is_not_believed(tmp_path: Path) -> None:
    listeners = (ListenerConfig(host=HOST, port=0, proxy_from=("203.0.113.0/24",)),)
    async with serving(tmp_path, listeners=listeners) as world:
        stream = await world.dial()
        await stream.send_all(b"PROXY TCP4 127.0.0.1 192.0.2.1 40000 2775\r\n" + bind())
        # Read as SMPP, the header is a PDU of absurd length.
        headers = await read_headers(stream, 2)
        assert [header[:2] for header in headers] == [(c.GENERIC_NACK, c.ESME_RINVCMDLEN)]
        assert await is_served(world)


async def test_a_trusted_balancer_must_say_something(tmp_path: Path) -> None:
    listeners = (ListenerConfig(host=HOST, port=0, proxy_from=(HOST,)),)
    async with serving(tmp_path, listeners=listeners) as world:
        stream = await world.dial()
        await stream.send_all(bind())
        assert await read_headers(stream, 1) == []
        assert world.running.esme_side.counters.binds == 0


# ---------------------------------------------------------------------- what is no ESME

NOISE = {
    "http": b"GET / HTTP/1.1\r\nHost: smsc\r\n\r\n",
    "tls": bytes.fromhex("16030100c8010000c40303") + bytes(200),
    "random": bytes(range(255, 0, -1)) * 20,
    "length too small": struct.pack(">IIII", 8, 0, 0, 1),
    "length absurd": struct.pack(">IIII", 0x7FFFFFFF, 4, 0, 1),
}


@pytest.mark.parametrize("noise", NOISE.values(), ids=NOISE.keys())
async def test_noise_is_nacked_and_shut_out_and_others_stay_served(tmp_path: Path, noise: bytes) -> None:
    async with serving(tmp_path) as world, world.esme() as esme:
        stream = await world.dial()
        await stream.send_all(noise)
        headers = await read_headers(stream, 2)
        assert [header[:2] for header in headers] == [(c.GENERIC_NACK, c.ESME_RINVCMDLEN)]
        message_ids(await esme.submit(NUMBER, "hello"))


async def test_who_connects_and_says_nothing_is_closed(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, timers=TimersConfig(session_init_s=10.0)) as world:
        streams = [await world.dial() for _ in range(100)]
        began_at = trio.current_time()
        for stream in streams:
            assert await read_headers(stream, 1) == []
        assert 9.9 < trio.current_time() - began_at < 11.0
        assert await is_served(world)


async def test_a_peer_that_vanished_is_asked_and_then_closed(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    timers = TimersConfig(enquire_link_s=30.0, response_s=10.0)
    async with on_memory(tmp_path, timers=timers) as world:
        stream = await world.dial()
        began_at = trio.current_time()
        await stream.send_all(bind())
        headers = await read_headers(stream, 3)
        assert [header[0] for header in headers[:2]] == [c.BIND_TRANSCEIVER_RESP, c.ENQUIRE_LINK]
        await until(lambda: not world.running.exchange.accounts["bank"].sessions)
        assert 39.9 < trio.current_time() - began_at < 42.0


async def test_connections_above_the_limit_are_closed_at_once(tmp_path: Path) -> None:
    listeners = (ListenerConfig(host=HOST, port=0, connections_max=5),)
    async with serving(tmp_path, listeners=listeners) as world:
        async with world.esme() as esme:
            held = [await world.dial() for _ in range(4)]
            await until(lambda: world.running.esme_side.counters.accepted == 5)
            for _ in range(50):
                stream = await world.dial()
                assert await stream.receive_some() == b""
                await stream.aclose()
            assert world.running.esme_side.counters.over_limit == 50
            message_ids(await esme.submit(NUMBER, "hello"))
            for stream in held:
                await stream.aclose()
        # Whoever leaves makes room again.
        await until(lambda: not len(world.running.outlets) - len(world.running.exchange.carriers))
        assert await is_served(world)


async def test_a_connection_that_is_reset_is_just_gone(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        for sent in (b"", bind()[:7], bind(), bind() + b"\0\0\0\x40"):
            stream = await trio.open_tcp_stream(HOST, world.port)
            if sent:
                await stream.send_all(sent)
            # To linger for no time is to reset.
            stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_LINGER, struct.pack("ii", 1, 0))
            await stream.aclose()
        await until(lambda: len(world.running.outlets) == len(world.running.exchange.carriers))
        assert await is_served(world)


# ---------------------------------------------------------------------- slow readers


async def test_one_who_reads_nothing_is_not_read_from_and_stalls_nobody(tmp_path: Path) -> None:
    accounts = (account("bank", window_max=1_000_000), account("shop"))
    limits = LimitsConfig(outbox_bytes_max=65_536)
    async with serving(tmp_path, accounts=accounts, limits=limits) as world, world.esme("shop") as other:
        stream = await trio.open_tcp_stream(HOST, world.port)
        stream.setsockopt(trio.socket.SOL_SOCKET, trio.socket.SO_RCVBUF, 4_096)
        await stream.send_all(bind())
        await read_headers(stream, 1)
        # It asks until the router stops reading: then all buffers between the two are full.
        sent = 0
        asked = header_only(c.ENQUIRE_LINK, c.ESME_ROK, 1) * 4_096
        while True:
            with trio.move_on_after(0.2) as stalled:
                await stream.send_all(asked)
                sent += len(asked)
            if stalled.cancelled_caught:
                break
        (session,) = world.running.exchange.accounts["bank"].sessions
        assert session.outbox_bytes < 4 * 1024 * 1024, "what one read of 256 KiB asks for, and not more"
        for _ in range(20):
            (message_id,) = message_ids(await other.submit(NUMBER, "hello"))
            await other.receipt(message_id)
        await stream.aclose()
        await until(lambda: not world.running.exchange.accounts["bank"].sessions)


async def test_one_who_takes_no_bytes_is_closed(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    timers = TimersConfig(write_stall_s=30.0, enquire_link_s=1_000.0)
    async with on_memory(tmp_path, timers=timers) as world:
        near, far = trio.testing.lockstep_stream_pair()
        world.nursery.start_soon(world.running.esme_side.serve, far, HOST)
        began_at = trio.current_time()
        await near.send_all(bind())
        # Its response is never read.
        await until(lambda: len(world.running.outlets) == 1, limit_s=60.0)
        assert 29.9 < trio.current_time() - began_at < 32.0


async def test_receipts_that_one_session_leaves_unanswered_go_to_another(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    accounts = (account(deliver_window=1, receipt_retry_s=5.0),)
    async with on_memory(tmp_path, profile(receipt_s=0.5), accounts=accounts) as world:
        silent = await world.dial()
        await silent.send_all(bind())
        assert len(await read_headers(silent, 1)) == 1
        async with world.esme() as esme:
            ids = message_ids(await esme.submit(NUMBER, "long " * 100))
            for message_id in ids:
                assert (await esme.receipt(message_id)).stat == b"DELIVRD"
