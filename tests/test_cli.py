"""The command line, as its users see it."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from smpp_router import __version__
from smpp_router.cli import EXIT_BAD_CONFIG, EXIT_OK, EXIT_USAGE, main
from smpp_router.core.credentials import verify

ROOT = Path(__file__).parents[1]
SHIPPED = ROOT / "config" / "router.toml"
SMPP_ROUTER = [sys.executable, "-m", "smpp_router"]


def run(*arguments: str, given: str = "") -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [*SMPP_ROUTER, *arguments], input=given, capture_output=True, text=True, check=False, cwd=ROOT
    )


def test_check_says_what_a_good_configuration_amounts_to(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", str(SHIPPED)]) == EXIT_OK
    said = capsys.readouterr()
    assert "is good" in said.out
    assert "china-mobile (2 binds)" in said.out
    assert said.err == ""


def test_check_says_what_is_bad(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "router.toml"
    file.write_text("node_id = -1")
    assert main(["check", str(file)]) == EXIT_BAD_CONFIG
    said = capsys.readouterr()
    assert said.out == ""
    assert said.err.splitlines()[0] == f"{file}: node_id: must be from 0 to 1023, got -1"


def test_check_answers_programs_in_json(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["check", "--json", str(SHIPPED)]) == EXIT_OK
    said = json.loads(capsys.readouterr().out)
    assert said["ok"] is True
    assert said["errors"] == []
    assert said["summary"]["accounts"] == ["bank", "courier", "ministry", "shop"]

    assert main(["check", "--json", str(tmp_path / "none.toml")]) == EXIT_BAD_CONFIG
    said = json.loads(capsys.readouterr().out)
    assert said == {
        "ok": False,
        "errors": [f"{tmp_path}/none.toml: No such file or directory"],
        "summary": None,
    }


def test_check_shows_no_secret(capsys: pytest.CaptureFixture[str]) -> None:
    main(["check", str(SHIPPED)])
    main(["check", "--json", str(SHIPPED)])
    said = capsys.readouterr().out
    assert "scrypt" not in said
    assert "demopass" not in said


def test_check_warns_of_what_is_hardly_meant(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "router.toml"
    text = '[[listeners]]\nhost = "127.0.0.1"\n[store]\npath = "store"\n'
    file.write_text(text)
    assert main(["check", str(file)]) == EXIT_OK
    said = capsys.readouterr().out
    assert "nobody can bind" in said
    assert "every message is refused" in said

    secret = "scrypt$2$1$1$00$" + "00" * 32
    file.write_text(
        f'{text}[[accounts]]\nsystem_id = "bank"\nsecrets = ["{secret}"]\nallow_from = []\n'
        '[[carriers]]\nname = "idle"\nlinks = [{ host = "127.0.0.1", system_id = "r", password = "p" }]\n'
    )
    assert main(["check", str(file)]) == EXIT_OK
    said = capsys.readouterr().out
    assert "account bank: allow_from is empty" in said
    assert "carrier idle: no route names it" in said


def test_serve_does_not_start_on_a_bad_configuration(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["serve", "--config", str(tmp_path / "none.toml")]) == EXIT_BAD_CONFIG
    assert "none.toml: No such file or directory" in capsys.readouterr().err


@pytest.mark.parametrize(
    "arguments", [[], ["sreve"], ["serve"], ["check"], ["check", "a.toml", "--jsn"], ["secret", "demobank"]]
)
def test_bad_usage_is_told_with_status_2(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(arguments)
    assert stopped.value.code == EXIT_USAGE
    assert "usage: smpp-router" in capsys.readouterr().err


def test_the_version_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["--version"])
    assert capsys.readouterr().out == f"smpp-router {__version__}\n"


@pytest.mark.parametrize("command", ["serve", "check", "secret"])
def test_each_command_explains_itself_with_an_example(
    command: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as stopped:
        main([command, "--help"])
    assert stopped.value.code == EXIT_OK
    assert f"smpp-router {command}" in capsys.readouterr().out.split("example:")[1]


def test_a_secret_made_from_a_pipe_is_right_for_its_password_and_alone_on_stdout() -> None:
    done = run("secret", given="demobank\r\n")
    assert done.returncode == EXIT_OK
    assert done.stdout.count("\n") == 1
    assert verify(b"demobank", [done.stdout.strip()])
    assert done.stderr == ""


def test_two_secrets_of_one_password_differ() -> None:
    assert run("secret", given="demobank\n").stdout != run("secret", given="demobank\n").stdout


@pytest.mark.parametrize("password", ["", "\n", "gehëim\n", "tab\there\n"])
def test_a_password_that_smpp_cannot_carry_makes_no_secret(password: str) -> None:
    done = run("secret", given=password)
    assert done.returncode == EXIT_USAGE
    assert done.stdout == ""
    assert "printable ASCII" in done.stderr


def test_a_long_password_makes_a_secret_and_a_note() -> None:
    done = run("secret", given="ninechars\n")
    assert verify(b"ninechars", [done.stdout.strip()])
    assert "8 characters" in done.stderr


@pytest.mark.parametrize(("second", "status"), [("demobank", EXIT_OK), ("demobanj", EXIT_USAGE)])
def test_a_terminal_is_asked_twice_and_shows_nothing(second: str, status: int) -> None:
    terminal, theirs = os.openpty()
    # A session of its own has no other terminal that getpass could prefer.
    with subprocess.Popen(
        [*SMPP_ROUTER, "secret"],
        stdin=theirs,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        start_new_session=True,
        cwd=ROOT,
    ) as process:
        assert process.stdout is not None
        assert process.stderr is not None
        # Typed only when asked: what was typed before the echo is off would be thrown away.
        assert process.stderr.read(len("Password: ")) == b"Password: "
        os.write(terminal, b"demobank\n")
        assert process.stderr.read(len("\nOnce more: ")) == b"\nOnce more: "
        os.write(terminal, second.encode() + b"\n")
        printed, told = process.stdout.read(), process.stderr.read()
    os.close(theirs)
    os.close(terminal)
    assert process.returncode == status
    assert b"demoban" not in printed + told
    assert (status == EXIT_OK) == verify(b"demobank", [printed.decode().strip()] if printed else [])


def test_demo_hands_its_arguments_and_its_exit_status_on() -> None:
    helped = run("demo", "--help")
    assert helped.returncode == EXIT_OK
    assert "smpp-router demo" in helped.stdout
    assert run("demo", "--no-such-option").returncode == EXIT_USAGE
