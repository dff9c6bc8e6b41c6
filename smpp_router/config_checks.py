"""Checks of single config values: each refuses with one sentence, and never shows a secret.

A check is an attrs validator. It raises ValueError(f"{field}: {problem}"), so that the same rule holds for a
value read from a file (where config_file.py adds the file and the path) and for one made in a program.
"""

import ipaddress
import re
from collections.abc import Callable, Sized
from typing import Any, Final

import attrs

Check = Callable[[Any, "attrs.Attribute[Any]", Any], None]


def _check(holds: Callable[[Any], bool], problem: str, shows_value: bool = True) -> Check:
    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if not holds(value):
            got = f", got {shown(value)}" if shows_value else ""
            raise ValueError(f"{attribute.name}: {problem}{got}")

    return check


def shown(value: object) -> str:
    """A value as TOML would spell it, near enough for a reader to find it again."""
    return f'"{value}"' if isinstance(value, str) else str(value)


def above(minimum: float) -> Check:
    """Strictly more than `minimum`."""
    return _check(lambda value: value > minimum, f"must be above {minimum:g}")


def at_least(minimum: float) -> Check:
    """`minimum` or more."""
    return _check(lambda value: value >= minimum, f"must be at least {minimum:g}")


def between(minimum: float, maximum: float) -> Check:
    """From `minimum` to `maximum`, both included."""
    return _check(lambda value: minimum <= value <= maximum, f"must be from {minimum:g} to {maximum:g}")


def one_of(*allowed: int) -> Check:
    """One of a few codes, which are shown as the specification writes them: in hexadecimal."""
    return _check(lambda value: value in allowed, f"must be {' or '.join(map(hex, allowed))}")


def octets(minimum: int, maximum: int, secret: bool = False) -> Check:
    """Printable ASCII of so many octets, as the C-octet strings of SMPP 3.4 section 3.1 want it."""
    return _check(
        lambda value: minimum <= len(value) <= maximum and value.isascii() and value.isprintable(),
        f"must be {minimum} to {maximum} printable ASCII characters",
        shows_value=not secret,
    )


def entries(minimum: int, maximum: int) -> Check:
    """A list of so many entries; the entries themselves are not shown, they may be secrets."""

    def holds(value: Sized) -> bool:
        return minimum <= len(value) <= maximum

    return _check(holds, f"must have {minimum} to {maximum} entries", shows_value=False)


def some(value_check: Check | None = None) -> Check:
    """A list that is not empty, each entry of which passes `value_check`."""
    not_empty = _check(bool, "must have at least one entry", shows_value=False)

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        not_empty(None, attribute, value)
        if value_check is not None:
            each(value_check)(None, attribute, value)

    return check


def each(value_check: Check) -> Check:
    """Every entry of a list passes `value_check`, and none stands there twice."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        seen: set[object] = set()
        for entry in value:
            value_check(None, attribute, entry)
            if entry in seen:
                raise ValueError(f"{attribute.name}: {shown(entry)} stands there twice")
            seen.add(entry)

    return check


def if_given(value_check: Check) -> Check:
    """None, or a value that passes `value_check`."""

    def check(_: Any, attribute: "attrs.Attribute[Any]", value: Any) -> None:
        if value is not None:
            value_check(None, attribute, value)

    return check


def is_network(text: str) -> bool:
    """Whether `text` is an address or a CIDR network without stray host bits."""
    try:
        ipaddress.ip_network(text)
    except ValueError:
        return False
    return True


def is_host(text: str) -> bool:
    """Whether `text` is an address, or a name (RFC 1123 section 2.1), in which _ may stand, too."""
    try:
        ipaddress.ip_address(text)
    except ValueError:
        labels = text.removesuffix(".").split(".")
        # The last of a name is no number (RFC 1123 section 2.1): 300.1.2.3 was to be an address.
        return (
            all(map(_LABEL.fullmatch, labels)) and not labels[-1].isdigit() and len(text) <= HOST_OCTETS_MAX
        )
    return True


HOST_OCTETS_MAX: Final = 253
"""Of a name in the DNS (RFC 1035 section 2.3.4)."""

_LABEL: Final = re.compile(r"(?!-)[A-Za-z0-9_-]{1,63}(?<!-)", re.ASCII)


def is_pattern(text: str) -> bool:
    """Whether `text` is a regular expression of Python, not an empty one."""
    try:
        re.compile(text)
    except re.error:
        return False
    return text != ""


def anything(_instance: Any, _attribute: "attrs.Attribute[Any]", _value: Any) -> None:
    """Passes; for lists whose only rule is that no entry is repeated."""


cidr: Check = _check(is_network, 'must be an address or a network such as "10.0.0.0/8"')
host_name: Check = _check(is_host, 'must be an address such as "127.0.0.1" or "::1", or the name of a host')
digits_only: Check = _check(
    lambda value: value.isascii() and value.isdigit(), "must be digits only, such as 86139"
)
plain_name: Check = _check(
    lambda value: value.isascii() and value != "" and value.replace("-", "").replace("_", "").isalnum(),
    "must be letters, digits, - and _ only",
)
regular_expression: Check = _check(is_pattern, "must be a regular expression that can be read")
refusal_status: Check = _check(
    lambda value: value.startswith("ESME_R") and value != "ESME_ROK",
    "must be the name of an error in SMPP 3.4 section 5.1.3, such as ESME_RSUBMITFAIL",
)
