"""`smpp-router review`, by the API of a running router."""

from pathlib import Path

import pytest
import trio

from smpp_router.cli import main
from tests.console.screened import HELD, screening
from tests.console.served import TOKEN, served
from tests.router_fixtures import NUMBER, message_ids
from tests.test_cli_optout import config_file


async def test_held_messages_are_listed_shown_and_decided_about(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("SMPP_ROUTER_TOKEN", TOKEN)
    async with served(tmp_path, **screening()) as api, api.world.esme("shop") as esme:
        ids = message_ids([*await esme.submit(NUMBER, HELD), *await esme.submit(NUMBER, HELD)])
        first, second = (message_id.decode() for message_id in ids)
        place = ["--config", config_file(tmp_path, tmp_path, int(api.url.rpartition(":")[2]))]
        said = ["--reviewer", "李四", "--reason", "老客户"]

        def commands() -> None:
            assert main(["review", "list", *place]) == 0
            assert main(["review", "show", first, *place]) == 0
            assert main(["review", "accept", first, *said, *place]) == 0
            assert main(["review", "refuse", second, *said, "--url", api.url]) == 0
            assert main(["review", "refuse", second, *said, *place]) == 1
            assert main(["review", "decided", *place]) == 0
            assert main(["review", "list", "--json", *place]) == 0

        await trio.to_thread.run_sync(commands)
    told = capsys.readouterr()
    assert "2 held" in told.out
    assert "UNSUBSCRIBE_MISSING" in told.out
    assert HELD in told.out
    assert f"{second:20} refused   李四 (ops): 老客户" in told.out
    assert '"held": 0' in told.out
    assert "lexicon none, model none, configuration " in told.out
    assert "review: the message is not held" in told.err


def test_a_configuration_without_an_api_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    config = config_file(tmp_path, tmp_path / "store")
    assert main(["review", "list", "--config", config]) == 1
    assert "no [api]" in capsys.readouterr().err
