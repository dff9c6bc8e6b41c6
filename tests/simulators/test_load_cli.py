"""`smpp-esme load`: what it prints, how it ends."""

import json
import signal

import pytest

from simulators import esme_cli
from simulators.control.fixtures import CarrierFactory
from simulators.load_cli import COUNT
from simulators.load_result import TEXT
from simulators.traffic.misbehaviours import MISBEHAVIOURS
from tests.simulators.commands import TIMEOUT_S, background

Capsys = pytest.CaptureFixture[str]


Ports = dict[str, int]


def loaded(port: int, *more: str) -> int:
    return esme_cli.main(["load", "--port", str(port), "--system-id", "x", *more])


def test_json_tells_all_there_is(ports: Ports, capsys: Capsys) -> None:
    status = loaded(ports["mixed"], "--count", "200", "--json", "--to-prefix", "86139")
    values = json.loads(capsys.readouterr().out)
    assert status == esme_cli.EXIT_OK
    assert (values["sent"], values["receipts"], values["lost"], values["unbound"]) == (200, 200, 0, 0)
    assert values["cpu_s"] > 0.0
    assert values["submit_ms"]["p50"] <= values["submit_ms"]["p99"] <= values["submit_ms"]["max"]


def test_for_people_it_is_a_table(ports: Ports, capsys: Capsys) -> None:
    assert loaded(ports["mixed"], "--count", "200", "--rate", "2000") == esme_cli.EXIT_OK
    output = capsys.readouterr().out
    for name in ("sent", "messages/s", "receipts DELIVRD", "receipts UNDELIV"):
        assert name in output


def test_refusals_are_1(ports: Ports, capsys: Capsys) -> None:
    assert loaded(ports["refusing"], "--count", "10") == esme_cli.EXIT_REFUSED
    assert "ESME_RSYSERR" in capsys.readouterr().out


def test_losses_are_1(ports: Ports) -> None:
    assert loaded(ports["silent"], "--count", "10", "--drain-s", "0.1") == esme_cli.EXIT_REFUSED


def test_no_bind_is_3_and_says_why(ports: Ports, capsys: Capsys) -> None:
    assert loaded(ports["good"]) == esme_cli.EXIT_NO_BIND
    assert capsys.readouterr().err == "no session was bound: ESME_RINVSYSID\n"


def test_who_hangs_up_before_the_bind_is_answered_is_said_so_too(
    smpp_carrier_factory: CarrierFactory, capsys: Capsys
) -> None:
    carrier = smpp_carrier_factory(changes={"faults.accept_then_close": True})
    assert loaded(carrier.port) == esme_cli.EXIT_NO_BIND
    assert capsys.readouterr().err == "no session was bound: no response to the bind\n"


def test_ctrl_c_stops_it_and_shows_what_there_is(ports: Ports) -> None:
    given = (
        "--port",
        str(ports["mixed"]),
        "--system-id",
        "stopped",
        "--duration",
        "60",
        "--rate",
        "100",
        "--drain-s",
        "0.5",
        "--json",
    )
    with (
        background("esme", "load", *given) as process,
        background(
            "esme", "listen", "--port", str(ports["mixed"]), "--system-id", "stopped", "--count", "1"
        ) as listener,
    ):
        # Somebody who shares the account gets some of its receipts: by then the load is under way.
        listener.communicate(timeout=TIMEOUT_S)
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=TIMEOUT_S)
    assert json.loads(output)["sent"] > 0


def test_nobody_there_is_3(capsys: Capsys) -> None:
    assert esme_cli.main(["load", "--port", "1", "--system-id", "x"]) == esme_cli.EXIT_NO_BIND
    assert capsys.readouterr().err == "127.0.0.1:1: Connection refused\n"


@pytest.mark.parametrize("option", ["--binds", "--window", "--rate", "--count", "--duration"])
def test_zero_is_no_load(option: str, capsys: Capsys) -> None:
    status = esme_cli.main(["load", "--system-id", "x", option, "0"])
    assert status == esme_cli.EXIT_BAD_COMMAND_LINE
    assert capsys.readouterr().err == f"{option} must be above 0\n"


def test_the_defaults_are_what_help_says(capsys: Capsys) -> None:
    with pytest.raises(SystemExit):
        esme_cli.main(["load", "--help"])
    output = capsys.readouterr().out
    assert str(COUNT) in output
    assert len(TEXT) == 70


def test_each_misbehaviour_is_listed_in_a_line_of_its_own(capsys: Capsys) -> None:
    assert esme_cli.main(["load", "--system-id", "x", "--misbehave", "list"]) == esme_cli.EXIT_OK
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(MISBEHAVIOURS)
    assert [line.split(None, 1)[1] for line in lines] == [kind.summary for kind in MISBEHAVIOURS.values()]
