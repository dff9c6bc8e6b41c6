"""`smpp-esme send` and `listen`: what they print, how they end."""

import json
import signal
import socket

import pytest

from simulators import esme_cli
from simulators.control.fixtures import CarrierFactory
from tests.simulators.commands import TIMEOUT_S, background, command


def arguments(port: int, action: str = "send", *more: str) -> list[str]:
    given = [action, "--port", str(port), "--system-id", "bank", *more]
    return [*given, "--to", "8613900000001"] if action == "send" else given


def said(capsys: pytest.CaptureFixture[str]) -> list[dict[str, str]]:
    return [json.loads(line) for line in capsys.readouterr().out.splitlines()]


def test_send_prints_each_part_and_each_receipt(
    ports: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--password", "secret", "--text", "您好" * 60, "--wait-receipt", "--json", "--from", "BANK")
    assert esme_cli.main(arguments(ports["good"], "send", *more)) == esme_cli.EXIT_OK
    *parts, first, second = said(capsys)
    assert [(part["part"], part["parts"], part["status"]) for part in parts] == [
        (1, 2, "ESME_ROK"),
        (2, 2, "ESME_ROK"),
    ]
    assert {first["receipt"], second["receipt"]} == {part["message_id"] for part in parts}
    assert (first["stat"], first["err"]) == ("DELIVRD", "000")


@pytest.mark.parametrize("method", ["udh8", "udh16", "sar", "payload"])
def test_a_long_text_can_be_carried_in_four_ways(
    method: str, ports: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    more = ("--password", "secret", "--text", "long " * 50, "--method", method, "--json")
    assert esme_cli.main(arguments(ports["good"], "send", *more)) == esme_cli.EXIT_OK
    assert len(said(capsys)) == (1 if method == "payload" else 2)


def test_for_people_it_is_a_line_each(ports: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    assert esme_cli.main(arguments(ports["good"], "send", "--password", "secret", "--text", "hi")) == 0
    assert capsys.readouterr().out.startswith("part=1  parts=1  status=ESME_ROK  message_id=3B9ACA")


def test_the_password_may_come_from_the_environment(ports: dict[str, int]) -> None:
    given = ("esme", *arguments(ports["good"], "send", "--text", "hi"))
    assert command(*given, SMPP_PASSWORD="secret").returncode == esme_cli.EXIT_OK
    refused = command(*given, SMPP_PASSWORD="other")
    assert refused.returncode == esme_cli.EXIT_NO_BIND
    assert refused.stderr == f"127.0.0.1:{ports['good']}: bind refused: ESME_RINVPASWD\n"


def test_a_refused_message_is_told(ports: dict[str, int], capsys: pytest.CaptureFixture[str]) -> None:
    given = arguments(ports["refusing"], "send", "--text", "hi", "--json", "--wait-receipt")
    assert esme_cli.main(given) == esme_cli.EXIT_REFUSED
    assert said(capsys)[0]["status"] == "ESME_RSYSERR"


def test_a_receipt_that_does_not_come_is_not_waited_for_without_end(
    ports: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    given = arguments(ports["silent"], "send", "--text", "hi", "--json", "--wait-receipt", "--wait-s", "0.05")
    assert esme_cli.main(given) == esme_cli.EXIT_REFUSED
    captured = capsys.readouterr()
    message_id = json.loads(captured.out)["message_id"]
    assert captured.err == f"no final receipt within 0.05 s: {message_id}\n"


def test_nor_when_the_connection_ends_meanwhile(
    smpp_carrier_factory: CarrierFactory, capsys: pytest.CaptureFixture[str]
) -> None:
    carrier = smpp_carrier_factory(changes={"outcomes": {"NONE": 1.0}, "faults.lasts_s": 0.3})
    given = ["send", "--port", str(carrier.port), "--system-id", carrier.system_id, "--to", "8613900000001"]
    more = ["--password", carrier.password, "--text", "hi", "--wait-receipt"]
    assert esme_cli.main(given + more) == esme_cli.EXIT_REFUSED
    message_id = carrier.messages[0].message_id
    assert capsys.readouterr().err == f"no final receipt before the connection ended: {message_id}\n"


@pytest.mark.parametrize(
    ("more", "status", "error"),
    [
        (["--text", "hi", "--insecure"], 3, "no TLS: "),
        (["--text", "hi", "--ca", "/nowhere.pem"], 2, "/nowhere.pem: can't be read"),
        (["--text", "hi", "--from", "much too long a name for it"], 2, "source_addr"),
        (["--text", "long" * 20_000], 2, "parts"),
    ],
)
def test_what_is_wrong_is_one_line(
    more: list[str], status: int, error: str, ports: dict[str, int], capsys: pytest.CaptureFixture[str]
) -> None:
    assert esme_cli.main(arguments(ports["silent"], "send", *more)) == status
    said_of_it = capsys.readouterr().err
    assert error in said_of_it
    assert len(said_of_it.splitlines()) == 1


def test_nobody_there_is_said_so(capsys: pytest.CaptureFixture[str]) -> None:
    assert esme_cli.main(arguments(1, "send", "--text", "hi")) == esme_cli.EXIT_NO_BIND
    assert capsys.readouterr().err == "127.0.0.1:1: Connection refused\n"


def test_listen_prints_what_is_delivered_and_stops_when_told(ports: dict[str, int]) -> None:
    peer = ("--port", str(ports["good"]), "--system-id", "bank", "--password", "secret")
    with background("esme", "listen", *peer, "--bind", "receiver", "--json", "--count", "3") as process:
        assert process.stdout is not None
        # Bound as transmitter, the sender gets no receipts; they wait for the listener.
        sent = command(
            "esme",
            "load",
            *peer,
            "--bind",
            "transmitter",
            "--binds",
            "1",
            "--count",
            "3",
            "--drain-s",
            "0.2",
            "--json",
        )
        assert json.loads(sent.stdout)["accepted"] == 3
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")
    assert [json.loads(line)["stat"] for line in output.splitlines()] == ["DELIVRD"] * 3


def test_ctrl_c_ends_listen_in_good_order(ports: dict[str, int]) -> None:
    peer = ("--port", str(ports["mixed"]), "--system-id", "listener")
    with background("esme", "listen", *peer, "--reconnect") as process:
        assert process.stdout is not None
        command("esme", "load", *peer, "--bind", "transmitter", "--count", "1", "--drain-s", "0.2")
        assert process.stdout.readline().startswith("receipt=")
        process.send_signal(signal.SIGINT)
        output, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, output, errors) == (0, "", "")


def test_who_connects_again_is_told_why_it_has_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port = server.getsockname()[1]
    peer = ("--port", str(port), "--system-id", "listener")
    with background("esme", "listen", *peer, "--reconnect") as process:
        assert process.stderr is not None
        assert process.stderr.readline() == f"127.0.0.1:{port}: Connection refused; trying again\n"
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_who_waits_for_a_bind_can_be_ended(number: signal.Signals) -> None:
    with socket.create_server(("127.0.0.1", 0)) as server:
        peer = ("--port", str(server.getsockname()[1]), "--system-id", "listener")
        with background("esme", "listen", *peer) as process:
            stream, _ = server.accept()
            with stream:
                assert stream.recv(1), "the bind, which nobody answers"
                process.send_signal(number)
                _, errors = process.communicate(timeout=TIMEOUT_S)
    assert (process.returncode, errors) == (0, "")


def test_a_message_can_not_move_a_terminals_cursor() -> None:
    assert list(esme_cli.pairs({"text": "a\x1b[2Jb\n您"})) == ["text=a\\x1b[2Jb\\n您"]


@pytest.mark.parametrize("action", ["send", "load", "listen"])
def test_help_has_examples(action: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        esme_cli.main([action, "--help"])
    assert caught.value.code == 0
    assert f"smpp-esme {action} --system-id" in capsys.readouterr().out


def test_a_bad_command_line_is_2() -> None:
    with pytest.raises(SystemExit) as caught:
        esme_cli.main(["send"])
    assert caught.value.code == esme_cli.EXIT_BAD_COMMAND_LINE
