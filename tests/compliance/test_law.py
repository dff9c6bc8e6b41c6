"""Cases written from the law's texts, before a look at the rules: is a message sent, told or stopped?"""

import datetime
from pathlib import Path

import attrs
import pytest

from smpp_router.compliance.case import Subject
from smpp_router.compliance.cases import Cases
from smpp_router.compliance.policy import Policy
from smpp_router.compliance.rulebook import Clocks, Rulebook
from smpp_router.compliance.rules.marketing import check_hours
from smpp_router.compliance.verdict import decide
from smpp_router.config_compliance import ComplianceConfig
from smpp_router.config_file import load_section

HERE = Path(__file__).parent
BY_DAY = "2026-05-12T10:00+08:00"
"""A Tuesday, where a case names no time."""
EXPECTED = {
    "ok": ("accept",),
    "mark": ("tag", "throttle", "hold", "refuse"),
    "stop": ("hold", "refuse"),
}


@attrs.frozen
class LawCase:
    subject: Subject
    expected: str
    why: str


def law_cases() -> list[LawCase]:
    lines = (HERE / "law.tsv").read_text("utf-8").splitlines()
    return [_case(line) for line in lines if not line.startswith("#")]


def _case(line: str) -> LawCase:
    account, traffic_class, sender, to, at, tlvs, expected, text, why = line.split("\t")
    if "\\" in text:
        text = text.encode("ascii").decode("unicode_escape")
    now = datetime.datetime.fromisoformat(at or BY_DAY).timestamp()
    pairs = [pair.split("=") for pair in tlvs.split(";") if pair]
    values = tuple((int(tag, 16), value.encode()) for tag, value in pairs)
    return LawCase(Subject(text, account, traffic_class, sender, to, values, now), expected, why)


CASES = law_cases()
_cases = Cases(load_section(HERE / "law.toml", "compliance", ComplianceConfig))
_rulebook = Rulebook(Clocks(lambda: 0.0, lambda: 0.0))


@pytest.mark.parametrize("case", CASES, ids=[f"{number}-{one.why}" for number, one in enumerate(CASES)])
def test_a_message_is_judged_as_the_law_asks(case: LawCase) -> None:
    subject = case.subject
    asked = _cases.case(subject)
    hours = check_hours(asked, _cases.hours(subject.traffic_class))
    verdict = decide([*_rulebook.ask(asked, subject.now), *hours], Policy(), subject.traffic_class)
    found = [symbol.name for symbol in verdict.symbols]
    assert verdict.action in EXPECTED[case.expected], (case.why, subject.text, found)
