from itertools import pairwise

import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from simulators.grade.dissect import MASK, SHOWN_OCTETS_MAX, dissect, hex_of, integer_words, text_words
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, framed, header_only
from smpp_router.wire.pdu import Bind, DataSm, Outbind, QuerySmResp, SmeAddress, SubmitMulti
from tests.simulators.grade.wires import NUMBER, submit_sm

PDUS = [
    encode(submit_sm(sequence_number=7, tlvs=((0x0204, b"ab"), (0x1401, b"own")))),
    encode(DataSm(sequence_number=7, destination_addr=NUMBER, tlvs=((0x0424, b"Hello"),))),
    encode(SubmitMulti(sequence_number=7, dest_addresses=(SmeAddress(1, 1, NUMBER),), short_message=b"x")),
    encode(QuerySmResp(sequence_number=7, message_id=b"1", message_state=2)),
    header_only(c.ENQUIRE_LINK, 0, 7),
    header_only(c.SUBMIT_SM_RESP, 8, 7),
]


@pytest.mark.parametrize("raw", PDUS)
def test_every_octet_stands_there_once_and_in_order(raw: bytes) -> None:
    fields = dissect(raw)
    assert hex_of(fields) == raw.hex()
    assert fields[0].offset == 0
    for field, following in pairwise(fields):
        assert following.offset == field.offset + len(field.hex) // 2


def test_fields_have_the_names_of_the_specification_and_say_what_they_mean() -> None:
    said = {field.name: field.value for field in dissect(PDUS[0])}
    assert said["command_id"] == "submit_sm"
    assert said["destination_addr"] == f'"{NUMBER.decode()}"'
    assert said["data_coding"] == "0 (0x00)"
    assert said["short_message"] == '"Hello"'
    assert said["TLV user_message_reference"] == "24930"
    assert said["TLV 0x1401"] == "3 octets"


@given(octets=st.binary(max_size=120), command_id=st.sampled_from([*c.COMMAND_NAMES, 0x111]))
@example(octets=b"", command_id=c.SUBMIT_SM)
def test_any_octets_are_shown(octets: bytes, command_id: int) -> None:
    raw = framed(command_id, 0, 1, octets)
    fields = dissect(raw)
    if not any(MASK in field.hex for field in fields):
        assert hex_of(fields) == raw.hex()
    dissect(octets)


@given(
    password=st.binary(min_size=4, max_size=20).filter(lambda secret: b"\0" not in secret),
    cut=st.integers(0, 60),
    is_outbind=st.booleans(),
)
def test_a_password_is_never_shown_however_the_bind_is_cut(
    password: bytes, cut: int, is_outbind: bool
) -> None:
    secret = b"\xee" + password + b"\xee"
    if is_outbind:
        raw = encode(Outbind(sequence_number=1, system_id=b"bank", password=secret), strict=False)
    else:
        raw = encode(Bind(sequence_number=1, system_id=b"bank", password=secret), strict=False)
    for octets in (raw, raw[: 16 + cut], raw.replace(b"bank\0", b"bank"), raw.rstrip(b"\0")):
        shown = dissect(octets)
        assert b"\xee".hex() not in hex_of(shown)
        assert all("\\xee" not in field.value for field in shown)


def test_what_may_hide_a_password_is_masked_whole() -> None:
    fields = dissect(PDUS[0], masked_from=16)
    assert [field.name for field in fields][-1] == "octets"
    assert fields[-1].hex == fields[-1].value == MASK
    assert dissect(b"secret", masked_from=0)[0].hex == MASK


def test_a_long_field_is_cut() -> None:
    raw = framed(0x111, 0, 1, bytes(10_000))
    assert len(hex_of(dissect(raw))) < 2 * SHOWN_OCTETS_MAX + 100


def test_a_string_without_its_nul_is_marked() -> None:
    assert dissect(framed(c.DELIVER_SM_RESP, 0, 1, b"77"))[-1].value.endswith("(no NUL)")


def test_numbers_say_what_they_stand_for() -> None:
    assert integer_words("message_state", 2) == "2 (DELIVERED)"
    assert integer_words("esm_class", 0x40) == "64 (0x40)"
    assert integer_words("priority_flag", 1) == "1"


def test_a_text_is_shown_behind_its_header_and_without_control_signs() -> None:
    assert text_words(b"\x05\x00\x03\x09\x02\x01Hi", 0, 0x40) == 'UDH 050003090201  "Hi"'
    assert text_words("退订\n".encode("utf-16-be"), 8, 0) == '"退订·"'
    assert text_words(b"\x50", 0, 0x40) == '"P"'


def test_a_text_in_the_wrong_order_is_shown_as_a_handset_shows_it() -> None:
    assert text_words("Hi".encode("utf-16-le"), 8, 0) == '"䠀椀"'
