from typing import Any

import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm, DistributionList, SmeAddress, SubmitMulti
from smpp_router.wire.times import format_absolute
from tests.simulators.grade.wires import NUMBER, START, Wire

GOOD_ADDRESSES: list[dict[str, Any]] = [
    {"source_addr": b""},
    {"source_addr": b"elevenlette"},
    {"source_addr_ton": 0, "source_addr": b"10690000"},
    {"source_addr_ton": 6, "source_addr": b"95555"},
    {"source_addr_ton": 3, "source_addr": b"95555"},
    {"dest_addr_ton": 2, "destination_addr": b"013900000001"},
    {"dest_addr_ton": 0, "dest_addr_npi": 0},
]
BAD_ADDRESSES: list[tuple[dict[str, Any], str]] = [
    ({"source_addr": b"twelveletter"}, "12 signs"),
    ({"source_addr_npi": 1}, "NPI 1"),
    ({"source_addr_ton": 0, "source_addr": b"bank"}, "not only digits"),
    ({"destination_addr": b"+" + NUMBER}, "begins with +"),
    ({"destination_addr": b"00" + NUMBER}, "begins with 0"),
    ({"destination_addr": b"95555"}, "5 digits"),
    ({"destination_addr": b"86 139"}, "not only digits"),
]


@pytest.mark.parametrize("fields", GOOD_ADDRESSES)
def test_addresses_that_agree_with_themselves_are_good(fields: dict[str, Any]) -> None:
    wire = Wire().bound()
    wire.submit(**fields)
    assert wire.end() == set()


@pytest.mark.parametrize(("fields", "words"), BAD_ADDRESSES)
def test_what_contradicts_an_address_is_named(fields: dict[str, Any], words: str) -> None:
    wire = Wire().bound()
    wire.submit(**fields)
    assert wire.end() == {"address-content"}
    assert words in wire.grader.findings["address-content"].first[0].detail


@pytest.mark.parametrize(
    ("validity", "found"),
    [
        (format_absolute(START + 3600), set[str]()),
        (format_absolute(START - 30), set[str]()),
        (format_absolute(START - 90), {"time-past"}),
        (b"000001000000000R", set[str]()),
        (b"991332000000000+", {"time-malformed"}),
        (b"000001000000000X", {"time-malformed"}),
        (b"999999999999999R", {"time-order"}),
    ],
)
def test_times_are_read_as_the_specification_writes_them(validity: bytes, found: set[str]) -> None:
    wire = Wire().bound()
    wire.submit(validity_period=validity)
    assert wire.end() == found


def test_a_message_may_not_die_before_it_is_to_go_out() -> None:
    wire = Wire().bound()
    wire.submit(schedule_delivery_time=b"000000020000000R", validity_period=b"000000010000000R")
    assert wire.end() == {"time-order"}


@pytest.mark.parametrize("esm_class", [0x00, 0x01, 0x02, 0x03, 0x08, 0x10, 0x80])
def test_every_esm_class_of_an_esme_is_good(esm_class: int) -> None:
    wire = Wire().bound()
    wire.submit(esm_class=esm_class)
    assert wire.end() == set()


@pytest.mark.parametrize(
    ("version", "found"), [(0x34, {"registered-delivery"}), (0x50, {"interface-version-other"})]
)
def test_receipts_of_success_only_are_of_5_0(version: int, found: set[str]) -> None:
    wire = Wire().bound(interface_version=version)
    wire.submit(registered_delivery=0x03)
    assert wire.end() == found


def test_data_sm_is_judged_by_what_it_has() -> None:
    wire = Wire().bound()
    wire.message(DataSm(destination_addr=NUMBER, registered_delivery=1), status=c.ESME_RSYSERR)
    wire.message(
        DataSm(destination_addr=NUMBER, esm_class=0x3C, tlvs=((c.TAG_MESSAGE_PAYLOAD, b"Hello"),)),
        status=c.ESME_RSYSERR,
    )
    assert wire.end() == {"no-text", "esm-class"}


def test_each_destination_of_a_submit_multi_is_judged() -> None:
    wire = Wire().bound()
    wire.message(
        SubmitMulti(
            registered_delivery=1,
            dest_addresses=(SmeAddress(1, 1, NUMBER), DistributionList(b"all"), SmeAddress(9, 1, NUMBER)),
            short_message=b"Hello",
        )
    )
    wire.message(SubmitMulti(short_message=b"Hello"))
    assert wire.end() == {"address-ton", "no-destination"}


@pytest.mark.parametrize("nobody", [SmeAddress(1, 1, b""), DistributionList(b"")])
def test_one_empty_destination_of_a_submit_multi_is_one_too_many(
    nobody: SmeAddress | DistributionList,
) -> None:
    wire = Wire().bound()
    wire.message(
        SubmitMulti(
            registered_delivery=1,
            dest_addresses=(SmeAddress(1, 1, NUMBER), nobody),
            short_message=b"Hello",
        )
    )
    assert wire.end() == {"no-destination"}
