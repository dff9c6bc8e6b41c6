import pytest

from simulators.grade.binding import HASTY_BINDS, SHORT_SESSIONS
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, header_only
from smpp_router.wire.pdu import Bind, QuerySm
from tests.simulators.grade.wires import Wire


def test_an_enquire_link_needs_no_bind() -> None:
    wire = Wire().connect()
    number = wire.send(header_only(c.ENQUIRE_LINK, 0, 1))
    wire.reply(header_only(c.ENQUIRE_LINK_RESP, 0, number))
    wire.number = 1
    assert wire.bind().end() == set()


def test_a_message_glued_behind_the_bind_is_too_early() -> None:
    wire = Wire().connect()
    bind = encode(Bind(sequence_number=1, system_id=b"bank"))
    query = encode(QuerySm(sequence_number=2, message_id=b"1"))
    wire.send(bind + query)
    wire.close()
    (example,) = wire.grader.findings["request-before-bind"].examples
    assert example.detail == "query_sm before the bind_resp"


@pytest.mark.parametrize("version", [0x00, 0x33, 0x34, 0x50])
def test_versions_that_exist_are_not_reserved(version: int) -> None:
    assert "interface-version" not in Wire().bound(interface_version=version).end()


def test_the_longest_names_are_not_too_long() -> None:
    assert Wire().bound(system_id=b"a" * 15, password=b"b" * 8).end() == set()


def test_a_pause_after_each_refusal_is_no_storm() -> None:
    wire = Wire()
    for attempt in range(10):
        wire.connect().bind(status=c.ESME_RBINDFAIL).close().wait(2.0**attempt)
    assert wire.bound().end() == set()


def test_few_binds_in_a_row_are_no_storm() -> None:
    wire = Wire()
    for _ in range(HASTY_BINDS):
        wire.connect().bind(status=c.ESME_RBINDFAIL).close()
    assert wire.connect().wait(20.0).bind().end() == set()


def test_sessions_with_more_than_one_message_now_and_then_are_no_habit() -> None:
    wire = Wire()
    for round_ in range(3 * SHORT_SESSIONS):
        wire.bound().submit()
        if round_ % 2:
            wire.submit()
        wire.unbind().close()
    assert wire.bound().end() == set()


def test_who_is_unbound_by_the_carrier_need_not_unbind() -> None:
    wire = Wire().bound()
    number = wire.ask(c.UNBIND)
    wire.send(header_only(c.UNBIND_RESP, 0, number))
    wire.close()
    assert wire.found() == set()


def test_who_is_not_given_time_to_agree_to_an_unbind_is_not_accused() -> None:
    wire = Wire().bound()
    wire.ask(c.UNBIND)
    wire.grader.finish(wire.now + 1.0)
    assert wire.found() == set()


def test_a_connection_that_the_carrier_gave_up_is_not_dropped_by_the_client() -> None:
    wire = Wire().bound()
    wire.send(b"\0\0\0\1" + bytes(12))
    wire.reply(header_only(c.GENERIC_NACK, c.ESME_RINVCMDLEN, 0))
    wire.close()
    assert wire.found() == {"command-length"}


def test_who_never_bound_can_not_have_forgotten_to_unbind() -> None:
    wire = Wire().connect().close()
    assert wire.found() == set()
