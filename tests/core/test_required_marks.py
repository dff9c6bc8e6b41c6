from collections.abc import Callable
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.compliance.screener import Screener
from smpp_router.config import ClassConfig, MarkConfig
from smpp_router.config_compliance import ComplianceConfig
from smpp_router.core.required_marks import RequiredMarks
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import ReplaceSm, SubmitSm
from tests.core.talk import Esme, Talk, account, configuration

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


def part(number: int, words: str, total: int = 2, reference: int = 7) -> SubmitSm:
    pdu = text(words, esm_class=0x40)
    pdu.short_message = bytes([5, 0, 3, reference, total, number]) + pdu.short_message
    return pdu


def sar_part(number: int, words: str, total: int = 2) -> SubmitSm:
    sar = (
        (c.TAG_SAR_MSG_REF_NUM, b"\0\7"),
        (c.TAG_SAR_TOTAL_SEGMENTS, bytes((total,))),
        (c.TAG_SAR_SEGMENT_SEQNUM, bytes((number,))),
    )
    return text(words, tlvs=sar)


@pytest.mark.parametrize("made", [part, sar_part])
def test_where_nobody_holds_parts_together_the_first_must_carry_all_marks(
    made: Callable[[int, str], SubmitSm],
) -> None:
    marks = required(AGENCY, FILING)
    assert marks.refusal(made(1, "【市政府】停水 备案号:12345678"), "gsm") == c.ESME_ROK
    assert marks.refusal(made(2, "通知"), "gsm") == c.ESME_ROK
    assert marks.refusal(made(1, "【市政府】停水"), "gsm") == STATUS
    assert marks.refusal(made(1, "停水"), "gsm") == STATUS


@pytest.mark.parametrize("made", [part, sar_part])
def test_where_somebody_does_no_part_is_judged_alone(made: Callable[[int, str], SubmitSm]) -> None:
    marks = required(AGENCY)
    for number in (1, 2):
        assert marks.refusal(made(number, "停水"), "gsm", are_parts_joined=True) == c.ESME_ROK
    assert marks.refusal(part(1, "停水", total=1), "gsm", are_parts_joined=True) == STATUS
    assert marks.refusal(text("停水"), "gsm", are_parts_joined=True) == STATUS


def test_the_whole_of_a_long_message_has_the_text_and_the_parameters_of_all_its_parts() -> None:
    marks = required(AGENCY, IN_TLV)
    one, other = text("a"), text("b", tlvs=((0x1501, b"GOV-77"),))
    assert marks.of_whole("【市政府】停水", [one, other]) is None
    verdict = marks.of_whole("停水", [one, other])
    assert verdict is not None
    assert (verdict.action, verdict.command_status) == ("refuse", STATUS)
    assert "agency" in verdict.symbols[0].reason
    assert marks.of_whole("【市政府】停水", [one, one]) is not None
    assert marks.missing == {"agency": 1, "filing": 1}


SCREENED = ComplianceConfig(regime="none", registration_required=False, parts_wait_s=10.0)
GOVERNMENT = ClassConfig(
    name="default", required_marks=(AGENCY, FILING), missing_mark_status="ESME_RINVSERTYP"
)


def ministry(*, is_screened: bool) -> Talk:
    screener = Screener(SCREENED, None, lambda: 0.0) if is_screened else None
    return Talk(configuration(classes=(GOVERNMENT,), accounts=(account("bank"),)), screener=screener)


def send(esme: Esme, *pdus: SubmitSm) -> None:
    for pdu in pdus:
        esme.submit(
            **{name: getattr(pdu, name) for name in ("data_coding", "esm_class", "short_message", "tlvs")}
        )
        esme.talk.settle()


WORDS = ("【市政府】明日八时至二十时", "城区停水检修，请提前", "储水。备案号:12345678")


@given(st.permutations([1, 2, 3]))
@settings(max_examples=6)
def test_marks_may_stand_anywhere_in_a_screened_long_message_and_parts_come_in_any_order(
    order: list[int],
) -> None:
    talk = ministry(is_screened=True)
    link, esme = talk.link("mobile"), talk.esme("bank")
    send(esme, *[part(number, WORDS[number - 1], total=3) for number in order])
    assert esme.statuses == [c.ESME_ROK] * 3
    assert len(link.submits) == 3
    assert talk.exchange.intake.marks["default"].missing == {}


@given(st.permutations([1, 2, 3]))
@settings(max_examples=6)
def test_a_screened_long_message_without_a_mark_is_refused_whole(order: list[int]) -> None:
    talk = ministry(is_screened=True)
    link, esme = talk.link("mobile"), talk.esme("bank")
    words = (*WORDS[:2], "储水。")
    send(esme, *[part(number, words[number - 1], total=3) for number in order])
    assert esme.statuses == [c.ESME_ROK, c.ESME_ROK, STATUS]
    assert link.submits == []
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED] * 2
    assert talk.exchange.intake.marks["default"].missing == {"filing number": 1}
    assert len(talk.exchange.flight) == 0


def test_a_mark_that_is_cut_in_two_is_found() -> None:
    talk = ministry(is_screened=True)
    link, esme = talk.link("mobile"), talk.esme("bank")
    send(esme, part(1, "【市政府】停水 备案号:1234"), part(2, "5678"))
    assert len(link.submits) == 2


def test_what_there_is_of_a_long_message_is_judged_when_nothing_more_comes() -> None:
    talk = ministry(is_screened=True)
    link, esme = talk.link("mobile"), talk.esme("bank")
    send(esme, part(1, "【市政府】停水"), part(1, "【市政府】停水 备案号:12345678", reference=8))
    talk.wait(11.0)
    assert len(link.submits) == 1
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]


def test_marks_of_a_long_message_go_by_a_reload() -> None:
    talk = ministry(is_screened=True)
    link, esme = talk.link("mobile"), talk.esme("bank")
    send(esme, part(1, "停水"))
    talk.reload(classes=(ClassConfig(name="default"),))
    send(esme, part(2, "通知"))
    assert len(link.submits) == 2


@pytest.mark.parametrize("is_screened", [False, True])
def test_a_new_text_needs_the_marks_too(is_screened: bool) -> None:
    talk = ministry(is_screened=is_screened)
    esme = talk.esme("bank")
    send(esme, text("【市政府】停水 备案号:12345678"))
    (message_id,) = esme.message_ids

    def replaced(words: str) -> int:
        esme.send(
            ReplaceSm(message_id=message_id, source_addr=b"106900", short_message=words.encode("utf-16-be"))
        )
        talk.settle()
        return esme.statuses[-1]

    assert replaced("不停水了") == STATUS
    assert replaced("【市政府】不停水了 备案号:12345678") == c.ESME_ROK
    link = talk.link("mobile")
    talk.wait(1.0)
    link.accept(b"1")
    talk.settle()
    assert replaced("【市政府】停水 备案号:12345678") == c.ESME_RREPLACEFAIL


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
