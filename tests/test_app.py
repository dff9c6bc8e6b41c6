"""The router as a process: what an operator sees of it."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from smpp_router.cli import main

ROOT = Path(__file__).parents[1]
END_S = 60.0


def write_config(directory: Path, port: int) -> Path:
    path = directory / "router.toml"
    path.write_text(
        f'[[listeners]]\nhost = "127.0.0.1"\nport = {port}\n\n'
        f'[store]\npath = "store"\ndisk_free_min_bytes = 0\n'
    )
    return path


def start(config: Path) -> subprocess.Popen[str]:
    return subprocess.Popen(
        [sys.executable, "-m", "smpp_router", "serve", "--config", str(config)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )


def wait_for(process: subprocess.Popen[str], words: str) -> str:
    assert process.stderr is not None
    for line in process.stderr:
        if words in line:
            return line
    raise AssertionError(f"the router ended without saying {words!r}")


@pytest.mark.parametrize("number", [signal.SIGINT, signal.SIGTERM])
def test_it_serves_until_a_signal_and_ends_cleanly(tmp_path: Path, number: signal.Signals) -> None:
    process = start(write_config(tmp_path, 0))
    try:
        port = int(wait_for(process, "serving on ports").rsplit(" ", 1)[1])
        with socket.create_connection(("127.0.0.1", port), timeout=END_S):
            os.kill(process.pid, number)
            _, rest = process.communicate(timeout=END_S)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in rest


def test_a_port_that_is_taken_is_named_and_the_status_is_3(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        process = start(write_config(tmp_path, port))
        _, stderr = process.communicate(timeout=END_S)
    assert process.returncode == 3
    assert f"cannot listen on 127.0.0.1:{port}" in stderr
    assert "Traceback" not in stderr


def test_a_store_that_is_in_use_is_named_and_the_status_is_3(tmp_path: Path) -> None:
    config = write_config(tmp_path, 0)
    first = start(config)
    try:
        wait_for(first, "serving on ports")
        second = start(config)
        _, stderr = second.communicate(timeout=END_S)
    finally:
        first.kill()
        first.communicate(timeout=END_S)
    assert second.returncode == 3
    assert str(tmp_path / "store") in stderr
    assert "Traceback" not in stderr


def test_lexicons_that_are_not_there_are_named_and_the_status_is_1(tmp_path: Path) -> None:
    config = write_config(tmp_path, 0)
    config.write_text(config.read_text("utf-8") + '\n[compliance]\nlexicons = "nowhere"\n', "utf-8")
    process = start(config)
    _, said = process.communicate(timeout=20)
    assert process.returncode == 1
    assert f"{tmp_path / 'nowhere'}: is no folder" in said
    assert "Traceback" not in said


def test_sighup_reloads_and_a_bad_file_is_refused_with_its_place(tmp_path: Path) -> None:
    config = write_config(tmp_path, 0)
    good = config.read_text("utf-8")
    process = start(config)
    try:
        wait_for(process, "serving on ports")
        config.write_text(f"{good}\n[health]\nlate_s = 4.0\n\n[nonsense]\n", "utf-8")
        os.kill(process.pid, signal.SIGHUP)
        assert f"reload refused: {config}: nonsense: unknown key" in wait_for(process, "reload refused")
        assert "stays in force" in wait_for(process, "reload refused")
        config.write_text(f"{good}\n[health]\nlate_s = 4.0\n", "utf-8")
        os.kill(process.pid, signal.SIGHUP)
        assert "health: changed (late_s)" in wait_for(process, "reloaded")
        config.write_text(f"node_id = 9\n{good}", "utf-8")
        os.kill(process.pid, signal.SIGHUP)
        assert wait_for(process, "needs a restart").endswith(": node_id\n")
        os.kill(process.pid, signal.SIGTERM)
        _, rest = process.communicate(timeout=END_S)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in rest


def test_sighup_takes_up_a_lexicon_that_a_command_changed(tmp_path: Path) -> None:
    config = write_config(tmp_path, 0)
    config.write_text(config.read_text("utf-8") + '\n[compliance]\nlexicons = "words"\n', "utf-8")
    words = tmp_path / "words"
    words.mkdir()
    process = start(config)
    try:
        wait_for(process, "serving on ports")
        add = ["lexicon", "add", str(words), "--term", "飞天套餐", "--category", "odd_offer"]
        assert main(add) == 0
        os.kill(process.pid, signal.SIGHUP)
        assert "compliance: changed (files)" in wait_for(process, "reloaded")
        (words / "bad.tsv").write_text("no head line", "utf-8")
        os.kill(process.pid, signal.SIGHUP)
        assert "reload refused: " + str(words / "bad.tsv") in wait_for(process, "reload refused")
        (words / "bad.tsv").unlink()
        os.kill(process.pid, signal.SIGHUP)
        assert "reloaded: 0 changes" in wait_for(process, "reloaded")
        os.kill(process.pid, signal.SIGTERM)
        _, rest = process.communicate(timeout=END_S)
    finally:
        process.kill()
    assert process.returncode == 0
    assert "Traceback" not in rest
