"""What carriers are told of how long a message may last."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.config import ClassConfig, ValidityStyle
from smpp_router.core.validity import RELATIVE_MAX_S, validity_field, with_validity
from smpp_router.message.message import Message
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode, encode_body
from smpp_router.wire.pdu import ReplaceSm, SubmitSm
from smpp_router.wire.times import format_absolute, parse_time
from tests.core.ministry import Ministry
from tests.core.talk import START, Link, Talk, account, carrier, configuration

STYLES: tuple[ValidityStyle, ...] = ("relative", "absolute", "none")
FIVE_MINUTES = b"000000000500000R"
FOUR_MINUTES = b"000000000400000R"


def told(link: Link) -> list[bytes]:
    return [submit.validity_period for submit in link.submits]


def codes(**habits: Any) -> Talk:
    """Somebody whose messages last five minutes, and a carrier with these habits."""
    accounts = (account("bank", validity_s=300.0),)
    return Talk(configuration(accounts=accounts, carriers=(carrier("mobile", **habits), carrier("unicom"))))


def test_a_message_without_a_validity_goes_out_with_that_of_its_account() -> None:
    talk = codes()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    assert told(link) == [FIVE_MINUTES]
    assert link.submits[0].short_message == b"hello"


def test_a_message_without_a_validity_goes_out_with_that_of_its_class() -> None:
    talk = Talk(
        configuration(classes=(ClassConfig(name="default", validity_s=240.0),), accounts=(account("bank"),))
    )
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    assert told(link) == [FOUR_MINUTES]


@pytest.mark.parametrize("asked", [b"", FIVE_MINUTES, format_absolute(START + 300.0)])
def test_what_has_waited_for_its_carrier_goes_out_with_what_is_left(asked: bytes) -> None:
    talk = codes()
    talk.esme("bank").submit(validity_period=asked)
    talk.wait(60.0)
    link = talk.link("mobile")
    talk.settle()
    assert told(link) == [FOUR_MINUTES]


@pytest.mark.parametrize("asked", [b"", FIVE_MINUTES])
def test_what_one_carrier_has_kept_without_an_answer_goes_to_the_next_with_what_is_left(asked: bytes) -> None:
    talk = codes()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit(validity_period=asked)
    talk.settle()
    assert told(first) == [FIVE_MINUTES]
    talk.now += 60.0
    first.refuse(c.ESME_RSYSERR)
    talk.settle()
    assert told(second) == [FOUR_MINUTES]


def test_a_copy_on_a_further_path_lasts_no_longer_than_the_first() -> None:
    talk = Ministry()
    talk.submit(validity_period=FIVE_MINUTES)
    talk.accept("mobile", b"m1")
    talk.wait(60.0)
    (submit,) = talk.carrier_links["unicom"].submits
    asked = parse_time(submit.validity_period, 0.0)
    assert asked is not None
    assert 240.0 < asked < 300.0


@pytest.mark.parametrize("asked", [b"", FIVE_MINUTES, format_absolute(START + 300.0)])
def test_a_carrier_is_told_in_its_own_way(asked: bytes) -> None:
    for style, expected in (
        ("relative", FOUR_MINUTES),
        ("absolute", format_absolute(START + 300.0)),
        ("none", b""),
    ):
        talk = codes(validity_style=style)
        talk.esme("bank").submit(validity_period=asked)
        talk.wait(60.0)
        link = talk.link("mobile")
        talk.settle()
        assert told(link) == [expected]


def test_a_link_without_optional_parameters_and_with_another_alphabet_is_told_it_too() -> None:
    talk = codes(send_tlvs=False, default_alphabet="latin1")
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(short_message=b"a\x00b", tlvs=((c.TAG_USER_MESSAGE_REFERENCE, b"\x00\x01"),))
    talk.settle()
    assert told(link) == [FIVE_MINUTES]
    assert (link.submits[0].short_message, link.submits[0].tlvs) == (b"a@b", ())


@pytest.mark.parametrize(
    ("asked", "expected"),
    [(b"", b""), (b"000000000200000R", b"000000000200000R"), (b"000001000000000R", FOUR_MINUTES)],
)
def test_a_replace_sm_lets_no_carrier_keep_a_message_for_longer(asked: bytes, expected: bytes) -> None:
    talk = codes()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"000A")
    talk.wait(60.0)
    esme.send(
        ReplaceSm(
            message_id=esme.message_ids[0],
            source_addr=b"106900",
            validity_period=asked,
            short_message=b"new",
        )
    )
    talk.settle()
    assert [request.validity_period for request in link.others] == [expected]


names = st.binary(max_size=5).filter(lambda name: 0 not in name)
numbers = st.binary(max_size=20).filter(lambda number: 0 not in number)


@given(
    st.builds(
        SubmitSm,
        service_type=names,
        source_addr_ton=st.integers(0, 255),
        source_addr=numbers,
        dest_addr_npi=st.integers(0, 255),
        destination_addr=numbers,
        esm_class=st.integers(0, 255),
        protocol_id=st.integers(0, 255),
        priority_flag=st.integers(0, 255),
        validity_period=st.sampled_from([b"", FOUR_MINUTES]),
        short_message=st.binary(max_size=20),
        tlvs=st.sampled_from([(), ((c.TAG_USER_MESSAGE_REFERENCE, b"\x00\x01"),)]),
    ),
    st.sampled_from(STYLES),
)
def test_nothing_but_the_validity_is_changed(pdu: SubmitSm, style: ValidityStyle) -> None:
    body = encode_body(pdu)
    start = len(pdu.service_type) + 1
    addresses = body[start : start + 6 + len(pdu.source_addr) + len(pdu.destination_addr)]
    message = Message(1, 1, "bank", "default", body, addresses, 1, START + 300.0)
    (sent,) = with_validity([message], START, style)
    decoded = decode(c.SUBMIT_SM, 0, 0, sent)
    assert isinstance(decoded, SubmitSm)
    pdu.validity_period = {
        "relative": FIVE_MINUTES,
        "absolute": format_absolute(START + 300.0),
        "none": b"",
    }[style]
    assert sent == encode_body(pdu)
    assert decoded.validity_period == pdu.validity_period


@pytest.mark.parametrize("left_s", [-2.0, 0.0, 0.2, 1.0, 86_399.5, 5e6, RELATIVE_MAX_S, 1e15])
def test_whatever_is_left_can_be_said(left_s: float) -> None:
    least, most = max(1.0, left_s), RELATIVE_MAX_S + 1.0
    for style in STYLES[:2]:
        field = validity_field(START + left_s, START, style)
        ends_at = parse_time(field, START)
        assert ends_at is not None
        assert min(least, RELATIVE_MAX_S) - 0.1 <= ends_at - START < min(least + 1.0, most)
