# A receipt comes as text (SMPP 3.4 Appendix B), as TLVs (section 5.3.2), or as both, and vendors vary:
#
#   id:0123 sub:001 dlvrd:001 submit date:2411232200 done date:2411232201 stat:DELIVRD err:000 text:Hello
#
# Rule 1: what stands behind `text:` is a subscriber's words; it can hold "id:" and never counts.
# Rule 2: TLVs win over text: they are typed, and text is cut and rewritten on its way more often.
# Rule 3: an esm_class without any type is what some MCs send. Then what names its id and state by TLVs is a
#         receipt, since a subscriber can't send those, and so is a text that begins with id: and has a date
#         and a stat: of Appendix B. Anything else is a message, whatever it says.
# Rule 4: what is sent is exactly Appendix B; what is understood is anything that names an id. A state that is
#         missing or in nobody's table is UNKNOWN.
"""Delivery receipts in and out."""

import re
from typing import Final

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.multipart import UDHI, user_text
from smpp_router.wire.pdu import DataSm, DeliverSm, Tlvs, masked

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

_ERROR_STAT: Final = re.compile(rb"[A-Z]{1,4}:[0-9]{1,4}")
"""Gateways in China write the cause of a failure in place of the state: MK:0027, CB:0005."""

_RECEIPT_TYPES: Final = frozenset({c.MSGTYPE_DELIVERY_RECEIPT, c.MSGTYPE_INTERMEDIATE_NOTIFICATION})
"""esm_class bits 5-2: SMSC Delivery Receipt, Intermediate Delivery Notification (SMPP 3.4 section 5.2.12)."""

# What nearly all receipts look like. The end of err: is asserted, so that a longer one is read whole below.
STRICT_TEXT: Final = (
    rb"id:(\S+) sub:\d{3} dlvrd:\d{3} submit date:(\d{10}(?:\d\d){0,2}) done date:(\d{10}(?:\d\d){0,2})"
    rb" stat:([A-Z]{7}) err:(\w{1,3})(?!\S)"
)
_STRICT: Final = re.compile(STRICT_TEXT)
_LABEL: Final = re.compile(
    rb"(?:^|[\s,;])(id|sub|dlvrd|submit[ _]?date|done[ _]?date|stat|err|text)\s*[:=]", re.IGNORECASE
)
_AROUND: Final = b" \t\r\n\v\f,;\0"
"""What may stand around a value and is no part of it."""
_FOREIGN_LABEL: Final = re.compile(rb"\s+\S*[:=]")
"""Some vendor's own label behind a value."""
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
    message_type = pdu.esm_class & c.MSGTYPE_BITMASK
    is_marked = message_type in _RECEIPT_TYPES
    if not is_marked and message_type:
        return None
    text = pdu.short_message if type(pdu) is DeliverSm else b""
    tlvs = pdu.tlvs
    if pdu.esm_class & UDHI:
        text = user_text(pdu)
    elif tlvs and not text:
        text = tlv.find(tlvs, c.TAG_MESSAGE_PAYLOAD) or b""
    if text[:1] == b"\0":
        # In UCS2, as all that its MC sends; what is read of it is ASCII.
        text = text.decode("utf-16-be", "replace").encode("ascii", "replace")
    match = _STRICT.match(text)
    if match is not None and (is_marked or match[4] in _DIALECT_STATES):
        message_id, submit_date, done_date, stat, error = match.groups()
        state = _state_of(stat)
        receipt = Receipt(message_id, state, stat, error, submit_date, done_date)
        return _with_tlvs(receipt, tlvs) if tlvs else receipt
    if is_marked:
        receipt = _with_tlvs(_tolerant(text), tlvs)
        return receipt if receipt.message_id else None
    return _unmarked(text, tlvs)


def _unmarked(text: bytes, tlvs: Tlvs) -> Receipt | None:
    """What rule 3 takes for a receipt."""
    if text[:3].lower() == b"id:":
        receipt = _tolerant(text)
        has_date = receipt.done_date or receipt.submit_date
        if receipt.message_id and has_date and receipt.stat.upper() in _DIALECT_STATES:
            return _with_tlvs(receipt, tlvs)
    if tlvs and tlv.find(tlvs, c.TAG_MESSAGE_STATE) and tlv.find_text(tlvs, c.TAG_RECEIPTED_MESSAGE_ID):
        return _with_tlvs(_tolerant(text), tlvs)
    return None


def _state_of(stat: bytes) -> int:
    state = _DIALECT_STATES.get(stat)
    if state is None:
        return c.UNDELIVERABLE if _ERROR_STAT.fullmatch(stat) else c.UNKNOWN
    return state


def _tolerant(text: bytes) -> Receipt:
    """Whatever fields a text has."""
    fields = _fields(text)
    stat = _first_word(fields.get(b"stat", b""))
    return Receipt(
        # Nothing says that an id is one word, as long as a label tells where it ends.
        _FOREIGN_LABEL.split(fields.get(b"id", b""), maxsplit=1)[0],
        _state_of(stat.upper()),
        stat,
        _first_word(fields.get(b"err", b"")),
        _date(fields.get(b"submitdate", b"")),
        _date(fields.get(b"donedate", b"")),
        fields.get(b"text", b""),
    )


def _fields(text: bytes) -> dict[bytes, bytes]:
    """The labelled values of a receipt's text; the first of each label counts, and text: ends it."""
    fields: dict[bytes, bytes] = {}
    label, start = b"", 0
    for match in _LABEL.finditer(text):
        fields.setdefault(label, text[start : match.start()].strip(_AROUND))
        label, start = match[1].lower().replace(b" ", b"").replace(b"_", b""), match.end()
        if label == b"text":
            fields[label] = text[start:]
            return fields
    # What follows the last label may be half a label: texts are cut on their way.
    fields.setdefault(label, _first_word(text[start:].strip(_AROUND)))
    return fields


def _first_word(value: bytes) -> bytes:
    return value.split(maxsplit=1)[0].rstrip(_AROUND) if value else b""


def _date(value: bytes) -> bytes:
    date = _first_word(value)
    return date if date.isdigit() and len(date) in (10, 12, 14) else b""


def _with_tlvs(receipt: Receipt, tlvs: Tlvs) -> Receipt:
    # Backwards, so that of repeated ones the first counts.
    for tag, value in reversed(tlvs):
        if tag == c.TAG_RECEIPTED_MESSAGE_ID:
            receipt.message_id = value.split(b"\0", 1)[0].strip() or receipt.message_id
        elif tag == c.TAG_MESSAGE_STATE:
            state = int.from_bytes(value[-4:], "big")
            if state in STATS:
                receipt.message_state = state
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
    """Write the text of a receipt as Appendix B has it; `message_state` is one of STATS.

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
