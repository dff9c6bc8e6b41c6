"""The demo as a newcomer meets it, in a process of its own."""

import json
import signal
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
END_S = 60.0


def demo(*arguments: str) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "smpp_router", "demo", "--port", "0", *arguments],
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def lines_until(process: subprocess.Popen[str], words: str) -> list[str]:
    assert process.stdout is not None
    lines: list[str] = []
    for line in process.stdout:
        lines.append(line)
        if words in line:
            return lines
    raise AssertionError(f"the demo ended without saying {words!r}")


def test_it_ends_by_itself_and_its_numbers_agree() -> None:
    stdout, stderr = demo("--duration", "4", "--json", "--rate", "60").communicate(timeout=END_S)
    assert stderr == ""
    summary = json.loads(stdout)
    assert summary["accepted"] == summary["ended"] + summary["in_flight"]
    assert 0 < summary["receipts"] <= summary["ended"]
    assert sum(summary["stats"].values()) == summary["receipts"]
    assert all(count > 0 for count in summary["by_customer"].values())
    assert summary["refused"] == 0


def test_ctrl_c_ends_it_cleanly_with_a_summary() -> None:
    process = demo()
    try:
        lines_until(process, "links up")
        process.send_signal(signal.SIGINT)
        stdout, stderr = process.communicate(timeout=END_S)
    finally:
        process.kill()
    assert process.returncode == 0
    assert stderr == ""
    assert "still in flight" in stdout


def test_the_snippet_that_it_shows_works_as_it_stands() -> None:
    process = demo()
    try:
        snippet = "".join(lines_until(process, "client.listen()")[1:])
        client = subprocess.Popen([sys.executable, "-u", "-c", snippet], stdout=subprocess.PIPE, text=True)
        try:
            line = lines_until(client, "stat:")[-1]
        finally:
            client.kill()
            client.communicate()
    finally:
        process.kill()
        process.communicate()
    assert line.startswith("b'id:")
