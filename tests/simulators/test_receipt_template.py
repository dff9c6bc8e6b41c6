import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.receipt_template import APPENDIX_B, FIELDS, TEMPLATE_MAX, receipt_template

VALUES = {name: f"<{name}>".encode() for name in FIELDS}


def test_the_template_of_appendix_b_names_each_field_once() -> None:
    assert receipt_template(APPENDIX_B).names == FIELDS


def test_names_are_replaced_and_all_else_stays() -> None:
    assert receipt_template("a{id}b{id}{stat}c").render(VALUES) == b"a<id>b<id><stat>c"


def test_doubled_braces_are_braces() -> None:
    assert receipt_template("{{{id}}}").render(VALUES) == b"{<id>}"


def test_an_empty_template_is_an_empty_text() -> None:
    assert receipt_template("").render(VALUES) == b""


@pytest.mark.parametrize("wrong", ["{name}", "{}", "{0}", "{id:>9}", "{id!r}", "{id.real}", "{id[0]}"])
def test_nothing_but_the_names_can_be_reached(wrong: str) -> None:
    with pytest.raises(ValueError, match=re.escape("{id}, {sub}")):
        receipt_template(wrong)


@pytest.mark.parametrize("wrong", ["{id", "id}", "{"])
def test_a_lone_brace_is_refused(wrong: str) -> None:
    with pytest.raises(ValueError, match="brace"):
        receipt_template(wrong)


def test_a_template_has_a_length_that_it_may_not_exceed() -> None:
    receipt_template("x" * TEMPLATE_MAX)
    with pytest.raises(ValueError, match="at most"):
        receipt_template("x" * (TEMPLATE_MAX + 1))


def test_a_template_is_ascii() -> None:
    with pytest.raises(ValueError, match="ASCII"):
        receipt_template("编号:{id}")


@given(
    st.lists(st.sampled_from([*(f"{{{name}}}" for name in FIELDS), "a", " ", ":", "{{", "}}"]), max_size=20)
)
def test_rendering_is_what_str_format_does(pieces: list[str]) -> None:
    text = "".join(pieces)
    expected = text.format(**{name: value.decode() for name, value in VALUES.items()})
    assert receipt_template(text).render(VALUES) == expected.encode()
