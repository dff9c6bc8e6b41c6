from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.codec import decode, encode_body
from smpp_router.wire.pdu import DeliverSm, Pdu, ShortMessage, SubmitSm
from smpp_router.wire.receipt import STATS, parse_receipt
from smpp_router.wire.receipt_body import FINAL_RECEIPT, INTERMEDIATE, NO_CAUSE, receipt_body, without_tlvs
from tests.wire import pdus

ADDRESS = st.from_regex(rb"[0-9A-Za-z]{0,20}", fullmatch=True)


@given(
    source=ADDRESS,
    destination=ADDRESS,
    tons=st.tuples(*[st.integers(0, 255)] * 4),
    message_id=st.from_regex(rb"[0-9a-f]{1,64}", fullmatch=True),
    state=st.sampled_from(sorted(STATS)),
    error_code=st.integers(0, 65_535),
    esm_class=st.sampled_from([FINAL_RECEIPT, INTERMEDIATE]),
)
def test_a_body_is_the_deliver_sm_of_its_receipt(
    source: bytes,
    destination: bytes,
    tons: tuple[int, ...],
    message_id: bytes,
    state: int,
    error_code: int,
    esm_class: int,
) -> None:
    if state == c.DELIVERED:
        error_code = 0
    addresses = bytes(tons[:2]) + source + b"\0" + bytes(tons[2:]) + destination + b"\0"
    body = receipt_body(message_id, addresses, b"2601010000", b"2601010001", state, error_code, esm_class)
    pdu = decode(c.DELIVER_SM, 0, 1, body)
    assert isinstance(pdu, DeliverSm)
    assert pdu.body == body, "it keeps every limit of the specification"
    assert (pdu.source_addr, pdu.destination_addr, pdu.esm_class) == (destination, source, esm_class)
    assert (pdu.source_addr_ton, pdu.source_addr_npi, pdu.dest_addr_ton, pdu.dest_addr_npi) == (
        *tons[2:],
        *tons[:2],
    )
    receipt = parse_receipt(pdu)
    assert receipt is not None
    assert (receipt.message_id, receipt.message_state) == (message_id, state)
    assert tlv.find_int(pdu.tlvs, c.TAG_MESSAGE_STATE) == state
    if error_code:
        assert receipt.network_error_code == b"\x03" + error_code.to_bytes(2, "big")
    if esm_class == FINAL_RECEIPT and state != c.DELIVERED:
        assert receipt.error == b"%03d" % (error_code % 1000 or NO_CAUSE)


@given(pdus.pdus_of(c.DELIVER_SM, 0) | pdus.pdus_of(c.SUBMIT_SM, 0))
def test_without_tlvs_the_rest_is_the_same(pdu: Pdu) -> None:
    assert isinstance(pdu, ShortMessage)
    body = without_tlvs(encode_body(pdu))
    stripped = decode(pdu.command_id, pdu.command_status, pdu.sequence_number, body)
    assert isinstance(stripped, DeliverSm | SubmitSm)
    assert stripped.tlvs == ()
    pdu.tlvs = ()
    assert stripped == pdu


def test_a_failure_whose_code_ends_in_000_is_not_shown_as_none() -> None:
    body = receipt_body(b"7", bytes(3) * 2, b"2601010000", b"2601010001", c.UNDELIVERABLE, 1000)
    assert b"err:999" in body
