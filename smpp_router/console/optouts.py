# Opt-outs over HTTP. A change is in force before it is durable, and answered when it is durable. What is told
# of the past is read from consents.log, in a thread: a million lines take seconds.
"""GET /optouts, /optouts/export, /optouts/audit; POST /optouts/add, /optouts/remove, /optouts/import."""

from collections.abc import AsyncIterator, Mapping, Sequence
from functools import partial
from itertools import islice
from typing import Any, Final, cast

import attrs
import trio
from starlette.requests import Request
from starlette.responses import JSONResponse, Response, StreamingResponse

from smpp_router import collector
from smpp_router.compliance.optout_files import (
    Form,
    Origin,
    RefusedError,
    consent_of,
    plain_number,
    read,
    row_of,
    written,
)
from smpp_router.compliance.optout_search import Wanted, holding, last_words
from smpp_router.config_api import ApiTokenConfig
from smpp_router.console.console import Console
from smpp_router.console.requests import body_of, octets_of
from smpp_router.console.values import BadRequest, only, value_of
from smpp_router.core.screening import Screening
from smpp_router.message.consent import Consent
from smpp_router.store.consents import read_consents

IMPORT_OCTETS_MAX: Final = 16 << 20
IMPORT_LINES_MAX: Final = 100_000
"""Of one import, which is one line of consents.log: written in some tenths of a second, during which no other
commit is made. Larger files are imported in pieces, or while the router does not run."""
SLICE: Final = 100
"""Words gone by between two moments at which the router gets its turn: a tenth of a millisecond."""
LIMIT_DEFAULT: Final = 100
LIMIT_MAX: Final = 10_000
DETAILS_MAX: Final = 1_000
"""Mistakes of an import that are told one by one."""
EXPORT_PIECE: Final = 100
"""Lines of an export between two such moments: less than a millisecond."""
TYPES: Final[Mapping[Form, str]] = {"csv": "text/csv; charset=utf-8", "jsonl": "application/x-ndjson"}

_ONE: Final = ("number", "account", "sender", "category", "reason")


class OptOutsApi:
    """The opt-outs of a running router."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._one_file = trio.Lock()
        """Words of two files at once would be durable in another order than they were heeded in."""

    # ------------------------------------------------------------------ what holds

    async def optouts(self, request: Request) -> Response:
        """Give the refusals that hold, the oldest first."""
        query = request.query_params
        only(query, ("number", "account", "sender", "category", "limit"))
        limit = min(value_of(query, "limit", LIMIT_DEFAULT, 1), LIMIT_MAX)
        wanted = wanted_of(query)
        path = self._console.running.config.store.path

        def look() -> list[dict[str, Any]]:
            found = holding(read_consents(path, wanted.needles()), wanted)
            return [row_of(consent) for consent in found[:limit]]

        count = self._screening().screener.optouts.count
        return JSONResponse({"count": count, "optouts": await self._console.search(look)})

    async def export(self, request: Request) -> Response:
        """Give all refusals that hold as a file."""
        query = request.query_params
        only(query, ("number", "account", "sender", "category", "format"))
        form, wanted = form_of(query), wanted_of(query)
        path = self._console.running.config.store.path
        lines = await self._console.search(
            lambda: written(list(holding(read_consents(path, wanted.needles()), wanted)), form)
        )

        async def pieces() -> AsyncIterator[str]:
            while piece := "".join(islice(lines, EXPORT_PIECE)):
                yield piece
                await trio.lowlevel.checkpoint()

        name = f'attachment; filename="optouts.{form}"'
        return StreamingResponse(pieces(), media_type=TYPES[form], headers={"Content-Disposition": name})

    async def audit(self, request: Request) -> Response:
        """Tell who has said what, and when, and what held before: the last first."""
        query = request.query_params
        only(query, ("number", "account", "sender", "category", "limit"))
        limit = min(value_of(query, "limit", LIMIT_DEFAULT, 1), LIMIT_MAX)
        wanted = wanted_of(query)
        path = self._console.running.config.store.path
        look = partial(last_words, read_consents(path, wanted.needles()), wanted, limit)
        return JSONResponse({"words": await self._console.search(look)})

    # ------------------------------------------------------------------ changes

    async def add(self, request: Request) -> Response:
        """Take up a refusal."""
        return await self._one(request, "refused")

    async def remove(self, request: Request) -> Response:
        """Take up that a recipient consents again."""
        return await self._one(request, "consented")

    async def _one(self, request: Request, state: str) -> Response:
        table = await body_of(request)
        only(table, _ONE)
        screening = self._screening()
        try:
            consent = consent_of(table | {"state": state}, self._origin(request))
        except RefusedError as error:
            raise BadRequest(422, error.problems[0], error.problems[1:]) from None
        exchange = self._console.running.exchange
        optouts = screening.screener.optouts
        before = [row_of(one) for one in optouts.standing(consent.account, consent.number)]
        is_changed = screening.consent(consent, exchange.commit)
        after = [row_of(one) for one in optouts.standing(consent.account, consent.number)]
        await self._durable(consent)
        return JSONResponse(
            {"changed": is_changed, "said": row_of(consent), "before": before, "after": after}
        )

    async def load(self, request: Request) -> Response:
        """Take up what a whole file says, or nothing of it."""
        query = request.query_params
        only(query, ("format", "account", "reason"))
        form = form_of(query)
        origin = attrs.evolve(
            self._origin(request),
            by="file",
            account=value_of(query, "account", ""),
            reason=value_of(query, "reason", ""),
        )
        screening = self._screening()
        octets = await octets_of(request, IMPORT_OCTETS_MAX)
        async with self._one_file:
            # The collector would walk over a hundred thousand words, for ten milliseconds and more than once.
            # What stays of them it does not see (compliance/optout.py): nothing has to be hidden for good.
            with collector.paused():
                try:
                    consents = await trio.to_thread.run_sync(read, octets, form, origin, IMPORT_LINES_MAX)
                except RefusedError as error:
                    raise _refused_file(error.problems) from None
                lines = len(consents)
                changing, refused = await self._heeded(screening, consents)
                changed = len(changing)
                if changing:
                    await self._durable(changing[-1])
                while changing:
                    del changing[-SLICE:]
                    await trio.lowlevel.checkpoint()
        return JSONResponse(
            {"lines": lines, "added": refused, "removed": changed - refused, "unchanged": lines - changed}
        )

    async def _heeded(self, screening: Screening, consents: list[Consent]) -> tuple[list[Consent], int]:
        """Go by words a few at a time, stage those that change something; return them, and how many refuse.

        `consents` is empty then.
        """
        changing: list[Consent] = []
        refused = 0
        consents.reverse()
        screening.meanwhile = []
        try:
            while consents:
                # Out of the list one by one, so that those which change nothing, and are not written again,
                # do not go all at once: the same file may come every night.
                for _ in range(min(SLICE, len(consents))):
                    consent = consents.pop()
                    if screening.heed(consent):
                        changing.append(consent)
                        refused += consent.is_refusal
                await trio.lowlevel.checkpoint()
        finally:
            meanwhile, screening.meanwhile = screening.meanwhile, None
        if changing:
            # At once, so that they are one line, and a crash leaves all of them or none. What a recipient has
            # said meanwhile is durable before them, and would be undone by them after a restart.
            staged = self._console.running.exchange.commit.batch.consents
            staged += changing
            staged += meanwhile
        return changing, refused

    async def _durable(self, consent: Consent) -> None:
        exchange = self._console.running.exchange

        def is_staged() -> bool:
            commits = (exchange.commit, exchange.committing)
            return any(
                one is consent for commit in commits if commit for one in reversed(commit.batch.consents)
            )

        await self._console.durable(is_staged)

    def _screening(self) -> Screening:
        screening = self._console.running.exchange.screening
        if screening is None:
            raise BadRequest(409, "this router has no section [compliance], so nothing is held to opt-outs")
        return screening

    def _origin(self, request: Request) -> Origin:
        running = self._console.running
        operator = cast(ApiTokenConfig, request.scope["operator"])
        accounts = frozenset(running.exchange.accounts)
        return Origin(now=running.clock.now(), by="api", who=operator.name, accounts=accounts)


def _refused_file(problems: Sequence[str]) -> BadRequest:
    more = [f"... and {len(problems) - DETAILS_MAX} more"] if len(problems) > DETAILS_MAX else []
    mistakes = "1 mistake" if len(problems) == 1 else f"{len(problems):,} mistakes"
    return BadRequest(422, f"{mistakes}; nothing was imported", [*problems[:DETAILS_MAX], *more])


def wanted_of(query: Mapping[str, Any]) -> Wanted:
    """Read which opt-outs are asked for. Raises BadRequest."""
    number = value_of(query, "number", "")
    if number and not plain_number(number):
        raise BadRequest(422, "number: must be 3 to 20 digits in international form")
    return Wanted(
        number=plain_number(number),
        account=value_of(query, "account", ""),
        sender=value_of(query, "sender", ""),
        category=value_of(query, "category", ""),
    )


def form_of(query: Mapping[str, Any]) -> Form:
    """Read which form a file has. Raises BadRequest."""
    form = value_of(query, "format", "csv")
    if form not in TYPES:
        raise BadRequest(422, "format: must be csv or jsonl")
    return form
