"""Texts of parts, put together."""

import pytest

from smpp_router.core.accounts import Account
from smpp_router.core.screened_texts import joined, numbers_of, part_key_of, subject_of
from smpp_router.wire.pdu import SubmitSm
from tests.core.talk import account


def part(seqnum: int, octets: bytes, coding: int = 8) -> SubmitSm:
    header = bytes([5, 0, 3, 7, 2, seqnum])
    return SubmitSm(
        source_addr=b"10690",
        destination_addr=b"8613900000001",
        esm_class=0x40,
        data_coding=coding,
        short_message=header + octets,
    )


def test_a_sign_that_is_cut_in_two_is_whole_again() -> None:
    octets = "商\U0001f600城".encode("utf-16-be")
    assert joined(Account(account("shop")), [part(1, octets[:4]), part(2, octets[4:])]) == "商\U0001f600城"


def test_parts_in_different_codings_are_read_each_by_its_own() -> None:
    parts = [part(1, "商城".encode("utf-16-be")), part(2, b"sale", 3)]
    assert joined(Account(account("shop")), parts) == "商城sale"


def test_parts_of_one_message_have_one_key_and_others_have_none() -> None:
    of = Account(account("shop"))
    assert part_key_of(of, part(1, b"")) == part_key_of(of, part(2, b"")) is not None
    assert part_key_of(of, SubmitSm(short_message=b"x")) is None


@pytest.mark.parametrize(
    ("ton", "address", "number"),
    [
        (0, b"8613900000001", "8613900000001"),
        (0, b"008613900000001", "8613900000001"),
        (0, b"+8613900000001", "8613900000001"),
        (0, b"13900000001", "8613900000001"),
        (2, b"13900000001", "8613900000001"),
        (0, b"013900000001", "8613900000001"),
        (1, b"12025550100", "12025550100"),
        (0, b"+12025550100", "12025550100"),
        (0, b"0012025550100", "12025550100"),
        (0, b"10086", "10086"),
        (5, b"SHOP", ""),
    ],
)
def test_a_number_is_one_however_it_is_written(ton: int, address: bytes, number: str) -> None:
    pdu = SubmitSm(dest_addr_ton=ton, destination_addr=address)
    assert subject_of(Account(account("shop")), "marketing", pdu, "", 0.0, "86").destination == number
    addresses = b"\x00\x0010690\x00" + bytes([ton, 1]) + address + b"\x00"
    assert numbers_of(addresses, "86")[1] == number or not number


def test_numbers_are_read_from_addresses_as_they_stand_in_a_body() -> None:
    assert numbers_of(b"\x00\x0010690\x00\x01\x018613900000001\x00") == ("10690", "8613900000001")
    assert numbers_of(b"\x05\x00SHOP\x00\x05\x00NAME\x00") == ("SHOP", "NAME")


def test_a_subject_knows_the_digits_of_its_number_and_the_vendors_parameters() -> None:
    pdu = SubmitSm(source_addr=b"Shop", destination_addr=b"+8613900000001", tlvs=((0x1400, b"id"), (5, b"x")))
    subject = subject_of(Account(account("shop")), "otp", pdu, "hi", 9.0)
    assert (subject.source, subject.destination) == ("Shop", "8613900000001")
    assert (subject.account, subject.traffic_class, subject.text) == ("shop", "otp", "hi")
    assert (subject.tlvs, subject.now) == (((0x1400, b"id"),), 9.0)
    pdu.destination_addr = b"nobody"
    assert subject_of(Account(account("shop")), "otp", pdu, "hi", 9.0).destination == ""
