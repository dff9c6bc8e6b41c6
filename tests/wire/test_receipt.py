import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm, DeliverSm
from smpp_router.wire.receipt import STATS, Receipt, format_receipt, parse_receipt

IDS = st.from_regex(rb"[0-9A-Za-z-]{1,40}", fullmatch=True)
DATES = st.from_regex(rb"[0-9]{10}([0-9]{2}([0-9]{2})?)?", fullmatch=True)
STATES = st.sampled_from(sorted(STATS))
TEXT = st.binary(max_size=20)
ID_TLV = (c.TAG_RECEIPTED_MESSAGE_ID, b"TLV-7\x00")


def receipt_pdu(text: bytes, esm_class: int = 0x04, *tlvs: tuple[int, bytes]) -> DeliverSm:
    return DeliverSm(esm_class=esm_class, short_message=text, tlvs=tlvs)


def parsed(text: bytes, esm_class: int = 0x04, *tlvs: tuple[int, bytes]) -> Receipt:
    receipt = parse_receipt(receipt_pdu(text, esm_class, *tlvs))
    assert receipt is not None
    return receipt


@given(IDS, DATES, DATES, STATES, st.from_regex(rb"[0-9]{3}", fullmatch=True), TEXT)
def test_what_is_written_is_read(
    message_id: bytes, submit_date: bytes, done_date: bytes, state: int, error: bytes, text: bytes
) -> None:
    receipt = parsed(format_receipt(message_id, submit_date, done_date, state, error, text))
    assert (receipt.message_id, receipt.message_state, receipt.stat) == (message_id, state, STATS[state])
    assert (receipt.submit_date, receipt.done_date) == (submit_date, done_date)
    assert receipt.error == (b"000" if state == c.DELIVERED else error)


@given(STATES, st.from_regex(rb"[0-9]{3}", fullmatch=True))
def test_the_fields_agree_with_the_outcome(state: int, error: bytes) -> None:
    text = format_receipt(b"1", b"2601010000", b"2601010001", state, error)
    is_delivered = state == c.DELIVERED
    assert (b"dlvrd:001" in text) == is_delivered
    assert (b" err:000 " in text) == (is_delivered or error == b"000")


@given(IDS, STATES, st.binary(max_size=60))
def test_interop_23_the_subscribers_words_cannot_forge_a_receipt(
    message_id: bytes, state: int, words: bytes
) -> None:
    forged = b" id:FORGED stat:REJECTD err:666 done date:0001010000 "
    text = format_receipt(message_id, b"2601010000", b"2601010001", state, b"001")
    for words_ in (forged, words + forged):
        for line in (text + words_, text.replace(b" err:", b" Err: ") + words_):
            receipt = parsed(line)
            assert (receipt.message_id, receipt.message_state) == (message_id, state)


@given(
    st.integers(0, 255),
    st.binary(max_size=120),
    st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=8)), max_size=4),
)
def test_any_octets_are_a_receipt_or_none(esm_class: int, text: bytes, tlvs: list[tuple[int, bytes]]) -> None:
    receipt = parse_receipt(receipt_pdu(text, esm_class, *tlvs))
    assert receipt is None or receipt.message_id


@given(IDS, st.integers(0, 150))
def test_a_receipt_cut_anywhere_is_read_as_far_as_it_goes_or_not_at_all(
    message_id: bytes, length: int
) -> None:
    text = format_receipt(message_id, b"2601010000", b"2601010001", c.UNDELIVERABLE, b"034", b"hello")
    receipt = parse_receipt(receipt_pdu(text[:length]))
    if receipt is not None:
        assert message_id.startswith(receipt.message_id)


@pytest.mark.parametrize(
    ("text", "state"),
    [
        (b"id:77 submit date:2601010000 done date:2601010001 stat:DELIVRD err:000", c.DELIVERED),
        (
            b"id:77 sub:001 dlvrd:000 submit date:260101000000 done date:260101000100 stat:UNDELIV err:034",
            c.UNDELIVERABLE,
        ),
        (
            b"id:77 sub:001 dlvrd:000 submit date:20260101000000 done date:20260101000100 stat:EXPIRED err:0",
            c.EXPIRED,
        ),
        (b"id:77 stat:FAILED err:1042", c.UNDELIVERABLE),
        (
            b"ID:77 SUB:001 DLVRD:001 SUBMIT DATE:2601010000 DONE DATE:2601010001 STAT:DELIVRD ERR:0 TEXT:",
            c.DELIVERED,
        ),
        (b"id:77 stat:delivrd err:000", c.DELIVERED),
        (b"stat:REJECTD id:77 err:A07", c.REJECTED),
        (b"id:77 sub:001 dlvrd:001 submit date: done date: stat:DELIVRD err:  text:", c.DELIVERED),
        (b"id: 77 stat: DELIVRD", c.DELIVERED),
        (
            b"id:77,sub:001,dlvrd:001,submit_date:2601010000,done_date:2601010001,stat:DELIVRD,err:000",
            c.DELIVERED,
        ),
        (b"id:77 stat:BUFFRED err:000", c.ENROUTE),
        (b"id:77 stat:NEWWORD err:000", c.UNKNOWN),
    ],
)
def test_interop_23_dialects_of_the_text_are_understood(text: bytes, state: int) -> None:
    receipt = parsed(text)
    assert (receipt.message_id, receipt.message_state) == (b"77", state)


def test_interop_23_parameters_alone_are_a_receipt_and_win_over_text() -> None:
    tlvs = ((c.TAG_MESSAGE_STATE, b"\x05"), (c.TAG_NETWORK_ERROR_CODE, b"\x03\x00\x22"))
    alone = parsed(b"", 0x04, ID_TLV, *tlvs)
    assert (alone.message_id, alone.message_state, alone.network_error_code) == (
        b"TLV-7",
        c.UNDELIVERABLE,
        b"\x03\x00\x22",
    )
    both = parsed(b"id:77 stat:DELIVRD err:000", 0x04, ID_TLV, *tlvs)
    assert (both.message_id, both.message_state) == (b"TLV-7", c.UNDELIVERABLE)


def test_interop_23_a_receipt_may_come_as_data_sm() -> None:
    payload = (
        c.TAG_MESSAGE_PAYLOAD,
        format_receipt(b"77", b"2601010000", b"2601010001", c.DELIVERED, b"000"),
    )
    receipt = parse_receipt(DataSm(esm_class=0x04, tlvs=(payload,)))
    assert receipt is not None
    assert receipt.message_id == b"77"
    alone = parse_receipt(DataSm(esm_class=0x04, tlvs=(ID_TLV, (c.TAG_MESSAGE_STATE, b"\x02"))))
    assert alone is not None
    assert alone.message_state == c.DELIVERED


def test_a_message_is_no_receipt_whatever_it_says() -> None:
    assert parse_receipt(receipt_pdu(b"hello id:77 stat:DELIVRD", 0x00)) is None
    assert parse_receipt(receipt_pdu(b"id:77 please", 0x00)) is None
    assert parse_receipt(receipt_pdu(b"nothing", 0x04)) is None


def test_a_receipt_whose_esm_class_was_forgotten_is_known_by_its_strict_shape() -> None:
    receipt = parsed(format_receipt(b"77", b"2601010000", b"2601010001", c.EXPIRED, b"001"), 0x00)
    assert (receipt.message_id, receipt.message_state) == (b"77", c.EXPIRED)


@given(STATES)
def test_interop_24_enroute_and_accepted_are_not_final(state: int) -> None:
    assert Receipt(b"1", state).is_final == (state not in (c.ENROUTE, c.ACCEPTED))
