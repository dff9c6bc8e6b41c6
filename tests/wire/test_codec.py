# Two witnesses: the PDU itself (what goes out comes back), and the table against the quick ways.
# A third, smpplib, has its own file.
import struct
from typing import Any

import attrs
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from smpp_router.wire import codec, tlv
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.layouts import LAYOUTS
from tests.wire import pdus
from tests.wire.pdus import COMMANDS, DISTINCT, decode

RESPONSES = [command_id for command_id in COMMANDS if command_id & c.RESPONSE_BIT]
QUICK = sorted(id_ for id_, decoder in codec.DECODERS.items() if decoder is not codec.decode_by_layout)
MESSAGES = [c.SUBMIT_SM, c.DELIVER_SM]


def refusal(pdu: p.Pdu) -> int:
    """The status that a malformed PDU deserves."""
    assert isinstance(pdu, p.Malformed), pdu
    assert pdu.problem
    return pdu.answer_status


def body_of(
    short_message: bytes, *, sm_length: int | None = None, behind: bytes = b"", dest: bytes = b"447"
) -> bytes:
    """A submit_sm body with any sm_length and anything behind it."""
    length = len(short_message) if sm_length is None else sm_length
    head = b"\0\x05\0ACME\0\1\1" + dest + b"\0\0\0\0\0\0\1\0\0\0"
    return head + bytes((length,)) + short_message + behind


# What goes out comes back.


@pytest.mark.parametrize("command_id", DISTINCT)
@given(data=st.data())
def test_every_pdu_survives_the_wire(command_id: int, data: st.DataObject) -> None:
    pdu = data.draw(pdus.pdus_of(command_id))
    octets = codec.encode(pdu)
    back = decode(octets)
    assert back == pdu
    assert type(back) is type(pdu)
    assert codec.encode(back) == octets


@pytest.mark.parametrize("command_id", COMMANDS)
def test_every_command_id_is_decoded_to_its_class(command_id: int) -> None:
    layout = LAYOUTS[command_id]
    fields: dict[str, Any] = {"command_id": command_id} if layout.carries_command_id else {}
    pdu = layout.pdu_class(7, **fields)
    back = decode(codec.encode(pdu))
    assert back == pdu
    assert type(back) is layout.pdu_class
    assert back.command_id == command_id


@given(pdus.unknown_pdus)
def test_an_unknown_pdu_survives_the_wire(pdu: p.UnknownPdu) -> None:
    assert decode(codec.encode(pdu)) == pdu


@given(pdus.number, st.binary(max_size=64).filter(lambda octets: b"\0" not in octets))
def test_the_quick_responses_are_the_ordinary_ones(sequence_number: int, message_id: bytes) -> None:
    ordinary = p.SubmitSmResp(sequence_number, c.ESME_ROK, message_id)
    assert codec.submit_sm_resp(sequence_number, message_id) == codec.encode(ordinary)
    assert codec.deliver_sm_resp(sequence_number) == codec.encode(p.DeliverSmResp(sequence_number))
    nack = p.HeaderOnly(sequence_number, c.ESME_RINVCMDID, c.GENERIC_NACK)
    assert codec.header_only(c.GENERIC_NACK, c.ESME_RINVCMDID, sequence_number) == codec.encode(nack)


# The quick ways against the table.


@pytest.mark.parametrize("command_id", [id_ for id_ in QUICK if LAYOUTS[id_].fields])
@given(data=st.data())
def test_the_quick_ways_decode_as_the_table_does(command_id: int, data: st.DataObject) -> None:
    octets = bytearray(codec.encode_body(data.draw(pdus.pdus_of(command_id, c.ESME_ROK))))
    for _ in range(data.draw(st.integers(0, 3))):
        if octets:
            octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(pdus.octet)
    body = bytes(octets[: data.draw(st.integers(0, len(octets)))])
    assert codec.decode(command_id, 0, 1, body) == codec.decode_by_layout(command_id, 0, 1, body)


@pytest.mark.parametrize("command_id", MESSAGES)
@given(data=st.data())
def test_a_body_is_kept_exactly_when_it_obeys_every_limit(command_id: int, data: st.DataObject) -> None:
    octets = bytearray(codec.encode_body(data.draw(pdus.pdus_of(command_id))))
    octets[data.draw(st.integers(0, len(octets) - 1))] = data.draw(pdus.octet)
    body = bytes(octets)
    pdu = codec.decode(command_id, 0, 1, body)
    assume(isinstance(pdu, p.ShortMessage))
    assert isinstance(pdu, p.ShortMessage)
    try:
        assert codec.encode_body(pdu) == body
    except ValueError:
        assert pdu.body is None
    else:
        assert pdu.body == body


@pytest.mark.parametrize("command_id", MESSAGES)
@given(data=st.data())
def test_a_kept_body_goes_on_behind_another_header(command_id: int, data: st.DataObject) -> None:
    pdu = decode(codec.encode(data.draw(pdus.pdus_of(command_id))))
    assert isinstance(pdu, p.ShortMessage)
    assert pdu.body is not None
    sent = codec.framed(command_id, c.ESME_ROK, 77, pdu.body)
    assert decode(sent) == attrs.evolve(pdu, sequence_number=77, command_status=c.ESME_ROK)


# Nothing raises.


@given(pdus.number, pdus.number, pdus.number, st.binary(max_size=120))
def test_any_header_and_body_are_decoded_without_an_exception(
    command_id: int, command_status: int, sequence_number: int, body: bytes
) -> None:
    pdu = codec.decode(command_id, command_status, sequence_number, body)
    assert (pdu.command_id, pdu.command_status) == (command_id, command_status)
    assert pdu.sequence_number == sequence_number


@pytest.mark.parametrize("command_id", DISTINCT)
@given(body=st.binary(max_size=120))
def test_any_body_of_a_known_command_is_decoded_without_an_exception(command_id: int, body: bytes) -> None:
    pdu = codec.decode(command_id, c.ESME_ROK, 1, body)
    assert pdu.command_id == command_id
    assert isinstance(pdu, p.Malformed | LAYOUTS[command_id].pdu_class)
    if not isinstance(pdu, p.Malformed):
        again = codec.decode(command_id, c.ESME_ROK, 1, codec.encode_body(pdu, strict=False))
        assert again == pdu


@pytest.mark.parametrize("command_id", DISTINCT)
@given(data=st.data())
def test_a_body_cut_anywhere_is_malformed_or_lacks_its_end_only(command_id: int, data: st.DataObject) -> None:
    pdu = data.draw(pdus.pdus_of(command_id, c.ESME_ROK))
    whole = codec.encode_body(pdu)
    for cut in range(len(whole)):
        found = codec.decode(command_id, 0, 1, whole[:cut])
        if isinstance(found, p.Malformed):
            assert found.body == whole[:cut]
        else:
            # A last C-octet string without its NUL, optional parameters that are not there, or a response.
            assert whole.startswith(codec.encode_body(found, strict=False)[:cut])


@given(pdus.pdus, st.data())
def test_a_pdu_with_some_octets_changed_is_decoded_without_an_exception(
    pdu: p.Pdu, data: st.DataObject
) -> None:
    octets = bytearray(codec.encode(pdu))
    for _ in range(data.draw(st.integers(1, 8))):
        octets[data.draw(st.integers(4, len(octets) - 1))] = data.draw(pdus.octet)
    decode(bytes(octets))


# The points of interoperation that concern one PDU.


@pytest.mark.parametrize("command_id", MESSAGES)
@pytest.mark.parametrize("sm_length", [6, 60, 255])
def test_an_sm_length_beyond_the_octets_is_refused_with_rinvmsglen(command_id: int, sm_length: int) -> None:
    pdu = codec.decode(command_id, 0, 9, body_of(b"hello", sm_length=sm_length))
    assert refusal(pdu) == c.ESME_RINVMSGLEN
    assert (pdu.command_id, pdu.sequence_number) == (command_id, 9)


@pytest.mark.parametrize("sm_length", [2, 3, 4])
def test_an_sm_length_short_by_less_than_a_parameter_is_refused_with_rinvmsglen(sm_length: int) -> None:
    assert (
        refusal(codec.decode(c.SUBMIT_SM, 0, 9, body_of(b"hello", sm_length=sm_length))) == c.ESME_RINVMSGLEN
    )


def test_octets_that_are_no_optional_parameters_are_refused_with_rinvoptparstream() -> None:
    for behind in (b"\x04\x24\x00\x09short", b"\x02\x04\x00\x02\x00\x01\x04", b"lo world"):
        assert (
            refusal(codec.decode(c.SUBMIT_SM, 0, 9, body_of(b"hel", behind=behind)))
            == c.ESME_RINVOPTPARSTREAM
        )
    data_sm = codec.encode_body(p.DataSm()) + b"\x04\x24\x00\x09short"
    assert refusal(codec.decode(c.DATA_SM, 0, 9, data_sm)) == c.ESME_RINVOPTPARSTREAM


@pytest.mark.parametrize(
    ("command_id", "body", "name"),
    [
        (c.BIND_TRANSMITTER, b"acme\0secret\0\0\x34\0\0", "address_range"),
        (c.OUTBIND, b"acme\0", "password"),
        (c.SUBMIT_SM_RESP, b"", "message_id"),
        (c.DELIVER_SM_RESP, b"", "message_id"),
        (c.BIND_TRANSCEIVER_RESP, b"", "system_id"),
        (c.QUERY_SM, b"42\0\1\1", "source_addr"),
        (c.CANCEL_SM, b"\x0042\0\1\1447\0\1\1", "destination_addr"),
        (c.ALERT_NOTIFICATION, b"\1\1447\0\1\1", "esme_addr"),
    ],
)
@pytest.mark.parametrize("value", [b"", b"7", b"7" * 80])
def test_a_last_string_without_its_nul_is_accepted(
    command_id: int, body: bytes, name: str, value: bytes
) -> None:
    pdu = codec.decode(command_id, c.ESME_ROK, 1, body + value)
    assert getattr(pdu, name) == value
    assert pdu == codec.decode(command_id, c.ESME_ROK, 1, body + value + b"\0")


def test_long_passwords_and_system_ids_are_accepted_and_not_sent() -> None:
    body = b"a-very-long-system-id\0a-very-long-password\0\0\x34\0\0\0"
    pdu = codec.decode(c.BIND_TRANSCEIVER, 0, 1, body)
    assert isinstance(pdu, p.Bind)
    assert (pdu.system_id, pdu.password) == (b"a-very-long-system-id", b"a-very-long-password")
    with pytest.raises(ValueError, match="system_id: 21 octets, at most 15"):
        codec.encode(pdu)
    assert codec.encode(pdu, strict=False)[16:] == body


@pytest.mark.parametrize("command_id", MESSAGES)
@pytest.mark.parametrize(
    ("name", "value", "is_kept"),
    [
        ("service_type", b"x" * 5, True),
        ("service_type", b"x" * 6, False),
        ("source_addr", b"4" * 20, True),
        ("source_addr", b"4" * 21, False),
        ("destination_addr", b"4" * 20, True),
        ("destination_addr", b"4" * 21, False),
        ("schedule_delivery_time", b"000007000000000R", True),
        ("schedule_delivery_time", b"000007000000000", False),
        ("schedule_delivery_time", b"000007000000000RR", False),
        ("validity_period", b"000007000000000R", True),
        ("validity_period", b"2612312359", False),
        ("short_message", bytes(254), True),
        ("short_message", bytes(255), False),
    ],
)
def test_a_body_is_kept_up_to_each_limit_and_not_beyond(
    command_id: int, name: str, value: bytes, *, is_kept: bool
) -> None:
    fields: dict[str, Any] = {name: value}
    body = codec.encode_body(LAYOUTS[command_id].pdu_class(1, **fields), strict=False)
    pdu = codec.decode(command_id, 0, 1, body)
    assert isinstance(pdu, p.ShortMessage)
    assert getattr(pdu, name) == value
    assert pdu.body == (body if is_kept else None)


def test_the_largest_bodies_are_decoded() -> None:
    payload = ((c.TAG_MESSAGE_PAYLOAD, bytes(0xFFFF)),)
    for pdu in (
        p.SubmitSm(1, short_message=bytes(254), tlvs=payload),
        p.DataSm(1, tlvs=payload),
        p.SubmitMulti(1, dest_addresses=(p.SmeAddress(1, 1, b"4" * 20),) * 254, tlvs=payload),
    ):
        assert decode(codec.encode(pdu)) == pdu


@pytest.mark.parametrize("command_id", [0, 0x0A, 0x99, c.BROADCAST_SM, 0x80000099, 0xFFFFFFFF])
def test_an_unknown_command_id_is_kept_raw(command_id: int) -> None:
    assert codec.decode(command_id, 1, 2, b"raw\0") == p.UnknownPdu(2, 1, command_id, b"raw\0")


def test_unknown_parameters_are_kept_in_their_order() -> None:
    behind = b"\x14\x00\x00\x01a" + b"\x3f\xff\x00\x00" + b"\x14\x00\x00\x01b"
    pdu = codec.decode(c.DELIVER_SM, 0, 1, body_of(b"hi", behind=behind))
    assert isinstance(pdu, p.DeliverSm)
    assert pdu.tlvs == ((0x1400, b"a"), (0x3FFF, b""), (0x1400, b"b"))
    assert codec.encode_body(pdu) == pdu.body == body_of(b"hi", behind=behind)


@pytest.mark.parametrize("command_status", [0x400, 0x4FF, 0xDEADBEEF])
def test_an_unknown_command_status_is_kept(command_status: int) -> None:
    pdu = codec.decode(c.SUBMIT_SM_RESP, command_status, 1, b"42\0")
    assert pdu == p.SubmitSmResp(1, command_status, b"42")
    assert decode(codec.encode(pdu)) == pdu


@pytest.mark.parametrize("command_id", RESPONSES)
def test_an_error_response_has_a_body_or_none(command_id: int) -> None:
    layout = LAYOUTS[command_id]
    without = codec.decode(command_id, c.ESME_RTHROTTLED, 5, b"")
    assert isinstance(without, layout.pdu_class)
    assert (without.command_id, without.command_status) == (command_id, c.ESME_RTHROTTLED)
    accepted = attrs.evolve(without, command_status=c.ESME_ROK)
    body = codec.encode_body(accepted)
    assert codec.decode(command_id, c.ESME_RTHROTTLED, 5, body) == without


def test_a_refusal_of_submit_sm_has_no_body_by_default() -> None:
    assert len(codec.encode(p.SubmitSmResp(5, c.ESME_RTHROTTLED))) == 16
    assert len(codec.encode(p.SubmitSmResp(5, c.ESME_ROK))) == 17
    assert codec.encode(p.SubmitSmResp(5, c.ESME_RTHROTTLED, b"42"))[16:] == b"42\0"
    assert len(codec.encode(p.DeliverSmResp(5, c.ESME_RX_T_APPN))) == 17


def test_any_request_can_be_refused_with_a_header() -> None:
    refused = p.HeaderOnly(5, c.ESME_RINVBNDSTS, c.QUERY_SM_RESP)
    assert codec.encode(refused) == codec.header_only(c.QUERY_SM_RESP, c.ESME_RINVBNDSTS, 5)
    assert decode(codec.encode(refused)) == p.QuerySmResp(5, c.ESME_RINVBNDSTS)


@pytest.mark.parametrize("sequence_number", [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF])
def test_any_sequence_number_is_accepted_and_echoed(sequence_number: int) -> None:
    assert decode(codec.header_only(c.ENQUIRE_LINK, 0, sequence_number)).sequence_number == sequence_number
    assert decode(codec.submit_sm_resp(sequence_number, b"42")).sequence_number == sequence_number


def test_stray_octets_behind_a_response_do_not_undo_what_it_says() -> None:
    assert codec.decode(c.SUBMIT_SM_RESP, 0, 1, b"42\0\0") == p.SubmitSmResp(1, 0, b"42")
    tlvs = ((c.TAG_ADDITIONAL_STATUS_INFO_TEXT, b"ok\0"),)
    body = b"42\0" + tlv.encode_tlvs(tlvs)
    assert codec.decode(c.SUBMIT_SM_RESP, 0, 1, body + b"\4\x24\0") == p.SubmitSmResp(1, 0, b"42", tlvs)


def test_octets_behind_a_bind_or_an_enquire_link_are_left_out() -> None:
    bind = p.Bind(1, 0, c.BIND_RECEIVER, b"acme")
    assert codec.decode(c.BIND_RECEIVER, 0, 1, codec.encode_body(bind) + b"\x14\0\0\1x") == bind
    assert codec.decode(c.ENQUIRE_LINK, 0, 1, b"\0") == p.HeaderOnly(1, 0, c.ENQUIRE_LINK)


def test_replace_sm_with_a_parameter_of_5_0_is_refused_rather_than_emptied() -> None:
    body = codec.encode_body(p.ReplaceSm(message_id=b"42"))
    payload = tlv.encode_tlvs(((c.TAG_MESSAGE_PAYLOAD, b"new"),))
    assert refusal(codec.decode(c.REPLACE_SM, 0, 1, body + payload)) == c.ESME_ROPTPARNOTALLWD
    assert refusal(codec.decode(c.REPLACE_SM, 0, 1, body + b"new")) == c.ESME_RINVMSGLEN


def test_submit_multi_says_what_is_wrong_with_its_destinations() -> None:
    head = b"\0\1\1447\0"
    assert refusal(codec.decode(c.SUBMIT_MULTI, 0, 1, head + b"\1\3x\0")) == c.ESME_RINVDESTFLAG
    assert refusal(codec.decode(c.SUBMIT_MULTI, 0, 1, head + b"\2\2x\0")) == c.ESME_RINVNUMDESTS
    assert refusal(codec.decode(c.SUBMIT_MULTI, 0, 1, head + b"\1\1\1")) == c.ESME_RINVCMDLEN


@pytest.mark.parametrize(
    "command_id", [id_ for id_ in COMMANDS if not id_ & c.RESPONSE_BIT and LAYOUTS[id_].fields]
)
def test_a_cut_request_is_refused_with_rinvcmdlen(command_id: int) -> None:
    assert refusal(codec.decode(command_id, 0, 1, b"\1")) == c.ESME_RINVCMDLEN


@pytest.mark.parametrize("header", [(-1, 0, 1), (c.UNBIND, 1 << 32, 1), (c.UNBIND, 0, -1)])
def test_a_header_field_that_does_not_fit_is_refused(header: tuple[int, int, int]) -> None:
    with pytest.raises(ValueError, match="does not fit 4 octets"):
        codec.framed(*header, b"")


def test_a_class_goes_out_with_its_own_command_ids_only() -> None:
    with pytest.raises(ValueError, match="query_sm is not the command_id of a Bind"):
        codec.encode(p.Bind(1, 0, c.QUERY_SM))
    with pytest.raises(ValueError, match="0x00000099"):
        codec.encode(p.Bind(1, 0, 0x99))


def test_a_malformed_pdu_goes_out_as_it_came() -> None:
    body = body_of(b"hello", sm_length=9)
    assert codec.encode_body(codec.decode(c.SUBMIT_SM, 0, 1, body)) == body


def test_the_header_is_four_big_endian_integers() -> None:
    assert codec.header_only(c.UNBIND, 0, 9) == struct.pack(">4I", 16, 6, 0, 9)
