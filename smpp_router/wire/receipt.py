# A receipt comes as text (SMPP 3.4 Appendix B), as TLVs (section 5.3.2), or as both, and vendors vary:
#
#   id:0123 sub:001 dlvrd:001 submit date:2411232200 done date:2411232201 stat:DELIVRD err:000 text:Hello
#
# Rule 1: what stands behind `text:` is a subscriber's words; it can hold "id:" and never counts.
# Rule 2: TLVs win over text: they are typed, and text is cut and rewritten on its way more often.
# Rule 3: without the esm_class of a receipt a text is one only if it begins with id: and has a known stat:.
# Rule 4: what is sent is exactly Appendix B; what is understood is anything that names an id and a state.
"""Delivery receipts in and out."""

import re
from typing import Final

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.pdu import DataSm, DeliverSm, masked

STATES: Final = {
    b"ENROUTE": c.ENROUTE,
    b"DELIVRD": c.DELIVERED,
    b"EXPIRED": c.EXPIRED,
    b"DELETED": c.DELETED,
    b"UNDELIV": c.UNDELIVERABLE,
    b"ACCEPTD": c.ACCEPTED,
    b"UNKNOWN": c.UNKNOWN,
    b"REJECTD": c.REJECTED,
}
"""The stat: values of Appendix B, table B-2."""

STATS: Final = {state: stat for stat, state in STATES.items()}

_DIALECT_STATES: Final = {
    **STATES,
    b"DELIVERED": c.DELIVERED,
    b"DELIVERD": c.DELIVERED,
    b"FAILED": c.UNDELIVERABLE,
    b"UNDELIVERABLE": c.UNDELIVERABLE,
    b"UNDELIVERED": c.UNDELIVERABLE,
    b"REJECTED": c.REJECTED,
    b"ACCEPTED": c.ACCEPTED,
    b"BUFFRED": c.ENROUTE,
    b"BUFFERED": c.ENROUTE,
}

_RECEIPT_TYPES: Final = frozenset({0x04, 0x20})
"""esm_class bits 5-2: SMSC Delivery Receipt, Intermediate Delivery Notification (SMPP 3.4 section 5.2.12)."""
_TYPE_MASK: Final = 0x3C

_STRICT: Final = re.compile(
    rb"id:(\S+) sub:\d{3} dlvrd:\d{3} submit date:(\d{10,14}) done date:(\d{10,14})"
    rb" stat:([A-Z]{7}) err:(\w{1,3})",
)
_LABEL: Final = re.compile(
    rb"(?:^|[\s,;])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s*[:=]", re.IGNORECASE
)
_NO_ERROR: Final = b"000"


@attrs.define
class Receipt:
    """What a receipt says. `stat` and `error` are as written; dates are digits or empty.

    `message_id` is the carrier's id, not yet canonical; `network_error_code` the TLV's three octets or empty.
    """

    message_id: bytes
    message_state: int
    stat: bytes = b""
    error: bytes = b""
    submit_date: bytes = b""
    done_date: bytes = b""
    text: bytes = attrs.field(default=b"", repr=masked)
    network_error_code: bytes = b""

    @property
    def is_final(self) -> bool:
        """Whether nothing more is to come, as far as the state tells (SMPP 3.4 section 5.2.28)."""
        return self.message_state not in (c.ENROUTE, c.ACCEPTED)


def parse_receipt(pdu: DeliverSm | DataSm) -> Receipt | None:
    """Return the receipt that a PDU carries, None if it is a message (section 5.2.12, Appendix B)."""
    is_marked = pdu.esm_class & _TYPE_MASK in _RECEIPT_TYPES
    text = pdu.short_message if type(pdu) is DeliverSm else b""
    tlvs = pdu.tlvs
    if tlvs and not text:
        text = tlv.find(tlvs, c.TAG_MESSAGE_PAYLOAD) or b""
    match = _STRICT.match(text)
    if match is not None and (is_marked or match[4] in STATES):
        message_id, submit_date, done_date, stat, error = match.groups()
        state = _DIALECT_STATES.get(stat, c.UNKNOWN)
        receipt = Receipt(message_id, state, stat, error, submit_date, done_date)
        return _with_tlvs(receipt, tlvs) if tlvs else receipt
    return _tolerant(text, tlvs, is_marked)


def _tolerant(text: bytes, tlvs: tuple[tuple[int, bytes], ...], is_marked: bool) -> Receipt | None:
    fields = _fields(text)
    receipt = Receipt(
        fields.get(b"id", b""),
        _DIALECT_STATES.get(fields.get(b"stat", b"").upper(), c.UNKNOWN),
        fields.get(b"stat", b""),
        fields.get(b"err", b""),
        _date(fields.get(b"submitdate", b"")),
        _date(fields.get(b"donedate", b"")),
        fields.get(b"text", b""),
    )
    if not is_marked:
        is_shaped = text[:3].lower() == b"id:" and receipt.stat.upper() in STATES
        return _with_tlvs(receipt, tlvs) if is_shaped and receipt.message_id else None
    receipt = _with_tlvs(receipt, tlvs)
    return receipt if receipt.message_id else None


def _fields(text: bytes) -> dict[bytes, bytes]:
    """The labelled values of a receipt's text; the first of each label counts, and text: ends it."""
    fields: dict[bytes, bytes] = {}
    matches = list(_LABEL.finditer(text))
    for index, match in enumerate(matches):
        label = re.sub(rb"[ _]", b"", match[1].lower())
        if label == b"text":
            fields.setdefault(label, text[match.end() :])
            break
        end = matches[index + 1].start() if index + 1 < len(matches) else len(text)
        value = text[match.end() : end].strip(b" \t\r\n,;\x00")
        fields.setdefault(label, value.split()[0] if value and label != b"text" else value)
    return fields


def _date(value: bytes) -> bytes:
    return value if value.isdigit() and len(value) in (10, 12, 14) else b""


def _with_tlvs(receipt: Receipt, tlvs: tuple[tuple[int, bytes], ...]) -> Receipt:
    for tag, value in tlvs:
        if tag == c.TAG_RECEIPTED_MESSAGE_ID:
            receipt.message_id = value.split(b"\x00", 1)[0] or receipt.message_id
        elif tag == c.TAG_MESSAGE_STATE and len(value) == 1:
            if value[0] in STATS:
                receipt.message_state = value[0]
        elif tag == c.TAG_NETWORK_ERROR_CODE and len(value) == 3:
            receipt.network_error_code = value
    return receipt


def format_receipt(
    message_id: bytes,
    submit_date: bytes,
    done_date: bytes,
    message_state: int,
    error: bytes,
    text: bytes = b"",
) -> bytes:
    """Write the text of a receipt as Appendix B has it.

    dlvrd says 001 for DELIVRD only, and err then says 000; text is cut to its first 20 octets.
    """
    if message_state == c.DELIVERED:
        return b"id:%b sub:001 dlvrd:001 submit date:%b done date:%b stat:DELIVRD err:000 text:%b" % (
            message_id,
            submit_date,
            done_date,
            text[:20],
        )
    return b"id:%b sub:001 dlvrd:000 submit date:%b done date:%b stat:%b err:%b text:%b" % (
        message_id,
        submit_date,
        done_date,
        STATS[message_state],
        error or _NO_ERROR,
        text[:20],
    )
