# The whole way: ESMEs, router, store, carriers. What one part does alone is tested beside it.
from functools import partial
from pathlib import Path
from typing import Any

import pytest
import trio
import trio.testing

from simulators.esme import ConnectionLostError
from smpp_router.config import ListenerConfig, RoutesConfig
from smpp_router.config_routes import RouteConfig
from smpp_router.net.router import UNBIND_S, ListenError
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, encode
from smpp_router.wire.framing import Framer
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import Bind, DeliverSm, SubmitSm
from tests.router_fixtures import (
    HOST,
    NUMBER,
    TEST_S,
    World,
    carrier,
    configuration,
    message_ids,
    on_memory,
    open_store,
    profile,
    router,
    serving,
    start_carriers,
    until,
)

# ---------------------------------------------------------------------- the whole way


async def test_a_message_goes_to_its_carrier_and_its_receipt_comes_back(tmp_path: Path) -> None:
    async with serving(tmp_path) as world, world.esme() as esme:
        ids = message_ids(await esme.submit(NUMBER, "您的验证码是123456", source="106900"))
        ids += message_ids(await esme.submit(NUMBER, "long " * 100, source="106900"))
        assert len(set(ids)) == 5
        for message_id in ids:
            assert (await esme.receipt(message_id)).stat == b"DELIVRD"
        assert world.carrier().counters.messages == 5
        await until(lambda: not len(world.running.exchange.flight))


async def test_the_text_arrives_as_it_was_sent(tmp_path: Path) -> None:
    texts = ["hello", "您好，世界", "€{}[]~", "😀" * 40]
    async with serving(tmp_path, profile(receipt_s=60.0)) as world, world.esme() as esme:
        sent: list[bytes] = []
        for reference, text in enumerate(texts, 1):
            message_ids(await esme.submit(NUMBER, text))
            sent += [segment.short_message for segment in split_text(text, reference=reference)]
        await until(lambda: len(world.carrier().messages) == len(sent))
        held = world.carrier().messages._under_way.values()
        assert [one.short_message for one in held] == sent


async def test_each_prefix_goes_by_its_own_carrier(tmp_path: Path) -> None:
    routes = RoutesConfig(
        prefixes=(
            RouteConfig(prefix="86139", carriers=("mobile",)),
            RouteConfig(prefix="86130", carriers=("unicom",)),
        )
    )
    async with serving(tmp_path, profile("mobile"), profile("unicom"), routes=routes) as world:
        async with world.esme() as esme:
            for number in ("8613900000001", "8613000000001", "8613000000002"):
                (message_id,) = message_ids(await esme.submit(number, "hello"))
                await esme.receipt(message_id)
            (resp,) = await esme.submit("4917012345678", "hello")
            assert resp.command_status == c.ESME_RINVDSTADR
        assert world.carrier("mobile").counters.messages == 1
        assert world.carrier("unicom").counters.messages == 2


async def test_receipts_wait_for_an_esme_that_only_submitted(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        async with world.esme(bind="transmitter") as esme:
            (message_id,) = message_ids(await esme.submit(NUMBER, "hello"))
            await until(lambda: not len(world.running.exchange.flight))
        async with world.esme(bind="receiver") as esme:
            assert (await esme.receipt(message_id)).stat == b"DELIVRD"


# ---------------------------------------------------------------------- windows


@pytest.mark.parametrize("binds", [1, 2])
async def test_a_window_of_64_carries_126_a_second_over_half_a_second_of_latency(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, binds: int
) -> None:
    # 64 a round trip of half a second, and what the carrier's tick of 5 ms adds to it.
    changes = {"window": 64, "binds": binds}
    async with on_memory(tmp_path, profile(response_s=0.5), carrier_changes=changes) as world:
        await until(lambda: world.carrier().counters.binds == binds)
        async with world.esme(window=500) as esme:
            async with trio.open_nursery() as nursery:
                for _ in range(25 * 128 * binds):
                    nursery.start_soon(partial(esme.submit, NUMBER, "hello", receipt=False))
            before = world.carrier().counters.messages
            await trio.sleep(20.0)
            taken = world.carrier().counters.messages - before
        assert 120 * binds <= taken / 20.0 <= 128 * binds


async def test_a_slow_carrier_does_not_slow_down_another(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    routes = RoutesConfig(
        prefixes=(
            RouteConfig(prefix="86139", carriers=("slow",)),
            RouteConfig(prefix="86130", carriers=("quick",)),
        )
    )
    carriers = (profile("slow", response_s=20.0), profile("quick"))
    async with on_memory(tmp_path, *carriers, routes=routes) as world, world.esme(window=400) as esme:
        for _ in range(200):
            message_ids(await esme.submit("8613900000001", "hello"))
        began_at = trio.current_time()
        ids: list[bytes] = []
        for _ in range(50):
            ids += message_ids(await esme.submit("8613000000001", "hello"))
        for message_id in ids:
            await esme.receipt(message_id)
        assert trio.current_time() - began_at < 2.0


# ---------------------------------------------------------------------- carriers that go and come back


async def test_a_carrier_that_restarts_is_bound_again_and_its_queue_drains(tmp_path: Path) -> None:
    with trio.fail_after(TEST_S):
        async with trio.open_nursery() as nursery:
            server = await start_carriers(nursery, profile())
            port = server.ports["mobile"]
            nursery.cancel_scope.cancel()
        config = configuration(tmp_path, [carrier("mobile", port, binds=2)])
        async with trio.open_nursery() as nursery, router(config) as (running, returned):
            world = World(running, server, nursery, _dialling(running.ports[0]), returned)
            async with world.esme() as esme:
                ids: list[bytes] = []
                for _ in range(3):
                    async with trio.open_nursery() as up:
                        await start_carriers(up, profile(port=port))
                        await world.carriers_up()
                        for message_id in ids:
                            assert (await esme.receipt(message_id)).stat == b"DELIVRD"
                        up.cancel_scope.cancel()
                    await until(lambda: not running.exchange.carriers["mobile"].is_up)
                    ids = []
                    for _ in range(20):
                        ids += message_ids(await esme.submit(NUMBER, "hello"))
                    assert running.exchange.carriers["mobile"].queued == 20


def _dialling(port: int) -> Any:
    async def dial() -> trio.abc.Stream:
        return await trio.open_tcp_stream(HOST, port)

    return dial


# ---------------------------------------------------------------------- stopping


async def test_a_stop_answers_what_is_under_way_and_unbinds_everybody(tmp_path: Path) -> None:
    async with serving(tmp_path, profile(response_s=0.2, receipt_s=60.0)) as world, world.esme() as esme:
        ids: list[bytes] = []
        for _ in range(20):
            ids += message_ids(await esme.submit(NUMBER, "hello"))
        await until(lambda: world.carrier().counters.submits == 20)
        await world.running.stop()
        await world.returned.wait()
        # The carrier's 20 answers were waited for, and are in the store as what it has taken.
        assert world.carrier().counters.messages == 20
        await until(lambda: esme.session is None)
        assert not any(account.sessions for account in world.carrier().accounts.values())
        with pytest.raises(OSError, match="all attempts to connect"):
            await world.connect()
        store = world.running.config
    async with router(store) as (running, _):
        awaiting = list(running.exchange.flight.messages)
        assert sorted(awaiting) == sorted(map(int, ids))
        assert running.exchange.carriers["mobile"].queued == 0


async def test_while_it_stops_nobody_new_comes_in_and_new_messages_are_left_to_their_esmes(
    tmp_path: Path,
) -> None:
    async with serving(tmp_path, profile(response_s=0.5)) as world, world.esme() as esme:
        message_ids(await esme.submit(NUMBER, "hello"))
        await until(lambda: world.carrier().counters.submits == 1)
        world.nursery.start_soon(world.running.stop)
        await until(lambda: world.running.is_stopping)
        (resp,) = await esme.submit(NUMBER, "hello")
        assert resp.command_status == c.ESME_RMSGQFUL
        with pytest.raises(OSError, match="all attempts to connect"):
            await world.connect()
        await world.running.stop()  # A second call has nothing to do.
        await world.returned.wait()
        with pytest.raises(ConnectionLostError):
            await esme.submit(NUMBER, "hello")


async def test_a_stop_does_not_wait_for_ever(tmp_path: Path, autojump_clock: trio.testing.MockClock) -> None:
    slow = profile(response_s=25.0)
    async with on_memory(tmp_path, slow, shutdown_s=10.0) as world, world.esme() as esme:
        (message_id,) = message_ids(await esme.submit(NUMBER, "hello"))
        await until(lambda: world.carrier().counters.submits == 1)
        began_at = trio.current_time()
        await world.running.stop()
        assert 7.9 < trio.current_time() - began_at <= 10.0
        await world.returned.wait()
        config = world.running.config
    # At least once: it was not answered, so it is queued again.
    async with router(config, connect=_never) as (running, _):
        assert list(running.exchange.flight.messages) == [int(message_id)]
        assert running.exchange.carriers["mobile"].queued == 1


async def test_what_a_stop_has_unbound_is_not_bound_again(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, profile()) as world:
        stream = await world.connect()
        bind = Bind(command_id=c.BIND_TRANSCEIVER, system_id=b"bank", password=b"bankpwd", sequence_number=1)
        await stream.send_all(encode(bind))
        await until(lambda: bool(world.running.exchange.accounts["bank"].sessions))
        # This one never answers the unbind, so that the stop waits for it: long enough to bind again.
        await world.running.stop()
        await world.returned.wait()
        assert world.carrier().counters.binds == 1


async def _never(_: object) -> trio.abc.Stream:
    await trio.sleep_forever()
    raise AssertionError


# ---------------------------------------------------------------------- starting


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    with trio.fail_after(TEST_S):
        async with serving(tmp_path / "first") as world:
            listeners = (ListenerConfig(host=HOST, port=world.port),)
            config = configuration(tmp_path / "second", [carrier("mobile")], listeners=listeners)
            with pytest.RaisesGroup(
                pytest.RaisesExc(ListenError, match=f"cannot listen on {HOST}:{world.port}"),
                flatten_subgroups=True,
            ):
                async with router(config):
                    pass


async def test_listeners_have_their_ports_in_the_order_of_the_configuration(tmp_path: Path) -> None:
    listeners = (ListenerConfig(host=HOST, port=0), ListenerConfig(host="::1", port=0))
    async with serving(tmp_path, listeners=listeners) as world:
        assert len(set(world.running.ports)) == 2
        for host, port in zip((HOST, "::1"), world.running.ports, strict=True):
            stream = await trio.open_tcp_stream(host, port)
            await stream.aclose()


async def test_what_an_esme_answers_with_its_last_words_is_durable_when_a_stop_is_over(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, shutdown_s=4 * UNBIND_S) as world:
        stream = await world.dial()
        framer = Framer()
        bind = Bind(command_id=c.BIND_TRANSCEIVER, sequence_number=1, system_id=b"bank", password=b"bankpwd")
        await stream.send_all(encode(bind))
        for number in (2, 3):
            submit = SubmitSm(sequence_number=number, destination_addr=NUMBER.encode(), registered_delivery=1)
            await stream.send_all(encode(submit))
        receipts: list[int] = []
        is_told = False
        async with trio.open_nursery() as nursery:
            while not is_told:
                for pdu in framer.feed(bytes(await stream.receive_some())):
                    is_told = is_told or pdu.command_id == c.UNBIND
                    if isinstance(pdu, DeliverSm):
                        receipts.append(pdu.sequence_number)
                        if len(receipts) == 2:
                            nursery.start_soon(world.running.stop)
            # No answer to that; the second of these comes too soon after the first for a commit of its own.
            await trio.sleep(UNBIND_S - 0.0008)
            await stream.send_all(deliver_sm_resp(receipts[0]))
            await trio.sleep(0.0004)
            await stream.send_all(deliver_sm_resp(receipts[1]))
        await world.returned.wait()
    store = open_store(world.running.config)
    assert store.load().owed == []
    await store.aclose()
