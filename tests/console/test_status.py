"""What the API tells of the router's state."""

from pathlib import Path

from smpp_router import __version__
from tests.console.served import served
from tests.router_fixtures import NUMBER, message_ids, until


async def test_the_status_has_sessions_carriers_queues_counters_and_versions(tmp_path: Path) -> None:
    async with served(tmp_path) as api, api.world.esme() as esme:
        message_ids(await esme.submit(NUMBER, "hello"))
        exchange = api.world.running.exchange
        await until(lambda: not len(exchange.flight), "the receipt")
        status = await api.get("/status")
        assert status["versions"]["smpp_router"] == __version__
        assert status["versions"]["configuration"] is None
        (session,) = status["sessions"]["accounts"]["bank"]
        assert (session["state"], session["interface_version"]) == ("bound_trx", "3.4")
        assert len(status["sessions"]["carriers"]["mobile"]) == 1
        assert status["carriers"]["mobile"]["is_up"]
        assert status["carriers"]["mobile"]["score"] > 0
        assert status["queues"]["in_flight"] == 0
        assert status["counters"]["accounts"]["bank"]["accepted"] == 1
        assert status["store"]["commits"] > 0
        assert NUMBER not in str(status)


async def test_a_carrier_explains_its_score_and_an_unknown_one_is_named(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        (carrier,) = (await api.get("/carriers"))["carriers"]
        assert (carrier["name"], carrier["is_up"], carrier["queued"]) == ("mobile", True, 0)
        one = await api.get("/carriers/mobile")
        assert any("breaker" in line for line in one["explanation"])
        assert one["health"]["score"] == one["score"]
        assert await api.refused("GET", "/carriers/other") == (404, "no carrier other; there are mobile")
        assert "demopass" not in str(one)


async def test_alarms_that_stand_and_that_are_over_are_told(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        alarms, now = api.world.running.exchange.alarm_watch.alarms, api.world.running.clock.now()
        # The router looks at its alarms meanwhile: what it does not see itself must not end before its time.
        alarms.configure(0.0, 3_600.0, 10)
        alarms.tell("bad_passwords", "nobody", True, now)
        (alarm,) = (await api.get("/alarms"))["active"]
        assert (alarm["kind"], alarm["subject"], alarm["raised_at"]) == ("bad_passwords", "nobody", now)
        alarms.tell("bad_passwords", "nobody", False, now + 1.0)
        alarms.tell("bad_passwords", "nobody", False, now + 3_602.0)
        told = await api.get("/alarms")
        assert told["active"] == []
        assert told["over"][0]["cleared_at"] is not None
        assert (await api.get("/alarms", limit=0))["over"] == []
        assert (await api.refused("GET", "/alarms?limit=-1"))[0] == 422
        assert (await api.refused("GET", "/alarms?limits=1"))[0] == 422
