"""Capture files: what a sniffer would have written."""

import ipaddress
from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.control.pcap import (
    MSS,
    PCAP_HEADER,
    WINDOW,
    Address,
    Conversation,
    checksum,
    parse_address,
)
from tests.simulators.control.captures import conversations, frames, numbers, words

V4: Address = (ipaddress.ip_address("10.1.2.3"), 50_000)
V6: Address = (ipaddress.ip_address("2001:db8::7"), 50_000)
CARRIER: Address = (ipaddress.ip_address("127.0.0.1"), 2775)


def written(conversation: Conversation, said: list[tuple[bool, bytes]], ends: bool = True) -> bytes:
    def records() -> Iterator[bytes]:
        yield PCAP_HEADER
        yield from conversation.opened(1.0)
        for number, (is_from_peer, octets) in enumerate(said):
            yield from conversation.data(is_from_peer, octets, 1.5 + number / 7)
        if ends:
            yield from conversation.closed(9e4)

    return b"".join(records())


@given(st.binary(max_size=2_000))
def test_a_checksum_makes_the_sum_come_out_even(octets: bytes) -> None:
    even = octets + b"\0" * (len(octets) % 2)
    assert words(even + checksum(octets).to_bytes(2, "big")) == 0xFFFF


@given(
    st.lists(st.tuples(st.booleans(), st.binary(min_size=1, max_size=3 * MSS)), max_size=8),
    st.sampled_from([V4, V6]),
    st.booleans(),
)
def test_both_sides_can_be_put_together_again(
    said: list[tuple[bool, bytes]], peer: Address, ends: bool
) -> None:
    file = written(Conversation(peer, CARRIER), said, ends)
    ((from_peer, from_carrier, has_ended),) = conversations(file).values()
    assert from_peer == b"".join(octets for is_from_peer, octets in said if is_from_peer)
    assert from_carrier == b"".join(octets for is_from_peer, octets in said if not is_from_peer)
    assert has_ended is ends


def test_the_same_events_make_the_same_file() -> None:
    said = [(True, b"a" * 5_000), (False, b"b")]
    assert written(Conversation(V4, CARRIER), said) == written(Conversation(V4, CARRIER), said)


def test_no_window_is_ever_full() -> None:
    file = written(Conversation(V4, CARRIER), [(True, bytes(300_000))])
    acknowledged = 1_000
    for frame, (sequence, acknowledgement) in zip(frames(file), numbers(file), strict=True):
        if frame.source[1] == 2775:
            acknowledged = acknowledgement
        else:
            assert sequence + len(frame.payload) - acknowledged < WINDOW


def test_a_peer_with_another_kind_of_address_is_written_in_one_kind() -> None:
    ((peer, carrier),) = conversations(written(Conversation(V6, CARRIER), []))
    assert peer[0] == "2001:db8::7"
    assert ipaddress.ip_address(carrier[0]) == ipaddress.ip_address("::ffff:127.0.0.1")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("10.1.2.3:50000", ("10.1.2.3", 50_000)),
        ("10.1.2.3", ("10.1.2.3", 7)),
        ("[2001:db8::7]:50000", ("2001:db8::7", 50_000)),
        ("2001:db8::7", ("2001:db8::7", 7)),
        ("fe80::1%eth0", ("fe80::1", 7)),
        ("memory", ("127.0.0.1", 7)),
        ("10.1.2.3:99999", ("127.0.0.1", 7)),
        ("", ("127.0.0.1", 7)),
    ],
)
def test_a_peer_is_written_in_many_ways(text: str, expected: tuple[str, int]) -> None:
    address, port = parse_address(text, 7)
    assert (str(address), port) == expected
