"""Reading the bodies of requests, within limits of size and time."""

from contextlib import aclosing
from typing import Any, Final

import trio
from starlette.requests import Request

from smpp_router.console.values import BadRequest, parse_object

BODY_OCTETS_MAX: Final = 1 << 20
"""Of a JSON body: the largest order of the API has a thousandth of it."""
BODY_S_MAX: Final = 60.0
"""For a body to come: who dawdles longer holds a connection for nothing."""


async def octets_of(request: Request, octets_max: int = BODY_OCTETS_MAX) -> bytes:
    """Read a request's body. Raises BadRequest for one that is too large or too slow."""
    pieces: list[bytes] = []
    size = 0
    with trio.move_on_after(BODY_S_MAX) as scope:
        async with aclosing(request.stream()) as stream:
            async for piece in stream:
                size += len(piece)
                if size > octets_max:
                    raise BadRequest(413, f"the body must be at most {octets_max:,} octets")
                pieces.append(piece)
    if scope.cancelled_caught:
        raise BadRequest(408, f"the body did not come within {BODY_S_MAX:g} s")
    return b"".join(pieces)


async def body_of(request: Request) -> dict[str, Any]:
    """Read a request's JSON object. Raises BadRequest."""
    return parse_object(await octets_of(request))
