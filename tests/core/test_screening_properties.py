"""Whatever octets an account submits, in whichever PDU and coding: taken or refused, and nothing breaks."""

import datetime
from functools import cache

from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.policy import STATUS_NAMES
from smpp_router.compliance.screener import Screener
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.config_compliance import (
    ComplianceConfig,
    HoursConfig,
    RegistrationConfig,
    ScreenedClassConfig,
    SignatureConfig,
    TemplateConfig,
)
from smpp_router.lexicon_files import load_terms, load_text_model
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm, DataSmResp, Pdu, SmeAddress, SubmitMulti, SubmitMultiResp, SubmitSm
from tests.core.talk import Talk

CONFIG = ComplianceConfig(
    registrations=(
        RegistrationConfig(
            account="bank",
            kind="bank",
            signatures=(SignatureConfig(text="示例银行"),),
            templates=(TemplateConfig(id="T", text="【示例银行】验证码{code:code}，{note}"),),
        ),
        RegistrationConfig(account="shop", kind="shop"),
        RegistrationConfig(account="ministry", kind="government"),
    ),
    classes=(
        ScreenedClassConfig(name="default", kind="verification"),
        ScreenedClassConfig(name="once", kind="marketing", hours=HoursConfig(by_recipient=True)),
        ScreenedClassConfig(name="urgent", kind="government"),
    ),
    parts_wait_s=1.0,
)
KNOWN = {*STATUS_NAMES, *c.STATUS_CODES.values()}


@cache
def words() -> TextScreen:
    return TextScreen(Keywords(load_terms(None)), load_text_model(None), datetime.date(2027, 1, 15))


texts = st.one_of(
    st.text(max_size=70),
    st.text(alphabet="【】示例银行验证码123拒收请回复R。.:/?=@%#httpscom\u200b亻ⓥ優*", max_size=70),
    st.sampled_from(
        [
            "【示例银行】验证码123456，请勿泄露",
            "http://[",
            "https://[::1",
            "【" * 70,
            "%" * 70,
            "xn--.cn",
            "a" * 70,
        ]
    ),
)
octets = st.one_of(
    st.binary(max_size=140),
    texts.map(lambda text: text.encode("utf-16-be", "surrogatepass")[:140]),
    texts.map(lambda text: text.encode("utf-8", "surrogatepass")[:140]),
    # A UDH, sound or not, before something.
    st.builds(lambda length, rest: bytes([length]) + rest, st.integers(0, 255), st.binary(max_size=100)),
    st.builds(
        lambda head, reference, total, part, rest: head + bytes([reference, total, part]) + rest,
        st.sampled_from([b"\x05\x00\x03", b"\x06\x08\x04\x00", b"\x05\x00\x04", b"\x00\x00\x03"]),
        st.integers(0, 2),
        st.integers(0, 4),
        st.integers(0, 4),
        st.binary(max_size=60),
    ),
)
codings = st.one_of(st.sampled_from([0, 1, 2, 3, 4, 8, 0xF0, 0xF5, 0x18]), st.integers(0, 255))
esm_classes = st.sampled_from([0, 0x40, 0x03, 0x43, 0x04, 0xC0, 0xFF])
tags = st.one_of(
    st.sampled_from([0x020C, 0x020E, 0x020F, 0x1400, 0x1401, 0x1402, c.TAG_MESSAGE_PAYLOAD]),
    st.integers(0, 0xFFFF),
)
tlvs = st.lists(st.tuples(tags, st.binary(max_size=40)), max_size=4).map(tuple)
destinations = st.sampled_from(
    [b"8613900000001", b"8613000000001", b"12025550100", b"1", b"", b"abc", b"99999999999999999999"]
)
payloads = octets.map(lambda value: ((c.TAG_MESSAGE_PAYLOAD, value),))

submit_sm = st.builds(
    SubmitSm,
    destination_addr=destinations,
    source_addr=st.sampled_from([b"106900", b"", b"\xff\xfe", b"NAME"]),
    short_message=octets,
    data_coding=codings,
    esm_class=esm_classes,
    tlvs=tlvs,
)
data_sm = st.builds(
    DataSm, destination_addr=destinations, data_coding=codings, esm_class=esm_classes, tlvs=payloads
)
submit_multi = st.builds(
    SubmitMulti,
    dest_addresses=st.lists(destinations.map(lambda one: SmeAddress(1, 1, one)), max_size=3).map(tuple),
    short_message=octets,
    data_coding=codings,
    esm_class=esm_classes,
    tlvs=tlvs,
)


@given(
    st.lists(
        st.tuples(st.sampled_from(["bank", "shop", "ministry"]), st.one_of(submit_sm, data_sm, submit_multi)),
        max_size=6,
    )
)
@settings(deadline=None, max_examples=60)
def test_any_octets_have_an_answer_and_a_verdict_and_break_nothing(sent: list[tuple[str, Pdu]]) -> None:
    talk = Talk(screener=Screener(CONFIG, words(), lambda: 0.0))
    talk.link("mobile")
    esmes = {name: talk.esme(name, version=0x50) for name in ("bank", "shop", "ministry")}
    for name, pdu in sent:
        esmes[name].send(pdu)
    talk.settle()
    talk.wait(3.0)
    answers = [answer for esme in esmes.values() for answer in esme.answers]
    assert len(answers) == len(sent)
    for answer in answers:
        assert answer.command_status in KNOWN, hex(answer.command_status)
        if isinstance(answer, SubmitMultiResp):
            assert all(one.error_status_code in KNOWN for one in answer.unsuccess_sme)
        elif isinstance(answer, DataSmResp) and not answer.command_status:
            assert answer.message_id
    screening = talk.exchange.screening
    assert screening is not None
    assert [(rule.name, rule.last_error) for rule in screening.screener.rulebook if rule.failed] == []
