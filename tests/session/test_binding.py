"""What is said of versions in a bind and in what answers it."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.session.binding import INTERFACE_VERSION, acceptance, agreed_version
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import encode
from tests.session.peers import RESPONSE, bind

BINDS = [c.BIND_TRANSMITTER, c.BIND_RECEIVER, c.BIND_TRANSCEIVER]
versions = st.integers(0, 255)


@given(command_id=st.sampled_from(BINDS), number=st.integers(0, 0xFFFFFFFF), theirs=versions, told=versions)
def test_a_bind_is_accepted_by_its_own_response_which_tells_3_4_and_later_a_version(
    command_id: int, number: int, theirs: int, told: int
) -> None:
    is_told = theirs >= INTERFACE_VERSION and told > 0
    tlvs = ((c.TAG_SC_INTERFACE_VERSION, bytes([told])),) if is_told else ()
    expected = p.BindResp(number, c.ESME_ROK, command_id | RESPONSE, b"mc", tlvs)
    assert acceptance(bind(command_id, number, theirs), b"mc", told) == encode(expected)


@given(ours=versions, told=versions)
def test_the_lower_of_two_versions_is_spoken(ours: int, told: int) -> None:
    tlvs = ((c.TAG_SC_INTERFACE_VERSION, bytes([told])),)
    resp = p.BindResp(1, c.ESME_ROK, c.BIND_TRANSCEIVER_RESP, b"mc", tlvs)
    assert agreed_version(bind(interface_version=ours), resp) == min(ours, told)


@given(ours=versions)
def test_who_is_told_no_version_speaks_the_one_that_it_named(ours: int) -> None:
    resp = p.BindResp(1, c.ESME_ROK, c.BIND_TRANSCEIVER_RESP, b"mc")
    assert agreed_version(bind(interface_version=ours), resp) == ours


@pytest.mark.parametrize(
    "resp",
    [
        p.BindResp(1, c.ESME_RINVPASWD, c.BIND_TRANSCEIVER_RESP, b"mc"),
        p.HeaderOnly(1, c.ESME_ROK, c.GENERIC_NACK),
        p.SubmitSmResp(1, c.ESME_ROK, message_id=b"1"),
    ],
    ids=lambda resp: c.command_name(resp.command_id),
)
def test_a_response_that_accepts_no_bind_agrees_on_nothing(resp: p.Pdu) -> None:
    assert agreed_version(bind(), resp) is None
