# A long message travels in parts, marked in one of three ways (3GPP TS 23.040 section 9.2.3.24, SMPP 3.4
# sections 5.3.2.22 to 5.3.2.24): a user data header with an 8-bit reference, one with a 16-bit reference, or
# SAR TLVs.
#
#   05 00 03 rr tt ss      UDH: length, IEI 0, its length, reference, total, number of this part
#   06 08 04 rr rr tt ss   the same with 16 bits of reference
#
# Rule 1: where a PDU has both a UDH and SAR TLVs the UDH counts: it is what the handset will go by.
# Rule 2: of several marks in one UDH the last that makes sense counts (TS 23.040 section 9.2.3.24).
# Rule 3: a UDH whose length octet is wrong still marks a part. What marks none, and points past the message
#         or does not add up, is text and no UDH: who screens it shall see it.
# Rule 4: a part is cut between signs, so that each can be read alone, and two can travel different ways.
"""Splitting long messages, and telling which part of which one a PDU carries."""

from typing import Final, Literal, NamedTuple

from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm, Tlvs
from smpp_router.wire.text import (
    ESCAPE,
    Alphabet,
    alphabet_of,
    choose_data_coding,
    decode_text,
    encode_gsm,
    encode_text,
    fill_bits_behind,
    pack_septets,
)

UDHI: Final = c.GSMFEAT_UDHI
"""esm_class: the text begins with a user data header (SMPP 3.4 section 5.2.12)."""

_IEI_8_BIT: Final = 0x00
_IEI_16_BIT: Final = 0x08
_PARTS_MAX: Final = 255
"""The total has one octet, in a UDH and in sar_total_segments (SMPP 3.4 section 5.3.2.23)."""
_REFERENCE_MAX: Final = 0xFFFF_FFFF
"""Two octets by section 5.3.2.22; some peers send four, and nothing makes sense of more."""


class Part(NamedTuple):
    """Part `seqnum` of `total`, of the long message `reference`; `kind` is udh8, udh16 or sar."""

    reference: int
    total: int
    seqnum: int
    kind: str


def octets_of(pdu: SubmitSm | DeliverSm | DataSm) -> bytes:
    """Return short_message, or message_payload where there is none (SMPP 3.4 section 5.3.2.32)."""
    if not isinstance(pdu, DataSm) and pdu.short_message:
        return pdu.short_message
    return tlv.find(pdu.tlvs, c.TAG_MESSAGE_PAYLOAD) or b""


def part_of(pdu: SubmitSm | DeliverSm | DataSm) -> Part | None:
    """Return which part a PDU carries, None for a message in one piece or marks that make no sense."""
    if pdu.esm_class & UDHI:
        part, _ = part_in_header(octets_of(pdu))
        if part is not None:
            return part
    return _from_sar(pdu.tlvs) if pdu.tlvs else None


def header_octets_of(pdu: SubmitSm | DeliverSm | DataSm) -> int:
    """Return how many octets of a message's its user data header takes, 0 without one."""
    return part_in_header(octets_of(pdu))[1] if pdu.esm_class & UDHI else 0


def user_text(pdu: SubmitSm | DeliverSm | DataSm) -> bytes:
    """Return a message's octets without their user data header."""
    return octets_of(pdu)[header_octets_of(pdu) :]


def text_of(pdu: SubmitSm | DeliverSm | DataSm, default_alphabet: str = "gsm") -> str:
    """Return what a message, or a part of one, says. Never fails: what can't be read is U+FFFD."""
    octets = octets_of(pdu)
    if not pdu.esm_class & UDHI:
        return decode_text(pdu.data_coding, octets, default_alphabet)
    header_octets = part_in_header(octets)[1]
    return decode_text(pdu.data_coding, octets[header_octets:], default_alphabet, header_octets)


def part_in_header(octets: bytes) -> tuple[Part | None, int]:
    """Return what a user data header marks, and where it ends; (None, 0) if there is no header."""
    if octets[:3] == b"\x05\x00\x03" and len(octets) >= 6:
        # Nearly all of them.
        return _part(octets[3], octets[4], octets[5], "udh8"), 6
    if not octets:
        return None, 0
    header_end = octets[0] + 1
    end = min(header_end, len(octets))
    part: Part | None = None
    part_end = 0
    at = 1
    while at + 2 <= end:
        identifier, value = octets[at], octets[at + 2 : at + 2 + octets[at + 1]]
        at += 2 + octets[at + 1]
        marked: Part | None = None
        if identifier == _IEI_8_BIT and len(value) == 3:
            marked = _part(value[0], value[1], value[2], "udh8")
        elif identifier == _IEI_16_BIT and len(value) == 4:
            marked = _part(value[0] << 8 | value[1], value[2], value[3], "udh16")
        if marked is not None:
            part, part_end = marked, at
    if header_end > len(octets) or (part is None and at > header_end):
        return part, part_end
    return part, max(header_end, part_end)


def _from_sar(tlvs: Tlvs) -> Part | None:
    reference = tlv.find_int(tlvs, c.TAG_SAR_MSG_REF_NUM)
    total = tlv.find_int(tlvs, c.TAG_SAR_TOTAL_SEGMENTS)
    seqnum = tlv.find_int(tlvs, c.TAG_SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or seqnum is None:
        return None
    return _part(reference, total, seqnum, "sar")


def _part(reference: int, total: int, seqnum: int, kind: str) -> Part | None:
    if 1 <= seqnum <= total <= _PARTS_MAX and reference <= _REFERENCE_MAX:
        return Part(reference, total, seqnum, kind)
    return None


Method = Literal["udh8", "udh16", "sar", "payload"]

TPDU_OCTETS: Final = 140
"""User data of one short message (3GPP TS 23.040 section 9.2.3.24); 160 septets of GSM 03.38."""
_UDH_OCTETS: Final[dict[Method, int]] = {"udh8": 6, "udh16": 7, "sar": 6, "payload": 0}
"""What a header takes of that; of SAR TLVs the MC makes an 8-bit one."""


class Segment(NamedTuple):
    """What a submit_sm needs of one part."""

    esm_class: int
    data_coding: int
    short_message: bytes
    tlvs: Tlvs


def split_text(
    text: str,
    data_coding: int | None = None,
    method: Method = "udh8",
    reference: int = 1,
    default_alphabet: str = "gsm",
) -> list[Segment]:
    """Return the parts that a text needs, one if it fits; `reference` is cut to the bits that it has.

    Without a data_coding the shorter of the default alphabet and UCS2 that can hold it is taken. No part ends
    inside an escape pair, a surrogate pair, a unit or a septet. Raises ValueError for a text of more than 255
    parts, or one that the data_coding can't hold.
    """
    coding = choose_data_coding(text, default_alphabet) if data_coding is None else data_coding
    alphabet = alphabet_of(coding, default_alphabet)
    is_packed = alphabet == "gsm_packed"
    # Packed text is cut as septets, and packed part by part.
    units = encode_gsm(text) if is_packed else encode_text(text, coding, default_alphabet)
    if len(units) <= _room(alphabet, 0):
        return [Segment(0, coding, pack_septets(units) if is_packed else units, ())]
    if method == "payload":
        payload = pack_septets(units) if is_packed else units
        return [Segment(0, coding, b"", ((c.TAG_MESSAGE_PAYLOAD, payload),))]
    pieces = _pieces(units, _room(alphabet, _UDH_OCTETS[method]), alphabet)
    if len(pieces) > _PARTS_MAX:
        raise ValueError(f"the text needs {len(pieces)} parts, and {_PARTS_MAX} is the most")
    if is_packed:
        fill_bits = 0 if method == "sar" else fill_bits_behind(_UDH_OCTETS[method])
        pieces = [pack_septets(piece, fill_bits) for piece in pieces]
    return [
        _segment(piece, coding, method, reference, len(pieces), number)
        for number, piece in enumerate(pieces, start=1)
    ]


def _room(alphabet: Alphabet, header_octets: int) -> int:
    """How many units, septets or octets, one part holds beside a header."""
    octets = TPDU_OCTETS - header_octets
    return octets * 8 // 7 if alphabet in ("gsm", "gsm_packed") else octets


def _pieces(units: bytes, room: int, alphabet: Alphabet) -> list[bytes]:
    pieces: list[bytes] = []
    start = 0
    while start < len(units):
        end = min(start + room, len(units))
        if end < len(units):
            if alphabet == "ucs2":
                end -= (end - start) % 2
                if 0xD8 <= units[end - 2] < 0xDC:
                    end -= 2
            elif alphabet in ("gsm", "gsm_packed") and units[end - 1] == ESCAPE:
                end -= 1
            elif alphabet == "gsm_packed" and units[end - 1] == 0:
                # A full part that ends in @ looks like one that is padded.
                end -= 1
        pieces.append(units[start:end])
        start = end
    return pieces


def _segment(piece: bytes, coding: int, method: Method, reference: int, total: int, seqnum: int) -> Segment:
    if method == "udh8":
        header = bytes((5, _IEI_8_BIT, 3, reference & 0xFF, total, seqnum))
        return Segment(UDHI, coding, header + piece, ())
    if method == "udh16":
        header = bytes((6, _IEI_16_BIT, 4, reference >> 8 & 0xFF, reference & 0xFF, total, seqnum))
        return Segment(UDHI, coding, header + piece, ())
    sar = (
        (c.TAG_SAR_MSG_REF_NUM, (reference & 0xFFFF).to_bytes(2, "big")),
        (c.TAG_SAR_TOTAL_SEGMENTS, bytes((total,))),
        (c.TAG_SAR_SEGMENT_SEQNUM, bytes((seqnum,))),
    )
    return Segment(0, coding, piece, sar)
