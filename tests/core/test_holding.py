"""What becomes of messages that are held."""

import pytest

from smpp_router.config import ClassConfig, PathsConfig
from smpp_router.core.holding import Holding
from smpp_router.core.restart import take_up
from smpp_router.message.message import HELD_FROM
from smpp_router.message.review import Review
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm
from tests.core.ministry import bodies, recover
from tests.core.talk import Talk, account
from tests.core.test_quiet_hours import talk_of as talk_by_day
from tests.core.test_screening import COMPLIANCE, part, talk_of, ucs2


def holding_of(talk: Talk) -> Holding:
    assert talk.exchange.screening is not None
    return talk.exchange.screening.holding


@pytest.mark.parametrize("accept", [True, False])
def test_a_held_message_waits_for_a_person(accept: bool) -> None:
    talk = talk_of()
    esme, link = talk.esme("shop"), talk.link("mobile")
    esme.submit(**ucs2("【示例商城】全场五折"))
    talk.settle()
    assert esme.statuses == [c.ESME_ROK]
    assert link.submits == []
    screening = talk.exchange.screening
    assert screening is not None
    (message_id,) = screening.holding.reviews
    assert screening.holding.decide(message_id, accept, talk.now, talk.exchange.commit)
    assert not screening.holding.decide(message_id, accept, talk.now, talk.exchange.commit)
    talk.wait(1.0)
    assert len(link.submits) == accept
    assert [receipt.message_state for receipt in esme.receipts] == ([] if accept else [c.REJECTED])


def test_what_a_full_store_has_not_taken_waits_for_nobody() -> None:
    talk = talk_of()
    esme = talk.esme("shop")
    talk.store_is_full = True
    esme.submit(**ucs2("【示例商城】全场五折"))
    talk.settle()
    assert esme.statuses == [c.ESME_RMSGQFUL]
    talk.wait(1.0)
    assert (holding_of(talk).reviews, len(holding_of(talk))) == ({}, 0)


def test_above_the_limit_nothing_more_is_held() -> None:
    talk = talk_of()
    esme = talk.esme("shop")
    for number in range(COMPLIANCE.held_max + 3):
        esme.submit(destination=b"86139000%05d" % number, **ucs2("【示例商城】全场五折"))
        talk.settle()
    assert sum(status != c.ESME_ROK for status in esme.statuses) == 3
    assert len(talk.exchange.retries.held) == COMPLIANCE.held_max


def test_what_is_held_at_a_crash_is_screened_again_and_does_not_slip_out() -> None:
    before = talk_of()
    esme = before.esme("shop")
    esme.submit(**ucs2("【示例商城】全场五折"))
    esme.submit(**part(1, 2, "【示例商城】全场"))
    before.settle()
    stored = [message for batch in before.journal for message in batch.accepted]
    assert all(message.not_before >= HELD_FROM for message in stored)
    bodies = [message.body for message in stored]
    for message in stored:
        message.body = None
        message.handle = 1
        message.decision = None
    after = talk_of()
    take_up(after.exchange, Recovered(queued=stored, message_id_last=stored[-1].message_id), after.now)
    link = after.link("mobile")
    wanted = after.exchange.to_read_back()
    assert wanted == stored
    after.exchange.read_back(wanted, [body or b"" for body in bodies], after.now)
    after.wait(1.0)
    assert link.submits == []
    assert after.exchange.screening is not None
    assert set(after.exchange.screening.holding.reviews) == {stored[0].message_id}
    after.wait(12.0)
    assert link.submits == [], "half of it has no unsubscribe entry: it waits for a person too"
    assert len(after.exchange.screening.holding.reviews) == 2


def test_without_screening_what_was_held_goes_on() -> None:
    before = talk_of()
    before.esme("shop").submit(**ucs2("【示例商城】全场五折"))
    before.settle()
    (message,) = before.journal[0].accepted
    message.decision = None
    after = Talk()
    take_up(after.exchange, Recovered(queued=[message], message_id_last=message.message_id), after.now)
    link = after.link("mobile")
    after.settle()
    assert len(link.submits) == 1


def test_a_held_message_that_its_account_cancels_was_decided_by_nobody() -> None:
    talk = talk_of()
    esme, holding = talk.esme("shop"), holding_of(talk)
    esme.submit(**ucs2("【示例商城】全场五折"))
    talk.settle()
    (message_id,) = holding.reviews
    esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.wait(1.0)
    assert [(one.message_id, one.why) for one in holding.lapsed] == [(message_id, "cancelled")]
    assert (len(holding), holding.reviews) == (0, {})
    assert not holding.decide(message_id, accept=True, now=talk.now, commit=talk.exchange.commit)


def test_a_part_that_waits_for_the_others_is_held_and_nobodys_to_decide() -> None:
    talk = talk_of()
    esme, holding = talk.esme("bank"), holding_of(talk)
    esme.submit(**part(1, 2, "【示例银行】您的账单"))
    talk.settle()
    (message_id,) = talk.exchange.retries.held
    assert (len(holding), holding.reviews) == (1, {})
    assert not holding.decide(message_id, accept=True, now=talk.now, commit=talk.exchange.commit)
    assert len(holding) == 1


def test_parts_that_come_together_and_are_refused_as_a_whole_end_once() -> None:
    talk = talk_of()
    esme, link = talk.esme("shop"), talk.link("mobile")
    for seqnum, text in enumerate(("【示例商城】全场五折，点", "击 bit.ly/x 拒收请回复R"), 1):
        esme.submit(validity_period=b"000000000100000R", **part(seqnum, 2, text))
    talk.settle()
    assert [status == c.ESME_ROK for status in esme.statuses] == [False, True]
    assert (len(talk.exchange.flight), len(holding_of(talk))) == (0, 0)
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]
    talk.wait(120.0)
    assert [receipt.message_state for receipt in esme.receipts] == [c.REJECTED]
    assert link.submits == []
    for steps in talk.lives().values():
        assert not any(step.is_illegal for step in steps)


@pytest.mark.parametrize("is_refused", [False, True])
@pytest.mark.parametrize("status", [None, c.ESME_RSYSERR])
def test_a_text_of_which_copies_were_made_is_held_no_longer_after_a_crash(
    status: int | None, is_refused: bool
) -> None:
    classes = (ClassConfig(name="default", paths=PathsConfig(mode="hedged", count=2)),)
    accounts = (account("bank"),)
    before = talk_by_day(classes=classes, accounts=accounts)
    esme, link = before.esme("bank"), before.link("mobile")
    before.link("unicom")
    for seqnum, text in enumerate(("【示例银行】您的账单", "已生成，请留意"), 1):
        esme.submit(**part(seqnum, 2, text))
        before.settle()
    assert len(link.submits) == 2
    if status is not None:
        link.refuse(status)
        before.settle()
    recovered = recover(before)
    first = recovered.queued[0]
    assert first.message_id == int(esme.message_ids[0])
    # As the store has it: it became durable while the other part was waited for.
    first.not_before += HELD_FROM
    after = talk_by_day(classes=classes, accounts=accounts)
    if is_refused:
        review = Review(after.now, first.message_id, "bank", False, "anna", "no")
        recovered.reviews.append(review)
    take_up(after.exchange, recovered, after.now)
    assert len(holding_of(after)) == 0
    assert first.is_ended == is_refused
    assert first.not_before == (HELD_FROM if is_refused else 0.0)
    if not is_refused:
        assert after.exchange.paths.under_way == before.exchange.paths.under_way


@pytest.mark.parametrize("is_full", [False, True])
def test_a_part_that_has_ended_before_its_text_is_whole_is_let_go_no_more(is_full: bool) -> None:
    talk = talk_of()
    esme, link = talk.esme("bank"), talk.link("mobile")
    talk.store_is_full = is_full
    esme.submit(**part(1, 2, "【示例银行】您的账单"))
    talk.settle()
    if not is_full:
        esme.send(CancelSm(message_id=esme.message_ids[0], source_addr=b"106900"))
    talk.wait(1.0)
    talk.store_is_full = False
    esme.submit(**part(2, 2, "已生成，请留意"))
    talk.wait(1.0)
    assert len(link.submits) == 1
    screening = talk.exchange.screening
    assert screening is not None
    assert screening.counters.released == 0
    assert not any(step.is_illegal for steps in talk.lives().values() for step in steps)


def test_a_part_that_may_be_sent_once_and_was_about_to_leave_is_not_held_and_sent_again_after_a_crash() -> (
    None
):
    classes = (ClassConfig(name="default", delivery="at_most_once"),)
    before = talk_by_day(classes=classes, accounts=(account("bank"),))
    esme, link = before.esme("bank"), before.link("mobile")
    for seqnum, text in enumerate(("【示例银行】您的账单", "已生成，请留意"), 1):
        esme.submit(**part(seqnum, 2, text))
        before.settle()
    assert len(link.submits) == 2
    recovered = recover(before)
    assert all(message.is_recorded for message in recovered.queued)
    # As the store has it: it became durable while the other part was waited for.
    recovered.queued[0].not_before += HELD_FROM
    after = talk_by_day(classes=classes, accounts=(account("bank"),))
    take_up(after.exchange, recovered, after.now)
    link = after.link("mobile")
    while wanted := after.exchange.to_read_back():
        after.exchange.read_back(wanted, [bodies(before)[one.message_id] for one in wanted], after.now)
    after.wait(60.0)
    assert link.submits == []
    assert after.exchange.ending.ended == {c.UNKNOWN: 2}
