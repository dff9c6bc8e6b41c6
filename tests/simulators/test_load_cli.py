"""`smpp-esme load`: what it prints, how it ends."""

import json

import pytest
from rich.console import Console

from simulators import esme_cli
from simulators.load_cli import COUNT, table
from simulators.load_result import TEXT, LoadResult
from simulators.profile import SimulatedAccount
from tests.simulators.customers import profile
from tests.simulators.lines import served
from tests.simulators.load_commands import main_in_thread

Capsys = pytest.CaptureFixture[str]


async def test_json_tells_all_there_is(capsys: Capsys) -> None:
    async with served(profile()) as server:
        status = await main_in_thread(server, "--count", "200", "--json", "--to-prefix", "86139")
    values = json.loads(capsys.readouterr().out)
    assert status == esme_cli.EXIT_OK
    assert (values["sent"], values["receipts"], values["lost"], values["unbound"]) == (200, 200, 0, 0)
    assert values["cpu_s"] > 0.0
    assert values["submit_ms"]["p50"] <= values["submit_ms"]["p99"] <= values["submit_ms"]["max"]


async def test_for_people_it_is_a_table(capsys: Capsys) -> None:
    async with served(profile(outcomes={"DELIVRD": 1, "UNDELIV": 1})) as server:
        status = await main_in_thread(server, "--count", "200", "--rate", "2000")
    output = capsys.readouterr().out
    assert status == esme_cli.EXIT_OK
    for name in ("sent", "messages/s", "receipts DELIVRD", "receipts UNDELIV"):
        assert name in output


async def test_refusals_and_losses_are_1(capsys: Capsys) -> None:
    async with served(profile(errors={"ESME_RSYSERR": 1.0})) as server:
        assert await main_in_thread(server, "--count", "10") == esme_cli.EXIT_REFUSED
    assert "ESME_RSYSERR" in capsys.readouterr().out


async def test_no_bind_is_3_and_says_why(capsys: Capsys) -> None:
    async with served(profile(accounts=(SimulatedAccount(system_id="x", password="y"),))) as server:
        assert await main_in_thread(server) == esme_cli.EXIT_NO_BIND
    assert capsys.readouterr().err == "no session was bound: ESME_RINVPASWD\n"


def test_nobody_there_is_3(capsys: Capsys) -> None:
    assert esme_cli.main(["load", "--port", "1", "--system-id", "x"]) == esme_cli.EXIT_NO_BIND
    assert capsys.readouterr().err == "127.0.0.1:1: Connection refused\n"


@pytest.mark.parametrize("option", ["--binds", "--window", "--rate", "--count", "--duration"])
def test_zero_is_no_load(option: str, capsys: Capsys) -> None:
    status = esme_cli.main(["load", "--system-id", "x", option, "0"])
    assert status == esme_cli.EXIT_BAD_COMMAND_LINE
    assert capsys.readouterr().err == f"{option} must be above 0\n"


def test_a_table_shows_a_result() -> None:
    result = LoadResult(sent=1_234, accepted=1_000, statuses={"ESME_RTHROTTLED": 234})
    console = Console(width=120, record=True, quiet=True)
    console.print(table(result))
    text = console.export_text()
    assert "1,234" in text
    assert "ESME_RTHROTTLED" in text


def test_the_defaults_are_what_help_says(capsys: Capsys) -> None:
    with pytest.raises(SystemExit):
        esme_cli.main(["load", "--help"])
    output = capsys.readouterr().out
    assert str(COUNT) in output
    assert len(TEXT) == 70
