import pytest

from smpp_router.config_routes import RoutesConfig, RuleConfig
from smpp_router.core.retries import DUE_MAX, ENDED_MIN, THROTTLES_IN_PLACE
from smpp_router.message.message import Message
from smpp_router.store.seam import SENDING
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm
from tests.core.talk import Talk, carrier, configuration


@pytest.mark.parametrize("status", [c.ESME_RTHROTTLED, c.ESME_RMSGQFUL])
def test_interop_20_a_throttled_message_is_sent_again_and_its_receipt_comes_once(status: int) -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.refuse(status)
    talk.settle()
    assert esme.receipts == []
    talk.wait(2.0)
    link.accept(b"9")
    talk.settle()
    link.receipt(b"9")
    talk.settle()
    assert [receipt.message_state for receipt in esme.receipts] == [c.DELIVERED]


def test_a_refusal_is_tried_with_the_next_carrier_of_the_plan() -> None:
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    first.refuse(c.ESME_RSYSERR)
    talk.settle()
    assert len(second.submits) == 1
    assert esme.receipts == []


def test_a_message_at_fault_is_rejected_at_once() -> None:
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    first.refuse(c.ESME_RINVMSGLEN)
    talk.settle()
    assert second.submits == []
    assert [receipt.stat for receipt in esme.receipts] == [b"REJECTD"]


def test_a_message_that_every_carrier_refuses_ends_undeliverable_once() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    links = [talk.link("mobile"), talk.link("unicom")]
    esme.submit()
    for _ in range(400):
        talk.wait(1.0)
        for link in links:
            while link.submits:
                link.refuse(c.ESME_RSYSERR)
        talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"UNDELIV"]
    assert len(talk.exchange.flight) == 0


def test_a_link_that_dies_with_messages_unanswered_has_them_sent_elsewhere_when_at_least_once() -> None:
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    esme.submit()
    talk.settle()
    assert len(first.submits) == 2
    first.cut()
    talk.settle()
    assert len(second.submits) == 2
    second.accept(b"1")
    second.accept(b"2")
    talk.settle()
    second.receipt(b"1")
    second.receipt(b"2")
    talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"] * 2


def test_a_message_that_may_be_sent_once_ends_unknown_when_its_link_dies() -> None:
    talk = Talk()
    esme, first, second = talk.esme("shop"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    assert len(first.submits) == 1
    assert len(talk.kinds(SENDING)) == 1
    first.cut()
    talk.settle()
    assert second.submits == []
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]


def test_a_message_that_may_be_sent_once_is_recorded_before_it_goes() -> None:
    talk = Talk()
    esme, link = talk.esme("shop"), talk.link("mobile")
    esme.submit()
    talk.hand_over()
    talk.commit()
    while talk.hand_over():
        pass
    assert esme.statuses == [c.ESME_ROK]
    assert link.submits == []
    talk.commit()
    talk.hand_over()
    assert len(link.submits) == 1


def test_an_unanswered_submit_goes_elsewhere_after_the_response_timer() -> None:
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.wait(20.0)
    assert len(first.submits) == 1
    assert second.submits == []
    talk.wait(15.0)
    assert len(second.submits) == 1
    assert esme.receipts == []


def test_a_carrier_that_is_down_loses_its_queue_to_one_that_is_up() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit()
    talk.wait(1.0)
    second = talk.link("unicom")
    talk.wait(5.0)
    assert len(second.submits) == 1


def test_messages_wait_while_all_carriers_are_down_and_expire_when_their_validity_ends() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    esme.submit(validity_period=b"000000000100000R")
    esme.submit()
    talk.wait(100.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"EXPIRED"]
    link = talk.link("mobile")
    talk.wait(1.0)
    assert len(link.submits) == 1, "the expired one is not sent any more"


def test_a_taken_message_without_a_receipt_ends_unknown_after_its_validity() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(validity_period=b"000000000100000R")
    talk.settle()
    link.accept(b"1")
    talk.wait(120.0)
    assert esme.receipts == []
    talk.wait(400.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]
    link.receipt(b"1")
    talk.settle()
    assert len(esme.receipts) == 1, "exactly one final receipt"


def test_a_message_that_expires_on_the_link_gets_one_receipt_only() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(validity_period=b"000000000005000R")
    talk.wait(15.0)
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"], "the carrier may have taken it"
    link.accept(b"1")
    link.receipt(b"1")
    talk.settle()
    assert len(esme.receipts) == 1
    assert len(talk.exchange.flight) == 0


def test_a_message_that_some_carrier_never_answered_for_is_not_called_undelivered() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit()
    talk.settle()
    link.submits.clear()
    talk.wait(31.0)
    for _ in range(400):
        talk.wait(1.0)
        while link.submits:
            link.refuse(c.ESME_RSYSERR)
        talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]
    assert len(talk.exchange.flight) == 0


@pytest.mark.parametrize(
    ("said", "told"), [(c.UNDELIVERABLE, b"UNKNOWN"), (c.REJECTED, b"UNKNOWN"), (c.DELIVERED, b"DELIVRD")]
)
def test_what_the_second_carrier_says_of_a_message_is_no_failure_while_the_first_may_have_it(
    said: int, told: bytes
) -> None:
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    assert len(first.submits) == 1
    first.cut()
    talk.settle()
    second.accept(b"1")
    talk.settle()
    second.receipt(b"1", said)
    talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [told]


def test_a_message_that_some_carrier_may_have_is_not_called_rejected() -> None:
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    esme.submit()
    talk.settle()
    first.cut()
    talk.settle()
    second.refuse(c.ESME_RINVMSGLEN)
    talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"UNKNOWN"]


def test_parts_leave_the_carrier_of_the_first_when_it_does_not_answer_anything() -> None:
    talk = Talk()
    esme, silent, other = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")

    def part(number: int) -> None:
        udh = bytes((5, 0, 3, 77, 3, number))
        esme.submit(esm_class=c.GSMFEAT_UDHI, short_message=udh + b"part")

    part(1)
    for _ in range(7):
        esme.submit()
    talk.settle()
    assert len(silent.submits) == 8
    assert other.submits == []
    talk.wait(9.0)
    part(2)
    talk.wait(40.0)
    assert [pdu.short_message[5] for pdu in other.submits if pdu.esm_class] == [2, 1]


def test_what_has_no_way_at_this_hour_when_all_have_refused_it_ends_undeliverable() -> None:
    rule = RuleConfig(name="morning", carriers=("mobile",), hours=("08:00-08:05",))
    talk = Talk(configuration(routes=RoutesConfig(rules=(rule,), time_zone="UTC")))
    esme, link = talk.esme("bank"), talk.link("mobile")
    talk.wait(290.0)
    esme.submit()
    talk.wait(20.0)
    link.refuse(c.ESME_RSYSERR)
    talk.wait(2.0)
    assert [receipt.message_state for receipt in esme.receipts] == [c.UNDELIVERABLE]


def test_what_would_wait_long_for_a_carrier_that_throttles_goes_by_the_next_one() -> None:
    talk = Talk()
    esme, first, second = talk.esme("bank"), talk.link("mobile"), talk.link("unicom")
    for _ in range(60):
        esme.submit()
    talk.settle()
    while first.submits:
        first.refuse(c.ESME_RTHROTTLED)
    talk.settle()
    waiting = talk.exchange.carriers["mobile"].queued
    assert waiting > 25
    esme.submit()
    talk.settle()
    assert len(second.submits) == 1
    assert talk.exchange.carriers["mobile"].queued == waiting


def test_what_is_behind_only_with_messages_of_lower_priority_takes_urgent_ones() -> None:
    talk = Talk()
    for _ in range(60):
        talk.exchange.carriers["mobile"].pacer.throttled(talk.now)
    carrier = talk.exchange.carriers["mobile"]
    esme, _ = talk.esme("bank"), talk.link("unicom")
    for _ in range(60):
        esme.submit()
    talk.settle()
    assert not carrier.is_behind(9, talk.now)


def test_what_is_taken_back_before_its_time_is_forgotten_before_its_time() -> None:
    talk = Talk()
    esme = talk.esme("bank")
    waiting = 10
    for _ in range(waiting):
        esme.submit(schedule_delivery_time=b"000100000000000R")
    for _ in range(3 * ENDED_MIN):
        esme.submit(schedule_delivery_time=b"000100000000000R")
        talk.settle()
        esme.send(CancelSm(message_id=esme.message_ids[-1], source_addr=b"106900"))
        talk.settle()
    assert esme.statuses[-1] == c.ESME_ROK
    assert waiting <= talk.exchange.retries.paused <= 2 * waiting + ENDED_MIN


@pytest.mark.parametrize("status", [c.ESME_RTHROTTLED, c.ESME_RMSGQFUL])
def test_a_message_that_is_always_throttled_keeps_nobody_else_waiting(status: int) -> None:
    full = b"8619900000001"
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile", window=1)
    esme.submit(full)
    for _ in range(20):
        esme.submit(b"8619900000002")
    taken = refused = 0
    for _ in range(60):
        talk.wait(0.5)
        while link.submits:
            if link.submits[0].destination_addr == full:
                link.refuse(status)
                refused += 1
            else:
                link.accept(b"%d" % taken)
                taken += 1
            talk.settle()
    assert taken == 20
    assert THROTTLES_IN_PLACE < refused < 12
    while not link.submits:
        talk.wait(1.0)
    assert link.submits[0].destination_addr == full
    link.accept(b"77")
    talk.settle()
    link.receipt(b"77")
    talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"]


def test_a_carrier_that_throttles_for_a_while_gets_messages_in_their_order() -> None:
    talk = Talk()
    esme, link = talk.esme("bank"), talk.link("mobile", window=5)
    numbers = [b"86199%08d" % number for number in range(12)]
    for number in numbers:
        esme.submit(number)
    sent: list[bytes] = []
    for round_ in range(40):
        talk.wait(1.0)
        while link.submits:
            if round_ < THROTTLES_IN_PLACE - 1:
                link.refuse(c.ESME_RTHROTTLED)
            else:
                sent.append(link.accept(b"%d" % len(sent)).destination_addr)
        talk.settle()
    assert sent == numbers


def test_what_was_throttled_has_all_of_its_attempts_left() -> None:
    talk = Talk(configuration(carriers=(carrier("mobile", retries_max=1), carrier("unicom"))))
    esme, link = talk.esme("bank"), talk.link("mobile")
    esme.submit(b"8619900000001")
    talk.settle()
    for status in (*[c.ESME_RTHROTTLED] * THROTTLES_IN_PLACE, c.ESME_RSYSERR):
        link.refuse(status)
        talk.wait(5.0)
    link.accept(b"1")
    talk.settle()
    link.receipt(b"1")
    talk.settle()
    assert [receipt.stat for receipt in esme.receipts] == [b"DELIVRD"]


def test_what_comes_due_at_once_is_placed_over_several_ticks() -> None:
    talk = Talk()
    retries = talk.exchange.retries
    at = talk.now + 60.0
    messages = [
        Message(number, number, "bank", "default", b"", b"\0\0\0\0\0\0", 0, at + 600.0, at, plan=("mobile",))
        for number in range(1, DUE_MAX + 2)
    ]
    retries.place(messages, talk.now)
    retries.tick(at)
    assert (retries.paused, talk.exchange.carriers["mobile"].queued) == (1, DUE_MAX)
    retries.tick(at)
    assert (retries.paused, talk.exchange.carriers["mobile"].queued) == (0, DUE_MAX + 1)
