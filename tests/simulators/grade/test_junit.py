from xml.etree import ElementTree as ET

from simulators.grade.catalog import RULES
from simulators.grade.grader import Grader
from simulators.grade.junit import as_junit
from simulators.grade.report import report_of
from tests.simulators.grade.bad_clients import BAD
from tests.simulators.grade.wires import Wire


def parsed(text: str) -> ET.Element:
    return ET.fromstring(text)  # noqa: S314 - written here


def suite_of(*names: str) -> ET.Element:
    wire = Wire().bound()
    wire.submit()
    wire.submit()
    for name in names:
        BAD[name](wire)
    wire.end()
    return parsed(as_junit(report_of(wire.grader)))


def test_each_rule_is_a_case_failed_skipped_or_passed() -> None:
    suite = suite_of("esm-class", "address-content", "ucs2-not-needed")
    cases = {case.get("name"): case for case in suite.iter("testcase")}
    assert list(cases) == [rule.id for rule in RULES]
    assert suite.get("tests") == str(len(RULES))
    failed = [name for name, case in cases.items() if case.find("failure") is not None]
    assert failed == ["address-content", "esm-class"]
    assert suite.get("failures") == "2"
    skipped = [name for name, case in cases.items() if case.find("skipped") is not None]
    assert suite.get("skipped") == str(len(skipped))
    assert "parts-missing" in skipped
    assert cases["ucs2-not-needed"].find("failure") is None
    assert "GSM 03.38 would do" in (cases["ucs2-not-needed"].findtext("system-out") or "")


def test_a_failure_says_what_where_how_often_and_shows_the_pdu() -> None:
    failure = next(suite_of("esm-class").iter("failure"))
    assert failure.get("type") == "violation"
    assert failure.get("message") == "Reserved bits in esm_class (SMPP 3.4 section 5.2.12): 1 times"
    text = failure.text or ""
    assert "esm_class: 4 (0x04)" in text
    assert "2027-01-15" in text


def test_the_grade_is_a_property() -> None:
    properties = {one.get("name"): one.get("value") for one in suite_of("esm-class").iter("property")}
    assert (properties["grade"], properties["score"]) == ("B", "90")


def test_what_no_xml_may_hold_is_replaced() -> None:
    wire = Wire().bound()
    wire.submit(service_type=b"\x01\x02<]]>\x1b\xff\xfe", esm_class=4, short_message=bytes(range(32)))
    wire.end()
    text = as_junit(report_of(wire.grader))
    assert parsed(text).get("failures") == "2"
    assert "\x1b" not in text


def test_a_run_without_a_client_is_xml_too() -> None:
    suite = parsed(as_junit(report_of(Grader())))
    assert suite.get("skipped") == suite.get("tests")


def test_the_document_begins_as_it_always_has() -> None:
    wire = Wire().bound()
    wire.end()
    lines = as_junit(report_of(wire.grader)).splitlines()
    assert lines[0] == '<?xml version="1.0" encoding="UTF-8"?>'
    assert lines[1].startswith(f'<testsuite name="smpp-carriers grade" tests="{len(RULES)}" failures="0"')
    assert lines[2:4] == ["  <properties>", '    <property name="grade" value="A" />']
    assert lines[-1] == "</testsuite>"
