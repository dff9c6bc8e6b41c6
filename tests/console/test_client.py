"""The client of the API."""

from pathlib import Path

import pytest
import trio

from smpp_router.console.client import ApiClient, AskError
from tests.console.served import TOKEN, served


async def test_answers_refusals_and_their_details_come_through(tmp_path: Path) -> None:
    async with served(tmp_path) as api:

        def ask() -> None:
            with ApiClient(api.url.removeprefix("http://"), TOKEN) as client:
                assert client.get("/alarms", limit=None)["active"] == []
                with pytest.raises(AskError, match="no carrier x"):
                    client.get("/carriers/x")
                with pytest.raises(AskError, match="format: must be csv or jsonl"):
                    list(client.lines("/optouts/export", format="xml"))
                assert "number,account" in "".join(client.lines("/optouts/export"))

        await trio.to_thread.run_sync(ask)


def test_nobody_there_and_no_token_are_told() -> None:
    with pytest.raises(AskError, match="SMPP_ROUTER_TOKEN"):
        ApiClient("http://127.0.0.1:1", "")
    with pytest.raises(AskError, match="printable"):
        ApiClient("http://127.0.0.1:1", "ü")
    with ApiClient("http://127.0.0.1:1", TOKEN) as client, pytest.raises(AskError, match="http://127"):
        client.get("/status")
    with pytest.raises(AskError), ApiClient("http://127.0.0.1:99999", TOKEN) as client:
        client.get("/status")
