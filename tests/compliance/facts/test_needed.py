# Each list of words is held to its expression: all that the expression can fit is spelt out, with a gap for
# what may be anything, and each spelling must have one of the words.
import importlib
import re
from collections.abc import Iterable
from itertools import product
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts import contacts, promotion, unsubscribe, wishes
from smpp_router.compliance.facts.needed import Needed

# What re itself reads expressions with; it is not public.
PARSER: Any = importlib.import_module("re._parser")
GAP = "\0"
EXPRESSIONS = [
    *(pytest.param(wishes._NEEDED, want, one, id=want) for want, one in wishes._WANTS),
    *(pytest.param(contacts._NEEDED, kind, one, id=kind) for kind, one in contacts._PATTERNS),
    pytest.param(promotion._NEEDED, "words", promotion._PATTERN, id="promotion"),
    *(
        pytest.param(unsubscribe._NEEDED, "any", one, id=f"unsubscribe {number}")
        for number, one in enumerate(
            (unsubscribe._CN, unsubscribe._CN_REPLY_FIRST, unsubscribe._CN_SHORT, unsubscribe._EN)
        )
    ),
]


def spellings(items: Iterable[Any]) -> set[str]:
    return {"".join(parts) for parts in product(*(spelt(str(op), of) for op, of in items))}


def spelt(op: str, of: Any) -> set[str]:
    if op == "LITERAL":
        return {chr(of).lower()}
    if op == "IN" and all(str(kind) == "LITERAL" for kind, _ in of):
        return {chr(code).lower() for _, code in of}
    if op == "SUBPATTERN":
        return spellings(of[-1])
    if op == "BRANCH":
        return {one for branch in of[1] for one in spellings(branch)}
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, repeated = of
        once = spellings(repeated)
        if (least, most) == (1, 1):
            return once
        return ({""} if least == 0 else set[str]()) | {one if most == 1 else f"{one}{GAP}" for one in once}
    if op in ("AT", "ASSERT", "ASSERT_NOT"):
        return {""}
    return {GAP}


@pytest.mark.parametrize(("needed", "name", "expression"), EXPRESSIONS)
def test_whatever_an_expression_fits_has_one_of_its_words(
    needed: Needed[str], name: str, expression: re.Pattern[str]
) -> None:
    found = spellings(PARSER.parse(expression.pattern, expression.flags))
    without = [one for one in found if not any(word in one for word in needed.words[name])]
    assert found
    assert not without


@pytest.mark.parametrize(("needed", "name", "expression"), EXPRESSIONS)
def test_words_that_an_expression_needs_are_in_lower_case(
    needed: Needed[str], name: str, expression: re.Pattern[str]
) -> None:
    assert all(word == word.casefold() for word in needed.words[name]), expression


@given(st.text("siSIKk\u017f\u0131\u0130\u212a", min_size=4, max_size=4))
def test_a_word_is_seen_in_each_spelling_that_an_expression_takes_for_it(text: str) -> None:
    needed = Needed({"word": "skis"})
    if re.fullmatch("skis", text, re.IGNORECASE):
        assert needed.of(f"the {text}!") == {"word"}


@pytest.mark.parametrize("text", ["SKIS", "\u017f\u212a\u0131\u017f", "s\u212a\u0130s"])
def test_letters_that_re_takes_for_others_are_seen(text: str) -> None:
    assert re.fullmatch("skis", text, re.IGNORECASE)
    assert Needed({"word": "skis"}).of(text) == {"word"}


def test_only_expressions_with_a_word_in_the_text_are_named() -> None:
    needed = Needed({"pay": "付款 转账", "call": "致电", "both": "付款 致电"})
    assert needed.of("请付款") == {"pay", "both"}
    assert needed.of("您好") == set()
