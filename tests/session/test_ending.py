"""How a session comes to its end: what is answered, why it closes, and how long that waits."""

import attrs
import pytest

from smpp_router.session.ending import LAST_ANSWERS_S, Ending
from smpp_router.session.states import Role, State
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import encode, header_only, submit_sm_resp
from tests.session.peers import LIMITS, NOW, bound, deliver_sm, opened, said, submit_sm, summary

MC, ESME = Role.MC, Role.ESME

unbind = p.HeaderOnly(7, command_id=c.UNBIND)


def test_at_first_nothing_ends() -> None:
    ending = Ending()
    assert (ending.is_begun, ending.owes_unbind_resp, ending.awaits_answers) == (False, False, False)
    assert ending.settle(is_unbound=False) == (None, "")


def test_a_peers_unbind_is_answered_once() -> None:
    ending = Ending()
    ending.peer_unbinds(unbind)
    assert (ending.is_begun, ending.owes_unbind_resp, ending.awaits_answers) == (True, True, False)
    assert ending.settle(is_unbound=False) == (unbind, "unbound by peer")
    assert not ending.owes_unbind_resp
    assert ending.settle(is_unbound=False) == (None, "")


def test_a_peers_unbind_comes_before_whatever_else_ends_the_session() -> None:
    ending = Ending()
    ending.stream_ended("peer closed")
    ending.peer_unbinds(unbind)
    assert ending.settle(is_unbound=True) == (unbind, "unbound by peer")


@pytest.mark.parametrize(("is_unbound", "reason"), [(True, "unbound"), (False, "peer closed")])
def test_without_one_it_closes_for_what_has_happened(is_unbound: bool, reason: str) -> None:
    ending = Ending()
    ending.stream_ended("peer closed")
    assert ending.settle(is_unbound) == (None, reason)


def test_the_last_answers_have_their_time_and_its_end_is_told_once() -> None:
    ending = Ending()
    ending.peer_unbinds(unbind, answers_until=105.0)
    assert ending.awaits_answers
    assert not ending.has_waited(104.9)
    assert ending.has_waited(105.0)
    assert not ending.has_waited(106.0)
    assert not ending.awaits_answers


def test_nobody_waits_for_the_answers_of_a_peer_that_sends_no_more() -> None:
    ending = Ending()
    ending.peer_unbinds(unbind, answers_until=105.0)
    ending.stream_ended("peer closed")
    assert not ending.awaits_answers
    assert ending.settle(is_unbound=False) == (unbind, "unbound by peer")


# ---------------------------------------------------------------------- conversations


def test_once_we_unbind_nothing_new_is_sent_and_answers_are_taken() -> None:
    session = bound(MC)
    number = session.request(deliver_sm(), "x", NOW)
    session.unbind(NOW)
    session.unbind(NOW)
    assert [x.command_id for x in said(session)] == [c.DELIVER_SM, c.UNBIND]
    assert (session.can_deliver, session.can_submit, session.is_bound) == (False, False, True)
    arrivals = session.receive(header_only(c.DELIVER_SM_RESP, 0, number) + encode(submit_sm(7)), NOW)
    assert [arrival.sequence_number for arrival in arrivals] == [number, 7]


def test_behind_the_answer_to_our_unbind_nothing_is_handed_out() -> None:
    session = bound(MC)
    session.unbind(NOW)
    (unbind,) = said(session)
    octets = header_only(c.UNBIND_RESP, 0, unbind.sequence_number) + encode(submit_sm(7))
    assert session.receive(octets, NOW) == []
    assert (session.close_reason, session.take_output()) == ("unbound", b"")


def test_what_is_owed_is_answered_before_our_unbind_closes_the_session() -> None:
    session = bound(MC)
    session.receive(encode(submit_sm(2)), NOW)
    session.unbind(NOW)
    (unbind,) = said(session)
    session.receive(header_only(c.UNBIND_RESP, 0, unbind.sequence_number) + encode(submit_sm(3)), NOW)
    assert session.close_reason is None
    session.answer([submit_sm_resp(2, b"1")], 1)
    assert session.close_reason == "unbound"
    assert summary(said(session)) == [
        ("submit_sm_resp", "ESME_RINVBNDSTS", 3),
        ("submit_sm_resp", "ESME_ROK", 2),
    ]


def test_a_carrier_that_unbinds_gives_its_last_answers_before_it_is_answered() -> None:
    session = bound(ESME)
    numbers = [session.request(submit_sm(), n, NOW) for n in range(3)]
    session.take_output()
    arrivals = session.receive(submit_sm_resp(numbers[0], b"1") + header_only(c.UNBIND, 0, 9), NOW)
    assert [arrival.request for arrival in arrivals] == [0]
    assert (session.can_submit, session.close_reason, session.take_output()) == (False, None, b"")
    session.receive(submit_sm_resp(numbers[2], b"3") + encode(deliver_sm(10)), NOW)
    (last,) = session.receive(submit_sm_resp(numbers[1], b"2"), NOW)
    assert (last.request, session.close_reason) == (1, None)
    session.respond(p.DeliverSmResp(10, 0, b""))
    assert summary(said(session)) == [("deliver_sm_resp", "ESME_ROK", 10), ("unbind_resp", "ESME_ROK", 9)]
    assert (session.close_reason, session.lose()) == ("unbound by peer", [])


def test_the_last_answer_of_a_carrier_that_unbinds_ends_the_session_at_once() -> None:
    session = bound(ESME)
    number = session.request(submit_sm(), "x", NOW)
    session.take_output()
    session.receive(header_only(c.UNBIND, 0, 9), NOW)
    session.receive(submit_sm_resp(number, b"1"), NOW)
    assert summary(said(session)) == [("unbind_resp", "ESME_ROK", 9)]
    assert session.close_reason == "unbound by peer"


@pytest.mark.parametrize(("response_s", "waits_s"), [(3.0, 3.0), (60.0, LAST_ANSWERS_S)])
def test_a_carrier_that_unbinds_and_answers_nothing_more_is_not_waited_for_long(
    response_s: float, waits_s: float
) -> None:
    session = bound(ESME, limits=attrs.evolve(LIMITS, response_s=response_s))
    session.request(submit_sm(), "x", NOW)
    session.take_output()
    session.receive(header_only(c.UNBIND, 0, 9), NOW)
    session.receive(header_only(c.ENQUIRE_LINK, 0, 10), NOW + waits_s - 0.2)
    session.tick(NOW + waits_s - 0.1)
    assert summary(said(session)) == [("enquire_link_resp", "ESME_ROK", 10)]
    lost = session.tick(NOW + waits_s)
    assert summary(said(session)) == [("unbind_resp", "ESME_ROK", 9)]
    assert (session.close_reason, lost + session.lose()) == ("unbound by peer", ["x"])


def test_an_esme_that_unbinds_is_answered_at_once_whatever_it_has_not_answered() -> None:
    session = bound(MC)
    session.request(deliver_sm(), "x", NOW)
    session.take_output()
    session.receive(header_only(c.UNBIND, 0, 9), NOW)
    assert summary(said(session)) == [("unbind_resp", "ESME_ROK", 9)]
    assert session.lose() == ["x"]


def test_behind_the_end_of_its_stream_a_peer_gets_what_it_is_owed_and_nothing_new() -> None:
    session = bound(MC)
    session.receive(encode(submit_sm(2)) + encode(submit_sm(3)), NOW)
    session.stream_ended("peer closed")
    assert (session.can_deliver, session.close_reason) == (False, None)
    session.answer([submit_sm_resp(2, b"1")], 1)
    assert session.close_reason is None
    session.answer([submit_sm_resp(3, b"2")], 1)
    assert [x.sequence_number for x in said(session)] == [2, 3]
    assert session.close_reason == "peer closed"


@pytest.mark.parametrize("role", Role)
def test_unbinds_that_cross_are_both_answered(role: Role) -> None:
    session = bound(role)
    session.unbind(NOW)
    (unbind,) = said(session)
    session.receive(header_only(c.UNBIND, 0, 9), NOW)
    assert summary(said(session)) == [("unbind_resp", "ESME_ROK", 9)]
    assert session.close_reason == "unbound by peer"
    assert unbind.command_id == c.UNBIND


def test_a_second_unbind_before_the_first_is_answered_is_refused() -> None:
    session = bound(MC)
    session.receive(encode(submit_sm(2)), NOW)
    session.receive(header_only(c.UNBIND, 0, 3) + header_only(c.UNBIND, 0, 4), NOW)
    session.answer([submit_sm_resp(2, b"1")], 1)
    assert summary(said(session)) == [
        ("unbind_resp", "ESME_RINVBNDSTS", 4),
        ("submit_sm_resp", "ESME_ROK", 2),
        ("unbind_resp", "ESME_ROK", 3),
    ]


@pytest.mark.parametrize("role", Role)
def test_an_unbind_before_a_bind_closes(role: Role) -> None:
    session = opened(role)
    session.unbind(NOW)
    assert session.close_reason == "closed before a bind"
    assert session.take_output() == b""


def test_a_lost_session_gives_back_every_request_that_was_not_answered() -> None:
    session = bound(ESME)
    numbers = [session.request(submit_sm(), n, NOW) for n in range(3)]
    session.receive(submit_sm_resp(numbers[1], b"1"), NOW)
    session.tick(NOW + 30.0)
    session.unbind(NOW + 30.0)
    session.request(submit_sm(), 3, NOW + 30.0)
    assert session.lose() == [0, 2, 3]
    assert session.lose() == []
    assert (session.state, session.close_reason) == (State.CLOSED, "connection lost")


def test_the_first_reason_to_close_stands() -> None:
    session = bound(MC)
    session.close("first")
    session.close("second")
    session.lose()
    assert session.close_reason == "first"


def test_a_closing_session_carries_no_more_messages() -> None:
    session = bound(MC)
    session.close("enough")
    assert (session.can_deliver, session.can_submit) == (False, False)
    assert session.receive(encode(submit_sm(2)), NOW) == []
    assert session.tick(NOW + 1000.0) == []
