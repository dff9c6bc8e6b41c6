# A load balancer that speaks the PROXY protocol tells, before anything else, where a connection really comes
# from. The header is text (version 1) or binary (version 2), and what follows it belongs to the session:
#
#   PROXY TCP4 192.0.2.1 192.0.2.9 56324 2775\r\n                at most 107 octets, or
#
#   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A  | ver, cmd | family, protocol | length | addresses, then TLVs
#   12 octets                            | 1 octet  | 1 octet          | 2      | length octets
#
# Rule 1: a header is believed only from trusted() addresses, or anybody could name its own source; and from
#         those it must come, or the balancer's address would stand for all of its clients.
# Rule 2: neither header can begin a bind: that begins with 0x00, these with 'P' and 0x0D.
# Rule 3: parse_proxy_header() is given all octets so far. No more than V2_BYTES_MAX need ever be kept.
# A balancer's own health checks (LOCAL) and what it can't name (UNKNOWN) have no source but the balancer.
"""The PROXY protocol, versions 1 and 2: the true source address behind a load balancer."""

import ipaddress
import struct
from collections.abc import Iterable
from typing import Final

import attrs

from smpp_router.core.allow_list import AllowList

V1_BYTES_MAX: Final = 107
"""The longest line of version 1, CR and LF included, as its specification counts."""

V2_BYTES_MAX: Final = 2048
"""Addresses take 216 octets at most; the rest is for the TLVs of balancers that end TLS and pass on names."""

_V1_SIGNATURE: Final = b"PROXY "
_V2_SIGNATURE: Final = b"\r\n\r\n\x00\r\nQUIT\n"
_V2_HEAD: Final = struct.Struct(">12sBBH")
_V2_ADDRESSES: Final = {0x11: struct.Struct(">4s4sHH"), 0x21: struct.Struct(">16s16sHH")}
_V2_LOCAL: Final = 0x20
_V2_PROXY: Final = 0x21
_V2_UNNAMED: Final = frozenset({0x00, 0x31})
"""AF_UNSPEC and a UNIX stream socket: connections without an IP address."""


@attrs.frozen
class ProxyHeader:
    """A whole header: the session begins at octet `consumed`. Without a source the peer speaks for itself."""

    source_ip: str | None
    source_port: int
    consumed: int


@attrs.frozen
class ProxyError:
    """There is no valid header and none can come of it: close the connection."""

    problem: str


def parse_proxy_header(data: bytes | bytearray) -> ProxyHeader | ProxyError | None:
    """Read the header at the beginning of a connection; None if it is not complete yet."""
    start = bytes(data[:V2_BYTES_MAX])
    if start.startswith(_V2_SIGNATURE):
        return _parse_v2(start)
    if start.startswith(_V1_SIGNATURE):
        return _parse_v1(start)
    if _V2_SIGNATURE.startswith(start) or _V1_SIGNATURE.startswith(start):
        return None
    return ProxyError("the connection does not begin with a PROXY header")


def trusted(peer_ip: str, cidrs: Iterable[str]) -> bool:
    """Whether a peer at this address is a balancer to be believed; nobody is if there are no networks."""
    return AllowList(cidrs).permits(peer_ip)


def _parse_v1(start: bytes) -> ProxyHeader | ProxyError | None:
    end = start.find(b"\r\n", 0, V1_BYTES_MAX)
    if end < 0:
        return ProxyError("the line does not end") if len(start) >= V1_BYTES_MAX else None
    consumed = end + 2
    fields = start[:end].split(b" ")
    protocol = fields[1]
    if protocol == b"UNKNOWN":
        return ProxyHeader(None, 0, consumed)
    if protocol not in (b"TCP4", b"TCP6"):
        return ProxyError("the protocol is none of TCP4, TCP6 and UNKNOWN")
    if len(fields) != 6:
        return ProxyError("the line does not have six fields")
    source = _v1_address(fields[2], protocol)
    port = _v1_port(fields[4])
    if source is None or _v1_address(fields[3], protocol) is None:
        return ProxyError("an address is not one of its protocol")
    if port is None or _v1_port(fields[5]) is None:
        return ProxyError("a port is not a number from 0 to 65535")
    return ProxyHeader(source, port, consumed)


def _v1_address(text: bytes, protocol: bytes) -> str | None:
    # A zone (%eth0) means something on the balancer only, and nothing in an allow list.
    if not text.isascii() or b"%" in text:
        return None
    try:
        if protocol == b"TCP4":
            return str(ipaddress.IPv4Address(text.decode()))
        return str(ipaddress.IPv6Address(text.decode()))
    except ValueError:
        return None


def _v1_port(text: bytes) -> int | None:
    is_number = text.isdigit() and len(text) <= 5 and (text == b"0" or text[:1] != b"0")
    return int(text) if is_number and int(text) <= 0xFFFF else None


def _parse_v2(start: bytes) -> ProxyHeader | ProxyError | None:
    if len(start) < _V2_HEAD.size:
        return None
    _, version_command, family, length = _V2_HEAD.unpack_from(start)
    consumed = _V2_HEAD.size + length
    if version_command not in (_V2_LOCAL, _V2_PROXY):
        return ProxyError("the version is not 2, or the command neither LOCAL nor PROXY")
    if consumed > V2_BYTES_MAX:
        return ProxyError("the header is too long")
    is_local = version_command == _V2_LOCAL or family in _V2_UNNAMED
    if not is_local and family not in _V2_ADDRESSES:
        return ProxyError("the connection is not TCP")
    if not is_local and length < _V2_ADDRESSES[family].size:
        return ProxyError("the addresses are cut off")
    if len(start) < consumed:
        return None
    if is_local:
        return ProxyHeader(None, 0, consumed)
    source, _, port, _ = _V2_ADDRESSES[family].unpack_from(start, _V2_HEAD.size)
    return ProxyHeader(str(ipaddress.ip_address(source)), port, consumed)
