"""What handsets get of parts that are marked by TLVs."""

import pytest

from simulators.sar import as_forwarded
from smpp_router.wire.multipart import UDHI, part_of, split_text, text_of
from smpp_router.wire.pdu import SubmitSm

TEXT = "abc{}€ " * 40


@pytest.mark.parametrize("alphabet", ["gsm", "gsm_packed", "latin1"])
@pytest.mark.parametrize("reference", [7, 0x1234])
def test_a_part_marked_by_tlvs_gets_a_header_and_reads_the_same(alphabet: str, reference: int) -> None:
    text = TEXT if alphabet.startswith("gsm") else TEXT.replace("€", "e")
    read = ""
    for number, segment in enumerate(split_text(text, 0, "sar", reference, alphabet), 1):
        sent = SubmitSm(short_message=segment.short_message, tlvs=segment.tlvs)
        esm_class, octets = as_forwarded(sent, alphabet)
        got = SubmitSm(esm_class=esm_class, short_message=octets)
        part = part_of(got)
        assert part is not None
        assert (part.reference, part.seqnum) == (reference, number)
        read += text_of(got, alphabet)
    assert read == text


def test_a_header_that_is_there_already_is_kept() -> None:
    (segment, *_) = split_text(TEXT, 0, "sar", 9)
    port = bytes((6, 5, 4, 0x15, 0x81, 0, 0))
    sent = SubmitSm(esm_class=UDHI, short_message=port + b"hello", tlvs=segment.tlvs)
    _, octets = as_forwarded(sent, "gsm")
    assert octets == bytes((11, 5, 4, 0x15, 0x81, 0, 0, 0, 3, 9, 3, 1)) + b"hello"


def test_what_is_no_part_goes_as_it_came() -> None:
    assert as_forwarded(SubmitSm(short_message=b"hello"), "gsm") == (0, b"hello")
    (segment, *_) = split_text(TEXT, 0, "udh8", 9)
    sent = SubmitSm(esm_class=segment.esm_class, short_message=segment.short_message)
    assert as_forwarded(sent, "gsm") == (segment.esm_class, segment.short_message)
