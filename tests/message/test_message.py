"""What the values of a message's life are, and are not."""

import sys
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message.message import Delivery, Finished, Message, Orphan, Pending

texts = st.text(max_size=12)
octets = st.binary(max_size=40)
numbers = st.integers(0, 2**63 - 1)
times = st.floats(0.0, 4e9)

PENDING = Pending(1, 1, "bank", "mobile", b"c0ffee", b"\1\1861390\0\1\1861390\0", 1, 1_700_000_000.0)


def message() -> Message:
    return Message(1, 1, "bank", "default", b"body", b"addresses", 1, 1_700_000_000.0)


def test_two_messages_are_two_though_every_value_is_the_same() -> None:
    """Queues and windows hold messages by identity: one may be replaced while the other stands."""
    first, second = message(), message()
    assert first != second
    assert len({first, second}) == 2


def test_a_message_begins_in_no_queue_with_no_attempt() -> None:
    fresh = message()
    assert (fresh.not_before, fresh.handle, fresh.attempts, fresh.plan, fresh.part_key) == (
        0.0,
        0,
        0,
        (),
        None,
    )
    flags = [fresh.is_sent_once, fresh.is_recorded, fresh.is_on_link, fresh.is_ended]
    assert not any(flags)


def test_a_message_has_no_attribute_by_mistake() -> None:
    fresh: Any = message()
    with pytest.raises(AttributeError):
        fresh.is_endd = True


@given(
    st.builds(Pending, numbers, numbers, texts, texts, octets, octets, st.integers(0, 255), times)
    | st.builds(Delivery, numbers, texts, octets, times)
    | st.builds(Orphan, texts, octets, st.integers(0, 255), st.integers(0, 0xFFFF), times)
    | st.builds(Finished, numbers, numbers, texts, octets, st.integers(0, 255), st.integers(0, 0xFFFF), times)
)
def test_what_is_stored_and_loaded_again_is_the_same_value(value: tuple[object, ...]) -> None:
    kind: Any = type(value)
    again = kind(*value)
    assert again == value
    assert hash(again) == hash(value)


def test_a_value_cannot_be_changed_under_who_holds_it() -> None:
    pending: Any = PENDING
    with pytest.raises(AttributeError):
        pending.carrier = "unicom"


def test_a_message_that_a_carrier_has_is_small() -> None:
    """A million of them are awaited; names are shared, so the tuple and its own octets are what they cost."""
    own = [
        PENDING.message_id,
        PENDING.carrier_message_id,
        PENDING.addresses,
        PENDING.expires_at,
    ]
    assert sys.getsizeof(PENDING) + sum(map(sys.getsizeof, own)) <= 340
