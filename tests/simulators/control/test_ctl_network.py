"""Orders about the network, as a terminal and a script see them."""

import pytest

from simulators.control import ctl
from simulators.esme import open_esme
from smpp_router.wire.multipart import text_of
from tests.simulators.control.controlled import controlled, in_thread
from tests.simulators.control.test_ctl import run, said
from tests.simulators.signalling.air import network_config

NUMBER = "8613900000001"


async def test_every_order_does_what_it_says(capsys: pytest.CaptureFixture[str]) -> None:
    plan = {"mobile": ("86139",), "other": ("86130",)}
    async with (
        controlled(network=network_config(number_plan=plan)) as line,
        open_esme("127.0.0.1", line.port, "bank", "secret") as esme,
    ):
        assert (await said(line, capsys, "handset", NUMBER, "off"))["state"] == "off"
        await esme.submit(NUMBER, "hello")
        assert (await said(line, capsys, "handset", NUMBER, "on"))["ordered"] == "on"
        waited = await said(line, capsys, "wait-handset", NUMBER, "--text", "ell", "--timeout", "10")
        assert waited["shown"][0]["text"] == "hello"
        assert (await said(line, capsys, "handset", NUMBER, "full"))["is_full"]
        assert not (await said(line, capsys, "handset", NUMBER, "not_full"))["is_full"]
        assert (await said(line, capsys, "handset", NUMBER, "clear"))["inbox"] == []
        assert len((await said(line, capsys, "handset", NUMBER))["shown"]) == 1
        await said(line, capsys, "send", NUMBER, "TD", "--to", "10690")
        said_to_esme = [text_of(await esme.deliveries.receive()) for _ in range(2)]
        assert "stat:DELIVRD" in said_to_esme[0]
        assert said_to_esme[1] == "TD"
        assert (await said(line, capsys, "port", NUMBER, "other"))["served_by"] == "other"
        assert (await said(line, capsys, "port", NUMBER))["served_by"] == "mobile"
        assert (await said(line, capsys, "network", "validity_s=60"))["changed"] == {"validity_s": 60}
        assert (await said(line, capsys, "network"))["config"]["validity_s"] == 60.0
        events = await said(line, capsys, "events", "--kind", "mo_forward_sm", "--number", NUMBER)
        assert [event["carrier"] for event in events["events"]] == ["mobile"]


async def test_people_get_tables(capsys: pytest.CaptureFixture[str]) -> None:
    orders = [
        ["network"],
        ["network", "validity_s=60"],
        ["events"],
        ["port", NUMBER, "mobile"],
        ["handset", NUMBER],
        ["handset", NUMBER, "off"],
        ["wait-handset", NUMBER],
    ]
    async with (
        controlled(network=network_config()) as line,
        open_esme("127.0.0.1", line.port, "bank", "secret") as esme,
    ):
        await esme.submit(NUMBER, "hello")
        await in_thread(run, "--url", line.url, "wait-handset", NUMBER)
        for order in orders:
            assert await in_thread(run, "--url", line.url, *order) == ctl.EXIT_OK
    shown = capsys.readouterr().out
    for piece in ("hello", "mt_forward_sm", f"{NUMBER} is off by order; for good", "validity_s changed"):
        assert piece in shown


async def test_a_wait_that_is_not_met_has_a_status_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    async with controlled(network=network_config()) as line:
        order = ("--url", line.url, "wait-handset", NUMBER, "--timeout", "0.01")
        assert await in_thread(run, *order) == ctl.EXIT_NOT_MET
    assert "0 of 1 texts" in capsys.readouterr().err
