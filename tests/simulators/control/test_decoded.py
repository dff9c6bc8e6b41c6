"""PDUs as JSON: everything that is in them, and no password."""

import json

from hypothesis import given

from simulators.control.decoded import command_of, described, fields_of
from simulators.control.recorder import Line, Recorded
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import DistributionList, Pdu, SmeAddress, SubmitMulti
from tests.simulators.control import recordings as r
from tests.wire.pdus import pdus


def recorded(octets: bytes) -> Recorded:
    return Recorded(7, 1e9, Line(3, "mobile", "10.1.2.3:50000"), True, octets)


@given(pdus)
def test_any_pdu_can_be_shown(pdu: Pdu) -> None:
    shown = json.loads(json.dumps(described(recorded(encode(pdu, strict=False)))))
    assert shown["sequence_number"] == pdu.sequence_number
    assert bytes.fromhex(shown["hex"]) == encode(pdu, strict=False)


def test_a_message_is_shown_with_names_and_text() -> None:
    one = recorded(r.SUBMIT)
    shown = described(one)
    assert (shown["number"], shown["at"], shown["connection"], shown["carrier"]) == (7, 1e9, 3, "mobile")
    assert (shown["command"], shown["command_status"]) == ("submit_sm", "ESME_ROK")
    assert shown["fields"]["text"] == "你好"
    assert shown["fields"]["short_message"] == "4f60597d"
    assert shown["fields"]["destination_addr"] == "8613900000001"
    assert "body" not in shown["fields"]
    assert command_of(one) == "submit_sm"


def test_optional_parameters_have_their_names() -> None:
    tlvs = described(recorded(r.DELIVER))["fields"]["tlvs"]
    assert tlvs == [{"tag": 30, "name": "receipted_message_id", "hex": "3437313100"}]


def test_destinations_are_shown_one_by_one() -> None:
    pdu = SubmitMulti(dest_addresses=(SmeAddress(1, 1, b"123"), DistributionList(b"friends")))
    assert fields_of(pdu)["dest_addresses"] == [
        {"dest_addr_ton": 1, "dest_addr_npi": 1, "destination_addr": "123"},
        {"dl_name": "friends"},
    ]


def test_a_pdu_that_cannot_be_read_says_why() -> None:
    shown = described(recorded(r.SUBMIT[:3] + b"\x14" + r.SUBMIT[4:20]))["fields"]
    assert shown["answer_status"].startswith("ESME_R")
    assert shown["problem"]


def test_a_password_is_not_shown_even_if_it_were_there() -> None:
    assert described(recorded(r.BIND))["fields"]["password"] == "******"
