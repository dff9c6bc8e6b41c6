# Who may ask. Every request shows a token; the configuration has scrypt strings only.
#
# Rule 1: a token that was right is known by a keyed digest for as long as its secret stands in the
#         configuration, so that only the first request of an operator costs scrypt's 50 ms, in a thread.
# Rule 2: one scrypt at a time, and a pause after each token that was wrong: guessing takes no more than a
#         twentieth of a core, however many try. Who would have to wait for too many others is told so.
# Rule 3: the time of an answer does not tell which token nearly was right: digests and hashes are compared
#         in constant time, and a wrong token is held against all.
"""Letting in who has a token."""

import secrets
from collections.abc import Callable, Sequence
from typing import Final, cast

import trio
from starlette.responses import JSONResponse, Response
from starlette.types import ASGIApp, Receive, Scope, Send

from smpp_router.config_api import ApiTokenConfig
from smpp_router.core.credentials import CredentialCache, verify

WRONG_PAUSE_S: Final = 1.0
"""After a wrong token, before the next unknown one is looked at."""
CHECKS_MAX: Final = 16
"""Unknown tokens that may wait to be looked at; tokens that are known wait for nothing."""
TOKEN_OCTETS_MAX: Final = 256
REQUESTS_MAX: Final = 32
"""Requests at once: some of them search files, and the router has other things to do."""
OPEN_PATHS: Final = frozenset({"/review"})
"""Pages without any data: their scripts ask for a token, and show it with each request."""

_CHANGING: Final = frozenset({"POST", "PUT", "PATCH", "DELETE"})
_SCHEME: Final = b"bearer "


class Tokens:
    """Tells whose a token is."""

    def __init__(self, configured: Callable[[], Sequence[ApiTokenConfig]]) -> None:
        """`configured` gives the tokens of now: a reload changes them."""
        self._configured = configured
        self._cache = CredentialCache(secrets.token_bytes(32))
        self._limiter = trio.CapacityLimiter(1)
        self._checks = 0
        self.wrong = 0

    def known(self, token: bytes) -> ApiTokenConfig | None:
        """Whose it is, if it was right before."""
        found = None
        for one in self._configured():
            if self._cache.knows(one.name.encode(), token, one.secrets):
                found = one
        return found

    @property
    def is_busy(self) -> bool:
        """Whether too many unknown tokens wait already."""
        return self._checks >= CHECKS_MAX

    async def checked(self, token: bytes) -> ApiTokenConfig | None:
        """Whose it is; None: nobody's."""
        self._checks += 1
        try:
            async with self._limiter:
                # It may have been looked at while this one waited.
                found = self.known(token)
                if found is None:
                    found = await trio.to_thread.run_sync(_owner, token, tuple(self._configured()))
                if found is None:
                    self.wrong += 1
                    await trio.sleep(WRONG_PAUSE_S)
                else:
                    self._cache.remember(found.name.encode(), token, found.secrets)
                return found
        finally:
            self._checks -= 1


def _owner(token: bytes, configured: Sequence[ApiTokenConfig]) -> ApiTokenConfig | None:
    found = None
    for one in configured:
        if verify(token, one.secrets):
            found = one
    return found


class Guard:
    """The outermost layer of the application: tokens, rights, and how much may go on at once."""

    def __init__(self, app: ASGIApp, tokens: Tokens) -> None:
        self._app = app
        self._tokens = tokens
        self._requests = 0

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Let a request pass, with its operator in the scope, or refuse it."""
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        if self._requests >= REQUESTS_MAX:
            busy = JSONResponse({"error": "too many requests at once"}, 503, {"Retry-After": "1"})
            await busy(scope, receive, send)
            return
        self._requests += 1
        try:
            refusal = await self._refusal(scope)
            await (self._app if refusal is None else refusal)(scope, receive, send)
        finally:
            self._requests -= 1

    async def _refusal(self, scope: Scope) -> Response | None:
        if scope["path"] in OPEN_PATHS:
            return None
        headers = dict(cast("list[tuple[bytes, bytes]]", scope["headers"]))
        given = headers.get(b"authorization", b"")
        token = given[len(_SCHEME) :].strip() if given.lower().startswith(_SCHEME) else b""
        if not token:
            return _unauthorised("a token is asked for: Authorization: Bearer ...")
        operator = self._tokens.known(token) if len(token) <= TOKEN_OCTETS_MAX else None
        if operator is None:
            if self._tokens.is_busy:
                return JSONResponse({"error": "too many wrong tokens are being tried"}, 503)
            if len(token) <= TOKEN_OCTETS_MAX:
                operator = await self._tokens.checked(token)
        if operator is None:
            return _unauthorised("the token is wrong")
        if operator.access == "read" and scope["method"] in _CHANGING:
            return JSONResponse({"error": f"the token {operator.name} may look only"}, 403)
        scope["operator"] = operator
        return None


def _unauthorised(why: str) -> Response:
    return JSONResponse({"error": why}, 401, {"WWW-Authenticate": "Bearer"})
