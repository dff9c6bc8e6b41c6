# A wire is a TCP connection in memory, both ends of it, with what a network does to one: it breaks, it goes
# silent and stays open, it stands still for a while.
#
# Rule 1: what was written before a wire broke and had not been read by then is lost, as a reset loses it.
# Rule 2: a silent wire takes everything and delivers nothing, its end included: neither side is told.
# Rule 3: `lost_from` says from when on writes never arrived: what a judge must know of who was told what.
"""Connections of a simulated world."""

import math
from collections.abc import Callable
from typing import Final

import attrs
import trio

BUFFER_BYTES: Final = 256 * 1024
"""What is on its way in one direction; who writes more waits for the reader."""

Witness = Callable[["Wire", bool, bytes], None]
"""Is shown each write, also one that is lost: the wire, whether its near end wrote, and what."""


@attrs.define(eq=False)
class _Pipe:
    """One direction of a wire."""

    buffer: bytearray = attrs.Factory(bytearray)
    is_ended: bool = False
    oldest_at: float = math.inf
    """When the first of what is in the buffer was written."""
    lot: trio.lowlevel.ParkingLot = attrs.Factory(trio.lowlevel.ParkingLot)


class Wire:
    """One connection. Its near end belongs to whoever dialled."""

    def __init__(self, number: int, name: str, now: Callable[[], float], witness: Witness) -> None:
        self.number = number
        self.name = name
        self.now = now
        self.witness = witness
        self.is_broken = False
        self.is_silent = False
        self.is_held = False
        self.stalled_until = -math.inf
        """When it last stood still; inf while it does."""
        self.full_until = -math.inf
        """When its near end last had a full window of requests; inf while it has."""
        self.lost_from = {True: math.inf, False: math.inf}
        """From when on what the near end (True) or the far end wrote did not arrive."""
        self.pipes = {True: _Pipe(), False: _Pipe()}
        self.near = WireEnd(self, is_near=True)
        self.far = WireEnd(self, is_near=False)

    @property
    def is_over(self) -> bool:
        """Whether nobody uses it any more."""
        return self.near.is_closed and self.far.is_closed

    def reset(self) -> None:
        """Break it: both ends learn of it, and what is on its way is lost."""
        if self.is_broken:
            return
        self.is_broken = True
        now = self.now()
        for is_near, pipe in self.pipes.items():
            self.lost_from[is_near] = min(self.lost_from[is_near], pipe.oldest_at, now)
            pipe.buffer.clear()
            pipe.lot.unpark_all()

    def silence(self) -> None:
        """Lose everything from now on, and tell neither end: the connection is half open."""
        if not (self.is_silent or self.is_broken):
            self.is_silent = True
            now = self.now()
            for is_near in self.lost_from:
                self.lost_from[is_near] = min(self.lost_from[is_near], now)

    def hold(self) -> None:
        """Let nothing through for a while; what is written waits."""
        self.is_held = True
        self.stalled_until = math.inf

    def release(self) -> None:
        """Let it go on."""
        if self.is_held:
            self.is_held = False
            self.stalled_until = self.now()
            for pipe in self.pipes.values():
                pipe.lot.unpark_all()


class WireEnd(trio.abc.Stream):
    """One end of a wire."""

    def __init__(self, wire: Wire, *, is_near: bool) -> None:
        self.wire = wire
        self.is_closed = False
        self._is_near = is_near
        self._out = wire.pipes[is_near]
        self._in = wire.pipes[not is_near]

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """See trio.abc.SendStream. Raises BrokenResourceError, ClosedResourceError."""
        await trio.lowlevel.checkpoint()
        wire, pipe = self.wire, self._out
        while True:
            if self.is_closed:
                raise trio.ClosedResourceError
            if wire.is_broken or (self._peer.is_closed and not wire.is_silent):
                raise trio.BrokenResourceError
            if wire.is_silent:
                # Lost, and yet it was sent: whoever judges the sender must know.
                wire.witness(wire, self._is_near, bytes(data))
                return
            if len(pipe.buffer) < BUFFER_BYTES:
                break
            await pipe.lot.park()
        written = bytes(data)
        if not pipe.buffer:
            pipe.oldest_at = wire.now()
        pipe.buffer += written
        pipe.lot.unpark_all()
        wire.witness(wire, self._is_near, written)

    async def wait_send_all_might_not_block(self) -> None:
        """See trio.abc.SendStream."""
        await trio.lowlevel.checkpoint()

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """See trio.abc.ReceiveStream. Raises BrokenResourceError, ClosedResourceError."""
        await trio.lowlevel.checkpoint()
        wire, pipe = self.wire, self._in
        while True:
            if self.is_closed:
                raise trio.ClosedResourceError
            if wire.is_broken:
                raise trio.BrokenResourceError
            if pipe.buffer and not wire.is_held:
                break
            if pipe.is_ended and not (pipe.buffer or wire.is_held):
                return b""
            await pipe.lot.park()
        data = bytes(pipe.buffer[:max_bytes]) if max_bytes is not None else bytes(pipe.buffer)
        del pipe.buffer[: len(data)]
        pipe.oldest_at = wire.now() if pipe.buffer else math.inf
        pipe.lot.unpark_all()
        return data

    async def aclose(self) -> None:
        """See trio.abc.AsyncResource."""
        self.close()
        await trio.lowlevel.checkpoint()

    def close(self) -> None:
        """Close this end; the other one reads what is on its way, and then the end."""
        if self.is_closed:
            return
        self.is_closed = True
        wire = self.wire
        if not wire.is_silent:
            self._out.is_ended = True
            wire.lost_from[not self._is_near] = min(
                wire.lost_from[not self._is_near], self._in.oldest_at, wire.now()
            )
        self._out.lot.unpark_all()
        self._in.lot.unpark_all()

    @property
    def _peer(self) -> "WireEnd":
        return self.wire.far if self._is_near else self.wire.near
