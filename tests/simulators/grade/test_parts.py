import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.multipart import Method, split_text
from tests.simulators.grade.wires import Wire

UDH = b"\x05\x00\x03\x09"


@pytest.mark.parametrize("method", ["udh8", "udh16", "sar", "payload"])
@pytest.mark.parametrize("text", ["[€] " * 100, "中文😀短信" * 40])
def test_what_the_router_splits_is_split_well(method: Method, text: str) -> None:
    wire = Wire().bound()
    for reference in (1, 2):
        for segment in reversed(split_text(text, method=method, reference=reference)):
            wire.submit(
                esm_class=segment.esm_class,
                data_coding=segment.data_coding,
                short_message=segment.short_message,
                tlvs=segment.tlvs,
            )
    wire.wait(90.0)
    assert wire.end() == set()


def test_one_reference_may_serve_two_numbers_at_a_time() -> None:
    wire = Wire().bound()
    for number in (1, 2):
        for destination in (b"8613900000001", b"8613900000002"):
            wire.submit(
                esm_class=0x40, destination_addr=destination, short_message=UDH + bytes((2, number)) + b"Hi"
            )
    assert wire.end() == set()


def test_a_part_refused_for_good_is_not_missed() -> None:
    wire = Wire().bound()
    wire.submit(c.ESME_RINVDSTADR, esm_class=0x40, short_message=UDH + b"\2\1Hi")
    assert wire.wait(90.0).end() == set()


def test_a_part_refused_for_speed_is_missed_if_it_never_comes_again() -> None:
    wire = Wire().bound()
    wire.submit(esm_class=0x40, short_message=UDH + b"\2\1Hi")
    wire.submit(c.ESME_RTHROTTLED, esm_class=0x40, short_message=UDH + b"\2\2Hi")
    assert wire.wait(90.0).end() == {"part-given-up"}


def test_a_part_refused_for_speed_that_comes_again_completes_its_message() -> None:
    wire = Wire().bound()
    for status in (c.ESME_RTHROTTLED, c.ESME_RMSGQFUL, 0):
        wire.submit(status, esm_class=0x40, short_message=UDH + b"\2\1Hi")
        wire.now += 1.0
    wire.submit(esm_class=0x40, short_message=UDH + b"\2\2Hi")
    assert wire.wait(90.0).end() == set()
    assert wire.grader.checked["part-given-up"]


def test_parts_of_two_alphabets_do_not_belong_together() -> None:
    wire = Wire().bound()
    wire.submit(esm_class=0x40, short_message=UDH + b"\2\1Hi")
    wire.submit(esm_class=0x40, data_coding=8, short_message=UDH + b"\2\2" + "中".encode("utf-16-be"))
    assert wire.end() == {"parts-inconsistent"}


def test_a_header_for_something_else_than_parts_is_good() -> None:
    wire = Wire().bound()
    wire.submit(esm_class=0x40, data_coding=4, short_message=b"\x06\x05\x04\x0b\x84\x23\xf0WAP push")
    assert wire.end() == set()


@pytest.mark.parametrize(
    ("octets", "found"),
    [
        (b"", {"udh-missing", "no-text"}),
        (b"\x00Hi", {"udh-missing"}),
        (b"\x05\x00\x03\x09\x02", {"udh-missing"}),
        (b"\x05\x00\x04\x09\x02\x01\x00Hi", {"udh-length"}),
        (b"\x05\x00\x03\x09\x00\x00Hi", {"part-number"}),
    ],
)
def test_headers_that_make_no_sense_are_told_apart(octets: bytes, found: set[str]) -> None:
    wire = Wire().bound()
    wire.submit(esm_class=0x40, short_message=octets)
    wire.end()
    assert wire.found() - {"parts-missing"} == found
