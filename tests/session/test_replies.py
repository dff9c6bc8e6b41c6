"""What the protocol replies by itself: one row for each kind of PDU that is none of the owner's business."""

import pytest

from smpp_router.session import replies
from smpp_router.session.states import FROM_ESME, FROM_MC, State
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import header_only
from tests.session.peers import bind, submit_sm

NUMBER = 77
BOUND_RX = FROM_ESME[State.BOUND_RX]
enquire_link = p.HeaderOnly(NUMBER, command_id=c.ENQUIRE_LINK)
alert = p.AlertNotification(NUMBER, source_addr=b"447700900123", esme_addr=b"ACME")


@pytest.mark.parametrize(
    ("pdu", "counted", "octets"),
    [
        (enquire_link, "", header_only(c.ENQUIRE_LINK_RESP, c.ESME_ROK, NUMBER)),
        (
            p.UnknownPdu(NUMBER, command_id=0x00010200),
            replies.UNKNOWN,
            header_only(c.GENERIC_NACK, c.ESME_RINVCMDID, NUMBER),
        ),
        (p.UnknownPdu(NUMBER, command_id=0x80010200), replies.STRAY, b""),
        (
            p.Malformed(NUMBER, command_id=c.SUBMIT_SM, answer_status=c.ESME_RINVMSGLEN),
            replies.MALFORMED,
            header_only(c.SUBMIT_SM_RESP, c.ESME_RINVMSGLEN, NUMBER),
        ),
        (p.Malformed(NUMBER, command_id=c.ALERT_NOTIFICATION), replies.MALFORMED, b""),
        (
            submit_sm(NUMBER),
            replies.REFUSED,
            header_only(c.SUBMIT_SM_RESP, c.ESME_RINVBNDSTS, NUMBER),
        ),
        (
            bind(sequence_number=NUMBER),
            replies.REFUSED,
            header_only(c.BIND_TRANSCEIVER_RESP, c.ESME_RALYBND, NUMBER),
        ),
        (alert, replies.REFUSED, b""),
    ],
    ids=lambda value: type(value).__name__ if isinstance(value, p.Pdu) else "",
)
def test_each_pdu_that_is_not_the_owners_has_its_reply(pdu: p.Pdu, counted: str, octets: bytes) -> None:
    assert replies.reply(pdu, BOUND_RX, is_bound=True) == (counted, octets)


def test_a_bind_that_may_not_come_now_is_not_told_that_one_stands() -> None:
    """The ESME waits for the decision on its first bind, or the MC sends a bind: neither side is bound."""
    refusal = header_only(c.BIND_TRANSCEIVER_RESP, c.ESME_RINVBNDSTS, NUMBER)
    for allowed in (FROM_ESME[State.BINDING], FROM_MC[State.OPEN]):
        assert replies.reply(bind(sequence_number=NUMBER), allowed, is_bound=False) == (
            replies.REFUSED,
            refusal,
        )


def test_on_a_closed_session_not_even_a_probe_is_welcome() -> None:
    assert replies.reply(enquire_link, FROM_MC[State.CLOSED], is_bound=False) == (
        replies.REFUSED,
        header_only(c.ENQUIRE_LINK_RESP, c.ESME_RINVBNDSTS, NUMBER),
    )
