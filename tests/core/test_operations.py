import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import (
    CancelSm,
    HeaderOnly,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
)
from tests.core.talk import Talk


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
    assert states == [c.ENROUTE, c.ACCEPTED]
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
