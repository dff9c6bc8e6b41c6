# What the octets of a message mean, by its data_coding (SMPP 3.4 section 5.2.19, 3GPP TS 23.038 section 4).
#
#   0x00        the MC's default alphabet: GSM 03.38 one septet an octet, the same packed, Latin-1 or ASCII
#   0x01 0x03   ASCII, Latin-1          0x06 0x07  Cyrillic, Hebrew      0x08   UCS2, big-endian
#   other 0x0X  binary, or what is as good as binary here
#   0x1X-0x7X   general coding groups: bit 5 says compressed, bits 3-2 choose the alphabet, bit 4 says that
#               bits 1-0 are the class; 0x4X-0x7X are the same, marked for deletion once read
#   0x8X-0xBX   reserved: to be taken for GSM 03.38
#   0xCX-0xEX   message waiting: GSM 03.38, in 0xEX UCS2
#   0xFX        data coding and class: bit 2 chooses 8-bit data, bits 1-0 are the class
#
# Rule 1: reading never fails: what can't be read becomes U+FFFD. Writing refuses what it can't write, and
#         doesn't quote it.
# Rule 2: peers put a byte order mark into UCS2, send it little-endian, and send UTF-16 where UCS2 is meant:
#         all three are read. Without a mark little-endian is believed only where big-endian makes no sense.
# Rule 3: a link whose default alphabet is packed packs its class codings too: it hands user data through.
"""Text of short messages in and out."""

from codecs import utf_16_be_decode
from typing import Final, Literal
from unicodedata import category

from smpp_router.wire import constants as c

Alphabet = Literal["gsm", "gsm_packed", "latin1", "ascii", "cyrillic", "hebrew", "ucs2", "binary"]

# TS 23.038 section 6.2.1: position is code. The escape itself stands there as the space that it shows as.
_BASIC: Final = (
    "@£$¥èéùìòÇ\nØø\rÅåΔ_ΦΓΛΩΠΨΣΘΞ ÆæßÉ !\"#¤%&'()*+,-./0123456789:;<=>?"
    "¡ABCDEFGHIJKLMNOPQRSTUVWXYZÄÖÑÜ§¿abcdefghijklmnopqrstuvwxyzäöñüà"
)
# Section 6.2.1.1, behind an escape.
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
_ESCAPE_OCTET: Final = b"\x1b"
_REPLACEMENT: Final = "\ufffd"

assert len(_BASIC) == 128

_FROM_BASIC: Final = _BASIC + _REPLACEMENT * 128
_FROM_EXTENSION: Final = "".join(_EXTENSION.get(code, sign) for code, sign in enumerate(_FROM_BASIC))
_TO_GSM: Final = {
    **{sign: bytes([code]) for code, sign in enumerate(_BASIC) if code != ESCAPE},
    **{sign: bytes([ESCAPE, code]) for code, sign in _EXTENSION.items()},
}

# The alphabets of SMPP's own codings that have one octet a sign.
_CODECS: Final = {
    "latin1": "latin-1",
    "ascii": "ascii",
    "cyrillic": "iso8859-5",
    "hebrew": "iso8859-8",
    "binary": "latin-1",
}
_SMPP_ALPHABETS: Final[dict[int, Alphabet]] = {
    c.ENCODING_IA5: "ascii",
    c.ENCODING_ISO88591: "latin1",
    c.ENCODING_ISO88595: "cyrillic",
    c.ENCODING_ISO88598: "hebrew",
    c.ENCODING_ISO10646: "ucs2",
}
_DEFAULT_ALPHABETS: Final[dict[str, Alphabet]] = {
    "gsm": "gsm",
    "gsm_packed": "gsm_packed",
    "latin1": "latin1",
    "ascii": "ascii",
}


def decode_gsm(octets: bytes) -> str:
    """Read GSM 03.38, one septet an octet (TS 23.038 sections 6.2.1 and 6.2.1.1).

    An escape before what has no extension shows the basic sign, one before another escape or the end a space.
    """
    plain = octets.decode("latin-1").translate(_FROM_BASIC)
    if _ESCAPE_OCTET not in octets:
        return plain
    pieces: list[str] = []
    start = 0
    at = octets.find(_ESCAPE_OCTET)
    while 0 <= at < len(octets) - 1:
        pieces.append(plain[start:at])
        pieces.append(_FROM_EXTENSION[octets[at + 1]])
        start = at + 2
        at = octets.find(_ESCAPE_OCTET, start)
    pieces.append(plain[start:])
    return "".join(pieces)


def encode_gsm(text: str) -> bytes:
    """Write GSM 03.38, one septet an octet. Raises ValueError for a sign that it lacks."""
    try:
        return b"".join([_TO_GSM[sign] for sign in text])
    except KeyError:
        raise ValueError("the text has signs that GSM 03.38 lacks") from None


def pack_septets(septets: bytes, fill_bits: int = 0) -> bytes:
    """Pack 8 septets into 7 octets (TS 23.038 section 6.1.2.1.1), behind `fill_bits` zero bits.

    Fill bits bring the text to a septet boundary behind a UDH (3GPP TS 23.040 section 9.2.3.24).
    """
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


def fill_bits_behind(header_octets: int) -> int:
    """How many bits lie between a user data header and the first septet of packed text."""
    return -8 * header_octets % 7


def alphabet_of(data_coding: int, default_alphabet: str = "gsm") -> Alphabet:
    """Return how a data_coding writes text, on a link whose data_coding 0 is `default_alphabet`."""
    if data_coding == 0:
        return _DEFAULT_ALPHABETS[default_alphabet]
    if data_coding < 0x10:
        return _SMPP_ALPHABETS.get(data_coding, "binary")
    gsm: Alphabet = "gsm_packed" if default_alphabet == "gsm_packed" else "gsm"
    if data_coding < 0x80:
        # Bit 5: compressed by TS 23.042, which nobody does, and so nobody can read.
        is_binary = data_coding & 0x20 or data_coding & 0x0C == 0x04
        return "binary" if is_binary else "ucs2" if data_coding & 0x0C == 0x08 else gsm
    if data_coding >= 0xF0:
        return "binary" if data_coding & 0x04 else gsm
    return "ucs2" if data_coding >= 0xE0 else gsm


def message_class(data_coding: int) -> int | None:
    """Return the message class 0 to 3 that a data_coding carries, None for none (TS 23.038 section 4)."""
    if data_coding >= 0xF0 or (data_coding < 0x80 and data_coding & 0x10):
        return data_coding & 0x03
    return None


def decode_text(
    data_coding: int, octets: bytes, default_alphabet: str = "gsm", header_octets: int = 0
) -> str:
    """Read a message's octets, which are without their UDH. Never fails; binary is shown as Latin-1.

    Packed septets lie behind a UDH of `header_octets` otherwise than without one.
    """
    alphabet = alphabet_of(data_coding, default_alphabet)
    if alphabet == "gsm":
        return decode_gsm(octets)
    if alphabet == "gsm_packed":
        return decode_gsm(unpack_septets(octets, fill_bits_behind(header_octets)))
    if alphabet == "ucs2":
        return _decode_ucs2(octets)
    return octets.decode(_CODECS[alphabet], "replace")


_MARKS: Final = (b"\xff\xfe", b"\xfe\xff")


def _decode_ucs2(octets: bytes) -> str:
    if octets.startswith(_MARKS):
        return octets[2:].decode("utf-16-le" if octets[0] == _MARKS[0][0] else "utf-16-be", "replace")
    # What octets.decode() comes to, without looking for the codec, which takes longer than all the rest.
    text, _ = utf_16_be_decode(octets, "replace", True)
    # What is printable between its blanks is a text, unless it is a row of U+xx00: that is how little-endian
    # letters look.
    is_printable = text.isprintable() or "".join(text.split()).isprintable()
    if is_printable and _REPLACEMENT not in text and octets[1::2].strip(b"\0"):
        return text
    swapped = octets.decode("utf-16-le", "replace")
    is_row = (
        len(octets) >= _ROW_OCTETS_MIN
        and not any(octets[1::2])
        and swapped.isascii()
        and swapped.isprintable()
    )
    return swapped if is_row or (_is_senseless(text) and _is_text(swapped)) else text


_ROW_OCTETS_MIN: Final = 6
"""Three signs: 最一 are two, whose other order is two letters."""
_NO_TEXT: Final = frozenset({"Cc", "Cn", "Co", "Cs"})
"""Control, unassigned, private and surrogate code points: octets in the wrong order are full of them."""
_BLANKS: Final = frozenset("\t\n\f\r")


def _is_senseless(text: str) -> bool:
    """Whether nobody can have meant a text: unassigned signs, less those that newer Unicodes may have."""
    return any(sign == _REPLACEMENT or (category(sign) == "Cn" and sign <= "\uffff") for sign in text)


def _is_text(text: str) -> bool:
    return all(sign != _REPLACEMENT and (category(sign) not in _NO_TEXT or sign in _BLANKS) for sign in text)


def encode_text(text: str, data_coding: int, default_alphabet: str = "gsm", header_octets: int = 0) -> bytes:
    """Write a text as a data_coding has it, to stand behind a UDH of `header_octets`.

    Raises ValueError for a sign that the alphabet lacks.
    """
    alphabet = alphabet_of(data_coding, default_alphabet)
    if alphabet == "gsm":
        return encode_gsm(text)
    if alphabet == "gsm_packed":
        return pack_septets(encode_gsm(text), fill_bits_behind(header_octets))
    try:
        return text.encode("utf-16-be" if alphabet == "ucs2" else _CODECS[alphabet])
    except UnicodeEncodeError:
        # Not the codec's own words, which quote the text.
        raise ValueError(f"the text has signs that can't be written as {alphabet}") from None


def choose_data_coding(text: str, default_alphabet: str = "gsm") -> int:
    """Return 0 if the default alphabet can hold the text, else 8 (UCS2)."""
    try:
        encode_text(text, c.ENCODING_DEFAULT, default_alphabet)
    except ValueError:
        return c.ENCODING_ISO10646
    return c.ENCODING_DEFAULT
