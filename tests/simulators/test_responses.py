"""When responses leave: after their delays, and in the order that the dialect has."""

import math
from typing import Any

import pytest

from simulators.changes import changed
from simulators.dialect import Dialect
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm, Pdu, QuerySm, SmeAddress, SubmitMulti
from tests.simulators.customers import START, World, message


def test_each_delay_has_its_time() -> None:
    world = World(response_s=0.5, receipt_s=1.0)
    customer = world.bind()
    world.say(customer, message())
    world.wait(0.49)
    assert customer.responses == []
    world.wait(0.03)
    assert customer.statuses == ["ESME_ROK"]
    world.wait(0.95)
    assert customer.receipts == []
    world.wait(0.06)
    assert len(customer.receipts) == 1
    assert world.carrier.is_idle


@pytest.mark.parametrize(("window", "latency_s"), [(64, 0.5), (10, 0.04), (1, 0.5)])
def test_latency_is_pipelined(window: int, latency_s: float) -> None:
    """A full window turns over once per latency: 64 at 500 ms are 128 messages a second."""
    world = World(response_s=latency_s, outcomes={"NONE": 1})
    customer = world.bind()
    sent, seconds = 0, 10.0
    while world.now < START + seconds:
        room = window - (sent - len(customer.responses))
        world.say(customer, *(message() for _ in range(room)))
        sent += room
        world.wait(0.005, 0.005)
    expected = window / latency_s * seconds
    assert 0.85 * expected - window <= len(customer.responses) <= expected


def test_a_jittered_response_may_overtake_another() -> None:
    world = World(response_s=0.1, response_jitter_s=1.0)
    customer = world.bind()
    pdus = [message() for _ in range(100)]
    world.say(customer, *pdus)
    world.wait(1.2)
    order = [resp.sequence_number for resp in customer.responses]
    assert len(order) == 100
    assert order != sorted(order)


@pytest.mark.parametrize("order", ["reversed", "in_order"])
def test_a_dialect_orders_the_responses(order: Any) -> None:
    world = World(dialect=Dialect(response_order=order), response_jitter_s=0.5)
    customer = world.bind()
    world.say(customer, *(message() for _ in range(20)))
    world.wait(0.6, 0.6 if order == "reversed" else 0.01)
    numbers = [resp.sequence_number for resp in customer.responses]
    assert len(numbers) == 20
    if order == "in_order":
        assert numbers == sorted(numbers)
    else:
        assert numbers != sorted(numbers)


OTHERS = (
    message(),
    DataSm(destination_addr=b"8613900000001", registered_delivery=1),
    SubmitMulti(dest_addresses=(SmeAddress(1, 1, b"8613900000001"),), registered_delivery=1),
)


@pytest.mark.parametrize("other", OTHERS, ids=lambda pdu: c.command_name(pdu.command_id))
def test_in_order_too_no_receipt_comes_before_its_response(other: Pdu) -> None:
    world = World(dialect=Dialect(response_order="in_order"), directives=True, receipt_s=0.1)
    customer = world.bind()
    world.say(customer, message(short_message=b"#delay=2"), QuerySm(message_id=b"none"), other)
    world.wait(1.9, 0.1)
    assert (customer.responses, customer.deliveries) == ([], [])
    world.wait(0.15, 0.05)
    answered = [c.SUBMIT_SM_RESP, c.QUERY_SM_RESP, other.command_id | c.RESPONSE_BIT]
    assert [pdu.command_id for pdu in customer.responses] == answered
    assert customer.deliveries == []
    world.wait(0.1, 0.05)
    assert len(customer.receipts) == 2


def test_in_order_a_response_that_is_due_and_has_not_left_is_waited_for_too() -> None:
    world = World(dialect=Dialect(response_order="in_order"), directives=True)
    customer = world.bind()
    world.say(customer, message(short_message=b"#delay=2"))
    # Before the ticker has looked.
    world.now += 2.0
    world.say(customer, message())
    assert (customer.statuses, customer.receipts) == ([], [])
    world.wait(0.1)
    assert customer.statuses == ["ESME_ROK"] * 2
    assert len(customer.receipts) == 2


def test_in_order_what_is_answered_behind_a_slow_query_has_its_receipt_behind_that_too() -> None:
    world = World(dialect=Dialect(response_order="in_order"), directives=True, response_s=2.0, receipt_s=0.1)
    customer = world.bind()
    world.say(customer, QuerySm(message_id=b"none"), message(short_message=b"#delay=0.1"))
    world.wait(1.9, 0.1)
    assert (customer.responses, customer.deliveries) == ([], [])
    world.wait(0.3, 0.05)
    assert (len(customer.responses), len(customer.receipts)) == (2, 1)


def test_in_order_what_needs_no_time_is_answered_in_the_same_read() -> None:
    world = World(dialect=Dialect(response_order="in_order"))
    customer = world.bind()
    world.say(customer, *(message() for _ in range(3)))
    assert customer.statuses == ["ESME_ROK"] * 3


def test_in_order_nobody_waits_for_a_slow_response_that_never_comes() -> None:
    world = World(dialect=Dialect(response_order="in_order"), directives=True, receipt_s=0.1)
    customer = world.bind()
    world.say(customer, message(short_message=b"#delay=2 #answer=none"), message())
    world.wait(0.2, 0.1)
    assert customer.statuses == ["ESME_ROK"]
    assert len(customer.receipts) == 1


def test_an_order_is_kept_to_the_end_of_the_session_and_not_longer() -> None:
    world = World(dialect=Dialect(response_order="reversed"))
    first = world.bind()
    world.say(first, message())
    world.carrier.change(changed(world.carrier.profile, {"dialect.response_order": "as_done"}), world.now)
    second = world.bind()
    for customer, is_reversed in ((first, True), (second, False)):
        world.say(customer, *(message() for _ in range(5)))
        numbers = [resp.sequence_number for resp in customer.responses[-5:]]
        assert numbers == sorted(numbers, reverse=is_reversed)


@pytest.mark.parametrize("order", ["as_done", "in_order"])
def test_nobody_waits_for_a_response_that_is_withheld(order: Any) -> None:
    world = World(dialect=Dialect(response_order=order), throughput_per_s=1.0, throttle_status="silence")
    customer = world.bind()
    world.say(customer, *(message() for _ in range(3)))
    world.wait(1.0)
    world.say(customer, message())
    assert customer.statuses == ["ESME_ROK"] * 2
    assert world.carrier.statistics()["responses_withheld"] == 2
    assert customer.carrier_session.unanswered == 0


def test_a_response_to_a_session_that_is_gone_goes_nowhere() -> None:
    world = World(dialect=Dialect(response_order="in_order"), response_s=1.0)
    customer = world.bind()
    world.say(customer, message())
    world.lose(customer)
    world.wait(1.1)
    assert customer.responses == []
    assert world.carrier.next_at() == math.inf
