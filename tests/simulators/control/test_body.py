"""What requests say, and what is wrong with them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.control.body import BadRequest, mobile_originated, only, parse_object, value_of
from smpp_router.wire.codec import encode
from smpp_router.wire.multipart import part_of, text_of

MO = {"source": "8613900000001", "destination": "10690"}


def problem(*arguments: Any) -> str:
    with pytest.raises(BadRequest) as caught:
        mobile_originated(*arguments)
    assert caught.value.status == 422
    return caught.value.problem


@given(st.text(max_size=700))
def test_any_text_can_come_from_a_handset(text: str) -> None:
    text = "".join(character for character in text if not "\ud800" <= character <= "\udfff")
    pdus = mobile_originated(MO | {"text": text}, 7, "gsm")
    parts = [part_of(pdu) for pdu in pdus]
    assert "".join(map(text_of, pdus)) == text
    assert [part and part.seqnum for part in parts] in ([None], list(range(1, len(pdus) + 1)))
    for pdu in pdus:
        encode(pdu)


def test_octets_can_come_from_a_handset() -> None:
    (pdu,) = mobile_originated(MO | {"hex": "05000301020141", "esm_class": 0x40, "data_coding": 4}, 1, "gsm")
    assert (pdu.short_message, pdu.esm_class, pdu.data_coding) == (b"\x05\0\x03\x01\x02\x01A", 0x40, 4)
    assert (pdu.source_addr_ton, pdu.source_addr_npi) == (1, 1)


def test_a_name_as_sender_is_alphanumeric() -> None:
    (pdu,) = mobile_originated({"source": "SHOP", "destination": "1", "text": ""}, 1, "gsm")
    assert (pdu.source_addr_ton, pdu.source_addr_npi) == (5, 0)


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"source": ""}, "source"),
        ({"source": "x" * 21}, "source"),
        ({"destination": "1\n"}, "destination"),
        ({"destination": 10690}, "destination"),
        ({"data_coding": 256}, "data_coding"),
        ({"data_coding": "8"}, "data_coding"),
        ({"esm_class": 256}, "esm_class"),
        ({"text": "你", "data_coding": 3}, "text"),
        ({"text": 5}, "text"),
        ({"hex": "0"}, "hex"),
        ({"hex": "00" * 255}, "hex"),
        ({"hex": "00", "text": "x"}, "hex"),
        ({"txt": "x"}, "txt"),
    ],
)
def test_what_no_handset_could_send_is_named(change: dict[str, Any], named: str) -> None:
    assert problem(MO | change, 1, "gsm").startswith(f"{named}:")


@pytest.mark.parametrize("octets", [b"{", b"[1]", b"1", b"\xff", b"null"])
def test_a_body_must_be_an_object(octets: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_object(octets)


def test_an_empty_body_is_an_empty_object() -> None:
    assert parse_object(b"") == {}


def test_values_are_read_as_json_or_query_has_them() -> None:
    table = {"n": "5", "f": 2, "b": "true", "t": "5"}
    assert (value_of(table, "n", 0), value_of(table, "f", 0.0), value_of(table, "b", False)) == (5, 2.0, True)
    assert (value_of(table, "t", ""), value_of(table, "none", 7)) == ("5", 7)


@pytest.mark.parametrize("value", ["x", "", None, True, 1.5, [], "1e999", -1])
def test_a_value_of_another_kind_or_too_little_is_named(value: Any) -> None:
    with pytest.raises(BadRequest, match=r"^n: must be"):
        value_of({"n": value}, "n", 0, 0)


def test_numbers_that_are_none_are_no_numbers() -> None:
    for value in ("NaN", "Infinity", float("inf")):
        with pytest.raises(BadRequest):
            value_of({"n": value}, "n", 0.0)


def test_a_key_that_is_not_known_is_named_with_those_that_are() -> None:
    only(("a",), ("a", "b"))
    with pytest.raises(BadRequest, match="c: unknown; known are a, b"):
        only(("a", "c"), ("b", "a"))
