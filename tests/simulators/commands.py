"""The simulators' commands as processes of their own."""

import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]
TIMEOUT_S = 60.0


def environment(**more: str) -> dict[str, str]:
    """The environment without anything that changes what the commands do."""
    return {key: value for key, value in os.environ.items() if key != "SMPP_PASSWORD"} | more


def command(*arguments: str, **more: str) -> subprocess.CompletedProcess[str]:
    """Run `python -m simulators ...` to its end."""
    return subprocess.run(
        [sys.executable, "-m", "simulators", *arguments],
        cwd=ROOT,
        env=environment(**more),
        capture_output=True,
        text=True,
        timeout=TIMEOUT_S,
        check=False,
    )


def background(*arguments: str) -> subprocess.Popen[str]:
    """Start `python -m simulators ...`."""
    return subprocess.Popen(
        [sys.executable, "-m", "simulators", *arguments],
        cwd=ROOT,
        env=environment(),
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )
