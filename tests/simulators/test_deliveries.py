"""The queue of one account."""

import pytest

from simulators import deliveries as deliveries_module
from simulators.deliveries import Deliveries, Delivery
from tests.simulators.customers import START, World, message


def test_the_oldest_delivery_goes_when_too_many_wait(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(deliveries_module, "WAITING_MAX", 3)
    queue = Deliveries()
    queue.add([Delivery(b"%d" % number) for number in range(5)], START)
    assert (len(queue), queue.dropped, queue.sent) == (3, 2, 0)


def test_windows_are_filled_one_after_the_other_and_nothing_is_sent_twice() -> None:
    world = World(deliver_window=2)
    customers = [world.bind() for _ in range(3)]
    for customer in customers:
        customer.answer_with = None
    world.say(customers[0], *(message() for _ in range(10)))
    assert [len(customer.deliveries) for customer in customers] == [2, 2, 2]
    got = [receipt.message_id for customer in customers for receipt in customer.receipts]
    assert len(set(got)) == 6
    assert world.carrier.statistics()["deliveries_waiting"] == 4


def test_an_unbinding_session_gets_nothing_more() -> None:
    world = World(receipt_s=1.0)
    leaving, staying = world.bind(), world.bind()
    world.say(leaving, message(), message())
    leaving.carrier_session.unbind(world.now)
    world.wait(1.1)
    assert (len(leaving.deliveries), len(staying.deliveries)) == (0, 2)
