# What waits for the store, with the real store behind a gate that the test holds.
from collections.abc import Sequence
from pathlib import Path

import attrs
import pytest
import trio
import trio.testing

from simulators.esme import Esme
from smpp_router.config import TimersConfig
from smpp_router.message.message import Finished, Message
from smpp_router.net.committer import BACKLOG_MAX, FULL_PAUSE_S
from smpp_router.store.embedded import EmbeddedStore
from smpp_router.store.seam import Batch, Recovered, StoreFailedError, StoreFullError
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import Bind, CancelSm, QuerySm, QuerySmResp, SubmitSm
from tests.router_fixtures import (
    NUMBER,
    PASSWORD,
    account,
    carrier,
    configuration,
    message_ids,
    on_memory,
    open_store,
    profile,
    until,
)


class GatedStore:
    """A store whose commits wait for the gate, and that can be full or broken."""

    def __init__(self, store: EmbeddedStore) -> None:
        self.store = store
        self.gate = trio.Event()
        self.gate.set()
        self.is_full = False
        self.is_broken = False
        self.batches: list[tuple[int, int]] = []
        """Messages and facts of each commit."""

    def load(self) -> Recovered:
        return self.store.load()

    async def commit(self, batch: Batch) -> None:
        await self.gate.wait()
        if self.is_broken:
            raise StoreFailedError("the disk has gone")
        if self.is_full and batch.accepted:
            raise StoreFullError("no room")
        self.batches.append((len(batch.accepted), len(batch.facts)))
        await self.store.commit(batch)

    async def bodies(self, handles: Sequence[int]) -> list[bytes]:
        return await self.store.bodies(handles)

    async def finished(self, message_ids: Sequence[int]) -> list[Finished | None]:
        return await self.store.finished(message_ids)

    async def maintain(self, now: float) -> None:
        await self.store.maintain(now)

    def statistics(self) -> dict[str, float]:
        return self.store.statistics()

    async def aclose(self) -> None:
        await self.store.aclose()


def gated(path: Path) -> GatedStore:
    return GatedStore(open_store(configuration(path, [carrier("mobile")])))


async def submit(esme: Esme, texts: int, answers: list[int]) -> None:
    """Send so many texts at once; their statuses come into `answers` as they come."""

    async def one() -> None:
        (resp,) = await esme.submit(NUMBER, "hello")
        answers.append(resp.command_status)

    async with trio.open_nursery() as nursery:
        for _ in range(texts):
            nursery.start_soon(one)


async def test_nothing_is_answered_before_it_is_durable(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    store = gated(tmp_path)
    async with on_memory(tmp_path, store=store) as world, world.esme() as esme:
        store.gate = trio.Event()
        answers: list[int] = []
        world.nursery.start_soon(submit, esme, 10, answers)
        await trio.sleep(5.0)
        assert answers == []
        assert world.carrier().counters.submits == 0
        store.gate.set()
        await until(lambda: len(answers) == 10)
        assert set(answers) == {c.ESME_ROK}
        await until(lambda: world.carrier().counters.submits == 10)


async def test_a_peer_that_sends_no_more_is_kept_for_its_answers_and_not_for_ever(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    store = gated(tmp_path)
    async with on_memory(tmp_path, store=store, timers=TimersConfig(response_s=7.0)) as world:
        stream = await world.dial()
        assert isinstance(stream, trio.StapledStream)
        store.gate = trio.Event()
        bind = Bind(command_id=c.BIND_TRANSCEIVER, system_id=b"bank", password=PASSWORD.encode())
        message = SubmitSm(destination_addr=NUMBER.encode(), short_message=b"hello", sequence_number=2)
        await stream.send_all(encode(bind) + encode(message))
        await until(lambda: not world.running.committer.is_idle)
        await stream.send_stream.aclose()
        began_at = trio.current_time()
        while await stream.receive_some():
            pass
        assert 6.9 < trio.current_time() - began_at < 7.5
        await until(lambda: not world.running.exchange.accounts["bank"].sessions)
        store.gate.set()
        await until(lambda: world.carrier().counters.submits == 1)


async def test_what_is_staged_during_a_commit_shares_the_next(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    store = gated(tmp_path)
    async with on_memory(tmp_path, store=store) as world:
        async with world.esme() as first, world.esme() as second:
            store.gate = trio.Event()
            answers: list[int] = []
            world.nursery.start_soon(submit, first, 1, answers)
            await until(lambda: not world.running.committer.is_idle)
            for esme in (first, second):
                world.nursery.start_soon(submit, esme, 50, answers)
            await until(lambda: world.running.exchange.backlog == 100)
            store.gate.set()
            await until(lambda: len(answers) == 101)
        assert [accepted for accepted, _ in store.batches if accepted] == [1, 100]


async def test_what_is_staged_by_now_can_be_waited_for_whatever_comes_after(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    store = gated(tmp_path)
    async with on_memory(tmp_path, store=store) as world, world.esme() as esme:
        committer = world.running.committer
        await committer.until_all_durable()
        store.gate = trio.Event()
        answers: list[int] = []
        world.nursery.start_soon(submit, esme, 1, answers)
        await until(lambda: world.running.exchange.committing is not None)
        world.nursery.start_soon(submit, esme, 2, answers)
        await until(lambda: world.running.exchange.backlog == 2)
        with trio.move_on_after(1.0) as waited:
            await committer.until_all_durable()
        assert waited.cancelled_caught
        store.gate.set()
        await committer.until_all_durable()
        assert [accepted for accepted, _ in store.batches if accepted] == [1, 2]


async def test_a_full_store_refuses_messages_and_keeps_facts(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    store = gated(tmp_path)
    async with on_memory(tmp_path, profile(receipt_s=2.0), store=store) as world, world.esme() as esme:
        ids: list[bytes] = []
        for _ in range(5):
            ids += message_ids(await esme.submit(NUMBER, "hello"))
        store.is_full = True
        answers: list[int] = []
        began_at = trio.current_time()
        while trio.current_time() < began_at + 10.0:
            await submit(esme, 3, answers)
        assert set(answers) == {c.ESME_RMSGQFUL}
        # A refusal costs a pause, so a full disk is not asked thousands of times a second.
        assert world.running.committer.full <= 10.0 / FULL_PAUSE_S + 2
        for message_id in ids:
            assert (await esme.receipt(message_id)).stat == b"DELIVRD"
        store.is_full = False
        await until(lambda: not len(world.running.exchange.flight), limit_s=60.0)
        (message_id,) = message_ids(await esme.submit(NUMBER, "hello"))
        await esme.receipt(message_id)


async def test_a_broken_store_ends_the_router(tmp_path: Path, autojump_clock: trio.testing.MockClock) -> None:
    store = gated(tmp_path)
    with pytest.RaisesGroup(StoreFailedError, flatten_subgroups=True):
        async with on_memory(tmp_path, store=store) as world, world.esme() as esme:
            store.is_broken = True
            await esme.submit(NUMBER, "hello")


async def test_readers_wait_while_too_much_is_staged(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    store = gated(tmp_path)
    count = BACKLOG_MAX + 15_000
    accounts = (account(window_max=100_000, throughput_per_s=1e6, burst=1_000_000, binds_max=2),)
    async with on_memory(tmp_path, store=store, accounts=accounts) as world:
        stream = await world.dial()
        bind = Bind(command_id=c.BIND_TRANSMITTER, system_id=b"bank", password=PASSWORD.encode())
        await stream.send_all(encode(bind))
        await stream.receive_some()
        store.gate = trio.Event()
        pdu = SubmitSm(destination_addr=NUMBER.encode(), short_message=b"hello", sequence_number=2)
        await stream.send_all(encode(pdu) * count)
        await until(lambda: world.running.exchange.backlog >= BACKLOG_MAX, limit_s=60.0)
        await trio.sleep(5.0)
        # What was read at once is staged at once: 256 KiB of PDUs of 60 octets.
        assert world.running.exchange.backlog < BACKLOG_MAX + 5_000
        store.gate.set()
        (bank,) = world.running.exchange.accounts.values()
        await until(lambda: bank.counters.accepted == count, limit_s=60.0)


async def test_what_has_ended_is_looked_up_in_the_store(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, profile(outcomes={"UNDELIV": 1.0})) as world, world.esme() as esme:
        (message_id,) = message_ids(await esme.submit(NUMBER, "hello"))
        await esme.receipt(message_id)
        resp = await esme.request(QuerySm(message_id=message_id))
        assert isinstance(resp, QuerySmResp)
        assert (resp.command_status, resp.message_state) == (c.ESME_ROK, c.UNDELIVERABLE)
        unknown = await esme.request(QuerySm(message_id=b"4711"))
        assert unknown.command_status == c.ESME_RQUERYFAIL


async def test_bodies_are_read_back_after_a_restart(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    texts = [f"{number} 您好" for number in range(60)]

    async with on_memory(tmp_path, is_reachable=False) as world, world.esme() as esme:
        for text in texts:
            message_ids(await esme.submit(NUMBER, text))
    async with on_memory(tmp_path, profile(receipt_s=100.0)) as world:
        await until(lambda: len(world.carrier().messages) == len(texts))
        held = world.carrier().messages._under_way.values()
        assert [one.short_message for one in held] == [split_text(text)[0].short_message for text in texts]


async def test_cancel_sm_finds_the_service_type_of_what_is_on_disk(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    def to(service_type: bytes) -> SubmitSm:
        return SubmitSm(
            service_type=service_type,
            source_addr=b"106900",
            destination_addr=NUMBER.encode(),
            short_message=b"hello",
            registered_delivery=1,
        )

    ids: dict[bytes, bytes] = {}
    async with on_memory(tmp_path, is_reachable=False) as world, world.esme() as esme:
        for service_type in (b"CMT", b"CMTX", b""):
            (ids[service_type],) = message_ids([await esme.request(to(service_type))])
    async with on_memory(tmp_path, is_reachable=False) as world, world.esme() as esme:
        waiting = world.running.exchange.flight.messages
        assert [message.body for message in waiting.values() if isinstance(message, Message)] == [None] * 3
        pdu = CancelSm(service_type=b"CMT", source_addr=b"106900", destination_addr=NUMBER.encode())
        assert (await esme.request(pdu)).command_status == c.ESME_ROK
        assert (await esme.receipt(ids[b"CMT"])).stat == b"DELETED"
        assert {b"%d" % message_id for message_id in waiting} == {ids[b"CMTX"], ids[b""]}
        again = attrs.evolve(pdu, sequence_number=0)
        assert (await esme.request(again)).command_status == c.ESME_RCANCELFAIL


# In real time: housekeeping works in a thread, for which a virtual clock does not wait.
async def test_the_store_is_tidied_while_the_router_runs(tmp_path: Path) -> None:
    config = configuration(tmp_path, [carrier("mobile")])
    store = EmbeddedStore(
        config.store.path, commit="inline", segment_bytes=4_096, retention_s=0.0, disk_free_min_bytes=0
    )
    async with on_memory(tmp_path, store=store) as world, world.esme(window=1_000) as esme:
        for _ in range(4):
            answers: list[int] = []
            await submit(esme, 100, answers)
        began = store.statistics()["segments"]
        await until(lambda: store.statistics()["segments"] < began, "a segment deleted")
