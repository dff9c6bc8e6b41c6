# Reloads that change carriers, with simulated carriers on memory streams and a virtual clock: binds that
# stay, binds that are made and closed, and that no message is lost or reported twice by it.
import random
from collections import Counter
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trio.testing

from simulators.esme import Esme
from simulators.profile import SimulatedAccount
from smpp_router.config import CarrierConfig, RoutesConfig
from smpp_router.net.router import Pace
from tests.router_fixtures import NUMBER, World, message_ids, on_memory, profile, until


def changed(world: World, name: str, **values: Any) -> tuple[CarrierConfig, ...]:
    """The carriers, with one of them otherwise; what is a link's is said of its only link."""
    found: list[CarrierConfig] = []
    for one in world.running.config.carriers:
        if one.name == name:
            (link,) = one.links
            of_link = {key: values.pop(key) for key in list(values) if hasattr(link, key)}
            found.append(attrs.evolve(one, links=(attrs.evolve(link, **of_link),), **values))
        else:
            found.append(one)
    return tuple(found)


def without(world: World, *names: str) -> tuple[CarrierConfig, ...]:
    return tuple(one for one in world.running.config.carriers if one.name not in names)


async def without_unicom(world: World) -> None:
    """Have a place that a carrier can move to: the port, 2, of one that is gone."""
    await world.reload(carriers=without(world, "unicom"), routes=RoutesConfig(default=("mobile",)))
    await until(lambda: "unicom" not in world.running.exchange.carriers)


def binds(world: World, name: str) -> tuple[int, int]:
    """How many sessions a carrier has now, and how many there have been."""
    one = world.carrier(name)
    return sum(len(account.sessions) for account in one.accounts.values()), one.counters.binds


async def receipts(esme: Esme, ids: list[bytes]) -> None:
    for message_id in ids:
        assert (await esme.receipt(message_id)).stat == b"DELIVRD"


async def test_a_new_carrier_is_dialled_and_used_and_the_others_stay_bound(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, profile("mobile"), profile("unicom")) as world, world.esme() as esme:
        before = world.running.config
        await world.reload(carriers=without(world, "unicom"), routes=RoutesConfig(default=("mobile",)))
        await until(lambda: "unicom" not in world.running.exchange.carriers)
        assert binds(world, "unicom") == (0, 1)
        await world.reload(carriers=before.carriers, routes=RoutesConfig(default=("unicom",)))
        await until(lambda: world.running.exchange.carriers["unicom"].is_up)
        await receipts(esme, message_ids(await esme.submit(NUMBER, "hello")))
        assert world.carrier("unicom").counters.messages == 1
        assert binds(world, "mobile") == (1, 1)
        assert world.running.esme_side.counters.binds == 1


async def test_a_carrier_that_is_taken_out_is_drained_and_then_unbound(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    slow = profile("mobile", response_s=2.0, receipt_s=30.0)
    world_of = on_memory(tmp_path, slow, profile("unicom"), carrier_changes={"window": 2})
    async with world_of as world, world.esme(window=100) as esme:
        ids: list[bytes] = []
        for _ in range(20):
            ids += message_ids(await esme.submit(NUMBER, "hello"))
        await until(lambda: world.carrier("mobile").counters.submits == 2)
        await world.reload(carriers=without(world, "mobile"), routes=RoutesConfig(default=("unicom",)))
        began_at = trio.current_time()
        await receipts(esme, ids)
        assert world.carrier("mobile").counters.messages == 2
        assert world.carrier("unicom").counters.messages == 18
        await until(lambda: "mobile" not in world.running.exchange.carriers)
        assert 20.0 < trio.current_time() - began_at < 40.0
        assert binds(world, "mobile") == (0, 1)
        assert len(world.running.exchange.flight) == 0


async def test_a_window_and_a_rate_change_without_a_bind(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    world_of = on_memory(tmp_path, profile(response_s=1.0), carrier_changes={"window": 2})
    async with world_of as world, world.esme(window=500) as esme:
        for _ in range(200):
            await esme.submit(NUMBER, "hello", receipt=False)
        await trio.sleep(5.0)
        slow = world.carrier().counters.messages
        await world.reload(carriers=changed(world, "mobile", window=20))
        await trio.sleep(5.0)
        assert world.carrier().counters.messages - slow > 5 * slow
        assert binds(world, "mobile") == (1, 1)
        await world.reload(carriers=changed(world, "mobile", rate_per_s=1.0))
        await trio.sleep(3.0)
        before = world.carrier().counters.messages
        await trio.sleep(10.0)
        assert world.carrier().counters.messages - before <= 12


@pytest.mark.parametrize("count", [1, 3])
async def test_more_binds_are_added_and_fewer_are_closed_beside_those_that_stay(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, count: int
) -> None:
    async with on_memory(tmp_path, carrier_changes={"binds": 2}) as world, world.esme() as esme:
        await until(lambda: binds(world, "mobile") == (2, 2))
        await world.reload(carriers=changed(world, "mobile", binds=count))
        await until(lambda: binds(world, "mobile")[0] == count)
        await trio.sleep(10.0)
        assert binds(world, "mobile") == (count, max(2, count))
        await receipts(esme, message_ids(await esme.submit(NUMBER, "hello")))


async def test_a_new_link_is_bound_before_the_old_one_is_closed(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, profile("mobile"), profile("unicom")) as world, world.esme() as esme:
        exchange = world.running.exchange
        await without_unicom(world)
        await world.reload(carriers=changed(world, "mobile", port=2))
        fewest = 9
        with trio.move_on_after(10.0):
            while binds(world, "mobile")[0]:
                fewest = min(fewest, sum(s.can_submit for s in exchange.carriers["mobile"].sessions))
                await trio.sleep(0.01)
        assert fewest == 1
        assert binds(world, "mobile") == (0, 1)
        assert binds(world, "unicom") == (1, 2)
        await receipts(esme, message_ids(await esme.submit(NUMBER, "hello")))
        assert exchange.carriers["mobile"].counters.binds_lost == 0


async def test_what_is_on_an_old_link_is_answered_before_it_is_closed(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, profile("mobile", response_s=3.0), profile("unicom")) as world:
        await without_unicom(world)
        async with world.esme() as esme:
            ids: list[bytes] = []
            for _ in range(10):
                ids += message_ids(await esme.submit(NUMBER, "hello"))
            await until(lambda: world.carrier("mobile").counters.submits == 10)
            await world.reload(carriers=changed(world, "mobile", port=2))
            await receipts(esme, ids)
        assert world.carrier("mobile").counters.messages == 10
        assert world.carrier("unicom").counters.messages == 0
        assert world.running.exchange.carriers["mobile"].counters.unanswered == 0


async def test_a_new_password_that_is_wrong_leaves_the_old_binds_for_drain_s(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    accounts = (SimulatedAccount(system_id="router", password="demopass"),)
    pace = Pace(tick_s=0.5, librarian_s=0.5)
    async with on_memory(tmp_path, profile(accounts=accounts), drain_s=30.0, pace=pace) as world:
        before = world.running.config
        await world.reload(carriers=changed(world, "mobile", password="typo"))
        await trio.sleep(25.0)
        assert binds(world, "mobile") == (1, 1)
        await world.reload(carriers=before.carriers)
        await trio.sleep(60.0)
        assert binds(world, "mobile") == (1, 1)
        await world.reload(carriers=changed(world, "mobile", password="typo"))
        await trio.sleep(40.0)
        assert binds(world, "mobile") == (0, 1)


async def test_a_carrier_that_allows_so_many_binds_only_gets_the_new_one_when_an_old_one_is_gone(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    accounts = (SimulatedAccount(system_id="router", password="demopass", binds_max=1),)
    async with on_memory(tmp_path, profile(accounts=accounts)) as world, world.esme() as esme:
        await world.reload(carriers=changed(world, "mobile", system_type="new"))
        await until(lambda: binds(world, "mobile") == (1, 2), limit_s=30.0)
        await receipts(esme, message_ids(await esme.submit(NUMBER, "hello")))


async def test_a_planned_change_of_links_is_not_held_against_a_carrier(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with on_memory(tmp_path, profile("mobile"), profile("unicom")) as world:
        await world.reload(carriers=changed(world, "mobile", port=2))
        await until(lambda: binds(world, "mobile") == (0, 1))
        await trio.sleep(5.0)
        measured = world.running.exchange.health.carrier("mobile")
        assert measured is not None
        assert measured.losses == 0.0
        assert measured.gauge.score > 99.0


def drawn(one: CarrierConfig, rng: random.Random) -> CarrierConfig:
    link = attrs.evolve(one.links[0], binds=rng.randint(1, 3))
    return attrs.evolve(one, window=rng.randint(1, 9), links=(link,))


@pytest.mark.parametrize("seed", range(3))
async def test_under_reloads_at_random_each_message_is_delivered_once_and_reported_once(
    tmp_path: Path, autojump_clock: trio.testing.MockClock, seed: int
) -> None:
    rng = random.Random(seed)
    names = ["mobile", "unicom", "telecom"]
    profiles = [profile(name, response_s=rng.choice([0.02, 0.5]), receipt_s=2.0) for name in names]
    told: Counter[bytes] = Counter()
    async with on_memory(tmp_path, *profiles, carrier_changes={"window": 5}) as world:
        everything = world.running.config.carriers
        ids: list[bytes] = []
        async with world.esme(window=500) as esme:

            async def offer() -> None:
                for _ in range(150):
                    ids.extend(message_ids(await esme.submit(NUMBER, "hello")))
                    await trio.sleep(rng.choice([0.0, 0.01, 0.1]))

            async with trio.open_nursery() as nursery:
                nursery.start_soon(offer)
                for _ in range(12):
                    await trio.sleep(rng.uniform(0.0, 3.0))
                    chosen = tuple(drawn(one, rng) for one in rng.sample(everything, rng.randint(1, 3)))
                    order = RoutesConfig(default=tuple(one.name for one in chosen))
                    assert (await world.reload(carriers=chosen, routes=order)).is_applied
            for message_id in ids:
                told[(await esme.receipt(message_id)).stat] += 1
        assert told == {b"DELIVRD": 150}
        assert sum(world.carrier(name).counters.messages for name in names) == 150
        exchange = world.running.exchange
        assert sum(exchange.ending.ended.values()) == 150
        await until(lambda: not exchange.leaving.carriers)
        assert len(exchange.flight) == 0
        assert set(exchange.carriers) == {one.name for one in world.running.config.carriers}
        assert world.running.esme_side.counters.binds == 1
