"""PDUs as a reader wants them, in values that JSON has: names for numbers, texts for octets, and the hex."""

from typing import Any, Final, cast

import attrs

from simulators.control.recorder import Recorded
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER, decode
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import (
    DataSm,
    DeliverSm,
    DistributionList,
    Malformed,
    Pdu,
    SmeAddress,
    SubmitSm,
    UnsuccessSme,
)

HEADER_OCTETS: Final = 16
_OF_HEADER: Final = ("sequence_number", "command_status", "command_id", "request")
_RAW: Final = ("short_message", "body")
"""Octets that are no text by themselves: what they say depends on data_coding."""

_header = HEADER.unpack_from


def described(recorded: Recorded) -> dict[str, Any]:
    """Say everything about a PDU that passed."""
    _, command_id, command_status, sequence_number = _header(recorded.octets)
    pdu = decode(command_id, command_status, sequence_number, recorded.octets[HEADER_OCTETS:])
    return {
        "number": recorded.number,
        "at": round(recorded.at, 6),
        "carrier": recorded.line.carrier,
        "connection": recorded.line.number,
        "peer": recorded.line.peer,
        "is_from_peer": recorded.is_from_peer,
        "command": c.command_name(command_id),
        "command_status": c.status_name(command_status),
        "sequence_number": sequence_number,
        "fields": fields_of(pdu),
        "hex": recorded.octets.hex(),
    }


def command_of(recorded: Recorded) -> str:
    """Return a PDU's name without decoding the rest."""
    return c.command_name(_header(recorded.octets)[1])


def fields_of(pdu: Pdu) -> dict[str, Any]:
    """Return the mandatory fields and `tlvs` of a PDU; of one with a text, the text besides its octets."""
    fields = {
        field.name: _value(field.name, getattr(pdu, field.name))
        for field in attrs.fields(type(pdu))
        if field.name not in _OF_HEADER and not _is_left_out(pdu, field.name)
    }
    if isinstance(pdu, (SubmitSm, DeliverSm, DataSm)):
        fields["text"] = text_of(pdu)
    if isinstance(pdu, Malformed):
        fields["answer_status"] = c.status_name(pdu.answer_status)
    return fields


def _is_left_out(pdu: Pdu, name: str) -> bool:
    """Whether a field is another way to say what the others say."""
    return name == "body" and isinstance(pdu, (SubmitSm, DeliverSm))


def _value(name: str, value: Any) -> Any:
    if name == "tlvs":
        return [{"tag": tag, "name": c.tag_name(tag), "hex": octets.hex()} for tag, octets in value]
    if name == "password":
        return "*" * len(value)
    if isinstance(value, bytes):
        return value.hex() if name in _RAW else value.decode("ascii", "backslashreplace")
    if isinstance(value, tuple):
        return [_entry(entry) for entry in cast("tuple[Any, ...]", value)]
    return value


def _entry(entry: SmeAddress | DistributionList | UnsuccessSme) -> dict[str, Any]:
    """Describe a destination of submit_multi, or one that its response says has failed."""
    return {field.name: _value(field.name, getattr(entry, field.name)) for field in attrs.fields(type(entry))}
