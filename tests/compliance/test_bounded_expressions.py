"""No text makes an expression try the same signs again and again.

A message may have 34,000 signs, chosen by somebody who wants a rule to take seconds. An expression takes time
in proportion to a text if each of its repeats is bounded, gives nothing back (possessive), or comes last.
"""

import importlib
import pkgutil
import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import pytest

import smpp_router.compliance

# What re itself reads expressions with; it is not public.
PARSER: Any = importlib.import_module("re._parser")
REPEATS_MAX = 128
"""Signs or labels that one repeat may take; no host has more labels."""


def expressions() -> Iterator[tuple[str, re.Pattern[str]]]:
    package = smpp_router.compliance
    for found in pkgutil.walk_packages(package.__path__, f"{package.__name__}."):
        module = importlib.import_module(found.name)
        for name, value in vars(module).items():
            for number, pattern in enumerate(within(value)):
                yield f"{found.name.rpartition('.')[2]}.{name}.{number}", pattern


def within(value: Any) -> Iterator[re.Pattern[str]]:
    if isinstance(value, re.Pattern):
        yield value
    elif isinstance(value, (tuple, list)):
        for one in value:
            yield from within(one)
    elif isinstance(value, Mapping):
        for one in value.values():
            yield from within(one)


EXPRESSIONS = dict(expressions())


def unbounded(items: Iterable[Any], *, comes_last: bool) -> Iterator[str]:
    """The repeats among an expression's items that may take anything and give it back."""
    items = list(items)
    for place, (op, of) in enumerate(items):
        is_last = comes_last and place == len(items) - 1
        kind = str(op)
        if kind in ("MAX_REPEAT", "MIN_REPEAT", "POSSESSIVE_REPEAT"):
            _, most, repeated = of
            if kind != "POSSESSIVE_REPEAT" and most > REPEATS_MAX and not is_last:
                yield str(repeated)
            yield from unbounded(repeated, comes_last=False)
        elif kind == "SUBPATTERN":
            yield from unbounded(of[-1], comes_last=is_last)
        elif kind == "ATOMIC_GROUP":
            yield from unbounded(of, comes_last=False)
        elif kind == "BRANCH":
            for branch in of[1]:
                yield from unbounded(branch, comes_last=is_last)
        elif kind in ("ASSERT", "ASSERT_NOT"):
            yield from unbounded(of[1], comes_last=False)


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_each_repeat_of_an_expression_is_bounded(name: str) -> None:
    pattern = EXPRESSIONS[name]
    assert not list(unbounded(PARSER.parse(pattern.pattern, pattern.flags), comes_last=True))


@pytest.mark.parametrize(
    ("expression", "count"), [("a*b", 1), ("a*", 0), ("a*+b", 0), ("(?:a{1,9}b)+c", 1), ("(?:a*|b)c", 1)]
)
def test_a_repeat_without_a_bound_is_found(expression: str, count: int) -> None:
    assert len(list(unbounded(PARSER.parse(expression), comes_last=True))) == count
