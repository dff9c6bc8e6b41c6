# Constant text with variables between, each of bounded length: what templates are made of. An expression of
# them is fast on texts that fit, but one with six variables tries 35 ** 5 ways on a text that nearly does,
# and anybody can write such a text.
#
# Rule 1: an expression is asked only where all ways of filling in are few.
# Rule 2: else variables are filled in one after the other, and from where one of them could not go on nobody
#         goes on again: at most each variable at each place.
"""Matching constant text with variables."""

import re
from collections.abc import Iterator, Sequence
from math import prod
from typing import Final

import attrs

WAYS_MAX: Final = 20_000
"""Of filling in that an expression may try: some milliseconds in the worst of cases."""

Spans = tuple[tuple[int, int], ...]


@attrs.frozen
class Variable:
    """What may be filled in: an expression, and how many characters it takes at most."""

    expression: str
    most: int
    is_shortest: bool = False
    """Whether as little as possible is taken, and not as much."""
    pattern: "re.Pattern[str]" = attrs.field(
        init=False,
        default=attrs.Factory(lambda self: re.compile(self.expression, re.DOTALL), takes_self=True),
    )

    def ends(self, text: str, at: int) -> Iterator[int]:
        """Where a value that begins at a place may end, as the expression would try it."""
        last = min(at + self.most, len(text))
        for end in range(at, last + 1) if self.is_shortest else range(last, at - 1, -1):
            if self.pattern.fullmatch(text, at, end):
                yield end


class Shape:
    """Constants, as expressions, with a variable between each two."""

    def __init__(self, constants: Sequence[str], variables: Sequence[Variable]) -> None:
        assert len(constants) == len(variables) + 1
        self._variables = tuple(variables)
        self._constants = [re.compile(one, re.DOTALL) for one in constants]
        pieces = [constants[0]]
        for variable, constant in zip(variables, constants[1:], strict=True):
            pieces += (f"({variable.expression})", constant)
        self._pattern = re.compile("".join(pieces), re.DOTALL)
        self._is_easy = prod(one.most for one in self._variables[:-1]) <= WAYS_MAX

    def fit(self, text: str) -> Spans | None:
        """Return where the values of the variables stand in a text; None: it does not fit."""
        if self._is_easy:
            found = self._pattern.fullmatch(text)
            return None if found is None else found.regs[1:]
        start = self._constants[0].match(text)
        return None if start is None else self._rest(text, 0, start.end(), set())

    def _rest(self, text: str, number: int, at: int, dead: set[tuple[int, int]]) -> Spans | None:
        """Fill in the variables from one on, the first of them at a place."""
        if number == len(self._variables):
            return () if at == len(text) else None
        if (number, at) in dead:
            return None
        for end in self._variables[number].ends(text, at):
            constant = self._constants[number + 1].match(text, end)
            more = None if constant is None else self._rest(text, number + 1, constant.end(), dead)
            if more is not None:
                return ((at, end), *more)
        dead.add((number, at))
        return None
