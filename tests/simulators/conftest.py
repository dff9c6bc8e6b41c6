"""Simulated carriers that run beside the tests of the commands."""

import json
import signal
from collections.abc import Iterator

import pytest

from tests.simulators.commands import TIMEOUT_S, background

CONFIG = """
[[carriers]]
name = "good"
port = 0
accounts = [{ system_id = "bank", password = "secret" }]
message_ids = "hex"

[[carriers]]
name = "mixed"
port = 0
outcomes = { DELIVRD = 1, UNDELIV = 1 }

[[carriers]]
name = "silent"
port = 0
outcomes = { NONE = 1 }

[[carriers]]
name = "refusing"
port = 0
errors = { ESME_RSYSERR = 1 }
"""


@pytest.fixture(scope="session")
def ports(tmp_path_factory: pytest.TempPathFactory) -> Iterator[dict[str, int]]:
    """The ports of carriers, by name. Only the good one has an account: bank, with the password secret."""
    file = tmp_path_factory.mktemp("carriers") / "carriers.toml"
    file.write_text(CONFIG)
    with background("carriers", "serve", "--config", str(file), "--stats-json") as process:
        assert process.stdout is not None
        yield json.loads(process.stdout.readline())["ports"]
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=TIMEOUT_S)
