from collections import OrderedDict

from simulators.grade.conversation import BOUND, PENDING_MAX, Conversation, Limits, Pending, Seen, remember
from smpp_router.wire.pdu import Bind
from tests.simulators.grade.wires import START, submit_sm


def test_a_conversation_is_bound_in_three_states_only() -> None:
    talk = Conversation(1, "c", "p", START, Limits())
    assert not talk.is_bound
    for state in sorted(BOUND):
        talk.state = state
        assert talk.is_bound
    talk.state = "unbound"
    assert not talk.is_bound


def test_silence_counts_from_the_connection_until_something_comes() -> None:
    talk = Conversation(1, "c", "p", START, Limits())
    assert talk.quiet_s(START + 7.0) == 7.0
    talk.has_idled = True
    talk.busy(START + 5.0)
    assert talk.quiet_s(START + 7.0) == 2.0
    assert not talk.has_idled


def test_the_oldest_request_is_forgotten_at_the_bound() -> None:
    pending: OrderedDict[int, Pending] = OrderedDict()
    forgotten = [remember(pending, number, Pending(4, START, b"")) for number in range(PENDING_MAX + 1)]
    assert sum(forgotten) == 1
    assert len(pending) == PENDING_MAX
    assert 0 not in pending


def test_what_was_seen_says_what_it_is() -> None:
    talk = Conversation(1, "c", "p", START, Limits())
    pdu, bind = submit_sm(), Bind()
    assert Seen(talk, START, pdu=pdu).message is pdu
    assert Seen(talk, START, pdu=bind).bind is bind
