import pytest

from smpp_router.config import LimitsConfig
from smpp_router.wire import constants as c
from tests.core.talk import Talk, configuration


def test_interop_22_a_receipt_before_its_response_is_parked_and_matched() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.receipt(b"5")
    talk.settle()
    assert esme.receipts == []
    assert len(link.answers) == 1
    link.accept(b"5")
    talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"]


def test_a_parked_receipt_is_bounded_in_number_and_age() -> None:
    talk = Talk(configuration(limits=LimitsConfig(orphan_receipts_max=2, orphan_receipt_s=30.0)))
    link = talk.link("mobile")
    for number in range(5):
        link.receipt(b"%d" % number)
    talk.settle()
    assert len(talk.exchange.orphans) == 2
    talk.wait(40.0)
    assert len(talk.exchange.orphans) == 0


def test_interop_24_the_same_receipt_twice_is_passed_on_once() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5")
    link.receipt(b"5")
    talk.settle()
    assert len(esme.receipts) == 1
    assert [pdu.command_status for pdu in link.answers] == [c.ESME_ROK] * 2


def test_interop_24_unknown_and_then_delivered_is_delivered() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5", c.UNKNOWN)
    talk.wait(10.0)
    assert esme.receipts == []
    link.receipt(b"5")
    talk.wait(100.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"]


def test_interop_24_unknown_and_then_nothing_is_unknown() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"5")
    talk.settle()
    link.receipt(b"5", c.UNKNOWN)
    talk.wait(100.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]


def test_two_carriers_that_issue_the_same_id_do_not_cross() -> None:
    talk = Talk()
    esme, mobile, unicom = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit(b"8613900000001")
    esme.submit(b"8613000000002")
    talk.settle()
    mobile.accept(b"1")
    unicom.accept(b"1")
    talk.settle()
    unicom.receipt(b"1", c.UNDELIVERABLE, b"001")
    talk.settle()
    (receipt,) = esme.receipts
    assert receipt.message_id == esme.message_ids[1]


@pytest.mark.parametrize("state", [c.DELIVERED, c.UNDELIVERABLE])
def test_nothing_is_kept_of_a_message_whose_receipt_came_after_its_validity(state: int) -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(validity_period=b"000000000100000R")
    talk.settle()
    link.accept(b"5")
    talk.wait(70.0)
    assert len(talk.exchange.settle.overdue) == 1
    link.receipt(b"5", state)
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == [state]
    assert talk.exchange.settle.overdue == {}
