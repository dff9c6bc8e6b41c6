"""An ESME that waits to be called, and by whom it is not taken in."""

import pytest
import trio
import trio.testing

from simulators.called import OUTBIND_S, called_at, heard_outbind
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import Bind, Outbind

OUTBIND = encode(Outbind(sequence_number=1, system_id=b"mc", password=b"pw"))


async def test_an_outbind_is_read_and_not_an_octet_more() -> None:
    near, far = trio.testing.memory_stream_pair()
    await near.send_all(OUTBIND + b"rest")
    assert await heard_outbind(far)
    assert await far.receive_some() == b"rest"


@pytest.mark.parametrize(
    "said",
    [
        b"",
        OUTBIND[:10],
        OUTBIND[:-1],
        b"GET / HTTP/1.1\r\n",
        encode(Bind(sequence_number=1)),
        b"\xff" * 99,
    ],
)
async def test_anything_else_is_no_outbind(said: bytes) -> None:
    near, far = trio.testing.memory_stream_pair()
    await near.send_all(said)
    await near.send_eof()
    assert not await heard_outbind(far)


async def test_who_says_something_else_is_hung_up_on_and_the_next_one_heard() -> None:
    with trio.fail_after(OUTBIND_S):
        listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
        port = listeners[0].socket.getsockname()[1]
        await listeners[0].aclose()
        async with called_at("127.0.0.1", port) as connect:
            stranger = await trio.open_tcp_stream("127.0.0.1", port)
            await stranger.send_all(b"\0" * 16)
            carrier = await trio.open_tcp_stream("127.0.0.1", port)
            await carrier.send_all(OUTBIND)
            stream = await connect()
            assert await stranger.receive_some() == b""
            await stream.aclose()
            await carrier.aclose()
            await stranger.aclose()
