"""Receipts in a carrier's dialect."""

from typing import Any

import pytest

from simulators.dialect import Dialect
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm
from tests.simulators.customers import World, message


def test_a_dialect_writes_the_receipt() -> None:
    dialect = Dialect(receipt_template="id={id} {stat} {err} {text}", receipt_text_octets=3)
    world = World(dialect=dialect, outcomes={"UNDELIV": 1}, error_codes={"UNDELIV": (27,)})
    customer = world.bind()
    world.say(customer, message())
    (delivery,) = customer.deliveries
    assert delivery.short_message == b"id=" + customer.message_ids[0] + b" UNDELIV 027 hel"


@pytest.mark.parametrize("receipt_tlvs", [True, False])
def test_a_delivered_message_too_has_the_error_code_that_it_was_given(receipt_tlvs: bool) -> None:
    world = World(directives=True, magic_numbers=True, receipt_tlvs=receipt_tlvs)
    customer = world.bind()
    world.say(customer, message(short_message=b"#err=27"), message(b"8613900091227"), message())
    assert [(receipt.stat, receipt.error) for receipt in customer.receipts] == [
        (b"DELIVRD", b"027"),
        (b"DELIVRD", b"027"),
        (b"DELIVRD", b"000"),
    ]
    tags = [[tag for tag, _ in delivery.tlvs] for delivery in customer.deliveries]
    assert [c.TAG_NETWORK_ERROR_CODE in found for found in tags] == [receipt_tlvs, receipt_tlvs, False]


@pytest.mark.parametrize("receipt_tlvs", [True, False])
def test_receipts_may_be_data_sm_and_are_tried_again_like_any(receipt_tlvs: bool) -> None:
    world = World(dialect=Dialect(receipt_pdu="data_sm"), receipt_tlvs=receipt_tlvs)
    customer = world.bind()
    world.say(customer, message())
    (receipt,) = [pdu for pdu in customer.responses if isinstance(pdu, DataSm)]
    tags = [tag for tag, _ in receipt.tlvs]
    assert c.TAG_MESSAGE_PAYLOAD in tags
    assert (c.TAG_MESSAGE_STATE in tags) is receipt_tlvs


@pytest.mark.parametrize("stat", ["ENROUTE", "ACCEPTD", "UNKNOWN"])
def test_a_vendor_that_sends_two_receipts_sends_the_final_one_last(stat: Any) -> None:
    world = World(dialect=Dialect(preceding_stat=stat), receipt_s=1.0)
    customer = world.bind()
    world.say(customer, message())
    assert customer.receipts == []
    world.wait(1.1, 0.1)
    assert [receipt.stat for receipt in customer.receipts] == [stat.encode(), b"DELIVRD"]
    assert {receipt.message_id for receipt in customer.receipts} == set(customer.message_ids)


def test_nothing_precedes_where_no_receipt_is_asked_for() -> None:
    world = World(dialect=Dialect(preceding_stat="ENROUTE"))
    customer = world.bind()
    world.say(customer, message(registered_delivery=0))
    assert customer.deliveries == []
