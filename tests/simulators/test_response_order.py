import random

from hypothesis import given
from hypothesis import strategies as st

from simulators.response_order import Order, ResponseOrder


def name(ticket: int) -> bytes:
    return b"%d" % ticket


def given_order(order: Order, seed: int = 1) -> ResponseOrder:
    return ResponseOrder(order, random.Random(seed))


def asked(order: ResponseOrder, count: int) -> list[int]:
    return [order.asked() for _ in range(count)]


def test_as_done_is_the_order_in_which_they_are_done() -> None:
    order = given_order("as_done")
    asked(order, 3)
    for ticket in (2, 0, 1):
        order.done(ticket, name(ticket))
    assert order.take() == [b"2", b"0", b"1"]


def test_in_order_holds_what_an_earlier_request_has_not_had() -> None:
    order = given_order("in_order")
    asked(order, 3)
    order.done(2, b"2")
    order.done(1, b"1")
    assert order.take() == []
    assert len(order) == 2
    order.done(0, b"0")
    assert order.take() == [b"0", b"1", b"2"]
    assert len(order) == 0


def test_in_order_waits_for_nobody_who_gets_no_response() -> None:
    order = given_order("in_order")
    asked(order, 2)
    order.done(1, b"1")
    order.done(0, b"")
    assert order.take() == [b"1"]


def test_reversed_turns_round_what_leaves_at_once() -> None:
    order = given_order("reversed")
    asked(order, 3)
    for ticket in range(3):
        order.done(ticket, name(ticket))
    assert order.take() == [b"2", b"1", b"0"]
    assert order.take() == []


def test_shuffled_is_another_order_and_the_same_with_the_same_seed() -> None:
    def leaving() -> list[bytes]:
        order = given_order("shuffled", seed=7)
        for ticket in asked(order, 50):
            order.done(ticket, name(ticket))
        return order.take()

    first = leaving()
    assert first == leaving()
    assert first != sorted(first, key=int)


@given(
    st.sampled_from(["as_done", "in_order", "reversed", "shuffled"]),
    st.permutations(range(12)),
    st.lists(st.booleans(), min_size=12, max_size=12),
)
def test_each_response_leaves_exactly_once(order_name: Order, dones: list[int], takes: list[bool]) -> None:
    order = given_order(order_name)
    asked(order, 12)
    left: list[bytes] = []
    for ticket, is_taken in zip(dones, takes, strict=True):
        order.done(ticket, name(ticket))
        if is_taken:
            left += order.take()
    left += order.take()
    assert sorted(left, key=int) == [name(ticket) for ticket in range(12)]
    assert len(order) == 0
    if order_name == "in_order":
        assert left == sorted(left, key=int)
