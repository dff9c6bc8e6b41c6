# Optional parameters: a tag, a length, a value, each tag and length two octets (SMPP 3.4 section 3.2.4.1).
#
# Rule 1: nothing here judges a value while it is relayed: unknown tags, repeats and odd sizes go through.
# Rule 2: who needs a value asks by tag, and gets the first one, as most peers read it.
# Rule 3: the table is for showing a PDU to people and for telling a peer what is wrong with it.
"""Optional parameters (TLVs) of SMPP 3.4: reading, writing, finding and describing them."""

import struct
from enum import Enum
from typing import Final

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Tlvs, masked

TLV_HEADER: Final = struct.Struct(">HH")
TLV_VALUE_OCTETS_MAX: Final = 0xFFFF
"""The length field has two octets."""

_unpack_header = TLV_HEADER.unpack_from


def decode_tlvs(octets: bytes, offset: int) -> tuple[Tlvs, int]:
    """Read optional parameters from an offset to the end.

    Returns those that are sound and the offset where reading stopped: short of the end of the octets, what
    is there is no optional parameter, because its header is cut or its length points past the end.
    """
    end = len(octets)
    tlvs: list[tuple[int, bytes]] = []
    while offset + 4 <= end:
        tag, length = _unpack_header(octets, offset)
        value_end = offset + 4 + length
        if value_end > end:
            break
        tlvs.append((tag, octets[offset + 4 : value_end]))
        offset = value_end
    return tuple(tlvs), offset


def encode_tlvs(tlvs: Tlvs) -> bytes:
    """Write optional parameters in their order; ValueError if a tag or a value is too big for its field."""
    pieces: list[bytes] = []
    for tag, value in tlvs:
        if not 0 <= tag <= 0xFFFF:
            raise ValueError(f"tlvs: tag {tag:#x} does not fit 2 octets")
        if len(value) > TLV_VALUE_OCTETS_MAX:
            raise ValueError(
                f"tlvs: {c.tag_name(tag)} has {len(value)} octets, at most {TLV_VALUE_OCTETS_MAX}"
            )
        pieces.append(TLV_HEADER.pack(tag, len(value)))
        pieces.append(value)
    return b"".join(pieces)


def find(tlvs: Tlvs, tag: int) -> bytes | None:
    """The value of the first optional parameter with this tag; None if there is none."""
    for candidate, value in tlvs:
        if candidate == tag:
            return value
    return None


def find_int(tlvs: Tlvs, tag: int) -> int | None:
    """The first optional parameter with this tag as a big-endian integer; None if absent or empty.

    Any size is read: peers send sar_total_segments in two octets and user_message_reference in one.
    """
    value = find(tlvs, tag)
    return int.from_bytes(value, "big") if value else None


def find_text(tlvs: Tlvs, tag: int) -> bytes | None:
    """The first optional parameter with this tag as text, without the NUL that many peers leave out."""
    value = find(tlvs, tag)
    return None if value is None else value.split(b"\0", 1)[0]


def without(tlvs: Tlvs, tag: int) -> Tlvs:
    """The optional parameters less those with this tag."""
    return tuple(tlv for tlv in tlvs if tlv[0] != tag)


class TlvType(Enum):
    """What the value of an optional parameter is (SMPP 3.4 section 3.1)."""

    INTEGER = "integer"
    OCTETS = "octet string"
    TEXT = "C-octet string"


@attrs.frozen
class TlvRule:
    """What SMPP 3.4 section 5.3.2 says of one optional parameter; sizes in octets, a NUL included."""

    name: str
    tag: int
    type: TlvType
    octets_min: int
    octets_max: int


def _rule(tag: int, type_: TlvType, octets_min: int, octets_max: int | None = None) -> tuple[int, TlvRule]:
    largest = octets_min if octets_max is None else octets_max
    return tag, TlvRule(c.tag_name(tag), tag, type_, octets_min, largest)


_INTEGER, _OCTETS, _TEXT = TlvType.INTEGER, TlvType.OCTETS, TlvType.TEXT

# SMPP 3.4 section 5.3.2, by tag; the last ones are SMPP 5.0 section 4.8.4.
RULES: Final[dict[int, TlvRule]] = dict(
    (
        _rule(c.TAG_DEST_ADDR_SUBUNIT, _INTEGER, 1),
        _rule(c.TAG_DEST_NETWORK_TYPE, _INTEGER, 1),
        _rule(c.TAG_DEST_BEARER_TYPE, _INTEGER, 1),
        _rule(c.TAG_DEST_TELEMATICS_ID, _INTEGER, 2),
        _rule(c.TAG_SOURCE_ADDR_SUBUNIT, _INTEGER, 1),
        _rule(c.TAG_SOURCE_NETWORK_TYPE, _INTEGER, 1),
        _rule(c.TAG_SOURCE_BEARER_TYPE, _INTEGER, 1),
        _rule(c.TAG_SOURCE_TELEMATICS_ID, _INTEGER, 1),
        _rule(c.TAG_QOS_TIME_TO_LIVE, _INTEGER, 4),
        _rule(c.TAG_PAYLOAD_TYPE, _INTEGER, 1),
        _rule(c.TAG_ADDITIONAL_STATUS_INFO_TEXT, _TEXT, 1, 256),
        _rule(c.TAG_RECEIPTED_MESSAGE_ID, _TEXT, 1, 65),
        _rule(c.TAG_MS_MSG_WAIT_FACILITIES, _INTEGER, 1),
        _rule(c.TAG_PRIVACY_INDICATOR, _INTEGER, 1),
        _rule(c.TAG_SOURCE_SUBADDRESS, _OCTETS, 2, 23),
        _rule(c.TAG_DEST_SUBADDRESS, _OCTETS, 2, 23),
        _rule(c.TAG_USER_MESSAGE_REFERENCE, _INTEGER, 2),
        _rule(c.TAG_USER_RESPONSE_CODE, _INTEGER, 1),
        _rule(c.TAG_SOURCE_PORT, _INTEGER, 2),
        _rule(c.TAG_DESTINATION_PORT, _INTEGER, 2),
        _rule(c.TAG_SAR_MSG_REF_NUM, _INTEGER, 2),
        _rule(c.TAG_LANGUAGE_INDICATOR, _INTEGER, 1),
        _rule(c.TAG_SAR_TOTAL_SEGMENTS, _INTEGER, 1),
        _rule(c.TAG_SAR_SEGMENT_SEQNUM, _INTEGER, 1),
        _rule(c.TAG_SC_INTERFACE_VERSION, _INTEGER, 1),
        _rule(c.TAG_CALLBACK_NUM_PRES_IND, _INTEGER, 1),
        _rule(c.TAG_CALLBACK_NUM_ATAG, _OCTETS, 0, 65),
        _rule(c.TAG_NUMBER_OF_MESSAGES, _INTEGER, 1),
        _rule(c.TAG_CALLBACK_NUM, _OCTETS, 4, 19),
        _rule(c.TAG_DPF_RESULT, _INTEGER, 1),
        _rule(c.TAG_SET_DPF, _INTEGER, 1),
        _rule(c.TAG_MS_AVAILABILITY_STATUS, _INTEGER, 1),
        _rule(c.TAG_NETWORK_ERROR_CODE, _OCTETS, 3),
        _rule(c.TAG_MESSAGE_PAYLOAD, _OCTETS, 0, TLV_VALUE_OCTETS_MAX),
        _rule(c.TAG_DELIVERY_FAILURE_REASON, _INTEGER, 1),
        _rule(c.TAG_MORE_MESSAGES_TO_SEND, _INTEGER, 1),
        _rule(c.TAG_MESSAGE_STATE, _INTEGER, 1),
        _rule(c.TAG_USSD_SERVICE_OP, _OCTETS, 1),
        _rule(c.TAG_DISPLAY_TIME, _INTEGER, 1),
        _rule(c.TAG_SMS_SIGNAL, _INTEGER, 2),
        _rule(c.TAG_MS_VALIDITY, _INTEGER, 1),
        _rule(c.TAG_ALERT_ON_MESSAGE_DELIVERY, _OCTETS, 0),
        _rule(c.TAG_ITS_REPLY_TYPE, _INTEGER, 1),
        _rule(c.TAG_ITS_SESSION_INFO, _OCTETS, 2),
        _rule(c.TAG_CONGESTION_STATE, _INTEGER, 1),
        _rule(c.TAG_BILLING_IDENTIFICATION, _OCTETS, 1, 1024),
        _rule(c.TAG_SOURCE_NETWORK_ID, _TEXT, 7, 65),
        _rule(c.TAG_DEST_NETWORK_ID, _TEXT, 7, 65),
        _rule(c.TAG_SOURCE_NODE_ID, _OCTETS, 6),
        _rule(c.TAG_DEST_NODE_ID, _OCTETS, 6),
        _rule(c.TAG_DEST_ADDR_NP_RESOLUTION, _INTEGER, 1),
        _rule(c.TAG_DEST_ADDR_NP_INFORMATION, _OCTETS, 10),
        _rule(c.TAG_DEST_ADDR_NP_COUNTRY, _OCTETS, 1, 5),
    )
)

# Addresses and texts: shown by size, never by content.
_PRIVATE: Final = frozenset(
    (
        c.TAG_MESSAGE_PAYLOAD,
        c.TAG_CALLBACK_NUM,
        c.TAG_CALLBACK_NUM_ATAG,
        c.TAG_SOURCE_SUBADDRESS,
        c.TAG_DEST_SUBADDRESS,
        c.TAG_BILLING_IDENTIFICATION,
    )
)


def encode_int(tag: int, value: int) -> tuple[int, bytes]:
    """An integer optional parameter in the size that its tag has in the table.

    ValueError if the table has no integer with this tag, or the value does not fit.
    """
    rule = RULES.get(tag)
    if rule is None or rule.type is not TlvType.INTEGER:
        raise ValueError(f"tlvs: {c.tag_name(tag)} is not an integer")
    try:
        return tag, value.to_bytes(rule.octets_min, "big")
    except OverflowError:
        raise ValueError(f"tlvs: {c.tag_name(tag)} {value} does not fit {rule.octets_min} octets") from None


def encode_text(tag: int, value: bytes) -> tuple[int, bytes]:
    """A C-octet string optional parameter, with its NUL."""
    return tag, value + b"\0"


def defect(tag: int, value: bytes) -> str | None:
    """What is wrong with the size of a value, in words; None if nothing is or if the tag is unknown."""
    rule = RULES.get(tag)
    if rule is None or rule.octets_min <= len(value) <= rule.octets_max:
        return None
    sizes = (
        str(rule.octets_min) if rule.octets_min == rule.octets_max else f"{rule.octets_min}-{rule.octets_max}"
    )
    return f"{rule.name} has {len(value)} octets instead of {sizes}"


def describe(tlvs: Tlvs) -> list[tuple[str, str]]:
    """Name and readable value of each optional parameter; texts and numbers of people only by their size."""
    return [(c.tag_name(tag), _shown(tag, value)) for tag, value in tlvs]


def _shown(tag: int, value: bytes) -> str:
    rule = RULES.get(tag)
    if rule is None or tag in _PRIVATE:
        # A vendor's own parameter may hold anything, a number included.
        return masked(value)
    if rule.type is TlvType.INTEGER and value:
        return str(int.from_bytes(value, "big"))
    if rule.type is TlvType.TEXT:
        return value.rstrip(b"\0").decode("ascii", "backslashreplace")
    return value.hex()
