"""Messages with several paths: conversations with three carriers."""

import pytest

from smpp_router.store.seam import COPY, FINAL
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm
from tests.core.ministry import NAMES, Ministry, cancel_all


def test_hedged_sends_one_copy_and_one_answer_and_one_receipt_when_the_first_path_delivers() -> None:
    talk = Ministry()
    talk.submit()
    assert talk.sent() == {"mobile": 1}
    assert talk.ministry.statuses == [c.ESME_ROK]
    talk.accept("mobile")
    talk.receipt("mobile")
    assert talk.told == [c.DELIVERED]
    assert talk.ministry.receipts[0].message_id == talk.ministry.message_ids[0]
    talk.wait(60)
    assert talk.sent() == {}
    assert talk.in_flight() == []
    assert not talk.exchange.ending.bundles


def test_hedged_uses_the_next_path_when_no_receipt_comes_and_the_first_delivery_wins() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile", b"m1")
    talk.wait(9)
    assert talk.sent() == {}
    talk.wait(2)
    assert talk.sent() == {"unicom": 1}
    talk.accept("unicom", b"u1")
    talk.receipt("unicom", message_id=b"u1")
    assert talk.told == [c.DELIVERED]
    assert talk.recalled("mobile") == [b"m1"]
    cancel_all(talk)
    assert talk.in_flight() == []
    talk.wait(60)
    assert talk.told == [c.DELIVERED]
    assert talk.sent() == {}


def test_a_carrier_that_does_not_cancel_keeps_the_copy_until_its_receipt_which_nobody_is_told() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile", b"m1")
    talk.wait(11)
    talk.accept("unicom", b"u1")
    talk.receipt("unicom", message_id=b"u1")
    cancel_all(talk, c.ESME_RCANCELFAIL)
    assert len(talk.in_flight()) == 1
    talk.receipt("mobile", c.UNDELIVERABLE, b"m1")
    talk.receipt("mobile", c.DELIVERED, b"m1")
    assert talk.told == [c.DELIVERED]
    assert talk.in_flight() == []


def test_a_copy_that_is_taken_after_the_end_is_called_back() -> None:
    talk = Ministry()
    talk.submit()
    talk.wait(11)
    talk.accept("unicom", b"u1")
    talk.receipt("unicom", message_id=b"u1")
    assert talk.recalled("mobile") == []
    talk.accept("mobile", b"m1")
    assert talk.recalled("mobile") == [b"m1"]


def test_hedged_does_not_wait_when_a_carrier_refuses() -> None:
    talk = Ministry()
    talk.submit()
    talk.refuse("mobile")
    assert talk.sent() == {"unicom": 1}
    talk.refuse("unicom", c.ESME_RINVDSTADR)
    assert talk.sent() == {"telecom": 1}


def test_refused_by_all_it_goes_round_again_with_pauses_and_fails_when_all_have_refused_enough() -> None:
    talk = Ministry()
    talk.submit()
    rounds = 0
    for _ in range(400):
        while talk.sent():
            talk.refuse(next(iter(talk.sent())))
            rounds += 1
        talk.wait(0.5)
    assert rounds == 3 * 4
    assert talk.told == [c.UNDELIVERABLE]
    assert talk.in_flight() == []


def test_once_tries_each_carrier_once() -> None:
    talk = Ministry(count=2, once=True)
    talk.submit()
    talk.refuse("mobile")
    talk.refuse("unicom")
    assert talk.told == [c.UNDELIVERABLE]
    assert talk.sent() == {}


def test_all_fail_and_the_failure_is_told_once() -> None:
    talk = Ministry()
    talk.submit()
    for name in NAMES:
        talk.accept(name)
        talk.receipt(name, c.UNDELIVERABLE)
    assert talk.told == [c.UNDELIVERABLE]
    assert talk.in_flight() == []


def test_one_path_that_nobody_knows_of_makes_it_unknown_and_no_failure() -> None:
    talk = Ministry()
    talk.submit()
    for name in NAMES[:2]:
        talk.accept(name)
        talk.receipt(name, c.UNDELIVERABLE)
    for _ in range(4):
        # The path that did not answer is tried again, and refuses in the end: the first copy may be out.
        talk.wait(10)
        talk.carrier_links["telecom"].cut()
        assert talk.told == []
        talk.carrier_links["telecom"] = talk.link("telecom")
        talk.settle()
    talk.wait(1)
    assert talk.told == [c.UNKNOWN]


def test_parallel_sends_all_at_once_with_one_mark_and_the_same_originator() -> None:
    talk = Ministry("parallel")
    talk.submit(protocol_id=0)
    assert talk.sent() == dict.fromkeys(NAMES, 1)
    copies = [link.submits[0] for link in talk.carrier_links.values()]
    assert {copy.protocol_id for copy in copies} == {0x41}
    assert len({(copy.source_addr, copy.destination_addr, copy.short_message) for copy in copies}) == 1
    for name in NAMES:
        talk.accept(name)
    talk.receipt("telecom", c.UNDELIVERABLE)
    talk.receipt("unicom")
    assert talk.told == [c.DELIVERED]
    talk.wait(19)
    assert talk.recalled("mobile") == [], "the first receipt may be a lie, and a handset keeps one copy"
    talk.wait(2)
    assert talk.recalled("mobile") == [b"id"]
    assert talk.recalled("telecom") == []


def test_parallel_copies_that_nothing_marks_are_cancelled_at_once() -> None:
    talk = Ministry("parallel")
    talk.submit(protocol_id=0x7F)
    for name in NAMES:
        talk.accept(name)
    talk.receipt("unicom")
    assert talk.recalled("mobile") == talk.recalled("telecom") == [b"id"]


def test_parallel_copies_of_a_message_that_its_esme_cancels_are_cancelled_at_once() -> None:
    talk = Ministry("parallel")
    talk.submit()
    for name in NAMES:
        talk.accept(name)
    talk.ministry.send(CancelSm(message_id=talk.ministry.message_ids[0], source_addr=b"106900"))
    talk.settle()
    assert talk.recalled("mobile") == talk.recalled("telecom") == [b"id"]


def test_messages_under_way_between_the_same_addresses_have_different_marks() -> None:
    talk = Ministry("parallel")
    for _ in range(8):
        talk.submit()
    marks = [copy.protocol_id for copy in talk.carrier_links["mobile"].submits]
    # The eighth has none left, and goes by one path after the other instead.
    assert marks == [0x41, 0x42, 0x43, 0x44, 0x45, 0x46, 0x47, 0]
    assert talk.sent() == {"mobile": 8, "unicom": 7, "telecom": 7}
    assert talk.exchange.paths.counters.unmarked == 1


@pytest.mark.parametrize("mode", ["hedged", "failover"])
def test_copies_one_after_the_other_replace_each_other_where_the_class_wants_that(mode: str) -> None:
    talk = Ministry(mode, replace=True)
    talk.submit(protocol_id=0)
    talk.refuse("mobile")
    talk.submit(protocol_id=0)
    assert [copy.protocol_id for copy in talk.carrier_links["mobile"].submits] == [0x42]
    assert [copy.protocol_id for copy in talk.carrier_links["unicom"].submits] == [0x41]
    talk.accept("unicom")
    talk.receipt("unicom")
    for _ in range(6):
        talk.submit(protocol_id=0)
    marks = [copy.protocol_id for copy in talk.carrier_links["mobile"].submits]
    assert marks == [0x42, *range(0x43, 0x48), 0x41], "what has been delivered gave its mark back"


def test_hedged_goes_on_hedging_where_there_is_no_mark_left() -> None:
    talk = Ministry("hedged", replace=True)
    for _ in range(8):
        talk.submit(protocol_id=0)
    assert talk.carrier_links["mobile"].submits[-1].protocol_id == 0
    assert talk.exchange.paths.counters.unmarked == 1
    talk.wait(10.5)
    assert talk.sent() == dict.fromkeys(("mobile", "unicom"), 8)


def test_a_protocol_id_of_the_esme_is_left_as_it_is() -> None:
    talk = Ministry("parallel")
    talk.submit(protocol_id=0x7F)
    assert talk.carrier_links["unicom"].submits[0].protocol_id == 0x7F


def test_failover_uses_the_next_path_only_when_the_one_before_has_failed() -> None:
    talk = Ministry("failover")
    talk.submit()
    talk.accept("mobile")
    talk.wait(300)
    assert talk.sent() == {}
    talk.receipt("mobile", c.UNDELIVERABLE)
    assert talk.sent() == {"unicom": 1}
    talk.accept("unicom")
    talk.receipt("unicom")
    assert talk.told == [c.DELIVERED]


def test_failover_leaves_a_dead_carrier() -> None:
    talk = Ministry("failover", dead_s=30.0)
    talk.submit()
    talk.accept("mobile")
    talk.carrier_links["mobile"].cut()
    talk.wait(20)
    assert talk.sent() == {}
    talk.wait(30)
    assert talk.sent() == {"unicom": 1}


def test_failover_at_most_once_does_not_send_again_what_may_be_out() -> None:
    talk = Ministry("failover", "at_most_once")
    talk.submit()
    assert talk.sent() == {"mobile": 1}
    talk.carrier_links["mobile"].cut()
    talk.settle()
    assert talk.told == [c.UNKNOWN]
    assert not talk.carrier_links["unicom"].submits
    assert not talk.carrier_links["telecom"].submits


def test_a_carrier_that_is_down_is_passed_over_and_a_copy_that_waits_there_moves() -> None:
    talk = Ministry()
    for name in NAMES:
        talk.carrier_links[name].cut()
    talk.submit()
    talk.wait(5)
    assert talk.sent() == {}
    talk.carrier_links["telecom"] = talk.link("telecom")
    talk.wait(5)
    assert talk.sent() == {"telecom": 1}
    talk.submit()
    assert talk.sent() == {"telecom": 2}


def test_a_router_that_closes_makes_no_more_copies() -> None:
    talk = Ministry()
    talk.submit()
    talk.exchange.close()
    talk.carrier_links["mobile"].cut()
    talk.wait(60)
    assert talk.exchange.paths.counters.copies == 1
    assert talk.sent() == {"mobile": 1}


def test_a_validity_that_ends_before_anything_was_sent_is_expired() -> None:
    talk = Ministry()
    for name in NAMES:
        talk.carrier_links[name].cut()
    talk.submit(validity_period=b"000000000030000R")
    talk.wait(40)
    assert talk.told == [c.EXPIRED]
    assert talk.in_flight() == []


def test_a_validity_that_ends_while_carriers_have_it_is_unknown_when_their_receipts_are_late() -> None:
    talk = Ministry()
    talk.submit(validity_period=b"000000000030000R")
    for _ in range(3):
        for name in talk.sent():
            talk.accept(name)
        talk.wait(11)
    talk.wait(200)
    assert talk.told == []
    talk.wait(200)
    assert talk.told == [c.UNKNOWN]
    assert talk.in_flight() == []


def test_a_receipt_after_the_validity_is_believed_as_long_as_it_is_waited_for() -> None:
    talk = Ministry()
    talk.submit(validity_period=b"000000000005000R")
    talk.accept("mobile")
    talk.wait(60)
    assert talk.sent() == {}
    talk.receipt("mobile")
    assert talk.told == [c.DELIVERED]


def test_a_scheduled_message_uses_no_path_before_its_time() -> None:
    talk = Ministry("parallel")
    talk.submit(schedule_delivery_time=b"000000000100000R")
    talk.wait(50)
    assert talk.sent() == {}
    talk.wait(20)
    assert talk.sent() == dict.fromkeys(NAMES, 1)


def test_all_parts_of_a_long_message_use_the_same_paths_in_the_same_order_with_the_same_mark() -> None:
    talk = Ministry("parallel")
    for part in (1, 2, 3):
        if part == 2:
            talk.carrier_links["mobile"].cut()
        talk.submit(esm_class=0x40, short_message=bytes([5, 0, 3, 9, 3, part]) + b"part")
    talk.submit()
    marks = [copy.protocol_id for copy in talk.carrier_links["unicom"].submits]
    assert marks == [0x41, 0x41, 0x41, 0x42]


def test_hedged_parts_prefer_the_order_of_the_first_part() -> None:
    talk = Ministry()
    talk.carrier_links["mobile"].cut()
    talk.submit(esm_class=0x40, short_message=bytes([5, 0, 3, 9, 2, 1]) + b"part")
    talk.carrier_links["mobile"] = talk.link("mobile")
    talk.submit(esm_class=0x40, short_message=bytes([5, 0, 3, 9, 2, 2]) + b"part")
    assert talk.sent() == {"unicom": 2}


def test_intermediate_states_are_told_once_each_and_only_if_asked_for() -> None:
    talk = Ministry("parallel")
    talk.submit(registered_delivery=0x11)
    talk.submit(registered_delivery=0x01)
    for name in NAMES:
        talk.accept(name, b"a")
        talk.accept(name, b"b")
        talk.receipt(name, c.ENROUTE, b"a")
        talk.receipt(name, c.ENROUTE, b"b")
    assert talk.told == [c.ENROUTE]
    assert talk.ministry.receipts[0].message_id == talk.ministry.message_ids[0]


@pytest.mark.parametrize("asked", [0, 1, 2, 3])
def test_the_esme_gets_the_receipt_that_it_asked_for(asked: int) -> None:
    talk = Ministry()
    talk.submit(registered_delivery=asked)
    talk.accept("mobile")
    talk.receipt("mobile")
    assert talk.told == ([c.DELIVERED] if asked in (1, 3) else [])
    assert talk.in_flight() == []


def test_duplicate_receipts_and_receipts_that_overtake_their_answer_change_nothing() -> None:
    talk = Ministry("parallel")
    talk.submit()
    talk.receipt("mobile", message_id=b"early")
    talk.accept("mobile", b"early")
    assert talk.told == [c.DELIVERED]
    for name in ("unicom", "telecom"):
        talk.accept(name)
        talk.receipt(name)
        talk.receipt(name)
    talk.receipt("mobile", message_id=b"early")
    assert talk.told == [c.DELIVERED]
    talk.wait(200)
    assert talk.in_flight() == []


def test_other_classes_have_one_path() -> None:
    talk = Ministry("parallel")
    talk.esme("bank").submit()
    talk.settle()
    assert talk.sent() == {"mobile": 1}
    assert talk.kinds(COPY) == []


def test_a_full_store_refuses_the_copy_and_it_is_made_again_when_there_is_room() -> None:
    talk = Ministry()
    talk.ministry.submit()
    while talk.hand_over():
        pass
    talk.commit()
    talk.store_is_full = True
    talk.settle()
    assert talk.sent() == {}
    talk.store_is_full = False
    talk.wait(1)
    assert talk.sent() == {"mobile": 1}
    talk.accept("mobile")
    talk.receipt("mobile")
    assert talk.told == [c.DELIVERED]
    assert talk.in_flight() == []


def test_every_entry_has_one_end_in_the_store() -> None:
    talk = Ministry("parallel")
    talk.submit()
    for name in NAMES:
        talk.accept(name)
        talk.receipt(name)
    ended = talk.kinds(FINAL)
    assert len(ended) == len(set(ended)) == 4


def test_delays_are_learned_and_used() -> None:
    talk = Ministry(confirm_min_s=1.0)
    for number in range(110):
        talk.submit()
        talk.accept("mobile", b"%d" % number)
        talk.wait(3)
        talk.receipt("mobile", message_id=b"%d" % number)
    talk.submit()
    talk.accept("mobile", b"late")
    talk.wait(4.5)
    assert talk.sent() == {"unicom": 1}


def test_a_parallel_copy_is_tried_again_where_it_is_and_nowhere_else() -> None:
    talk = Ministry("parallel", count=2)
    talk.submit()
    refused = 0
    for _ in range(100):
        if "mobile" in talk.sent():
            talk.refuse("mobile")
            refused += 1
        if "unicom" in talk.sent():
            talk.accept("unicom")
        talk.wait(0.5)
    assert refused == 4
    assert not talk.carrier_links["telecom"].submits
