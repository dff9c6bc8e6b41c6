# The same cut as smpp_router/wire/framing.py makes, but what comes out are octets, since a report shows
# exactly what came. What the stream held when it ended or broke is kept as evidence.
"""A stream of octets to the octets of each PDU."""

from typing import Final

import attrs

from smpp_router.wire.codec import HEADER_OCTETS
from smpp_router.wire.framing import PDU_BYTES_MAX

EVIDENCE_OCTETS: Final = 64
"""Enough of an unreadable stream to know an HTTP probe or a TLS hello by."""

_LENGTH_OCTETS: Final = 4


@attrs.define(eq=False)
class Frames:
    """One direction of one connection."""

    problem: str = ""
    """Why nothing more can be read; what comes from then on is dropped."""
    evidence: bytes = attrs.field(default=b"", repr=False)
    _tail: bytearray = attrs.field(factory=bytearray, init=False, repr=False)
    _needed: int = attrs.field(default=HEADER_OCTETS, init=False)

    @property
    def buffered(self) -> int:
        """Octets of a PDU that is not complete."""
        return len(self._tail)

    def feed(self, data: bytes) -> list[bytes]:
        """Return the PDUs that are complete by what came."""
        if self.problem:
            return []
        self._tail += data
        if len(self._tail) < self._needed:
            return []
        octets = bytes(self._tail)
        frames: list[bytes] = []
        at = 0
        self._needed = HEADER_OCTETS
        while len(octets) - at >= HEADER_OCTETS:
            length = int.from_bytes(octets[at : at + _LENGTH_OCTETS], "big")
            if not HEADER_OCTETS <= length <= PDU_BYTES_MAX:
                self.problem = f"command_length is {length}{_known_stranger(octets[at:])}"
                self.evidence = octets[at : at + EVIDENCE_OCTETS]
                self._tail.clear()
                return frames
            if at + length > len(octets):
                self._needed = length
                break
            frames.append(octets[at : at + length])
            at += length
        del self._tail[:at]
        return frames


def _known_stranger(octets: bytes) -> str:
    """Name a protocol that is not SMPP by its first octets."""
    if octets.startswith((b"GET ", b"POST", b"HEAD", b"PUT ", b"OPTI")):
        return ": this is HTTP"
    if octets.startswith(b"\x16\x03"):
        return ": this is TLS to a port without it"
    if octets.startswith((b"PROXY ", b"\r\n\r\n\0\r\nQUIT")):
        return ": this is a PROXY header to a port that expects none"
    if int.from_bytes(octets[:4], "little") <= 0xFFFF:
        return ": as if written with the least octet first"
    return ""
