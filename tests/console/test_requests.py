"""Bodies of requests: their limits."""

import pytest
import trio
from starlette.requests import Request
from starlette.types import Message
from trio.testing import MockClock

from smpp_router.console.requests import BODY_OCTETS_MAX, BODY_S_MAX, body_of, octets_of
from smpp_router.console.values import BadRequest


def request_of(*pieces: bytes, pause_s: float = 0.0) -> Request:
    left = list(pieces)

    async def receive() -> Message:
        await trio.sleep(pause_s)
        piece = left.pop(0)
        return {"type": "http.request", "body": piece, "more_body": bool(left)}

    return Request({"type": "http", "method": "POST", "headers": []}, receive)


async def test_a_body_comes_in_pieces() -> None:
    assert await body_of(request_of(b'{"a"', b": 1}")) == {"a": 1}


async def test_a_body_above_the_limit_is_refused_before_all_of_it_has_come() -> None:
    endless = request_of(*([bytes(1 << 19)] * 100))
    with pytest.raises(BadRequest) as caught:
        await octets_of(endless)
    assert caught.value.status == 413
    assert f"{BODY_OCTETS_MAX:,}" in caught.value.problem


async def test_a_body_that_dawdles_is_refused(autojump_clock: MockClock) -> None:
    with pytest.raises(BadRequest) as caught:
        await octets_of(request_of(*[b"x"] * 100, pause_s=BODY_S_MAX / 10))
    assert caught.value.status == 408
