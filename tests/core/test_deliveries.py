import pytest

from smpp_router.store.seam import OWED, SETTLED
from smpp_router.wire import constants as c
from tests.core.talk import Talk, account, configuration


def test_receipts_wait_for_a_receiver_and_are_not_written_to_a_transmitter() -> None:
    talk = Talk()
    esme, link = talk.esme("bank", c.BIND_TRANSMITTER), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    talk.settle()
    assert esme.inbox == []
    receiver = talk.esme("bank", c.BIND_RECEIVER)
    talk.settle()
    assert len(receiver.receipts) == 1


@pytest.mark.parametrize("status", [c.ESME_RX_T_APPN, c.ESME_RSYSERR, None])
def test_interop_25_a_receipt_that_is_refused_or_ignored_comes_again_and_once_accepted_no_more(
    status: int | None,
) -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.deliver_status = status
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    talk.settle()
    assert len(esme.inbox) == 1
    esme.deliver_status = c.ESME_ROK
    talk.wait(60.0)
    assert len(esme.inbox) == 2
    assert esme.inbox[0] == esme.inbox[1] or esme.inbox[0].short_message == esme.inbox[1].short_message
    talk.wait(60.0)
    assert len(esme.inbox) == 2
    assert len(talk.kinds(SETTLED)) == 1


def test_a_receipt_unanswered_when_its_session_is_lost_goes_to_another_session() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.deliver_status = None
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    talk.settle()
    other = talk.esme("bank")
    esme.cut()
    talk.settle()
    assert len(other.receipts) == 1


def test_receipts_kept_for_an_unbound_account_are_limited_and_the_oldest_is_given_up() -> None:
    talk = Talk(configuration(accounts=(account("bank", receipts_max=2),)))
    esme, link = talk.esme("bank", c.BIND_TRANSMITTER), talk.link("mobile")
    for _ in range(4):
        esme.submit()
    talk.settle()
    for number in range(4):
        link.accept(b"%d" % number)
    talk.settle()
    for number in range(4):
        link.receipt(b"%d" % number)
    talk.settle()
    receiver = talk.esme("bank", c.BIND_RECEIVER)
    talk.settle()
    assert [receipt.message_id for receipt in receiver.receipts] == esme.message_ids[2:]
    assert len(talk.kinds(SETTLED)) == 4


def test_receipts_older_than_the_accounts_limit_are_given_up() -> None:
    talk = Talk(configuration(accounts=(account("bank", receipts_age_s=100.0),)))
    esme, link = talk.esme("bank", c.BIND_TRANSMITTER), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.wait(200.0)
    receiver = talk.esme("bank", c.BIND_RECEIVER)
    talk.settle()
    assert receiver.inbox == []
    assert len(talk.kinds(SETTLED)) == 1


def test_a_3_3_esme_gets_no_tlvs() -> None:
    talk = Talk()
    esme, link = talk.esme("bank", version=0x33), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.settle()
    assert esme.inbox[0].tlvs == ()
    assert len(esme.receipts) == 1


def test_a_mobile_originated_message_reaches_the_account_of_its_number() -> None:
    talk = Talk()
    bank, shop, link = talk.esme("bank"), talk.esme("shop"), talk.link("mobile")
    link.deliver(b"106900015", b"TD")
    talk.settle()
    assert [pdu.short_message for pdu in bank.inbox] == [b"TD"]
    assert shop.inbox == []
    assert [pdu.command_status for pdu in link.answers] == [c.ESME_ROK]
    assert talk.kinds(OWED) == talk.kinds(SETTLED) != []


def test_a_mobile_originated_message_for_nobody_is_refused() -> None:
    talk = Talk()
    talk.esme("bank")
    link = talk.link("mobile")
    link.deliver(b"555", b"hello")
    talk.settle()
    assert [pdu.command_status for pdu in link.answers] == [c.ESME_RX_P_APPN]
