"""What becomes of messages on their way: failures, waiting, alerts, expiry, order."""

from typing import Any

import pytest

from simulators.distributions import Delay
from simulators.handsets.config import HandsetConfig, Interval
from simulators.radio import Signal
from simulators.signalling.causes import CauseConfig
from simulators.signalling.config import Subscribers
from smpp_router.wire import constants as c
from tests.simulators.signalling.air import NUMBER, START, Air, network_config, parts_of, short_message


def handset(**habits: Any) -> tuple[HandsetConfig]:
    return (HandsetConfig(number=NUMBER.decode(), **habits),)


def test_a_message_for_a_handset_that_is_there_is_shown_and_delivered() -> None:
    air, message = Air(), short_message()
    air.submit(message)
    assert air.is_delivered(message)
    assert air.shown == [(NUMBER, "hello", 1)]
    assert air.steps == [("sri_sm", ""), ("mt_forward_sm", "")]
    assert [text.tokens for text in air.network.handsets.get(NUMBER).inbox.texts] == [()]
    assert len(air.network) == 0


def test_each_step_takes_its_time() -> None:
    air = Air(network_config(sri_sm=Delay(s=2.0), mt_forward_sm=Delay(s=3.0)))
    message = short_message()
    air.submit(message)
    air.wait(4.9)
    assert air.events == []
    air.wait(0.2)
    assert air.is_delivered(message)
    times = [event.at - START for event in air.network.record.events()]
    assert times == pytest.approx([5.0, 2.0], abs=0.02)


@pytest.mark.parametrize(
    ("settings", "cause", "code"),
    [
        ({"number_plan": {"mobile": ("86138",)}}, "unknownSubscriber", 1),
        ({"unknown": Subscribers(numbers=(NUMBER.decode(),))}, "unknownSubscriber", 1),
        ({"barred": Subscribers(prefixes=("86139",))}, "callBarred", 13),
        ({"mt_failures": {"equipmentProtocolError": 1.0}}, "equipmentProtocolError", 32),
        ({"sri_failures": {"facilityNotSupported": 1.0}}, "facilityNotSupported", 21),
    ],
)
def test_a_permanent_cause_ends_a_message_at_once(settings: dict[str, Any], cause: str, code: int) -> None:
    air, message = Air(network_config(**settings)), short_message()
    air.submit(message)
    assert air.end(message) == (c.UNDELIVERABLE, cause, code)
    assert air.shown == []


def test_a_table_says_what_follows_from_a_cause() -> None:
    causes = {"callBarred": CauseConfig(error_code=650, stat="REJECTD")}
    air = Air(network_config(barred=Subscribers(share=1.0), causes=causes))
    message = short_message()
    air.submit(message)
    assert air.end(message) == (c.REJECTED, "callBarred", 650)


def test_without_message_waiting_attempts_follow_the_schedule_of_their_cause() -> None:
    causes = {"absentSubscriberSM": CauseConfig(retry_s=(10.0, 20.0), attempts_max=4)}
    config = network_config(handsets=handset(state="off"), causes=causes, message_waiting=False)
    air, message = Air(config), short_message()
    air.submit(message)
    for _ in range(120):
        air.wait(1.0)
    attempts = [round(event.at - START) for event in air.network.record.events(kind="mt_forward_sm")]
    assert attempts == [50, 30, 10, 0]
    assert air.end(message) == (c.UNDELIVERABLE, "absentSubscriberSM", 6)
    assert [signal.cause for signal in air.of(message)] == ["absentSubscriberSM"] * 4


def test_who_waits_for_a_handset_is_alerted_when_it_is_back_and_delivers_at_once() -> None:
    away = (Interval(state="off", for_s=500.0),)
    air = Air(network_config(handsets=handset(intervals=away), alert_sc=Delay(s=2.0)))
    first, second = short_message(b"1"), short_message(b"2")
    air.submit(first, second)
    # 60 s later the home location register still knows that it is away, and nobody is paged.
    air.wait(499.0)
    assert not air.is_delivered(first)
    air.wait(3.1)
    assert [signal.kind for signal in air.of(first)][-2:] == ["alert_sc", "final"]
    assert air.is_delivered(first)
    assert air.is_delivered(second)
    assert [text for _, text, _ in air.shown] == ["1", "2"]
    assert ("sri_sm", "absentSubscriberSM") in air.steps
    assert air.network.counters.alerts == 1


def test_an_urgent_message_is_tried_though_the_handset_is_known_to_be_away() -> None:
    air = Air(network_config(handsets=handset(state="out_of_coverage")))
    air.submit(short_message(carrier="unicom"))
    urgent = short_message(priority=1)
    air.submit(urgent)
    assert [signal.kind for signal in air.of(urgent)] == ["mt_forward_sm"]
    plain = short_message(carrier="telecom")
    air.submit(plain)
    air.wait(0.0, ("telecom",))
    assert [signal.kind for signal in air.of(plain)] == ["sri_sm"]


def test_a_full_handset_that_makes_room_gets_what_waits() -> None:
    air = Air(network_config(handsets=handset(memory=1, kept_s=100.0)))
    first, second = short_message(b"1"), short_message(b"2")
    air.submit(first, second)
    assert air.is_delivered(first)
    assert [signal.cause for signal in air.of(second)] == ["memoryCapacityExceeded"]
    air.wait(99.0)
    assert air.network.counters.alerts == 0
    air.wait(1.1)
    assert air.network.counters.alerts == 1
    assert air.is_delivered(second)


@pytest.mark.parametrize("cause", ["absentSubscriberSM", "memoryCapacityExceeded"])
def test_a_failure_that_was_drawn_is_tried_again_by_its_schedule_and_not_at_once(cause: str) -> None:
    causes = {cause: CauseConfig(retry_s=(10.0,))}
    air, message = Air(network_config(mt_failures={cause: 1.0}, causes=causes)), short_message()
    air.submit(message)
    air.wait(35.0)
    assert air.network.counters.alerts == 0
    assert len(list(air.network.record.events(kind="mt_forward_sm"))) == 4


def test_a_text_too_long_for_the_room_there_is_waits_for_its_schedule() -> None:
    air = Air(network_config(handsets=handset(memory=2)))
    message = short_message(b"x" * 400)
    air.submit(message)
    air.wait(299.0)
    assert len(air.of(message)) == 1
    assert air.network.counters.alerts == 0


def test_an_alert_does_not_disturb_a_message_that_is_under_way() -> None:
    away = (Interval(state="off", for_s=50.0),)
    air = Air(network_config(handsets=handset(intervals=away), mt_forward_sm=Delay(s=10.0)))
    air.submit(short_message())
    air.wait(45.0)
    urgent = short_message(carrier="unicom", priority=1)
    air.submit(urgent)
    air.wait(10.1)
    assert air.network.counters.alerts == 1
    assert air.is_delivered(urgent)


def test_a_message_expires_with_the_cause_that_kept_it() -> None:
    air = Air(network_config(handsets=handset(state="off")))
    message, later = short_message(expires_at=START + 30.0), short_message(expires_at=START + 3_000.0)
    air.submit(message, later)
    air.wait(29.0)
    assert air.end(message) is None
    air.wait(1.1)
    assert air.end(message) == (c.EXPIRED, "absentSubscriberSM", 6)
    assert air.end(later) is None
    air.wait(3_000.0)
    assert air.end(later) == (c.EXPIRED, "absentSubscriberSM", 6)
    assert len(air.network) == 0


def test_a_message_that_comes_behind_one_that_waits_may_expire_before_it() -> None:
    air = Air(network_config(handsets=handset(state="off")))
    first = short_message()
    air.submit(first)
    second = short_message(expires_at=START + 5.0)
    air.submit(second)
    air.wait(5.1)
    assert air.end(second) == (c.EXPIRED, "absentSubscriberSM", 6)
    assert air.end(first) is None


def test_a_message_whose_turn_comes_too_late_expires_without_an_attempt() -> None:
    air = Air(network_config(mt_forward_sm=Delay(s=10.0)))
    first, second = short_message(), short_message(expires_at=START + 5.0)
    air.submit(first, second)
    air.wait(10.1)
    assert air.is_delivered(first)
    assert air.end(second) == (c.EXPIRED, "validityExpired", 0)


def test_parts_keep_their_order_though_each_takes_another_time() -> None:
    air = Air(network_config(mt_forward_sm=Delay(s=0.1, jitter_s=5.0)))
    parts = parts_of("x" * 600)
    air.submit(*parts)
    air.wait(60.0)
    ends = [event.token for event in air.events if isinstance(event, Signal)]
    assert ends == [part.token for part in parts]
    assert air.shown == [(NUMBER, "x" * 600, 4)]


def test_two_carriers_at_once_find_the_handset_busy_and_both_deliver_in_the_end() -> None:
    air = Air(network_config(mt_forward_sm=Delay(s=1.0)))
    one, other = short_message(b"1"), short_message(b"2", carrier="unicom")
    air.submit(one, other)
    air.wait(1.1)
    assert air.is_delivered(one)
    assert [signal.cause for signal in air.of(other)] == ["subscriberBusyForMT-SMS"]
    air.wait(11.1)
    assert air.is_delivered(other)


def test_a_busy_handset_is_tried_again() -> None:
    air = Air(network_config(handsets=handset(busy_share=0.5)))
    messages = [short_message(b"%d" % n) for n in range(20)]
    air.submit(*messages)
    air.wait(3_600.0)
    assert all(map(air.is_delivered, messages))
    assert ("mt_forward_sm", "subscriberBusyForMT-SMS") in air.steps


def test_another_carrier_takes_longer_and_may_fail() -> None:
    plan = {"mobile": ("86138",), "unicom": ("86139",)}
    failures = {"networkFailure": 0.5}
    config = network_config(number_plan=plan, interworking=Delay(s=2.0), interworking_failures=failures)
    air = Air(config)
    home = [short_message(to=b"86138%08d" % n) for n in range(20)]
    foreign = [short_message(to=b"86139%08d" % n) for n in range(20)]
    air.submit(*home, *foreign)
    assert all(map(air.is_delivered, home))
    air.wait(2.1)
    failed = [
        message for message in foreign if [signal.cause for signal in air.of(message)] == ["networkFailure"]
    ]
    assert 0 < len(failed) < 20
    air.wait(40_000.0)
    assert all(map(air.is_delivered, foreign))
    assert air.network.counters.inter_carrier > 20


def test_a_queue_takes_no_more_than_it_holds() -> None:
    air = Air(network_config(handsets=handset(state="off"), queue_max=2))
    messages = [short_message() for _ in range(3)]
    air.submit(*messages)
    assert [air.end(message) for message in messages] == [None, None, (c.REJECTED, "queueFull", 0)]
    assert air.network.counters.queue_full == 1


def test_a_scheduled_message_sets_out_at_its_time() -> None:
    air, message = Air(), short_message(starts_at=START + 100.0)
    air.submit(message)
    air.wait(99.0)
    assert air.shown == []
    air.wait(1.1)
    assert air.is_delivered(message)


def test_a_message_that_sets_out_after_its_validity_ended_is_not_delivered() -> None:
    air = Air()
    message = short_message(starts_at=START + 100.0, expires_at=START + 50.0)
    air.submit(message)
    air.wait(101.0)
    assert air.end(message) == (c.EXPIRED, "validityExpired", 0)
    assert air.shown == []


def test_a_handset_out_of_coverage_is_paged_before_it_is_given_up() -> None:
    air = Air(network_config(handsets=handset(state="out_of_coverage"), paging=Delay(s=8.0)))
    message = short_message()
    air.submit(message)
    air.wait(7.9)
    assert air.of(message) == []
    air.wait(0.2)
    (event,) = [event for event in air.network.record.events() if event.cause]
    assert (event.cause, event.detail) == ("absentSubscriberSM", "noPagingResponseViaMSC")
