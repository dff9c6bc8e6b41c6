"""The API as a whole: routes, refusals, beginning and end."""

import logging
from pathlib import Path

import pytest
import trio

from smpp_router.console import status
from smpp_router.console.api import serve_api
from smpp_router.net.router import ListenError
from tests.console.served import LOOKER, api_config, client_of, served


async def test_the_index_names_the_routes_and_what_is_none_is_told_in_json(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        assert "GET /messages/{message_id}" in (await api.get("/"))["routes"]
        assert await api.refused("GET", "/nothing") == (404, "Not Found")
        assert (await api.refused("DELETE", "/status"))[0] == 405


async def test_nobody_is_answered_without_a_token_not_even_about_what_there_is(tmp_path: Path) -> None:
    async with served(tmp_path) as api, client_of(api.url, "") as nobody:
        for path in ("/", "/status", "/nothing"):
            answer = await nobody.get(path)
            assert (answer.status_code, answer.headers["www-authenticate"]) == (401, "Bearer")
            assert "error" in answer.json()


async def test_who_may_look_only_may_not_change_anything(tmp_path: Path) -> None:
    async with served(tmp_path) as api, client_of(api.url, LOOKER) as looker:
        assert (await looker.get("/status")).status_code == 200
        answer = await looker.post("/status", json={})
        assert (answer.status_code, answer.json()["error"]) == (403, "the token looker may look only")


async def test_a_port_that_is_taken_is_named(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        port = int(api.url.rpartition(":")[2])
        assert api.world.store is not None
        with pytest.raises(ListenError, match=rf"api: cannot listen on 127\.0\.0\.1:{port}: .*in use"):
            await serve_api(api_config(port=port), api.world.running, api.world.store)


async def test_a_request_that_is_half_there_does_not_hold_up_the_end(tmp_path: Path) -> None:
    with trio.fail_after(10):
        async with served(tmp_path) as api:
            stream = await trio.open_tcp_stream("127.0.0.1", int(api.url.rpartition(":")[2]))
            await stream.send_all(b"GET /status HTTP/1.1\r\nHost: x\r\n")
        await stream.aclose()


async def test_a_fault_of_ours_is_answered_and_logged_without_what_it_says(
    tmp_path: Path, caplog: pytest.LogCaptureFixture, monkeypatch: pytest.MonkeyPatch
) -> None:
    def broken(_: object) -> None:
        raise ValueError("8613900000001")

    async with served(tmp_path) as api:
        with caplog.at_level(logging.ERROR), monkeypatch.context() as patched:
            patched.setattr(status, "statistics", broken)
            assert (await api.refused("GET", "/status"))[0] == 500
        assert "api fault=ValueError method=GET at" in caplog.text
        assert "status.py" in caplog.text
        assert "8613900000001" not in caplog.text
        assert "versions" in await api.get("/status")
