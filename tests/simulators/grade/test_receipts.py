import pytest

from smpp_router.wire import constants as c
from smpp_router.wire.codec import deliver_sm_resp, encode, header_only
from smpp_router.wire.pdu import DataSm, DataSmResp
from tests.simulators.grade.wires import NUMBER, Wire


@pytest.mark.parametrize("status", [c.ESME_RX_T_APPN, c.ESME_RX_P_APPN, c.ESME_RMSGQFUL, c.ESME_RTHROTTLED])
def test_a_refusal_with_a_reason_is_good(status: int) -> None:
    wire = Wire().bound()
    wire.deliver(header_only(c.DELIVER_SM_RESP, status, 1))
    assert wire.end() == set()


def test_data_sm_is_answered_like_deliver_sm() -> None:
    wire = Wire().bound()
    pdu = DataSm(sequence_number=1, source_addr=NUMBER, tlvs=((c.TAG_MESSAGE_PAYLOAD, b"Hi"),))
    wire.reply(encode(pdu))
    wire.send(encode(DataSmResp(sequence_number=1, message_id=b"77")))
    assert wire.end() == set()
    wire = Wire().bound()
    wire.reply(encode(pdu))
    assert wire.wait(31.0).end() == {"deliver-unanswered"}


def test_an_answer_after_all_is_late_and_the_missing_one_stays_counted() -> None:
    wire = Wire().bound()
    wire.deliver(after=40.0)
    assert wire.end() == {"deliver-unanswered", "deliver-late"}


def test_the_same_receipt_again_may_be_answered_again() -> None:
    wire = Wire().bound()
    number = wire.deliver()
    wire.carrier_number = number - 1
    wire.deliver(deliver_sm_resp(number))
    assert wire.end() == set()


def test_one_message_that_asks_for_a_receipt_is_enough() -> None:
    wire = Wire().bound()
    wire.submit(registered_delivery=0)
    wire.submit(registered_delivery=1)
    assert wire.end() == set()
