"""What a request of the HTTP API says, and the messages that it can ask for."""

from collections.abc import Mapping
from typing import Any, Final

from simulators.mobile_originated import from_handset, parts_of
from smpp_router.console.values import BadRequest, only, value_of
from smpp_router.wire.pdu import DeliverSm

ADDRESS_OCTETS_MAX: Final = 20
"""Without the NUL (SMPP 3.4 section 4.6.1)."""


def mobile_originated(table: Mapping[str, Any], reference: int, default_alphabet: str) -> list[DeliverSm]:
    """Make the deliver_sm of a message from a handset; several for a text too long for one."""
    only(table, ("system_id", "source", "destination", "text", "hex", "data_coding", "esm_class"))
    source = _address(table, "source")
    destination = _address(table, "destination")
    data_coding = table.get("data_coding")
    if data_coding is not None and (type(data_coding) is not int or not 0 <= data_coding <= 255):
        raise BadRequest(422, "data_coding: must be a number from 0 to 255")
    esm_class = value_of(table, "esm_class", 0, 0)
    if esm_class > 255:
        raise BadRequest(422, "esm_class: must be a number from 0 to 255")
    if "hex" in table:
        if "text" in table:
            raise BadRequest(422, "hex: either hex or text")
        return [from_handset(source, destination, esm_class, data_coding or 0, _octets(table))]
    try:
        return parts_of(
            source,
            destination,
            value_of(table, "text", ""),
            reference,
            default_alphabet,
            data_coding=data_coding,
            esm_class=esm_class,
        )
    except ValueError as error:
        raise BadRequest(422, f"text: {error}") from None


def _octets(table: Mapping[str, Any]) -> bytes:
    try:
        octets = bytes.fromhex(value_of(table, "hex", ""))
    except ValueError:
        raise BadRequest(422, "hex: must be hexadecimal digits, two for each octet") from None
    if len(octets) > 254:
        raise BadRequest(422, "hex: must be at most 254 octets")
    return octets


def _address(table: Mapping[str, Any], key: str) -> bytes:
    address = value_of(table, key, "")
    if not address or len(address) > ADDRESS_OCTETS_MAX or not address.isascii() or not address.isprintable():
        raise BadRequest(422, f"{key}: must be 1 to {ADDRESS_OCTETS_MAX} printable ASCII characters")
    return address.encode()
