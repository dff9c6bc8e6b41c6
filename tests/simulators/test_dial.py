"""Opening streams that come to nothing; handshakes are tried out in test_esme.py."""

import socket
import ssl

import pytest
import trio

from simulators.dial import dial


async def test_a_handshake_that_is_given_up_leaves_no_connection() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    received: list[bytes] = []

    async def deaf(stream: trio.SocketStream) -> None:
        received.extend([bytes(data) async for data in stream])
        nursery.cancel_scope.cancel()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, deaf, listeners)
        with trio.move_on_after(0.05) as scope:
            await dial("127.0.0.1", port, ssl.create_default_context())
        assert scope.cancelled_caught
        await trio.sleep_forever()
    assert received[0][:1] == b"\x16"


async def test_a_name_that_nobody_has_is_an_os_error() -> None:
    with pytest.raises(socket.gaierror):
        await dial("nobody.invalid", 2775)
