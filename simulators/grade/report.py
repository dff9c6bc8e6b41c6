# One grade for a run, computed so that anybody can follow it:
#
#   100 points, less 10 for each rule of the specification that was broken, less 3 for each of good manners
#   A from 90 without a violation, B from 80, C from 65, D from 50, F below; - if nothing bound
#
# How often a rule was broken costs nothing more: a client that is wrong is wrong every time. What was never
# put to the test costs nothing and earns nothing; it is listed.
"""The outcome of a run, as plain values."""

from datetime import UTC, datetime
from typing import Any, Final

import attrs

from simulators.grade.catalog import RULES
from simulators.grade.dissect import hex_of
from simulators.grade.findings import Example, Finding
from simulators.grade.grader import Grader
from simulators.grade.rule import SEVERITIES, Rule, Severity

POINTS: Final[dict[Severity, int]] = {"violation": 10, "manners": 3, "note": 0}
"""What a broken rule costs."""
LETTERS: Final = ((90, "A"), (80, "B"), (65, "C"), (50, "D"), (0, "F"))
NOTHING_SEEN: Final = "-"
SEVERITY_NAMES: Final[dict[Severity, str]] = {
    "violation": "violation",
    "manners": "bad manners",
    "note": "note",
}


@attrs.frozen(kw_only=True)
class Report:
    """What a run came to. `findings` has the worst first."""

    score: int
    letter: str
    findings: tuple[Finding, ...]
    kept: tuple[Rule, ...]
    """Put to the test and never broken."""
    not_seen: tuple[Rule, ...]
    """Never put to the test: what nothing is known of."""
    checks: dict[str, int]
    counters: dict[str, int]
    started_at: float
    ended_at: float

    def count(self, severity: Severity) -> int:
        """How many rules of a severity were broken."""
        return sum(finding.rule.severity == severity for finding in self.findings)

    def fails(self, fail_on: Severity) -> bool:
        """Whether something as bad as `fail_on`, or worse, was found, or nothing was seen at all."""
        worst = SEVERITIES[: SEVERITIES.index(fail_on) + 1]
        return self.letter == NOTHING_SEEN or any(self.count(severity) for severity in worst)

    @property
    def sum_words(self) -> str:
        """The sum that makes the score."""
        violations, manners = self.count("violation"), self.count("manners")
        return (
            f"100 - {violations} x {POINTS['violation']} (violations)"
            f" - {manners} x {POINTS['manners']} (bad manners) = {self.score}"
        )


def report_of(grader: Grader) -> Report:
    """Sum up what a grader has seen so far."""
    findings = sorted(
        grader.findings.values(),
        key=lambda finding: (SEVERITIES.index(finding.rule.severity), -finding.count, finding.rule.id),
    )
    score = max(0, 100 - sum(POINTS[finding.rule.severity] for finding in findings))
    counters = {name: int(value) for name, value in attrs.asdict(grader.counters).items()}
    is_clean = all(finding.rule.severity != "violation" for finding in findings)
    return Report(
        score=score,
        letter=_letter(score, is_clean) if counters["binds"] or findings else NOTHING_SEEN,
        findings=tuple(findings),
        kept=tuple(rule for rule in RULES if rule.id in grader.checked and rule.id not in grader.findings),
        not_seen=tuple(rule for rule in RULES if rule.id not in grader.checked),
        checks=dict(grader.checked),
        counters=counters,
        started_at=grader.started_at or 0.0,
        ended_at=grader.ended_at,
    )


def _letter(score: int, is_clean: bool) -> str:
    letter = next(letter for least, letter in LETTERS if score >= least)
    return "B" if letter == "A" and not is_clean else letter


def moment(unix_s: float) -> str:
    """Write a time for people, in UTC, to the millisecond."""
    return datetime.fromtimestamp(unix_s, UTC).strftime("%Y-%m-%d %H:%M:%S.%f")[:-3] + "Z"


def as_json(report: Report) -> dict[str, Any]:
    """Everything, for programs."""
    return {
        "grade": report.letter,
        "score": report.score,
        "sum": report.sum_words,
        "started": moment(report.started_at),
        "ended": moment(report.ended_at),
        "seconds": round(report.ended_at - report.started_at, 3),
        "seen": report.counters,
        "rules": {
            "broken": len(report.findings),
            "kept": len(report.kept),
            "not_seen": len(report.not_seen),
        },
        "findings": [_finding(finding, report) for finding in report.findings],
        "kept": [rule.id for rule in report.kept],
        "not_seen": [{"rule": rule.id, "what": rule.title, "on": rule.on.value} for rule in report.not_seen],
    }


def _finding(finding: Finding, report: Report) -> dict[str, Any]:
    rule = finding.rule
    return {
        "rule": rule.id,
        "group": rule.group,
        "severity": rule.severity,
        "what": rule.title,
        "section": rule.section,
        "advice": rule.advice,
        "count": finding.count,
        "checked": report.checks.get(rule.id, 0),
        "first": moment(finding.first_at),
        "last": moment(finding.last_at),
        "examples": [_example(example) for example in finding.examples],
    }


def _example(example: Example) -> dict[str, Any]:
    fields = example.fields
    return {
        "at": moment(example.at),
        "connection": example.connection,
        "peer": example.peer,
        "system_id": example.system_id,
        "detail": example.detail,
        "hex": hex_of(fields),
        "fields": [attrs.asdict(field) for field in fields],
    }
