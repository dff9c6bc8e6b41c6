# A Connection carries one session over one stream: the reader belongs to whoever owns the session, the
# writer is here. A reader never writes, so a peer that is slow to read can't stop us reading; one that takes
# nothing for write_stall_s is disconnected.
#
# Outlets wakes the writers: sessions that have something to say collect in `writable` during a batch, and
# flush() wakes each of their connections once.
"""One session on one stream, and the waking of writers."""

import ssl
from typing import Final

import trio

from smpp_router.session.session import Session

READ_BYTES: Final = 256 * 1024
"""One read's size: with windows full it brings hundreds of PDUs, which share one pass and one flush."""

WRITE_BYTES: Final = 64 * 1024
"""One write's size: who takes that much within write_stall_s reads slowly but steadily, and is kept."""

STREAM_ERRORS: Final = (trio.BrokenResourceError, trio.ClosedResourceError, ssl.SSLError, OSError)


class Connection:
    """The transport of one session."""

    def __init__(self, stream: trio.abc.Stream, session: Session, write_stall_s: float) -> None:
        self.stream = stream
        self.session = session
        self._write_stall_s = write_stall_s
        self._wake = trio.Event()
        self._written = trio.Event()

    def allow_stalls_of(self, write_stall_s: float) -> None:
        """Bear, from the next write on, that the peer takes nothing for so long."""
        self._write_stall_s = write_stall_s

    def wake(self) -> None:
        """Have the writer look at the session's outbox."""
        self._wake.set()

    async def read(self) -> bytes:
        """Return what the peer sent, at least one octet, or nothing once the stream has ended."""
        try:
            data = await self.stream.receive_some(READ_BYTES)
        except STREAM_ERRORS:
            return b""
        return data if isinstance(data, bytes) else bytes(data)

    async def drained_below(self, outbox_bytes: int) -> None:
        """Wait until the session's outbox is smaller than that: a reader's brake."""
        while self.session.outbox_bytes >= outbox_bytes:
            await self._written.wait()

    async def write_loop(self) -> None:
        """Write the outbox as it fills; return when the session wants to close, or the peer takes nothing."""
        session = self.session
        while True:
            output = session.take_output()
            if output:
                if not await self._send(output):
                    return
                self._written.set()
                self._written = trio.Event()
            elif session.close_reason is not None:
                return
            else:
                await self._wake.wait()
                self._wake = trio.Event()

    async def write_for(self, reader: trio.CancelScope) -> None:
        """Write as write_loop() does, and then have the connection's reader end, too."""
        await self.write_loop()
        reader.cancel()

    async def _send(self, output: bytes) -> bool:
        """Send everything; tell whether the peer took it."""
        for at in range(0, len(output), WRITE_BYTES):
            with trio.move_on_after(self._write_stall_s) as stall:
                try:
                    await self.stream.send_all(output[at : at + WRITE_BYTES])
                except STREAM_ERRORS:
                    return False
            if stall.cancelled_caught:
                self.session.close("peer reads nothing")
                return False
        return True


class Outlets:
    """All connections of one router, by their session."""

    def __init__(self) -> None:
        self.writable: list[Session] = []
        self._connections: dict[Session, Connection] = {}

    def __len__(self) -> int:
        return len(self._connections)

    def sessions(self) -> list[Session]:
        """All sessions that have a connection."""
        return list(self._connections)

    def allow_stalls_of(self, write_stall_s: float) -> None:
        """Bear that peers take nothing for so long."""
        for connection in self._connections.values():
            connection.allow_stalls_of(write_stall_s)

    def add(self, connection: Connection) -> None:
        """Include a connection in flushes."""
        self._connections[connection.session] = connection

    def remove(self, connection: Connection) -> None:
        """Leave it out again."""
        del self._connections[connection.session]

    def flush(self) -> None:
        """Wake the writer of each session that has something to say."""
        connections = self._connections
        for session in self.writable:
            connection = connections.get(session)
            if connection is not None:
                connection.wake()
        self.writable.clear()
