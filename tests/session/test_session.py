"""Conversations with a session, at either end."""

import pytest

from smpp_router.session.session import Session
from smpp_router.session.states import Role, State
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import encode, encode_body, header_only, submit_sm_resp
from tests.session.peers import LIMITS, NOW, bind, bound, deliver_sm, opened, said, submit_sm, summary

MC, ESME = Role.MC, Role.ESME


# ---------------------------------------------------------------------- binding


@pytest.mark.parametrize(
    ("command_id", "state", "can_submit", "can_deliver"),
    [
        (c.BIND_TRANSMITTER, State.BOUND_TX, True, False),
        (c.BIND_RECEIVER, State.BOUND_RX, False, True),
        (c.BIND_TRANSCEIVER, State.BOUND_TRX, True, True),
    ],
)
@pytest.mark.parametrize("role", Role)
def test_a_bind_opens_the_directions_of_its_kind(
    role: Role, command_id: int, state: State, can_submit: bool, can_deliver: bool
) -> None:
    session = bound(role, command_id)
    assert (session.state, session.can_submit, session.can_deliver) == (state, can_submit, can_deliver)


def test_a_bind_is_undecided_until_its_owner_decides() -> None:
    session = opened(MC)
    request = bind()
    assert session.receive(encode(request), NOW) == [request]
    assert (session.state, session.bind) == (State.BINDING, request)
    assert session.take_output() == b""
    assert session.accept_bind(b"mc", NOW, 8, LIMITS) == []
    assert said(session) == [
        p.BindResp(1, 0, c.BIND_TRANSCEIVER_RESP, b"mc", ((c.TAG_SC_INTERFACE_VERSION, b"\x34"),))
    ]


def test_after_a_refused_bind_the_peer_may_try_again() -> None:
    session = opened(MC)
    session.receive(encode(bind()), NOW)
    assert session.reject_bind(c.ESME_RINVPASWD, NOW) == []
    assert summary(said(session)) == [("bind_transceiver_resp", "ESME_RINVPASWD", 1)]
    again = bind(c.BIND_TRANSMITTER, 2)
    assert session.receive(encode(again), NOW) == [again]
    session.accept_bind(b"mc", NOW, 8, LIMITS)
    assert session.state is State.BOUND_TX


def test_binds_glued_together_are_decided_one_by_one() -> None:
    session = opened(MC)
    first, second = bind(sequence_number=1), bind(sequence_number=2)
    assert session.receive(encode(first) + encode(second) + encode(submit_sm(3)), NOW) == [first]
    assert session.reject_bind(c.ESME_RINVPASWD, NOW) == [second]
    assert session.accept_bind(b"mc", NOW, 8, LIMITS) == [submit_sm(3)]


def test_what_comes_while_a_bind_is_undecided_waits_for_the_decision() -> None:
    session = opened(MC)
    session.receive(encode(bind()), NOW)
    assert session.receive(encode(submit_sm(2)), NOW) == []
    assert session.receive(encode(submit_sm(3)), NOW) == []
    assert session.accept_bind(b"mc", NOW, 8, LIMITS) == [submit_sm(2), submit_sm(3)]
    assert session.unanswered == 2


def test_what_waits_for_a_decision_is_bounded_and_the_rest_is_refused() -> None:
    session = opened(MC)
    session.receive(encode(bind()) + b"".join(encode(submit_sm(n)) for n in range(2, 1003)), NOW)
    assert summary(said(session)) == [("submit_sm_resp", "ESME_RINVBNDSTS", 1002)]
    session.receive(encode(submit_sm(1003)), NOW)
    assert summary(said(session)) == [("submit_sm_resp", "ESME_RINVBNDSTS", 1003)]
    assert len(session.accept_bind(b"mc", NOW, 8, LIMITS)) == 1000


def test_a_session_that_is_given_up_during_its_bind_hands_out_nothing_any_more() -> None:
    session = opened(MC)
    session.receive(encode(bind()) + encode(submit_sm(2)), NOW)
    session.unbind(NOW)
    assert session.accept_bind(b"mc", NOW, 8, LIMITS) == []
    assert not session.can_deliver


def test_our_bind_may_be_refused_and_repeated() -> None:
    session = opened(ESME)
    session.start_bind(bind(), NOW)
    arrivals = session.receive(header_only(c.BIND_TRANSCEIVER_RESP, c.ESME_RINVPASWD, 1), NOW)
    assert summary(arrivals) == [("bind_transceiver_resp", "ESME_RINVPASWD", 1)]
    assert session.state is State.OPEN
    session.start_bind(bind(), NOW)
    session.receive(encode(p.BindResp(2, 0, c.BIND_TRANSCEIVER_RESP, b"mc")), NOW)
    assert session.is_bound


@pytest.mark.parametrize("command_id", [c.GENERIC_NACK, c.SUBMIT_SM_RESP, c.ENQUIRE_LINK_RESP])
def test_an_answer_to_our_bind_that_is_no_bind_resp_is_no_bind(command_id: int) -> None:
    session = opened(ESME)
    session.start_bind(bind(), NOW)
    session.receive(header_only(command_id, 0, 1), NOW)
    assert session.state is State.OPEN


def test_a_password_longer_than_the_specification_has_it_is_sent() -> None:
    session = opened(ESME)
    request = bind()
    request.password = b"a-long-password"
    session.start_bind(request, NOW)
    assert said(session) == [request]


@pytest.mark.parametrize("role", Role)
def test_a_bind_resp_nobody_asked_for_changes_nothing(role: Role) -> None:
    """Not even one with the number of a request that is under way."""
    session = bound(role)
    number = session.request(submit_sm() if role is ESME else deliver_sm(), "x", NOW)
    arrivals = session.receive(encode(p.BindResp(number, 0, c.BIND_TRANSMITTER_RESP, b"mc")), NOW)
    assert [arrival.request for arrival in arrivals] == ["x"]
    assert session.state is State.BOUND_TRX


def test_an_outbind_is_handed_to_an_esme_that_has_not_bound() -> None:
    session = opened(ESME)
    outbind = p.Outbind(1, system_id=b"mc", password=b"secret")
    assert session.receive(encode(outbind), NOW) == [outbind]
    assert (session.unanswered, session.take_output()) == (0, b"")
    assert bound(ESME).receive(encode(outbind), NOW) == []


# ---------------------------------------------------------------------- requests and responses


def test_a_request_comes_back_with_its_context() -> None:
    session = bound(ESME)
    context = object()
    number = session.request(submit_sm(0), context, NOW)
    assert said(session) == [submit_sm(number)]
    (arrival,) = session.receive(submit_sm_resp(number, b"42"), NOW)
    assert isinstance(arrival, p.SubmitSmResp)
    assert (arrival.message_id, arrival.request) == (b"42", context)


def test_ready_made_bodies_are_sent_as_requests() -> None:
    session = bound(MC)
    messages = [deliver_sm(0, b"one"), deliver_sm(0, b"two")]
    session.request_bodies(c.DELIVER_SM, [encode_body(x) for x in messages], ["first", "second"], NOW)
    assert session.window.room == 6
    sent = said(session)
    assert [x.short_message for x in sent if isinstance(x, p.DeliverSm)] == [b"one", b"two"]
    answers = b"".join(header_only(c.DELIVER_SM_RESP, 0, x.sequence_number) for x in reversed(sent))
    assert [x.request for x in session.receive(answers, NOW)] == ["second", "first"]


def test_a_request_that_cannot_be_encoded_leaves_nothing_behind() -> None:
    session = bound(ESME)
    with pytest.raises(ValueError, match="source_addr"):
        session.request(p.SubmitSm(source_addr=b"4" * 21), "x", NOW)
    assert len(session.window) == 0
    assert session.take_output() == b""


def test_a_response_with_a_body_that_cannot_be_read_still_answers_its_request() -> None:
    session = bound(ESME)
    number = session.request(submit_sm(), "x", NOW)
    octets = bytearray(submit_sm_resp(number, b"no end"))
    octets[-1] = 0x41
    (arrival,) = session.receive(bytes(octets), NOW)
    assert arrival.request == "x"


def test_an_alert_is_handed_out_and_owes_no_answer() -> None:
    session = bound(ESME)
    alert = p.AlertNotification(5, source_addr=b"447700900123", esme_addr=b"ACME")
    assert session.receive(encode(alert), NOW) == [alert]
    assert session.unanswered == 0
    session.receive(header_only(c.UNBIND, 0, 6), NOW)
    assert summary(said(session)) == [("unbind_resp", "ESME_ROK", 6)]


def test_an_error_response_has_no_body() -> None:
    session = bound(MC)
    session.receive(encode(submit_sm(2)), NOW)
    session.respond(p.SubmitSmResp(2, c.ESME_RTHROTTLED, b"not to be told"))
    assert session.take_output() == header_only(c.SUBMIT_SM_RESP, c.ESME_RTHROTTLED, 2)


def test_a_submit_multi_resp_with_an_error_still_tells_which_destinations_failed() -> None:
    session = bound(MC)
    session.receive(encode(p.SubmitMulti(2, dest_addresses=(p.SmeAddress(1, 1, b"44"),))), NOW)
    resp = p.SubmitMultiResp(2, c.ESME_RSUBMITFAIL, b"", (p.UnsuccessSme(1, 1, b"44", c.ESME_RINVDSTADR),))
    session.respond(resp)
    assert said(session) == [resp]


def test_several_answers_may_be_given_at_once() -> None:
    session = bound(MC)
    session.receive(encode(submit_sm(2)) + encode(submit_sm(3)), NOW)
    session.answer([submit_sm_resp(2, b"1"), submit_sm_resp(3, b"2")], 2)
    assert session.unanswered == 0
    assert summary(said(session)) == [("submit_sm_resp", "ESME_ROK", 2), ("submit_sm_resp", "ESME_ROK", 3)]


def test_answers_for_a_lost_session_go_nowhere() -> None:
    session = bound(MC)
    session.receive(encode(submit_sm(2)), NOW)
    session.lose()
    session.answer([submit_sm_resp(2, b"1")], 1)
    session.write(header_only(c.ENQUIRE_LINK, 0, 1))
    assert (session.unanswered, session.take_output()) == (0, b"")


def test_a_session_that_was_lost_while_it_ended_stays_closed() -> None:
    """Its peer had asked to unbind, and one answer was still owed."""
    session = bound(MC)
    session.receive(encode(submit_sm(2)) + header_only(c.UNBIND, 0, 3), NOW)
    session.lose()
    session.answer([submit_sm_resp(2, b"1")], 1)
    assert (session.state, session.close_reason) == (State.CLOSED, "connection lost")


# ---------------------------------------------------------------------- its outbox


def test_a_session_with_something_to_say_joins_the_writable_ones_once() -> None:
    writable: list[Session] = []
    session = bound(MC)
    session.writable = writable
    session.request_bodies(c.DELIVER_SM, [encode_body(deliver_sm())] * 2, ["a", "b"], NOW)
    session.write(header_only(c.ENQUIRE_LINK, 0, 9))
    session.answer([submit_sm_resp(2, b"1")], 0)
    assert writable == [session]
    assert session.outbox_bytes == len(session.take_output())
    assert session.outbox_bytes == 0
    session.close("enough")
    assert writable == [session, session]


# ---------------------------------------------------------------------- time


def test_requests_that_nobody_answers_come_back() -> None:
    session = bound(ESME)
    session.request(submit_sm(), "x", NOW)
    assert session.tick(NOW) == []
    assert session.tick(NOW + 4.9) == []
    assert session.tick(NOW + 5.0) == ["x"]
    assert session.receive(submit_sm_resp(2, b"late"), NOW + 5.1) == []
    assert session.counters["stray_responses"] == 1


def test_a_silent_peer_is_asked_and_its_answer_is_the_sessions_own_business() -> None:
    session = bound(MC)
    session.tick(NOW + 30.0)
    (enquire_link,) = said(session)
    assert enquire_link.command_id == c.ENQUIRE_LINK
    assert (
        session.receive(header_only(c.ENQUIRE_LINK_RESP, 0, enquire_link.sequence_number), NOW + 30.0) == []
    )
    assert session.tick(NOW + 59.9) == []
    assert (session.close_reason, session.take_output()) == (None, b"")


def test_a_connection_that_does_not_bind_is_closed() -> None:
    session = opened(MC)
    session.tick(NOW + 9.9)
    assert session.close_reason is None
    session.tick(NOW + 10.0)
    assert session.close_reason == "session_init_timer"
    assert session.take_output() == b""


def test_an_idle_session_is_unbound_and_then_closed() -> None:
    session = bound(MC, limits=TimerLimits(enquire_link_s=0.0, inactivity_s=60.0, response_s=5.0))
    session.tick(NOW + 60.0)
    (unbind,) = said(session)
    assert unbind.command_id == c.UNBIND
    assert session.close_reason is None
    session.receive(header_only(c.UNBIND_RESP, 0, unbind.sequence_number), NOW + 60.0)
    assert session.close_reason == "unbound"


def test_an_unbind_that_nobody_answers_ends_in_a_close() -> None:
    session = bound(ESME)
    session.unbind(NOW)
    session.tick(NOW + 4.9)
    assert session.close_reason is None
    session.tick(NOW + 5.0)
    assert session.close_reason == "unbind unanswered"
    assert session.tick(NOW + 100.0) == []
