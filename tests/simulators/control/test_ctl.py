"""The command, as a terminal and a script see it, against carriers that run."""

import json
from pathlib import Path
from typing import Any

import pytest
import trio

from simulators import carriers_cli
from simulators.called import heard_outbind
from simulators.control import ctl
from simulators.esme import open_esme
from simulators.outbind_config import OutbindConfig
from simulators.profile import SimulatedAccount
from simulators.timeline.entry import BrownOut, Entry
from smpp_router.wire.multipart import text_of
from tests.simulators.control.captures import conversations
from tests.simulators.control.controlled import Controlled, controlled, in_thread, profile


def run(*arguments: str) -> int:
    return carriers_cli.main(["ctl", *arguments])


async def said(line: Controlled, capsys: pytest.CaptureFixture[str], *arguments: str) -> Any:
    """Run an order with --json; return what it prints."""
    capsys.readouterr()
    assert await in_thread(run, "--url", line.url, "--json", *arguments) == ctl.EXIT_OK
    return json.loads(capsys.readouterr().out)


async def test_every_order_does_what_it_says(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    async with controlled() as line, open_esme("127.0.0.1", line.port, "bank", "secret") as esme:
        assert (await said(line, capsys, "status"))["carriers"][0]["name"] == "mobile"
        assert (await said(line, capsys, "status", "mobile"))["profile"]["response_s"] == 0.0
        await said(line, capsys, "change", "mobile", "response_s=0.001", 'receipt_ids="same"')
        assert line.server.carriers["mobile"].profile.response_s == 0.001
        await said(line, capsys, "inject", "mobile", "--from", "8613900000001", "--to", "10690", "TD")
        assert text_of(await esme.deliveries.receive()) == "TD"
        await esme.submit("8613900000001", "hello")
        (message,) = (await said(line, capsys, "messages", "mobile", "--text", "ell"))["arrivals"]
        assert message["text"] == "hello"
        waited = ("wait", "mobile", "--count", "1", "--destination", "86139*", "--timeout", "5")
        assert (await said(line, capsys, *waited))["is_met"]
        (pdu,) = (await said(line, capsys, "pdus", "--command", "submit_sm"))["pdus"]
        assert pdu["fields"]["text"] == "hello"
        file = tmp_path / "capture.pcap"
        assert (await said(line, capsys, "capture", str(file)))["octets"] == len(file.read_bytes())
        assert len(conversations(file.read_bytes())) == 1
        assert (await said(line, capsys, "burst", "mobile", "--count", "3"))["sent"] == 3
        seen = [(await esme.deliveries.receive()).destination_addr for _ in range(4)]
        assert seen.count(b"10690") == 3, "besides the receipt, which goes to whom it was submitted from"
        await said(line, capsys, "reset")
        await said(line, capsys, "disconnect", "mobile")
        assert (await said(line, capsys, "down", "mobile"))["is_up"] is False
        assert (await said(line, capsys, "up", "mobile"))["is_up"] is True


async def test_people_get_tables(capsys: pytest.CaptureFixture[str]) -> None:
    async with controlled() as line, open_esme("127.0.0.1", line.port, "bank", "secret") as esme:
        await esme.submit("8613900000001", "hello")
        for order in (["status"], ["status", "mobile"], ["messages", "mobile"], ["pdus", "--hex"]):
            assert await in_thread(run, "--url", line.url, *order) == ctl.EXIT_OK
        shown = capsys.readouterr().out
    assert "mobile" in shown
    assert "hello" in shown
    assert "secret" not in shown


async def test_a_wait_that_is_not_met_has_a_status_of_its_own(capsys: pytest.CaptureFixture[str]) -> None:
    async with controlled() as line:
        order = ("--url", line.url, "wait", "mobile", "--count", "2", "--timeout", "0.01")
        assert await in_thread(run, *order) == ctl.EXIT_NOT_MET
    assert "0 of 2 messages" in capsys.readouterr().err


async def test_what_the_carriers_refuse_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    async with controlled() as line:
        for order in (("change", "mobile", "window_max=0"), ("change", "other", "window_max=1")):
            assert await in_thread(run, "--url", line.url, *order) == ctl.EXIT_REFUSED
        shown = capsys.readouterr().err
    assert "window_max" in shown
    assert "no carrier other" in shown


async def test_the_token_comes_from_the_environment(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    async with controlled(token="open sesame") as line:
        assert await in_thread(run, "--url", line.url, "status") == ctl.EXIT_REFUSED
        assert "a token is asked for; it is read from SMPP_CONTROL_TOKEN" in capsys.readouterr().err
        monkeypatch.setenv("SMPP_CONTROL_TOKEN", "open sesame")
        assert await in_thread(run, "--url", line.url, "status") == ctl.EXIT_OK


def test_when_nobody_answers_it_says_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--url", "http://127.0.0.1:1", "status") == ctl.EXIT_UNREACHABLE
    assert "no control API at 127.0.0.1:1" in capsys.readouterr().err


@pytest.mark.parametrize("url", ["ftp://127.0.0.1", "http://", "http://127.0.0.1:x"])
def test_a_url_that_is_none_is_named(url: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert run("--url", url, "status") == ctl.EXIT_UNREACHABLE
    assert url in capsys.readouterr().err


def test_a_change_is_a_key_and_a_value(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("change", "mobile", "response_s") == ctl.EXIT_BAD_COMMAND_LINE
    assert "must be KEY=VALUE" in capsys.readouterr().err


def test_a_file_that_cannot_be_written_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    assert run("capture", "/no/such/folder/x.pcap") == ctl.EXIT_BAD_COMMAND_LINE
    assert "/no/such/folder/x.pcap" in capsys.readouterr().err


def test_values_are_toml_or_plain_text() -> None:
    pairs = [
        "a=0.5",
        "b.c=true",
        "d=ESME_RMSGQFUL",
        'e="x y"',
        "f={ DELIVRD = 1 }",
        "g=x=y",
        "h=",
        "i=1\nj=2",
    ]
    assert ctl.parse_changes(pairs) == {
        "a": 0.5,
        "b.c": True,
        "d": "ESME_RMSGQFUL",
        "e": "x y",
        "f": {"DELIVRD": 1},
        "g": "x=y",
        "h": "",
        "i": "1\nj=2",
    }


def test_the_documentation_shows_every_order() -> None:
    page = (Path(__file__).parents[3] / "docs/simulator/control.md").read_text("utf-8")
    orders = [line.split()[2] for line in page.splitlines() if line.startswith("smpp-carriers ctl ")]
    for order in ctl.ORDERS:
        assert order in orders or f"smpp-carriers ctl {order} " in page


async def test_an_account_is_called_by_order(capsys: pytest.CaptureFixture[str]) -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    outbind = OutbindConfig(host="127.0.0.1", port=port, when="on_demand")
    accounts = (SimulatedAccount(system_id="bank", outbind=outbind), SimulatedAccount(system_id="shop"))
    async with controlled(profile(accounts=accounts)) as line:
        answer = await said(line, capsys, "outbind", "mobile", "--system-id", "bank")
        assert (answer["system_id"], answer["port"]) == ("bank", port)
        stream = await listeners[0].accept()
        assert await heard_outbind(stream)
        order = ("outbind", "mobile", "--system-id", "shop")
        assert await in_thread(run, "--url", line.url, *order) == ctl.EXIT_REFUSED
        assert "shop has no outbind; those that have: bank" in capsys.readouterr().err
        await stream.aclose()
        await listeners[0].aclose()


async def test_a_timeline_is_shown_to_people(capsys: pytest.CaptureFixture[str]) -> None:
    entry = Entry(name="storm", for_s=600.0, brown_out=BrownOut(latency_s=1.0, ramp_s=100.0))
    async with controlled(profile(timeline=(entry,))) as line:
        assert await in_thread(run, "--url", line.url, "status") == ctl.EXIT_OK
    shown = capsys.readouterr().out
    assert all(word in shown for word in ("storm", "brown-out", "on,"))
