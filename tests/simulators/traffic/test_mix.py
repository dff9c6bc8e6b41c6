"""What messages say and how they travel."""

from itertools import islice
from typing import Any

import pytest

from simulators.traffic.mix import Kind, Long, Mix
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode
from smpp_router.wire.multipart import part_of
from smpp_router.wire.pdu import SubmitSm
from smpp_router.wire.text import decode_text, message_class


def pdus(number: int, *kinds: Kind, receipts: bool = True) -> list[list[SubmitSm]]:
    mix = Mix(kinds, receipts=receipts, seed="1")
    return [[submit_sm(body) for body in made.bodies] for made in islice(mix, number)]


def submit_sm(body: bytes) -> SubmitSm:
    pdu = decode(c.SUBMIT_SM, 0, 1, body)
    assert isinstance(pdu, SubmitSm)
    return pdu


def test_numbers_differ_and_patterns_take_turns() -> None:
    made = pdus(4, Kind(texts=("hi",), destinations=("86139####", "+4477##")))
    assert [parts[0].destination_addr for parts in made] == [b"861390000", b"447701", b"861390002", b"447703"]


def test_weights_are_shares() -> None:
    mix = Mix([Kind(texts=("a",), weight=3.0), Kind(texts=("b",))], receipts=True, seed="1")
    texts = [submit_sm(next(mix).bodies[0]).short_message for _ in range(4_000)]
    assert texts.count(b"a") == pytest.approx(3_000, rel=0.1)


def test_marks_in_a_text_are_filled() -> None:
    made = pdus(3, Kind(texts=("no {number}, code {digits:6}",)))
    texts = [parts[0].short_message.decode() for parts in made]
    assert [text.split(",")[0] for text in texts] == ["no 0", "no 1", "no 2"]
    codes = {text.rpartition(" ")[2] for text in texts}
    assert len(codes) == 3
    assert all(len(code) == 6 and code.isdigit() for code in codes)


@pytest.mark.parametrize("long", ["udh8", "udh16", "sar"])
def test_parts_of_long_texts_have_a_reference_of_their_own(long: Long) -> None:
    made = pdus(2, Kind(texts=("长" * 150,), long=long))
    for parts in made:
        marks = [part_of(pdu) for pdu in parts]
        assert [(mark.total, mark.seqnum) for mark in marks if mark] == [(3, 1), (3, 2), (3, 3)]
    references = [part_of(parts[0]) for parts in made]
    assert references[0] is not None
    assert references[1] is not None
    assert references[0].reference != references[1].reference


def test_a_long_text_may_be_a_payload() -> None:
    ((pdu,),) = pdus(1, Kind(texts=("长" * 150,), long="payload"))
    assert pdu.short_message == b""
    assert decode_text(8, dict(pdu.tlvs)[c.TAG_MESSAGE_PAYLOAD]) == "长" * 150


def test_alphabets_codings_and_classes() -> None:
    def first(**settings: Any) -> SubmitSm:
        return pdus(1, Kind(texts=("hi",), **settings))[0][0]

    assert first().data_coding == 0
    assert (first(alphabet="ucs2").data_coding, first(alphabet="latin1").data_coding) == (8, 3)
    assert first(data_coding=0x15).data_coding == 0x15
    assert message_class(first(message_class=0).data_coding) == 0
    assert message_class(first(message_class=2, alphabet="ucs2").data_coding) == 2
    assert first(alphabet="ucs2", message_class=0).short_message == "hi".encode("utf-16-be")


def test_receipts_are_as_the_kind_says_or_as_all() -> None:
    def wanted(receipt: bool | None, receipts: bool) -> int:
        return pdus(1, Kind(texts=("x",), receipt=receipt), receipts=receipts)[0][0].registered_delivery

    assert [wanted(None, True), wanted(None, False)] == [1, 0]
    assert [wanted(False, True), wanted(True, False)] == [0, 1]


def test_the_other_fields_are_set() -> None:
    kind = Kind(texts=("x",), sender="SPRUCE", priority=2, validity="000001000000000R", service_type="WAP")
    pdu = pdus(1, kind)[0][0]
    assert (pdu.source_addr, pdu.source_addr_ton) == (b"SPRUCE", c.TON_ALNUM)
    assert (pdu.priority_flag, pdu.validity_period, pdu.service_type) == (2, b"000001000000000R", b"WAP")


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"texts": ()}, "entries"),
        ({"texts": ("中",), "alphabet": "gsm"}, "texts"),
        ({"texts": ("x",), "destinations": ("86#39",)}, "destinations"),
        ({"texts": ("x",), "sender": "x" * 21}, "sender"),
        ({"texts": ("x",), "message_class": 1, "data_coding": 8}, "only one of them"),
        ({"texts": ("x",), "message_class": 1, "alphabet": "latin1"}, "there is none for latin1"),
        ({"texts": ("x",), "weight": 0.0}, "weight"),
    ],
)
def test_what_no_message_can_be_made_of_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Kind(**settings)
