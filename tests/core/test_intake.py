from typing import Any

import pytest

from smpp_router.config import LimitsConfig
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import (
    SubmitSm,
)
from tests.core.talk import Talk, account, configuration


@pytest.mark.parametrize(
    ("fields", "status"),
    [
        ({"destination": b"4479000000"}, c.ESME_RINVDSTADR),
        ({"destination": b"not a number"}, c.ESME_RINVDSTADR),
        ({"destination": b""}, c.ESME_RINVDSTADR),
        ({"destination": b"86139" + b"0" * 16}, c.ESME_RINVDSTADR),
        ({"source_addr": b"1" * 21}, c.ESME_RINVSRCADR),
        ({"service_type": b"CMTCMT"}, c.ESME_RINVSERTYP),
        ({"short_message": b"x" * 255}, c.ESME_RINVMSGLEN),
        ({"validity_period": b"240101000000000+"}, c.ESME_RINVEXPIRY),
        ({"validity_period": b"nonsense"}, c.ESME_RINVEXPIRY),
        ({"schedule_delivery_time": b"240101000000000+"}, c.ESME_RINVSCHED),
        ({"schedule_delivery_time": b"050000000000000R"}, c.ESME_RINVSCHED),
        (
            {"schedule_delivery_time": b"000001000000000R", "validity_period": b"000000010000000R"},
            c.ESME_RINVEXPIRY,
        ),
    ],
)
def test_what_cannot_be_sent_is_refused_in_the_protocols_terms(fields: dict[str, bytes], status: int) -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    for name in ("validity_period", "schedule_delivery_time"):
        if fields.get(name) == b"nonsense":
            break
    submit = SubmitSm(destination_addr=b"8613900000001", short_message=b"x")
    for name, value in fields.items():
        setattr(submit, "destination_addr" if name == "destination" else name, value)
    from smpp_router.wire.codec import encode  # noqa: PLC0415 - lenient encoding of a bad time

    submit.sequence_number = esme.near.window.open(submit)
    esme.near.write(encode(submit, strict=False))
    talk.settle()
    assert esme.statuses == [status]
    assert link.submits == []
    assert len(talk.exchange.flight) == 0


@pytest.mark.parametrize(
    ("came", "goes"),
    [
        ({"priority_flag": 3}, {"priority_flag": 3}),
        ({"priority_flag": 4}, {"priority_flag": 0}),
        ({"priority_flag": 255, "replace_if_present_flag": 1}, {"replace_if_present_flag": 1}),
        ({"replace_if_present_flag": 2, "priority_flag": 1}, {"priority_flag": 1}),
        ({"priority_flag": 9, "validity_period": b"000000010000000R"}, {}),
        ({"priority_flag": 9, "schedule_delivery_time": b"000000000002000R"}, {}),
        ({"priority_flag": 9, "registered_delivery": 0}, {}),
    ],
)
def test_a_reserved_value_goes_out_as_the_default(came: dict[str, Any], goes: dict[str, int]) -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(**came)
    talk.wait(3.0)
    assert esme.statuses == [c.ESME_ROK]
    (submit,) = link.submits
    fields = {"priority_flag": 0, "replace_if_present_flag": 0, **goes}
    assert {name: getattr(submit, name) for name in fields} == fields
    assert (submit.short_message, submit.registered_delivery) == (b"hello", 1)
    is_reserved = came["priority_flag"] > 3 or came.get("replace_if_present_flag", 0) > 1
    assert talk.exchange.accounts["bank"].counters.reserved == is_reserved


def test_throughput_counts_parts_and_what_is_over_is_throttled_and_lost_nowhere() -> None:
    slow = account("bank", throughput_per_s=5.0, burst=5)
    talk = Talk(configuration(accounts=(slow,)))
    esme, link = talk.esme("bank"), talk.link("mobile", window=100)
    for _ in range(8):
        esme.submit()
    talk.settle()
    assert esme.statuses.count(c.ESME_ROK) == 5
    assert esme.statuses.count(c.ESME_RTHROTTLED) == 3
    assert len(link.submits) == 5
    talk.wait(1.0)
    esme.submit()
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK


def test_a_window_overrun_is_throttled() -> None:
    talk = Talk(configuration(accounts=(account("bank", window_max=3),)))
    esme = talk.esme("bank")
    talk.link("mobile")
    for _ in range(5):
        esme.submit()
    talk.settle()
    assert sorted(esme.statuses) == [c.ESME_ROK] * 3 + [c.ESME_RTHROTTLED] * 2


def test_a_full_router_says_queue_full() -> None:
    talk = Talk(configuration(limits=LimitsConfig(in_flight_max=2)))
    esme = talk.esme("bank")
    for _ in range(3):
        esme.submit()
        talk.settle()
    assert esme.statuses == [c.ESME_ROK, c.ESME_ROK, c.ESME_RMSGQFUL]


def test_a_full_store_refuses_messages_and_keeps_facts() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    talk.store_is_full = True
    link.receipt(b"1")
    esme.submit()
    talk.settle()
    assert esme.statuses == [c.ESME_ROK, c.ESME_RMSGQFUL]
    assert len(esme.receipts) == 1
    assert len(talk.exchange.flight) == 0
    talk.store_is_full = False
    esme.submit()
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK


def test_a_scheduled_message_goes_at_its_time_and_without_the_schedule() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(schedule_delivery_time=b"000000000100000R")
    talk.wait(50.0)
    assert esme.statuses == [c.ESME_ROK]
    assert link.submits == []
    talk.wait(20.0)
    assert len(link.submits) == 1
    assert link.submits[0].schedule_delivery_time == b""


def test_a_validity_that_two_digits_for_days_cannot_say_is_told_as_far_as_they_go() -> None:
    talk = Talk(configuration(accounts=(account("bank", validity_s=400 * 86_400.0),)))
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(validity_period=b"030000000000000R")
    talk.settle()
    assert [submit.validity_period for submit in link.submits] == [b"000099000000000R"]


@pytest.mark.parametrize(
    ("schedule", "asked", "told"),
    [
        (b"", b"000000000500000R", b"000000000500000R"),
        (b"000000010000000R", b"000000030000000R", b"000000020000000R"),
        (b"000000010000000R", b"000090000000000R", b"000002000000000R"),
        (b"", b"000090000000000R", b"000002000000000R"),
        (b"", b"991231235959000+", b"000002000000000R"),
    ],
    ids=["as it is", "scheduled", "scheduled, beyond the account's", "beyond the account's", "absolute"],
)
def test_a_carrier_is_told_the_validity_that_is_left_when_it_gets_a_message(
    schedule: bytes, asked: bytes, told: bytes
) -> None:
    talk = Talk(configuration(accounts=(account("bank", validity_s=2 * 86_400.0),)))
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(schedule_delivery_time=schedule, validity_period=asked)
    talk.settle()
    if schedule:
        talk.wait(3600.0)
    assert [submit.validity_period for submit in link.submits] == [told]


def test_all_parts_of_a_long_message_go_by_one_carrier_even_when_it_is_not_the_first_choice() -> None:
    talk = Talk()
    esme, second = talk.esme("bank"), talk.link("unicom")
    esme.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x01one")
    talk.settle()
    first = talk.link("mobile")
    esme.submit(esm_class=0x40, short_message=b"\x05\x00\x03\x07\x02\x02two")
    talk.settle()
    assert first.submits == []
    assert len(second.submits) == 2
