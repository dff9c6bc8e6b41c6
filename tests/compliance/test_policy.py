import re

import pytest

from smpp_router.compliance.policy import (
    ANSWERS_MAX,
    HARD,
    STATUS_NAMES,
    SYMBOLS,
    Answer,
    Policy,
    status_of,
    text_of,
)
from smpp_router.compliance.rulebook import Clocks, Rulebook
from smpp_router.compliance.symbols import Symbol
from smpp_router.config_compliance import AnswerConfig
from tests.compliance.structural import structural_cases
from tests.compliance.subjects import case_of


def symbol(name: str) -> Symbol:
    return Symbol(name, 0.0, "why")


def test_every_status_of_a_family_is_in_the_vendors_space() -> None:
    assert all(0x400 <= status <= 0x4FF for status in STATUS_NAMES)
    assert {status_of(symbol(name)) for name in SYMBOLS} - set(STATUS_NAMES) == {
        status_of(symbol("RULE_FAILED"))
    }


def test_configuration_changes_what_is_done_for_all_classes_or_one() -> None:
    policy = Policy({"LINK_SHORTENER": "tag"}, {"marketing": {"LINK_SHORTENER": "hold"}})
    assert policy.action(symbol("LINK_SHORTENER"), "logistics") == "tag"
    assert policy.action(symbol("LINK_SHORTENER"), "marketing") == "hold"
    assert policy.action(symbol("LINK_PORT"), "marketing") == "refuse"
    assert policy.action(symbol("NOT_IN_ANY_TABLE")) == "tag"


@pytest.mark.parametrize("name", sorted(HARD))
def test_hard_findings_are_not_let_through_for_all_classes_at_once(name: str) -> None:
    assert Policy({name: "accept"}).action(symbol(name)) == "hold"
    assert Policy({}, {"test": {name: "accept"}}).action(symbol(name), "test") == "accept"


def test_answers_are_for_the_symbols_accounts_and_classes_that_they_name() -> None:
    policy = Policy(
        {"LINK_PORT": "tag"},
        {"offers": {"LINK_PORT": "throttle"}},
        [
            AnswerConfig(symbols=("LINK_PORT",), accounts=("shop",), classes=("offers",), action="hold"),
            AnswerConfig(accounts=("shop",), command_status=0x45),
            AnswerConfig(symbols=("LINK_PORT",), command_status=0x46, text="no ports"),
        ],
    )
    port = symbol("LINK_PORT")
    assert policy.action(port, "offers", "shop") == "hold"
    assert policy.action(port, "codes", "shop") == "tag"
    assert policy.action(port, "offers", "bank") == "throttle"
    assert policy.answer("LINK_PORT", "offers", "shop") == Answer("hold", 0x45, "no ports")
    assert policy.answer("LINK_PORT", "codes", "bank") == Answer(None, 0x46, "no ports")
    assert policy.answer("LINK_SPELT", "codes", "bank") == Answer()


@pytest.mark.parametrize("name", sorted(HARD))
def test_hard_findings_are_let_through_only_by_an_answer_that_means_them(name: str) -> None:
    for vague in (
        AnswerConfig(accounts=("test",), action="accept"),
        AnswerConfig(symbols=(name,), action="accept"),
    ):
        assert Policy(answers=[vague]).action(symbol(name), "codes", "test") == "hold"
    meant = AnswerConfig(symbols=(name,), accounts=("test",), action="accept")
    assert Policy(answers=[meant]).action(symbol(name), "codes", "test") == "accept"
    assert Policy(answers=[meant]).action(symbol(name), "codes", "shop") == "refuse"


def test_answers_that_are_remembered_are_bounded() -> None:
    policy = Policy(answers=[AnswerConfig(action="hold")])
    for number in range(ANSWERS_MAX + 10):
        policy.answer(f"OWN_{number}", "", "")
    assert len(policy._known) <= ANSWERS_MAX


def test_what_is_told_of_a_finding_is_ascii_and_quotes_no_text() -> None:
    book = Rulebook(Clocks(lambda: 0.0, lambda: 0.0))
    told = 0
    for one in structural_cases():
        case = case_of(one.subject.text, one.subject.account, one.subject.traffic_class, one.subject.source)
        for found in book.ask(case, 0.0):
            text = text_of(found)
            told += 1
            assert re.fullmatch(found.name + r": [ -~]{10,}", text)
            assert len(text) <= 255
            assert not re.search(r"  |[ ,:]$| as$", text)
    assert told > 200
    term = Symbol("TERM_GAMBLING", 1.0, "the text says 下注 or 13900000000, a term of gambling")
    assert text_of(term) == "TERM_GAMBLING: content"
    missing = Symbol("SIGNATURE_MISSING", 0.0, "the text has no signature such as 【示例】")
    assert text_of(missing) == "SIGNATURE_MISSING: the text has no signature"
