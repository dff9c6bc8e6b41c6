import pytest
import smpplib.gsm
from hypothesis import assume, given
from hypothesis import strategies as st

from smpp_router.wire import constants as c
from smpp_router.wire.multipart import (
    UDHI,
    Method,
    Part,
    Segment,
    header_octets_of,
    octets_of,
    part_of,
    split_text,
    text_of,
    user_text,
)
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm
from smpp_router.wire.text import alphabet_of, choose_data_coding, encode_gsm
from tests.wire.texts import BASIC, GSM_TEXT, UCS2_TEXT

METHODS: list[Method] = ["udh8", "udh16", "sar"]
GSM_CODINGS = [0x00, 0x10, 0x13, 0x50, 0xC0, 0xF0, 0xF1]
UCS2_CODINGS = [0x08, 0x18, 0x48, 0xE0]
SAR = (
    (c.TAG_SAR_MSG_REF_NUM, b"\x01\x02"),
    (c.TAG_SAR_TOTAL_SEGMENTS, b"\x03"),
    (c.TAG_SAR_SEGMENT_SEQNUM, b"\x02"),
)


def pdu_of(segment: Segment) -> SubmitSm:
    return SubmitSm(
        esm_class=segment.esm_class,
        data_coding=segment.data_coding,
        short_message=segment.short_message,
        tlvs=segment.tlvs,
    )


def submit(
    text: str,
    method: Method = "udh8",
    reference: int = 1,
    data_coding: int | None = None,
    alphabet: str = "gsm",
) -> list[SubmitSm]:
    return [pdu_of(segment) for segment in split_text(text, data_coding, method, reference, alphabet)]


def bits_of(pdu: SubmitSm, method: Method) -> int:
    """What a part takes of a TPDU's user data, with the header that an MC makes of SAR parameters."""
    septets = alphabet_of(pdu.data_coding) == "gsm"
    header_octets = 6 if method == "sar" and pdu.tlvs else header_octets_of(pdu)
    text_bits = len(user_text(pdu)) * (7 if septets else 8)
    fill_bits = -8 * header_octets % 7 if septets else 0
    return 8 * header_octets + fill_bits + text_bits


@given(
    text_and_coding=st.tuples(GSM_TEXT, st.sampled_from([None, *GSM_CODINGS]))
    | st.tuples(UCS2_TEXT, st.sampled_from([None, *UCS2_CODINGS])),
    method=st.sampled_from(METHODS),
    reference=st.integers(0, 0xFFFF),
)
def test_interop_17_parts_are_numbered_fit_and_are_cut_between_signs(
    text_and_coding: tuple[str, int | None], method: Method, reference: int
) -> None:
    text, data_coding = text_and_coding
    pdus = submit(text, method, reference, data_coding)
    assert all(bits_of(pdu, method) <= 140 * 8 for pdu in pdus)
    if len(pdus) > 1:
        width = 0xFF if method == "udh8" else 0xFFFF
        assert [part_of(pdu) for pdu in pdus] == [
            Part(reference & width, len(pdus), number + 1, method) for number in range(len(pdus))
        ]
    else:
        assert part_of(pdus[0]) is None
    # Each part is read alone: a pair cut in two would show.
    assert "".join(text_of(pdu) for pdu in pdus) == text


@given(text=GSM_TEXT, method=st.sampled_from([*METHODS, "payload"]), data_coding=st.sampled_from(GSM_CODINGS))
def test_interop_18_packed_parts_are_packed_behind_their_header(
    text: str, method: Method, data_coding: int
) -> None:
    assume(not text.endswith("@"))
    pdus = submit(text, method, data_coding=data_coding, alphabet="gsm_packed")
    assert all(len(pdu.short_message) <= 140 for pdu in pdus)
    assert "".join(text_of(pdu, "gsm_packed") for pdu in pdus) == text


# smpplib cuts pairs in two, and its table has a grave accent for the section sign.
@given(
    st.text(st.sampled_from(BASIC.replace("§", "")), min_size=161, max_size=600)
    | st.text(st.sampled_from("验证码1234。"), min_size=71, max_size=300).map("验".__add__)
)
def test_smpplib_cuts_texts_without_pairs_into_the_same_parts(text: str) -> None:
    coding = choose_data_coding(text)
    parts, _, esm_class = smpplib.gsm.make_parts(text, coding)
    pdus = submit(text)
    assert {(pdu.data_coding, pdu.esm_class) for pdu in pdus} == {(coding, esm_class)}
    assert [pdu.short_message[6:] for pdu in pdus] == [part[6:] for part in parts]


@pytest.mark.parametrize("alphabet", ["latin1", "ascii"])
@given(
    text=st.text(st.characters(min_codepoint=32, max_codepoint=126), max_size=400),
    method=st.sampled_from(METHODS),
)
def test_interop_18_a_links_own_alphabet_is_split_by_octets(alphabet: str, text: str, method: Method) -> None:
    pdus = submit(text, method, alphabet=alphabet)
    assert all(len(pdu.short_message) <= 140 for pdu in pdus)
    assert "".join(text_of(pdu, alphabet) for pdu in pdus) == text


@pytest.mark.parametrize(
    ("text", "data_coding", "method", "sizes"),
    [
        ("", None, "udh8", [0]),
        ("a" * 160, None, "udh8", [160]),
        ("a" * 161, None, "udh8", [153, 8]),
        ("a" * 161, None, "sar", [153, 8]),
        ("a" * 161, None, "udh16", [152, 9]),
        ("a" * 161, 0xF0, "udh8", [153, 8]),
        ("a" * 152 + "€" * 5, None, "udh8", [152, 10]),
        ("a" * 152 + "€" * 5, 0x10, "udh8", [152, 10]),
        ("验" * 70, None, "udh8", [140]),
        ("验" * 71, None, "udh8", [134, 8]),
        ("验" * 71, None, "sar", [134, 8]),
        ("验" * 71, None, "udh16", [132, 10]),
        ("验" * 66 + "😀" * 3, None, "udh8", [132, 12]),
        ("验" * 66 + "😀" * 3, 0x18, "udh8", [132, 12]),
        ("\xe9" * 140, 3, "udh8", [140]),
        ("\xe9" * 141, 3, "udh8", [134, 7]),
        ("\xe9" * 141, 3, "udh16", [133, 8]),
        ("\xff" * 141, 0xF5, "udh16", [133, 8]),
    ],
)
def test_parts_have_the_sizes_of_the_specification(
    text: str, data_coding: int | None, method: Method, sizes: list[int]
) -> None:
    assert [len(user_text(pdu)) for pdu in submit(text, method, data_coding=data_coding)] == sizes


def test_a_payload_holds_a_long_text_in_one_piece() -> None:
    (segment,) = split_text("验" * 300, method="payload")
    assert segment.short_message == b""
    assert segment.tlvs == ((c.TAG_MESSAGE_PAYLOAD, ("验" * 300).encode("utf-16-be")),)


def test_a_text_of_too_many_parts_is_refused() -> None:
    assert len(split_text("验" * 67 * 255)) == 255
    with pytest.raises(ValueError, match="parts"):
        split_text("验" * 67 * 256)


def test_a_text_that_the_coding_cannot_hold_is_refused() -> None:
    for data_coding in (0x00, 0x01, 0x03, 0xF0):
        with pytest.raises(ValueError, match="signs"):
            split_text("验", data_coding)


def test_interop_16_message_payload_counts_when_there_is_no_short_message() -> None:
    payload = ((c.TAG_MESSAGE_PAYLOAD, b"long"),)
    assert octets_of(SubmitSm(tlvs=payload)) == b"long"
    assert octets_of(DataSm(tlvs=payload)) == b"long"
    assert octets_of(SubmitSm(short_message=b"short", tlvs=payload)) == b"short"
    assert octets_of(DeliverSm()) == b""


def test_interop_16_a_user_data_header_may_stand_in_message_payload() -> None:
    payload = ((c.TAG_MESSAGE_PAYLOAD, b"\x06\x08\x04\x01\x02\x02\x01text"),)
    for pdu in (SubmitSm(esm_class=UDHI, tlvs=payload), DataSm(esm_class=UDHI, tlvs=payload)):
        assert part_of(pdu) == Part(0x0102, 2, 1, "udh16")
        assert user_text(pdu) == b"text"
        assert text_of(pdu) == "text"


def test_interop_17_a_udh_counts_before_sar_parameters() -> None:
    pdu = SubmitSm(esm_class=UDHI, short_message=b"\x05\x00\x03\x09\x02\x01text", tlvs=SAR)
    assert part_of(pdu) == Part(9, 2, 1, "udh8")
    pdu.esm_class = 0
    assert part_of(pdu) == Part(0x0102, 3, 2, "sar")


@pytest.mark.parametrize("octets", [b"", b"\x00text", b"\x05\x00\x03\x09\x02\x00text", b"no header at all"])
def test_interop_17_sar_parameters_count_where_the_udh_marks_nothing(octets: bytes) -> None:
    pdu = SubmitSm(esm_class=UDHI, short_message=octets, tlvs=SAR)
    assert part_of(pdu) == Part(0x0102, 3, 2, "sar")


@pytest.mark.parametrize(
    ("sar", "part"),
    [
        ((b"\x07", b"\x00\x02", b"\x00\x01"), Part(7, 2, 1, "sar")),
        ((b"\x00\x00\x00\x07", b"\x02", b"\x02"), Part(7, 2, 2, "sar")),
        ((b"\x00\x07", b"\x02", b"\x00"), None),
        ((b"\x00\x07", b"\x02", b"\x03"), None),
        ((b"\x00\x07", b"\x00", b"\x00"), None),
        ((b"\x00\x07", b"\x01\x00", b"\x01"), None),
        ((b"\x01" * 5, b"\x02", b"\x01"), None),
        ((b"", b"\x02", b"\x01"), None),
    ],
)
def test_interop_17_sar_parameters_of_any_size_are_read_if_they_make_sense(
    sar: tuple[bytes, bytes, bytes], part: Part | None
) -> None:
    assert part_of(SubmitSm(tlvs=tuple(zip([tag for tag, _ in SAR], sar, strict=True)))) == part


@pytest.mark.parametrize("lacking", range(3))
def test_interop_17_incomplete_sar_parameters_make_no_part(lacking: int) -> None:
    assert part_of(SubmitSm(tlvs=SAR[:lacking] + SAR[lacking + 1 :])) is None


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"", b""),
        (b"\x00text", b"text"),
        (b"\x05", b"\x05"),
        (b"\x05\x00\x03\x09\x02", b"\x05\x00\x03\x09\x02"),
        (b"\x05\x00\x03\x09\x02\x00text", b"text"),
        (b"\x05\x00\x03\x09\x02\x03text", b"text"),
        (b"\x04\x05\x02\x0b\x84text", b"text"),
        (b"\x04\x05\x02\x0b\x84", b""),
        # The flag is set and there is no header: the text is not hidden behind its own first letter.
        (b"Hello, this is only text", b"Hello, this is only text"),
        (b"\x0aHello, this is only text", b"\x0aHello, this is only text"),
    ],
)
def test_interop_17_a_header_that_makes_no_sense_makes_no_part(octets: bytes, text: bytes) -> None:
    pdu = SubmitSm(esm_class=UDHI, short_message=octets)
    assert part_of(pdu) is None
    assert user_text(pdu) == text


@pytest.mark.parametrize("length", [0x04, 0x05, 0xFF])
@pytest.mark.parametrize(
    ("mark", "part"),
    [
        (b"\x00\x03\x09\x02\x01", Part(9, 2, 1, "udh8")),
        (b"\x08\x04\x09\x09\x02\x01", Part(0x0909, 2, 1, "udh16")),
    ],
)
def test_interop_17_a_wrong_header_length_hides_neither_part_nor_text(
    length: int, mark: bytes, part: Part
) -> None:
    pdu = SubmitSm(esm_class=UDHI, short_message=bytes((length,)) + mark + b"text")
    assert part_of(pdu) == part
    assert user_text(pdu) == b"text"


def test_interop_17_one_of_one_is_a_part_and_other_elements_are_passed_over() -> None:
    octets = b"\x0b\x05\x04\x0b\x84\x00\x00\x00\x03\x09\x01\x01text"
    pdu = SubmitSm(esm_class=UDHI, short_message=octets)
    assert part_of(pdu) == Part(9, 1, 1, "udh8")
    assert user_text(pdu) == b"text"


@pytest.mark.parametrize(
    ("elements", "part"),
    [
        (b"\x00\x03\x09\x02\x01\x00\x03\x0a\x03\x02", Part(10, 3, 2, "udh8")),
        (b"\x00\x03\x09\x02\x01\x08\x04\x01\x0a\x03\x02", Part(0x010A, 3, 2, "udh16")),
        (b"\x00\x03\x09\x02\x01\x00\x03\x0a\x03\x00", Part(9, 2, 1, "udh8")),
    ],
)
def test_interop_17_the_last_mark_that_makes_sense_counts(elements: bytes, part: Part) -> None:
    octets = bytes((len(elements),)) + elements + b"text"
    pdu = SubmitSm(esm_class=UDHI, short_message=octets)
    assert part_of(pdu) == part
    assert user_text(pdu) == b"text"


@given(
    st.integers(0, 255),
    st.binary(max_size=60),
    st.lists(st.tuples(st.sampled_from([tag for tag, _ in SAR]), st.binary(max_size=6)), max_size=6),
    st.integers(0, 255),
)
def test_any_octets_are_a_part_or_none(
    esm_class: int, octets: bytes, tlvs: list[tuple[int, bytes]], data_coding: int
) -> None:
    pdu = SubmitSm(esm_class=esm_class, short_message=octets, data_coding=data_coding, tlvs=tuple(tlvs))
    part = part_of(pdu)
    assert part is None or 1 <= part.seqnum <= part.total <= 255
    assert octets.endswith(user_text(pdu))
    assert isinstance(text_of(pdu), str)


@given(st.data(), st.sampled_from(METHODS))
def test_a_part_cut_anywhere_is_a_part_or_none(data: st.DataObject, method: Method) -> None:
    pdu = submit("hello world " * 20, method)[1]
    whole = part_of(pdu)
    pdu.short_message = pdu.short_message[: data.draw(st.integers(0, len(pdu.short_message)))]
    assert part_of(pdu) in (whole, None)
    assert whole is not None


def test_the_escape_is_two_septets() -> None:
    assert len(encode_gsm("€")) == 2
