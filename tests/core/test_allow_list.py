"""Where a peer may come from."""

import ipaddress

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from smpp_router.core.allow_list import AllowList

v4_networks = st.builds(
    lambda address, bits: str(ipaddress.ip_network((address, bits), strict=False)),
    st.ip_addresses(v=4).map(int),
    st.integers(0, 32),
)
v6_networks = st.builds(
    lambda address, bits: str(ipaddress.ip_network((address, bits), strict=False)),
    st.ip_addresses(v=6).map(str),
    st.integers(0, 128),
)


def test_an_empty_list_lets_nobody_in() -> None:
    assert not AllowList([]).permits("127.0.0.1")


@given(st.lists(v4_networks | v6_networks, max_size=4), st.ip_addresses())
def test_an_address_is_let_in_exactly_if_a_network_holds_it(
    cidrs: list[str], address: ipaddress.IPv4Address | ipaddress.IPv6Address
) -> None:
    is_mapped = isinstance(address, ipaddress.IPv6Address) and address.ipv4_mapped is not None
    expected = not is_mapped and any(
        address in network
        for network in map(ipaddress.ip_network, cidrs)
        if network.version == address.version
    )
    assert is_mapped or AllowList(cidrs).permits(str(address)) == expected


@given(v4_networks, st.ip_addresses(v=4))
def test_an_ipv4_address_counts_the_same_when_it_comes_by_an_ipv6_socket(
    cidr: str, address: ipaddress.IPv4Address
) -> None:
    allowed = AllowList([cidr])
    assert allowed.permits(f"::ffff:{address}") == allowed.permits(str(address))


def test_everybody_by_ipv6_is_not_everybody_by_ipv4() -> None:
    everybody_6 = AllowList(["::/0"])
    assert everybody_6.permits("2001:db8::1")
    assert not everybody_6.permits("192.0.2.1")
    assert not everybody_6.permits("::ffff:192.0.2.1")


@given(st.text())
@example("")
@example("10.0.0.1 ")
@example("010.0.0.1")
@example("10.0.0.1/8")
@example("10.0.0.1:2775")
@example("localhost")
def test_what_is_not_an_address_stays_outside(text: str) -> None:
    try:
        ipaddress.ip_address(text.partition("%")[0])
    except ValueError:
        assert not AllowList(["0.0.0.0/0", "::/0"]).permits(text)


def test_a_zone_is_ignored() -> None:
    assert AllowList(["fe80::/10"]).permits("fe80::1%eth0")


@pytest.mark.parametrize("cidr", ["10.0.0.1/8", "everywhere", "", "10.0.0.0/33"])
def test_a_list_with_a_bad_entry_is_not_made(cidr: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        AllowList(["127.0.0.1", cidr])
