"""`smpp-router optout`, straight into a store and by a router's API."""

import json
from pathlib import Path

import pytest
import trio

from smpp_router.cli import main
from smpp_router.store.consents import read_consents
from smpp_router.store.lock import locked
from tests.config_files import SECRET
from tests.console.screened import screening
from tests.console.served import TOKEN, secret, served
from tests.router_fixtures import NUMBER

ONE = ["--number", NUMBER, "--account", "shop"]


def config_file(folder: Path, store: Path, api_port: int | None = None) -> str:
    text = f"""
[[listeners]]
host = "127.0.0.1"
[store]
path = "{store}"
[[accounts]]
system_id = "shop"
secrets = ["{SECRET}"]
allow_from = []
"""
    if api_port is not None:
        text += f'[api]\nport = {api_port}\ntokens = [{{ name = "ops", secrets = ["{secret(TOKEN)}"] }}]\n'
    path = folder / "router.toml"
    path.write_text(text)
    return str(path)


def test_without_a_router_words_go_straight_into_the_store(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", config_file(tmp_path, tmp_path / "store")]
    assert main(["optout", "add", *ONE, *config, "--reason", "电话投诉"]) == 0
    assert f"changed: {NUMBER} refuses shop marketing" in capsys.readouterr().out
    (consent,) = read_consents(tmp_path / "store")
    assert (consent.by, consent.reason) == ("cli", "电话投诉")
    assert main(["optout", "list", *config, "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["optouts"][0]["number"] == NUMBER
    assert main(["optout", "export", *config, "--file", str(tmp_path / "out.jsonl")]) == 0
    assert main(["optout", "remove", *ONE, *config]) == 0
    assert main(["optout", "import", str(tmp_path / "out.jsonl"), *config]) == 0
    assert "1 lines: 1 added, 0 removed, 0 as before" in capsys.readouterr().out
    assert main(["optout", "audit", *config, "--number", NUMBER]) == 0
    told = capsys.readouterr().out.splitlines()
    assert len(told) == 6
    assert "refused before: nothing; after: shop marketing" in told[1]


def test_what_is_wrong_is_told_with_status_1_and_changes_nothing(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = ["--config", config_file(tmp_path, tmp_path / "store")]
    assert main(["optout", "add", "--number", "x", "--account", "other", *config]) == 1
    assert capsys.readouterr().err.splitlines() == [
        "optout: number: must be 3 to 20 digits in international form",
        "optout: account: there is no account other",
    ]
    (tmp_path / "bad.csv").write_text(f"number\n{NUMBER}\nx\n")
    assert main(["optout", "import", str(tmp_path / "bad.csv"), "--account", "shop", *config]) == 1
    assert "line 3: number" in capsys.readouterr().err
    assert main(["optout", "import", str(tmp_path / "none.csv"), *config]) == 1
    assert capsys.readouterr().err == f"optout: {tmp_path / 'none.csv'}: No such file or directory\n"
    assert list(read_consents(tmp_path / "store")) == []


def test_a_router_without_an_api_is_told_of(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = config_file(tmp_path, tmp_path / "store")
    with locked(tmp_path / "store"):
        assert main(["optout", "add", *ONE, "--config", config]) == 1
        assert "has no [api]" in capsys.readouterr().err
        assert main(["optout", "list", "--config", config]) == 0


async def test_a_running_router_is_asked_by_its_api(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMPP_ROUTER_TOKEN", TOKEN)
    async with served(tmp_path, **screening()) as api:
        port = int(api.url.rpartition(":")[2])
        config = config_file(tmp_path, tmp_path, port)
        (tmp_path / "in.csv").write_text(f"number\n{NUMBER}\n")

        def commands() -> None:
            assert main(["optout", "add", *ONE, "--config", config]) == 0
            file = [str(tmp_path / "in.csv"), "--account", "shop"]
            assert main(["optout", "import", *file, "--url", api.url]) == 0
            assert main(["optout", "list", "--url", api.url]) == 0
            assert main(["optout", "audit", "--url", api.url, "--number", NUMBER]) == 0
            assert main(["optout", "export", "--url", api.url]) == 0
            assert main(["optout", "add", "--number", "1", "--account", "shop", "--url", api.url]) == 1

        await trio.to_thread.run_sync(commands)
        assert api.world.running.exchange.screening is not None
        assert api.world.running.exchange.screening.screener.optouts.count == 1
    told = capsys.readouterr()
    assert "1 lines: 0 added, 0 removed, 1 as before" in told.out
    assert "api ops" in told.out
    assert f"{NUMBER},shop,,marketing,refused" in told.out
    assert "number: must be" in told.err
