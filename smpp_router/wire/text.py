# What the octets of a message mean, by its data_coding (SMPP 3.4 section 5.2.19, 3GPP TS 23.038 section 4).
#
#   0x00        the MC's default alphabet: GSM 03.38 one septet an octet, the same packed, Latin-1 or ASCII
#   0x01 0x03   ASCII, Latin-1          0x08   UCS2, big-endian          0x02 0x04   binary
#   0x1X-0x3X   general coding group: bits 2-3 choose the alphabet, bits 0-1 are the class if bit 4 is set
#   0xFX        data coding and class: bit 2 chooses 8-bit data, bits 0-1 are the class
#
# Peers put a byte order mark into UCS2, send it little-endian, and send UTF-16 where UCS2 is meant: all three
# are read. Reading never fails, a sign that can't be read becomes U+FFFD; writing refuses what it can't.
"""Text of short messages in and out."""

from typing import Final

from smpp_router.wire import constants as c

_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ\x1bÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
_EXTENSION: Final = {
    0x0A: "\f",
    0x14: "^",
    0x28: "{",
    0x29: "}",
    0x2F: "\\",
    0x3C: "[",
    0x3D: "~",
    0x3E: "]",
    0x40: "|",
    0x65: "€",
}
ESCAPE: Final = 0x1B
_REPLACEMENT: Final = "�"

_TO_GSM: Final = {
    **{char: bytes([code]) for code, char in enumerate(_BASIC) if code != ESCAPE},
    **{char: bytes([ESCAPE, code]) for code, char in _EXTENSION.items()},
}

assert len(_BASIC) == 128


def decode_gsm(octets: bytes) -> str:
    """Read GSM 03.38, one septet an octet; an unknown escape shows the basic sign (TS 23.038 6.2.1.1)."""
    chars: list[str] = []
    codes = iter(octets)
    for code in codes:
        if code == ESCAPE:
            following = next(codes, None)
            if following is not None:
                basic = _BASIC[following] if following < 128 else _REPLACEMENT
                chars.append(_EXTENSION.get(following, basic))
        else:
            chars.append(_BASIC[code] if code < 128 else _REPLACEMENT)
    return "".join(chars)


def encode_gsm(text: str) -> bytes:
    """Write GSM 03.38, one septet an octet. Raises ValueError for a character that it lacks."""
    try:
        return b"".join([_TO_GSM[char] for char in text])
    except KeyError:
        raise ValueError("the text has characters that GSM 03.38 lacks") from None


def pack_septets(septets: bytes, fill_bits: int = 0) -> bytes:
    """Pack 8 septets into 7 octets (TS 23.038 6.1.2.1.1), after `fill_bits` zero bits that follow a UDH."""
    number = 0
    for index, septet in enumerate(septets):
        number |= (septet & 0x7F) << (7 * index)
    bits = 7 * len(septets) + fill_bits
    return (number << fill_bits).to_bytes(-(-bits // 8), "little")


def unpack_septets(octets: bytes, fill_bits: int = 0, count: int | None = None) -> bytes:
    """Undo pack_septets(); without `count`, seven last bits that are all zero are taken for padding."""
    number = int.from_bytes(octets, "little") >> fill_bits
    most = (8 * len(octets) - fill_bits) // 7
    septets = bytes((number >> (7 * index)) & 0x7F for index in range(most if count is None else count))
    is_padded = count is None and (8 * len(octets) - fill_bits) % 7 == 0 and septets.endswith(b"\x00")
    return septets[:-1] if is_padded else septets


def _alphabet(data_coding: int, default_alphabet: str) -> str:
    if data_coding >= 0xF0:
        return "binary" if data_coding & 0x04 else "gsm"
    if 0x10 <= data_coding < 0x40:
        return ("gsm", "binary", "ucs2", "gsm")[data_coding >> 2 & 0x03]
    return {
        c.ENCODING_DEFAULT: default_alphabet,
        c.ENCODING_IA5: "ascii",
        c.ENCODING_ISO88591: "latin1",
        c.ENCODING_ISO10646: "ucs2",
    }.get(data_coding, "binary")


def message_class(data_coding: int) -> int | None:
    """Return the message class 0 to 3 that a data_coding carries, None for none (TS 23.038 section 4)."""
    if data_coding >= 0xF0 or 0x10 <= data_coding < 0x20 or 0x30 <= data_coding < 0x40:
        return data_coding & 0x03
    return None


def decode_text(data_coding: int, octets: bytes, default_alphabet: str = "gsm") -> str:
    """Read a message's octets (without UDH). Never fails; binary is shown as Latin-1."""
    alphabet = _alphabet(data_coding, default_alphabet)
    if alphabet == "gsm":
        return decode_gsm(octets)
    if alphabet == "gsm_packed":
        return decode_gsm(unpack_septets(octets))
    if alphabet == "ucs2":
        return _decode_ucs2(octets)
    return octets.decode("ascii" if alphabet == "ascii" else "latin-1", "replace")


def _decode_ucs2(octets: bytes) -> str:
    if octets.startswith(b"\xff\xfe"):
        return octets[2:].decode("utf-16-le", "replace")
    if octets.startswith(b"\xfe\xff"):
        return octets[2:].decode("utf-16-be", "replace")
    text = octets.decode("utf-16-be", "replace")
    # Little-endian ASCII read big-endian is a row of U+xx00, which no text is.
    if len(octets) >= 4 and not any(octets[1::2]) and all(octets[::2]):
        return octets.decode("utf-16-le", "replace")
    return text


def encode_text(text: str, data_coding: int, default_alphabet: str = "gsm") -> bytes:
    """Write a text as a data_coding has it. Raises ValueError for a character that it lacks."""
    alphabet = _alphabet(data_coding, default_alphabet)
    if alphabet == "gsm":
        return encode_gsm(text)
    if alphabet == "gsm_packed":
        return pack_septets(encode_gsm(text))
    if alphabet == "ucs2":
        return text.encode("utf-16-be")
    return text.encode("ascii" if alphabet == "ascii" else "latin-1")


def choose_data_coding(text: str, default_alphabet: str = "gsm") -> int:
    """Return 0 if the default alphabet can hold the text, else 8 (UCS2)."""
    try:
        encode_text(text, c.ENCODING_DEFAULT, default_alphabet)
    except ValueError:
        return c.ENCODING_ISO10646
    return c.ENCODING_DEFAULT
