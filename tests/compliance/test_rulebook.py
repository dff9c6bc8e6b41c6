import math
from collections.abc import Iterator
from typing import Any, get_args

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.case import Case
from smpp_router.compliance.rulebook import (
    BUILT_IN,
    FENCE_AFTER,
    FENCE_S,
    SYMBOLS_MAX,
    WAIT_MAX_S,
    Clocks,
    OnFailure,
    Rule,
    Rulebook,
)
from smpp_router.compliance.symbols import Symbol
from smpp_router.config_compliance import ClassKind, Regime
from tests.compliance.subjects import case_of, names

CASE = case_of("【示例】您好")


def broken(_: Case) -> Iterator[Symbol]:
    yield Symbol("BEFORE", 0.0, "found before it broke")
    raise KeyError("a text that must not be shown")


class Counted:
    """Each look is `step_s` later than the one before."""

    def __init__(self, step_s: float = 0.0) -> None:
        self.step_s = step_s
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += self.step_s
        return self.seconds


def clocks(wall_s: float = 0.0, cpu_s: float = 0.0) -> Clocks:
    return Clocks(Counted(wall_s), Counted(cpu_s))


def rule(on_failure: OnFailure) -> Rule:
    return Rule("own", broken, on_failure)


def test_a_rule_that_fails_is_closed_or_open_as_it_says() -> None:
    assert names(rule("closed").ask(CASE, 0.0, clocks())) == {"RULE_FAILED"}
    assert names(rule("open").ask(CASE, 0.0, clocks())) == set()


def test_an_error_is_told_without_what_it_quotes() -> None:
    own = rule("open")
    own.ask(CASE, 0.0, clocks())
    assert own.failed == 1
    assert own.last_error.startswith("KeyError in broken, line ")
    assert "text that must" not in own.last_error


def test_a_rule_that_fails_often_is_left_out_for_a_while() -> None:
    own = rule("closed")
    for _ in range(FENCE_AFTER):
        assert not own.is_fenced(10.0)
        own.ask(CASE, 10.0, clocks())
    assert own.is_fenced(10.0)
    assert names(own.ask(CASE, 10.0 + FENCE_S / 2, clocks())) == {"RULE_FAILED"}
    assert (own.failed, own.skipped) == (FENCE_AFTER, 1)
    own.ask(CASE, 10.0 + FENCE_S, clocks())
    assert own.failed == FENCE_AFTER + 1


def test_failures_far_apart_fence_nothing() -> None:
    own = rule("closed")
    for number in range(3 * FENCE_AFTER):
        own.ask(CASE, number * FENCE_S, clocks())
    assert own.skipped == 0


def slow(wall_s: float, cpu_s: float, budget_s: float) -> Rule:
    own = Rule("slow", lambda _: [Symbol("SLOW", 0.0, "why")], budget_s=budget_s)
    measured = clocks(wall_s, cpu_s)
    for _ in range(FENCE_AFTER + 1):
        assert names(own.ask(CASE, 0.0, measured)) == {"SLOW"}
    return own


def test_a_slow_rule_still_answers_and_is_fenced_when_it_stays_slow() -> None:
    own = slow(wall_s=0.1, cpu_s=0.1, budget_s=0.005)
    assert own.is_fenced(0.0)
    assert own.slow == FENCE_AFTER, "the first was not measured by processor time"


def test_a_rule_that_the_machine_stopped_is_not_to_blame() -> None:
    own = slow(wall_s=0.1, cpu_s=0.001, budget_s=0.005)
    assert (own.slow, own.is_out) == (0, False)


def test_a_rule_that_waits_is_slow_though_it_uses_nothing() -> None:
    own = Rule("waits", lambda _: [], budget_s=0.005)
    measured = clocks(2 * WAIT_MAX_S, 0.0)
    for _ in range(FENCE_AFTER):
        own.ask(CASE, 0.0, measured)
    assert own.is_fenced(0.0)


def test_findings_of_one_rule_are_bounded() -> None:
    def many(_: Case) -> Iterator[Symbol]:
        while True:
            yield Symbol("MANY", 0.0, "why")

    assert len(Rule("many", many).ask(CASE, 0.0, clocks())) == SYMBOLS_MAX


@pytest.mark.parametrize(
    "symbol",
    [
        "OWN",
        None,
        Symbol("lower", 0.0, "why"),
        Symbol("", 0.0, "why"),
        Symbol("OWN", math.nan, "why"),
        Symbol("OWN", "1", "why"),  # pyright: ignore[reportArgumentType] - an operator's rule is not checked
        Symbol("OWN", 0.0, None),  # pyright: ignore[reportArgumentType] - an operator's rule is not checked
        Symbol("OWN", 0.0, "why", 3, 2),
        Symbol("OWN", 0.0, "why", 0, 1_000),
        Symbol("OWN", 0.0, "why", 0.0, 1),  # pyright: ignore[reportArgumentType] - an operator's rule is not checked
    ],
)
def test_what_is_no_sound_symbol_is_a_failure(symbol: Any) -> None:
    assert names(Rule("own", lambda _: [symbol]).ask(CASE, 0.0, clocks())) == {"RULE_FAILED"}


@pytest.mark.parametrize("answer", [7, "OWN", SystemExit(3), GeneratorExit()])
def test_what_is_no_answer_is_a_failure(answer: Any) -> None:
    def check(_: Case) -> Any:
        if isinstance(answer, BaseException):
            raise answer
        return answer

    assert names(Rule("own", check).ask(CASE, 0.0, clocks())) == {"RULE_FAILED"}


def test_a_rule_on_probation_is_back_after_one_good_answer_and_out_after_one_bad() -> None:
    is_broken = True

    def check(_: Case) -> list[Symbol]:
        if is_broken:
            raise ValueError
        return []

    own = Rule("own", check)
    for _ in range(FENCE_AFTER):
        own.ask(CASE, 0.0, clocks())
    assert own.is_out
    own.ask(CASE, FENCE_S, clocks())
    assert own.is_fenced(FENCE_S)
    assert own.fenced == 2
    is_broken = False
    own.ask(CASE, FENCE_S * 1.5, clocks())
    assert own.is_out, "it is not asked while it is fenced"
    own.ask(CASE, FENCE_S * 2, clocks())
    assert not own.is_out


def test_what_an_own_rule_does_to_its_subject_happens_to_nobody_else() -> None:
    def check(case: Case) -> None:
        case.subject.text = "something else"

    book = Rulebook(
        clocks(), [Rule("one", check), Rule("two", lambda case: [Symbol("OWN", 0.0, case.subject.text)])]
    )
    case = case_of("as it was")
    assert [symbol.reason for symbol in book.ask_own(case, 0.0)] == ["as it was"]
    assert case.subject.text == "as it was"


def test_the_others_are_asked_when_one_fails() -> None:
    book = Rulebook(clocks(), [rule("closed")])
    case = case_of("您好", traffic_class="logistics")
    assert "SIGNATURE_MISSING" in names(book.ask(case, 0.0))
    assert names(book.ask_own(case, 0.0)) == {"RULE_FAILED"}


@given(
    st.text(),
    st.sampled_from(["", "bank", "clinic", "india", "usa", "nobody"]),
    st.sampled_from(["", "verification", "marketing", "government", "logistics", "member"]),
)
def test_no_rule_fails_on_any_text(text: str, account: str, traffic_class: str) -> None:
    book = Rulebook(clocks())
    found = book.ask(case_of(text, account, traffic_class, "1069", 1.8e9), 0.0)
    assert "RULE_FAILED" not in names(found)
    assert all(-1 <= symbol.start <= symbol.end <= len(text) for symbol in found)


@pytest.mark.parametrize("kind", [None, *get_args(ClassKind)])
@pytest.mark.parametrize("regime", get_args(Regime))
def test_a_rule_is_not_asked_only_where_it_has_nothing_to_say(kind: ClassKind | None, regime: Regime) -> None:
    case = attrs.evolve(
        case_of("您的积分兑换，限时优惠点击 http://a.top/x 退订回T"), kind=kind, regime=regime
    )
    case.subject.account = "anybody"
    asked = Rulebook(clocks()).ask(case, 0.0)
    assert asked == [symbol for _, check, _, _ in BUILT_IN for symbol in check(case) or ()]
    assert len(BUILT_IN) > len(asked) > 0


def test_a_rule_of_ours_that_waits_is_fenced_too() -> None:
    book = Rulebook(clocks(2 * WAIT_MAX_S))
    for _ in range(FENCE_AFTER):
        book.ask(CASE, 0.0)
    assert book.rules[0].is_fenced(0.0)


def test_a_rule_of_ours_that_the_machine_stopped_is_not_to_blame() -> None:
    book = Rulebook(clocks(0.1, 0.001))
    for _ in range(2 * FENCE_AFTER):
        book.ask(CASE, 0.0)
    assert not any(rule.slow for rule in book.rules)


def test_a_rule_of_ours_may_take_longer_for_a_longer_text() -> None:
    book = Rulebook(clocks(0.02, 0.02))
    for _ in range(2 * FENCE_AFTER):
        book.ask(case_of("【示例】" + "您好" * 2_500), 0.0)
    assert not any(rule.slow for rule in book.rules)
    for _ in range(FENCE_AFTER + 1):
        book.ask(CASE, 0.0)
    assert book.rules[0].is_fenced(0.0)
    for _ in range(2):
        book.ask(case_of("【示例】" + "您好" * 2_500), 1e9)
        assert not book.rules[0].is_out


def test_a_rule_of_ours_that_stays_slow_is_fenced() -> None:
    book = Rulebook(clocks(0.1, 0.1))
    for _ in range(FENCE_AFTER + 1):
        book.ask(CASE, 0.0)
    assert book.rules[0].is_fenced(0.0)
    assert book.rules[0].slow == FENCE_AFTER
