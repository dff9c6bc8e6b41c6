"""The checks of single values, on their own."""

import ipaddress
from collections.abc import Callable
from typing import Any

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router import config_checks as checks
from smpp_router.config_checks import Check


def problem(check: Check, value: Any) -> str | None:
    """What the check says about a value of a field named `field`."""
    holder = attrs.make_class("Holder", {"field": attrs.field(validator=check)}, frozen=True)
    try:
        holder(field=value)
    except ValueError as error:
        return str(error)
    return None


@pytest.mark.parametrize(
    ("check", "holds"),
    [
        (checks.above(3), lambda value: value > 3),
        (checks.at_least(3), lambda value: value >= 3),
        (checks.between(3, 5), lambda value: 3 <= value <= 5),
        (checks.one_of(3, 5), lambda value: value in (3, 5)),
        (checks.if_given(checks.above(3)), lambda value: value > 3),
    ],
)
@given(st.integers(0, 8))
def test_a_number_passes_exactly_if_the_rule_holds(
    check: Check, holds: Callable[[int], bool], value: int
) -> None:
    assert (problem(check, value) is None) == holds(value)


def test_a_problem_names_the_field_the_rule_and_the_value() -> None:
    assert problem(checks.above(0), -3) == "field: must be above 0, got -3"
    assert problem(checks.between(0, 1023), 1024) == "field: must be from 0 to 1023, got 1024"
    assert problem(checks.one_of(0x33, 0x34), 0x35) == "field: must be 0x33 or 0x34, got 53"


def test_a_value_that_may_be_missing_may_be_missing() -> None:
    assert problem(checks.if_given(checks.above(0)), None) is None


@given(st.text())
def test_a_c_octet_string_is_printable_ascii_of_the_right_length(text: str) -> None:
    expected = 1 <= len(text) <= 15 and all(0x20 <= ord(character) < 0x7F for character in text)
    assert (problem(checks.octets(1, 15), text) is None) == expected


def test_a_secret_is_never_shown() -> None:
    password = "p" * 65
    said = problem(checks.octets(0, 64, secret=True), password)
    assert said is not None
    assert password not in said


@given(st.text())
def test_names_and_digits_have_no_surprising_characters(text: str) -> None:
    assert (problem(checks.digits_only, text) is None) == (text != "" and set(text) <= set("0123456789"))
    if problem(checks.plain_name, text) is None:
        assert text.isascii()
        assert text.isprintable()
        assert " " not in text


@pytest.mark.parametrize("text", ["10.0.0.0/8", "127.0.0.1", "::1", "2001:db8::/32", "0.0.0.0/0"])
def test_networks_pass(text: str) -> None:
    assert problem(checks.cidr, text) is None


@pytest.mark.parametrize("text", ["10.0.0.1/8", "10.0.0.0/33", "localhost", "", "10.0.0"])
def test_what_is_no_network_is_refused(text: str) -> None:
    assert problem(checks.cidr, text) is not None
    with pytest.raises(ValueError, match=r"."):
        ipaddress.ip_network(text)


def test_lists_are_checked_entry_by_entry() -> None:
    check = checks.each(checks.digits_only)
    assert problem(check, ()) is None
    assert problem(check, ("1", "2")) is None
    assert problem(check, ("1", "x")) == 'field: must be digits only, such as 86139, got "x"'
    assert problem(check, ("1", "2", "1")) == 'field: "1" stands there twice'


def test_lists_have_the_right_number_of_entries() -> None:
    assert problem(checks.some(), ()) == "field: must have at least one entry"
    assert problem(checks.some(checks.anything), ("a", "a")) == 'field: "a" stands there twice'
    assert problem(checks.some(), ("a",)) is None
    assert problem(checks.entries(1, 2), ("secret",) * 3) == "field: must have 1 to 2 entries"


@given(st.ip_addresses().map(str) | st.from_regex(r"[a-z]([a-z0-9_-]{0,61}[a-z0-9])?", fullmatch=True))
def test_an_address_and_a_name_are_hosts_and_a_network_and_brackets_are_none(host: str) -> None:
    assert problem(checks.host_name, host) is None
    assert problem(checks.host_name, f"{host}/24") is not None
    assert problem(checks.host_name, f"[{host}]") is not None


def test_a_name_may_be_as_long_as_the_dns_bears() -> None:
    long = ".".join(["a" * 63] * 4)
    assert problem(checks.host_name, long[:253]) is None
    assert problem(checks.host_name, long[:254]) is not None
