"""What the API has answered survives kill -9: opt-outs and decisions of reviewers."""

import re
import signal
import subprocess
import sys
from collections.abc import Generator
from contextlib import contextmanager
from pathlib import Path

import httpx

from simulators.esme import open_esme
from tests.console.screened import GOOD, HELD
from tests.console.served import TOKEN, secret
from tests.router_fixtures import NUMBER, PASSWORD, message_ids
from tests.router_fixtures import secret as account_secret

ROOT = Path(__file__).parents[2]
OPTED_OUT = 0x413


def write_config(folder: Path) -> Path:
    path = folder / "router.toml"
    path.write_text(f"""
listeners = [{{ host = "127.0.0.1", port = 0 }}]
store = {{ path = "store", disk_free_min_bytes = 0 }}
classes = [{{ name = "offers" }}]
carriers = [{{ name = "mobile", links = [
    {{ host = "127.0.0.1", port = 1, system_id = "router", password = "demopass" }}] }}]
routes = {{ default = ["mobile"] }}
[[accounts]]
system_id = "shop"
secrets = ["{account_secret()}"]
allow_from = ["127.0.0.1"]
traffic_class = "offers"
[api]
port = 0
tokens = [{{ name = "ops", secrets = ["{secret(TOKEN)}"], access = "change" }}]
[compliance]
marketing_hours = {{ since = "00:00", until = "24:00" }}
registrations = [{{ account = "shop", kind = "shop" }}]
[[compliance.classes]]
name = "offers"
kind = "marketing"
actions = {{ UNSUBSCRIBE_MISSING = "hold" }}
""")
    return path


@contextmanager
def router(config: Path) -> Generator[tuple[subprocess.Popen[str], httpx.Client, int], None, None]:
    """A router in a process of its own, a client of its API, and its port."""
    process = subprocess.Popen(
        [sys.executable, "-m", "smpp_router", "serve", "--config", str(config)],
        stderr=subprocess.PIPE,
        text=True,
        cwd=ROOT,
    )
    try:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if "api on" in line:
                break
        port = re.search(r"serving on ports (\d+)", said)
        url = re.search(r"api on (\S+)", said)
        assert port, said
        assert url, said
        headers = {"Authorization": f"Bearer {TOKEN}"}
        with httpx.Client(base_url=url[1], headers=headers, timeout=20.0, trust_env=False) as client:
            yield process, client, int(port[1])
    finally:
        process.kill()
        process.communicate()


async def test_what_was_answered_is_there_after_kill_9(tmp_path: Path) -> None:
    config = write_config(tmp_path)
    said = {"reviewer": "li", "reason": "a customer of ours"}
    with router(config) as (process, client, port):
        async with open_esme("127.0.0.1", port, "shop", PASSWORD) as esme:
            accepted, waiting = message_ids(
                [*await esme.submit(NUMBER, HELD), *await esme.submit(NUMBER, HELD + "！")]
            )
        client.post(f"/reviews/{accepted.decode()}", json=said | {"decision": "accept"}).raise_for_status()
        one = {"number": "8613900000002", "account": "shop"}
        client.post("/optouts/add", json=one).raise_for_status()
        process.send_signal(signal.SIGKILL)
    with router(config) as (process, client, port):
        assert client.get("/optouts").json()["count"] == 1
        async with open_esme("127.0.0.1", port, "shop", PASSWORD) as esme:
            (answer,) = await esme.submit("8613900000002", GOOD)
            assert answer.command_status == OPTED_OUT
        held = client.get("/reviews").json()
        assert [item["id"] for item in held["reviews"]] == [waiting.decode()]
        assert client.get("/status").json()["carriers"]["mobile"]["queued"] == 1
