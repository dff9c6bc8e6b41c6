# Each list of words is held to its expression: all that the expression can fit is spelt out, sign by sign,
# with a gap for what may be anything. A spelling that has one of the words is put aside; of the others only
# the end is kept, where a word may have begun. None may be left.
import importlib
import re
from collections.abc import Iterable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.facts import claims, codes, contacts, promotion, unsubscribe, wishes
from smpp_router.compliance.facts.facts import needed
from smpp_router.compliance.facts.needed import Needed

# What re itself reads expressions with; it is not public.
PARSER: Any = importlib.import_module("re._parser")
GAP = "\0"
RANGE_MAX = 16
"""Signs that a range is spelt out to; a wider one is a gap."""
WORDS = needed().words
EXPRESSIONS = [
    *(pytest.param(want, one, id=want) for want, one in wishes._WANTS),
    pytest.param("warning", wishes._WARNING, id="warning"),
    *(pytest.param(kind, one, id=kind) for kind, one in contacts._PATTERNS),
    pytest.param("promotion", promotion._PATTERN, id="promotion"),
    pytest.param("claims", claims._SELF, id="claims"),
    pytest.param("codes", codes._NAMES, id="codes"),
    *(
        pytest.param("unsubscribe", one, id=f"unsubscribe {number}")
        for number, one in enumerate(
            (unsubscribe._CN, unsubscribe._CN_REPLY_FIRST, unsubscribe._CN_SHORT, unsubscribe._EN)
        )
    ),
]


def wordless(items: Iterable[Any], ends: set[str], words: Sequence[str]) -> set[str]:
    """How spellings can end after an expression's items that have none of the words in them."""
    for op, of in items:
        ends = after(str(op), of, ends, words)
    return ends


def after(op: str, of: Any, ends: set[str], words: Sequence[str]) -> set[str]:
    if op == "LITERAL":
        return with_letters([of], ends, words)
    if op == "IN" and all(str(kind) == "LITERAL" for kind, _ in of):
        return with_letters([code for _, code in of], ends, words)
    if op == "IN" and all(str(kind) in ("LITERAL", "RANGE") for kind, _ in of):
        spans = [(one, one) if str(kind) == "LITERAL" else one for kind, one in of]
        if sum(last - first for first, last in spans) <= RANGE_MAX:
            codes = [code for first, last in spans for code in range(first, last + 1)]
            return with_letters(codes, ends, words)
    if op == "SUBPATTERN":
        return wordless(of[-1], ends, words)
    if op == "BRANCH":
        return {end for branch in of[1] for end in wordless(branch, ends, words)}
    if op in ("MAX_REPEAT", "MIN_REPEAT"):
        least, most, repeated = of
        once = wordless(repeated, ends, words)
        more = {GAP} if once and most > 1 else set[str]()
        return (ends if least == 0 else set[str]()) | once | more
    if op in ("AT", "ASSERT", "ASSERT_NOT"):
        return ends
    return {GAP} if ends else set()


def with_letters(codes: Iterable[int], ends: set[str], words: Sequence[str]) -> set[str]:
    longest = max(map(len, words))
    spelt = {f"{end}{chr(code).lower()}" for end in ends for code in codes}
    return {one[-longest:] for one in spelt if not any(word in one for word in words)}


def parsed(expression: re.Pattern[str]) -> Iterable[Any]:
    return PARSER.parse(expression.pattern, expression.flags)


@pytest.mark.parametrize(("name", "expression"), EXPRESSIONS)
def test_whatever_an_expression_fits_has_one_of_its_words(name: str, expression: re.Pattern[str]) -> None:
    assert not wordless(parsed(expression), {""}, WORDS[name])


@pytest.mark.parametrize(
    ("expression", "words", "ends"),
    [
        ("a(?:b|cd)e", "ab cde", set()),
        ("a(?:b|cd)e", "ab", {"de"}),
        ("ab?c", "ab", {"ac"}),
        ("a[bc]d", "bd cd", set()),
        ("a[b-d]e", "be ce", {"de"}),
        ("(?:ab)+c", "bc", {GAP + "c"}),
        (r"a\db", "ab", {GAP + "b"}),
        ("a(?=b)", "ab", {"a"}),
    ],
)
def test_a_spelling_without_a_word_is_found(expression: str, words: str, ends: set[str]) -> None:
    assert wordless(parsed(re.compile(expression)), {""}, words.split()) == ends


@given(st.text("siSIKk\u017f\u0131\u0130\u212a", min_size=4, max_size=4))
def test_a_word_is_seen_in_each_spelling_that_an_expression_takes_for_it(text: str) -> None:
    skis = Needed({"word": "skis"})
    if re.fullmatch("skis", text, re.IGNORECASE):
        assert skis.of(f"the {text}!") == {"word"}


@pytest.mark.parametrize("text", ["SKIS", "\u017f\u212a\u0131\u017f", "s\u212a\u0130s"])
def test_letters_that_re_takes_for_others_are_seen(text: str) -> None:
    assert re.fullmatch("skis", text, re.IGNORECASE)
    assert Needed({"word": "skis"}).of(text) == {"word"}


def test_only_expressions_with_a_word_in_the_text_are_named() -> None:
    some = Needed({"pay": "付款 转账", "call": "致电", "both": "付款 致电"})
    assert some.of("请付款") == {"pay", "both"}
    assert some.of("您好") == set()


@given(st.text(st.characters(categories=["Cs"]) | st.sampled_from("优惠活动")))
def test_lone_surrogates_hide_no_words(text: str) -> None:
    rest = "?".join(re.split("[\ud800-\udfff]", text))
    assert needed().of(text) == needed().of(rest)
