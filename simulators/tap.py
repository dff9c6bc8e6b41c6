# A tap sees what a connection carries as it is on the wire: whole reads and writes. Without taps a
# connection's stream is not wrapped, so they cost nothing.
"""Listening to connections."""

from collections.abc import Callable, Sequence
from typing import Protocol

import trio


class Tap(Protocol):
    """Who listens. Times are unix seconds; `connection` counts from 1."""

    def connected(self, connection: int, carrier: str, peer: str, now: float) -> None:
        """A peer has connected to a carrier."""

    def octets(self, connection: int, is_from_peer: bool, data: bytes, now: float) -> None:
        """One read or one write."""

    def closed(self, connection: int, now: float) -> None:
        """The connection has ended."""


class TappedStream(trio.abc.Stream):
    """A stream whose reads and writes are heard."""

    def __init__(
        self, stream: trio.abc.Stream, number: int, taps: Sequence[Tap], now: Callable[[], float]
    ) -> None:
        self._stream = stream
        self._number = number
        self._taps = taps
        self._now = now

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send, heard as it begins: what the peer says because of it comes after it."""
        for tap in self._taps:
            tap.octets(self._number, False, bytes(data), self._now())
        await self._stream.send_all(data)

    async def wait_send_all_might_not_block(self) -> None:
        """See trio."""
        await self._stream.wait_send_all_might_not_block()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Receive, and have it heard."""
        data = await self._stream.receive_some(max_bytes)
        if data:
            for tap in self._taps:
                tap.octets(self._number, True, bytes(data), self._now())
        return data

    async def aclose(self) -> None:
        """See trio."""
        await self._stream.aclose()


def peer_of(stream: trio.abc.Stream) -> str:
    """Return who is at the other end: `host:port`, or nothing of a stream that is no socket's."""
    if not isinstance(stream, trio.SocketStream):
        return ""
    try:
        host, port = stream.socket.getpeername()[:2]
    except OSError:  # it has gone already
        return ""
    return f"[{host}]:{port}" if ":" in host else f"{host}:{port}"
