import pytest

from smpp_router.store.seam import FINAL, SENDING, SETTLED, TAKEN
from smpp_router.wire import constants as c
from tests.core.talk import Talk


def test_a_submit_is_answered_when_it_is_durable_and_not_before() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    while talk.hand_over():
        pass
    assert esme.answers == []
    assert link.submits == []
    commit = talk.begin_commit()
    assert commit is not None
    assert len(commit.batch.accepted) == 1
    while talk.hand_over():
        pass
    moved = esme.answers, link.submits
    assert moved == ([], []), "nothing moves while the store is writing"
    talk.exchange.committed(commit, talk.now)
    talk.hand_over()
    assert esme.statuses == [c.ESME_ROK]
    assert len(link.submits) == 1


def test_a_message_goes_its_way_and_its_receipt_comes_back_once() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    sent = esme.submit()
    talk.settle()
    relayed = link.accept(b"77")
    sent.validity_period = b"000002000000000R"
    assert relayed == sent
    talk.settle()
    link.receipt(b"77")
    talk.settle()
    (receipt,) = esme.receipts
    assert receipt.message_id == esme.message_ids[0]
    assert receipt.message_state == c.DELIVERED
    assert esme.inbox[0].source_addr == b"8613900000001"
    assert esme.inbox[0].destination_addr == b"106900"
    assert [pdu.command_status for pdu in link.answers] == [c.ESME_ROK]
    assert len(talk.exchange.flight) == 0
    assert talk.kinds(TAKEN) == talk.kinds(FINAL) == talk.kinds(SETTLED) != []


def test_a_carriers_receipt_is_answered_when_its_outcome_is_durable_and_not_before() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"77")
    talk.settle()
    link.receipt(b"77")
    while talk.hand_over():
        pass
    assert link.answers == []
    assert esme.inbox == []
    talk.settle()
    assert len(link.answers) == len(esme.inbox) == 1


@pytest.mark.parametrize(
    ("asked", "state", "is_told"),
    [
        (0x00, c.DELIVERED, False),
        (0x00, c.UNDELIVERABLE, False),
        (0x01, c.DELIVERED, True),
        (0x01, c.UNDELIVERABLE, True),
        (0x02, c.DELIVERED, False),
        (0x02, c.EXPIRED, True),
        (0x03, c.DELIVERED, True),
        (0x03, c.REJECTED, False),
    ],
)
def test_registered_delivery_is_honoured_while_the_carrier_is_always_asked(
    asked: int, state: int, is_told: bool
) -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(registered_delivery=asked)
    talk.settle()
    assert link.accept(b"1").registered_delivery & 0x03 == 0x01
    talk.settle()
    link.receipt(b"1", state, b"000" if state == c.DELIVERED else b"013")
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == ([state] if is_told else [])
    assert len(talk.exchange.flight) == 0


def test_a_failed_receipt_carries_the_carriers_error() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1", c.UNDELIVERABLE, b"034")
    talk.settle()
    (receipt,) = esme.receipts
    assert (receipt.stat, receipt.error) == (b"UNDELIV", b"034")
    assert receipt.network_error_code[-1] == 34


def test_intermediate_receipts_reach_only_who_asked_for_them() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(registered_delivery=0x11)
    esme.submit(registered_delivery=0x01)
    talk.settle()
    link.accept(b"1")
    link.accept(b"2")
    talk.settle()
    for message_id in (b"1", b"2"):
        link.receipt(message_id, c.ENROUTE)
    talk.settle()
    assert [(pdu.esm_class, r.message_id) for pdu, r in zip(esme.inbox, esme.receipts, strict=True)] == [
        (0x20, esme.message_ids[0])
    ]
    for message_id in (b"1", b"2"):
        link.receipt(message_id)
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == [c.ENROUTE, c.DELIVERED, c.DELIVERED]


def test_what_is_recorded_as_sent_when_a_router_closes_is_sent_and_nothing_else() -> None:
    talk = Talk()
    talk.link("mobile")
    shop, bank = talk.esme("shop"), talk.esme("bank")
    shop.submit()
    bank.submit()
    while talk.hand_over():
        pass
    # The first is durable, and what is staged now says that the one that may go only once has gone out.
    commit = talk.begin_commit()
    assert commit is not None
    talk.exchange.committed(commit, talk.now)
    (link,) = talk.links
    talk.exchange.close()
    bank.submit()
    talk.settle()
    assert len(talk.kinds(SENDING)) == 1
    assert bank.statuses == [c.ESME_ROK, c.ESME_RMSGQFUL]
    assert len(link.submits) == 2


def test_a_router_that_closes_sends_nothing_that_waits() -> None:
    talk = Talk()
    link = talk.link("mobile", window=1)
    esme = talk.esme("bank")
    for _ in range(3):
        esme.submit()
    talk.settle()
    talk.exchange.close()
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.wait(5.0)
    assert link.submits == []
    assert (talk.exchange.carriers["mobile"].queued, talk.exchange.accounts["bank"].waiting) == (2, 1)
    assert esme.receipts == []
