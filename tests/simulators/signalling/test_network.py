"""The network as a whole: cancel, replace, limits, repeatability, and a machine that does everything."""

import math
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simulators.distributions import Delay
from simulators.handsets.answering import Reply
from simulators.handsets.config import Answer, HandsetConfig, HandsetGroup, Interval
from simulators.radio import ShortMessage, Signal
from simulators.signalling.config import Subscribers
from simulators.signalling.orders import change
from simulators.timeline.entry import NetworkEntry
from smpp_router.wire import constants as c
from smpp_router.wire.text import decode_text
from tests.simulators.signalling.air import NUMBER, START, Air, network_config, parts_of, short_message

OFF = (HandsetConfig(number=NUMBER.decode(), state="off"),)


def test_what_waits_can_be_cancelled_and_what_has_arrived_can_not() -> None:
    air = Air(network_config(handsets=OFF))
    waiting, behind = short_message(), short_message()
    air.submit(waiting, behind)
    assert air.network.cancel(waiting.token, air.now)
    assert not air.network.cancel(waiting.token, air.now)
    assert air.network.cancel(behind.token, air.now)
    assert len(air.network) == 0
    delivered = short_message(to=b"8613900000002")
    air.submit(delivered)
    assert not air.network.cancel(delivered.token, air.now)
    air.wait(400_000.0)
    assert air.end(waiting) is None


def test_cancelling_what_is_under_way_lets_the_next_one_go() -> None:
    air = Air(network_config(mt_forward_sm=Delay(s=5.0)))
    first, second = short_message(b"1"), short_message(b"2")
    air.submit(first, second)
    air.wait(2.0)
    assert air.network.cancel(first.token, air.now)
    air.wait(5.1)
    assert air.is_delivered(second)
    assert [text for _, text, _ in air.shown] == ["2"]


def test_a_scheduled_message_can_be_cancelled() -> None:
    air, message = Air(), short_message(starts_at=START + 100.0)
    air.submit(message)
    assert air.network.cancel(message.token, air.now)
    air.wait(200.0)
    assert (air.events, air.shown, air.network.next_at()) == ([], [], math.inf)


def test_what_waits_takes_another_text_and_validity() -> None:
    air = Air(
        network_config(handsets=(HandsetConfig(number=NUMBER.decode(), intervals=(Interval(for_s=50.0),)),))
    )
    first, second = short_message(b"old"), short_message()
    air.submit(first, second)
    assert air.network.replace(first.token, "新".encode("utf-16-be"), 8, math.inf, air.now)
    assert air.network.replace(second.token, b"", None, START + 10.0, air.now)
    air.wait(10.1)
    assert air.end(second) == (c.EXPIRED, "absentSubscriberSM", 6)
    air.wait(50.0)
    assert air.shown == [(NUMBER, "新", 1)]
    assert not air.network.replace(first.token, b"late", None, None, air.now)


def test_no_more_are_under_way_than_the_limit(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("simulators.signalling.network.UNDER_WAY_MAX", 1)
    air = Air(network_config(handsets=OFF))
    messages = [short_message(), short_message(to=b"8613900000002")]
    air.submit(*messages)
    assert [air.end(message) for message in messages] == [None, (c.REJECTED, "queueFull", 0)]


def test_validity_is_the_networks_where_a_message_has_none_or_too_long_a_one() -> None:
    air = Air(network_config(handsets=OFF, validity_s=100.0, validity_s_max=200.0))
    plain, long = short_message(), short_message(expires_at=START + 10_000.0)
    air.submit(plain, long)
    air.wait(100.1)
    assert air.end(plain) is not None
    assert air.end(long) is None
    air.wait(100.1)
    assert air.end(long) is not None


def test_a_handset_answers_whom_it_was_sent_by() -> None:
    answers = (
        Answer(text="reply y", replies=("Y",), delay=Delay(s=5.0)),
        Answer(source="1069", replies=("TD",), to="12321", delay=Delay(s=1.0)),
    )
    air = Air(network_config(handset_groups=(HandsetGroup(prefix="86139", answers=answers),)))
    air.submit(
        short_message(b"Reply Y to confirm"), short_message(b"buy"), short_message(source=(0, 1, b"55"))
    )
    air.wait(1.1)
    assert [(sent.source, sent.destination, sent.octets) for sent in air.sent] == [(NUMBER, b"12321", b"TD")]
    air.wait(5.0)
    assert [(sent.destination, sent.octets) for sent in air.sent[1:]] == [(b"106900", b"Y")]
    assert air.network.handsets.counters.answers == 2


def test_an_answer_waits_until_its_handset_is_back_and_a_long_one_comes_in_parts() -> None:
    away = (Interval(state="off", from_s=1.0, for_s=50.0),)
    air = Air(network_config(handsets=(HandsetConfig(number=NUMBER.decode(), intervals=away),)))
    air.network.send(NUMBER, Reply(START + 10.0, b"10690", "退订" * 50), "mobile")
    air.wait(50.0)
    assert air.sent == []
    air.wait(2.0)
    assert [sent.esm_class for sent in air.sent] == [0x40, 0x40]
    assert "".join(decode_text(8, sent.octets[6:]) for sent in air.sent) == "退订" * 50


def test_an_answer_of_a_handset_that_never_comes_back_is_lost() -> None:
    air = Air(network_config(handsets=OFF))
    air.network.send(NUMBER, Reply(START + 1.0, b"10690", "yes"), "mobile")
    air.wait(2.0)
    assert air.sent == []
    assert air.network.handsets.counters.answers_lost == 1


def test_an_order_brings_a_handset_back_and_delivers_what_waits() -> None:
    air = Air(network_config(handsets=OFF))
    message = short_message()
    air.submit(message)
    air.network.handsets.get_to_order(NUMBER).order("on")
    air.network.changed(NUMBER, air.now)
    air.wait(0.1)
    assert air.is_delivered(message)


def test_a_changed_configuration_holds_for_what_comes_next() -> None:
    air = Air(network_config(handsets=OFF))
    first = short_message()
    air.submit(first)
    air.network.configure(network_config(unknown=Subscribers(share=1.0)), air.now)
    second = short_message(to=b"8613900000002")
    air.submit(second)
    assert air.end(second) == (c.UNDELIVERABLE, "unknownSubscriber", 1)
    air.wait(61.0)
    assert air.end(first) == (c.UNDELIVERABLE, "unknownSubscriber", 1)


def test_handsets_that_get_other_habits_get_what_waits_for_them() -> None:
    air = Air(network_config(handsets=OFF))
    message = short_message()
    air.submit(message)
    air.network.configure(network_config(), air.now)
    air.wait(0.1)
    assert air.is_delivered(message)


def test_without_message_waiting_what_was_known_of_a_handset_does_not_count() -> None:
    air = Air(network_config(handsets=OFF))
    message = short_message()
    air.submit(message)
    air.network.configure(network_config(handsets=OFF, message_waiting=False), air.now)
    air.wait(61.0)
    assert [signal.kind for signal in air.of(message)] == ["mt_forward_sm"] * 2


def eventful(seed: int) -> list[tuple[object, ...]]:
    groups = (
        HandsetGroup(prefix="86138", share=0.5, present_s=600.0, away_s=300.0, busy_share=0.2),
        HandsetGroup(prefix="86138", answers=(Answer(share=0.3, replies=("TD", "N")),)),
    )
    config = network_config(
        sri_sm=Delay(s=0.1, jitter_s=0.2),
        mt_forward_sm=Delay(kind="lognormal", s=0.5, jitter_s=1.0),
        mt_failures={"systemFailure": 0.1},
        unknown=Subscribers(share=0.05),
        handset_groups=groups,
    )
    air = Air(config, seed)
    for turn in range(200):
        air.submit(short_message(b"%d" % turn, to=b"86138%08d" % (turn % 70)))
        air.wait(1.0)
    air.wait(200_000.0)
    assert len(air.network) == 0
    return [tuple(event) for event in air.network.record.events()]


def test_the_same_seed_gives_the_same_events() -> None:
    assert eventful(1) == eventful(1)
    assert eventful(1) != eventful(2)


def test_the_same_seed_gives_the_same_events_in_other_processes() -> None:
    program = "from tests.simulators.signalling.test_network import eventful; print(eventful(1))"
    said = {
        subprocess.run(
            [sys.executable, "-c", program],
            check=True,
            capture_output=True,
            timeout=60.0,
            cwd=Path(__file__).parents[3],
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        ).stdout
        for hash_seed in ("1", "2")
    }
    assert said == {f"{eventful(1)}\n".encode()}


class Machine(RuleBasedStateMachine):
    """Everything that carriers and orders can do, in any order: each message ends once, and in time."""

    def __init__(self) -> None:
        super().__init__()
        groups = (
            HandsetGroup(prefix="861380", memory=2, kept_s=40.0),
            HandsetGroup(prefix="861381", present_s=60.0, away_s=60.0, busy_share=0.3),
            HandsetGroup(prefix="861382", intervals=(Interval(state="off", every_s=100.0, for_s=50.0),)),
            HandsetGroup(prefix="861383", state="off"),
        )
        config = network_config(
            sri_sm=Delay(jitter_s=0.5),
            mt_forward_sm=Delay(jitter_s=5.0),
            paging=Delay(s=3.0),
            alert_sc=Delay(s=1.0),
            mt_failures={"systemFailure": 0.1},
            handset_groups=groups,
            queue_max=4,
            events_max=50,
            validity_s=900.0,
        )
        self.air = Air(config)
        self.under_way: dict[object, ShortMessage] = {}
        self.cancelled: set[object] = set()
        self.delivered: set[object] = set()
        self.ended: set[object] = set()
        self.air.network.on_shown = lambda _, text: self.delivered.update(text.tokens)

    numbers = st.sampled_from([b"86138%d0000000" % digit for digit in range(5)])

    @rule(
        number=numbers,
        carrier=st.sampled_from(["mobile", "unicom"]),
        valid_s=st.sampled_from([math.inf, 3.0, 60.0]),
        after_s=st.sampled_from([0.0, 0.0, 20.0]),
        coding=st.sampled_from([0, 0x10]),
    )
    def submit(self, number: bytes, carrier: str, valid_s: float, after_s: float, coding: int) -> None:
        starts_at = self.air.now + after_s
        message = short_message(
            to=number,
            carrier=carrier,
            starts_at=starts_at,
            expires_at=starts_at + valid_s,
            data_coding=coding,
        )
        self.under_way[message.token] = message
        self.air.submit(message)
        self.look()

    @rule(seconds=st.sampled_from([0.1, 1.0, 7.0, 61.0, 400.0]))
    def wait(self, seconds: float) -> None:
        self.air.wait(seconds)
        self.look()

    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        if self.under_way:
            token = data.draw(st.sampled_from(list(self.under_way)))
            assert self.air.network.cancel(token, self.air.now)
            self.cancelled.add(token)
            del self.under_way[token]
            self.look()

    @rule(
        number=numbers, state=st.sampled_from(["on", "off", "out_of_coverage", None]), is_full=st.booleans()
    )
    def order(self, number: bytes, state: Any, is_full: bool) -> None:
        handset = self.air.network.handsets.get_to_order(number)
        handset.order(state)
        handset.inbox.is_full = is_full
        self.air.network.changed(number, self.air.now)

    def look(self) -> None:
        events, self.air.events = self.air.events, []
        for event in events:
            assert isinstance(event, Signal)
            assert event.token not in self.cancelled
            assert event.token not in self.ended
            if event.message_state:
                self.ended.add(event.token)
                del self.under_way[event.token]
                assert (event.message_state == c.DELIVERED) == (event.token in self.delivered)

    @invariant()
    def nothing_is_lost_and_nothing_is_left(self) -> None:
        assert len(self.air.network) == len(self.under_way)
        assert len(self.air.network.record) <= 50

    def teardown(self) -> None:
        self.air.wait(10_000.0)
        self.look()
        assert not self.under_way
        assert self.air.network.next_at() == math.inf


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=30, stateful_step_count=30, deadline=None)


def test_long_texts_are_whole_however_their_parts_are_mixed() -> None:
    air = Air()
    one, other = parts_of("a" * 400, 1), parts_of("b" * 400, 2, "udh16")
    for part in (one[2], other[0], one[0], other[2], other[1], one[1]):
        air.submit(part)
    assert air.shown == [(NUMBER, "b" * 400, 3), (NUMBER, "a" * 400, 3)]


def test_a_timeline_takes_handsets_away_and_gives_them_back_however_seldom_anybody_looks() -> None:
    gone = NetworkEntry(at_s=10, for_s=20, set={"handset_groups": [{"state": "out_of_coverage"}]})
    air = Air(network_config(timeline=(gone,)))
    during, after = short_message(b"during"), short_message(b"after")
    air.wait(15.0)
    air.submit(during)
    assert not air.is_delivered(during)
    assert [entry["is_on"] for entry in air.network.timeline(air.now)] == [True]
    air.wait(1_000.0)
    air.submit(after)
    assert air.is_delivered(after)
    assert air.is_delivered(during), "its alert came when the handset was back"
    assert air.network.base == air.network.config


def test_an_order_lies_below_the_timeline_and_a_wrong_timeline_is_refused() -> None:
    busy = NetworkEntry(for_s=20, set={"validity_s": 20.0})
    air = Air(network_config(timeline=(busy,)))
    air.wait(0.0)
    change(air.network, {"validity_s": 9.0}, air.now)
    assert air.network.config.validity_s == 20.0
    with pytest.raises(ValueError, match=r"timeline\[0\]\.set\.colour: unknown key"):
        change(air.network, {"timeline": [{"set": {"colour": 1}}]}, air.now)
    air.wait(20.0)
    assert air.network.config.validity_s == 9.0
