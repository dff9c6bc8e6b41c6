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


@given(IDS, STATES, st.binary(max_size=60), st.sampled_from([b"err:", b"Err:", b"err: "]))
def test_interop_23_the_subscribers_words_cannot_forge_a_receipt(
    message_id: bytes, state: int, words: bytes, err: bytes
) -> None:
    forged = b" id:FORGED stat:REJECTD err:666 done date:0001010000 submit date:0001010000 "
    honest = format_receipt(message_id, b"2601010000", b"2601010001", state, b"001").replace(b"err:", err)
    unforged = parsed(honest)
    for line in (honest + forged, honest + words + forged):
        receipt = parsed(line)
        assert receipt.text == line[len(honest) :] or not receipt.text
        receipt.text = unforged.text
        assert receipt == unforged
    assert (unforged.message_id, unforged.message_state) == (message_id, state)


@pytest.mark.parametrize("lacking", [b"stat:UNDELIV ", b"err:034 ", b"done date:2601010001 "])
def test_interop_23_the_subscribers_words_do_not_fill_in_what_lacks(lacking: bytes) -> None:
    own = b"id:77 done date:2601010001 stat:UNDELIV err:034 "
    line = own + b"text: id:6 stat:DELIVRD err:666 done date:0001010000"
    receipt = parsed(line.replace(lacking, b""))
    assert receipt.message_id == b"77"
    assert receipt.stat in (b"UNDELIV", b"")
    assert receipt.error in (b"034", b"")
    assert receipt.done_date in (b"2601010001", b"")


def test_interop_23_without_text_the_first_of_each_label_counts() -> None:
    receipt = parsed(b"id:77 stat:UNDELIV err:034 id:6 stat:DELIVRD err:000")
    assert (receipt.message_id, receipt.stat, receipt.error) == (b"77", b"UNDELIV", b"034")


LABELS = [
    b"id:",
    b"ID: ",
    b" stat:",
    b",stat=",
    b" err:",
    b" text:",
    b" submit date:",
    b" done_date:",
    b"\x0b",
    b"\0",
]


@given(
    st.integers(0, 255),
    st.lists(st.sampled_from(LABELS) | st.binary(max_size=8), max_size=20).map(b"".join),
    st.lists(
        st.tuples(
            st.sampled_from(
                [
                    c.TAG_RECEIPTED_MESSAGE_ID,
                    c.TAG_MESSAGE_STATE,
                    c.TAG_NETWORK_ERROR_CODE,
                    c.TAG_MESSAGE_PAYLOAD,
                ]
            ),
            st.binary(max_size=8),
        ),
        max_size=4,
    ),
)
def test_any_octets_are_a_receipt_or_none(esm_class: int, text: bytes, tlvs: list[tuple[int, bytes]]) -> None:
    for pdu in (receipt_pdu(text, esm_class, *tlvs), DataSm(esm_class=esm_class, tlvs=tuple(tlvs))):
        receipt = parse_receipt(pdu)
        assert receipt is None or receipt.message_id
        assert receipt is None or receipt.message_state in STATS


@given(IDS, st.integers(0, 150))
def test_a_receipt_cut_anywhere_is_read_as_far_as_it_goes_or_not_at_all(
    message_id: bytes, length: int
) -> None:
    text = format_receipt(message_id, b"2601010000", b"2601010001", c.UNDELIVERABLE, b"034", b"hello")
    receipt = parse_receipt(receipt_pdu(text[:length]))
    if receipt is not None:
        assert message_id.startswith(receipt.message_id)
        assert b"UNDELIV".startswith(receipt.stat)
        assert b"034".startswith(receipt.error)
        assert receipt.submit_date in (b"", b"2601010000")


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
        (b"id:77 stat:MK:0001 err:000", c.UNDELIVERABLE),
        (b"id:77", c.UNKNOWN),
        (b"id:77 stat:\x0b", c.UNKNOWN),
        (b"id:77        sub:001 dlvrd:001 stat:DELIVRD\x00", c.DELIVERED),
        (b"id:77\r\nsub:001\r\nstat:UNDELIV\r\nerr:034\r\n", c.UNDELIVERABLE),
        (b"id:77 to:8613900000001 stat:DELIVRD", c.DELIVERED),
        (b"id=77;stat=UNDELIVERED;err=1", c.UNDELIVERABLE),
    ],
)
def test_interop_23_dialects_of_the_text_are_understood(text: bytes, state: int) -> None:
    receipt = parsed(text)
    assert (receipt.message_id, receipt.message_state) == (b"77", state)


@pytest.mark.parametrize(
    ("text", "message_id"),
    [
        (b"id:12 34 sub:001 dlvrd:001 stat:DELIVRD err:000", b"12 34"),
        (b"id: 12  34  stat:DELIVRD", b"12  34"),
        (b"id:12 34", b"12"),
        (b"id:YWJj== stat:DELIVRD", b"YWJj=="),
        (b"id:a:b,c stat:DELIVRD", b"a:b,c"),
        (b"id:0f8fad5b-d9cb-469f-a165-70867728950e stat:DELIVRD", b"0f8fad5b-d9cb-469f-a165-70867728950e"),
    ],
)
def test_interop_21_an_id_is_taken_as_it_stands(text: bytes, message_id: bytes) -> None:
    assert parsed(text).message_id == message_id


@pytest.mark.parametrize("error", [b"0", b"34", b"034", b"1042", b"A07", b"0x22", b"-1"])
def test_interop_23_an_error_of_any_kind_is_read_whole(error: bytes) -> None:
    line = b"id:77 sub:001 dlvrd:000 submit date:2601010000 done date:2601010001 stat:UNDELIV err:" + error
    assert parsed(line).error == error
    assert parsed(line + b" text:hello").error == error
    assert parsed(b"id:77 stat:UNDELIV err:" + error).error == error


@pytest.mark.parametrize("date", [b"2601010001", b"260101000100", b"20260101000100"])
def test_interop_23_dates_have_10_12_or_14_digits(date: bytes) -> None:
    for line in (
        b"id:77 sub:001 dlvrd:001 submit date:"
        + date
        + b" done date:"
        + date
        + b" stat:DELIVRD err:000 text:",
        b"id:77 done date:" + date + b" stat:DELIVRD submit date:" + date,
    ):
        receipt = parsed(line)
        assert (receipt.submit_date, receipt.done_date) == (date, date)


@pytest.mark.parametrize("date", [b"", b"26010100", b"26010100011", b"2026-01-01", b"yesterday1"])
def test_interop_23_what_is_no_date_is_left_out(date: bytes) -> None:
    line = (
        b"id:77 sub:001 dlvrd:001 submit date:"
        + date
        + b" done date:"
        + date
        + b" stat:DELIVRD err:000 text:"
    )
    receipt = parsed(line)
    assert (receipt.message_id, receipt.submit_date, receipt.done_date, receipt.stat) == (
        b"77",
        b"",
        b"",
        b"DELIVRD",
    )


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


@pytest.mark.parametrize(
    ("tlvs", "message_id", "state", "error"),
    [
        (((c.TAG_RECEIPTED_MESSAGE_ID, b"7"),), b"7", c.DELIVERED, b""),
        (((c.TAG_RECEIPTED_MESSAGE_ID, b"7  \0"),), b"7", c.DELIVERED, b""),
        (((c.TAG_RECEIPTED_MESSAGE_ID, b"\0"),), b"77", c.DELIVERED, b""),
        (((c.TAG_RECEIPTED_MESSAGE_ID, b"7"), (c.TAG_RECEIPTED_MESSAGE_ID, b"8")), b"7", c.DELIVERED, b""),
        (((c.TAG_MESSAGE_STATE, b"\x00\x05"),), b"77", c.UNDELIVERABLE, b""),
        (((c.TAG_MESSAGE_STATE, b"\xff"),), b"77", c.DELIVERED, b""),
        (((c.TAG_MESSAGE_STATE, b""),), b"77", c.DELIVERED, b""),
        (((c.TAG_NETWORK_ERROR_CODE, b"\x03\x00\x22"),), b"77", c.DELIVERED, b"\x03\x00\x22"),
        (((c.TAG_NETWORK_ERROR_CODE, b"\x22"),), b"77", c.DELIVERED, b""),
    ],
)
def test_interop_23_parameters_of_odd_sizes_are_read_or_passed_over(
    tlvs: tuple[tuple[int, bytes], ...], message_id: bytes, state: int, error: bytes
) -> None:
    receipt = parsed(b"id:77 stat:DELIVRD", 0x04, *tlvs)
    assert (receipt.message_id, receipt.message_state, receipt.network_error_code) == (
        message_id,
        state,
        error,
    )


def test_interop_16_a_receipt_may_stand_in_message_payload_or_behind_a_header() -> None:
    text = format_receipt(b"77", b"2601010000", b"2601010001", c.DELIVERED, b"000")
    assert parsed(b"", 0x04, (c.TAG_MESSAGE_PAYLOAD, text)) == parsed(text)
    assert parsed(b"\x05\x00\x03\x09\x01\x01" + text, 0x44) == parsed(text)


@pytest.mark.parametrize(
    "text",
    [
        b"hello id:77 stat:DELIVRD done date:2601010001",
        b"id:77 please",
        b"id:77 stat:DELIVRD",
        b"id:77 stat:NEWWORD done date:2601010001",
        b"stat:DELIVRD done date:2601010001",
        b"id: stat:DELIVRD done date:2601010001",
        b"",
    ],
)
def test_a_message_is_no_receipt_whatever_it_says(text: bytes) -> None:
    assert parse_receipt(receipt_pdu(text, 0x00)) is None
    assert parse_receipt(DataSm(tlvs=((c.TAG_MESSAGE_PAYLOAD, text),))) is None


@pytest.mark.parametrize("esm_class", [0x08, 0x10, 0x18])
def test_an_acknowledgement_of_the_subscriber_is_no_receipt(esm_class: int) -> None:
    text = format_receipt(b"77", b"2601010000", b"2601010001", c.DELIVERED, b"000")
    assert parse_receipt(receipt_pdu(text, esm_class, ID_TLV, (c.TAG_MESSAGE_STATE, b"\x02"))) is None


def test_what_is_marked_as_a_receipt_and_names_no_id_is_none() -> None:
    for text in (b"", b"nothing", b"stat:DELIVRD err:000", b"id: stat:DELIVRD", b"text:id:77 stat:DELIVRD"):
        assert parse_receipt(receipt_pdu(text, 0x04)) is None


@pytest.mark.parametrize("esm_class", [0x04, 0x20, 0x07, 0x24 & 0x3C, 0xC4 & ~0x40])
def test_the_type_of_esm_class_marks_a_receipt(esm_class: int) -> None:
    is_marked = esm_class & 0x3C in (0x04, 0x20)
    assert (parse_receipt(receipt_pdu(b"id:77 stat:FAILED", esm_class)) is not None) == is_marked


def test_a_receipt_whose_esm_class_was_forgotten_is_known_by_its_shape() -> None:
    for text in (
        format_receipt(b"77", b"2601010000", b"2601010001", c.EXPIRED, b"001"),
        b"ID:77 DONE DATE:2601010001 STAT:EXPIRED",
        b"id:77 submit date:2601010001 stat:EXPIRED err:1042",
    ):
        receipt = parsed(text, 0x00)
        assert (receipt.message_id, receipt.message_state) == (b"77", c.EXPIRED)


def test_a_receipt_whose_esm_class_was_forgotten_is_known_by_its_parameters() -> None:
    state = (c.TAG_MESSAGE_STATE, b"\x05")
    receipt = parsed(b"whatever", 0x00, ID_TLV, state)
    assert (receipt.message_id, receipt.message_state) == (b"TLV-7", c.UNDELIVERABLE)
    assert parse_receipt(receipt_pdu(b"whatever", 0x00, ID_TLV)) is None
    assert parse_receipt(receipt_pdu(b"whatever", 0x00, state)) is None


@given(STATES)
def test_interop_24_enroute_and_accepted_are_not_final(state: int) -> None:
    assert Receipt(b"1", state).is_final == (state not in (c.ENROUTE, c.ACCEPTED))


@pytest.mark.parametrize("stat", [b"MK:0027", b"CB:0005", b"MI:13"])
def test_interop_23_a_cause_in_the_place_of_the_state_is_a_failure(stat: bytes) -> None:
    line = b"id:7 sub:001 dlvrd:000 submit date:2601010000 done date:2601010001 stat:%b err:0027 text:"
    assert parsed(line % stat).message_state == c.UNDELIVERABLE


def test_interop_23_a_vendors_word_for_the_state_is_enough_to_know_an_unmarked_receipt() -> None:
    line = b"id:7 sub:001 dlvrd:000 submit date:2601010000 done date:2601010001 stat:FAILED err:001 text:"
    assert parsed(line, 0x00).message_state == c.UNDELIVERABLE


@pytest.mark.parametrize("esm_class", [0x04, 0x00])
@pytest.mark.parametrize("words", ["Hello", "您好"])
def test_a_receipt_in_ucs2_is_read_like_any_other(esm_class: int, words: str) -> None:
    date = "submit date:2611261000 done date:2611261001"
    text = f"id:A1 sub:001 dlvrd:001 {date} stat:UNDELIV err:027 text:{words}"
    octets = text.encode("utf-16-be")
    receipt = parse_receipt(DeliverSm(esm_class=esm_class, data_coding=8, short_message=octets))
    assert receipt is not None
    assert (receipt.message_id, receipt.message_state, receipt.error) == (b"A1", c.UNDELIVERABLE, b"027")
    assert receipt.done_date == b"2611261001"


def test_a_message_in_ucs2_is_no_receipt() -> None:
    for text in ("id:A1 is what I have", "stat:DELIVRD", "x"):
        assert parse_receipt(DeliverSm(data_coding=8, short_message=text.encode("utf-16-be"))) is None
