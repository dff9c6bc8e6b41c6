# A long message travels in parts, marked in one of three ways (3GPP TS 23.040 section 9.2.3.24, SMPP 3.4
# section 5.3.2): a user data header with an 8-bit reference, one with a 16-bit reference, or SAR TLVs.
#
#   05 00 03 rr tt ss      UDH: length, IEI 0, its length, reference, total, number of this part
#   06 08 04 rr rr tt ss   the same with 16 bits of reference
#
# Where a PDU has both a UDH and SAR TLVs the UDH counts: it is what the handset will go by.
"""Which part of which long message a PDU carries."""

from typing import Final, NamedTuple

from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm

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
