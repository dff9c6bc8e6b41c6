"""Questions and orders to the network, over HTTP."""

from contextlib import AbstractAsyncContextManager
from typing import Any

import pytest

from simulators.control.client import Refused
from simulators.esme import open_esme
from smpp_router.wire.multipart import text_of
from tests.simulators.control.controlled import Controlled, controlled
from tests.simulators.signalling.air import network_config

NUMBER = "8613900000001"
PATH = f"/handsets/{NUMBER}"


def on_air(**settings: Any) -> AbstractAsyncContextManager[Controlled]:
    return controlled(network=network_config(**settings))


def bound(line: Controlled) -> Any:
    return open_esme("127.0.0.1", line.port, "bank", "secret")


async def refused(line: Controlled, method: str, path: str, body: Any = None) -> tuple[int, str]:
    with pytest.raises(Refused) as caught:
        await line.ask(method, path, body)
    return caught.value.status, str(caught.value)


async def test_a_handset_is_taken_off_and_on_and_shows_what_waited() -> None:
    async with on_air() as line, bound(line) as esme:
        assert (await line.ask("PATCH", PATH, {"state": "off"}))["state"] == "off"
        await esme.submit(NUMBER, "hello")
        met = await line.ask("POST", f"{PATH}/wait", {"timeout_s": 0.05})
        assert (met["is_met"], met["count"]) == (False, 0)
        assert (await line.ask("GET", PATH))["waiting"] == 1
        assert (await line.ask("PATCH", PATH, {"state": "as_configured"}))["ordered"] is None
        met = await line.ask("POST", f"{PATH}/wait", {"text": "ell", "timeout_s": 10.0})
        assert [text["text"] for text in met["shown"]] == ["hello"]
        events = (await line.ask("GET", "/network/events", number=NUMBER))["events"]
        kinds = ["sri_sm", "mt_forward_sm", "alert_sc", "sri_sm", "mt_forward_sm"]
        assert [event["kind"] for event in events] == kinds
        (absent,) = (await line.ask("GET", "/network/events", cause="absentSubscriberSM"))["events"]
        assert (absent["detail"], absent["carrier"]) == ("imsiDetached", "mobile")


async def test_a_handset_is_filled_and_cleared() -> None:
    async with on_air() as line, bound(line) as esme:
        await esme.submit(NUMBER, "one")
        await line.ask("POST", f"{PATH}/wait")
        assert (await line.ask("PATCH", PATH, {"is_full": True}))["is_full"]
        await esme.submit(NUMBER, "two")
        state = await line.ask("POST", f"{PATH}/clear")
        assert (state["is_full"], state["inbox"]) == (False, [])
        met = await line.ask("POST", f"{PATH}/wait", {"count": 2, "timeout_s": 10.0})
        assert [text["text"] for text in met["shown"]] == ["one", "two"]
        assert [text["text"] for text in (await line.ask("GET", PATH))["inbox"]] == ["two"]


async def test_a_handset_sends_by_the_carrier_that_serves_it_or_any() -> None:
    async with on_air() as line, bound(line) as esme:
        answer = await line.ask("POST", f"{PATH}/send", {"to": "10690", "text": "TD"})
        assert answer["carrier"] == "mobile"
        delivery = await esme.deliveries.receive()
        assert (delivery.source_addr, delivery.destination_addr) == (NUMBER.encode(), b"10690")
        assert text_of(delivery) == "TD"


async def test_a_number_is_ported_and_back() -> None:
    plan = {"mobile": ("86139",), "other": ("86130",)}
    async with on_air(number_plan=plan) as line:
        assert (await line.ask("GET", PATH))["served_by"] == "mobile"
        ported = await line.ask("POST", "/network/port", {"number": NUMBER, "carrier": "other"})
        assert ported == {"number": NUMBER, "served_by": "other"}
        assert (await line.ask("POST", "/network/port", {"number": NUMBER}))["served_by"] == "mobile"
        status, why = await refused(line, "POST", "/network/port", {"number": NUMBER, "carrier": "x"})
        assert (status, why) == (422, "carrier: unknown carrier x; known: mobile, other")


async def test_keys_of_the_network_change_while_it_runs_all_or_none() -> None:
    async with on_air() as line, bound(line) as esme:
        changes = {"mt_failures.equipmentProtocolError": 1.0, "causes.equipmentProtocolError.error_code": 500}
        await line.ask("PATCH", "/network", changes)
        await esme.submit(NUMBER, "hello")
        assert b"err:500" in (await esme.deliveries.receive()).short_message
        said = await line.ask("GET", "/network")
        assert said["config"]["mt_failures"] == {"equipmentProtocolError": 1.0}
        assert said["statistics"]["undelivered"] == 1
        assert await refused(line, "PATCH", "/network", {"seed": 2}) == (
            422,
            "seed: can't be changed while the network runs",
        )
        status, why = await refused(line, "PATCH", "/network", {"validity_s": 5.0, "colour": 1})
        assert (status, why) == (422, "colour: unknown key")
        assert line.server.network is not None
        assert line.server.network.config.validity_s == 172_800.0


async def test_what_the_network_decides_can_not_be_changed_of_a_carrier() -> None:
    async with on_air() as line:
        status, why = await refused(line, "PATCH", "/carriers/mobile", {"outcomes": {"UNDELIV": 1.0}})
        assert (status, why.startswith("outcomes: says nothing beside a [network]")) == (422, True)


@pytest.mark.parametrize(
    ("method", "path", "body", "why"),
    [
        ("GET", "/handsets/abc", None, "number: must be 1 to 20 digits"),
        (
            "PATCH",
            PATH,
            {"state": "away"},
            "state: must be on, off, out_of_coverage or as_configured, got away",
        ),
        ("PATCH", PATH, {"is_full": "maybe"}, "is_full: must be a bool"),
        ("PATCH", PATH, {"stat": "on"}, "stat: unknown; known are is_full, state"),
        ("POST", f"{PATH}/send", {"to": "", "text": "x"}, "to: must be 1 to 20 printable ASCII characters"),
        ("POST", f"{PATH}/send", {"to": "1", "text": ""}, "text: must have 1 to 2000 characters"),
        (
            "POST",
            f"{PATH}/send",
            {"to": "1", "text": "x", "carrier": "y"},
            "carrier: no carrier y; there are mobile",
        ),
        ("POST", f"{PATH}/wait", {"count": 51}, "count: must be at most inbox_max, 50"),
    ],
)
async def test_what_makes_no_sense_is_refused(method: str, path: str, body: Any, why: str) -> None:
    async with on_air() as line:
        assert await refused(line, method, path, body) == (422, why)


async def test_a_handset_that_is_off_for_good_can_not_send() -> None:
    async with on_air() as line:
        await line.ask("PATCH", PATH, {"state": "off"})
        status, why = await refused(line, "POST", f"{PATH}/send", {"to": "1", "text": "x"})
        assert (status, why) == (422, "state: the handset is away, and does not come back by itself")


async def test_a_reset_counts_from_nothing_and_leaves_inboxes() -> None:
    async with on_air() as line, bound(line) as esme:
        await esme.submit(NUMBER, "hello")
        await line.ask("POST", f"{PATH}/wait")
        await line.ask("POST", "/reset")
        assert (await line.ask("GET", "/network"))["statistics"]["delivered"] == 0
        assert (await line.ask("GET", "/network/events"))["events"] == []
        assert len((await line.ask("GET", PATH))["inbox"]) == 1


async def test_without_a_network_it_says_so() -> None:
    async with controlled() as line:
        why = "there is no network: the configuration has no [network]"
        assert await refused(line, "GET", "/network") == (409, why)
        assert await refused(line, "GET", PATH) == (409, why)
