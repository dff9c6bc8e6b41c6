# One test case a rule: broken rules are failures (notes are not, they go to system-out), and rules that were
# never put to the test are skipped. That is how build servers show them best.
"""The report as JUnit XML."""

import re
from typing import Final
from xml.etree import ElementTree as ET

from simulators.grade.catalog import RULES
from simulators.grade.dissect import hex_of
from simulators.grade.findings import Finding
from simulators.grade.report import Report, moment

SUITE: Final = "smpp-carriers grade"
_NOT_XML: Final = re.compile(r"[^\t\n\r\x20-\ud7ff\ue000-\ufffd\U00010000-\U0010ffff]")
"""What no XML 1.0 document may hold: a client's texts hold anything."""


def as_junit(report: Report) -> str:
    """Write the report as one test suite."""
    findings = {finding.rule.id: finding for finding in report.findings}
    failed = [finding for finding in report.findings if finding.rule.severity != "note"]
    suite = ET.Element(
        "testsuite",
        name=SUITE,
        tests=str(len(RULES)),
        failures=str(len(failed)),
        errors="0",
        skipped=str(len(report.not_seen)),
        time=f"{report.ended_at - report.started_at:.3f}",
        timestamp=moment(report.started_at)[:19].replace(" ", "T"),
    )
    properties = ET.SubElement(suite, "properties")
    for name, value in (("grade", report.letter), ("score", str(report.score)), ("sum", report.sum_words)):
        ET.SubElement(properties, "property", name=name, value=value)
    not_seen = {rule.id for rule in report.not_seen}
    for rule in RULES:
        group = rule.group.replace(" ", "_")
        case = ET.SubElement(suite, "testcase", classname=f"grade.{group}", name=rule.id, time="0")
        finding = findings.get(rule.id)
        if rule.id in not_seen:
            ET.SubElement(case, "skipped", message=f"not seen: no occasion ({rule.on.value})")
        elif finding is not None and rule.severity == "note":
            ET.SubElement(case, "system-out").text = _words(finding)
        elif finding is not None:
            message = f"{rule.title} ({rule.section}): {finding.count} times"
            failure = ET.SubElement(case, "failure", type=rule.severity, message=message)
            failure.text = _words(finding)
    ET.indent(suite)
    return '<?xml version="1.0" encoding="UTF-8"?>\n' + ET.tostring(suite, encoding="unicode") + "\n"


def _words(finding: Finding) -> str:
    lines = [
        f"{finding.rule.title}. {finding.rule.advice}",
        f"{finding.count} times, first {moment(finding.first_at)}, last {moment(finding.last_at)}",
    ]
    for example in finding.examples:
        fields = example.fields
        lines += ["", f"{moment(example.at)} {example.peer} {example.system_id}: {example.detail}"]
        if fields:
            lines.append(hex_of(fields))
            lines += [f"  {field.name}: {field.value}" for field in fields]
    return _NOT_XML.sub("\ufffd", "\n".join(lines))
