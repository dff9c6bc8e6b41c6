# A defect is made of a PDU that is sound: octets in, octets out, or None where that PDU can't have it. Except
# for those that are about the length or the stream, the command_length is right for what is sent, so that a
# peer may drop the PDU and keep the session.
"""PDUs with one defect each."""

import random
import struct
from collections.abc import Callable, Mapping
from typing import Final

from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER, HEADER_OCTETS

_WITH_TLVS: Final = frozenset({c.DELIVER_SM, c.DATA_SM})
_STRANGER: Final = 0x00000A77
"""A command_id in a range that SMPP 3.4 section 5.1.2.1 reserves."""
_VENDOR_TAG: Final = 0x1777
"""Of the range for vendors (SMPP 3.4 section 5.3.2)."""

Defect = Callable[[bytes, random.Random], "bytes | None"]


def _parts(pdu: bytes) -> tuple[int, int, int, bytes]:
    _, command_id, status, sequence_number = HEADER.unpack_from(pdu)
    return command_id, status, sequence_number, pdu[HEADER_OCTETS:]


def _pdu(command_id: int, status: int, sequence_number: int, body: bytes) -> bytes:
    return HEADER.pack(HEADER_OCTETS + len(body), command_id, status, sequence_number) + body


def _bad_command_length(pdu: bytes, rng: random.Random) -> bytes | None:
    return struct.pack(">I", rng.randrange(HEADER_OCTETS)) + pdu[4:]


def _huge_command_length(pdu: bytes, rng: random.Random) -> bytes | None:
    return struct.pack(">I", rng.randrange(0x01000000, 0x80000000)) + pdu[4:]


def _truncated_body(pdu: bytes, rng: random.Random) -> bytes | None:
    command_id, status, number, body = _parts(pdu)
    return _pdu(command_id, status, number, body[: rng.randrange(len(body))]) if body else None


def _no_nul(pdu: bytes, rng: random.Random) -> bytes | None:
    del rng
    command_id, status, number, body = _parts(pdu)
    if not command_id & c.RESPONSE_BIT or len(body) < 2 or body[-1]:
        return None
    return _pdu(command_id, status, number, body[:-1])


def _wrong_sm_length(pdu: bytes, rng: random.Random) -> bytes | None:
    command_id, status, number, body = _parts(pdu)
    if command_id != c.DELIVER_SM:
        return None
    at = _sm_length_at(body)
    left = len(body) - at - 1
    longer = body[:at] + bytes([rng.randint(left + 1, 255)]) + body[at + 1 :] if left < 255 else None
    return None if longer is None else _pdu(command_id, status, number, longer)


def _sm_length_at(body: bytes) -> int:
    """Return where sm_length stands in a deliver_sm (SMPP 3.4 section 4.6.1)."""
    at = body.index(0) + 1
    at = body.index(0, at + 2) + 1
    at = body.index(0, at + 2) + 1
    at = body.index(0, at + 3) + 1
    at = body.index(0, at) + 1
    return at + 4


def _unknown_command_id(pdu: bytes, rng: random.Random) -> bytes | None:
    del rng
    command_id, status, number, body = _parts(pdu)
    return _pdu(_STRANGER | (command_id & c.RESPONSE_BIT), status, number, body)


def _unknown_tlv(pdu: bytes, rng: random.Random) -> bytes | None:
    command_id, status, number, body = _parts(pdu)
    if command_id not in _WITH_TLVS:
        return None
    value = rng.randbytes(rng.randrange(9))
    return _pdu(command_id, status, number, body + struct.pack(">HH", _VENDOR_TAG, len(value)) + value)


def _bad_tlv_length(pdu: bytes, rng: random.Random) -> bytes | None:
    command_id, status, number, body = _parts(pdu)
    if command_id not in _WITH_TLVS:
        return None
    tlv = struct.pack(">HH", _VENDOR_TAG, rng.randrange(3, 0x10000)) + b"\x01\x02"
    return _pdu(command_id, status, number, body + tlv)


def _wrong_sequence_number(pdu: bytes, rng: random.Random) -> bytes | None:
    command_id, status, number, body = _parts(pdu)
    if not command_id & c.RESPONSE_BIT:
        return None
    # Within the 32 bits of the field: a client may number as high as it likes.
    wrong = (number ^ 0x40000000) + rng.randrange(100_000) & 0xFFFFFFFF
    return _pdu(command_id, status, wrong, body)


def _duplicate_response(pdu: bytes, rng: random.Random) -> bytes | None:
    del rng
    return pdu * 2 if _parts(pdu)[0] & c.RESPONSE_BIT else None


def _garbage(pdu: bytes, rng: random.Random) -> bytes | None:
    # A first octet that makes no command_length: what comes cannot be taken for a PDU that is still coming.
    return b"\xff" + rng.randbytes(rng.randrange(HEADER_OCTETS, 64)) + pdu


KINDS: Final[dict[str, Defect]] = {
    "bad_command_length": _bad_command_length,
    "huge_command_length": _huge_command_length,
    "truncated_body": _truncated_body,
    "no_nul": _no_nul,
    "wrong_sm_length": _wrong_sm_length,
    "unknown_command_id": _unknown_command_id,
    "unknown_tlv": _unknown_tlv,
    "bad_tlv_length": _bad_tlv_length,
    "wrong_sequence_number": _wrong_sequence_number,
    "duplicate_response": _duplicate_response,
    "garbage": _garbage,
}
"""Defects by name; the names are the keys of faults.malformed."""


def malformed(pdu: bytes, shares: Mapping[str, float], rng: random.Random) -> bytes | None:
    """Return a PDU with one of the defects, drawn by their shares; None if it stays sound."""
    for kind, share in shares.items():
        if share > 0.0 and rng.random() < share:
            spoilt = KINDS[kind](pdu, rng)
            if spoilt is not None:
                return spoilt
    return None
