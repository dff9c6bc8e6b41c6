"""What happened to messages, asked over HTTP: the same files and the same answers as `smpp-router trace`."""

import argparse
from collections.abc import Mapping
from typing import Any, Final

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from smpp_router.console.console import Console
from smpp_router.console.values import BadRequest, only, value_of
from smpp_router.store.archive import Archive, Search
from smpp_router.store.history_events import Keeping
from smpp_router.trace.arguments import LIMIT, STATES, is_number, time_of
from smpp_router.trace.command import as_json, life_of

LIMIT_MAX: Final = 200
"""Messages in one answer, each with all its events."""
_FILTERS: Final = ("number", "account", "campaign", "sender", "state", "since", "until", "limit")


class MessagesApi:
    """GET /messages and /messages/{id}."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._archive: Archive | None = None

    async def message(self, request: Request) -> Response:
        """Tell the life of one message."""
        text: str = request.path_params["message_id"]
        issuer = self._console.running.exchange.issuer
        message_id = issuer.parse(text.encode())
        if message_id is None:
            raise BadRequest(422, f"{text[:64]!r} is no message_id of this router")

        def look() -> dict[str, Any] | None:
            archive = self._opened()
            told = archive.by_id([message_id]).get(message_id)
            return None if told is None else as_json(life_of(archive, told), issuer)

        found = await self._console.search(look)
        if found is None:
            raise BadRequest(404, f"nothing is known of {text}")
        return JSONResponse(found)

    async def messages(self, request: Request) -> Response:
        """Tell the last messages that fit, the newest first."""
        query = request.query_params
        only(query, _FILTERS)
        if not any(query.get(name) for name in _FILTERS if name != "limit"):
            raise BadRequest(422, f"say what to look for: {', '.join(_FILTERS[:-1])}")
        # A + that was not quoted has come as a blank.
        number = value_of(query, "number", "").strip()
        if query.get("number") and not is_number(number):
            raise BadRequest(422, f"number: {number[:64]!r} is no number in international form")
        limit = min(value_of(query, "limit", LIMIT, 1), LIMIT_MAX)
        search = _search(query)
        issuer = self._console.running.exchange.issuer

        def look() -> list[dict[str, Any]]:
            archive = self._opened()
            found = archive.by_number(number, limit, search) if number else archive.search(search, limit)
            return [as_json(life_of(archive, told), issuer) for told in found]

        return JSONResponse({"messages": await self._console.search(look)})

    def _opened(self) -> Archive:
        """The archive; one for all searches, which are one at a time: it remembers what it has read."""
        if self._archive is None:
            store = self._console.running.config.store
            keeping = Keeping(retention_s=store.history_s, campaign_tag=store.history_campaign_tag)
            self._archive = Archive(store.path, keeping)
        return self._archive


def _search(query: Mapping[str, str]) -> Search:
    state = value_of(query, "state", "").upper()
    if state and state not in STATES:
        raise BadRequest(422, f"state: must be one of {', '.join(sorted(STATES))}")
    return Search(
        account=query.get("account") or None,
        campaign=query.get("campaign") or None,
        source_addr=query.get("sender") or None,
        message_state=STATES[state] if state else None,
        since=_time(query, "since") or 0.0,
        until=_time(query, "until"),
    )


def _time(query: Mapping[str, str], key: str) -> float | None:
    text = query.get(key, "")
    if not text:
        return None
    if text.isascii() and text.isdigit() and len(text) > 8:
        return float(text)
    try:
        return time_of(text)
    except argparse.ArgumentTypeError as error:
        raise BadRequest(422, f"{key}: {error}, or unix seconds") from None
