# A stream of octets to PDUs: many PDUs in one read, one PDU over many reads (SMPP 3.4 section 3.2).
#
#   0          4          8               12                16
#   | command_length | command_id | command_status | sequence_number | body ...
#
# Rule 1: only a command_length that can't be true ends a stream, since nothing behind it can be found again.
# Rule 2: a decision is made on 16 octets, never on fewer, so that it does not depend on how reads were cut.
# Rule 3: a read is walked once, by offset. What is left of it is kept, with the size at which there is more
#         to do, so that a PDU that comes octet by octet costs one append for each.
"""Cutting a byte stream into PDUs."""

from collections.abc import Mapping
from typing import Final

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire.codec import DECODERS, HEADER, HEADER_OCTETS, Decoder, decode_unknown
from smpp_router.wire.pdu import Pdu

PDU_BYTES_MAX: Final = 72 * 1024
"""The largest PDU taken: a submit_multi to 254 destinations with a message_payload of 65,535 octets has about
72,300, any other PDU less. Whatever claims to be larger is no SMPP: an HTTP probe reads as 1,213,486,160."""

_unpack_header = HEADER.unpack_from


@attrs.frozen
class FramingError:
    """A stream that can't be followed any further: answered once with generic_nack, then closed."""

    command_status: int
    sequence_number: int
    """That of the PDU at fault, to be echoed; 0 if its header is no header (SMPP 3.4 section 4.3.1)."""
    problem: str


@attrs.define(eq=False)
class Framer:
    """The octets of one direction of one connection that do not make a whole PDU yet."""

    pdu_bytes_max: int = PDU_BYTES_MAX
    decoders: Mapping[int, Decoder] = attrs.field(default=DECODERS, repr=False)
    """By command_id; what is not in it is unknown."""
    error: FramingError | None = attrs.field(default=None, init=False)
    """Set once; from then on nothing is decoded and nothing kept."""
    _tail: bytearray = attrs.field(factory=bytearray, init=False, repr=False)
    _needed: int = attrs.field(default=HEADER_OCTETS, init=False)
    """The size of the tail from which on there is more to do."""

    @property
    def buffered(self) -> int:
        """Octets that wait for the rest of their PDU."""
        return len(self._tail)

    def feed(self, data: bytes | bytearray | memoryview) -> list[Pdu]:
        """Take what a read gave, and return the PDUs that are complete by it, in their order."""
        if self.error is not None:
            return []
        tail = self._tail
        if tail:
            tail += data
            if len(tail) < self._needed:
                return []
            data = bytes(tail)
            tail.clear()
        elif not isinstance(data, bytes):
            data = bytes(data)
        pdus: list[Pdu] = []
        append = pdus.append
        decoder_of = self.decoders.get
        end = len(data)
        offset = 0
        self._needed = HEADER_OCTETS
        while end - offset >= HEADER_OCTETS:
            command_length, command_id, command_status, sequence_number = _unpack_header(data, offset)
            if not HEADER_OCTETS <= command_length <= self.pdu_bytes_max:
                self.error = self._length_error(command_length, sequence_number)
                return pdus
            pdu_end = offset + command_length
            if pdu_end > end:
                self._needed = command_length
                break
            append(
                decoder_of(command_id, decode_unknown)(
                    command_id, command_status, sequence_number, data[offset + HEADER_OCTETS : pdu_end]
                )
            )
            offset = pdu_end
        if offset < end:
            tail += data[offset:]
        return pdus

    def _length_error(self, command_length: int, sequence_number: int) -> FramingError:
        if command_length < HEADER_OCTETS:
            problem = f"command_length {command_length} is less than a header"
            return FramingError(c.ESME_RINVCMDLEN, 0, problem)
        problem = f"command_length {command_length} is more than {self.pdu_bytes_max}"
        return FramingError(c.ESME_RINVCMDLEN, sequence_number, problem)
