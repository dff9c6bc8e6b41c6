"""What a carrier remembers of messages, and for how long."""

import math

import pytest

from simulators import messages as messages_module
from simulators.messages import ABSENT_SUBSCRIBER, Held, Messages
from simulators.outcomes import SILENT
from smpp_router.wire import constants as c

ADDRESSES = b"\x00\x00106900\x00\x01\x018613900000001\x00"


def held(message_id: bytes = b"1", system_id: str = "a", outcome: int = c.DELIVERED) -> Held:
    return Held(message_id, system_id, b"", ADDRESSES, 1, b"hello", 0.0, 10.0, outcome, 0)


def test_a_message_is_found_by_its_account_before_and_after_its_end() -> None:
    messages, one = Messages(), held()
    messages.add(one)
    assert messages.find(b"1", "a") is one
    assert messages.find(b"1", "b") is None
    messages.end(one, c.DELIVERED, 5.0)
    assert messages.find(b"1", "a") is one
    assert one.has_ended
    assert (one.ends_at, one.short_message) == (5.0, b"")
    assert len(messages) == 0


def test_the_oldest_ended_message_is_forgotten_first(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages_module, "ENDED_MAX", 2)
    messages = Messages()
    for number in range(3):
        one = held(b"%d" % number)
        messages.add(one)
        messages.end(one, c.DELIVERED, 0.0)
    assert [messages.find(b"%d" % number, "a") is None for number in range(3)] == [True, False, False]


def test_there_is_a_most_of_messages_under_way(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(messages_module, "UNDER_WAY_MAX", 1)
    messages = Messages()
    assert not messages.is_full
    messages.add(held())
    assert messages.is_full


def test_messages_between_two_addresses_are_found_with_those_of_the_same_id() -> None:
    messages, first, second, third = Messages(), held(), held(), held(b"2", system_id="b")
    first.others = (second,)
    messages.add(first)
    messages.add(third)
    assert messages.under_way("a", b"", ADDRESSES) == [first, second]
    messages.end(second, c.DELIVERED, 0.0)
    assert messages.under_way("a", b"", ADDRESSES) == [first]
    assert messages.under_way("a", b"OTP", ADDRESSES) == []
    assert messages.under_way("a", b"", ADDRESSES[:-1]) == []


@pytest.mark.parametrize("expires_at", [math.inf, 10.0, 9.0])
def test_validity_only_shortens(expires_at: float) -> None:
    one = held()
    one.expires_at = expires_at
    one.heed_validity()
    if expires_at < 10.0:
        assert (one.ends_at, one.outcome, one.error_code) == (9.0, c.EXPIRED, ABSENT_SUBSCRIBER)
    else:
        assert (one.ends_at, one.outcome, one.error_code) == (10.0, c.DELIVERED, 0)


def test_a_silent_message_stays_silent() -> None:
    one = held(outcome=SILENT)
    one.expires_at = 5.0
    one.heed_validity()
    assert (one.ends_at, one.outcome) == (5.0, SILENT)


def test_numbers_and_texts_are_not_shown() -> None:
    assert "86139" not in repr(held())
    assert "hello" not in repr(held())
