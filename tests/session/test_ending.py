"""How a session comes to its end: what is answered, why it closes, and how long that waits."""

import pytest

from smpp_router.session.ending import Ending
from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p

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
