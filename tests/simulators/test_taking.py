"""Messages to many, and what they come to."""

from typing import Any

import pytest

from simulators.rules import Rule
from simulators.taking import unsendable
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm, DistributionList, SmeAddress, SubmitMulti, SubmitMultiResp, SubmitSm
from tests.simulators.customers import World, message

LISTS = {"friends": ("8613900000001", "8613900000002"), "family": ("8613900000002", "8613900000003")}


def multi(*entries: SmeAddress | DistributionList, **fields: Any) -> SubmitMulti:
    given: dict[str, Any] = {"source_addr": b"106900", "registered_delivery": 1, "short_message": b"hello"}
    return SubmitMulti(dest_addresses=entries, **(given | fields))


def test_a_list_reaches_each_of_its_members_once() -> None:
    world = World(distribution_lists=LISTS)
    customer = world.bind()
    world.say(customer, multi(DistributionList(b"friends"), DistributionList(b"family")))
    assert [delivery.source_addr for delivery in customer.deliveries] == [
        b"8613900000001",
        b"8613900000002",
        b"8613900000003",
    ]
    assert len({receipt.message_id for receipt in customer.receipts}) == 1


def test_an_unknown_list_fails_and_the_rest_goes_out() -> None:
    world = World(distribution_lists=LISTS)
    customer = world.bind()
    (resp,) = world.say(customer, multi(DistributionList(b"friends"), DistributionList(b"foes")))
    assert isinstance(resp, SubmitMultiResp)
    assert [(one.destination_addr, one.error_status_code) for one in resp.unsuccess_sme] == [
        (b"foes", c.ESME_RINVDLNAME)
    ]
    assert len(customer.receipts) == 2


def test_a_submit_multi_to_nobody_is_refused_as_such() -> None:
    world = World()
    customer = world.bind()
    world.say(customer, multi())
    assert customer.statuses == ["ESME_RINVNUMDESTS"]


def test_each_destination_has_a_fate_of_its_own() -> None:
    world = World(rules=(Rule(destination="86138", status="ESME_RINVDSTADR"),))
    customer = world.bind()
    (resp,) = world.say(
        customer, multi(SmeAddress(1, 1, b"8613800000001"), SmeAddress(1, 1, b"8613900000001"))
    )
    assert isinstance(resp, SubmitMultiResp)
    assert [one.error_status_code for one in resp.unsuccess_sme] == [c.ESME_RINVDSTADR]
    assert len(customer.receipts) == 1


def test_rules_see_the_text_of_a_data_sm() -> None:
    world = World(rules=(Rule(text="hello", status="ESME_RSUBMITFAIL"),))
    customer = world.bind()
    world.say(customer, DataSm(destination_addr=b"1", tlvs=((c.TAG_MESSAGE_PAYLOAD, b"hello"),)))
    assert customer.statuses == ["ESME_RSUBMITFAIL"]


def test_a_message_may_replace_one_that_is_under_way() -> None:
    world = World(receipt_s=10.0)
    customer = world.bind()
    world.say(customer, message(), message(b"8613900000002"))
    world.say(customer, message(replace_if_present_flag=1))
    assert [receipt.stat for receipt in customer.receipts] == [b"DELETED"]
    world.wait(10.1, 0.1)
    assert [receipt.stat for receipt in customer.receipts] == [b"DELETED", b"DELIVRD", b"DELIVRD"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({}, c.ESME_ROK),
        ({"destination_addr": b""}, c.ESME_RINVDSTADR),
        ({"destination_addr": b"8" * 20}, c.ESME_ROK),
        ({"destination_addr": b"8" * 21}, c.ESME_RINVDSTADR),
        ({"source_addr": b"1" * 21}, c.ESME_RINVSRCADR),
        ({"service_type": b"CMTCMT"}, c.ESME_RINVSERTYP),
    ],
)
def test_what_no_carrier_takes_is_refused_in_the_protocols_terms(
    fields: dict[str, bytes], status: int
) -> None:
    pdu = SubmitSm(source_addr=b"106900", destination_addr=b"8613900000001")
    for name, value in fields.items():
        setattr(pdu, name, value)
    assert unsendable(pdu) == status


@pytest.mark.parametrize("changes", [{}, {"directives": True}])
def test_a_message_to_nobody_is_not_taken(changes: dict[str, Any]) -> None:
    world = World(**changes)
    customer = world.bind()
    submit = SubmitSm(source_addr=b"106900", registered_delivery=1, short_message=b"hello")
    data = DataSm(source_addr=b"106900", registered_delivery=1)
    for pdu in (submit, data):
        (resp,) = world.say(customer, pdu)
        assert resp.command_status == c.ESME_RINVDSTADR
    assert customer.receipts == []
