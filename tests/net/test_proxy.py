"""PROXY headers: read whole or in pieces, believed from balancers only, refused when they are none."""

import ipaddress
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.net.proxy import (
    V1_BYTES_MAX,
    V2_BYTES_MAX,
    ProxyError,
    ProxyHeader,
    parse_proxy_header,
    trusted,
)

SIGNATURE = b"\r\n\r\n\x00\r\nQUIT\n"
IPS = st.one_of(st.ip_addresses(v=4), st.ip_addresses(v=6))
Ip = ipaddress.IPv4Address | ipaddress.IPv6Address
PORTS = st.integers(0, 0xFFFF)
BIND = b"\x00\x00\x00\x10\x00\x00\x00\x09\x00\x00\x00\x00\x00\x00\x00\x01"


def v1(source: Ip, port: int) -> bytes:
    return f"PROXY TCP{source.version} {source} {source} {port} 2775\r\n".encode()


def v2(command: int, family: int, payload: bytes) -> bytes:
    return SIGNATURE + struct.pack(">BBH", command, family, len(payload)) + payload


def v2_from(source: Ip, port: int, tlvs: bytes = b"") -> bytes:
    addresses = source.packed * 2 + struct.pack(">HH", port, 2775)
    return v2(0x21, 0x11 if source.version == 4 else 0x21, addresses + tlvs)


HEADERS = st.one_of(
    st.builds(lambda ip, port: (v1(ip, port), str(ip), port), IPS, PORTS),
    st.builds(
        lambda ip, port, tlvs: (v2_from(ip, port, tlvs), str(ip), port), IPS, PORTS, st.binary(max_size=300)
    ),
    st.just((b"PROXY UNKNOWN\r\n", None, 0)),
    st.just((b"PROXY UNKNOWN ffff::1 ffff::2 1 2\r\n", None, 0)),
    st.builds(lambda payload: (v2(0x20, 0x00, payload), None, 0), st.binary(max_size=300)),
    st.builds(lambda payload: (v2(0x20, 0x11, payload), None, 0), st.binary(max_size=300)),
    st.builds(lambda payload: (v2(0x21, 0x00, payload), None, 0), st.binary(max_size=300)),
    st.builds(lambda payload: (v2(0x21, 0x31, payload), None, 0), st.binary(min_size=216, max_size=216)),
)


@given(header=HEADERS, rest=st.binary(max_size=50))
def test_a_header_is_read_and_what_follows_is_left(
    header: tuple[bytes, str | None, int], rest: bytes
) -> None:
    octets, source_ip, port = header
    assert parse_proxy_header(octets + rest) == ProxyHeader(source_ip, port, len(octets))
    assert parse_proxy_header(bytearray(octets + rest)) == ProxyHeader(source_ip, port, len(octets))


@given(header=HEADERS)
def test_a_header_cut_anywhere_needs_more(header: tuple[bytes, str | None, int]) -> None:
    octets = header[0]
    for end in range(len(octets)):
        assert parse_proxy_header(octets[:end]) is None


@given(header=HEADERS, position=st.integers(0, 600), octet=st.integers(0, 255), rest=st.binary(max_size=50))
def test_a_header_changed_anywhere_is_read_or_refused_and_never_goes_past_its_bound(
    header: tuple[bytes, str | None, int], position: int, octet: int, rest: bytes
) -> None:
    changed = bytearray(header[0] + rest)
    changed[position % len(changed)] = octet
    parsed = parse_proxy_header(changed)
    if isinstance(parsed, ProxyHeader):
        assert parsed.consumed <= min(len(changed), V2_BYTES_MAX)
        if parsed.source_ip is not None:
            ipaddress.ip_address(parsed.source_ip)


@given(data=st.binary(min_size=V2_BYTES_MAX, max_size=V2_BYTES_MAX))
def test_with_as_much_as_a_header_may_have_none_is_incomplete(data: bytes) -> None:
    assert parse_proxy_header(data) is not None
    assert parse_proxy_header(b"PROXY " + data) is not None
    assert parse_proxy_header(SIGNATURE + data) is not None


def test_the_longest_line_is_read_and_a_longer_one_is_refused() -> None:
    address = "ffff:f" + "f" * 3 + ":ffff:ffff:ffff:ffff:ffff:ffff"
    line = f"PROXY UNKNOWN {address} {address} 65535 65535\r\n".encode()
    assert len(line) == V1_BYTES_MAX
    assert parse_proxy_header(line) == ProxyHeader(None, 0, V1_BYTES_MAX)
    assert isinstance(parse_proxy_header(line[:-2] + b"1\r\n"), ProxyError)


@pytest.mark.parametrize(
    "data",
    [
        BIND,
        b"GET / HTTP/1.1\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2 3\r\n",
        b"PROXY TCP4  192.0.2.1 192.0.2.2 1 2\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 1 65536\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 01 2\r\n",
        b"PROXY TCP4 192.0.2.1 192.0.2.2 +1 2\r\n",
        b"PROXY TCP4 192.0.2.01 192.0.2.2 1 2\r\n",
        b"PROXY TCP4 192.0.2.1 ::1 1 2\r\n",
        b"PROXY TCP4 ::1 ::1 1 2\r\n",
        b"PROXY TCP6 192.0.2.1 192.0.2.2 1 2\r\n",
        b"PROXY TCP6 fe80::1%eth0 ::1 1 2\r\n",
        b"PROXY TCP6 \xff ::1 1 2\r\n",
        b"PROXY UDP4 192.0.2.1 192.0.2.2 1 2\r\n",
        b"PROXY \r\n",
        b"proxy TCP4 192.0.2.1 192.0.2.2 1 2\r\n",
        v2(0x11, 0x11, bytes(12)),
        v2(0x22, 0x11, bytes(12)),
        v2(0x21, 0x12, bytes(12)),
        v2(0x21, 0x22, bytes(36)),
        v2(0x21, 0x11, bytes(11)),
        v2(0x21, 0x21, bytes(35)),
        v2(0x21, 0x11, bytes(V2_BYTES_MAX)),
    ],
)
def test_what_is_no_header_is_refused(data: bytes) -> None:
    assert isinstance(parse_proxy_header(data), ProxyError)


def test_a_cut_off_address_is_refused_before_all_octets_are_there() -> None:
    assert isinstance(parse_proxy_header(v2(0x21, 0x11, bytes(11))[:16]), ProxyError)


def test_an_address_is_given_in_one_spelling() -> None:
    line = b"PROXY TCP6 2001:DB8:0:0::1 ::1 1 2\r\n"
    assert parse_proxy_header(line) == ProxyHeader("2001:db8::1", 1, len(line))


def test_only_listed_balancers_are_believed() -> None:
    assert trusted("10.0.0.7", ["10.0.0.0/8"])
    assert trusted("::ffff:10.0.0.7", ["10.0.0.0/8"])
    assert not trusted("192.0.2.1", ["10.0.0.0/8"])
    assert not trusted("10.0.0.7", [])
