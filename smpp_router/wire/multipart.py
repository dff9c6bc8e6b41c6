# A long message travels in parts, marked in one of three ways (3GPP TS 23.040 section 9.2.3.24, SMPP 3.4
# section 5.3.2): a user data header with an 8-bit reference, one with a 16-bit reference, or SAR TLVs.
#
#   05 00 03 rr tt ss      UDH: length, IEI 0, its length, reference, total, number of this part
#   06 08 04 rr rr tt ss   the same with 16 bits of reference
#
# Where a PDU has both a UDH and SAR TLVs the UDH counts: it is what the handset will go by.
"""Splitting long messages, and telling which part of which one a PDU carries."""

from typing import Final, Literal, NamedTuple

from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm, Tlvs
from smpp_router.wire.text import ESCAPE, choose_data_coding, encode_text

UDHI: Final = 0x40
"""esm_class: the text begins with a user data header (SMPP 3.4 section 5.2.12)."""

_IEI_8_BIT: Final = 0x00
_IEI_16_BIT: Final = 0x08


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
        part = _from_udh(octets_of(pdu))
        if part is not None:
            return part
    return _from_sar(pdu.tlvs) if pdu.tlvs else None


def _from_udh(octets: bytes) -> Part | None:
    if not octets:
        return None
    end = min(octets[0] + 1, len(octets))
    at = 1
    while at + 2 <= end:
        identifier, length = octets[at], octets[at + 1]
        value = octets[at + 2 : at + 2 + length]
        at += 2 + length
        if identifier == _IEI_8_BIT and len(value) == 3:
            return _part(value[0], value[1], value[2], "udh8")
        if identifier == _IEI_16_BIT and len(value) == 4:
            return _part(value[0] << 8 | value[1], value[2], value[3], "udh16")
    return None


def _from_sar(tlvs: tuple[tuple[int, bytes], ...]) -> Part | None:
    reference = tlv.find_int(tlvs, c.TAG_SAR_MSG_REF_NUM)
    total = tlv.find_int(tlvs, c.TAG_SAR_TOTAL_SEGMENTS)
    seqnum = tlv.find_int(tlvs, c.TAG_SAR_SEGMENT_SEQNUM)
    if reference is None or total is None or seqnum is None:
        return None
    return _part(reference, total, seqnum, "sar")


def _part(reference: int, total: int, seqnum: int, kind: str) -> Part | None:
    return Part(reference, total, seqnum, kind) if 1 <= seqnum <= total else None


Method = Literal["udh8", "udh16", "sar", "payload"]

TPDU_OCTETS: Final = 140
"""User data of one short message (3GPP TS 23.040 section 9.2.3.24); 160 septets of GSM 03.38."""
_UDH_OCTETS: Final = {"udh8": 6, "udh16": 7, "sar": 6, "payload": 0}
_PARTS_MAX: Final = 255


class Segment(NamedTuple):
    """What a submit_sm needs of one part."""

    esm_class: int
    data_coding: int
    short_message: bytes
    tlvs: Tlvs


def user_text(pdu: SubmitSm | DeliverSm | DataSm) -> bytes:
    """Return a message's octets without their user data header."""
    octets = octets_of(pdu)
    return octets[octets[0] + 1 :] if pdu.esm_class & UDHI and octets else octets


def split_text(
    text: str,
    data_coding: int | None = None,
    method: Method = "udh8",
    reference: int = 1,
    default_alphabet: str = "gsm",
) -> list[Segment]:
    """Return the parts that a text needs, one if it fits.

    Without a data_coding the shorter of GSM 03.38 and UCS2 that can hold it is taken. No part ends inside an
    escape pair, a surrogate pair or a unit. Raises ValueError for a text of more than 255 parts.
    """
    coding = choose_data_coding(text, default_alphabet) if data_coding is None else data_coding
    octets = encode_text(text, coding, default_alphabet)
    is_septets = coding == c.ENCODING_DEFAULT and default_alphabet == "gsm"
    if len(octets) <= (160 if is_septets else TPDU_OCTETS):
        return [Segment(0, coding, octets, ())]
    if method == "payload":
        return [Segment(0, coding, b"", ((c.TAG_MESSAGE_PAYLOAD, octets),))]
    room = TPDU_OCTETS - _UDH_OCTETS[method]
    pieces = _pieces(octets, room * 8 // 7 if is_septets else room, coding, is_septets)
    if len(pieces) > _PARTS_MAX:
        raise ValueError(f"the text needs {len(pieces)} parts, and {_PARTS_MAX} is the most")
    return [
        _segment(piece, coding, method, reference, len(pieces), number)
        for number, piece in enumerate(pieces, start=1)
    ]


def _pieces(octets: bytes, room: int, coding: int, is_septets: bool) -> list[bytes]:
    pieces: list[bytes] = []
    start = 0
    while start < len(octets):
        end = min(start + room, len(octets))
        if end < len(octets):
            if is_septets and octets[end - 1] == ESCAPE:
                end -= 1
            elif coding == c.ENCODING_ISO10646:
                end -= (end - start) % 2
                if 0xD8 <= octets[end - 2] < 0xDC:
                    end -= 2
        pieces.append(octets[start:end])
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
