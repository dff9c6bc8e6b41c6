from collections.abc import Iterator

from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.case import Case
from smpp_router.compliance.rulebook import FENCE_AFTER, FENCE_S, SYMBOLS_MAX, OnFailure, Rule, Rulebook
from smpp_router.compliance.symbols import Symbol
from tests.compliance.subjects import case_of, names

CASE = case_of("【示例】您好")


def broken(_: Case) -> Iterator[Symbol]:
    yield Symbol("BEFORE", 0.0, "found before it broke")
    raise KeyError("a text that must not be shown")


class Clock:
    """Each look is `step_s` later than the one before."""

    def __init__(self, step_s: float = 0.0) -> None:
        self.step_s = step_s
        self.seconds = 0.0

    def __call__(self) -> float:
        self.seconds += self.step_s
        return self.seconds


def rule(on_failure: OnFailure) -> Rule:
    return Rule("own", broken, on_failure)


def test_a_rule_that_fails_is_closed_or_open_as_it_says() -> None:
    assert names(rule("closed").ask(CASE, 0.0, Clock())) == {"RULE_FAILED"}
    assert names(rule("open").ask(CASE, 0.0, Clock())) == set()


def test_an_error_is_told_without_what_it_quotes() -> None:
    own = rule("open")
    own.ask(CASE, 0.0, Clock())
    assert own.failed == 1
    assert own.last_error.startswith("KeyError in broken, line ")
    assert "text that must" not in own.last_error


def test_a_rule_that_fails_often_is_left_out_for_a_while() -> None:
    own = rule("closed")
    for _ in range(FENCE_AFTER):
        assert not own.is_fenced(10.0)
        own.ask(CASE, 10.0, Clock())
    assert own.is_fenced(10.0)
    assert names(own.ask(CASE, 10.0 + FENCE_S / 2, Clock())) == {"RULE_FAILED"}
    assert (own.failed, own.skipped) == (FENCE_AFTER, 1)
    own.ask(CASE, 10.0 + FENCE_S, Clock())
    assert own.failed == FENCE_AFTER + 1


def test_failures_far_apart_fence_nothing() -> None:
    own = rule("closed")
    for number in range(3 * FENCE_AFTER):
        own.ask(CASE, number * FENCE_S, Clock())
    assert own.skipped == 0


def test_a_slow_rule_still_answers_and_is_fenced_when_it_stays_slow() -> None:
    slow = Rule("slow", lambda _: [Symbol("SLOW", 0.0, "why")], budget_s=0.5)
    clock = Clock(1.0)
    for _ in range(FENCE_AFTER):
        assert names(slow.ask(CASE, 0.0, clock)) == {"SLOW"}
    assert slow.is_fenced(0.0)


def test_findings_of_one_rule_are_bounded() -> None:
    def many(_: Case) -> Iterator[Symbol]:
        while True:
            yield Symbol("MANY", 0.0, "why")

    assert len(Rule("many", many).ask(CASE, 0.0, Clock())) == SYMBOLS_MAX


def test_the_others_are_asked_when_one_fails() -> None:
    book = Rulebook(Clock(), [rule("closed")])
    assert {"RULE_FAILED", "SIGNATURE_MISSING"} <= names(
        book.ask(case_of("您好", traffic_class="logistics"), 0.0)
    )


@given(
    st.text(),
    st.sampled_from(["", "bank", "clinic", "india", "usa", "nobody"]),
    st.sampled_from(["", "verification", "marketing", "government", "logistics", "member"]),
)
def test_no_rule_fails_on_any_text(text: str, account: str, traffic_class: str) -> None:
    book = Rulebook(Clock())
    found = book.ask(case_of(text, account, traffic_class, "1069", 1.8e9), 0.0)
    assert "RULE_FAILED" not in names(found)
    assert all(-1 <= symbol.start <= symbol.end <= len(text) for symbol in found)
