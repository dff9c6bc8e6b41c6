"""What requests say, and what is wrong with them."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.control.body import mobile_originated
from smpp_router.console.values import BadRequest
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
