from typing import Any

import pytest

from smpp_router.message.message import Message
from smpp_router.store.seam import REPLACED
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.pdu import (
    CancelSm,
    HeaderOnly,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
)
from tests.core.ministry import recover
from tests.core.talk import Link, Talk, account, configuration


def query(message_id: bytes, source: bytes = b"106900") -> QuerySm:
    return QuerySm(message_id=message_id, source_addr=source)


def test_query_sm_follows_a_message() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    esme.send(query(esme.message_ids[0]))
    talk.settle()
    link = talk.link("mobile")
    talk.settle()
    link.accept(b"1")
    talk.settle()
    esme.send(query(esme.message_ids[0]))
    talk.settle()
    states = [pdu.message_state for pdu in esme.answers if isinstance(pdu, QuerySmResp)]
    # ACCEPTED would say that somebody has read it on behalf of the subscriber (SMPP 3.4 section 5.2.28).
    assert states == [c.ENROUTE, c.ENROUTE]
    link.receipt(b"1")
    talk.settle()
    esme.send(query(esme.message_ids[0]))
    talk.settle()
    (lookup,) = talk.exchange.take_lookups()
    assert b"%d" % lookup.message_id == esme.message_ids[0]
    talk.exchange.looked_up([lookup], [None])
    talk.settle()
    assert esme.statuses[-1] == c.ESME_RQUERYFAIL


@pytest.mark.parametrize("message_id", [b"", b"nonsense", b"-5", b"9" * 40])
def test_query_sm_of_what_is_no_id_of_ours_fails(message_id: bytes) -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.send(query(message_id))
    talk.settle()
    assert esme.statuses == [c.ESME_RQUERYFAIL]


def test_an_account_cannot_query_or_cancel_anothers_message() -> None:
    talk = Talk()
    bank, shop = talk.esme("bank"), talk.esme("shop")
    bank.submit()
    talk.settle()
    shop.send(query(bank.message_ids[0]))
    shop.send(CancelSm(message_id=bank.message_ids[0], source_addr=b"106900"))
    shop.send(ReplaceSm(message_id=bank.message_ids[0], source_addr=b"106900", short_message=b"x"))
    talk.settle()
    assert shop.statuses == [c.ESME_RQUERYFAIL, c.ESME_RINVMSGID, c.ESME_RINVMSGID]


def test_cancel_sm_takes_a_waiting_message_back() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    assert [receipt.stat for receipt in esme.receipts] == [b"DELETED"]
    link = talk.link("mobile")
    talk.wait(1.0)
    assert link.submits == []


def test_cancel_sm_between_two_addresses_takes_all_that_wait() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    esme.submit()
    esme.submit(b"8613900000009")
    talk.settle()
    pdu = CancelSm(source_addr=b"106900", destination_addr=b"8613900000001")
    esme.send(pdu)
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    assert [receipt.stat for receipt in esme.receipts] == [b"DELETED"] * 2
    link = talk.link("mobile")
    talk.settle()
    assert [submit.destination_addr for submit in link.submits] == [b"8613900000009"]


@pytest.mark.parametrize(("carrier_says", "stats"), [(c.ESME_ROK, [b"DELETED"]), (c.ESME_RCANCELFAIL, [])])
def test_cancel_sm_of_a_taken_message_is_asked_of_its_carrier(carrier_says: int, stats: list[bytes]) -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"000A")
    talk.settle()
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.settle()
    (asked,) = link.others
    assert isinstance(asked, CancelSm)
    assert asked.message_id == b"000A"
    link.near.respond(
        HeaderOnly(
            command_id=c.CANCEL_SM_RESP, sequence_number=asked.sequence_number, command_status=carrier_says
        )
    )
    talk.settle()
    assert esme.statuses[-1] == carrier_says
    assert [receipt.stat for receipt in esme.receipts] == stats


def test_cancel_sm_fails_when_the_carrier_is_gone() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.settle()
    link.cut()
    talk.settle()
    assert esme.statuses[-1] == c.ESME_RCANCELFAIL


def test_replace_sm_changes_what_will_be_sent() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.settle()
    esme.send(
        ReplaceSm(
            message_id=esme.message_ids[0], source_addr=b"106900", short_message=b"new", registered_delivery=1
        )
    )
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    link = talk.link("mobile")
    talk.settle()
    assert [submit.short_message for submit in link.submits] == [b"new"]
    assert link.submits[0].registered_delivery == 1


def replacing(schedule: bytes = b"", validity: bytes = b"") -> tuple[Talk, int]:
    """Replace a message that is scheduled in a minute, of an account whose messages last ten."""
    talk = Talk(configuration(accounts=(account("bank", validity_s=600.0),)))
    esme = talk.esme("bank")
    talk.link("mobile")
    esme.submit(schedule_delivery_time=b"000000000100000R", registered_delivery=1)
    talk.settle()
    request = ReplaceSm(
        message_id=esme.message_ids[0],
        source_addr=b"106900",
        schedule_delivery_time=schedule,
        validity_period=validity,
        short_message=b"new",
        registered_delivery=1,
    )
    esme.send(request)
    talk.settle()
    return talk, esme.statuses[-1]


def sent_within(talk: Talk, seconds: float) -> bool:
    talk.wait(seconds)
    return bool(talk.links[0].submits)


def test_a_replaced_schedule_holds_whether_earlier_or_later() -> None:
    talk, status = replacing(b"000000000010000R")
    assert status == c.ESME_ROK
    assert not sent_within(talk, 9.0)
    assert sent_within(talk, 2.0)
    talk, status = replacing(b"000000000200000R")
    assert status == c.ESME_ROK
    assert not sent_within(talk, 119.0)
    assert sent_within(talk, 2.0)


def test_a_schedule_behind_the_validity_moves_that_too() -> None:
    talk, status = replacing(b"000000003000000R")
    assert status == c.ESME_ROK
    assert sent_within(talk, 1801.0)


def test_a_replaced_message_lasts_no_longer_than_its_account_lets_it() -> None:
    talk, status = replacing(validity=b"000002000000000R")
    assert status == c.ESME_ROK
    (message,) = talk.exchange.flight.messages.values()
    assert message.expires_at <= talk.now + 660.0


@pytest.mark.parametrize(
    ("schedule", "validity"),
    [
        (b"000000000200000R", b""),
        (b"", b"000000000500000R"),
        (b"000000000010000R", b"000000000030000R"),
        (b"", b""),
    ],
)
def test_replaced_times_are_those_after_a_restart(schedule: bytes, validity: bytes) -> None:
    talk, status = replacing(schedule, validity)
    assert status == c.ESME_ROK
    (message,) = talk.exchange.flight.messages.values()
    assert isinstance(message, Message)
    (recovered,) = recover(talk).queued
    assert (recovered.not_before, recovered.expires_at) == (message.not_before, message.expires_at)


def paused(status: int = c.ESME_RMSGQFUL) -> Talk:
    """Have a message pause, since its carrier has said no to it again and again."""
    talk = Talk(configuration(accounts=(account("bank", validity_s=600.0),)))
    esme, link = talk.esme("bank"), talk.link("mobile", window=1)
    esme.submit()
    talk.settle()
    (message,) = talk.exchange.flight.messages.values()
    assert isinstance(message, Message)
    while message.not_before <= talk.now:
        if link.submits:
            link.refuse(status)
        talk.wait(0.25)
    return talk


def replaced_by(talk: Talk, schedule: bytes = b"", validity: bytes = b"") -> int:
    esme = talk.esmes[0]
    esme.send(
        ReplaceSm(
            message_id=esme.message_ids[0],
            schedule_delivery_time=schedule,
            validity_period=validity,
            short_message=b"new",
        )
    )
    talk.settle()
    return esme.statuses[-1]


@pytest.mark.parametrize("status", [c.ESME_RMSGQFUL, c.ESME_RSYSERR])
def test_a_pause_is_no_schedule_after_a_restart_either(status: int) -> None:
    talk = paused(status)
    assert replaced_by(talk, validity=b"000000000100000R") == c.ESME_ROK
    (recovered,) = recover(talk).queued
    assert (recovered.not_before, recovered.expires_at) == (0.0, talk.now + 60.0)


def test_a_schedule_that_a_message_is_given_in_a_pause_is_one_from_then_on() -> None:
    talk = paused()
    scheduled = talk.now + 300.0
    assert replaced_by(talk, schedule=b"000000000500000R") == c.ESME_ROK
    assert replaced_by(talk, validity=b"000000000100000R") == c.ESME_RINVEXPIRY
    assert replaced_by(talk, validity=b"000000001000000R") == c.ESME_ROK
    (recovered,) = recover(talk).queued
    assert (recovered.not_before, recovered.expires_at) == (scheduled, talk.now + 600.0)
    talk.wait(290.0)
    assert not talk.links[0].submits
    talk.wait(20.0)
    assert talk.links[0].submits


@pytest.mark.parametrize(
    ("schedule", "validity", "expected"),
    [
        (b"020000000000000R", b"", c.ESME_RINVSCHED),
        (b"000000000300000R", b"000000000200000R", c.ESME_RINVEXPIRY),
        (b"", b"000000000030000R", c.ESME_RINVEXPIRY),
    ],
)
def test_times_that_a_submit_sm_may_not_have_a_replace_sm_may_not_have_either(
    schedule: bytes, validity: bytes, expected: int
) -> None:
    assert replacing(schedule, validity)[1] == expected


def asked_of_a_carrier(request: CancelSm | ReplaceSm, carrier_id: bytes = b"000A") -> tuple[Talk, Link]:
    """Have a request about a message that a carrier has, with whatever a client may write in its fields."""
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(carrier_id)
    talk.settle()
    request.message_id = esme.message_ids[0]
    request.sequence_number = esme.near.window.open(request)
    esme.near.write(encode(request, strict=False))
    talk.settle()
    return talk, link


@pytest.mark.parametrize("kind", [CancelSm, ReplaceSm])
def test_a_carrier_is_asked_by_its_own_id_however_long_and_by_the_messages_own_addresses(
    kind: type[CancelSm] | type[ReplaceSm],
) -> None:
    request = kind(short_message=b"x" * 254) if kind is ReplaceSm else kind()
    if isinstance(request, CancelSm):
        request.service_type, request.destination_addr = b"TOO LONG", b"8" * 30
    _, link = asked_of_a_carrier(request, b"L" * 100)
    (asked,) = link.others
    assert isinstance(asked, kind)
    assert (asked.message_id, asked.source_addr) == (b"L" * 100, b"106900")
    if isinstance(asked, CancelSm):
        assert (asked.service_type, asked.destination_addr) == (b"", b"8613900000001")


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ({"validity_period": b"garbage"}, c.ESME_RINVEXPIRY),
        ({"validity_period": b"200101000000000+"}, c.ESME_RINVEXPIRY),
        ({"schedule_delivery_time": b"0"}, c.ESME_RINVSCHED),
        ({"short_message": b"x" * 255}, c.ESME_RINVMSGLEN),
    ],
)
def test_no_carrier_is_asked_for_what_no_field_may_be(fields: dict[str, Any], expected: int) -> None:
    values: dict[str, Any] = {"short_message": b"new", **fields}
    talk, link = asked_of_a_carrier(ReplaceSm(**values))
    assert link.others == []
    assert talk.esmes[0].statuses[-1] == expected


def test_a_carrier_is_asked_for_the_receipt_of_a_new_text_that_its_esme_wants_none_of() -> None:
    _, link = asked_of_a_carrier(ReplaceSm(short_message=b"new", registered_delivery=0x10))
    (asked,) = link.others
    assert isinstance(asked, ReplaceSm)
    assert asked.registered_delivery == 0x11


def test_a_pause_between_attempts_is_no_schedule_that_a_new_validity_has_to_reach() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(destination=b"8619900000001")
    talk.settle()
    for _ in range(7):
        link.refuse(c.ESME_RTHROTTLED)
        talk.wait(6.0)
        if not link.submits:
            break
    (message,) = talk.exchange.flight.messages.values()
    assert isinstance(message, Message)
    assert message.not_before > talk.now + 1.0
    request = ReplaceSm(
        message_id=esme.message_ids[0],
        source_addr=b"106900",
        validity_period=b"000000000001000R",
        short_message=b"new",
        registered_delivery=1,
    )
    esme.send(request)
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    talk.wait(20.0)
    assert link.submits == []
    assert [receipt.message_state for receipt in esme.receipts] == [c.EXPIRED]


def replaced_at_its_carrier(before: int, asked: int, carrier_says: int = c.ESME_ROK) -> tuple[Talk, Link]:
    """Have a carrier answer a replace_sm that asks for other receipts than the message did."""
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(registered_delivery=before)
    talk.settle()
    link.accept(b"1")
    # Not at the same moment, of which a life could have had the replacement first.
    talk.wait(1.0)
    esme.send(ReplaceSm(message_id=esme.message_ids[0], short_message=b"new", registered_delivery=asked))
    talk.settle()
    (request,) = link.others
    resp = HeaderOnly(
        command_id=c.REPLACE_SM_RESP, sequence_number=request.sequence_number, command_status=carrier_says
    )
    link.near.respond(resp)
    talk.settle()
    assert esme.statuses[-1] == carrier_says
    return talk, link


@pytest.mark.parametrize(
    ("before", "asked", "carrier_says", "stats"),
    [
        (1, 0, c.ESME_ROK, []),
        (0, 1, c.ESME_ROK, [b"DELIVRD"]),
        (1, 2, c.ESME_ROK, []),
        (0, 0x10, c.ESME_ROK, [b"ENROUTE"]),
        (1, 1, c.ESME_ROK, [b"DELIVRD"]),
        (1, 0, c.ESME_RREPLACEFAIL, [b"DELIVRD"]),
    ],
)
def test_a_replacement_says_which_receipts_come_if_the_carrier_has_made_it(
    before: int, asked: int, carrier_says: int, stats: list[bytes]
) -> None:
    talk, link = replaced_at_its_carrier(before, asked, carrier_says)
    is_changed = carrier_says == c.ESME_ROK and asked != before
    assert len(talk.kinds(REPLACED)) == is_changed, "a fact tells of what is otherwise now"
    (recovered,) = recover(talk).awaiting
    assert recovered.registered_delivery == (asked if carrier_says == c.ESME_ROK else before)
    link.receipt(b"1", c.ENROUTE)
    link.receipt(b"1")
    talk.settle()
    assert [receipt.stat for receipt in talk.esmes[0].receipts] == stats
    assert len(talk.exchange.flight) == len(talk.exchange.flight.taken["mobile"]) == 0
    assert not any(step.is_illegal for steps in talk.lives().values() for step in steps)


def test_a_carrier_that_answers_when_all_is_over_changes_nothing() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    esme.send(ReplaceSm(message_id=esme.message_ids[0], short_message=b"new", registered_delivery=0))
    talk.settle()
    link.receipt(b"1")
    talk.settle()
    (request,) = link.others
    link.near.respond(HeaderOnly(command_id=c.REPLACE_SM_RESP, sequence_number=request.sequence_number))
    talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"]
    assert talk.kinds(REPLACED) == []
