from typing import Any

from smpp_router.config import ClassConfig, MarkConfig
from smpp_router.core.required_marks import RequiredMarks
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import SubmitSm
from tests.core.talk import Talk, account, configuration

AGENCY = MarkConfig(name="agency", pattern="^【[^】]{2,20}】")
FILING = MarkConfig(name="filing number", pattern="备案号[:：]?[0-9]{8}")
IN_TLV = MarkConfig(name="filing", pattern="^GOV-[0-9]+$", tlv=0x1501)
STATUS = c.ESME_RINVSERTYP


def required(*marks: MarkConfig) -> RequiredMarks:
    class_ = ClassConfig(name="government", required_marks=marks, missing_mark_status="ESME_RINVSERTYP")
    found = RequiredMarks.of(class_)
    assert found is not None
    return found


def text(words: str, **fields: Any) -> SubmitSm:
    return SubmitSm(short_message=words.encode("utf-16-be"), data_coding=8, **fields)


def test_a_class_without_marks_has_none() -> None:
    assert RequiredMarks.of(ClassConfig(name="bulk")) is None


def test_a_message_with_all_marks_is_taken_and_one_without_any_of_them_is_not() -> None:
    marks = required(AGENCY, FILING)
    assert marks.refusal(text("【市政府】停水通知 备案号:12345678"), "gsm") == c.ESME_ROK
    assert marks.refusal(text("停水通知 备案号:12345678"), "gsm") == STATUS
    assert marks.refusal(text("【市政府】停水通知 备案号:1234"), "gsm") == STATUS
    assert marks.refusal(text(""), "gsm") == STATUS
    assert marks.missing == {"agency": 2, "filing number": 1}


def test_a_mark_may_stand_in_an_optional_parameter() -> None:
    marks = required(IN_TLV)
    assert marks.refusal(text("text", tlvs=((0x1501, b"GOV-77"),)), "gsm") == c.ESME_ROK
    assert marks.refusal(text("GOV-77"), "gsm") == STATUS
    assert marks.refusal(text("text", tlvs=((0x1501, b"\xff"),)), "gsm") == STATUS


def test_of_a_long_message_the_first_part_is_looked_at() -> None:
    marks = required(AGENCY)

    def part(number: int, words: str) -> SubmitSm:
        pdu = text(words, esm_class=0x40)
        pdu.short_message = bytes([5, 0, 3, 7, 2, number]) + pdu.short_message
        return pdu

    assert marks.refusal(part(1, "【市政府】停水"), "gsm") == c.ESME_ROK
    assert marks.refusal(part(2, "通知"), "gsm") == c.ESME_ROK
    assert marks.refusal(part(1, "停水"), "gsm") == STATUS


def test_the_text_of_a_message_payload_counts() -> None:
    pdu = SubmitSm(data_coding=8, tlvs=((c.TAG_MESSAGE_PAYLOAD, "【市政府】".encode("utf-16-be")),))
    assert required(AGENCY).refusal(pdu, "gsm") == c.ESME_ROK


def test_the_router_refuses_with_the_status_of_the_class_and_takes_the_rest() -> None:
    class_ = ClassConfig(name="default", required_marks=(AGENCY,), missing_mark_status="ESME_RINVSERTYP")
    talk = Talk(configuration(classes=(class_,), accounts=(account("bank"),)))
    link, esme = talk.link("mobile"), talk.esme("bank")
    esme.submit(short_message=b"no mark")
    esme.submit(short_message="【市政府】".encode("utf-16-be"), data_coding=8)
    talk.settle()
    assert sorted(esme.statuses) == [c.ESME_ROK, STATUS]
    assert len(link.submits) == 1
    assert talk.exchange.intake.marks["default"].missing == {"agency": 1}
