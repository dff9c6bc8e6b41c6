# A connection of a carrier that is faulty when its profile says so. It looks at the profile at each read and
# each write, never at each PDU: a carrier without faults pays for nothing else, and a change counts at once.
#
# Rule 1: PDUs are looked at one by one only while a fault asks for it, and that begins between two of them.
# Rule 2: who waits because of a fault looks again every LOOK_S: a fault that ends lets go of it.
"""Streams of simulated carriers that do what connections do when they fail."""

import random
import socket
import struct
from collections.abc import Callable
from typing import Final

import trio

from simulators.carrier import SimulatedCarrier
from simulators.faults.config import Faults
from simulators.faults.malformed import malformed
from smpp_router.net.connection import READ_BYTES, WRITE_BYTES
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER_OCTETS

LOOK_S: Final = 0.1
_LINGER_NOT: Final = struct.pack("ii", 1, 0)
_length_and_id = struct.Struct(">II").unpack_from


class FaultyStream(trio.abc.Stream):
    """A stream with the faults that `faults` returns now; `count` is told of PDUs, reads and writes hit."""

    def __init__(
        self,
        stream: trio.abc.Stream,
        transport: trio.abc.Stream,
        faults: Callable[[], Faults],
        rng: random.Random,
        count: Callable[[int], None],
    ) -> None:
        self._stream = stream
        self._transport = transport
        self._faults = faults
        self._rng = rng
        self._count = count
        self._tail = b""
        self._is_between_pdus = True
        self._is_reset = False

    def reset(self) -> None:
        """Have the connection end in a reset once it is closed."""
        self._is_reset = True
        if isinstance(self._transport, trio.SocketStream):
            self._transport.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _LINGER_NOT)

    async def receive_some(self, max_bytes: int | None = None) -> bytes | bytearray:
        """Receive as fast as the carrier reads. Raises BrokenResourceError after a reset."""
        await self._while_half_open()
        rate = self._faults().read_bytes_per_s
        most = READ_BYTES if max_bytes is None else max_bytes
        data = await self._stream.receive_some(
            most if rate is None else min(most, max(1, int(rate * LOOK_S)))
        )
        # What is wrong now may have begun while we waited for the peer.
        rate = self._faults().read_bytes_per_s
        if rate is not None and data:
            self._count(1)
            await trio.sleep(len(data) / rate)
        await self._while_half_open()
        share = self._faults().reset_share
        if data and share and self._rng.random() < share:
            self._count(1)
            self.reset()
        if self._is_reset:
            raise trio.BrokenResourceError("reset on purpose")
        return data

    async def _while_half_open(self) -> None:
        while self._faults().half_open:  # noqa: ASYNC110 - a profile that is replaced has no event
            await trio.sleep(LOOK_S)

    async def send_all(self, data: bytes | bytearray | memoryview) -> None:
        """Send, or what the faults make of it."""
        if self._is_reset:
            raise trio.BrokenResourceError("reset on purpose")
        faults = self._faults()
        was_between = self._is_between_pdus
        # The writer sends all that there is, in slices of WRITE_BYTES: a shorter one ends with a PDU.
        self._is_between_pdus = len(data) < WRITE_BYTES
        if faults.silent or faults.half_open:
            self._count(1)
            await trio.lowlevel.checkpoint()
            return
        if self._tail or (was_between and (faults.malformed or faults.no_enquire_link_resp)):
            data = self._edited(bytes(data), faults)
        await self._send(data, faults)

    def _edited(self, data: bytes, faults: Faults) -> bytes:
        """Return the PDUs that are whole, faulty or not; what is left waits for the rest of it."""
        data = self._tail + data
        at = 0
        edited: list[bytes] = []
        while len(data) - at >= HEADER_OCTETS:
            command_length, command_id = _length_and_id(data, at)
            if len(data) - at < command_length:
                break
            pdu = data[at : at + command_length]
            at += command_length
            if faults.no_enquire_link_resp and command_id == c.ENQUIRE_LINK_RESP:
                self._count(1)
                continue
            spoilt = malformed(pdu, faults.malformed, self._rng)
            if spoilt is not None:
                self._count(1)
            edited.append(pdu if spoilt is None else spoilt)
        self._tail = data[at:]
        return b"".join(edited)

    async def _send(self, data: bytes | bytearray | memoryview, faults: Faults) -> None:
        rate, size = faults.write_bytes_per_s, faults.write_chunk_bytes
        if rate is None and size is None:
            await self._stream.send_all(data)
            return
        self._count(1)
        if size is None:
            size = len(data) if rate is None else max(1, int(rate * LOOK_S))
        for at in range(0, len(data), size):
            piece = data[at : at + size]
            await self._stream.send_all(piece)
            if rate is not None:
                await trio.sleep(len(piece) / rate)

    async def wait_send_all_might_not_block(self) -> None:
        """See trio."""
        await self._stream.wait_send_all_might_not_block()

    async def aclose(self) -> None:
        """See trio."""
        await self._stream.aclose()


def faulty(
    carrier: SimulatedCarrier, stream: trio.abc.Stream, transport: trio.abc.Stream, number: int
) -> FaultyStream:
    """Return a carrier's stream with the faults that its profile says at each moment."""

    def count(faults: int) -> None:
        carrier.counters.faults += faults

    rng = random.Random(f"{carrier.profile.seed} {carrier.profile.name} faults {number}")
    return FaultyStream(stream, transport, lambda: carrier.profile.faults, rng, count)
