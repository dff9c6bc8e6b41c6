import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.pdu import Tlvs
from tests.wire import pdus


@given(pdus.tlvs, st.binary(max_size=8))
def test_optional_parameters_survive_the_wire(tlvs: Tlvs, before: bytes) -> None:
    octets = before + tlv.encode_tlvs(tlvs)
    assert tlv.decode_tlvs(octets, len(before)) == (tlvs, len(octets))


@given(pdus.tlvs, st.data())
def test_a_cut_stream_gives_what_is_whole_and_where_it_stops(tlvs: Tlvs, data: st.DataObject) -> None:
    octets = tlv.encode_tlvs(tlvs)
    cut = data.draw(st.integers(0, len(octets)))
    found, end = tlv.decode_tlvs(octets[:cut], 0)
    assert found == tlvs[: len(found)]
    assert tlv.encode_tlvs(found) == octets[:end]
    assert end <= cut
    assert end == len(octets) or len(found) < len(tlvs)


@given(st.binary(max_size=60))
def test_any_octets_are_read_without_an_exception(octets: bytes) -> None:
    found, end = tlv.decode_tlvs(octets, 0)
    assert tlv.encode_tlvs(found) == octets[:end]


def test_a_length_past_the_end_stops_the_reading_before_it() -> None:
    octets = b"\x02\x04\x00\x02\x00\x01" + b"\x04\x24\xff\xff\x00"
    assert tlv.decode_tlvs(octets, 0) == (((0x0204, b"\0\1"),), 6)


def test_unknown_tags_and_repeats_are_kept_in_order() -> None:
    tlvs = ((0x1400, b"a"), (0x3FFF, b""), (0x1400, b"b"))
    assert tlv.decode_tlvs(tlv.encode_tlvs(tlvs), 0)[0] == tlvs


@pytest.mark.parametrize(
    ("tag", "value"), [(0x10000, b""), (-1, b""), (c.TAG_MESSAGE_PAYLOAD, bytes(0x10000))]
)
def test_what_does_not_fit_its_field_is_refused(tag: int, value: bytes) -> None:
    with pytest.raises(ValueError, match="tlvs"):
        tlv.encode_tlvs(((tag, value),))


def test_the_largest_message_payload_fits() -> None:
    payload = bytes(0xFFFF)
    octets = tlv.encode_tlvs(((c.TAG_MESSAGE_PAYLOAD, payload),))
    assert tlv.decode_tlvs(octets, 0) == (((c.TAG_MESSAGE_PAYLOAD, payload),), 4 + 0xFFFF)


def test_the_first_of_a_tag_is_found() -> None:
    tlvs = ((1, b"a"), (2, b"b"), (2, b"c"))
    assert tlv.find(tlvs, 2) == b"b"
    assert tlv.find(tlvs, 3) is None
    assert tlv.without(tlvs, 2) == ((1, b"a"),)


def test_an_integer_of_any_size_is_read() -> None:
    tlvs = (
        (c.TAG_SAR_TOTAL_SEGMENTS, b"\0\3"),
        (c.TAG_SAR_MSG_REF_NUM, b""),
        (c.TAG_SAR_SEGMENT_SEQNUM, b"\2"),
    )
    assert tlv.find_int(tlvs, c.TAG_SAR_TOTAL_SEGMENTS) == 3
    assert tlv.find_int(tlvs, c.TAG_SAR_SEGMENT_SEQNUM) == 2
    assert tlv.find_int(tlvs, c.TAG_SAR_MSG_REF_NUM) is None
    assert tlv.find_int(tlvs, c.TAG_USER_MESSAGE_REFERENCE) is None


def test_a_text_is_read_with_or_without_its_nul() -> None:
    tag = c.TAG_RECEIPTED_MESSAGE_ID
    assert tlv.find_text((tlv.encode_text(tag, b"4F2"),), tag) == b"4F2"
    assert tlv.find_text(((tag, b"4F2"),), tag) == b"4F2"
    assert tlv.find_text((), tag) is None


@pytest.mark.parametrize("rule", [rule for rule in tlv.RULES.values() if rule.type is tlv.TlvType.INTEGER])
def test_an_integer_is_written_in_the_size_of_its_tag(rule: tlv.TlvRule) -> None:
    most = 256**rule.octets_min - 1
    written = tlv.encode_int(rule.tag, most)
    assert written == (rule.tag, b"\xff" * rule.octets_min)
    assert tlv.defect(*written) is None
    assert tlv.find_int((written,), rule.tag) == most
    with pytest.raises(ValueError, match=rule.name):
        tlv.encode_int(rule.tag, most + 1)


@pytest.mark.parametrize("tag", [c.TAG_MESSAGE_PAYLOAD, 0x1400])
def test_only_an_integer_is_written_as_one(tag: int) -> None:
    with pytest.raises(ValueError, match="not an integer"):
        tlv.encode_int(tag, 1)


def test_every_named_tag_has_a_rule() -> None:
    assert {rule.tag: rule.name for rule in tlv.RULES.values()} == c.TAG_NAMES


def test_a_size_that_breaks_the_rule_is_told() -> None:
    assert tlv.defect(c.TAG_NETWORK_ERROR_CODE, b"\3\0") == "network_error_code has 2 octets instead of 3"
    assert tlv.defect(c.TAG_CALLBACK_NUM, b"123") == "callback_num has 3 octets instead of 4-19"
    assert tlv.defect(c.TAG_CALLBACK_NUM, b"1234") is None
    assert tlv.defect(0x1400, b"anything") is None


def test_a_description_has_names_and_no_numbers_of_people() -> None:
    described = tlv.describe(
        (
            tlv.encode_int(c.TAG_MESSAGE_STATE, 2),
            tlv.encode_text(c.TAG_RECEIPTED_MESSAGE_ID, b"4F2"),
            (c.TAG_NETWORK_ERROR_CODE, b"\3\0\x22"),
            (c.TAG_CALLBACK_NUM, b"447700900123"),
            (c.TAG_MESSAGE_PAYLOAD, b"dear bob"),
            (0x1400, b"447700900123"),
        )
    )
    assert described == [
        ("message_state", "2"),
        ("receipted_message_id", "4F2"),
        ("network_error_code", "030022"),
        ("callback_num", "<12 octets>"),
        ("message_payload", "<8 octets>"),
        ("0x1400", "<12 octets>"),
    ]
