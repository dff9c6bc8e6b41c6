"""Who gets the deliveries of an account, when, and how often."""

import pytest

from simulators import deliveries as deliveries_module
from simulators.deliveries import Deliveries, Delivery
from smpp_router.session.states import State
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DeliverSm
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


def test_a_receipt_for_a_transmitter_waits_for_a_receiver() -> None:
    world = World()
    transmitter = world.bind(state=State.BOUND_TX)
    world.say(transmitter, message(), message())
    assert transmitter.deliveries == []
    receiver = world.bind(state=State.BOUND_RX)
    assert {receipt.message_id for receipt in receiver.receipts} == set(transmitter.message_ids)


def test_accounts_do_not_see_each_others_receipts() -> None:
    world = World()
    one, other = world.bind("one"), world.bind("other")
    world.say(one, message())
    assert len(one.receipts) == 1
    assert other.deliveries == []


def test_receipts_are_spread_over_the_sessions_of_an_account() -> None:
    world = World(deliver_window=10, receipt_s=0.1)
    customers = [world.bind() for _ in range(3)]
    for _ in range(30):
        world.say(customers[0], message())
        world.wait(0.02)
    world.wait(0.2)
    assert sum(len(customer.receipts) for customer in customers) == 30
    assert all(customer.receipts for customer in customers)


def test_a_full_window_holds_deliveries_back() -> None:
    world = World(deliver_window=10)
    customer = world.bind()
    customer.answer_with = None
    world.say(customer, *(message() for _ in range(25)))
    assert len(customer.deliveries) == 10
    assert world.carrier.statistics()["deliveries_waiting"] == 15


def test_what_a_lost_session_had_not_answered_goes_to_another() -> None:
    world = World()
    silent = world.bind()
    silent.answer_with = None
    world.say(silent, *(message() for _ in range(5)))
    assert len(silent.deliveries) == 5
    other = world.bind()
    assert other.deliveries == []
    world.lose(silent)
    assert [receipt.message_id for receipt in other.receipts] == silent.message_ids


def test_a_delivery_that_fails_comes_again_until_it_is_taken() -> None:
    world = World(deliver_retry_s=5.0)
    customer = world.bind()
    customer.answer_with = c.ESME_RX_T_APPN
    world.say(customer, message())
    assert len(customer.deliveries) == 1
    world.wait(5.1, 0.1)
    assert len(customer.deliveries) == 2
    customer.answer_with = c.ESME_ROK
    world.wait(100.0, 0.5)
    assert len(customer.deliveries) == 3
    assert len({receipt.message_id for receipt in customer.receipts}) == 1
    assert world.carrier.counters.deliveries_dropped == 0


def test_a_delivery_is_dropped_after_its_attempts() -> None:
    world = World(deliver_retry_s=1.0, deliver_attempts_max=3)
    customer = world.bind()
    customer.answer_with = c.ESME_RMSGQFUL
    world.say(customer, message())
    world.wait(20.0, 0.5)
    assert len(customer.deliveries) == 3
    assert world.carrier.counters.deliveries_dropped == 1
    assert world.carrier.is_idle


@pytest.mark.parametrize("status", [c.ESME_RX_P_APPN, c.ESME_RX_R_APPN])
def test_a_delivery_that_is_refused_for_good_does_not_come_again(status: int) -> None:
    world = World()
    customer = world.bind()
    customer.answer_with = status
    world.say(customer, message())
    world.wait(20.0, 0.5)
    assert len(customer.deliveries) == 1
    assert world.carrier.counters.deliveries_dropped == 1


def test_a_delivery_that_is_not_answered_comes_again() -> None:
    world = World()
    customer = world.bind()
    customer.answer_with = None
    world.say(customer, message())
    contexts = customer.carrier_session.window.lose()
    world.carrier.expired(customer.system_id, contexts, world.now)
    world.wait(0.1)
    assert len(customer.deliveries) == 2


def test_a_mobile_originated_message_reaches_its_account_or_waits_for_it() -> None:
    world = World()
    customer = world.bind()
    world.carrier.inject("customer", DeliverSm(source_addr=b"8613900000001", short_message=b"T"), world.now)
    world.exchange()
    assert [delivery.short_message for delivery in customer.deliveries] == [b"T"]
    world.lose(customer)
    world.carrier.inject("customer", DeliverSm(short_message=b"again"), world.now)
    assert [delivery.short_message for delivery in world.bind().deliveries] == [b"again"]
