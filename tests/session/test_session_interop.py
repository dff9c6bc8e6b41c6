# What real peers do, and what a session makes of it. Tests with one number in their names are about one and
# the same habit of peers, all over the tests; what needs a whole router stands with those of net/ and core/.
"""Peers as they are."""

from collections.abc import Callable

import pytest

from smpp_router.session.session import Session
from smpp_router.session.states import Role, State
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.codec import HEADER, encode, framed, header_only, submit_sm_resp
from tests.session.peers import (
    LIMITS,
    NOW,
    RESPONSE,
    bind,
    bound,
    deliver_sm,
    opened,
    said,
    submit_sm,
    summary,
)

MC, ESME = Role.MC, Role.ESME
STRANGE_NUMBERS = [0, 1, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF]


def test_interop_01_the_first_request_glued_behind_a_bind_is_not_lost() -> None:
    session = opened(MC)
    session.receive(encode(bind()) + encode(submit_sm(2)) + encode(submit_sm(3))[:20], NOW)
    assert session.accept_bind(b"mc", NOW, 8, LIMITS) == [submit_sm(2)]
    assert session.receive(encode(submit_sm(3))[20:], NOW) == [submit_sm(3)]


def test_interop_01_the_first_deliver_sm_glued_behind_a_bind_resp_is_not_lost() -> None:
    session = opened(ESME)
    session.start_bind(bind(), NOW)
    resp = p.BindResp(1, 0, c.BIND_TRANSCEIVER_RESP, b"mc")
    assert session.receive(encode(resp) + encode(deliver_sm(1)), NOW) == [resp, deliver_sm(1)]


def test_interop_01_a_session_byte_by_byte_is_the_same_session() -> None:
    octets = encode(bind()) + encode(submit_sm(2)) + header_only(c.ENQUIRE_LINK, 0, 3) + encode(submit_sm(4))
    session = opened(MC)
    arrivals: list[p.Pdu] = []
    for at in range(len(octets)):
        arrivals += session.receive(octets[at : at + 1], NOW)
        if session.state is State.BINDING:
            session.accept_bind(b"mc", NOW, 8, LIMITS)
    assert arrivals == [bind(), submit_sm(2), submit_sm(4)]


@pytest.mark.parametrize(
    "probe",
    [
        b"GET / HTTP/1.1\r\nHost: x\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(9),
        bytes(16),
    ],
    ids=["http", "tls", "zeros"],
)
@pytest.mark.parametrize("make", [opened, bound])
@pytest.mark.parametrize("role", Role)
def test_interop_02_a_probe_gets_one_generic_nack_and_a_close(
    role: Role, make: Callable[[Role], Session], probe: bytes
) -> None:
    session = make(role)
    assert session.receive(probe, NOW) == []
    assert summary(said(session))[0][:2] == ("generic_nack", "ESME_RINVCMDLEN")
    assert session.close_reason is not None
    assert session.receive(probe, NOW) == []
    assert session.take_output() == b""


def test_interop_02_what_came_whole_before_a_framing_error_still_counts() -> None:
    session = bound(MC)
    number = session.request(deliver_sm(), "x", NOW)
    session.take_output()
    octets = header_only(c.DELIVER_SM_RESP, 0, number) + bytes(16)
    assert [arrival.request for arrival in session.receive(octets, NOW)] == ["x"]
    assert session.close_reason is not None


def test_interop_02_a_pdu_too_large_to_be_true_is_nacked_with_its_number() -> None:
    session = bound(MC)
    assert session.receive(HEADER.pack(100_000, c.SUBMIT_SM, 0, 77), NOW) == []
    assert summary(said(session)) == [("generic_nack", "ESME_RINVCMDLEN", 77)]
    assert session.close_reason == "command_length 100000 is more than 73728"


def test_interop_03_a_malformed_pdu_is_answered_with_its_status_and_the_session_lives() -> None:
    session = bound(MC)
    wrong_length = encode(submit_sm(2))[:-3]
    wrong_length = len(wrong_length).to_bytes(4, "big") + wrong_length[4:]
    assert session.receive(wrong_length + encode(submit_sm(3)), NOW) == [submit_sm(3)]
    assert summary(said(session)) == [("submit_sm_resp", "ESME_RINVMSGLEN", 2)]
    assert session.counters["malformed"] == 1
    assert session.unanswered == 1


def test_interop_03_a_malformed_alert_has_no_answer() -> None:
    session = bound(ESME)
    assert session.receive(framed(c.ALERT_NOTIFICATION, 0, 2, b"\x01"), NOW) == []
    assert session.take_output() == b""


def test_interop_04_a_password_that_is_too_long_is_the_owners_to_refuse() -> None:
    session = opened(MC)
    request = bind()
    request.password = b"longer-than-eight"
    assert session.receive(encode(request, strict=False), NOW) == [request]


def test_interop_05_an_unknown_command_is_nacked_with_its_number_and_the_session_lives() -> None:
    session = bound(MC)
    unknown = framed(0x00010200, 0, 0xFFFFFFFF, b"vendor")
    assert session.receive(unknown + encode(submit_sm(3)), NOW) == [submit_sm(3)]
    assert summary(said(session)) == [("generic_nack", "ESME_RINVCMDID", 0xFFFFFFFF)]
    assert session.counters["unknown"] == 1


def test_interop_05_a_vendors_status_reaches_the_owner_as_it_came() -> None:
    session = bound(ESME)
    number = session.request(submit_sm(), "x", NOW)
    (arrival,) = session.receive(header_only(c.SUBMIT_SM_RESP, 0x0443, number), NOW)
    assert (arrival.command_status, arrival.request) == (0x0443, "x")


def test_interop_06_a_response_never_asked_for_is_counted_and_harmless() -> None:
    session = bound(ESME)
    assert session.receive(submit_sm_resp(99, b"1") + header_only(c.GENERIC_NACK, 3, 0), NOW) == []
    assert session.receive(framed(0x80000099, 0, 98, b""), NOW) == []
    assert session.counters["stray_responses"] == 3
    assert (session.take_output(), session.close_reason) == (b"", None)


def test_interop_06_an_unknown_response_does_not_answer_a_request() -> None:
    session = bound(ESME)
    number = session.request(submit_sm(), "x", NOW)
    session.take_output()
    assert session.receive(framed(0x80000099, 0, number, b"?"), NOW) == []
    assert session.take_output() == b""
    assert [arrival.request for arrival in session.receive(submit_sm_resp(number, b"1"), NOW)] == ["x"]


def test_interop_06_a_second_response_is_counted_and_harmless() -> None:
    session = bound(ESME)
    number = session.request(submit_sm(), "x", NOW)
    assert len(session.receive(submit_sm_resp(number, b"1") * 2, NOW)) == 1
    assert session.counters["stray_responses"] == 1


def test_interop_06_responses_come_in_any_order() -> None:
    session = bound(ESME)
    numbers = [session.request(submit_sm(), context, NOW) for context in "abc"]
    octets = b"".join(submit_sm_resp(numbers[i], b"1") for i in (2, 0, 1))
    assert [arrival.request for arrival in session.receive(octets, NOW)] == ["c", "a", "b"]


@pytest.mark.parametrize("body", [b"", b"\0", b"7\0"], ids=["none", "empty", "an id"])
def test_interop_07_an_error_response_may_have_a_body_or_not(body: bytes) -> None:
    session = bound(ESME)
    number = session.request(submit_sm(), "x", NOW)
    (arrival,) = session.receive(framed(c.SUBMIT_SM_RESP, c.ESME_RTHROTTLED, number, body), NOW)
    assert isinstance(arrival, p.SubmitSmResp)
    assert (arrival.command_status, arrival.request) == (c.ESME_RTHROTTLED, "x")


def test_interop_07_a_generic_nack_answers_the_request_that_it_names() -> None:
    session = bound(ESME)
    number = session.request(submit_sm(), "x", NOW)
    (arrival,) = session.receive(header_only(c.GENERIC_NACK, c.ESME_RINVCMDID, number), NOW)
    assert (arrival.command_status, arrival.request) == (c.ESME_RINVCMDID, "x")


@pytest.mark.parametrize("number", STRANGE_NUMBERS, ids=hex)
def test_interop_08_any_sequence_number_is_echoed_exactly(number: int) -> None:
    session = opened(MC)
    session.receive(encode(bind(sequence_number=number)), NOW)
    session.accept_bind(b"mc", NOW, 8, LIMITS)
    session.receive(header_only(c.ENQUIRE_LINK, 0, number), NOW)
    session.receive(encode(deliver_sm(number)), NOW)
    (request,) = session.receive(encode(submit_sm(number)), NOW)
    session.respond(p.SubmitSmResp(request.sequence_number, 0, b"1"))
    session.receive(header_only(c.UNBIND, 0, number), NOW)
    assert {answer.sequence_number for answer in said(session)} == {number}


def test_interop_08_each_direction_has_its_own_numbers() -> None:
    session = bound(MC)
    number = session.request(deliver_sm(), "x", NOW)
    octets = encode(submit_sm(number)) + header_only(c.DELIVER_SM_RESP, 0, number)
    assert [type(arrival) for arrival in session.receive(octets, NOW)] == [p.SubmitSm, p.DeliverSmResp]


def test_interop_08_a_request_is_awaited_before_it_is_written() -> None:
    """A peer on the same host may have answered before take_output() returns."""
    session = bound(ESME)
    number = session.request(submit_sm(), "x", NOW)
    assert session.receive(submit_sm_resp(number, b"1"), NOW) != []


def test_interop_09_a_receiver_may_not_submit_and_stays_bound() -> None:
    session = bound(MC, c.BIND_RECEIVER)
    assert session.receive(encode(submit_sm(2)), NOW) == []
    assert summary(said(session)) == [("submit_sm_resp", "ESME_RINVBNDSTS", 2)]
    assert (session.state, session.close_reason) == (State.BOUND_RX, None)


def test_interop_09_a_transmitter_is_delivered_nothing_and_stays_bound() -> None:
    session = bound(ESME, c.BIND_TRANSMITTER)
    assert session.receive(encode(deliver_sm(2)), NOW) == []
    assert summary(said(session)) == [("deliver_sm_resp", "ESME_RINVBNDSTS", 2)]
    assert (session.state, session.close_reason) == (State.BOUND_TX, None)


def test_interop_09_before_a_bind_nothing_is_submitted_and_the_connection_stays() -> None:
    session = opened(MC)
    assert session.receive(encode(submit_sm(2)), NOW) == []
    assert summary(said(session)) == [("submit_sm_resp", "ESME_RINVBNDSTS", 2)]
    assert session.receive(encode(bind()), NOW) == [bind()]


@pytest.mark.parametrize("role", Role)
def test_interop_09_an_enquire_link_before_a_bind_is_answered_at_once(role: Role) -> None:
    session = opened(role)
    assert session.receive(header_only(c.ENQUIRE_LINK, 0, 5), NOW) == []
    assert summary(said(session)) == [("enquire_link_resp", "ESME_ROK", 5)]


@pytest.mark.parametrize("command_id", [c.BIND_TRANSMITTER, c.BIND_RECEIVER, c.BIND_TRANSCEIVER])
@pytest.mark.parametrize("role", Role)
def test_interop_09_an_enquire_link_is_answered_on_every_bind(role: Role, command_id: int) -> None:
    session = bound(role, command_id)
    session.receive(header_only(c.ENQUIRE_LINK, 0, 5), NOW)
    assert summary(said(session)) == [("enquire_link_resp", "ESME_ROK", 5)]


def test_interop_09_an_enquire_link_under_load_is_answered_before_the_messages() -> None:
    session = bound(MC)
    session.request_bodies(c.DELIVER_SM, [b""] * 8, list("abcdefgh"), NOW)
    session.take_output()
    octets = b"".join(encode(submit_sm(n)) for n in range(2, 500)) + header_only(c.ENQUIRE_LINK, 0, 500)
    assert len(session.receive(octets, NOW)) == 498
    assert summary(said(session)) == [("enquire_link_resp", "ESME_ROK", 500)]


def test_interop_09_our_enquire_link_is_sent_though_the_window_is_full() -> None:
    session = bound(MC, limits=TimerLimits(enquire_link_s=30.0, response_s=100.0))
    session.request_bodies(c.DELIVER_SM, [b""] * 8, list("abcdefgh"), NOW)
    session.take_output()
    session.tick(NOW + 30.0)
    assert [x.command_id for x in said(session)] == [c.ENQUIRE_LINK]
    assert session.window.room == -1


def test_interop_09_a_peer_that_never_answers_our_enquire_link_is_unbound_and_closed() -> None:
    session = bound(MC)
    session.tick(NOW + 30.0)
    session.tick(NOW + 34.9)
    assert summary(said(session)) == [("enquire_link", "ESME_ROK", 1)]
    assert session.close_reason is None
    session.tick(NOW + 35.0)
    assert summary(said(session)) == [("unbind", "ESME_ROK", 2)]
    assert session.close_reason == "enquire_link unanswered"


@pytest.mark.parametrize("role", Role)
def test_interop_10_an_unbind_is_answered_and_the_session_closed(role: Role) -> None:
    session = bound(role)
    session.receive(header_only(c.UNBIND, 0, 7) + encode(submit_sm(8)), NOW)
    assert summary(said(session)) == [("unbind_resp", "ESME_ROK", 7)]
    assert (session.state, session.close_reason) == (State.UNBOUND, "unbound by peer")


def test_interop_10_an_unbind_waits_for_the_answers_that_are_owed() -> None:
    session = bound(MC)
    octets = encode(submit_sm(2)) + encode(submit_sm(3)) + header_only(c.UNBIND, 0, 4)
    assert len(session.receive(octets, NOW)) == 2
    assert session.take_output() == b""
    assert not session.can_deliver
    session.respond(p.SubmitSmResp(2, 0, b"1"))
    assert session.close_reason is None
    session.respond(p.SubmitSmResp(3, 0, b"2"))
    assert [x.command_id for x in said(session)] == [c.SUBMIT_SM_RESP, c.SUBMIT_SM_RESP, c.UNBIND_RESP]
    assert session.close_reason == "unbound by peer"


def test_interop_10_a_bind_a_message_and_an_unbind_in_one_read() -> None:
    session = opened(MC)
    session.receive(encode(bind()) + encode(submit_sm(2)) + header_only(c.UNBIND, 0, 3), NOW)
    (request,) = session.accept_bind(b"mc", NOW, 8, LIMITS)
    session.respond(p.SubmitSmResp(request.sequence_number, 0, b"1"))
    assert summary(said(session)) == [
        ("bind_transceiver_resp", "ESME_ROK", 1),
        ("submit_sm_resp", "ESME_ROK", 2),
        ("unbind_resp", "ESME_ROK", 3),
    ]
    assert session.close_reason == "unbound by peer"


def test_interop_10_a_close_without_unbind_gives_back_what_was_not_answered() -> None:
    session = bound(MC)
    session.request(deliver_sm(), "x", NOW)
    assert session.lose() == ["x"]
    assert session.state is State.CLOSED


@pytest.mark.parametrize("status", [c.ESME_RINVPASWD, c.ESME_RALYBND], ids=c.status_name)
def test_interop_11_a_refused_bind_is_answered_never_ignored(status: int) -> None:
    session = opened(MC)
    session.receive(encode(bind(c.BIND_RECEIVER)), NOW)
    session.reject_bind(status, NOW)
    assert session.take_output() == header_only(c.BIND_RECEIVER_RESP, status, 1)
    assert session.close_reason is None


@pytest.mark.parametrize("command_id", [c.BIND_TRANSMITTER, c.BIND_RECEIVER, c.BIND_TRANSCEIVER])
def test_interop_11_a_second_bind_on_one_connection_is_refused_and_the_first_stands(command_id: int) -> None:
    session = bound(MC, c.BIND_TRANSMITTER)
    assert session.receive(encode(bind(command_id, 2)), NOW) == []
    assert said(session) == [p.BindResp(2, c.ESME_RALYBND, command_id | RESPONSE)]
    assert session.state is State.BOUND_TX


@pytest.mark.parametrize(
    ("version", "tlvs"),
    [
        (0x00, ()),
        (0x33, ()),
        (0x34, ((c.TAG_SC_INTERFACE_VERSION, b"\x34"),)),
        (0x50, ((c.TAG_SC_INTERFACE_VERSION, b"\x34"),)),
    ],
)
def test_interop_12_only_a_peer_of_3_4_or_later_is_told_our_version(version: int, tlvs: p.Tlvs) -> None:
    session = opened(MC)
    session.receive(encode(bind(interface_version=version)), NOW)
    session.accept_bind(b"mc", NOW, 8, LIMITS)
    (resp,) = said(session)
    assert isinstance(resp, p.BindResp)
    assert resp.tlvs == tlvs
    assert session.speaks_tlvs is bool(tlvs)


@pytest.mark.parametrize(
    ("ours", "told", "speaks_tlvs"),
    [
        (0x34, None, True),
        (0x34, b"\x34", True),
        (0x34, b"\x50", True),
        (0x34, b"\x33", False),
        (0x34, b"", True),
        (0x50, b"\x34", True),
        (0x33, None, False),
        (0x33, b"\x34", False),
    ],
)
def test_interop_12_optional_parameters_are_sent_if_both_sides_know_them(
    ours: int, told: bytes | None, speaks_tlvs: bool
) -> None:
    session = opened(ESME)
    session.start_bind(bind(interface_version=ours), NOW)
    tlvs = () if told is None else ((c.TAG_SC_INTERFACE_VERSION, told),)
    session.receive(encode(p.BindResp(1, 0, c.BIND_TRANSCEIVER_RESP, b"mc", tlvs)), NOW)
    assert session.speaks_tlvs is speaks_tlvs
