"""Each structural rule, case by case: what it finds, and what it leaves alone."""

import pytest

from smpp_router.compliance.cases import Cases
from smpp_router.compliance.policy import Policy
from smpp_router.compliance.rulebook import Clocks, Rulebook
from smpp_router.compliance.rules.marketing import check_hours
from smpp_router.compliance.verdict import Verdict, decide
from tests.compliance.structural import StructuralCase, structural_cases, structural_config

CASES = structural_cases()
_cases = Cases(structural_config())
_rulebook = Rulebook(Clocks(lambda: 0.0, lambda: 0.0))


def judged(one: StructuralCase) -> Verdict:
    case = _cases.case(one.subject)
    symbols = [*_rulebook.ask(case, one.subject.now), *check_hours(case, None)]
    return decide(symbols, Policy(), one.subject.traffic_class)


def test_the_table_is_large_enough_to_mean_something() -> None:
    assert len(CASES) >= 300
    assert len({(case.subject.text, case.subject.account, case.subject.now) for case in CASES}) > 300


@pytest.mark.parametrize("case", CASES, ids=[f"{n}-{case.expected}" for n, case in enumerate(CASES)])
def test_a_structural_rule_finds_what_it_is_for_and_nothing_else(case: StructuralCase) -> None:
    verdict = judged(case)
    names = {symbol.name for symbol in verdict.symbols}
    if case.expected == "ok":
        assert verdict.action == "accept", (case.subject.text, names)
    else:
        assert case.expected in names, (case.subject.text, names)
        assert verdict.action != "accept"


@pytest.mark.parametrize("case", CASES, ids=range(len(CASES)))
def test_what_is_found_stands_where_it_says(case: StructuralCase) -> None:
    for symbol in judged(case).symbols:
        assert -1 <= symbol.start <= symbol.end <= len(case.subject.text)
