"""Connections of the API, and their limit."""

from pathlib import Path

import trio

from smpp_router.console.http import HEAD_OCTETS_MAX
from tests.console.served import api_config, served


async def ended(stream: trio.SocketStream) -> bool:
    """Whether the other side closes without a word."""
    with trio.move_on_after(5):
        try:
            return await stream.receive_some(1) == b""
        except trio.BrokenResourceError:
            return True
    return False


async def test_a_connection_above_the_limit_is_closed_and_those_below_are_served(tmp_path: Path) -> None:
    async with served(tmp_path, api=api_config(connections_max=2)) as api:
        await api.get("/status")
        port = int(api.url.rpartition(":")[2])
        async with await trio.open_tcp_stream("127.0.0.1", port) as second:
            await second.send_all(b"GET / HTTP/1.1\r\nHost: x\r\n")
            async with await trio.open_tcp_stream("127.0.0.1", port) as third:
                assert await ended(third)
            await api.get("/status")
            await second.send_all(b"\r\n")
            assert (await second.receive_some(20)).startswith(b"HTTP/1.1 401")


async def test_a_head_without_end_is_refused(tmp_path: Path) -> None:
    async with served(tmp_path) as api:
        port = int(api.url.rpartition(":")[2])
        async with await trio.open_tcp_stream("127.0.0.1", port) as stream:
            await stream.send_all(b"GET / HTTP/1.1\r\nX: " + b"x" * (HEAD_OCTETS_MAX + 100))
            with trio.fail_after(5):
                assert not (await stream.receive_some(20)).startswith(b"HTTP/1.1 2")
        await api.get("/status")
