import pytest
import smpplib.gsm
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire.text import (
    choose_data_coding,
    decode_gsm,
    decode_text,
    encode_gsm,
    encode_text,
    message_class,
    pack_septets,
    unpack_septets,
)

BASIC = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿"
    "abcdefghijklmnopqrstuvwxyzäöñüà"
)
EXTENSION = "\f^{}\\[~]|€"
GSM = st.text(st.sampled_from(BASIC + EXTENSION), max_size=200)


@given(GSM)
def test_what_gsm_can_hold_comes_back(text: str) -> None:
    assert decode_gsm(encode_gsm(text)) == text
    assert choose_data_coding(text) == 0


# smpplib's table has no form feed, and a grave accent where TS 23.038 has the section sign.
@given(GSM.filter(lambda text: not {"\f", "§"} & set(text)))
def test_smpplib_writes_the_same_gsm(text: str) -> None:
    assert encode_gsm(text) == smpplib.gsm.gsm_encode(text)


@given(st.binary(max_size=200))
def test_any_octets_are_read_as_gsm(octets: bytes) -> None:
    text = decode_gsm(octets)
    assert len(text) <= len(octets)


@given(st.binary(max_size=150).map(lambda octets: bytes(octet & 0x7F for octet in octets)), st.integers(0, 6))
def test_septets_are_packed_and_unpacked(septets: bytes, fill_bits: int) -> None:
    packed = pack_septets(septets, fill_bits)
    assert len(packed) == -(-(7 * len(septets) + fill_bits) // 8)
    assert unpack_septets(packed, fill_bits, len(septets)) == septets


def test_septets_are_packed_as_ts_23_038_shows() -> None:
    assert pack_septets(encode_gsm("hellohello")).hex() == "e8329bfd4697d9ec37"


def test_eight_septets_without_a_count_lose_their_padding() -> None:
    assert unpack_septets(pack_septets(b"1234567")) == b"1234567"


@given(
    st.text(st.characters(codec="utf-16-be"), max_size=100),
    st.integers(0, 255),
    st.sampled_from(["gsm", "gsm_packed", "latin1", "ascii"]),
)
def test_what_is_written_in_a_coding_is_read_in_it(text: str, data_coding: int, alphabet: str) -> None:
    try:
        octets = encode_text(text, data_coding, alphabet)
    except ValueError:
        return
    decoded = decode_text(data_coding, octets, alphabet)
    is_packed = alphabet == "gsm_packed" and data_coding == 0
    is_marked = text.startswith(("\ufeff", "\ufffe"))
    looks_swapped = data_coding in (0x08, 0x18, 0x1A, 0x28) and octets[1::2].count(0) == len(octets) // 2
    if not (is_packed or is_marked or looks_swapped):
        assert decoded == text


@given(
    st.integers(0, 255), st.binary(max_size=140), st.sampled_from(["gsm", "gsm_packed", "latin1", "ascii"])
)
def test_any_octets_in_any_coding_are_read(data_coding: int, octets: bytes, alphabet: str) -> None:
    assert isinstance(decode_text(data_coding, octets, alphabet), str)


@pytest.mark.parametrize(
    "octets",
    [
        "验证码 1234".encode("utf-16-be"),
        b"\xfe\xff" + "验证码 1234".encode("utf-16-be"),
        b"\xff\xfe" + "验证码 1234".encode("utf-16-le"),
    ],
)
def test_interop_18_ucs2_is_read_with_and_without_a_byte_order_mark(octets: bytes) -> None:
    assert decode_text(8, octets) == "验证码 1234"


def test_interop_18_little_endian_ucs2_is_noticed() -> None:
    assert decode_text(8, "code 1234".encode("utf-16-le")) == "code 1234"


def test_utf_16_is_read_where_ucs2_is_meant() -> None:
    assert decode_text(8, "😀".encode("utf-16-be")) == "😀"


@pytest.mark.parametrize(
    ("data_coding", "class_"),
    [
        (0x00, None),
        (0x08, None),
        (0xF0, 0),
        (0xF1, 1),
        (0xF6, 2),
        (0x10, 0),
        (0x18, 0),
        (0x1B, 3),
        (0x20, None),
    ],
)
def test_interop_18_class_bits_are_found_where_the_coding_has_them(
    data_coding: int, class_: int | None
) -> None:
    assert message_class(data_coding) == class_


@pytest.mark.parametrize(
    ("data_coding", "octets", "text"),
    [
        (0x00, b"\x00", "@"),
        (0x00, b"\x1b\x65", "€"),
        (0x01, b"A", "A"),
        (0x03, b"\xe9", "é"),
        (0x04, b"\xff", "ÿ"),
        (0x18, b"\x9a\x8c", "验"),
        (0xF0, b"\x02", "$"),
        (0xF4, b"\xff", "ÿ"),
    ],
)
def test_interop_18_each_coding_has_its_alphabet(data_coding: int, octets: bytes, text: str) -> None:
    assert decode_text(data_coding, octets) == text


@pytest.mark.parametrize(
    ("alphabet", "octets"), [("latin1", b"\xe9"), ("gsm", b"\x05"), ("gsm_packed", b"\x05")]
)
def test_interop_18_data_coding_0_is_the_links_own_alphabet(alphabet: str, octets: bytes) -> None:
    assert decode_text(0, octets, alphabet) == "é"
    assert encode_text("é", 0, alphabet) == octets


def test_what_an_alphabet_lacks_is_refused() -> None:
    for data_coding in (0, 1, 3):
        with pytest.raises(ValueError, match=r"."):
            encode_text("验", data_coding)
    assert choose_data_coding("验") == 8
