# A capture file as a sniffer beside the carrier would have written it: classic pcap, Ethernet, IP, TCP.
#
#   pcap   | magic  major minor | zone  accuracy  snaplen  linktype |            once
#          | seconds  microseconds  octets kept  octets on the wire |            a frame
#   frame  | Ethernet 14 | IPv4 20 or IPv6 40 | TCP 20 | payload up to MSS |
#
# The octets are the real ones, cut as they were read and written; everything below them is made up, as the
# system does not tell it. It is made up soundly: a handshake, sequence and acknowledgement numbers that add
# up, checksums that are right, and an end, so that Wireshark's reassembly works as on a real capture.
#
# Rule 1: what is unacknowledged stays below half a window, so no analysis calls a window full.
# Rule 2: nothing is drawn: the same events make the same file, octet by octet.
"""Writing SMPP connections as a pcap file."""

import ipaddress
import struct
from collections.abc import Iterator
from typing import Final

import attrs

PCAP_HEADER: Final = struct.pack("<IHHiIII", 0xA1B2C3D4, 2, 4, 0, 0, 262_144, 1)
"""Classic pcap 2.4, microseconds, link type 1 (Ethernet)."""
MSS: Final = 1_440
"""Octets in a segment: what fits an Ethernet frame behind the larger, IPv6, header."""
WINDOW: Final = 65_535
FIN, SYN, PSH, ACK = 0x01, 0x02, 0x08, 0x10
_INITIAL: Final = (1_000, 2_000)
"""Sequence numbers of the peer's and the carrier's SYN; any would do."""
_MACS: Final = (b"\x02\0\0\0\0\x01", b"\x02\0\0\0\0\x02")
"""Locally administered, so they are nobody's."""

_pack_record = struct.Struct("<IIII").pack
_pack_tcp = struct.Struct(">HHIIBBHHH").pack

Address = tuple[ipaddress.IPv4Address | ipaddress.IPv6Address, int]


def checksum(octets: bytes) -> int:
    """The Internet checksum (RFC 1071): the one's complement of the one's complement sum of 16-bit words."""
    # 65,536 leaves a remainder of 1 by 65,535: the number as a whole is congruent to the sum of its words.
    number = int.from_bytes(octets + b"\0" * (len(octets) % 2), "big")
    folded = number % 0xFFFF
    return 0xFFFF - (folded or (0xFFFF if number else 0))


def parse_address(text: str, default_port: int) -> Address:
    """Read `host:port`, `[host]:port` or a host; 127.0.0.1 and `default_port` for what no address is."""
    host, _, port = text.rpartition(":")
    if not port.isdecimal() or int(port) > 0xFFFF or (":" in host and not host.startswith("[")):
        host, port = text, str(default_port)
    try:
        return ipaddress.ip_address(host.strip("[]").partition("%")[0]), int(port)
    except ValueError:
        return ipaddress.IPv4Address("127.0.0.1"), int(port)


@attrs.define(eq=False)
class Conversation:
    """One TCP connection on its way to a file. Side 0 is the peer, which connected; side 1 the carrier."""

    peer: Address
    carrier: Address
    is_open: bool = attrs.field(default=False, init=False)
    _sent: list[int] = attrs.field(factory=lambda: list(_INITIAL), init=False)
    """The next sequence number of each side."""
    _acknowledged: list[int] = attrs.field(factory=lambda: list(_INITIAL), init=False)
    """Up to where the other side has acknowledged each side."""
    _identification: int = attrs.field(default=0, init=False)

    def opened(self, now: float) -> Iterator[bytes]:
        """Give the handshake."""
        self.is_open = True
        yield self._record(0, SYN, b"", now)
        yield self._record(1, SYN | ACK, b"", now)
        yield self._record(0, ACK, b"", now)

    def data(self, is_from_peer: bool, octets: bytes, now: float) -> Iterator[bytes]:
        """Give the segments of one read or write."""
        side = 0 if is_from_peer else 1
        for start in range(0, len(octets), MSS):
            piece = octets[start : start + MSS]
            is_last = start + MSS >= len(octets)
            yield self._record(side, ACK | PSH if is_last else ACK, piece, now)
            if (self._sent[side] - self._acknowledged[side]) & 0xFFFFFFFF > WINDOW // 2:
                yield self._record(1 - side, ACK, b"", now)

    def closed(self, now: float) -> Iterator[bytes]:
        """Give the end."""
        self.is_open = False
        yield self._record(0, FIN | ACK, b"", now)
        yield self._record(1, FIN | ACK, b"", now)
        yield self._record(0, ACK, b"", now)

    def _record(self, side: int, flags: int, payload: bytes, now: float) -> bytes:
        acknowledgement = self._sent[1 - side] if flags & ACK else 0
        frame = self._frame(side, flags, acknowledgement, payload)
        if flags & ACK:
            self._acknowledged[1 - side] = acknowledgement
        advance = len(payload) + bool(flags & (SYN | FIN))
        self._sent[side] = (self._sent[side] + advance) & 0xFFFFFFFF
        microseconds = round(max(now, 0.0) * 1e6)
        seconds, fraction = divmod(microseconds, 1_000_000)
        return _pack_record(seconds & 0xFFFFFFFF, fraction, len(frame), len(frame)) + frame

    def _frame(self, side: int, flags: int, acknowledgement: int, payload: bytes) -> bytes:
        (source, source_port), (target, target_port) = (
            (self.peer, self.carrier) if side == 0 else (self.carrier, self.peer)
        )
        source, target = _of_one_kind(source, target)
        numbers = (source_port, target_port, self._sent[side], acknowledgement, 0x50, flags, WINDOW)
        segment = _pack_tcp(*numbers, 0, 0) + payload
        pseudo = source.packed + target.packed + struct.pack(">II", len(segment), 6)
        segment = _pack_tcp(*numbers, checksum(pseudo + segment), 0) + payload
        kind = b"\x08\x00" if source.version == 4 else b"\x86\xdd"
        header = self._ip_header(source.packed, target.packed, len(segment))
        return _MACS[1 - side] + _MACS[side] + kind + header + segment

    def _ip_header(self, source: bytes, target: bytes, segment_octets: int) -> bytes:
        if len(source) == 16:
            return struct.pack(">IHBB", 0x60000000, segment_octets, 6, 64) + source + target
        self._identification = (self._identification + 1) & 0xFFFF
        plain = struct.pack(">BBHHHBB", 0x45, 0, 20 + segment_octets, self._identification, 0x4000, 64, 6)
        value = checksum(plain + b"\0\0" + source + target)
        return plain + value.to_bytes(2, "big") + source + target


def _of_one_kind(
    one: ipaddress.IPv4Address | ipaddress.IPv6Address, other: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> tuple[
    ipaddress.IPv4Address | ipaddress.IPv6Address,
    ipaddress.IPv4Address | ipaddress.IPv6Address,
]:
    """Write an IPv4 address as IPv6 (RFC 4291 section 2.5.5.2) where it meets one."""
    if one.version == other.version:
        return one, other
    return _mapped(one), _mapped(other)


def _mapped(address: ipaddress.IPv4Address | ipaddress.IPv6Address) -> ipaddress.IPv6Address:
    if isinstance(address, ipaddress.IPv6Address):
        return address
    return ipaddress.IPv6Address(b"\0" * 10 + b"\xff\xff" + address.packed)
