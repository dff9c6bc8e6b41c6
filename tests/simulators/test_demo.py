"""The demo as a newcomer meets it, in a process of its own."""

import json
import os
import pty
import signal
import socket
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import pytest

from simulators import demo
from simulators.demo_world import CUSTOMERS

ROOT = Path(__file__).parents[2]
END_S = 60.0
TO_THE_OTHER_SCREEN, AND_BACK = "\x1b[?1049h", "\x1b[?1049l"
CURSOR_AWAY, CURSOR_BACK = "\x1b[?25l", "\x1b[?25h"


@contextmanager
def started(
    *arguments: str, cwd: Path = ROOT, port: str = "0"
) -> Generator[subprocess.Popen[str], None, None]:
    """A demo that runs; Ctrl-C, should it run still, so that it leaves nothing behind."""
    process = subprocess.Popen(
        [sys.executable, "-m", "smpp_router", "demo", "--port", port, *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=cwd,
        env=os.environ | {"PYTHONPATH": str(ROOT)},
    )
    try:
        yield process
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGINT)
        try:
            process.communicate(timeout=END_S)
        finally:
            process.kill()


def lines_until(process: subprocess.Popen[str], words: str) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"it ended without saying {words!r}")


def test_it_ends_by_itself_anywhere_and_its_numbers_agree(tmp_path: Path) -> None:
    with started("--duration", "6", "--json", "--rate", "60", cwd=tmp_path) as process:
        stdout, stderr = process.communicate(timeout=END_S)
    assert (process.returncode, stderr) == (0, "")
    summary = json.loads(stdout)
    assert summary["accepted"] == summary["ended"] + summary["in_flight"]
    assert sum(summary["states"].values()) == summary["ended"]
    assert summary["commits"] > 0
    customers = summary["customers"]
    assert {one["traffic_class"] for one in customers.values()} == {one.traffic_class for one in CUSTOMERS}
    for customer in customers.values():
        assert 0 < customer["receipts"] <= customer["accepted"]
        assert sum(customer["stats"].values()) == customer["receipts"]
        assert customer["refused"] == 0
    assert customers["courier"]["long_texts"] > 0
    assert {carrier["binds"] for carrier in summary["carriers"].values()} == {2, 3}
    assert all(0 < carrier["receipts"] <= carrier["taken"] for carrier in summary["carriers"].values())
    assert 0 < summary["submit_to_response_ms"]["p50"] < summary["submit_to_receipt_ms"]["p50"]
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM, signal.SIGHUP])
def test_ctrl_c_ends_it_cleanly_with_a_summary(number: signal.Signals, tmp_path: Path) -> None:
    with started(cwd=tmp_path) as process:
        lines_until(process, "Ctrl-C ends it")
        process.send_signal(number)
        stdout, stderr = process.communicate(timeout=END_S)
    assert (process.returncode, stderr) == (0, "")
    assert "still in flight" in stdout


def test_the_snippet_that_it_shows_works_as_it_stands() -> None:
    with started() as process:
        lines = lines_until(process, "client.listen()")
        snippet = "".join(lines[lines.index("import smpplib.client\n") :])
        client = subprocess.Popen(
            [sys.executable, "-u", "-c", snippet],
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )
        try:
            accepted, receipt = lines_until(client, "stat:")
        finally:
            client.kill()
            client.communicate()
    message_id = accepted.removeprefix("accepted ").strip().removeprefix("b'").removesuffix("'")
    assert receipt.startswith(f"b'id:{message_id} ")


def test_the_command_that_it_shows_works_as_it_stands() -> None:
    with started() as process:
        lines = lines_until(process, "--wait-receipt")
        sent = subprocess.run(
            ["sh", "-c", "".join(lines[-2:])],
            capture_output=True,
            text=True,
            cwd=ROOT,
            timeout=END_S,
            check=False,
        )
    assert (sent.returncode, sent.stderr) == (0, "")
    assert "status=ESME_ROK" in sent.stdout
    assert "stat=" in sent.stdout


def test_whoever_reads_it_may_stop_reading() -> None:
    with started("--duration", "4") as process:
        assert process.stdout is not None
        process.stdout.readline()
        process.stdout.close()
        process.wait(timeout=END_S)
        assert process.stderr is not None
        assert (process.returncode, process.stderr.read()) == (0, "")


def test_a_terminal_is_given_back_as_it_was() -> None:
    ours, theirs = pty.openpty()
    # What rich takes for the size; a new pty has none.
    process = subprocess.Popen(
        [sys.executable, "-m", "smpp_router", "demo", "--port", "0"],
        stdin=theirs,
        stdout=theirs,
        stderr=theirs,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "80", "LINES": "24", "TERM": "xterm"},
    )
    os.close(theirs)
    seen = ""
    try:
        while "client.listen()" not in seen:
            seen += read(ours)
        assert seen.index(TO_THE_OTHER_SCREEN) < seen.index("smpp-router demo")
        process.send_signal(signal.SIGINT)
        while rest := read(ours):
            seen += rest
        assert process.wait(timeout=END_S) == 0
    finally:
        process.kill()
        process.wait()
        os.close(ours)
    picture, after = seen.rsplit(AND_BACK, 1)
    assert CURSOR_AWAY in picture
    assert CURSOR_BACK in seen[seen.rindex(CURSOR_AWAY) :]
    assert "still in flight" in after
    assert "Traceback" not in seen


def read(descriptor: int) -> str:
    """What a terminal shows next; empty at its end, which Linux calls an error."""
    try:
        return os.read(descriptor, 65_536).decode("utf-8", "replace")
    except OSError:
        return ""


def test_a_port_that_was_asked_for_and_is_taken_is_said(capsys: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.1", 0))
        other.listen()
        port = str(other.getsockname()[1])
        with started("--duration", "1", port=port) as process:
            stdout, stderr = process.communicate(timeout=END_S)
    assert (process.returncode, stdout) == (demo.EXIT_CANNOT_SERVE, "")
    assert stderr == f"the demo cannot run: cannot listen on 127.0.0.1:{port}: Address already in use\n"
    assert capsys.readouterr().err == ""


@pytest.mark.parametrize(
    ("arguments", "words"),
    [
        (("--rate", "0"), "--rate: must be above 0 and at most 1000"),
        (("--rate", "1001"), "--rate: must be above 0 and at most 1000"),
        (("--rate", "nan"), "--rate: must be above 0"),
        (("--rate", "much"), "--rate: 'much' is not a number"),
        (("--duration", "0"), "--duration: must be above 0"),
        (("--duration", "inf"), "--duration: must be above 0"),
        (("--port", "65536"), "--port: must be a number from 0 to 65535"),
        (("--port", "-1"), "--port: "),
        (("--colour",), "unrecognized arguments"),
    ],
)
def test_a_bad_command_line_is_said(
    arguments: tuple[str, ...], words: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as caught:
        demo.main(arguments)
    assert caught.value.code == 2
    assert words in capsys.readouterr().err
