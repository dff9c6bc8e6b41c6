from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.grade.frames import EVIDENCE_OCTETS, Frames
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.framing import PDU_BYTES_MAX, Framer
from tests.simulators.grade.wires import submit_sm

PDUS = [header_only(0x15, 0, 1), encode(submit_sm(sequence_number=2)), header_only(0x6, 0, 3)]


@given(cuts=st.lists(st.integers(0, 150), max_size=20))
def test_pdus_come_out_whole_wherever_a_stream_is_cut(cuts: list[int]) -> None:
    octets = b"".join(PDUS)
    frames = Frames()
    places = [0, *sorted(min(cut, len(octets)) for cut in cuts), len(octets)]
    found = [raw for a, b in pairwise(places) for raw in frames.feed(octets[a:b])]
    assert found == PDUS
    assert frames.buffered == 0


@given(octets=st.binary(max_size=200), cut=st.integers(0, 200))
def test_any_octets_are_cut_as_the_router_cuts_them(octets: bytes, cut: int) -> None:
    frames, framer = Frames(), Framer()
    found = frames.feed(octets[:cut]) + frames.feed(octets[cut:])
    pdus = framer.feed(octets[:cut]) + framer.feed(octets[cut:])
    assert len(found) == len(pdus)
    assert bool(frames.problem) == (framer.error is not None)
    assert len(frames.evidence) <= EVIDENCE_OCTETS


def test_the_largest_pdu_passes_and_a_larger_one_ends_the_stream() -> None:
    largest = PDU_BYTES_MAX.to_bytes(4, "big") + bytes(PDU_BYTES_MAX - 4)
    assert Frames().feed(largest) == [largest]
    frames = Frames()
    assert frames.feed((PDU_BYTES_MAX + 1).to_bytes(4, "big") + bytes(12)) == []
    assert frames.problem == f"command_length is {PDU_BYTES_MAX + 1}"


def test_nothing_is_read_behind_what_can_not_be_read() -> None:
    frames = Frames()
    assert frames.feed(PDUS[0] + bytes(16)) == PDUS[:1]
    assert frames.feed(PDUS[1]) == []
    assert frames.buffered == 0


@pytest.mark.parametrize(
    ("octets", "words"),
    [
        (b"GET / HTTP/1.1\r\nHost", "HTTP"),
        (b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(9), "TLS"),
        (b"PROXY TCP4 192.0.2.1 192.0.2.2", "PROXY"),
        (b"\x10\x00\x00\x00\x15\x00\x00\x00" + bytes(8), "least octet first"),
        (b"\xff" * 16, "command_length is 4294967295"),
    ],
)
def test_strangers_are_named(octets: bytes, words: str) -> None:
    frames = Frames()
    frames.feed(octets)
    assert words in frames.problem
