import json
from typing import get_args

import pytest

from simulators.grade.catalog import RULES
from simulators.grade.grader import Grader
from simulators.grade.report import LETTERS, POINTS, as_json, moment, report_of
from simulators.grade.rule import Severity
from tests.simulators.grade.bad_clients import BAD
from tests.simulators.grade.wires import START, Wire


def wire_with(*names: str) -> Wire:
    wire = Wire().bound()
    wire.submit()
    wire.submit()
    for name in names:
        BAD[name](wire)
    wire.end()
    return wire


@pytest.mark.parametrize(
    ("names", "score", "letter"),
    [
        ((), 100, "A"),
        (("one-by-one", "ucs2-not-needed"), 100, "A"),
        (("address-content",), 97, "A"),
        (("esm-class",), 90, "B"),
        (("esm-class", "priority-flag", "address-content"), 77, "C"),
        (("esm-class", "priority-flag", "two-texts", "utf8-as-default"), 60, "D"),
        (
            ("esm-class", "priority-flag", "two-texts", "utf8-as-default", "address-ton", "address-npi"),
            40,
            "F",
        ),
    ],
)
def test_the_grade_is_a_sum_that_anybody_can_follow(names: tuple[str, ...], score: int, letter: str) -> None:
    report = report_of(wire_with(*names).grader)
    assert (report.score, report.letter) == (score, letter)
    assert report.sum_words.endswith(f"= {score}")


def test_how_often_a_rule_is_broken_costs_nothing_more() -> None:
    assert report_of(wire_with(*["esm-class"] * 50).grader).score == 90


def test_the_score_stops_at_zero() -> None:
    names = [name for name in BAD if name not in {"command-length", "stream-cut"}]
    report = report_of(wire_with(*names).grader)
    assert (report.score, report.letter) == (0, "F")
    assert report.sum_words.endswith("= 0")


def test_a_run_without_a_client_has_no_grade_and_fails() -> None:
    report = report_of(Grader())
    assert report.letter == "-"
    assert all(report.fails(severity) for severity in get_args(Severity))
    assert len(report.not_seen) == len(RULES)


@pytest.mark.parametrize(
    ("names", "fails"),
    [
        ((), ""),
        (("one-by-one",), "note"),
        (("address-content",), "manners note"),
        (("esm-class",), "violation manners note"),
    ],
)
def test_a_run_fails_on_what_is_as_bad_or_worse(names: tuple[str, ...], fails: str) -> None:
    report = report_of(wire_with(*names).grader)
    assert [severity for severity in POINTS if report.fails(severity)] == fails.split()


def test_every_rule_is_broken_kept_or_not_seen() -> None:
    report = report_of(wire_with("esm-class", "address-content").grader)
    names = [f.rule.id for f in report.findings] + [r.id for r in (*report.kept, *report.not_seen)]
    assert sorted(names) == sorted(rule.id for rule in RULES)
    assert names[:2] == ["esm-class", "address-content"]


def test_json_says_everything_and_is_json() -> None:
    report = report_of(wire_with("utf8-as-default").grader)
    said = json.loads(json.dumps(as_json(report)))
    (finding,) = said["findings"]
    assert finding["rule"] == "utf8-as-default"
    assert (finding["count"], finding["checked"]) == (1, 3)
    assert finding["first"] == finding["last"] == finding["examples"][0]["at"]
    assert finding["examples"][0]["hex"].startswith("000000")
    assert {"name", "value", "hex", "offset"} == set(finding["examples"][0]["fields"][0])
    assert said["rules"]["broken"] + said["rules"]["kept"] + said["rules"]["not_seen"] == len(RULES)
    assert said["seen"]["messages"] == 3


def test_times_are_written_for_people() -> None:
    assert moment(START + 0.5) == "2027-01-15 08:00:00.500Z"


def test_letters_reach_down_to_zero() -> None:
    assert LETTERS[-1][0] == 0
