import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire.multipart import UDHI, Method, Part, octets_of, part_of, split_text, user_text
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm
from smpp_router.wire.text import decode_text, encode_gsm

GSM_TEXT = st.text(st.sampled_from("abc XYZ@£0123456789äöü€[]{}~^|\\"), min_size=1, max_size=800)
ANY_TEXT = st.text(st.characters(codec="utf-16-be"), min_size=1, max_size=500)
METHODS: list[Method] = ["udh8", "udh16", "sar"]
SAR = (
    (c.TAG_SAR_MSG_REF_NUM, b"\x01\x02"),
    (c.TAG_SAR_TOTAL_SEGMENTS, b"\x03"),
    (c.TAG_SAR_SEGMENT_SEQNUM, b"\x02"),
)


def submit(text: str, method: Method, reference: int = 1) -> list[SubmitSm]:
    return [
        SubmitSm(
            esm_class=segment.esm_class,
            data_coding=segment.data_coding,
            short_message=segment.short_message,
            tlvs=segment.tlvs,
        )
        for segment in split_text(text, method=method, reference=reference)
    ]


@given(text=st.one_of(GSM_TEXT, ANY_TEXT), method=st.sampled_from(METHODS), reference=st.integers(0, 0xFFFF))
def test_the_parts_of_a_text_are_numbered_fit_and_make_the_text(
    text: str, method: Method, reference: int
) -> None:
    pdus = submit(text, method, reference)
    for pdu in pdus:
        is_septets = pdu.data_coding == 0
        used = len(user_text(pdu)) * (7 if is_septets else 8) + 8 * (
            len(pdu.short_message) - len(user_text(pdu))
        )
        assert used <= 140 * 8
    if len(pdus) > 1:
        width = 0xFF if method == "udh8" else 0xFFFF
        assert [part_of(pdu) for pdu in pdus] == [
            Part(reference & width, len(pdus), number + 1, method) for number in range(len(pdus))
        ]
    whole = b"".join(user_text(pdu) for pdu in pdus)
    assert decode_text(pdus[0].data_coding, whole) == text


@given(text=st.one_of(GSM_TEXT, ANY_TEXT), method=st.sampled_from(METHODS))
def test_interop_17_no_part_ends_inside_an_escape_a_surrogate_pair_or_a_unit(
    text: str, method: Method
) -> None:
    pdus = submit(text, method)
    assert "".join(decode_text(pdu.data_coding, user_text(pdu)) for pdu in pdus) == text


@pytest.mark.parametrize(
    ("text", "method", "sizes"),
    [
        ("a" * 160, "udh8", [160]),
        ("a" * 161, "udh8", [153, 8]),
        ("a" * 161, "udh16", [152, 9]),
        ("a" * 152 + "€" * 5, "udh8", [152, 10]),
        ("验" * 70, "udh8", [140]),
        ("验" * 71, "udh8", [134, 8]),
        ("验" * 71, "udh16", [132, 10]),
        ("验" * 66 + "😀" * 3, "udh8", [132, 12]),
    ],
)
def test_parts_have_the_sizes_of_the_specification(text: str, method: Method, sizes: list[int]) -> None:
    assert [len(user_text(pdu)) for pdu in submit(text, method)] == sizes


def test_a_payload_holds_a_long_text_in_one_piece() -> None:
    (segment,) = split_text("验" * 300, method="payload")
    assert segment.short_message == b""
    assert segment.tlvs == ((c.TAG_MESSAGE_PAYLOAD, ("验" * 300).encode("utf-16-be")),)


def test_a_text_of_too_many_parts_is_refused() -> None:
    with pytest.raises(ValueError, match="parts"):
        split_text("验" * 67 * 256)


def test_interop_16_message_payload_counts_when_there_is_no_short_message() -> None:
    payload = ((c.TAG_MESSAGE_PAYLOAD, b"long"),)
    assert octets_of(SubmitSm(tlvs=payload)) == b"long"
    assert octets_of(DataSm(tlvs=payload)) == b"long"
    assert octets_of(SubmitSm(short_message=b"short", tlvs=payload)) == b"short"
    assert octets_of(DeliverSm()) == b""


def test_interop_17_a_udh_counts_before_sar_parameters() -> None:
    pdu = SubmitSm(esm_class=UDHI, short_message=b"\x05\x00\x03\x09\x02\x01text", tlvs=SAR)
    assert part_of(pdu) == Part(9, 2, 1, "udh8")
    pdu.esm_class = 0
    assert part_of(pdu) == Part(0x0102, 3, 2, "sar")


@pytest.mark.parametrize(
    "octets",
    [
        b"",
        b"\x00text",
        b"\x05",
        b"\x05\x00\x03\x09\x02",
        b"\x05\x00\x03\x09\x02\x00text",
        b"\x05\x00\x03\x09\x02\x03text",
        b"\xff\x00\x02\x09\x02",
        b"\x04\x05\x02\x0b\x84text",
    ],
)
def test_interop_17_a_header_that_makes_no_sense_makes_no_part(octets: bytes) -> None:
    assert part_of(SubmitSm(esm_class=UDHI, short_message=octets)) is None


def test_interop_17_one_of_one_is_a_part_and_other_elements_are_passed_over() -> None:
    octets = b"\x0b\x05\x04\x0b\x84\x00\x00\x00\x03\x09\x01\x01text"
    pdu = SubmitSm(esm_class=UDHI, short_message=octets)
    assert part_of(pdu) == Part(9, 1, 1, "udh8")
    assert user_text(pdu) == b"text"


@given(
    st.integers(0, 255),
    st.binary(max_size=60),
    st.lists(st.tuples(st.integers(0, 0xFFFF), st.binary(max_size=4)), max_size=4),
)
def test_any_octets_are_a_part_or_none(esm_class: int, octets: bytes, tlvs: list[tuple[int, bytes]]) -> None:
    pdu = SubmitSm(esm_class=esm_class, short_message=octets, tlvs=tuple(tlvs))
    part = part_of(pdu)
    assert part is None or 1 <= part.seqnum <= part.total
    assert len(user_text(pdu)) <= max(len(octets), 4)


def test_the_escape_is_two_septets() -> None:
    assert len(encode_gsm("€")) == 2
