"""Running SMPP clients of other languages against a router."""

import shutil
import subprocess
from pathlib import Path

import pytest
import trio

HERE = Path(__file__).parent
CLIENT_S = 25.0


def needs(*command: str, reason: str) -> pytest.MarkDecorator:
    """Skip unless a command exists and succeeds: the client's language and library are there."""
    is_there = shutil.which(command[0]) is not None
    if is_there:
        done = subprocess.run(command, capture_output=True, check=False, timeout=CLIENT_S, cwd=HERE)
        is_there = done.returncode == 0
    return pytest.mark.skipif(not is_there, reason=reason)


async def run(*command: str) -> str:
    """Run a client to its end and return what it printed; its complaint is the test's."""
    with trio.fail_after(CLIENT_S):
        done = await trio.run_process(command, capture_stdout=True, capture_stderr=True, check=False)
    assert done.returncode == 0, done.stderr.decode()
    return done.stdout.decode()
