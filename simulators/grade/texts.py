# Rules of what a text's octets are under its data_coding (SMPP 3.4 section 5.2.19, 3GPP TS 23.038).
#
# What is guessed here is guessed only where nothing else makes sense: octets above 0x7F are in no GSM 03.38,
# and UTF-8 of more than one octet a sign hardly comes about by chance.
"""Texts and their data_coding."""

import re
from typing import Final

from simulators.grade.conversation import Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.multipart import TPDU_OCTETS, part_of, user_text
from smpp_router.wire.pdu import DataSm, SubmitMulti, SubmitSm
from smpp_router.wire.text import alphabet_of, decode_text, encode_gsm

GROUP: Final = Group("texts")
rule = GROUP.rule

SEPTETS_MAX: Final = 160
SIGNS_SHOWN: Final = 20
"""Of a text, in words about it."""
_SECTION: Final = "SMPP 3.4 section 5.2.19"
_RESERVED: Final = frozenset({0x0B, 0x0C, *range(0x0F, 0xC0), *range(0xE0, 0xF0)})
_GSM_GROUPS: Final = frozenset({*range(0x10, 0x80), *range(0xE0, 0xF0)})
_CJK: Final = frozenset(range(0x4E, 0xA0))
_ROWS: Final = _CJK | {0x00, 0x30, 0xFF}
"""First octets of Chinese and Japanese: signs, punctuation, full-width letters, and ASCII among them."""
_ROWS_AND_HANGUL: Final = _ROWS | frozenset(range(0xAC, 0xD8))
UNITS_MIN: Final = 3
"""Of two signs or one nobody can say."""
CJK_UNITS_MIN: Final = 6
"""By chance one text in a thousand of so many signs looks swapped."""
_BOMS: Final = (b"\xfe\xff", b"\xff\xfe")
_ASCII_ONLY: Final = re.compile(rb"[A-Za-z0-9][@_$][A-Za-z0-9]")
"""@, _ and $ between letters as ASCII has them: in GSM 03.38 those octets are ¡, § and ¤."""


def text_octets(seen: Seen) -> bytes:
    """Return a message's text without its user data header."""
    message = seen.message
    if isinstance(message, (SubmitSm, DataSm)):
        return user_text(message)
    payload = tlv.find(message.tlvs, c.TAG_MESSAGE_PAYLOAD) or b""
    return message.short_message or payload


def _default(seen: Seen) -> bytes | None:
    """The text if it is in the default alphabet."""
    return text_octets(seen) or None if seen.message.data_coding == c.ENCODING_DEFAULT else None


def _ucs2(seen: Seen) -> bytes | None:
    """The text if it is in UCS2."""
    return text_octets(seen) or None if seen.message.data_coding == c.ENCODING_ISO10646 else None


@rule(
    "data-coding-reserved",
    "violation",
    _SECTION,
    On.MESSAGE,
    "Use 0 (default), 1, 3 (Latin-1), 4 (octets), 8 (UCS2) and their like, or 0xF0 to 0xFF for a class.",
)
def data_coding_reserved(seen: Seen) -> Verdict:
    """A reserved data_coding."""
    coding = seen.message.data_coding
    if coding not in _RESERVED:
        return GOOD
    why = ": GSM has it, SMPP 3.4 reserves it" if coding in _GSM_GROUPS else ""
    return f"data_coding is 0x{coding:02x}{why}"


@rule(
    "utf8-as-default",
    "violation",
    _SECTION,
    On.MESSAGE,
    "Encode GSM 03.38 for data_coding 0, and UCS2 for what that lacks; UTF-8 has no data_coding.",
)
def utf8_as_default(seen: Seen) -> Verdict:
    """UTF-8 under data_coding 0."""
    octets = _default(seen)
    if octets is None:
        return None
    if max(octets) < 0x80:
        return GOOD
    try:
        text = octets.decode("utf-8")
    except UnicodeDecodeError:
        return None  # of octets-above-default
    signs = "".join(sign if sign.isprintable() else "·" for sign in text[:SIGNS_SHOWN])
    return f'{sum(octet > 0x7F for octet in octets)} octets above 0x7F that make UTF-8: "{signs}"'


@rule(
    "octets-above-default",
    "manners",
    _SECTION,
    On.MESSAGE,
    "Agree with the carrier on its default alphabet, or say data_coding 3 for Latin-1.",
)
def octets_above_default(seen: Seen) -> Verdict:
    """Octets under data_coding 0 that GSM 03.38 does not have."""
    octets = _default(seen)
    if octets is None:
        return None
    above = sum(octet > 0x7F for octet in octets)
    try:
        octets.decode("utf-8")
    except UnicodeDecodeError:
        return f"{above} octets above 0x7F: Latin-1, or packed septets?"
    return GOOD if not above else None


@rule(
    "ascii-as-default",
    "note",
    "3GPP TS 23.038 section 6.2.1",
    On.MESSAGE,
    "In GSM 03.38 @ is 0x00, $ is 0x02 and _ is 0x11; the carrier's default alphabet may be ASCII, ask it.",
)
def ascii_as_default(seen: Seen) -> Verdict:
    """ASCII under data_coding 0, as far as can be seen."""
    octets = _default(seen)
    if octets is None:
        return None
    return "@, $ or _ between letters, as ASCII writes it" if _ASCII_ONLY.search(octets) else GOOD


@rule("ucs2-odd", "violation", _SECTION, On.MESSAGE, "UCS2 has two octets a sign: never cut one in half.")
def ucs2_odd(seen: Seen) -> Verdict:
    """UCS2 with an odd number of octets."""
    octets = _ucs2(seen)
    if octets is None:
        return None
    return f"{len(octets)} octets" if len(octets) % 2 else GOOD


@rule(
    "ucs2-byte-order-mark",
    "manners",
    _SECTION,
    On.MESSAGE,
    "Leave the byte order mark out: it costs a sign, and handsets show it. In Python 'utf-16-be'.",
)
def ucs2_byte_order_mark(seen: Seen) -> Verdict:
    """UCS2 with a byte order mark."""
    octets = _ucs2(seen)
    if octets is None:
        return None
    return f"it begins with {octets[:2].hex()}" if octets.startswith(_BOMS) else GOOD


@rule(
    "ucs2-little-endian",
    "violation",
    _SECTION,
    On.MESSAGE,
    "UCS2 is sent with the most significant octet first; handsets show nonsense otherwise.",
)
def ucs2_little_endian(seen: Seen) -> Verdict:
    """UCS2 with the least significant octet first."""
    octets = _ucs2(seen)
    if octets is None:
        return None
    if octets.startswith(b"\xff\xfe"):
        return "its byte order mark says so"
    return "it makes a text only that way round" if looks_little_endian(octets) else GOOD


def _between_signs(octets: bytes) -> bytes:
    """Whole units, without the halves of surrogate pairs that a part begins or ends with."""
    octets = octets[: len(octets) // 2 * 2]
    if octets and 0xDC <= octets[0] <= 0xDF:
        octets = octets[2:]
    return octets[:-2] if octets and 0xD8 <= octets[-2] <= 0xDB else octets


def looks_little_endian(octets: bytes) -> bool:
    """Whether UCS2 makes sense only with its octets swapped.

    The router's own reader says so of letters. Of CJK it is said here, where the second octets are the rows
    of CJK and its signs, and the first ones are no rows of anything.
    """
    even = _between_signs(octets)
    units = len(even) // 2
    text = decode_text(c.ENCODING_ISO10646, even) if units >= UNITS_MIN else ""
    if text and text != even.decode("utf-16-be", "replace") and text == even.decode("utf-16-le", "replace"):
        return True
    if units < CJK_UNITS_MIN:
        return False
    first, second = frozenset(even[::2]), even[1::2]
    is_swapped_cjk = _ROWS.issuperset(second) and sum(octet in _CJK for octet in second) * 2 > units
    return is_swapped_cjk and not _ROWS_AND_HANGUL.issuperset(first) and len(first) * 2 > units


@rule(
    "ucs2-not-needed",
    "note",
    "3GPP TS 23.038 section 6.2.1",
    On.MESSAGE,
    "GSM 03.38 would do: 160 signs a message instead of 70.",
)
def ucs2_not_needed(seen: Seen) -> Verdict:
    """UCS2 for a text that the default alphabet has."""
    octets = _ucs2(seen)
    if octets is None or isinstance(seen.message, SubmitMulti) or part_of(seen.message) is not None:
        return None  # of a long message the other parts may need it
    try:
        encode_gsm(octets.decode("utf-16-be"))
    except ValueError:
        return GOOD
    return f"{len(octets) // 2} signs, all of GSM 03.38"


@rule(
    "too-long-for-one",
    "manners",
    "3GPP TS 23.040 section 9.2.3.24",
    On.MESSAGE,
    "Split what is longer than 140 octets into parts, or send it as message_payload.",
)
def too_long_for_one(seen: Seen) -> Verdict:
    """More in short_message than one short message holds."""
    message = seen.message
    if isinstance(message, DataSm) or not message.short_message:
        return None
    is_sar = tlv.find(message.tlvs, c.TAG_SAR_TOTAL_SEGMENTS) is not None
    alphabet = alphabet_of(message.data_coding, "gsm")
    has_udh = bool(message.esm_class & c.GSMFEAT_UDHI)
    room = SEPTETS_MAX if alphabet in ("gsm", "ascii") and not has_udh else TPDU_OCTETS
    length = len(message.short_message)
    if has_udh and alphabet in ("gsm", "ascii"):
        # The header is octets, the text septets.
        text = len(text_octets(seen))
        length, room = text, (TPDU_OCTETS - (length - text)) * 8 // 7
    if is_sar and length <= room:
        return GOOD
    return f"{length} octets, one holds {room}" if length > room else GOOD
