"""`smpp-carriers`: what it prints, how it ends."""

import json
import signal
import socket
from pathlib import Path

import pytest

from simulators import carriers_cli
from simulators.packs import pack_names, pack_summary
from tests.simulators.commands import TIMEOUT_S, background, command

TWO = '[[carriers]]\nname = "one"\nport = 0\n[[carriers]]\nname = "two"\nport = 0\n'


@pytest.fixture
def file(tmp_path: Path) -> str:
    path = tmp_path / "carriers.toml"
    path.write_text(TWO)
    return str(path)


def test_check_says_what_is_there(file: str, capsys: pytest.CaptureFixture[str]) -> None:
    assert carriers_cli.main(["check", file]) == carriers_cli.EXIT_OK
    assert capsys.readouterr().out == f"{file} is good: one, two\n"


def test_check_says_what_is_wrong(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "carriers.toml"
    path.write_text(TWO + "colour = 3\n")
    assert carriers_cli.main(["check", str(path)]) == carriers_cli.EXIT_BAD_CONFIG
    assert capsys.readouterr().err == f"{path}: carriers[1]: colour: unknown key\n"


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_serve_tells_its_ports_and_at_the_end_what_it_saw(file: str, number: signal.Signals) -> None:
    with background("carriers", "serve", "--config", file, "--stats-json") as process:
        assert process.stdout is not None
        ports = json.loads(process.stdout.readline())["ports"]
        assert ports.keys() == {"one", "two"}
        load = command(
            "esme", "load", "--system-id", "x", "--port", str(ports["two"]), "--count", "50", "--json"
        )
        assert json.loads(load.stdout)["receipts"] == 50
        process.send_signal(number)
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")
    seen = json.loads(output)
    assert seen["cpu_s"] >= 0.0
    two = seen["carriers"]["two"]
    names = ("submits", "messages", "distinct_ids", "receipts", "deliveries_answered")
    assert [two[name] for name in names] == [50] * 5
    assert seen["carriers"]["one"]["submits"] == 0


def test_serve_for_people_names_each_port(file: str) -> None:
    with background("carriers", "serve", "--config", file) as process:
        assert process.stdout is not None
        lines = [process.stdout.readline() for _ in range(2)]
        process.send_signal(signal.SIGINT)
        output, _ = process.communicate(timeout=TIMEOUT_S)
    assert [line.split(" listens on port ")[0] for line in lines] == ["one", "two"]
    assert output == ""


def test_a_port_base_numbers_the_carriers(file: str) -> None:
    base = free_pair()
    with background(
        "carriers", "serve", "--config", file, "--stats-json", "--port-base", str(base)
    ) as process:
        assert process.stdout is not None
        assert json.loads(process.stdout.readline())["ports"] == {"one": base, "two": base + 1}
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TIMEOUT_S)


def free_pair() -> int:
    """A port that is free together with the next one."""
    for port in range(20_000, 60_000, 2):
        with socket.socket() as one, socket.socket() as other:
            try:
                one.bind(("127.0.0.1", port))
                other.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port
    raise AssertionError("no free ports")


@pytest.mark.parametrize("base", ["0", "65535", "-1"])
def test_a_port_base_without_ports_is_refused(
    base: str, file: str, capsys: pytest.CaptureFixture[str]
) -> None:
    status = carriers_cli.main(["serve", "--config", file, "--port-base", base])
    assert status == carriers_cli.EXIT_BAD_COMMAND_LINE
    assert "--port-base" in capsys.readouterr().err


def test_a_port_that_is_taken_is_said_so(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        path = tmp_path / "carriers.toml"
        path.write_text(f'[[carriers]]\nname = "one"\nport = {port}\n')
        assert carriers_cli.main(["serve", "--config", str(path)]) == carriers_cli.EXIT_CANNOT_SERVE
    error = capsys.readouterr().err
    assert error.startswith("cannot listen: ")
    assert f"one on 127.0.0.1:{port}" in error


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    for arguments in (["--help"], ["serve", "--help"]):
        with pytest.raises(SystemExit) as caught:
            carriers_cli.main(arguments)
        assert caught.value.code == 0
    assert "examples:" in capsys.readouterr().out


def test_packs_are_listed_with_what_they_do(capsys: pytest.CaptureFixture[str]) -> None:
    assert carriers_cli.main(["packs"]) == carriers_cli.EXIT_OK
    lines = capsys.readouterr().out.splitlines()
    assert len(lines) == len(pack_names())
    (twice,) = [line for line in lines if line.startswith("receipt-twice ")]
    assert twice.endswith(pack_summary("receipt-twice"))
