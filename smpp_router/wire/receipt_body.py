# The deliver_sm body of a receipt, put together from slices that exist already.
#
#   00 | destination (was source) | source (was destination) | esm_class ... | sm_length | text | TLVs
#
# `addresses` is the stretch of the submit_sm body from source_addr_ton to the NUL of destination_addr, so a
# receipt needs neither decoding nor encoding of numbers.
"""Building the deliver_sm bodies that the router sends, and taking TLVs off them."""

from typing import Final

from smpp_router.wire import constants as c
from smpp_router.wire.receipt import format_receipt

FINAL_RECEIPT: Final = 0x04
"""esm_class: SMSC Delivery Receipt (SMPP 3.4 section 5.2.12)."""
INTERMEDIATE: Final = 0x20
"""esm_class: Intermediate Delivery Notification (SMPP 3.4 section 5.2.12)."""

NO_CAUSE: Final = 999
"""err: of a failure of which no cause is known: 000 would say that there was no failure."""

_MIDDLE: Final = {
    esm_class: bytes([esm_class, 0, 0, 0, 0, 0, 0, 0, 0]) for esm_class in (FINAL_RECEIPT, INTERMEDIATE)
}
_STATE_TLV: Final = [
    c.TAG_MESSAGE_STATE.to_bytes(2, "big") + b"\x00\x01" + bytes([state]) for state in range(256)
]
_ID_TAG: Final = c.TAG_RECEIPTED_MESSAGE_ID.to_bytes(2, "big")
_ERROR_TAG: Final = c.TAG_NETWORK_ERROR_CODE.to_bytes(2, "big") + b"\x00\x03\x03"
"""network_error_code, network type 3: GSM (SMPP 3.4 section 5.3.2.31)."""

# The receipt of nearly every message, written in one go: it differs in two addresses, an id and two dates.
_DELIVERED: Final = (
    b"\x00%b%b"
    + _MIDDLE[FINAL_RECEIPT]
    + b"%cid:%b sub:001 dlvrd:001 submit date:%b done date:%b stat:DELIVRD err:000 text:"
    + _STATE_TLV[c.DELIVERED]
    + _ID_TAG
    + b"\x00%c%b\x00"
)
_DELIVERED_TEXT_OCTETS: Final = len(format_receipt(b"", b"", b"", c.DELIVERED, b""))


def receipt_body(
    message_id: bytes,
    addresses: bytes,
    submit_date: bytes,
    done_date: bytes,
    message_state: int,
    error_code: int,
    esm_class: int = FINAL_RECEIPT,
) -> bytes:
    """Return the deliver_sm body of a receipt for the ESME (SMPP 3.4 section 4.6.1 and Appendix B).

    `error_code` is 0 to 65535; the text shows its last three decimal digits, the TLV all of it.
    """
    if message_state == c.DELIVERED and not error_code and esm_class == FINAL_RECEIPT:
        return delivered_body(message_id, addresses, submit_date, done_date)
    split = addresses.index(0, 2) + 1
    id_octets = len(message_id)
    cause = error_code % 1000
    if not cause and esm_class != INTERMEDIATE:
        cause = NO_CAUSE
    text = format_receipt(message_id, submit_date, done_date, message_state, b"%03d" % cause)
    tlvs = b"%b%b\x00%c%b\x00" % (_STATE_TLV[message_state], _ID_TAG, id_octets + 1, message_id)
    if error_code:
        tlvs += _ERROR_TAG + error_code.to_bytes(2, "big")
    return b"".join(
        (b"\x00", addresses[split:], addresses[:split], _MIDDLE[esm_class], bytes((len(text),)), text, tlvs)
    )


def delivered_body(message_id: bytes, addresses: bytes, submit_date: bytes, done_date: bytes) -> bytes:
    """Return the body of the final receipt of a message that was delivered; arguments as above."""
    split = addresses.index(0, 2) + 1
    id_octets = len(message_id)
    return _DELIVERED % (
        addresses[split:],
        addresses[:split],
        _DELIVERED_TEXT_OCTETS + id_octets + len(submit_date) + len(done_date),
        message_id,
        submit_date,
        done_date,
        id_octets + 1,
        message_id,
    )


def without_tlvs(body: bytes) -> bytes:
    """Cut the TLVs off a short-message body made here or relayed whole: SMPP 3.3 peers have none."""
    at = body.index(0) + 1
    for _ in range(2):
        at = body.index(0, at + 2) + 1
    at += 3
    for _ in range(2):
        at = body.index(0, at) + 1
    at += 4
    return body[: at + 1 + body[at]]
