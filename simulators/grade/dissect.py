# Every octet of a PDU belongs to exactly one field here, in order: hex and meaning stand side by side.
#
# Rule 1: nothing raises, whatever the octets: what can't be read is one field more, "unreadable".
# Rule 2: passwords are not shown, neither as text nor as hex. A bind that does not read to its very end is
#         masked whole: one NUL that is missing, and the password stands in another field.
# Rule 3: numbers and texts are shown: a report is for who wrote the client, and they are what it is about.
"""A PDU field by field, for people."""

from typing import Final

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER_OCTETS
from smpp_router.wire.layouts import (
    LAYOUTS,
    COctets,
    Destinations,
    Field,
    Integer,
    Layout,
    ShortMessageOctets,
    Unreadable,
)
from smpp_router.wire.text import decode_text
from smpp_router.wire.tlv import RULES, TlvType

MASK: Final = "········"
"""Of one length, whatever it hides."""
SHOWN_OCTETS_MAX: Final = 2_048
"""Octets of a PDU that a report shows; a message_payload may have 65,535."""

_SECRET_COMMANDS: Final = frozenset({c.BIND_RECEIVER, c.BIND_TRANSMITTER, c.BIND_TRANSCEIVER, c.OUTBIND})
_UDHI: Final = 0x40


@attrs.frozen
class Shown:
    """One field: its octets in hex, its name, and what it says."""

    offset: int
    hex: str
    name: str
    value: str


def dissect(raw: bytes, masked_from: int | None = None) -> list[Shown]:
    """Return the fields of a PDU, its header first.

    `masked_from` is 0 to mask everything, HEADER_OCTETS to mask all but the header.
    """
    if masked_from == 0:
        return [_masked(0, raw, "octets")]
    if len(raw) < HEADER_OCTETS:
        return [_shown(0, raw, "octets", "")]
    command_length, command_id, command_status, sequence_number = (
        int.from_bytes(raw[at : at + 4], "big") for at in (0, 4, 8, 12)
    )
    fields = [
        _shown(0, raw[:4], "command_length", str(command_length)),
        _shown(4, raw[4:8], "command_id", c.command_name(command_id)),
        _shown(8, raw[8:12], "command_status", c.status_name(command_status)),
        _shown(12, raw[12:16], "sequence_number", str(sequence_number)),
    ]
    if masked_from is not None:
        return [*fields, _masked(HEADER_OCTETS, raw[HEADER_OCTETS:], "octets")]
    layout = LAYOUTS.get(command_id)
    at = HEADER_OCTETS
    if layout is None:
        return fields + _rest(raw, at, "body")
    if command_id in _SECRET_COMMANDS and not _is_whole(raw, layout):
        return [*fields, _masked(at, raw[at:], "a body that can't be read")]
    values: dict[str, int] = {}
    if at < len(raw) or not layout.is_response:
        for i, field in enumerate(layout.fields):
            try:
                value, end = field.read(raw, at, i == len(layout.fields) - 1)
            except Unreadable as wrong:
                return fields + _rest(raw, at, f"unreadable: {wrong.problem}")
            fields += _field(field, raw, at, end, value, values)
            at = end
    if layout.has_tlvs:
        at = _tlvs(raw, at, fields)
    return fields + _rest(raw, at, "octets too many")


def _field(field: Field, raw: bytes, at: int, end: int, value: object, values: dict[str, int]) -> list[Shown]:
    octets = raw[at:end]
    if field.name == "password":
        return [_masked(at, octets, "password")]
    if isinstance(field, Integer):
        number = int.from_bytes(octets, "big")
        values[field.name] = number
        return [_shown(at, octets, field.name, integer_words(field.name, number))]
    if isinstance(field, COctets):
        no_end = "" if octets.endswith(b"\0") else "   (no NUL)"
        assert isinstance(value, bytes)
        return [_shown(at, octets, field.name, f"{_quoted(value)}{no_end}")]
    if isinstance(field, ShortMessageOctets):
        length = _shown(at, octets[:1], "sm_length", str(octets[0]))
        if len(octets) == 1:
            return [length]
        text = text_words(octets[1:], values.get("data_coding", 0), values.get("esm_class", 0))
        return [length, _shown(at + 1, octets[1:], "short_message", text)]
    if isinstance(field, Destinations):
        return [_shown(at, octets, field.name, f"{octets[0]} destinations")]
    return [_shown(at, octets, field.name, "")]


def _is_whole(raw: bytes, layout: Layout) -> bool:
    """Whether the fields of a body end with it, and its strings with their NULs."""
    at = HEADER_OCTETS
    for field in layout.fields:
        try:
            _, end = field.read(raw, at, False)
        except Unreadable:
            return False
        at = end
    return at == len(raw)


def integer_words(name: str, number: int) -> str:
    """Return a number with what it stands for, where it stands for something."""
    if name in ("esm_class", "registered_delivery", "data_coding", "interface_version"):
        return f"{number} (0x{number:02x})"
    if name == "message_state":
        return f"{number} ({c.message_state_name(number)})"
    return str(number)


def text_words(octets: bytes, data_coding: int, esm_class: int) -> str:
    """Return what a short_message says, behind its user data header if it has one."""
    header = ""
    if esm_class & _UDHI and octets and octets[0] < len(octets):
        end = octets[0] + 1
        header, octets = f"UDH {octets[:end].hex()}  ", octets[end:]
    if data_coding == c.ENCODING_ISO10646:
        # As it stands there: the router's reader would put right what the client wrote wrongly.
        text = octets.decode("utf-16-be", "replace")
    else:
        text = decode_text(data_coding, octets)
    return f'{header}"{"".join(sign if sign.isprintable() else "·" for sign in text)}"'


def _tlvs(raw: bytes, at: int, fields: list[Shown]) -> int:
    while at + 4 <= len(raw):
        tag = int.from_bytes(raw[at : at + 2], "big")
        end = at + 4 + int.from_bytes(raw[at + 2 : at + 4], "big")
        if end > len(raw):
            break
        fields.append(_shown(at, raw[at:end], f"TLV {c.tag_name(tag)}", _tlv_words(tag, raw[at + 4 : end])))
        at = end
    return at


def _tlv_words(tag: int, value: bytes) -> str:
    rule = RULES.get(tag)
    if rule is not None and rule.type is TlvType.INTEGER and value:
        return integer_words(rule.name, int.from_bytes(value, "big"))
    if rule is not None and rule.type is TlvType.TEXT:
        return _quoted(value.rstrip(b"\0"))
    return f"{len(value)} octets"


def _rest(raw: bytes, at: int, name: str) -> list[Shown]:
    return [_shown(at, raw[at:], name, f"{len(raw) - at} octets")] if at < len(raw) else []


def _quoted(value: bytes) -> str:
    return f'"{value.decode("ascii", "backslashreplace")}"'


def _shown(offset: int, octets: bytes, name: str, value: str) -> Shown:
    cut = octets[:SHOWN_OCTETS_MAX]
    return Shown(offset, cut.hex() + ("…" if len(octets) > len(cut) else ""), name, value)


def _masked(offset: int, octets: bytes, name: str) -> Shown:
    return Shown(offset, MASK if octets else "", name, MASK)


def hex_of(fields: list[Shown]) -> str:
    """Return the hex of a whole dissection, passwords masked."""
    return "".join(field.hex for field in fields)
