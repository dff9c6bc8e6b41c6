"""GET /reviews, /reviews/decided, /reviews/{id}; POST /reviews/{id}: people decide about held messages."""

from collections import deque
from collections.abc import Mapping
from itertools import islice
from typing import Any, Final, cast

import attrs
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from smpp_router.compliance.optout_files import REASON_MAX
from smpp_router.config_api import ApiTokenConfig
from smpp_router.console.console import Console
from smpp_router.console.requests import body_of
from smpp_router.console.values import BadRequest, only, value_of
from smpp_router.core.reviewing import Decision, HeldItem, Reviewing
from smpp_router.core.screening import Screening
from smpp_router.message.review import Lapsed, Review
from smpp_router.store.reviews import read_reviews

LIMIT_DEFAULT: Final = 50
LIMIT_MAX: Final = 200
"""Held messages in one answer: each is decoded anew, in some tens of microseconds."""
DECIDED_MAX: Final = 1_000
REVIEWER_MAX: Final = 100
_LAPSED: Final = {
    "expired": "its validity has ended",
    "cancelled": "its sender has taken it back",
    "opted out": "its recipient has refused such messages",
}
_VERDICTS: Final = {"accept": True, "refuse": False}


class ReviewsApi:
    """The held messages of a running router."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._reviewing: tuple[Screening, Reviewing] | None = None

    # ------------------------------------------------------------------ what is held

    async def reviews(self, request: Request) -> Response:
        """Give the held messages, the oldest first."""
        query = request.query_params
        only(query, ("account", "after", "limit"))
        limit = min(value_of(query, "limit", LIMIT_DEFAULT, 1), LIMIT_MAX)
        after = self._id(query["after"]) if query.get("after") else 0
        count, items = self._held().listed(value_of(query, "account", ""), after, limit)
        return JSONResponse(
            {
                "now": self._console.running.clock.now(),
                "held": count,
                "reviews": [self._shown(item) for item in items],
            }
        )

    async def review(self, request: Request) -> Response:
        """Give one held message."""
        item = self._held().item(self._id(request.path_params["message_id"]))
        if item is None:
            raise BadRequest(404, "no such message is held")
        return JSONResponse(self._shown(item))

    async def decided(self, request: Request) -> Response:
        """Tell what was decided, the last first, and what ended before anybody had decided."""
        query = request.query_params
        only(query, ("limit",))
        limit = min(value_of(query, "limit", LIMIT_DEFAULT, 1), DECIDED_MAX)
        path = self._console.running.config.store.path
        last = await self._console.search(lambda: list(deque(read_reviews(path), maxlen=limit)))
        lapsed = islice(reversed(self._screening().holding.lapsed), limit)
        return JSONResponse(
            {
                "decided": [self._told(review) for review in reversed(last)],
                "lapsed": [self._lapsed(one) for one in lapsed],
            }
        )

    # ------------------------------------------------------------------ decisions

    async def decide(self, request: Request) -> Response:
        """Accept or refuse one held message; answered when that is durable and carried out."""
        table = await body_of(request)
        message_id = self._id(request.path_params["message_id"])
        operator = cast(ApiTokenConfig, request.scope["operator"])
        decision = decision_of(table, operator.name)
        running, reviewing = self._console.running, self._held()
        exchange = running.exchange
        made = reviewing.stage(message_id, decision, running.clock.now(), exchange.commit)
        if made is None:
            raise BadRequest(409, self._why_not(message_id))

        def is_staged() -> bool:
            commits = (exchange.commit, exchange.committing)
            return any(one is made[0] for commit in commits if commit for one in commit.batch.reviews)

        try:
            await self._console.durable(is_staged)
            is_done = reviewing.carry_out(made, running.clock.now(), exchange.commit)
        finally:
            reviewing.forget(made)
        running.committer.wake()
        if not is_done:
            raise BadRequest(409, self._why_not(message_id))
        return JSONResponse({"decided": [self._told(review) for review in made]})

    def _why_not(self, message_id: int) -> str:
        lapsed = next((one for one in self._screening().holding.lapsed if one.message_id == message_id), None)
        if lapsed is None:
            return "the message is not held, or not any more: somebody has decided, or it has ended"
        return _LAPSED[lapsed.why]

    # ------------------------------------------------------------------ values

    def _screening(self) -> Screening:
        screening = self._console.running.exchange.screening
        if screening is None:
            raise BadRequest(409, "this router has no section [compliance], so nothing is held")
        return screening

    def _held(self) -> Reviewing:
        screening = self._screening()
        if self._reviewing is None or self._reviewing[0] is not screening:
            exchange = self._console.running.exchange
            self._reviewing = screening, Reviewing(screening.holding, exchange.retries, exchange.accounts)
        return self._reviewing[1]

    def _id(self, text: str) -> int:
        message_id = self._console.running.exchange.issuer.parse(text.encode())
        if message_id is None:
            raise BadRequest(422, f"{text[:64]!r} is no message_id of this router")
        return message_id

    def _text(self, message_id: int) -> str:
        return self._console.running.exchange.issuer.text(message_id).decode()

    def _shown(self, item: HeldItem) -> dict[str, Any]:
        verdict = item.verdict
        decisive = verdict.decisive
        return {
            "id": self._text(item.message_ids[0]),
            "parts": [self._text(message_id) for message_id in item.message_ids],
            "account": item.account,
            "class": item.traffic_class,
            "source": item.source,
            "destination": item.destination,
            "text": item.text,
            "since": item.since,
            "expires_at": item.expires_at,
            "reason": verdict.reason,
            "finding": None if decisive is None else decisive.name,
            "illicit": verdict.illicit,
            "categories": dict(sorted(verdict.categories, key=lambda pair: -pair[1])[:5]),
            "symbols": [symbol.as_json() for symbol in verdict.symbols],
            "versions": {
                "lexicon": verdict.lexicon_version,
                "model": verdict.model_version,
                "configuration": verdict.configuration_version,
            },
        }

    def _told(self, review: Review) -> dict[str, Any]:
        return attrs.asdict(review) | {"message_id": self._text(review.message_id)}

    def _lapsed(self, lapsed: Lapsed) -> dict[str, Any]:
        return attrs.asdict(lapsed) | {"message_id": self._text(lapsed.message_id)}


def decision_of(table: Mapping[str, Any], operator: str) -> Decision:
    """Read what a reviewer says. Raises BadRequest."""
    only(table, ("decision", "reviewer", "reason"))
    said = value_of(table, "decision", "")
    if said not in _VERDICTS:
        raise BadRequest(422, "decision: must be accept or refuse")
    words: dict[str, str] = {}
    for key, longest in (("reviewer", REVIEWER_MAX), ("reason", REASON_MAX)):
        words[key] = value_of(table, key, "").strip()
        if not words[key] or len(words[key]) > longest:
            raise BadRequest(422, f"{key}: must be 1 to {longest} characters")
    return Decision(is_accepted=_VERDICTS[said], operator=operator, **words)
