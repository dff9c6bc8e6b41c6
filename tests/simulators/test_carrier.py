"""Conversations with a simulated carrier."""

import pytest

from simulators.binds import ACCOUNTS_MAX
from simulators.changes import changed
from simulators.interception import Interception
from simulators.profile import SimulatedAccount
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import (
    DataSm,
    DataSmResp,
    DeliverSm,
    DistributionList,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
)
from smpp_router.wire.times import format_absolute
from tests.simulators.customers import START, World, message

FINAL, INTERMEDIATE = 0x04, 0x20


# ---------------------------------------------------------------------- delays


def test_without_delays_the_response_comes_at_once_and_the_receipt_behind_it() -> None:
    world = World()
    customer = world.bind()
    world.say(customer, message())
    assert customer.statuses == ["ESME_ROK"]
    (receipt,) = customer.receipts
    assert receipt.message_id == customer.message_ids[0]
    assert (receipt.stat, receipt.error, receipt.message_state) == (b"DELIVRD", b"000", c.DELIVERED)
    assert customer.deliveries[0].esm_class == FINAL
    assert world.carrier.is_idle


def test_a_receipt_swaps_the_addresses() -> None:
    world = World()
    customer = world.bind()
    world.say(customer, message(b"8613912345678", source_addr=b"BANK", source_addr_ton=5))
    (delivery,) = customer.deliveries
    assert (delivery.source_addr_ton, delivery.source_addr) == (1, b"8613912345678")
    assert (delivery.dest_addr_ton, delivery.destination_addr) == (5, b"BANK")


def test_the_same_seed_makes_the_same_day() -> None:
    def day(seed: int) -> list[tuple[bytes, bytes]]:
        world = World(seed=seed, outcomes={"DELIVRD": 1, "UNDELIV": 1}, receipt_jitter_s=1.0)
        customer = world.bind()
        world.say(customer, *(message() for _ in range(50)))
        world.wait(1.1)
        return [(receipt.message_id, receipt.stat) for receipt in customer.receipts]

    assert day(1) == day(1)
    assert day(1) != day(2)


# ---------------------------------------------------------------------- refusals


def test_what_is_above_the_window_is_throttled() -> None:
    world = World(window_max=10, response_s=1.0)
    customer = world.bind()
    world.say(customer, *(message() for _ in range(15)))
    world.wait(1.1)
    assert customer.statuses.count("ESME_ROK") == 10
    assert customer.statuses.count("ESME_RTHROTTLED") == 5


def test_a_carrier_that_answers_at_once_never_sees_its_window_full() -> None:
    world = World(window_max=1)
    customer = world.bind()
    world.say(customer, *(message() for _ in range(15)))
    assert set(customer.statuses) == {"ESME_ROK"}


@pytest.mark.parametrize("status", ["ESME_RTHROTTLED", "ESME_RMSGQFUL"])
def test_what_is_above_the_throughput_is_refused_with_the_chosen_status(status: str) -> None:
    world = World(throughput_per_s=100.0, throttle_status=status)
    customer = world.bind()
    for _ in range(20):
        world.say(customer, *(message() for _ in range(10)))
        world.wait(0.05)
    # A second's worth and a burst of a tenth of it were taken.
    assert 100 <= customer.statuses.count("ESME_ROK") <= 110
    assert set(customer.statuses) == {"ESME_ROK", status}
    assert world.carrier.counters.throttled == customer.statuses.count(status)


def test_errors_come_in_their_shares_and_bring_no_receipt() -> None:
    world = World(errors={"ESME_RSYSERR": 0.25, "ESME_RINVDSTADR": 0.25})
    customer = world.bind()
    world.say(customer, *(message() for _ in range(1000)))
    for status in ("ESME_RSYSERR", "ESME_RINVDSTADR"):
        assert 200 < customer.statuses.count(status) < 300
    assert len(customer.receipts) == customer.statuses.count("ESME_ROK")


def test_a_refusal_takes_its_time_too() -> None:
    world = World(errors={"ESME_RSYSERR": 1.0}, response_s=0.5)
    customer = world.bind()
    assert world.say(customer, message()) == []
    world.wait(0.51)
    assert customer.statuses == ["ESME_RSYSERR"]


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"validity_period": b"not-a-time-at-al"}, "ESME_RINVEXPIRY"),
        ({"validity_period": format_absolute(START - 60)}, "ESME_RINVEXPIRY"),
        ({"schedule_delivery_time": format_absolute(START - 60)}, "ESME_RINVSCHED"),
    ],
)
def test_times_in_the_past_are_refused(fields: dict[str, bytes], status: str) -> None:
    world = World()
    customer = world.bind()
    world.say(customer, message(**fields))
    assert customer.statuses == [status]
    assert world.carrier.counters.refused == 1


# ---------------------------------------------------------------------- outcomes and receipts


def test_outcomes_come_by_their_weights_with_their_error_codes() -> None:
    world = World(outcomes={"DELIVRD": 2, "UNDELIV": 1, "REJECTD": 1}, error_codes={"UNDELIV": (27, 1027)})
    customer = world.bind()
    world.say(customer, *(message() for _ in range(1000)))
    stats = [receipt.stat for receipt in customer.receipts]
    assert 430 < stats.count(b"DELIVRD") < 570
    assert 180 < stats.count(b"REJECTD") < 320
    errors = {(receipt.stat, receipt.error) for receipt in customer.receipts}
    assert errors == {(b"DELIVRD", b"000"), (b"UNDELIV", b"027"), (b"REJECTD", b"001")}
    codes = {receipt.network_error_code for receipt in customer.receipts if receipt.stat == b"UNDELIV"}
    assert codes == {b"\x03\x00\x1b", b"\x03\x04\x03"}


@pytest.mark.parametrize("outcome", ["DELIVRD", "UNDELIV", "NONE"])
@pytest.mark.parametrize("asked", [0, 1, 2, 3])
def test_registered_delivery_is_heeded(asked: int, outcome: str) -> None:
    world = World(outcomes={outcome: 1})
    customer = world.bind()
    world.say(customer, message(registered_delivery=asked))
    wanted = {"DELIVRD": asked in (1, 3), "UNDELIV": asked in (1, 2), "NONE": False}
    assert len(customer.receipts) == wanted[outcome]


def test_without_receipt_tlvs_a_receipt_is_text_only() -> None:
    world = World(receipt_tlvs=False)
    customer = world.bind()
    world.say(customer, message())
    assert customer.deliveries[0].tlvs == ()
    assert customer.receipts[0].message_id == customer.message_ids[0]


def test_a_peer_of_smpp_3_3_gets_no_tlvs() -> None:
    world = World()
    old, new = world.bind("old", interface_version=0x33), world.bind("new")
    world.say(old, message())
    world.say(new, message())
    assert old.deliveries[0].tlvs == ()
    assert new.deliveries[0].tlvs != ()
    assert old.receipts[0].stat == new.receipts[0].stat


def test_receipts_spell_ids_in_their_own_base() -> None:
    world = World(message_ids="hex", receipt_ids="decimal")
    customer = world.bind()
    world.say(customer, message())
    assert int(customer.receipts[0].message_id) == int(customer.message_ids[0], 16)


# ---------------------------------------------------------------------- binds


ACCOUNTS = (
    SimulatedAccount(system_id="bank", password="secret", binds_max=2),
    SimulatedAccount(system_id="open"),
)


@pytest.mark.parametrize(
    ("system_id", "password", "is_bound"),
    [
        ("bank", b"secret", True),
        ("bank", b"guess", False),
        ("bank", b"", False),
        ("open", b"whatever", True),
        ("stranger", b"secret", False),
    ],
)
def test_only_its_accounts_may_bind_if_a_carrier_has_any(
    system_id: str, password: bytes, is_bound: bool
) -> None:
    world = World(accounts=ACCOUNTS)
    assert world.bind(system_id, password=password).session.is_bound is is_bound


def test_an_account_has_so_many_sessions_and_no_more() -> None:
    world = World(accounts=ACCOUNTS)
    first = world.bind("bank", password=b"secret")
    assert world.bind("bank", password=b"secret").session.is_bound
    assert not world.bind("bank", password=b"secret").session.is_bound
    world.lose(first)
    assert world.bind("bank", password=b"secret").session.is_bound


def test_a_carrier_that_lets_anybody_bind_does_not_keep_accounts_without_end() -> None:
    world = World()
    for number in range(ACCOUNTS_MAX):
        world.carrier.inject(f"account-{number}", DeliverSm(), world.now)
    assert not world.bind("one-more").session.is_bound
    assert world.bind("account-1").session.is_bound


# ---------------------------------------------------------------------- data_sm and submit_multi


def test_data_sm_is_a_message_too() -> None:
    world = World()
    customer = world.bind()
    (resp,) = world.say(
        customer,
        DataSm(
            destination_addr=b"8613900000001",
            registered_delivery=1,
            tlvs=((c.TAG_MESSAGE_PAYLOAD, b"hello"),),
        ),
    )
    assert isinstance(resp, DataSmResp)
    assert [receipt.message_id for receipt in customer.receipts] == [resp.message_id]


def multi(*addresses: SmeAddress | DistributionList) -> SubmitMulti:
    return SubmitMulti(
        source_addr=b"106900", dest_addresses=addresses, registered_delivery=1, short_message=b"all"
    )


def test_submit_multi_has_one_id_and_a_receipt_from_each_destination() -> None:
    world = World()
    customer = world.bind()
    numbers = [b"8613900000001", b"8613900000002", b"8613900000003"]
    (resp,) = world.say(
        customer, multi(*(SmeAddress(1, 1, number) for number in numbers), DistributionList(b"staff"))
    )
    assert isinstance(resp, SubmitMultiResp)
    assert {receipt.message_id for receipt in customer.receipts} == {resp.message_id}
    assert [delivery.source_addr for delivery in customer.deliveries] == numbers
    failed = [(one.destination_addr, one.error_status_code) for one in resp.unsuccess_sme]
    assert failed == [(b"staff", c.ESME_RINVDLNAME)]
    assert world.carrier.statistics()["under_way"] == 0


def test_submit_multi_to_nobody_fails() -> None:
    world = World()
    customer = world.bind()
    (resp,) = world.say(customer, multi(DistributionList(b"staff")))
    assert isinstance(resp, SubmitMultiResp)
    assert resp.command_status == c.ESME_RSUBMITFAIL


def test_each_destination_counts_for_the_throughput() -> None:
    world = World(throughput_per_s=20.0)
    customer = world.bind()
    assert world.say(customer, multi(SmeAddress(1, 1, b"1"), SmeAddress(1, 1, b"2")))[0].command_status == 0
    (resp,) = world.say(customer, multi(SmeAddress(1, 1, b"1"), SmeAddress(1, 1, b"2")))
    assert resp.command_status == c.ESME_RTHROTTLED


def test_a_refused_data_sm_and_submit_multi_say_so() -> None:
    world = World(errors={"ESME_RSYSERR": 1.0})
    customer = world.bind()
    world.say(customer, DataSm(destination_addr=b"1"), multi(SmeAddress(1, 1, b"1")))
    assert customer.statuses == ["ESME_RSYSERR"] * 2


def test_statistics_add_up() -> None:
    world = World(errors={"ESME_RSYSERR": 0.5}, receipt_s=1.0, receipt_jitter_s=1.0)
    customer = world.bind()
    world.say(customer, *(message() for _ in range(100)))
    world.wait(1.5)
    seen = world.carrier.statistics()
    assert seen["submits"] == seen["messages"] + seen["refused"] + seen["throttled"] == 100
    assert seen["distinct_ids"] == seen["messages"] == len(set(customer.message_ids))
    assert seen["receipts"] + seen["under_way"] == seen["messages"]
    assert seen["deliveries_answered"] == seen["receipts"] == len(customer.receipts)


# ---------------------------------------------------------------------- changes at run time


def test_a_change_holds_for_what_comes_next() -> None:
    world = World(response_s=0.5, keep_arrivals=5)
    customer = world.bind()
    world.say(customer, message())
    world.carrier.change(
        changed(
            world.carrier.profile,
            {"response_s": 0, "errors": {"ESME_RSYSERR": 1}, "message_ids": "hex", "keep_arrivals": 9},
        ),
        world.now,
    )
    world.say(customer, message())
    assert customer.statuses == ["ESME_RSYSERR"]
    world.wait(0.6)
    assert customer.statuses == ["ESME_RSYSERR", "ESME_ROK"]
    assert len(world.carrier.arrivals) == 2
    world.carrier.change(changed(world.carrier.profile, {"errors": {}}), world.now)
    world.say(customer, message())
    assert int(customer.message_ids[-1], 16) == int(customer.message_ids[0]) + 1


def test_changing_something_else_gives_no_new_burst() -> None:
    world = World(throughput_per_s=20.0)
    customer = world.bind()
    world.say(customer, message(), message(), message())
    world.carrier.change(changed(world.carrier.profile, {"receipt_s": 1}), world.now)
    world.say(customer, message())
    assert customer.statuses == ["ESME_ROK"] * 2 + ["ESME_RTHROTTLED"] * 2


def test_what_is_filtered_may_be_changed_and_complaints_are_remembered() -> None:
    world = World(interception=Interception(words=("prize",), action="report"))
    customer = world.bind()
    world.say(customer, message(short_message=b"a prize"))
    world.carrier.change(changed(world.carrier.profile, {"interception.words": ["loan"]}), world.now)
    world.say(customer, message(short_message=b"a prize"), message(short_message=b"a loan"))
    assert [receipt.stat for receipt in customer.receipts] == [b"REJECTD", b"DELIVRD", b"REJECTD"]
    assert world.carrier.statistics()["intercepted"] == 2
