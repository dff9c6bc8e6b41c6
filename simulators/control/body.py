"""What a request of the HTTP API says: JSON and query strings, with every mistake named."""

import json
import math
from collections.abc import Iterable, Mapping
from typing import Any, Final, TypeVar, cast

from simulators.mobile_originated import from_handset, parts_of
from smpp_router.wire.pdu import DeliverSm

ADDRESS_OCTETS_MAX: Final = 20
"""Without the NUL (SMPP 3.4 section 4.6.1)."""

T = TypeVar("T", str, int, float, bool)


class BadRequest(Exception):  # noqa: N818 - it is what the client gets to read
    """A request that can't be done: an HTTP status and a sentence."""

    def __init__(self, status: int, problem: str) -> None:
        super().__init__(problem)
        self.status = status
        self.problem = problem


def parse_object(octets: bytes) -> dict[str, Any]:
    """Read a JSON object; an empty body is an empty one."""
    try:
        value: object = json.loads(octets or b"{}")
    except ValueError:
        raise BadRequest(400, "the body is not JSON") from None
    if not isinstance(value, dict):
        raise BadRequest(400, "the body must be a JSON object")
    return cast("dict[str, Any]", value)


def only(given: Iterable[str], known: Iterable[str]) -> None:
    """Refuse what is not known: a filter that is misspelt would match everything."""
    unknown = sorted(set(given) - set(known))
    if unknown:
        raise BadRequest(422, f"{unknown[0]}: unknown; known are {', '.join(sorted(known))}")


def value_of(table: Mapping[str, Any], key: str, default: T, least: float = -math.inf) -> T:
    """Return a value of the default's type; numbers may be written as text, as a query string has them."""
    value: Any = table.get(key, default)
    kind = type(default)
    if kind is not str and isinstance(value, str):
        try:
            value = json.loads(value)
        except ValueError:
            value = None
    if kind is float and type(value) is int:
        value = float(value)
    if type(value) is not kind or (isinstance(value, float) and not math.isfinite(value)):
        raise BadRequest(422, f"{key}: must be a {kind.__name__}")
    if isinstance(value, (int, float)) and value < least:
        raise BadRequest(422, f"{key}: must be at least {least:g}")
    return value


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
