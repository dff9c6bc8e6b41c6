"""What requests say, and what is wrong with them."""

from typing import Any

import pytest

from smpp_router.console.values import BadRequest, only, parse_object, value_of


@pytest.mark.parametrize("octets", [b"{", b"[1]", b"1", b"\xff", b"null"])
def test_a_body_must_be_an_object(octets: bytes) -> None:
    with pytest.raises(BadRequest):
        parse_object(octets)


def test_an_empty_body_is_an_empty_object() -> None:
    assert parse_object(b"") == {}


def test_values_are_read_as_json_or_query_has_them() -> None:
    table = {"n": "5", "f": 2, "b": "true", "t": "5"}
    assert (value_of(table, "n", 0), value_of(table, "f", 0.0), value_of(table, "b", False)) == (5, 2.0, True)
    assert (value_of(table, "t", ""), value_of(table, "none", 7)) == ("5", 7)


@pytest.mark.parametrize("value", ["x", "", None, True, 1.5, [], "1e999", -1])
def test_a_value_of_another_kind_or_too_little_is_named(value: Any) -> None:
    with pytest.raises(BadRequest, match=r"^n: must be"):
        value_of({"n": value}, "n", 0, 0)


def test_numbers_that_are_none_are_no_numbers() -> None:
    for value in ("NaN", "Infinity", float("inf")):
        with pytest.raises(BadRequest):
            value_of({"n": value}, "n", 0.0)


def test_a_key_that_is_not_known_is_named_with_those_that_are() -> None:
    only(("a",), ("a", "b"))
    with pytest.raises(BadRequest, match="c: unknown; known are a, b"):
        only(("a", "c"), ("b", "a"))
