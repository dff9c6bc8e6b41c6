"""Opening streams that come to nothing; handshakes are tried out in test_esme.py."""

import socket
import ssl

import pytest
import trio

from simulators.dial import dial

TLS_HANDSHAKE = 0x16


async def test_a_handshake_that_is_given_up_leaves_no_connection() -> None:
    listeners = await trio.open_tcp_listeners(0, host="127.0.0.1")
    port = listeners[0].socket.getsockname()[1]
    dialling = trio.CancelScope()
    ended = trio.Event()

    async def deaf(stream: trio.SocketStream) -> None:
        assert (await stream.receive_some())[0] == TLS_HANDSHAKE
        dialling.cancel()
        while await stream.receive_some():
            pass
        ended.set()

    async with trio.open_nursery() as nursery:
        nursery.start_soon(trio.serve_listeners, deaf, listeners)
        with dialling:
            await dial("127.0.0.1", port, ssl.create_default_context())
        assert dialling.cancelled_caught
        await ended.wait()
        nursery.cancel_scope.cancel()


async def test_a_name_that_nobody_has_is_an_os_error() -> None:
    with pytest.raises(socket.gaierror):
        await dial("nobody.invalid", 2775)
