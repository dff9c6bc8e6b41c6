# One direction of one connection, as it was on the wire: octets in, the same octets out without passwords,
# and the PDUs that are whole.
#
# Rule 1: what comes out is as long as what went in. Only the octets of a password are written over, so a
#         capture keeps its lengths, its cuts and its defects.
# Rule 2: nothing that is kept ever held a password, so no question can bring one out.
# Rule 3: a command_length that can't be true ends the cutting, not the capture: what follows is no PDU. If
#         it stood on a bind, all that follows is written over, since nothing says where the password ends.
"""Cutting a recorded stream into PDUs, and writing over its passwords."""

import struct
from typing import Final

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire.framing import PDU_BYTES_MAX

HEADER_OCTETS: Final = 16
MASK: Final = b"*"
SECRET: Final = frozenset({c.BIND_RECEIVER, c.BIND_TRANSMITTER, c.BIND_TRANSCEIVER, c.OUTBIND})
"""PDUs that begin with system_id and password (SMPP 3.4 sections 4.1 and 4.1.7)."""

_length_and_id = struct.Struct(">II").unpack_from


@attrs.define(eq=False)
class Cutter:
    """What of one direction does not make a whole PDU yet."""

    is_lost: bool = attrs.field(default=False, init=False)
    """Whether the stream can't be followed any further."""
    _tail: bytearray = attrs.field(factory=bytearray, init=False, repr=False)
    _masks_all: bool = attrs.field(default=False, init=False)

    @property
    def is_between_pdus(self) -> bool:
        """Whether the next octet is the first of a PDU."""
        return not self._tail and not self.is_lost

    @property
    def header_octets(self) -> int:
        """How many octets at the end are a header that is not whole; 0 at any other place."""
        return len(self._tail) if len(self._tail) < HEADER_OCTETS else 0

    def feed(self, data: bytes | bytearray) -> tuple[bytes, list[bytes]]:
        """Return the octets without passwords, and the PDUs that are whole by them."""
        if self.is_lost:
            return (MASK * len(data) if self._masks_all else bytes(data)), []
        tail = self._tail
        start = len(tail)
        tail += data
        end = len(tail)
        offset = 0
        pdus: list[bytes] = []
        while end - offset >= HEADER_OCTETS:
            command_length, command_id = _length_and_id(tail, offset)
            is_sound = HEADER_OCTETS <= command_length <= PDU_BYTES_MAX
            pdu_end = offset + command_length if is_sound else end
            if command_id in SECRET:
                self._mask(offset + HEADER_OCTETS, min(pdu_end, end), is_sound)
            if not is_sound:
                self.is_lost = True
                self._masks_all = command_id in SECRET
                break
            if pdu_end > end:
                break
            pdus.append(bytes(tail[offset:pdu_end]))
            offset = pdu_end
        shown = bytes(tail[start:])
        if self.is_lost:
            tail.clear()
        else:
            del tail[:offset]
        return shown, pdus

    def _mask(self, begin: int, end: int, is_sound: bool) -> None:
        """Write over the second C-octet string, or over everything behind a header that is not sound."""
        tail = self._tail
        if is_sound:
            nul = tail.find(0, begin, end)
            if nul < 0:
                return
            begin = nul + 1
            nul = tail.find(0, begin, end)
            end = end if nul < 0 else nul
        tail[begin:end] = MASK * (end - begin)
