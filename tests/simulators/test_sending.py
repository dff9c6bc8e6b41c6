"""What goes to accounts: now, later, again."""

import math

import pytest

from simulators import sending as sending_module
from simulators.anomalies import Anomalies
from simulators.rules import Rule
from smpp_router.wire import constants as c
from tests.simulators.customers import START, World, message


def test_the_next_due_moment_is_known() -> None:
    world = World(response_s=1.0, receipt_s=10.0)
    customer = world.bind()
    assert world.carrier.next_at() == math.inf
    world.say(customer, message())
    assert 0.0 < world.carrier.next_at() - (START + 1.0) < 0.01
    world.wait(1.1)
    assert 0.0 < world.carrier.next_at() - (START + 11.0) < 0.01
    world.wait(10.1)
    assert world.carrier.next_at() == math.inf


def test_a_receipt_that_was_held_back_is_due_then() -> None:
    world = World(anomalies=Anomalies(late=1.0, late_s=60.0))
    world.say(world.bind(), message())
    assert 59.9 < world.carrier.next_at() - START < 60.1
    assert not world.carrier.is_idle


def test_a_refused_receipt_that_came_twice_is_tried_again_on_its_own() -> None:
    world = World(rules=(Rule(receipt="twice"),), deliver_retry_s=5.0)
    customer = world.bind()
    customer.answer_with = c.ESME_RX_T_APPN
    world.say(customer, message())
    world.wait(1.1)
    assert len(customer.receipts) == 2
    customer.answer_with = c.ESME_ROK
    world.wait(6.2)
    assert len(customer.receipts) == 4
    assert world.carrier.is_idle


def test_when_too_many_are_held_back_receipts_come_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sending_module, "LATER_MAX", 3)
    world = World(anomalies=Anomalies(late=1.0, duplicated=1.0))
    customer = world.bind()
    world.say(customer, *(message() for _ in range(10)))
    # Two messages fill it with a receipt and its double each; one more has room for neither.
    assert len(customer.receipts) == 8
