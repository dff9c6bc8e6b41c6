from ipaddress import IPv4Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts.hosts import (
    address_of,
    belongs_to,
    is_punycode,
    looks_like,
    skeleton,
    unicode_of,
)


@pytest.mark.parametrize(
    ("host", "address"),
    [
        ("127.0.0.1", "127.0.0.1"),
        ("3232235777", "192.168.1.1"),
        ("0x7f.1", "127.0.0.1"),
        ("0177.0.0.1", "127.0.0.1"),
        ("127.1", "127.0.0.1"),
        ("0x7f000001", "127.0.0.1"),
        ("[::1]", "::1"),
        ("a.cn", None),
        ("300.1.1.1", None),
        ("1.2.3.4.5", None),
        ("0x", None),
        ("", None),
    ],
)
def test_an_address_is_seen_through_its_disguise(host: str, address: str | None) -> None:
    assert address_of(host) == address


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("icbc.com.cn.pay.top", "icbc.com.cn"),
        ("lcbc.com.cn", "icbc.com.cn"),
        ("1cbc.com.cn", "icbc.com.cn"),
        ("icbcc.com", "icbc.com.cn"),
        ("аpple.com", "apple.com"),
        ("xn--pple-43d.com", "apple.com"),
        ("app1e.com", "apple.com"),
        ("www.taobao-pay.com", "taobao.com"),
        ("toabao.com", "taobao.com"),
        ("tao-bao.com", "taobao.com"),
        ("arnazon.com", "amazon.com"),
    ],
)
def test_a_look_alike_is_recognised(host: str, domain: str) -> None:
    assert looks_like(host, domain)


@pytest.mark.parametrize(
    ("host", "domain"),
    [
        ("www.icbc.com.cn", "icbc.com.cn"),
        ("icbc.com.cn", "icbc.com.cn"),
        ("qq.com", "icbc.com.cn"),
        ("jd.com", "qq.com"),
        ("abc.com", "abc.cn"),
        ("weather.com.cn", "apple.com"),
    ],
)
def test_ones_own_and_others_hosts_are_no_look_alikes(host: str, domain: str) -> None:
    assert not looks_like(host, domain)


def test_punycode_is_decoded() -> None:
    assert unicode_of("xn--pple-43d.com") == "аpple.com"
    assert is_punycode("xn--pple-43d.com")
    assert is_punycode("аpple.com")
    assert not is_punycode("apple.com")
    assert unicode_of("xn--\u0000.com") == "xn--\u0000.com"


@given(st.text(max_size=40), st.sampled_from(["icbc.com.cn", "apple.com", "a.cn"]))
def test_any_host_has_an_answer(host: str, domain: str) -> None:
    address_of(host)
    assert skeleton(host) == skeleton(host)
    assert not (belongs_to(host, domain) and looks_like(host, domain))


@given(st.ip_addresses(v=4))
def test_every_spelling_of_an_address_is_that_address(address: IPv4Address) -> None:
    number = int(address)
    octets = [number >> shift & 0xFF for shift in (24, 16, 8, 0)]
    for spelling in (
        str(number),
        hex(number),
        ".".join(map(hex, octets)),
        ".".join(f"{octet:04o}" for octet in octets),
        f"{octets[0]}.{number & 0xFFFFFF}",
    ):
        assert address_of(spelling) == str(address)
