"""How messages come to their ends: in their time, once, and told of on the way."""

import pytest

from smpp_router.wire.pdu import CancelSm, ReplaceSm
from smpp_router.wire.times import format_absolute, format_relative
from tests.simulators.customers import START, World, message

FINAL, INTERMEDIATE = 0x04, 0x20


def test_an_intermediate_notification_comes_before_the_end() -> None:
    world = World(receipt_s=1.0)
    customer = world.bind()
    world.say(customer, message(registered_delivery=0x11))
    world.wait(1.1)
    assert [delivery.esm_class for delivery in customer.deliveries] == [INTERMEDIATE, FINAL]
    assert [receipt.stat for receipt in customer.receipts] == [b"ENROUTE", b"DELIVRD"]


def test_a_message_that_is_not_delivered_within_its_validity_expires() -> None:
    world = World(receipt_s=60.0)
    customer = world.bind()
    world.say(customer, message(validity_period=format_relative(10)))
    world.wait(9.9)
    assert customer.receipts == []
    world.wait(0.2)
    assert [(receipt.stat, receipt.error) for receipt in customer.receipts] == [(b"EXPIRED", b"027")]


def test_a_scheduled_message_waits() -> None:
    world = World()
    customer = world.bind()
    world.say(customer, message(schedule_delivery_time=format_absolute(START + 30)))
    world.wait(29.9)
    assert customer.receipts == []
    world.wait(0.2)
    assert len(customer.receipts) == 1


def test_a_message_that_ends_twice_in_one_read_ends_once() -> None:
    world = World()
    customer = world.bind()
    cancel = CancelSm(
        source_addr=b"106900", dest_addr_ton=1, dest_addr_npi=1, destination_addr=b"8613900000001"
    )
    world.say(customer, message(), cancel)
    assert len(customer.receipts) == 1


@pytest.mark.parametrize("period_s", [10, 200])
def test_the_end_that_replace_sm_moved_is_the_one_that_counts(period_s: int) -> None:
    world = World(receipt_s=60.0)
    customer = world.bind()
    world.say(customer, message(validity_period=format_relative(30)))
    change = ReplaceSm(
        message_id=customer.message_ids[0],
        source_addr=b"106900",
        registered_delivery=1,
        validity_period=format_relative(period_s),
        short_message=b"bye",
    )
    world.say(customer, change)
    assert customer.statuses[1:] == ["ESME_ROK"]
    world.wait(29.0)
    assert [receipt.stat for receipt in customer.receipts] == ([b"EXPIRED"] if period_s == 10 else [])
    world.wait(32.0)
    assert [receipt.stat for receipt in customer.receipts] == [b"EXPIRED"]
    assert world.carrier.is_idle


def test_what_was_cancelled_is_not_told_of_on_its_way() -> None:
    world = World(receipt_s=10.0)
    customer = world.bind()
    world.say(customer, message(registered_delivery=0x11))
    world.say(customer, CancelSm(message_id=customer.message_ids[0], source_addr=b"106900"))
    world.wait(11.0)
    assert [receipt.stat for receipt in customer.receipts] == [b"DELETED"]
    assert world.carrier.is_idle
