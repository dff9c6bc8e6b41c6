import argparse
import json
import socket
import threading
from pathlib import Path
from typing import Any
from xml.etree import ElementTree as ET

import pytest
from smpplib import client as smpplib_client
from smpplib import exceptions as smpplib_exceptions

from simulators.grade import cli
from simulators.grade.catalog import RULES

# smpplib has no types.
clients: Any = smpplib_client
CLIENT_S = 20.0


def parsed(*arguments: str) -> argparse.Namespace:
    parser = argparse.ArgumentParser()
    cli.add_parser(parser.add_subparsers(dest="command"))
    return parser.parse_args(["grade", *arguments])


def free_port() -> int:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        return one.getsockname()[1]


def connected(port: int) -> Any:
    """Connect as soon as somebody listens."""
    while True:
        client = clients.Client("127.0.0.1", port, timeout=5, allow_unknown_opt_params=True)
        try:
            client.connect()
        except smpplib_exceptions.ConnectionError:
            client.disconnect()
            threading.Event().wait(0.02)
        else:
            return client


def talk(port: int, bad: bool) -> None:
    """Bind, submit, take what comes, unbind; a bad client says UTF-8 is the default alphabet."""
    client = connected(port)
    try:
        converse(client, bad)
    finally:
        client.disconnect()


def converse(client: Any, bad: bool) -> None:
    client.bind_transceiver(system_id="bank", password="secret")
    answered: list[int] = []
    client.set_message_sent_handler(lambda pdu: answered.append(pdu.status))
    client.set_error_pdu_handler(lambda pdu: answered.append(pdu.status))
    client.send_message(
        source_addr_ton=5,
        source_addr="bank",
        dest_addr_ton=1,
        dest_addr_npi=1,
        destination_addr="8613900000001",
        short_message="价格".encode() if bad else b"Hello",
        registered_delivery=True,
    )
    while not answered:
        client.read_once()
    client.unbind()


def run_with_client(monkeypatch: pytest.MonkeyPatch, bad: bool, *arguments: str) -> int:
    monkeypatch.setattr(cli, "GONE_S", 0.2)
    monkeypatch.setattr(cli, "TICK_S", 0.05)
    port = free_port()
    client = threading.Thread(target=talk, args=(port, bad), daemon=True)
    client.start()
    status = cli.run(parsed("--port", str(port), *arguments))
    client.join(CLIENT_S)
    assert not client.is_alive()
    return status


def test_a_client_that_unbinds_ends_the_run_and_all_reports_are_written(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    paths = {kind: tmp_path / f"report.{kind}" for kind in ("json", "junit", "html")}
    options = [word for kind, path in paths.items() for word in (f"--{kind}", str(path))]
    assert run_with_client(monkeypatch, True, *options, "--fail-on", "violation") == cli.EXIT_FOUND
    said = json.loads(paths["json"].read_text("utf-8"))
    assert "utf8-as-default" in [finding["rule"] for finding in said["findings"]]
    suite = ET.fromstring(paths["junit"].read_text("utf-8"))  # noqa: S314 - written here
    assert suite.get("tests") == str(len(RULES))
    assert "utf8-as-default" in paths["html"].read_text("utf-8")
    out = capsys.readouterr().out
    assert out.startswith("grade listens on port ")
    assert "UTF-8 under data_coding 0" in out


def test_a_good_client_passes_a_file_of_carriers(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "carriers.toml"
    path.write_text('[[carriers]]\nname = "mine"\nport = 1\nwindow_max = 5\n', "utf-8")
    arguments = ("--config", str(path), "--fail-on", "manners", "--quiet")
    assert run_with_client(monkeypatch, False, *arguments) == cli.EXIT_OK
    assert capsys.readouterr().out.splitlines()[-1] == (
        "grade A: 100 - 0 x 10 (violations) - 0 x 3 (bad manners) = 100"
    )


def test_a_run_ends_after_its_seconds_and_nobody_is_no_pass(capsys: pytest.CaptureFixture[str]) -> None:
    arguments = parsed("--port", "0", "--seconds", "0.05", "--quiet", "--fail-on", "violation")
    assert cli.run(arguments) == cli.EXIT_FOUND
    assert "grade -" in capsys.readouterr().out
    assert cli.run(parsed("--port", "0", "--seconds", "0.05", "--quiet")) == cli.EXIT_OK


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--port", "65536"), "--port"),
        (("--seconds", "0"), "--seconds"),
        (("--seconds", "nan"), "--seconds"),
        (("--config", "x.toml", "--host", "::1"), "--host"),
        (("--html", "/nowhere/at/all/report.html"), "no such directory"),
    ],
)
def test_a_bad_command_line_is_named(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert cli.run(parsed(*arguments)) == cli.EXIT_BAD_COMMAND_LINE
    assert words in capsys.readouterr().err


def test_every_option_stands_in_the_documentation() -> None:
    page = (Path(__file__).parents[3] / "docs" / "simulator" / "grade.md").read_text("utf-8")
    options = {f"--{name.replace('_', '-')}" for name in vars(parsed()) if name != "command"}
    assert {option for option in options if f"`{option}" not in page} == set()


def test_a_bad_file_is_named(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert cli.run(parsed("--config", str(tmp_path / "none.toml"))) == cli.EXIT_BAD_CONFIG
    assert "none.toml" in capsys.readouterr().err


def test_a_port_that_is_taken_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as one:
        one.bind(("127.0.0.1", 0))
        one.listen()
        assert cli.run(parsed("--port", str(one.getsockname()[1]))) == cli.EXIT_CANNOT_SERVE
    assert "grade on 127.0.0.1" in capsys.readouterr().err
