from smpp_router.core.accounts import Account
from smpp_router.core.commit import Commit
from smpp_router.core.handover import Handover
from smpp_router.message.lifecycle import GIVEN_UP, NO_ANSWER, RETURNED
from smpp_router.message.message import Delivery
from smpp_router.store.seam import SETTLED
from tests.core.talk import START, account


def test_what_has_no_account_any_more_is_given_up_and_said_to_be() -> None:
    commit = Commit()
    Handover({}).owe([Delivery(7, "gone", b"receipt", START)], START + 5, commit)
    assert commit.batch.facts == [(SETTLED, 7, START + 5, GIVEN_UP, b"")]


def test_what_is_too_old_is_given_up_when_it_is_and_not_before() -> None:
    bank = Account(account("bank", receipts_age_s=100.0))
    handover, commit = Handover({"bank": bank}), Commit()
    handover.owe([Delivery(7, "bank", b"receipt", START)], START, commit)
    handover.tick(START + 99, commit)
    assert commit.batch.facts == []
    handover.tick(START + 101, commit)
    assert commit.batch.facts == [(SETTLED, 7, START + 101, GIVEN_UP, b"")]


def test_silence_is_noted_for_receipts_and_not_for_what_nobody_follows() -> None:
    bank = Account(account("bank"))
    handover, commit = Handover({"bank": bank}), Commit()
    silent = [Delivery(7, "bank", b"receipt", START), Delivery(0, "bank", b"intermediate", START), "other"]
    handover.unanswered(bank, silent, START + 30, commit)
    assert commit.batch.notes == [(RETURNED, [7], START + 30, NO_ANSWER, b"")]
    assert bank.waiting == 2
