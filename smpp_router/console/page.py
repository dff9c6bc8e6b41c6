"""The page of reviewers: one file without anything from elsewhere."""

from functools import cache
from importlib import resources
from typing import Final

import trio
from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

_POLICY: Final = (
    "default-src 'none'; style-src 'unsafe-inline'; script-src 'unsafe-inline'; connect-src 'self';"
    " base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
"""What the page may do: its own style and script, and requests to this API."""
HEADERS: Final = {
    "Content-Security-Policy": _POLICY,
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "Cache-Control": "no-store",
}


@cache
def page() -> str:
    """The page; it has no data, and asks for a token."""
    return resources.files("smpp_router.console").joinpath("review.html").read_text("utf-8")


async def review_page(_: Request) -> Response:
    """GET /review."""
    await trio.lowlevel.checkpoint()
    return HTMLResponse(page(), headers=HEADERS)
