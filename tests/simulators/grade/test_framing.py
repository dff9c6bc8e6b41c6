import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode_body, header_only
from smpp_router.wire.pdu import QuerySmResp
from tests.simulators.grade.wires import Wire, raw, submit_sm


@pytest.mark.parametrize("tag", [0x1400, 0x3FFF])
def test_a_vendors_own_tag_is_not_reserved(tag: int) -> None:
    wire = Wire().bound()
    wire.submit(tlvs=((tag, b"x"),))
    assert wire.end() == {"tlv-vendor"}


@pytest.mark.parametrize(
    ("version", "found"), [(0x34, {"tlv-reserved"}), (0x50, {"interface-version-other"})]
)
def test_tags_of_5_0_are_for_clients_that_bound_as_5_0(version: int, found: set[str]) -> None:
    wire = Wire().bound(interface_version=version)
    wire.submit(tlvs=((c.TAG_BILLING_IDENTIFICATION, b"abc"),))
    assert wire.end() == found


def test_callback_numbers_may_be_several() -> None:
    wire = Wire().bound()
    wire.submit(tlvs=((c.TAG_CALLBACK_NUM, b"\1\1\x0112345"),) * 2)
    assert wire.end() == set()


def test_an_error_response_needs_no_body() -> None:
    wire = Wire().bound()
    wire.deliver(header_only(c.DELIVER_SM_RESP, c.ESME_RX_T_APPN, 1))
    assert wire.end() == set()


def test_a_generic_nack_to_what_has_no_response_is_right() -> None:
    wire = Wire().bound()
    wire.ask(0x0111)
    wire.send(header_only(c.GENERIC_NACK, c.ESME_RINVCMDID, 1))
    assert wire.end() == set()


def test_a_generic_nack_that_says_all_is_well_is_none() -> None:
    wire = Wire().bound()
    wire.send(header_only(c.GENERIC_NACK, 0, 0))
    assert wire.end() == {"generic-nack"}


def test_sm_length_255_is_one_too_many() -> None:
    wire = Wire().bound()
    wire.submit(data_coding=4, short_message=bytes(255))
    assert wire.end() == {"sm-length", "too-long-for-one"}


def test_too_few_octets_behind_the_text_are_the_fault_of_sm_length() -> None:
    wire = Wire().bound()
    wire.send(raw(c.SUBMIT_SM, encode_body(submit_sm()) + b"\0", 2))
    wire.number += 1
    assert wire.end() == {"sm-length"}


def test_a_response_of_the_mc_is_wrong_whatever_is_in_it() -> None:
    wire = Wire().bound()
    wire.send(header_only(c.QUERY_SM_RESP, 8, 1))
    wire.send(raw(c.QUERY_SM_RESP, encode_body(QuerySmResp()) + b"tail", 2))
    assert {"wrong-way", "response-to-nothing", "octets-too-many"} == wire.end()


def test_a_stranger_is_named() -> None:
    wire = Wire().connect()
    wire.send(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n")
    wire.close()
    (example,) = wire.grader.findings["command-length"].examples
    assert example.detail.endswith("this is HTTP")
