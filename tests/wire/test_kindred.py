"""A message says the same as a PDU of another kind: every field that both have is kept."""

import attrs
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire.codec import decode, encode
from smpp_router.wire.kindred import deliver_sm_of, submit_sm_of
from smpp_router.wire.pdu import DataSm, SmeAddress, SubmitMulti, SubmitSm

DESTINATION = {"dest_addr_ton", "dest_addr_npi", "destination_addr"}
OF_ONE_PDU = {"command_status", "sequence_number", "body"}

octet = st.integers(0, 255)
digits = st.text("0123456789", min_size=1, max_size=15).map(str.encode)
common = {
    "sequence_number": st.integers(1, 0x7FFFFFFF),
    "source_addr_ton": octet,
    "source_addr_npi": octet,
    "source_addr": digits,
    "esm_class": octet,
    "registered_delivery": octet,
    "data_coding": octet,
}


def same(one: object, other: object, but: set[str]) -> bool:
    ours, theirs = (attrs.fields_dict(type(pdu)) for pdu in (one, other))
    names = ours.keys() & theirs.keys() - but - OF_ONE_PDU
    return all(getattr(one, name) == getattr(other, name) for name in names)


@given(st.builds(DataSm, dest_addr_ton=octet, destination_addr=digits, **common))
def test_a_data_sm_says_the_same_as_submit_sm_and_as_deliver_sm(pdu: DataSm) -> None:
    submit, deliver = submit_sm_of(pdu, pdu), deliver_sm_of(pdu)
    assert same(pdu, submit, set())
    assert same(pdu, deliver, {"registered_delivery"})


@given(
    st.builds(
        SubmitMulti,
        short_message=st.binary(max_size=20),
        protocol_id=octet,
        priority_flag=octet,
        validity_period=st.just(b"000001000000000R"),
        replace_if_present_flag=octet,
        **common,
    ),
    digits,
)
def test_a_submit_multi_says_the_same_to_each_destination(pdu: SubmitMulti, number: bytes) -> None:
    submit = submit_sm_of(pdu, SmeAddress(1, 1, number))
    assert same(pdu, submit, DESTINATION)
    assert (submit.dest_addr_ton, submit.dest_addr_npi, submit.destination_addr) == (1, 1, number)
    octets = encode(submit)
    again = decode(4, 0, pdu.sequence_number, octets[16:])
    assert isinstance(again, SubmitSm)
    assert again.short_message == pdu.short_message


def test_optional_parameters_go_along() -> None:
    pdu = DataSm(destination_addr=b"1", tlvs=((0x0424, b"text"),))
    assert submit_sm_of(pdu, pdu).tlvs == deliver_sm_of(pdu).tlvs == pdu.tlvs
