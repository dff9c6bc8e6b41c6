from simulators.grade.provoking import (
    AGAIN_EVERY,
    AGAIN_MAX,
    AGAIN_S,
    EVERY_S,
    PAUSE_S,
    SOON,
    Provoker,
    provoking_profile,
)
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode
from smpp_router.wire.multipart import part_of
from smpp_router.wire.pdu import DeliverSm
from tests.simulators.grade.wires import START


def receipt(number: int) -> bytes:
    return encode(
        DeliverSm(
            sequence_number=number,
            esm_class=c.MSGTYPE_DELIVERY_RECEIPT,
            short_message=b"id:%d stat:DELIVRD" % number,
        )
    )


def test_the_profile_is_one() -> None:
    profile = provoking_profile(0)
    assert profile.window_max == 10
    assert set(profile.errors) == {"ESME_RTHROTTLED", "ESME_RMSGQFUL"}


def test_each_fifth_receipt_comes_again_after_a_while() -> None:
    provoker = Provoker()
    provoker.due(START)
    provoker.connected(1, "grade", "p", START)
    octets = b"".join(receipt(number) for number in range(1, 2 * AGAIN_EVERY + 1))
    for at in range(0, len(octets), 7):
        provoker.octets(1, False, octets[at : at + 7], START)
    assert provoker.due(START + AGAIN_S - 0.1) == []
    again = provoker.due(START + AGAIN_S)
    assert [pdu.short_message for pdu in again] == [b"id:1 stat:DELIVRD", b"id:6 stat:DELIVRD"]


def test_messages_come_regularly_of_every_kind() -> None:
    provoker = Provoker()
    assert provoker.due(START) == []
    pdus = [pdu for turn in range(1, 7) for pdu in provoker.due(START + turn * EVERY_S)]
    assert len(pdus) == 6
    assert {pdu.data_coding for pdu in pdus} == {0, 8}
    assert b"" in [pdu.short_message for pdu in pdus]
    assert sum(part_of(pdu) is not None for pdu in pdus) == 2


def test_after_some_messages_there_is_silence() -> None:
    provoker = Provoker()
    provoker.due(START)
    moments = [now for now in range(1, 600) if provoker.due(START + now)]
    assert len(moments) > SOON
    assert moments[SOON] - moments[SOON - 1] == PAUSE_S


def test_what_the_client_sends_is_not_sent_back() -> None:
    provoker = Provoker()
    provoker.due(START)
    provoker.connected(1, "grade", "p", START)
    provoker.octets(1, True, receipt(1), START)
    provoker.octets(2, False, receipt(1), START)
    provoker.closed(1, START)
    provoker.octets(1, False, receipt(1), START)
    assert provoker.due(START + AGAIN_S) == []


def test_receipts_that_wait_are_bounded() -> None:
    provoker = Provoker()
    provoker.due(START)
    provoker.connected(1, "grade", "p", START)
    for number in range(1, (AGAIN_MAX + 5) * AGAIN_EVERY):
        provoker.octets(1, False, receipt(number), START)
    assert len(provoker.due(START + AGAIN_S)) == AGAIN_MAX
