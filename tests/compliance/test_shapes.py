import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.shapes import WAYS_MAX, Shape, Variable

TEXT = Variable(r"[^\n]{1,9}?", 9, is_shortest=True)
NUMBER = Variable(r"[0-9][0-9,]{0,5}", 6)
ANY = Variable(r".{0,9}", 9)


@given(
    st.lists(
        st.tuples(st.sampled_from([TEXT, NUMBER, ANY]), st.sampled_from(["", "a", ",", "1a"])), max_size=7
    ),
    st.text("a1,\n", max_size=24),
)
def test_it_fits_what_an_expression_fits_with_the_same_values(
    pieces: list[tuple[Variable, str]], text: str
) -> None:
    shape = Shape(["", *(constant for _, constant in pieces)], [variable for variable, _ in pieces])
    whole = "".join(f"({variable.expression}){constant}" for variable, constant in pieces)
    found = re.fullmatch(whole, text, re.DOTALL)
    expected = None if found is None else found.regs[1:]
    for is_easy in (True, False):
        shape._is_easy = is_easy
        assert shape.fit(text) == expected


@pytest.mark.parametrize("variable", [TEXT, ANY, NUMBER])
def test_many_variables_take_no_more_than_each_at_each_place(variable: Variable) -> None:
    count = 40
    shape = Shape(["您好"] + [","] * (count - 1) + ["。"], [variable] * count)
    assert variable.most**count > WAYS_MAX
    # An expression would still be trying when the sun has gone out.
    assert shape.fit("您好" + "1,," * count + "!") is None
    assert shape.fit("您好" + ",".join("1" * count) + "。") is not None
