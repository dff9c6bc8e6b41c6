"""Receipts and responses that go wrong."""

from typing import Any

import pytest

from simulators.anomalies import Anomalies
from tests.simulators.customers import START, Customer, World, message

COUNT = 1_000


def sent(count: int = COUNT, wait_s: float = 0.0, asked: int = 1, **shares: float) -> tuple[World, Customer]:
    """A carrier that got so many messages and had some time."""
    values: dict[str, Any] = {**shares}
    world = World(anomalies=Anomalies(**values))
    customer = world.bind()
    world.say(customer, *(message(registered_delivery=asked) for _ in range(count)))
    if wait_s:
        world.wait(wait_s, 0.05)
    return world, customer


def test_without_a_share_nothing_goes_wrong() -> None:
    assert not Anomalies().is_any
    _, customer = sent(100)
    assert len(customer.receipts) == len(customer.message_ids) == 100


def test_some_receipts_come_twice() -> None:
    world, customer = sent(duplicated=0.2, wait_s=1.1)
    ids = [receipt.message_id for receipt in customer.receipts]
    assert len(set(ids)) == COUNT
    assert 150 < len(ids) - COUNT < 250
    assert world.carrier.counters.receipts_doubled == len(ids) - COUNT


def test_some_receipts_never_come() -> None:
    world, customer = sent(missing=0.2)
    assert 750 < len(customer.receipts) < 850
    assert world.carrier.counters.receipts_missing == COUNT - len(customer.receipts)
    assert len(world.carrier.messages) == 0


def test_some_receipts_are_overtaken() -> None:
    _, customer = sent(reordered=0.2, wait_s=2.1)
    ids = [receipt.message_id for receipt in customer.receipts]
    assert ids != sorted(ids)
    assert sorted(ids) == sorted(customer.message_ids)


def test_a_late_receipt_tells_when_the_message_ended() -> None:
    world, customer = sent(1, late=1.0, late_s=120.0)
    assert customer.receipts == []
    world.wait(120.1, 1.0)
    (receipt,) = customer.receipts
    assert receipt.done_date == receipt.submit_date
    assert world.now >= START + 120.0


def test_an_early_receipt_comes_before_its_response() -> None:
    world, customer = sent(10, early=1.0, early_s=0.2)
    world.wait(0.12)
    assert (len(customer.receipts), len(customer.responses)) == (10, 0)
    world.wait(0.1)
    assert len(customer.message_ids) == 10


def test_some_get_receipts_who_asked_for_none() -> None:
    world, customer = sent(unasked=0.2, asked=0)
    assert 150 < len(customer.receipts) < 250
    assert world.carrier.counters.receipts_unasked == len(customer.receipts)


def test_a_withheld_response_keeps_no_window_full() -> None:
    world, customer = sent(withheld=0.2)
    assert 750 < len(customer.responses) < 850
    assert len(customer.receipts) == COUNT
    assert world.carrier.counters.responses_withheld == COUNT - len(customer.responses)
    assert customer.carrier_session.unanswered == 0


def test_a_share_is_from_0_to_1() -> None:
    with pytest.raises(ValueError, match=r"late: must be from 0 to 1, got 1\.1"):
        Anomalies(late=1.1)


def test_of_a_long_message_only_the_last_part_gets_a_receipt() -> None:
    world = World(anomalies=Anomalies(one_for_parts=True))
    customer = world.bind()
    parts = [message(esm_class=0x40, short_message=bytes([5, 0, 3, 7, 3, part]) + b"x") for part in (2, 3, 1)]
    world.say(customer, *parts, message())
    assert [customer.message_ids.index(receipt.message_id) for receipt in customer.receipts] == [1, 3]
    assert world.carrier.statistics()["receipts_missing"] == 2
