"""A receipt that is decoded in one step says what it says when it is decoded field by field."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode, encode_body
from smpp_router.wire.pdu import DeliverSm, Malformed, Pdu, SubmitSm
from smpp_router.wire.receipt import STATS, Receipt, format_receipt, parse_receipt
from smpp_router.wire.receipt_body import receipt_body
from smpp_router.wire.receipt_sm import RECEIPT_DECODERS, ReceiptSm

ADDRESSES = b"\x01\x01106900\x00\x01\x018613900000001\x00"
DATE = b"2601010000"
IDS = st.from_regex(rb"[0-9A-Za-z-]{1,40}", fullmatch=True)


def quick(body: bytes) -> Pdu:
    return RECEIPT_DECODERS[c.DELIVER_SM](c.DELIVER_SM, 0, 7, body)


def said(pdu: Pdu) -> Receipt | None:
    if isinstance(pdu, ReceiptSm):
        return pdu.receipt
    assert isinstance(pdu, DeliverSm)
    return parse_receipt(pdu)


@given(IDS, st.sampled_from([*STATS]), st.sampled_from([0, 34]))
def test_what_carriers_write_is_read_in_one_step(message_id: bytes, state: int, error_code: int) -> None:
    body = receipt_body(message_id, ADDRESSES, DATE, DATE, state, error_code)
    pdu = quick(body)
    assert isinstance(pdu, ReceiptSm) == (error_code == 0)
    assert (pdu.sequence_number, pdu.command_status, pdu.command_id) == (7, 0, c.DELIVER_SM)
    receipt, expected = said(pdu), said(decode(c.DELIVER_SM, 0, 7, body))
    assert receipt is not None
    assert receipt == expected
    assert (receipt.message_id, receipt.message_state) == (message_id, state)


BODY = receipt_body(b"77", ADDRESSES, DATE, DATE, c.DELIVERED, 0)
PIECES = [
    b"\x00",
    b"\xff",
    b" ",
    b"id:6 ",
    b"\x04",
    b"\x40",
    b"stat:REJECTD",
    b"\x00\x1e\x00\x02\x36\x00",
    b"\x20\x01\x00\x00",
]


@given(st.data())
def test_whatever_is_done_to_a_receipt_both_ways_agree(data: st.DataObject) -> None:
    body = bytearray(BODY)
    for _ in range(data.draw(st.integers(1, 3))):
        at = data.draw(st.integers(0, len(body)))
        upto = data.draw(st.integers(at, min(len(body), at + 3)))
        body[at:upto] = data.draw(st.sampled_from(PIECES) | st.binary(max_size=3))
    octets = bytes(body)
    slow = decode(c.DELIVER_SM, 0, 7, octets)
    pdu = quick(octets)
    if isinstance(pdu, ReceiptSm):
        assert not isinstance(slow, Malformed)
        assert said(slow) == pdu.receipt
    else:
        assert pdu == slow


@pytest.mark.parametrize("sm_length", range(0, 255, 7))
def test_a_text_reaches_no_further_than_its_length(sm_length: int) -> None:
    text = format_receipt(b"77", DATE, DATE, c.DELIVERED, b"000")
    at = BODY.index(text) - 1
    octets = BODY[:at] + bytes([sm_length]) + BODY[at + 1 :]
    assert isinstance(quick(octets), ReceiptSm) == (sm_length == len(text))


@pytest.mark.parametrize(
    "pdu",
    [
        DeliverSm(short_message=b"R"),
        DeliverSm(esm_class=0x44, short_message=b"\x00" + format_receipt(b"77", DATE, DATE, 2, b"")),
        DeliverSm(esm_class=0x20, short_message=format_receipt(b"77", DATE, DATE, c.ENROUTE, b"")),
        DeliverSm(esm_class=0x04, short_message=b"id:77 stat:DELIVRD"),
        DeliverSm(
            esm_class=0x04,
            short_message=format_receipt(b"77", DATE, DATE, c.DELIVERED, b""),
            tlvs=((c.TAG_MESSAGE_STATE, b"\x05"), (c.TAG_RECEIPTED_MESSAGE_ID, b"77\x00")),
        ),
    ],
)
def test_what_is_not_plain_is_a_deliver_sm_as_ever(pdu: DeliverSm) -> None:
    assert quick(encode_body(pdu)) == decode(c.DELIVER_SM, 0, 7, encode_body(pdu))


def test_other_pdus_are_decoded_as_ever() -> None:
    body = encode_body(SubmitSm(short_message=b"hello"))
    assert RECEIPT_DECODERS[c.SUBMIT_SM](c.SUBMIT_SM, 0, 1, body) == decode(c.SUBMIT_SM, 0, 1, body)
