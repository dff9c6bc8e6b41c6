# An ESME that waits to be called: the MC connects and says outbind, and then the ESME binds on that
# connection (SMPP 3.4 section 4.1.7). Who says anything else first, or nothing, is hung up on.
"""Waiting for an MC's outbind."""

import struct
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from typing import Final

import trio

from simulators.esme import Connect
from smpp_router.wire import constants as c

OUTBIND_S: Final = 10.0
"""For the outbind, after the MC has connected."""
HEADER_OCTETS: Final = 16
OUTBIND_OCTETS_MAX: Final = HEADER_OCTETS + 256
"""Of a system_id and a password, with room for those that are longer than they should be."""


@asynccontextmanager
async def called_at(host: str, port: int) -> AsyncGenerator[Connect, None]:
    """Listen; what it gives returns the next connection on which an MC has said outbind.

    Raises OSError if the port can't be had.
    """
    listener, *others = await trio.open_tcp_listeners(port, host=host)
    for other in others:
        await other.aclose()

    async def connect() -> trio.abc.Stream:
        while True:
            stream = await listener.accept()
            is_called = False
            try:
                with trio.move_on_after(OUTBIND_S):
                    is_called = await heard_outbind(stream)
            finally:
                if not is_called:
                    await trio.aclose_forcefully(stream)
            if is_called:
                return stream

    async with listener:
        yield connect


async def heard_outbind(stream: trio.abc.ReceiveStream) -> bool:
    """Read one PDU and not an octet more; tell whether it is an outbind."""
    header = await _exactly(stream, HEADER_OCTETS)
    if len(header) < HEADER_OCTETS:
        return False
    command_length, command_id, _, _ = struct.unpack(">IIII", header)
    if command_id != c.OUTBIND or not HEADER_OCTETS <= command_length <= OUTBIND_OCTETS_MAX:
        return False
    body = await _exactly(stream, command_length - HEADER_OCTETS)
    return len(body) == command_length - HEADER_OCTETS


async def _exactly(stream: trio.abc.ReceiveStream, count: int) -> bytes:
    """Read so many octets; fewer if the stream ends before."""
    read = b""
    while len(read) < count:
        try:
            more = await stream.receive_some(count - len(read))
        except trio.BrokenResourceError:
            return read
        if not more:
            return read
        read += more
    return read
