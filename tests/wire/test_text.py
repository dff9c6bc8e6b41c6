import pytest
import smpplib.gsm
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.wire.text import (
    alphabet_of,
    choose_data_coding,
    decode_gsm,
    decode_text,
    encode_gsm,
    encode_text,
    fill_bits_behind,
    message_class,
    pack_septets,
    unpack_septets,
)
from tests.wire.texts import GSM_TEXT, UCS2_TEXT

ALPHABETS = ["gsm", "gsm_packed", "latin1", "ascii"]


@given(GSM_TEXT)
def test_what_gsm_can_hold_comes_back(text: str) -> None:
    assert decode_gsm(encode_gsm(text)) == text
    assert choose_data_coding(text) == 0


# smpplib's table has no form feed, and a grave accent where TS 23.038 has the section sign.
@given(GSM_TEXT.filter(lambda text: not {"\f", "§"} & set(text)))
def test_smpplib_writes_the_same_gsm(text: str) -> None:
    assert encode_gsm(text) == smpplib.gsm.gsm_encode(text)


def test_smpplib_can_write_every_sign_that_we_can() -> None:
    ours = {sign for sign in map(chr, range(0x10000)) if not 0xD800 <= ord(sign) < 0xE000 and is_gsm(sign)}
    # 127 basic signs and ten in the extension.
    assert len(ours) == 137
    assert {sign for sign in ours if encode_gsm(sign) != smpplib_gsm(sign)} == {"\f", "§"}


def is_gsm(sign: str) -> bool:
    return choose_data_coding(sign) == 0


def smpplib_gsm(sign: str) -> bytes | None:
    try:
        return smpplib.gsm.gsm_encode(sign)
    except UnicodeError:
        return None


@given(st.binary(max_size=200))
def test_any_octets_are_read_as_gsm(octets: bytes) -> None:
    text = decode_gsm(octets)
    assert len(octets) // 2 <= len(text) <= len(octets)
    assert "\x1b" not in text


@given(st.binary(max_size=200))
def test_an_octet_above_septets_is_a_replacement_sign(octets: bytes) -> None:
    assert decode_gsm(octets).count("\ufffd") == sum(octet > 0x7F for octet in octets)


@pytest.mark.parametrize(
    ("octets", "text"),
    [
        (b"a\x1bab", "aab"),
        (b"a\x1b", "a "),
        (b"\x1b\x1b\x65", " e"),
        (b"\x1b\x1b", " "),
        (b"\x1b\x0ax", "\fx"),
        (b"\x1b\x80", "\ufffd"),
    ],
)
def test_an_escape_without_its_extension_shows_what_ts_23_038_says(octets: bytes, text: str) -> None:
    assert decode_gsm(octets) == text


@given(st.binary(max_size=150).map(lambda octets: bytes(octet & 0x7F for octet in octets)), st.integers(0, 6))
def test_septets_are_packed_and_unpacked(septets: bytes, fill_bits: int) -> None:
    packed = pack_septets(septets, fill_bits)
    assert len(packed) == -(-(7 * len(septets) + fill_bits) // 8)
    assert unpack_septets(packed, fill_bits, len(septets)) == septets
    # Without the count nothing is lost but a last @, and nothing added.
    assert unpack_septets(packed, fill_bits).rstrip(b"\0") == septets.rstrip(b"\0")


@given(st.binary(max_size=20), st.integers(0, 6))
def test_any_octets_are_unpacked(octets: bytes, fill_bits: int) -> None:
    assert all(septet < 0x80 for septet in unpack_septets(octets, fill_bits))


def test_septets_are_packed_as_ts_23_038_shows() -> None:
    assert pack_septets(encode_gsm("hellohello")).hex() == "e8329bfd4697d9ec37"


def test_eight_septets_without_a_count_lose_their_padding() -> None:
    assert unpack_septets(pack_septets(b"1234567")) == b"1234567"


@pytest.mark.parametrize(("header_octets", "fill_bits"), [(0, 0), (6, 1), (7, 0), (8, 6)])
def test_fill_bits_reach_to_the_next_septet(header_octets: int, fill_bits: int) -> None:
    assert fill_bits_behind(header_octets) == fill_bits
    packed = encode_text("hi", 0, "gsm_packed", header_octets)
    whole = bytes(header_octets) + packed
    assert unpack_septets(whole, 0, (8 * header_octets + fill_bits) // 7 + 2)[-2:] == b"hi"
    assert decode_text(0, packed, "gsm_packed", header_octets) == "hi"


@given(
    st.one_of(GSM_TEXT, UCS2_TEXT),
    st.integers(0, 255),
    st.sampled_from(ALPHABETS),
    st.sampled_from([0, 6, 7]),
)
def test_what_is_written_in_a_coding_is_read_in_it(
    text: str, data_coding: int, alphabet: str, header_octets: int
) -> None:
    try:
        octets = encode_text(text, data_coding, alphabet, header_octets)
    except ValueError:
        return
    decoded = decode_text(data_coding, octets, alphabet, header_octets)
    if alphabet_of(data_coding, alphabet) == "gsm_packed":
        decoded, text = decoded.rstrip("@"), text.rstrip("@")
    assert decoded == text


@given(st.integers(0, 255), st.binary(max_size=140), st.sampled_from(ALPHABETS))
def test_any_octets_in_any_coding_are_read(data_coding: int, octets: bytes, alphabet: str) -> None:
    assert isinstance(decode_text(data_coding, octets, alphabet), str)


@given(UCS2_TEXT, st.data())
def test_ucs2_cut_anywhere_is_read_up_to_the_cut(text: str, data: st.DataObject) -> None:
    octets = text.encode("utf-16-be")
    marked = b"\xfe\xff" + octets[: data.draw(st.integers(0, len(octets)))]
    assert text.startswith(decode_text(8, marked).rstrip("\ufffd"))


@given(UCS2_TEXT)
def test_interop_18_ucs2_with_a_byte_order_mark_is_read_in_that_order(text: str) -> None:
    assert decode_text(8, b"\xfe\xff" + text.encode("utf-16-be")) == text
    assert decode_text(8, b"\xff\xfe" + text.encode("utf-16-le")) == text


@pytest.mark.parametrize(
    "text",
    [
        "code 1234",
        "TD1",
        "验证码 1234",
        "您的验证码是123456,请勿泄露。",
        "【银行】您好,\n余额 20 元",
        "Привет 12",
        "😀 1234",
    ],
)
def test_interop_18_little_endian_ucs2_is_noticed(text: str) -> None:
    assert decode_text(8, text.encode("utf-16-le")) == text


@pytest.mark.parametrize(
    "text",
    [
        "您好",
        "一一得一",
        "最一",
        "您好\u3000再见",
        "第一\r\n第二",
        "👨‍👩‍👧",
        "\u200fשלום",
        "\x02",
        "\ue001",
        "\U0001fae8",
        "ĀĀ",
    ],
)
def test_big_endian_ucs2_is_not_taken_for_the_other(text: str) -> None:
    assert decode_text(8, text.encode("utf-16-be")) == text


def test_ucs2_that_makes_no_sense_either_way_is_read_as_specified() -> None:
    octets = b"\xd8\x00\x00\xd8\x31"
    assert decode_text(8, octets) == octets.decode("utf-16-be", "replace")


def test_utf_16_is_read_where_ucs2_is_meant() -> None:
    assert decode_text(8, "😀".encode("utf-16-be")) == "😀"


@pytest.mark.parametrize(
    ("data_coding", "class_"),
    [
        (0x00, None),
        (0x08, None),
        (0x10, 0),
        (0x18, 0),
        (0x1B, 3),
        (0x20, None),
        (0x31, 1),
        (0x48, None),
        (0x5A, 2),
        (0x90, None),
        (0xC1, None),
        (0xD1, None),
        (0xE1, None),
        (0xF0, 0),
        (0xF1, 1),
        (0xF6, 2),
        (0xFF, 3),
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
        (0x01, b"A\x80", "A\ufffd"),
        (0x02, b"\xff", "ÿ"),
        (0x03, b"\xe9", "é"),
        (0x04, b"\xff", "ÿ"),
        (0x06, b"\xbf\xe0", "Пр"),
        (0x07, b"\xf9", "ש"),
        (0x0F, b"\xff", "ÿ"),
        (0x10, b"\x02", "$"),
        (0x14, b"\x02", "\x02"),
        (0x18, b"\x9a\x8c", "验"),
        (0x1C, b"\x02", "$"),
        (0x20, b"\x02", "\x02"),
        (0x28, b"\x9a\x8c", "\x9a\x8c"),
        (0x40, b"\x02", "$"),
        (0x48, b"\x9a\x8c", "验"),
        (0x80, b"\x02", "$"),
        (0xC8, b"\x02", "$"),
        (0xD0, b"\x02", "$"),
        (0xE0, b"\x9a\x8c", "验"),
        (0xF0, b"\x02", "$"),
        (0xF4, b"\xff", "ÿ"),
    ],
)
def test_interop_18_each_coding_has_its_alphabet(data_coding: int, octets: bytes, text: str) -> None:
    assert decode_text(data_coding, octets) == text
    if "\ufffd" not in text:
        assert encode_text(text, data_coding) == octets


@pytest.mark.parametrize(
    ("alphabet", "octets"), [("latin1", b"\xe9"), ("gsm", b"\x05"), ("gsm_packed", b"\x05")]
)
def test_interop_18_data_coding_0_is_the_links_own_alphabet(alphabet: str, octets: bytes) -> None:
    assert decode_text(0, octets, alphabet) == "é"
    assert encode_text("é", 0, alphabet) == octets


def test_interop_18_class_codings_are_gsm_on_every_link_and_packed_where_the_link_packs() -> None:
    hello = encode_gsm("hello")
    for alphabet in ("gsm", "latin1", "ascii"):
        assert decode_text(0xF0, hello, alphabet) == "hello"
    assert decode_text(0xF0, pack_septets(hello), "gsm_packed") == "hello"


def test_what_an_alphabet_lacks_is_refused_without_quoting_it() -> None:
    for data_coding in (0x00, 0x01, 0x03, 0x04, 0x06, 0xF0):
        with pytest.raises(ValueError, match="signs") as refused:
            encode_text("验", data_coding)
        assert "验" not in str(refused.value)
        assert "9a8c" not in str(refused.value)
        assert refused.value.__suppress_context__, "nor does a traceback quote it"
    assert choose_data_coding("验") == 8


def test_a_lone_surrogate_is_refused() -> None:
    with pytest.raises(ValueError, match="signs"):
        encode_text("\ud83d", 8)


@pytest.mark.parametrize("alphabet", ALPHABETS)
def test_the_shorter_coding_is_chosen(alphabet: str) -> None:
    assert choose_data_coding("hello", alphabet) == 0
    assert choose_data_coding("é", alphabet) == (8 if alphabet == "ascii" else 0)
    assert choose_data_coding("€", alphabet) == (8 if alphabet in ("ascii", "latin1") else 0)
