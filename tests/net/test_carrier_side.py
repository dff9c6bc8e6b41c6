# Links to carriers: against carriers that are scripted word by word on memory streams and a virtual clock,
# and against simulated ones.
import random
import ssl
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from functools import partial
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trio.testing
import trustme

from simulators.esme import open_esme
from simulators.profile import SimulatedAccount
from smpp_router.config import CarrierConfig, LinkConfig, TlsClientConfig
from smpp_router.core.carriers import Carrier
from smpp_router.net.carrier_side import CONNECT_S, STEADY_S, reconnect_delay_s
from smpp_router.net.router import Running
from smpp_router.net.tls import server_context
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.framing import Framer
from smpp_router.wire.pdu import Bind, BindResp, DeliverSm, Pdu, SubmitSmResp
from tests.router_fixtures import (
    HOST,
    NUMBER,
    PASSWORD,
    START,
    TEST_S,
    Files,
    carrier,
    configuration,
    message_ids,
    on_memory,
    profile,
    router,
    serving,
    start_carriers,
    until,
)

# ---------------------------------------------------------------------- pauses


def test_pauses_double_from_the_shortest_to_the_longest() -> None:
    rng = random.Random(1)
    pauses = [reconnect_delay_s(attempt, 1.0, 60.0, rng) for attempt in range(100)]
    for attempt, pause in enumerate(pauses):
        middle = min(60.0, 2.0**attempt)
        assert 0.8 * middle <= pause <= 1.2 * middle


def test_binds_that_were_lost_together_do_not_come_back_together() -> None:
    rng = random.Random(1)
    assert len({reconnect_delay_s(3, 1.0, 60.0, rng) for _ in range(100)}) == 100


# ---------------------------------------------------------------------- scripted carriers


@attrs.define(eq=False)
class Call:
    """One connection that the router made, from the carrier's end."""

    link: LinkConfig
    at: float
    stream: trio.abc.Stream
    framer: Framer = attrs.Factory(Framer)
    read: list[Pdu] = attrs.Factory(list[Pdu])

    async def next(self) -> Pdu | None:
        """The next PDU; None once the router has closed."""
        while not self.read:
            data = await self.stream.receive_some()
            if not data:
                return None
            self.read += self.framer.feed(bytes(data))
        return self.read.pop(0)

    async def say(self, *pdus: Pdu | bytes) -> None:
        await self.stream.send_all(b"".join(p if isinstance(p, bytes) else encode(p) for p in pdus))

    async def bound(self, *behind: Pdu) -> Bind:
        """Take the bind and accept it, with other PDUs in the same write."""
        bind = await self.next()
        assert isinstance(bind, Bind)
        resp = BindResp(command_id=bind.command_id | 0x80000000, sequence_number=bind.sequence_number)
        await self.say(resp, *behind)
        return bind


@attrs.define(eq=False)
class Script:
    """A router whose connections to carriers are answered by the test."""

    running: Running
    calls: "trio.MemoryReceiveChannel[Call]"
    problems: list[Exception]
    """Raised by the next attempts to connect."""
    files: Files

    @property
    def carrier(self) -> Carrier:
        return self.running.exchange.carriers["mobile"]

    async def call(self) -> Call:
        return await self.calls.receive()


@asynccontextmanager
async def scripted(path: Path, *problems: Exception, **changes: Any) -> AsyncGenerator[Script, None]:
    send, receive = trio.open_memory_channel[Call](100)
    left = list(problems)
    files = Files()

    async def connect(link: LinkConfig) -> trio.abc.Stream:
        await trio.lowlevel.checkpoint()
        if left:
            raise left.pop(0)
        near, far = trio.testing.memory_stream_pair()
        send.send_nowait(Call(link, trio.current_time(), far))
        return near

    values: dict[str, Any] = {"reconnect_min_s": 1.0, "reconnect_max_s": 60.0, "enquire_link_s": 30.0}
    config = configuration(path, [carrier("mobile", **(values | changes))])
    with trio.fail_after(100_000.0):
        renewal = files.renewal
        async with router(config, started_at=START, connect=connect, renewal=renewal) as (running, _):
            yield Script(running, receive, left, files)


async def test_it_binds_as_it_was_told(tmp_path: Path, autojump_clock: trio.testing.MockClock) -> None:
    links = tuple(
        LinkConfig(host=HOST, system_id="us", password="longer than 8", system_type="SMPP", bind=bind)
        for bind in ("transmitter", "receiver")
    )
    async with scripted(tmp_path, links=links, interface_version=0x33) as script:
        binds = [await (await script.call()).bound() for _ in range(2)]
        assert {bind.command_id for bind in binds} == {c.BIND_TRANSMITTER, c.BIND_RECEIVER}
        for bind in binds:
            assert (bind.system_id, bind.password, bind.system_type) == (b"us", b"longer than 8", b"SMPP")
            assert bind.interface_version == 0x33


async def test_a_carrier_that_cannot_be_reached_is_tried_ever_more_rarely(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    problems = (OSError("unreachable"), trio.BrokenResourceError(), ssl.SSLError("no"), ConnectionError())
    async with scripted(tmp_path, *problems) as script:
        call = await script.call()
        # 1, 2, 4 and 8 seconds.
        assert 0.8 * 15 <= call.at <= 1.2 * 15
        await call.bound()
        await until(lambda: script.carrier.is_up)


async def test_a_connection_that_never_comes_about_is_given_up(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    began: list[float] = []

    async def connect(_: LinkConfig) -> trio.abc.Stream:
        began.append(trio.current_time())
        await trio.sleep_forever()
        raise AssertionError

    async with router(configuration(tmp_path, [carrier("mobile")]), started_at=START, connect=connect):
        await until(lambda: len(began) == 3, limit_s=10 * CONNECT_S)
    assert CONNECT_S <= began[1] - began[0] < CONNECT_S + 1.0


async def test_a_carrier_that_does_not_answer_the_bind_is_left_and_tried_again(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path) as script:
        call = await script.call()
        assert isinstance(await call.next(), Bind)
        assert await call.next() is None
        again = await script.call()
        assert CONNECT_S <= again.at - call.at < CONNECT_S + 2.0
        await again.bound()
        await until(lambda: script.carrier.is_up)


@pytest.mark.parametrize("status", [c.ESME_RALYBND, c.ESME_RINVPASWD, 0x400])
async def test_a_refused_bind_is_tried_again(
    tmp_path: Path, status: int, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path) as script:
        for _ in range(3):
            call = await script.call()
            bind = await call.next()
            assert isinstance(bind, Bind)
            await call.say(header_only(c.BIND_TRANSCEIVER_RESP, status, bind.sequence_number))
            assert await call.next() is None
        assert not script.carrier.is_up
        await (await script.call()).bound()
        await until(lambda: script.carrier.is_up)


async def test_after_a_good_bind_the_pauses_are_short_again(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path, *[OSError("unreachable")] * 8, enquire_link_s=1_000.0) as script:
        call = await script.call()
        await call.bound()
        await trio.sleep(STEADY_S)
        lost_at = trio.current_time()
        await call.stream.aclose()
        assert 0.8 <= (await script.call()).at - lost_at <= 1.3


async def test_what_comes_glued_behind_the_bind_resp_is_taken(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path) as script:
        call = await script.call()
        await call.bound(
            DeliverSm(sequence_number=7, source_addr=b"861390", destination_addr=b"999", short_message=b"hi")
        )
        resp = await call.next()
        assert resp is not None
        assert (resp.command_id, resp.sequence_number) == (c.DELIVER_SM_RESP, 7)
        assert script.running.exchange.unrouted_mo == 1


async def test_a_carrier_that_unbinds_is_answered_and_bound_again(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path) as script:
        call = await script.call()
        await call.bound()
        await call.say(header_only(c.UNBIND, c.ESME_ROK, 9))
        resp = await call.next()
        assert resp is not None
        assert (resp.command_id, resp.sequence_number) == (c.UNBIND_RESP, 9)
        assert await call.next() is None
        await (await script.call()).bound()
        await until(lambda: script.carrier.is_up)


async def test_a_carrier_that_fell_silent_is_asked_and_then_left(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path, response_timeout_s=20.0) as script:
        call = await script.call()
        await call.bound()
        asked = await call.next()
        assert asked is not None
        assert asked.command_id == c.ENQUIRE_LINK
        while (said := await call.next()) is not None:
            assert said.command_id == c.UNBIND
        assert 49.9 < trio.current_time() - call.at < 52.0


async def test_a_bind_that_is_not_used_any_more_waits_for_no_answer_to_its_own_enquire_link(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path, response_timeout_s=20.0) as script:
        call = await script.call()
        await call.bound()
        asked = await call.next()
        assert asked is not None
        assert asked.command_id == c.ENQUIRE_LINK
        before = script.running.config
        (one,) = before.carriers
        links = tuple(attrs.evolve(link, system_type="new") for link in one.links)
        script.files.config = attrs.evolve(before, carriers=(attrs.evolve(one, links=links),))
        assert (await script.running.reload()).is_applied
        began_at = trio.current_time()
        await (await script.call()).bound()
        said = await call.next()
        assert said is not None
        assert said.command_id == c.UNBIND
        assert trio.current_time() - began_at < 2.0


async def test_what_was_unanswered_when_a_link_was_lost_goes_out_again(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    quiet = profile(response_s=1_000.0)
    async with on_memory(tmp_path, quiet) as world, world.esme() as esme:
        message_ids(await esme.submit(NUMBER, "hello"))
        await until(lambda: world.carrier().counters.submits == 1)
        (session,) = world.running.exchange.carriers["mobile"].sessions
        session.close("cut by the test")
        world.running.outlets.flush()
        await until(lambda: world.carrier().counters.submits == 2)
        assert world.carrier().counters.binds == 2


async def test_an_answer_that_comes_from_nowhere_harms_nobody(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path) as script:
        call = await script.call()
        await call.bound(SubmitSmResp(sequence_number=4_711, message_id=b"nobody's"))
        await call.say(header_only(c.ENQUIRE_LINK, c.ESME_ROK, 3))
        resp = await call.next()
        assert resp is not None
        assert resp.command_id == c.ENQUIRE_LINK_RESP


# ---------------------------------------------------------------------- simulated carriers


async def test_all_binds_of_a_link_are_kept_up_and_share_the_load(tmp_path: Path) -> None:
    async with serving(
        tmp_path, profile(response_s=0.02), carrier_changes={"binds": 3, "window": 1}
    ) as world:
        await until(lambda: world.carrier().counters.binds == 3)
        async with world.esme() as esme:
            ids: list[bytes] = []
            async with trio.open_nursery() as nursery:
                for _ in range(30):

                    async def submit() -> None:
                        ids.extend(message_ids(await esme.submit(NUMBER, "hello")))

                    nursery.start_soon(submit)
            for message_id in ids:
                await esme.receipt(message_id)
        sessions = world.running.exchange.carriers["mobile"].sessions
        assert len(sessions) == 3


async def test_receipts_come_by_the_receiver_of_a_pair_of_links(tmp_path: Path) -> None:
    with trio.fail_after(TEST_S):
        async with trio.open_nursery() as nursery:
            server = await start_carriers(nursery, profile())
            link = partial(LinkConfig, host=HOST, port=server.ports["mobile"], system_id="r", password="p")
            pair = (link(bind="transmitter"), link(bind="receiver"))
            config = configuration(tmp_path, [carrier("mobile", links=pair)])
            await _one_message(config.carriers[0], tmp_path)
            nursery.cancel_scope.cancel()


async def _one_message(by: CarrierConfig, path: Path) -> None:
    """Send a message by this carrier and wait for its receipt."""
    async with router(configuration(path, [by])) as (running, _):
        await until(lambda: running.exchange.carriers["mobile"].is_up)
        async with open_esme(HOST, running.ports[0], "bank", PASSWORD) as esme:
            (message_id,) = message_ids(await esme.submit(NUMBER, "hello"))
            assert (await esme.receipt(message_id)).stat == b"DELIVRD"


@pytest.mark.parametrize("name", ["carrier.example", "other.example"])
async def test_a_link_over_tls_is_for_the_carrier_that_it_names(tmp_path: Path, name: str) -> None:
    authority = trustme.CA()
    authority.cert_pem.write_to_path(tmp_path / "ca.pem")
    issued = authority.issue_cert("carrier.example")
    issued.private_key_pem.write_to_path(tmp_path / "key.pem")
    issued.cert_chain_pems[0].write_to_path(tmp_path / "certificate.pem")
    context = server_context(tmp_path / "certificate.pem", tmp_path / "key.pem")
    with trio.fail_after(TEST_S):
        async with trio.open_nursery() as nursery:
            server = await start_carriers(nursery, profile())
            failures: list[str] = []

            async def secured(raw: trio.SocketStream) -> None:
                stream = trio.SSLStream(raw, context, server_side=True, https_compatible=True)
                try:
                    await stream.do_handshake()
                except trio.BrokenResourceError:
                    failures.append("no handshake")
                    await trio.aclose_forcefully(stream)
                    return
                await server.connection(server.carriers["mobile"], stream)

            listeners: list[trio.SocketListener] = await nursery.start(trio.serve_tcp, secured, 0)
            link = LinkConfig(
                host=HOST,
                port=listeners[0].socket.getsockname()[1],
                system_id="router",
                password="demopass",
                tls=TlsClientConfig(ca=tmp_path / "ca.pem", server_name=name),
            )
            by = carrier("mobile", links=(link,))
            if name == "carrier.example":
                await _one_message(by, tmp_path / "store")
            else:
                async with router(configuration(tmp_path / "store", [by])) as (running, _):
                    await until(lambda: len(failures) >= 2)
                    assert not running.exchange.carriers["mobile"].is_up
            nursery.cancel_scope.cancel()


async def test_a_carrier_that_lets_fewer_bind_has_those_that_it_lets(tmp_path: Path) -> None:
    accounts = (SimulatedAccount(system_id="router", password="demopass", binds_max=1),)
    async with serving(tmp_path, profile(accounts=accounts), carrier_changes={"binds": 2}) as world:
        async with world.esme() as esme:
            (message_id,) = message_ids(await esme.submit(NUMBER, "hello"))
            await esme.receipt(message_id)
        assert len(world.running.exchange.carriers["mobile"].sessions) == 1


async def test_who_answers_the_bind_when_the_router_stops_is_unbound_at_once(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with scripted(tmp_path) as script:
        call = await script.call()
        script.running.carrier_side.stop()
        await call.bound()
        asked = await call.next()
        assert asked is not None
        assert asked.command_id == c.UNBIND
        await call.say(header_only(c.UNBIND_RESP, c.ESME_ROK, asked.sequence_number))
        assert await call.next() is None
        await trio.sleep(100.0)
        assert script.carrier.counters.binds == 0
        with pytest.raises(trio.WouldBlock):
            script.calls.receive_nowait()
