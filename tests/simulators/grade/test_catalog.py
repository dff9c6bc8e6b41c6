import re
from pathlib import Path

import pytest

from simulators.grade.catalog import BY_ID, RULES
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.multipart import split_text
from smpp_router.wire.pdu import Outbind
from tests.simulators.grade.bad_clients import ALSO, BAD
from tests.simulators.grade.wires import Wire

PAGE = Path(__file__).parents[3] / "docs" / "simulator" / "grade.md"


def good_client() -> Wire:
    """A client that does everything, and nothing wrong."""
    wire = Wire().connect()
    wire.reply(encode(Outbind(sequence_number=1, system_id=b"c", password=b"secret")))
    wire.bind().unbind().close()
    wire.connect().bind(status=c.ESME_RBINDFAIL).close().wait(30.0).bound()
    for text in ("Hello", "中文短信", "a long one " * 30, "[€] " * 60, "表情😀" * 40):
        for segment in split_text(text, reference=len(text)):
            wire.submit(
                esm_class=segment.esm_class,
                data_coding=segment.data_coding,
                short_message=segment.short_message,
                validity_period=b"000001000000000R",
            )
    wire.submit(short_message=b"", tlvs=((c.TAG_MESSAGE_PAYLOAD, b"a" * 300),))
    for segment in split_text("a long one " * 30, method="sar", reference=3):
        wire.submit(short_message=segment.short_message, tlvs=segment.tlvs)
    wire.wait(5.0)
    # Several under way; slowing down when told to; again after a pause.
    for i in range(10):
        wire.submit(short_message=b"%d" % i)
    numbers = [wire.submit(status=None, short_message=b"under way %d" % i) for i in range(9)]
    wire.now += 0.1
    for number in reversed(numbers):
        wire.answer(number)
    wire.submit(c.ESME_RTHROTTLED)
    wire.wait(1.5)
    wire.submit()
    for _ in range(12):
        wire.deliver()
    number = wire.ask(c.ENQUIRE_LINK)
    wire.send(header_only(c.ENQUIRE_LINK_RESP, 0, number))
    for _ in range(3):
        wire.wait(30.0)
        number = wire.send(header_only(c.ENQUIRE_LINK, 0, wire.number + 1))
        wire.number += 1
        wire.reply(header_only(c.ENQUIRE_LINK_RESP, 0, number))
    number = wire.ask(c.UNBIND)
    wire.send(header_only(c.UNBIND_RESP, 0, number))
    wire.close().bound()
    return wire


def test_a_good_client_has_no_finding() -> None:
    wire = good_client()
    assert wire.end() == set()


def test_a_good_client_puts_nearly_every_rule_to_the_test() -> None:
    wire = good_client()
    wire.end()
    # What only a client that does it wrong gives occasion for.
    assert set(BY_ID) - set(wire.grader.checked) == {
        "enquire-link-unanswered",
        "deliver-unanswered",
        "request-after-unbind",
        "tlv-unreadable",
        "part-given-up",
    } - set(wire.grader.checked)


@pytest.mark.parametrize("rule", BAD)
def test_a_bad_client_breaks_its_rule_and_no_other(rule: str) -> None:
    wire = Wire().bound()
    wire.submit()
    wire.submit()
    BAD[rule](wire)
    found = wire.end()
    assert rule in found
    assert found - {rule} - ALSO.get(rule, set()) == set()
    finding = wire.grader.findings[rule]
    assert finding.count <= wire.grader.checked[rule]
    assert finding.first_at <= finding.last_at <= wire.now
    assert all(example.detail for example in finding.examples)


def test_every_rule_has_its_bad_client() -> None:
    assert set(BAD) == set(BY_ID)


def test_every_rule_stands_in_the_documentation_as_it_is() -> None:
    rows = re.findall(
        r"^\| `([^`]+)` \| ([^|]+) \| ([^|]+) \| ([^|]+) \|", PAGE.read_text("utf-8"), re.MULTILINE
    )
    documented = {name: (severity, what, section) for name, severity, what, section in rows}
    names = {"violation": "violation", "manners": "bad manners", "note": "note"}
    assert documented == {rule.id: (names[rule.severity], rule.title, rule.section) for rule in RULES}


def test_the_program_in_the_documentation_runs(capsys: pytest.CaptureFixture[str]) -> None:
    (program,) = re.findall(r"```python\n(.*?)```", PAGE.read_text("utf-8"), re.DOTALL)
    exec(compile(program, str(PAGE), "exec"), {})  # noqa: S102 - it is ours
    assert capsys.readouterr().out == "-\n"


def test_every_rule_says_where_it_is_written_and_what_to_do() -> None:
    place = re.compile(r"(SMPP 3\.4 sections? [2-7]\.\d|3GPP TS 23\.0(38|40) section \d)")
    assert [rule.id for rule in RULES if not place.match(rule.section)] == []
    assert [rule.id for rule in RULES if not rule.advice.endswith((".", "'utf-16-be'."))] == []
