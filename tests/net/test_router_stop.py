# How long a stop takes, and what it no longer begins. What it does is in test_router.py.
from pathlib import Path

import trio
import trio.testing

from smpp_router.config import TimersConfig
from smpp_router.net.router import UNBIND_S
from smpp_router.store.seam import Batch
from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, encode
from smpp_router.wire.framing import Framer
from smpp_router.wire.pdu import Bind, DeliverSm, Pdu, SubmitSm
from tests.net.test_committer import GatedStore, gated
from tests.router_fixtures import (
    NUMBER,
    World,
    account,
    carrier,
    configuration,
    message_ids,
    on_memory,
    open_store,
    profile,
    router,
    until,
)


async def silent_esme(world: World, submits: int = 0) -> trio.abc.Stream:
    """Bind an ESME that has something to say, and answers nothing."""
    stream = await world.dial()
    await stream.send_all(
        encode(Bind(command_id=c.BIND_TRANSCEIVER, system_id=b"bank", password=b"bankpwd", sequence_number=1))
    )
    for number in range(submits):
        submit = SubmitSm(sequence_number=2 + number, destination_addr=NUMBER.encode(), registered_delivery=1)
        await stream.send_all(encode(submit))
    await until(lambda: bool(world.running.exchange.accounts["bank"].sessions))
    return stream


async def heard(stream: trio.abc.Stream, command_id: int, count: int = 1) -> list[Pdu]:
    """Read until so many PDUs of a kind have come, and return them."""
    framer = Framer()
    of_kind: list[Pdu] = []
    while len(of_kind) < count:
        pdus = framer.feed(bytes(await stream.receive_some()))
        of_kind += [pdu for pdu in pdus if pdu.command_id == command_id]
    return of_kind


async def stopped_in(world: World) -> float:
    """Stop the router; return the seconds that it took."""
    began_at = trio.current_time()
    await world.running.stop()
    await world.returned.wait()
    return trio.current_time() - began_at


async def test_who_does_not_answer_its_unbind_is_waited_for_shortly(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, shutdown_s=60.0) as world:
        await silent_esme(world)
        assert await stopped_in(world) < UNBIND_S + 0.1


async def test_nor_is_a_stop_held_up_by_an_enquire_link_that_nobody_answers(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    timers = TimersConfig(enquire_link_s=1.0, response_s=600.0)
    async with on_memory(tmp_path, shutdown_s=60.0, timers=timers) as world:
        await heard(await silent_esme(world), c.ENQUIRE_LINK)
        assert await stopped_in(world) < UNBIND_S + 0.1


async def test_nor_by_a_bind_that_no_carrier_answers(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    peers: list[trio.abc.Stream] = []

    async def connect(_: object) -> trio.abc.Stream:
        near, far = trio.testing.memory_stream_pair()
        peers.append(far)
        await trio.lowlevel.checkpoint()
        return near

    config = configuration(tmp_path, [carrier("mobile")], shutdown_s=60.0)
    async with router(config, connect=connect) as (running, returned):
        await until(lambda: bool(peers))
        await peers[0].receive_some()
        began_at = trio.current_time()
        await running.stop()
        await returned.wait()
        assert trio.current_time() - began_at < UNBIND_S + 0.1


class _SlowStore(GatedStore):
    """A store that has something to write at every moment at which somebody looks."""

    async def commit(self, batch: Batch) -> None:
        await trio.sleep(0.05)
        await super().commit(batch)


async def test_nor_by_carriers_that_always_have_something_to_say(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    accounts = (account(mo_addresses=("10690",)),)
    store = _SlowStore(gated(tmp_path).store)
    async with on_memory(tmp_path, shutdown_s=60.0, accounts=accounts, store=store) as world:
        await silent_esme(world)
        world.nursery.start_soon(_say_for_ever, world)
        await until(lambda: world.running.exchange.committing is not None)
        assert await stopped_in(world) < 2 * UNBIND_S


async def _say_for_ever(world: World) -> None:
    while True:
        said = DeliverSm(source_addr=b"8613900000001", destination_addr=b"10690", short_message=b"hello")
        world.carriers.inject("mobile", "router", said)
        await trio.sleep(0.01)


async def test_a_stop_is_over_within_shutdown_s_whoever_does_not_answer(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    for shutdown_s in (0.0, 1.0, 3.0):
        path = tmp_path / str(shutdown_s)
        async with on_memory(path, profile(response_s=9.0), shutdown_s=shutdown_s) as world:
            await silent_esme(world, 3)
            await until(lambda: world.carrier().counters.submits == 3)
            assert shutdown_s * 0.7 <= await stopped_in(world) <= shutdown_s + 0.05


async def test_a_stop_sends_carriers_nothing_more_of_what_waits(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    slow = profile(response_s=0.5, receipt_s=60.0)
    async with on_memory(tmp_path, slow, shutdown_s=60.0, carrier_changes={"window": 2}) as world:
        async with world.esme() as esme:
            ids: list[bytes] = []
            for _ in range(10):
                ids += message_ids(await esme.submit(NUMBER, "hello"))
            await until(lambda: world.carrier().counters.submits == 2)
            assert await stopped_in(world) < 1.0
        assert world.carrier().counters.messages == 2
        config = world.running.config
    async with router(config, connect=_never) as (running, _):
        assert sorted(running.exchange.flight.messages) == sorted(map(int, ids))
        assert running.exchange.carriers["mobile"].queued == 8


async def test_a_stop_begins_to_hand_over_no_receipt(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    slow = profile(response_s=4.0, receipt_s=1.0)
    async with on_memory(tmp_path, slow, shutdown_s=10.0) as world:
        stream = await silent_esme(world, 1)
        await until(lambda: world.carrier().counters.submits == 1)
        await trio.sleep(3.0)
        async with world.esme(bind="transmitter") as esme:
            message_ids(await esme.submit(NUMBER, "hello"))
            await until(lambda: world.carrier().counters.submits == 2)
            await trio.sleep(1.5)
            # The receipt of the first comes while the second is waited for.
            assert 2.0 < await stopped_in(world) < 2.6 + UNBIND_S
        framer = Framer()
        told = framer.feed(bytes(await stream.receive_some()))
        assert c.DELIVER_SM not in [pdu.command_id for pdu in told]
    store = open_store(world.running.config)
    assert len(store.load().owed) == 1
    await store.aclose()


async def test_what_was_answered_last_is_durable_when_a_stop_is_over(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    store = gated(tmp_path)
    async with on_memory(tmp_path, store=store, shutdown_s=60.0) as world:
        stream = await silent_esme(world, 1)
        (receipt,) = await heard(stream, c.DELIVER_SM)
        await until(lambda: world.running.committer.is_idle)
        store.gate = trio.Event()
        await stream.send_all(deliver_sm_resp(receipt.sequence_number))
        await until(lambda: world.running.exchange.committing is not None)
        world.nursery.start_soon(_open_later, store, 2 * UNBIND_S)
        assert 1.9 * UNBIND_S < await stopped_in(world) < 2.1 * UNBIND_S
    again = open_store(world.running.config)
    assert again.load().owed == []
    await again.aclose()


async def _open_later(store: GatedStore, after_s: float) -> None:
    await trio.sleep(after_s)
    store.gate.set()


async def _never(_: object) -> trio.abc.Stream:
    await trio.sleep_forever()
    raise AssertionError
