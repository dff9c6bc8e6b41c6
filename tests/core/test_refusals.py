"""What an ESME is told of a refusal, by the version that it bound with."""

from typing import Any

import pytest

from smpp_router.compliance.policy import CONTENT_REFUSED, SIGNATURE_REFUSED
from smpp_router.compliance.screener import Screener
from smpp_router.config_compliance import (
    AnswerConfig,
    ComplianceConfig,
    RegistrationConfig,
    ScreenedClassConfig,
)
from smpp_router.core.refusals import TEXT_OCTETS_MAX, Refusal, refused
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER, decode
from smpp_router.wire.pdu import (
    DataSm,
    DataSmResp,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSmResp,
)
from smpp_router.wire.tlv import find
from tests.core.talk import Talk

TEXT = b"SIGNATURE_MISSING: the text has no signature\0"
UNSIGNED: dict[str, Any] = {"data_coding": 8, "short_message": "您的账单已生成".encode("utf-16-be")}


def talk_of(*answers: AnswerConfig, **changes: Any) -> Talk:
    config = ComplianceConfig(
        registrations=(RegistrationConfig(account="bank", kind="bank"),),
        classes=(ScreenedClassConfig(name="default", kind="notification"),),
        answers=answers,
        **changes,
    )
    return Talk(screener=Screener(config, None, lambda: 0.0))


@pytest.mark.parametrize("version", [0x33, 0x34, 0x50])
def test_an_esme_of_smpp_5_is_told_in_words_and_others_by_status_alone(version: int) -> None:
    talk = talk_of()
    esme = talk.esme("bank", version=version)
    esme.submit(**UNSIGNED)
    talk.settle()
    (answer,) = esme.answers
    assert answer.command_status == SIGNATURE_REFUSED
    assert isinstance(answer, SubmitSmResp)
    assert answer.message_id == b""
    told = ((c.TAG_ADDITIONAL_STATUS_INFO_TEXT, TEXT),) if version == 0x50 else ()
    assert answer.tlvs == told


def test_a_data_sm_is_answered_likewise() -> None:
    talk = talk_of()
    esme = talk.esme("bank", version=0x50)
    payload = ((c.TAG_MESSAGE_PAYLOAD, UNSIGNED["short_message"]),)
    esme.send(DataSm(source_addr=b"106900", destination_addr=b"8613900000001", data_coding=8, tlvs=payload))
    talk.settle()
    (answer,) = esme.answers
    assert isinstance(answer, DataSmResp)
    assert find(answer.tlvs, c.TAG_ADDITIONAL_STATUS_INFO_TEXT) == TEXT


def test_a_submit_multi_tells_the_status_of_each_address() -> None:
    talk = talk_of(AnswerConfig(command_status=0x45))
    esme = talk.esme("bank", version=0x50)
    addresses = tuple(SmeAddress(1, 1, b"8613900000%03d" % number) for number in range(2))
    esme.send(SubmitMulti(source_addr=b"106900", dest_addresses=addresses, **UNSIGNED))
    talk.settle()
    (answer,) = esme.answers
    assert isinstance(answer, SubmitMultiResp)
    assert [one.error_status_code for one in answer.unsuccess_sme] == [0x45, 0x45]


def test_status_and_text_are_those_of_the_account_and_class() -> None:
    talk = talk_of(
        AnswerConfig(accounts=("shop",), command_status=0x46, text="others"),
        AnswerConfig(accounts=("bank",), classes=("default",), command_status=0x45, text="ours"),
    )
    esme = talk.esme("bank", version=0x50)
    esme.submit(**UNSIGNED)
    talk.settle()
    (answer,) = esme.answers
    assert isinstance(answer, SubmitSmResp)
    assert answer.command_status == 0x45
    assert find(answer.tlvs, c.TAG_ADDITIONAL_STATUS_INFO_TEXT) == b"ours\0"


def test_an_action_can_be_that_of_an_account() -> None:
    talk = talk_of(AnswerConfig(symbols=("SIGNATURE_MISSING",), accounts=("bank",), action="tag"))
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(**UNSIGNED)
    talk.settle()
    assert esme.statuses == [c.ESME_ROK]
    assert len(link.submits) == 1


def test_texts_can_be_left_out() -> None:
    talk = talk_of(status_text=False)
    esme = talk.esme("bank", version=0x50)
    esme.submit(**UNSIGNED)
    talk.settle()
    assert isinstance(esme.answers[0], SubmitSmResp)
    assert esme.answers[0].tlvs == ()


def test_a_text_that_is_too_long_or_not_ascii_still_makes_a_sound_pdu() -> None:
    session = talk_of().esme("bank", version=0x50).far
    refusal = Refusal(CONTENT_REFUSED, "不 " * 300)
    octets = refused(session, c.SUBMIT_SM_RESP, 7, refusal)
    length, command_id, status, sequence_number = HEADER.unpack_from(octets)
    assert (length, status, sequence_number) == (len(octets), CONTENT_REFUSED, 7)
    answer = decode(command_id, status, sequence_number, octets[16:])
    assert isinstance(answer, SubmitSmResp)
    text = find(answer.tlvs, c.TAG_ADDITIONAL_STATUS_INFO_TEXT)
    assert text is not None
    assert len(text) == TEXT_OCTETS_MAX + 1
    assert text.startswith(b"? ? ")
