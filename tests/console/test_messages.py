"""Messages asked for over HTTP."""

from pathlib import Path
from typing import Any

import pytest

from tests.console.served import Served, served
from tests.router_fixtures import NUMBER, message_ids, until

OTHER = "8613900000002"


async def sent(api: Served) -> list[str]:
    async with api.world.esme() as esme:
        ids = message_ids([*await esme.submit(NUMBER, "hello"), *await esme.submit(OTHER, "hello")])
        await until(lambda: not len(api.world.running.exchange.flight), "the receipts")
    await until(lambda: api.world.running.committer.is_idle, "the last commit")
    return [message_id.decode() for message_id in ids]


async def test_a_message_is_told_with_its_events_by_id_and_by_number(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        first, second = await sent(api)
        told = await api.get(f"/messages/{first}")
        assert told["message"]["destination_addr"] == NUMBER
        assert told["message_state"] == "DELIVERED"
        assert "taken" in [event["event"] for event in told["events"]]
        found = (await api.get("/messages", number=f"+{OTHER}"))["messages"]
        assert [one["message_id"] for one in found] == [second]
        both = (await api.get("/messages", account="bank", state="delivered", since="1h"))["messages"]
        assert [one["message_id"] for one in both] == [second, first]
        assert (await api.get("/messages", account="bank", limit=1))["messages"] == both[:1]
        assert (await api.get("/messages", account="bank", until="2020-01-01"))["messages"] == []
        assert (await api.get("/messages", account="shop"))["messages"] == []


@pytest.mark.parametrize(
    ("query", "named"),
    [
        ("", "say what to look for"),
        ("?limit=5", "say what to look for"),
        ("?acount=bank", "acount: unknown"),
        ("?account=bank&limit=x", "limit: must be"),
        ("?state=gone", "state: must be one of"),
        ("?number=abc", "number: 'abc' is no number in international form"),
        ("?number=8613x&account=bank", "number: '8613x' is no number"),
        ("?number=%2B", "number: '+' is no number"),
        ("?number=%2B%2B86139", "number: '++86139' is no number"),
        ("?number=%D9%A3", "is no number"),
        ("?since=yesterday", "since: not a time"),
        ("?since=" + 9 * "%C2%B2", "since: not a time"),
        ("/none", "'none' is no message_id"),
    ],
)
async def test_a_question_that_is_none_is_refused_and_named(tmp_path: Path, query: str, named: str) -> None:
    async with served(tmp_path) as api:
        status, problem = await api.refused("GET", f"/messages{query}")
        assert status == 422
        assert named in problem


async def test_what_nothing_is_known_of_is_not_found(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        answer: Any = await api.refused("GET", "/messages/12345")
        assert answer == (404, "nothing is known of 12345")
