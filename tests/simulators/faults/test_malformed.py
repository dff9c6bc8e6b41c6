"""PDUs with one defect each: what they do to a reader of SMPP, and what they leave alone."""

import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.faults.malformed import KINDS, malformed
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER_OCTETS, encode, header_only, submit_sm_resp
from smpp_router.wire.framing import Framer, FramingError
from smpp_router.wire.pdu import DeliverSm, Malformed, Pdu, SubmitSmResp, UnknownPdu
from tests.wire import pdus

RESPONSE = submit_sm_resp(7, b"id-7")
DELIVER = encode(
    DeliverSm(sequence_number=8, source_addr=b"8613900000001", destination_addr=b"1069", short_message=b"hi")
)
ENDS_FRAMING = {"bad_command_length", "huge_command_length", "garbage"}


def spoil(kind: str, pdu: bytes, seed: int = 1) -> bytes | None:
    return KINDS[kind](pdu, random.Random(seed))


def read(octets: bytes) -> list[Pdu]:
    return Framer().feed(octets)


@given(st.sampled_from(sorted(KINDS)), st.sampled_from([RESPONSE, DELIVER]), st.integers(0, 1 << 30))
def test_a_defect_changes_the_octets_and_the_same_seed_changes_them_alike(
    kind: str, pdu: bytes, seed: int
) -> None:
    spoilt = spoil(kind, pdu, seed)
    assert spoilt != pdu
    assert spoilt == spoil(kind, pdu, seed)


@given(st.sampled_from(sorted(KINDS)), pdus.pdus, st.integers())
def test_every_pdu_of_any_number_can_have_every_defect_or_none(kind: str, pdu: Pdu, seed: int) -> None:
    spoilt = spoil(kind, encode(pdu), seed)
    assert spoilt is None or len(spoilt) >= HEADER_OCTETS


@given(
    st.sampled_from(sorted(set(KINDS) - ENDS_FRAMING)), st.sampled_from([RESPONSE, DELIVER]), st.integers()
)
def test_a_defect_within_a_pdu_leaves_the_next_pdu_alone(kind: str, pdu: bytes, seed: int) -> None:
    spoilt = spoil(kind, pdu, seed)
    if spoilt is None:
        return
    *_, last = read(spoilt + header_only(c.ENQUIRE_LINK, 0, 99))
    assert (last.command_id, last.sequence_number) == (c.ENQUIRE_LINK, 99)


@pytest.mark.parametrize("kind", sorted(ENDS_FRAMING))
def test_a_defect_of_the_stream_ends_it(kind: str) -> None:
    spoilt = spoil(kind, RESPONSE)
    assert spoilt is not None
    framer = Framer()
    framer.feed(spoilt + RESPONSE)
    assert isinstance(framer.error, FramingError)


def test_a_response_without_its_nul_cannot_be_read() -> None:
    spoilt = spoil("no_nul", RESPONSE)
    assert spoilt is not None
    assert not spoilt.endswith(b"\0")
    assert spoil("no_nul", DELIVER) is None


def test_a_truncated_deliver_sm_is_malformed() -> None:
    for seed in range(20):
        spoilt = spoil("truncated_body", DELIVER, seed)
        assert spoilt is not None
        assert isinstance(read(spoilt)[0], Malformed)
    assert spoil("truncated_body", header_only(c.ENQUIRE_LINK_RESP, 0, 1)) is None


def test_sm_length_says_more_than_there_is() -> None:
    spoilt = spoil("wrong_sm_length", DELIVER)
    assert spoilt is not None
    assert len(spoilt) == len(DELIVER)
    differing = [at for at, (one, other) in enumerate(zip(spoilt, DELIVER, strict=True)) if one != other]
    assert len(differing) == 1
    assert spoilt[differing[0]] > DELIVER[differing[0]] == len(b"hi")
    assert isinstance(read(spoilt)[0], Malformed)


def test_a_command_of_nobody() -> None:
    spoilt = spoil("unknown_command_id", DELIVER)
    assert spoilt is not None
    assert isinstance(read(spoilt)[0], UnknownPdu)


def test_a_vendors_tlv_hurts_nobody() -> None:
    spoilt = spoil("unknown_tlv", DELIVER)
    assert spoilt is not None
    pdu = read(spoilt)[0]
    assert isinstance(pdu, DeliverSm)
    assert pdu.short_message == b"hi"
    assert len(pdu.tlvs) == 1


@pytest.mark.parametrize("number", [0, 0x40000000, 0xBFFFFFFF, 0xFFFFFFFF])
def test_however_high_a_client_numbers_another_number_can_be_said(number: int) -> None:
    for seed in range(20):
        spoilt = spoil("wrong_sequence_number", header_only(c.ENQUIRE_LINK_RESP, 0, number), seed)
        assert spoilt is not None
        assert read(spoilt)[0].sequence_number != number


def test_responses_come_twice_or_under_another_number_and_requests_do_not() -> None:
    assert spoil("duplicate_response", RESPONSE) == RESPONSE * 2
    spoilt = spoil("wrong_sequence_number", RESPONSE)
    assert spoilt is not None
    pdu = read(spoilt)[0]
    assert isinstance(pdu, SubmitSmResp)
    assert pdu.sequence_number != 7
    assert pdu.message_id == b"id-7"
    assert spoil("duplicate_response", DELIVER) is None
    assert spoil("wrong_sequence_number", DELIVER) is None


def test_shares_decide_how_many_are_spoilt() -> None:
    rng = random.Random(1)
    assert malformed(RESPONSE, {}, rng) is None
    assert malformed(RESPONSE, {"no_nul": 0.0}, rng) is None
    assert (
        malformed(RESPONSE, {"no_nul": 1.0}, rng)
        == RESPONSE[:4].replace(len(RESPONSE).to_bytes(4, "big"), (len(RESPONSE) - 1).to_bytes(4, "big"))
        + RESPONSE[4:-1]
    )
    hit = sum(malformed(RESPONSE, {"no_nul": 0.2}, rng) is not None for _ in range(5_000))
    assert 850 < hit < 1_150
