# Reloads of a whole router: what they change, what they leave alone, and that a bad file does nothing.
import logging
from functools import partial
from pathlib import Path

import pytest
import smpplib.client
import trio

from simulators.esme import BindError
from smpp_router.config import ListenerConfig, RoutesConfig, TimersConfig
from smpp_router.config_alarms import AlarmsConfig
from smpp_router.config_changes import Change
from smpp_router.config_health import HealthConfig
from smpp_router.core.credentials import hash_secret
from smpp_router.core.statistics import statistics
from smpp_router.net.reloading import LINES_MAX, ReloadResult
from tests.router_fixtures import (
    HOST,
    NUMBER,
    PASSWORD,
    account,
    carrier,
    configuration,
    message_ids,
    profile,
    router,
    serving,
    until,
)


async def test_messages_go_by_new_routes_and_nobody_is_unbound(tmp_path: Path) -> None:
    async with serving(tmp_path, profile("mobile"), profile("unicom")) as world, world.esme() as esme:
        message_ids(await esme.submit(NUMBER, "hello"))
        result = await world.reload(routes=RoutesConfig(default=("unicom",)))
        assert result == ReloadResult(changes=(Change("routes", keys=("default",)),))
        (message_id,) = message_ids(await esme.submit(NUMBER, "hello"))
        assert (await esme.receipt(message_id)).stat == b"DELIVRD"
        assert [world.carrier(name).counters.messages for name in ("mobile", "unicom")] == [1, 1]
        assert [world.carrier(name).counters.binds for name in ("mobile", "unicom")] == [1, 1]
        assert world.running.esme_side.counters.binds == 1


async def test_a_bad_file_is_refused_whole_and_told_and_counted(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path, profile("mobile"), profile("unicom")) as world, world.esme() as esme:
        before = world.running.config
        world.files.problems = (
            "routes.toml: routes.default: unknown carrier",
            "a.toml: accounts: is missing",
        )
        with caplog.at_level(logging.ERROR):
            result = await world.reload(routes=RoutesConfig(default=("unicom",)))
        assert result.errors == world.files.problems
        assert not result.is_applied
        assert [problem in caplog.text for problem in world.files.problems] == [True, True]
        assert world.running.config is before
        message_ids(await esme.submit(NUMBER, "hello"))
        assert world.carrier("mobile").counters.messages == 1
        counted = statistics(world.running.exchange)["reloads"]
        assert (counted["applied"], counted["refused"]) == (0, 1)
        assert counted["refused_at"] > 0.0
        world.files.problems = ()
        assert (await world.reload()).is_applied
        assert statistics(world.running.exchange)["reloads"]["applied"] == 1


async def test_what_only_a_restart_can_change_is_kept_and_told(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path) as world:
        before = world.running.config
        with caplog.at_level(logging.WARNING):
            result = await world.reload(
                listeners=(ListenerConfig(host=HOST, port=1),), health=HealthConfig(late_s=9.0)
            )
        assert result == ReloadResult(changes=(Change("health", keys=("late_s",)),), restart=("listeners",))
        assert "needs a restart: listeners" in caplog.text
        assert world.running.config.listeners == before.listeners
        assert world.running.config.health.late_s == 9.0


async def test_thresholds_hold_from_the_reload_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        health = HealthConfig(late_s=7.0, filter_error_codes=(88,), complaint_words=("nuisance",))
        result = await world.reload(health=health, alarms=AlarmsConfig(stuck_s=5.0))
        exchange = world.running.exchange
        assert result.is_applied
        assert exchange.health.config is health
        assert exchange.settle.filter_error_codes == {88}
        assert exchange.measuring.complaint_words == ("nuisance",)
        assert exchange.alarm_watch.config.stuck_s == 5.0


async def test_a_password_changes_from_the_next_bind_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as world, world.esme() as esme:
        new = account(secrets=(hash_secret(b"another", bytes(16)),))
        result = await world.reload(accounts=(new,))
        assert [str(change) for change in result.changes] == ["accounts: bank changed (secrets)"]
        message_ids(await esme.submit(NUMBER, "hello"))
        with pytest.raises(BindError):
            async with world.esme(password=PASSWORD):
                pass
        async with world.esme(password="another") as again:
            message_ids(await again.submit(NUMBER, "hello"))


async def test_networks_that_may_bind_change_from_the_next_bind_on(tmp_path: Path) -> None:
    async with serving(tmp_path) as world, world.esme() as esme:
        await world.reload(accounts=(account(allow_from=("192.0.2.0/24",)),))
        with pytest.raises(BindError):
            async with world.esme():
                pass
        message_ids(await esme.submit(NUMBER, "hello"))


async def test_accounts_come_and_go_and_the_others_stay_bound(tmp_path: Path) -> None:
    accounts = account(), account("shop")
    async with (
        serving(tmp_path, accounts=accounts) as world,
        world.esme() as bank,
        world.esme("shop") as shop,
    ):
        await world.reload(accounts=(account(), account("new")))
        await until(lambda: shop.session is None)
        async with world.esme("new") as new:
            (message_id,) = message_ids(await new.submit(NUMBER, "hello"))
            assert (await new.receipt(message_id)).stat == b"DELIVRD"
        message_ids(await bank.submit(NUMBER, "hello"))
        with pytest.raises(BindError):
            async with world.esme("shop"):
                pass


async def test_timers_hold_for_sessions_that_are_bound(tmp_path: Path) -> None:
    async with serving(tmp_path) as world, world.esme():
        await world.reload(timers=TimersConfig(inactivity_s=123.0, write_stall_s=7.0))
        (session,) = world.running.exchange.accounts["bank"].sessions
        assert session.timers.limits.inactivity_s == 123.0
        assert {one._write_stall_s for one in world.running.outlets._connections.values()} == {7.0}


async def test_smpplib_stays_bound_and_gets_its_receipts_across_reloads(tmp_path: Path) -> None:
    async with serving(tmp_path, profile("mobile"), profile("unicom")) as world:

        def talk() -> list[bytes]:
            found: list[bytes] = []
            client = smpplib.client.Client(HOST, world.port, allow_unknown_opt_params=True)
            client.logger.setLevel(logging.CRITICAL)
            client.set_message_sent_handler(lambda **_: None)
            client.set_message_received_handler(lambda pdu: found.append(pdu.short_message))
            client.connect()
            client.bind_transceiver(system_id="bank", password=PASSWORD)
            for round_ in range(4):
                client.send_message(
                    source_addr="106900",
                    destination_addr=NUMBER,
                    registered_delivery=1,
                    short_message=b"hello",
                )
                trio.from_thread.run(
                    partial(
                        world.reload,
                        routes=RoutesConfig(default=("unicom", "mobile")[round_ % 2 :]),
                        accounts=(account(burst=10_000 + round_),),
                    )
                )
                while len(found) <= round_:
                    client.read_once()
            client.unbind()
            client.disconnect()
            return found

        receipts = await trio.to_thread.run_sync(talk)
        assert [b"stat:DELIVRD" in receipt for receipt in receipts] == [True] * 4
        assert world.running.esme_side.counters.binds == 1


async def test_what_is_learned_survives_new_routes(tmp_path: Path) -> None:
    async with serving(tmp_path, profile("mobile"), profile("unicom")) as world:
        health = world.running.exchange.health
        await world.reload(routes=RoutesConfig(default=("unicom", "mobile")))
        assert world.running.exchange.health is health
        assert world.running.exchange.router.standings.scores is health


async def test_reloads_wait_for_each_other(tmp_path: Path) -> None:
    async with serving(tmp_path, profile("mobile"), profile("unicom")) as world:
        results: list[ReloadResult] = []

        async def reload() -> None:
            results.append(await world.running.reload())

        world.files.config = configuration(
            tmp_path, world.running.config.carriers, routes=RoutesConfig(default=("unicom",))
        )
        async with trio.open_nursery() as nursery:
            nursery.start_soon(reload)
            nursery.start_soon(reload)
        assert [len(result.changes) for result in results] == [1, 0]


async def test_a_router_without_files_cannot_be_reloaded(tmp_path: Path) -> None:
    async with router(configuration(tmp_path, [carrier("mobile")])) as (running, _):
        result = await running.reload()
    assert result.errors == ("this router was not started from files that could be read again",)


async def test_a_router_that_stops_is_not_reloaded(tmp_path: Path) -> None:
    async with serving(tmp_path) as world:
        await world.running.stop()
        result = await world.reload(health=HealthConfig(late_s=9.0))
    assert result.errors == ("the router is stopping",)


async def test_what_is_logged_of_a_reload_is_bounded(
    tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    async with serving(tmp_path) as world:
        world.files.problems = tuple(f"file: line {n}" for n in range(LINES_MAX + 50))
        with caplog.at_level(logging.ERROR):
            result = await world.reload()
    assert len(result.errors) == LINES_MAX + 50
    told = [one.getMessage() for one in caplog.records if one.name == "smpp_router.net.reloading"]
    assert len(told) == LINES_MAX + 1
    assert f"{LINES_MAX + 50} problems" in told[-1]


def test_a_result_is_told_in_plain_values() -> None:
    result = ReloadResult(changes=(Change("routes", keys=("default",)),), restart=("store.path",))
    assert result.as_json() == {
        "applied": True,
        "errors": [],
        "changes": [{"section": "routes", "kind": "changed", "name": "", "keys": ("default",)}],
        "restart": ["store.path"],
    }
    assert ReloadResult(errors=("bad",)).as_json()["applied"] is False
