"""The judge of messages: it finds what is wrong, and blames nobody for what the world did."""

import pytest

from simulators.world.handed import Handed
from simulators.world.lives import GOODBYE_S, KEEP_S, Life
from simulators.world.verdict import NEVER
from smpp_router.wire import constants as c
from tests.simulators.world.judged import Case


def unanswered(case: Case) -> None:
    """Have the carrier not answer."""
    case.life.copies[0].status, case.life.copies[0].answered_at = -1, NEVER


def test_a_life_as_it_should_be_breaks_nothing() -> None:
    case = Case()
    case.told(c.DELIVERED)
    case.receipt()
    case.lives.forget(6 + KEEP_S)
    case.lives.finish(10_000.0)
    assert case.broken == []
    assert len(case.lives) == 0


def test_a_second_receipt_after_the_first_was_answered_is_found() -> None:
    case = Case()
    case.told(c.DELIVERED)
    case.receipt(at=6)
    case.receipt(at=30)
    assert case.broken == ["one receipt"]


@pytest.mark.parametrize("status", [c.ESME_RX_T_APPN, None])
def test_a_receipt_that_was_refused_or_ignored_comes_again(status: int | None) -> None:
    case = Case()
    case.told(c.DELIVERED)
    case.receipt(at=6, status=status)
    case.receipt(at=30)
    assert case.broken == []


def test_a_receipt_comes_again_when_the_router_died_before_it_could_note_the_answer() -> None:
    case = Case()
    case.told(c.DELIVERED)
    case.receipt(at=6)
    case.troubles.died(6.5)
    case.receipt(at=30)
    assert case.broken == []


def test_a_receipt_comes_again_when_the_answer_was_lost_on_its_way() -> None:
    case = Case()
    case.told(c.DELIVERED)
    case.now = 6.0
    case.to_customer.silence()
    case.receipt(at=6)
    case.receipt(at=30)
    assert case.broken == []


def test_two_ends_are_found_whatever_happened() -> None:
    case = Case()
    case.told(c.DELIVERED)
    case.told(c.UNDELIVERABLE)
    case.receipt(at=6, status=c.ESME_RX_T_APPN)
    case.receipt(c.UNDELIVERABLE, at=30)
    assert "one end" in case.broken


def test_a_receipt_that_is_owed_at_the_end_is_found() -> None:
    case = Case()
    case.lives.finish(100.0)
    assert case.broken == ["one receipt"]


def test_a_receipt_for_another_customer_or_under_another_id_is_found() -> None:
    case = Case()
    case.told(c.DELIVERED)
    case.lives.receipt(case.life, Handed(c.DELIVERED, 6.0, case.to_customer), "shop", b"other")
    assert case.broken == ["receipts go home", "receipts name their message"]


def test_a_receipt_of_a_message_that_never_was_is_found() -> None:
    case = Case()
    assert case.lives.get(77, "a receipt", 3.0) is None
    assert case.broken == ["no ghosts"]


def test_delivrd_that_nobody_said_is_found() -> None:
    case = Case()
    case.receipt()
    assert case.broken == ["truth"]


def test_a_failure_that_the_router_made_up_is_found() -> None:
    case = Case()
    case.receipt(c.EXPIRED)
    assert case.broken == ["truth"]


def test_unknown_is_no_answer_to_a_carrier_that_knows() -> None:
    case = Case()
    case.told(c.UNDELIVERABLE)
    case.receipt(c.UNKNOWN, at=60)
    assert case.broken == ["truth"]


def test_unknown_is_right_when_the_carriers_receipt_was_lost() -> None:
    case = Case()
    case.to_carrier.silence()
    case.told(c.UNDELIVERABLE, at=4)
    case.receipt(c.UNKNOWN, at=60)
    assert case.broken == []


def test_a_receipt_at_the_moment_that_its_wire_broke_may_have_been_read_before() -> None:
    case = Case()
    case.now = 4.0
    case.told(c.DELIVERED, at=4)
    case.to_carrier.reset()
    case.receipt(at=60)
    assert case.broken == []
    case = Case()
    case.now = 4.0
    case.to_carrier.reset()
    case.told(c.DELIVERED, at=5)
    case.receipt(at=60)
    assert case.broken == ["truth"]


def test_a_message_that_was_taken_may_not_be_sent_again() -> None:
    case = Case()
    case.sent(20.0)
    assert case.broken == ["taken is taken"]


def test_it_may_be_sent_again_if_the_router_died_at_once_or_the_answer_was_lost() -> None:
    died = Case()
    died.troubles.died(2.5)
    died.sent(20.0)
    assert died.broken == []
    lost = Case()
    lost.now = 1.5
    lost.to_carrier.silence()
    lost.sent(20.0)
    assert lost.broken == []


def test_a_message_that_may_go_once_is_not_sent_again_after_silence() -> None:
    case = Case()
    case.life.is_sent_once = True
    unanswered(case)
    case.sent(20.0)
    assert case.broken == ["at most once"]


def test_a_message_is_not_sent_again_while_its_carrier_has_time() -> None:
    case = Case()
    unanswered(case)
    case.sent(5.0)
    assert case.broken == []
    case.lives.forget(5.0 + GOODBYE_S)
    assert case.broken == ["patience"]


def test_a_message_may_leave_a_connection_that_is_being_given_up_before_it_is_closed() -> None:
    case = Case()
    unanswered(case)
    case.sent(5.0)
    case.to_carrier.near.close()
    case.lives.forget(5.0 + GOODBYE_S)
    case.lives.finish(100.0)
    assert "patience" not in case.broken


def test_impatience_is_found_at_the_end_of_a_world_too() -> None:
    case = Case()
    unanswered(case)
    case.sent(5.0)
    case.lives.finish(5.0)
    assert "patience" in case.broken


def test_an_ended_message_is_not_sent_again() -> None:
    case = Case()
    case.told(c.DELIVERED)
    case.receipt()
    case.sent(20.0)
    assert "an end is an end" in case.broken


def test_what_was_refused_is_neither_sent_nor_reported() -> None:
    case = Case()
    life = Life(2, "bank", False, 1.0)
    case.lives.offered(life)
    case.lives.answered(life, c.ESME_RTHROTTLED, b"", 1.0)
    case.life = life
    case.sent(2.0)
    case.receipt()
    assert case.broken.count("refused is refused") == 2


def test_parts_that_leave_in_another_order_are_found() -> None:
    case = Case()
    first, second = (Life(number, "bank", False, 1.0, part=number) for number in (5, 6))
    first.group = second.group = [first, second]
    case.life = second
    case.sent(2.0)
    case.life = first
    case.sent(3.0)
    assert case.broken == ["parts in order"]


def test_a_failure_of_what_was_delivered_is_found_when_it_is_over() -> None:
    case = Case()
    unanswered(case)
    case.life.was_delivered = True
    case.receipt(c.EXPIRED)
    assert case.broken == []
    case.lives.forget(6 + KEEP_S)
    assert case.broken == ["truth"]


def test_a_receipt_that_waited_on_its_way_is_not_a_second_one() -> None:
    case = Case()
    case.told(c.DELIVERED)
    stalled = case.wire("bank")
    stalled.hold()
    case.receipt(at=6)
    case.now = 20.0
    stalled.release()
    case.to_customer = stalled
    case.receipt(at=20)
    assert case.broken == []


def test_a_message_goes_on_when_a_refusal_came_late() -> None:
    case = Case()
    case.life.copies[0].status = c.ESME_RSYSERR
    case.to_carrier.hold()
    case.to_carrier.release()
    case.sent(5.0)
    assert case.broken == []
