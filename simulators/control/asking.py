"""What all requests of the HTTP API have in common: a body, and waits that end when their client has gone."""

from collections.abc import Callable
from contextlib import aclosing
from typing import Any, Final

import trio
from starlette.requests import Request

from smpp_router.console.values import BadRequest, parse_object

BODY_OCTETS_MAX: Final = 1 << 20
"""The largest body of a request; a hundred changes or the longest message have a fraction of it."""
POLL_S: Final = 0.02
"""How often a wait looks whether messages have come."""
WAIT_S_MAX: Final = 3_600.0


async def body_of(request: Request) -> dict[str, Any]:
    """Read a request's JSON object, up to a size."""
    octets = b""
    async with aclosing(request.stream()) as pieces:
        async for piece in pieces:
            octets += piece
            if len(octets) > BODY_OCTETS_MAX:
                raise BadRequest(413, f"the body must be at most {BODY_OCTETS_MAX} octets")
    return parse_object(octets)


class Waits:
    """Requests that wait, at most so many."""

    def __init__(self, waits_max: int) -> None:
        self._waits_max = waits_max
        self._waiting = 0

    def __len__(self) -> int:
        return self._waiting

    async def until(self, is_met: Callable[[], bool], request: Request, timeout_s: float) -> None:
        """Wait until something is so, its client has gone, or for so long. BadRequest for one too many."""
        if self._waiting >= self._waits_max:
            raise BadRequest(409, f"no more than {self._waits_max} requests may wait")
        self._waiting += 1
        try:
            async with trio.open_nursery() as nursery:
                nursery.start_soon(_until_gone, request, nursery.cancel_scope)
                with trio.move_on_after(min(timeout_s, WAIT_S_MAX)):
                    while not is_met():  # noqa: ASYNC110 - nobody tells that a message has come
                        await trio.sleep(POLL_S)
                nursery.cancel_scope.cancel()
        finally:
            self._waiting -= 1


async def _until_gone(request: Request, scope: trio.CancelScope) -> None:
    """Cancel a wait whose client has gone away: nobody would read the answer."""
    while (await request.receive())["type"] != "http.disconnect":
        pass
    scope.cancel()
