"""Messages with paths after a crash: the next router goes on where the facts lead."""

from typing import Any

import pytest

from smpp_router.config import PathsConfig
from smpp_router.message.lifecycle import RESTARTED
from smpp_router.store.seam import COPY
from smpp_router.wire import constants as c
from tests.core.ministry import NAMES, Ministry, ministry_config


def test_a_crash_before_the_first_copy_begins_at_the_beginning() -> None:
    talk = Ministry()
    talk.ministry.submit()
    while talk.hand_over():
        pass
    talk.commit()
    after = talk.crash()
    assert after.sent() == {"mobile": 1}
    after.accept("mobile")
    after.receipt("mobile")
    assert after.told == [c.DELIVERED]
    assert after.in_flight() == []


def test_a_copy_that_was_taken_is_awaited_and_the_next_path_is_used_in_its_time() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile", b"m1")
    after = talk.crash()
    assert after.sent() == {}
    after.wait(11)
    assert after.sent() == {"unicom": 1}
    after.receipt("mobile", message_id=b"m1")
    assert after.told == [c.DELIVERED]
    after.accept("unicom", b"u1")
    assert after.recalled("unicom") == [b"u1"]


def test_a_copy_that_was_on_a_link_is_sent_there_again() -> None:
    talk = Ministry()
    talk.submit()
    after = talk.crash()
    assert after.sent() == {"mobile": 1}


def test_parallel_copies_keep_their_mark_and_no_path_is_used_twice() -> None:
    talk = Ministry("parallel")
    talk.submit()
    mark = talk.carrier_links["mobile"].submits[0].protocol_id
    talk.accept("mobile", b"m1")
    after = talk.crash()
    assert after.sent() == {"unicom": 1, "telecom": 1}
    assert after.carrier_links["unicom"].submits[0].protocol_id == mark
    after.submit()
    assert after.carrier_links["mobile"].submits[0].protocol_id != mark


def test_a_path_that_failed_before_the_crash_counts_after_it() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile")
    talk.receipt("mobile", c.UNDELIVERABLE)
    talk.accept("unicom")
    after = talk.crash()
    after.receipt("unicom", c.UNDELIVERABLE)
    assert after.sent() == {"telecom": 1}
    after.accept("telecom")
    after.receipt("telecom", c.UNDELIVERABLE)
    assert after.told == [c.UNDELIVERABLE]


def test_a_path_that_may_have_delivered_before_the_crash_is_not_forgotten() -> None:
    talk = Ministry()
    talk.submit()
    talk.carrier_links["mobile"].cut()
    talk.settle()
    assert talk.sent()["unicom"] == 1
    after = talk.crash()
    for name in ("unicom", "telecom"):
        after.accept(name)
        after.receipt(name, c.UNDELIVERABLE)
    assert after.told == [c.UNKNOWN]


def test_a_copy_of_a_message_that_has_ended_is_called_back_or_not_sent_at_all() -> None:
    talk = Ministry("parallel")
    talk.submit()
    talk.accept("unicom", b"u1")
    talk.accept("mobile", b"m1")
    talk.receipt("mobile", message_id=b"m1")
    after = talk.crash()
    assert after.sent() == {}
    after.wait(1)
    assert after.recalled("unicom") == [b"u1"]
    after.wait(200)
    assert after.told.count(c.DELIVERED) <= 1


def test_rounds_are_counted_across_a_crash() -> None:
    talk = Ministry()
    talk.submit()
    refusals = 0
    for _ in range(400):
        if refusals == 7:
            talk = talk.crash()
        while talk.sent():
            talk.refuse(next(iter(talk.sent())))
            refusals += 1
        talk.wait(0.5)
    assert talk.told == [c.UNDELIVERABLE]
    assert refusals <= 3 * 4 + 3


def test_a_carrier_that_the_configuration_has_no_more_leaves_its_copy_in_doubt() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile")
    after = talk.crash(ministry_config(PathsConfig(count=2), names=("unicom", "telecom")))
    for name in ("unicom", "telecom"):
        after.accept(name)
        after.receipt(name, c.UNDELIVERABLE)
    assert after.told == [c.UNKNOWN]


def test_a_class_that_has_no_paths_any_more_ends_its_messages_with_the_copies_they_have() -> None:
    talk = Ministry()
    talk.submit()
    talk.accept("mobile")
    after = talk.crash(ministry_config(None))
    after.wait(60)
    assert after.sent() == {}
    after.receipt("mobile")
    assert after.told == [c.DELIVERED]
    assert after.in_flight() == []


def test_a_class_that_has_paths_now_gives_them_to_what_was_queued() -> None:
    talk = Ministry()
    plain = Ministry.__new__(Ministry)
    super(Ministry, plain).__init__(ministry_config(None))
    plain.carrier_links = {}
    plain.ministry = plain.esme("ministry")
    plain.submit()
    after = plain.crash(talk.config)
    assert after.sent() == {"mobile": 1}
    assert len(after.kinds(COPY)) == 1


def test_a_copy_that_the_store_refused_leaves_no_fact_that_a_later_id_could_meet() -> None:
    talk = Ministry()
    talk.ministry.submit()
    while talk.hand_over():
        pass
    talk.commit()
    talk.store_is_full = True
    talk.settle()
    talk.store_is_full = False
    after = talk.crash()
    after.submit()
    again = after.crash()
    assert again.sent() == {"mobile": 2}


@pytest.mark.parametrize("delivery", ["at_least_once", "at_most_once"])
def test_the_life_of_a_copy_tells_that_the_router_started_meanwhile(delivery: Any) -> None:
    talk = Ministry("failover", delivery)
    for name in NAMES[1:]:
        talk.carrier_links[name].cut()
    talk.submit()
    talk.wait(1.0)
    copies = {one.message_id for one in talk.in_flight()} - {int(talk.ministry.message_ids[0])}
    after = talk.crash()
    after.wait(1.0)
    told = [ids for batch in after.journal for kind, ids, *_ in batch.notes if kind == RESTARTED]
    # Of one that may be sent once nothing is in doubt (tracker.py).
    assert told == ([sorted(copies)] if delivery == "at_least_once" else [])
