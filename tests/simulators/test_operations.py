"""query_sm, cancel_sm and replace_sm, as an ESME sees them."""

from typing import Any

import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm, Pdu, QuerySm, QuerySmResp, ReplaceSm, SmeAddress, SubmitMulti
from smpp_router.wire.times import format_absolute, format_relative
from tests.simulators.customers import START, Customer, World, message

SOURCE = b"106900"


def under_way(**settings: Any) -> tuple[World, Customer, bytes]:
    """A message that takes a minute, and its id."""
    world = World(**({"receipt_s": 60.0} | settings))
    customer = world.bind()
    world.say(customer, message())
    return world, customer, customer.message_ids[0]


def queried(world: World, customer: Customer, message_id: bytes) -> QuerySmResp:
    (resp,) = world.say(customer, QuerySm(message_id=message_id, source_addr=SOURCE))
    assert isinstance(resp, QuerySmResp)
    return resp


def requests(message_id: bytes, source: bytes = SOURCE) -> list[Pdu]:
    return [
        QuerySm(message_id=message_id, source_addr=source),
        CancelSm(message_id=message_id, source_addr=source),
        ReplaceSm(message_id=message_id, source_addr=source, short_message=b"new"),
    ]


def test_query_tells_the_state_before_and_after() -> None:
    world, customer, message_id = under_way(outcomes={"UNDELIV": 1}, error_codes={"UNDELIV": (300,)})
    resp = queried(world, customer, message_id)
    assert (resp.message_state, resp.final_date, resp.error_code) == (c.ENROUTE, b"", 0)
    world.wait(60.1, 0.1)
    resp = queried(world, customer, message_id)
    assert (resp.message_id, resp.message_state, resp.error_code) == (message_id, c.UNDELIVERABLE, 255)
    assert resp.final_date[:12] == format_absolute(world.now)[:12]


def test_a_message_of_which_nothing_is_heard_is_unknown() -> None:
    world, customer, message_id = under_way(outcomes={"NONE": 1})
    world.wait(60.1, 0.1)
    assert queried(world, customer, message_id).message_state == c.UNKNOWN


def test_operations_take_their_time_as_submits_do() -> None:
    world, customer, message_id = under_way()
    world = World(response_s=0.5)
    customer = world.bind()
    assert world.say(customer, QuerySm(message_id=message_id)) == []
    world.wait(0.51)
    assert customer.statuses == ["ESME_RINVMSGID"]


def test_cancel_ends_a_message_with_a_receipt() -> None:
    world, customer, message_id = under_way()
    (resp,) = world.say(customer, CancelSm(message_id=message_id, source_addr=SOURCE))
    assert resp.command_status == c.ESME_ROK
    assert [receipt.stat for receipt in customer.receipts] == [b"DELETED"]
    assert queried(world, customer, message_id).message_state == c.DELETED
    world.wait(61.0, 0.5)
    assert len(customer.receipts) == 1


def test_cancel_without_an_id_is_for_all_messages_between_two_addresses() -> None:
    world = World(receipt_s=60.0)
    customer = world.bind()
    world.say(customer, message(b"861"), message(b"861", service_type=b"OTP"), message(b"862"))
    first, second, third = customer.message_ids

    def cancel(**fields: Any) -> int:
        pdu = CancelSm(source_addr=SOURCE, dest_addr_ton=1, dest_addr_npi=1, **fields)
        (resp,) = world.say(customer, pdu)
        return resp.command_status

    assert cancel(destination_addr=b"861", service_type=b"OTP") == c.ESME_ROK
    assert [receipt.message_id for receipt in customer.receipts] == [second]
    assert cancel(destination_addr=b"861") == c.ESME_ROK
    assert [receipt.message_id for receipt in customer.receipts] == [second, first]
    assert cancel(destination_addr=b"861") == c.ESME_RCANCELFAIL
    assert queried(world, customer, third).message_state == c.ENROUTE


def test_cancel_of_a_submit_multi_is_for_all_its_destinations() -> None:
    world = World(receipt_s=60.0)
    customer = world.bind()
    addresses = tuple(SmeAddress(1, 1, b"86%d" % number) for number in range(3))
    world.say(customer, SubmitMulti(source_addr=SOURCE, dest_addresses=addresses, registered_delivery=1))
    message_id = b"1000000000"
    assert queried(world, customer, message_id).message_state == c.ENROUTE
    world.say(customer, CancelSm(message_id=message_id, source_addr=SOURCE))
    assert [receipt.stat for receipt in customer.receipts] == [b"DELETED"] * 3


def test_replace_changes_what_is_asked_for() -> None:
    world, customer, message_id = under_way()
    pdu = ReplaceSm(message_id=message_id, source_addr=SOURCE, short_message=b"new", registered_delivery=0)
    (resp,) = world.say(customer, pdu)
    assert resp.command_status == c.ESME_ROK
    held = world.carrier.messages.find(message_id, "customer")
    assert held is not None
    assert held.short_message == b"new"
    world.wait(61.0, 0.5)
    assert customer.receipts == []


@pytest.mark.parametrize(
    ("fields", "ends_after_s", "stat"),
    [
        ({"schedule_delivery_time": format_absolute(START + 90)}, 90.0, b"DELIVRD"),
        ({"schedule_delivery_time": format_absolute(START + 5)}, 5.0, b"DELIVRD"),
        ({"validity_period": format_relative(20)}, 20.0, b"EXPIRED"),
    ],
)
def test_replace_moves_the_end(fields: dict[str, bytes], ends_after_s: float, stat: bytes) -> None:
    world, customer, message_id = under_way()
    pdu = ReplaceSm(message_id=message_id, source_addr=SOURCE, registered_delivery=1)
    for name, value in fields.items():
        setattr(pdu, name, value)
    (resp,) = world.say(customer, pdu)
    assert resp.command_status == c.ESME_ROK
    world.wait(ends_after_s - 0.1, 0.1)
    assert customer.receipts == []
    world.wait(0.3, 0.1)
    assert [receipt.stat for receipt in customer.receipts] == [stat]
    world.wait(100.0, 0.5)
    assert len(customer.receipts) == 1


def test_replace_with_a_time_in_the_past_changes_nothing() -> None:
    world, customer, message_id = under_way()
    past = format_absolute(START - 100)
    pdu = ReplaceSm(message_id=message_id, source_addr=SOURCE, validity_period=past, short_message=b"new")
    (resp,) = world.say(customer, pdu)
    assert resp.command_status == c.ESME_RINVEXPIRY
    held = world.carrier.messages.find(message_id, "customer")
    assert held is not None
    assert held.short_message == b"hello"


def test_what_has_ended_can_neither_be_cancelled_nor_replaced() -> None:
    world, customer, message_id = under_way(receipt_s=0.0)
    world.say(customer, *requests(message_id)[1:])
    assert customer.statuses[1:] == ["ESME_RCANCELFAIL", "ESME_RREPLACEFAIL"]


def test_another_source_address_may_not_touch_a_message() -> None:
    world, customer, message_id = under_way()
    world.say(customer, *requests(message_id, b"10690"))
    assert customer.statuses[1:] == ["ESME_RQUERYFAIL", "ESME_RCANCELFAIL", "ESME_RREPLACEFAIL"]
    assert queried(world, customer, message_id).message_state == c.ENROUTE


def test_another_destination_is_not_cancelled() -> None:
    world, customer, message_id = under_way()
    pdu = CancelSm(message_id=message_id, source_addr=SOURCE, destination_addr=b"8613900000002")
    assert world.say(customer, pdu)[0].command_status == c.ESME_RCANCELFAIL


def test_another_account_does_not_even_learn_that_there_is_such_a_message() -> None:
    world, customer, message_id = under_way()
    other = world.bind("other")
    world.say(other, *requests(message_id))
    assert other.statuses == ["ESME_RINVMSGID"] * 3
    assert queried(world, customer, message_id).message_state == c.ENROUTE
