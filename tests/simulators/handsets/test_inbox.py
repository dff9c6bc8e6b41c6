"""What handsets show and keep."""

import math
import random
from typing import Any

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, rule

from simulators.handsets.config import Habits
from simulators.handsets.counters import HandsetCounters
from simulators.handsets.inbox import PARTIAL_S, PARTIALS_MAX, Inbox, Text
from simulators.radio import ShortMessage
from smpp_router.wire.multipart import split_text
from tests.simulators.signalling.air import START, parts_of, short_message


def inbox(kept_max: int = 50, **habits: Any) -> Inbox:
    return Inbox(Habits(**habits), kept_max, HandsetCounters())


def counters(box: Inbox) -> HandsetCounters:
    return box._counters


def texts(box: Inbox) -> list[str]:
    return [text.text for text in box.texts]


def test_a_text_is_shown_and_stored() -> None:
    box = inbox()
    shown = box.receive(short_message("你好".encode("utf-16-be"), data_coding=8), START)
    assert isinstance(shown, Text)
    assert (shown.text, shown.at, shown.times_shown, texts(box)) == ("你好", START, 1, ["你好"])


@pytest.mark.parametrize("method", ["udh8", "udh16"])
@pytest.mark.parametrize("alphabet", ["gsm", "gsm_packed"])
def test_a_long_text_is_shown_when_its_last_part_is_there_in_whichever_order(
    method: str, alphabet: str
) -> None:
    box, said = inbox(), "".join(random.Random(1).choices("abc{}€ ", k=500))
    parts = parts_of(said, 7, method) if alphabet == "gsm" else parts_packed(said, method)
    for part in (*parts[2:], parts[0]):
        assert box.receive(part, START) is True
    shown = box.receive(parts[1], START)
    assert isinstance(shown, Text)
    assert (shown.text, shown.room, box.used) == (said, len(parts), len(parts))
    assert [*shown.tokens] == [part.token for part in parts]


def parts_packed(said: str, method: Any) -> list[ShortMessage]:
    return [
        short_message(part.short_message, esm_class=part.esm_class, default_alphabet="gsm_packed")
        for part in split_text(said, method=method, default_alphabet="gsm_packed")
    ]


def test_the_same_part_again_changes_nothing_and_is_counted() -> None:
    box, parts = inbox(), parts_of("x" * 400)
    box.receive(parts[0], START)
    box.receive(parts[0], START)
    assert (box.used, counters(box).parts_repeated) == (1, 1)


def test_parts_of_other_sources_and_references_do_not_mix() -> None:
    box, parts = inbox(), parts_of("x" * 200)
    box.receive(parts[0], START)
    assert box.receive(parts_of("y" * 200, 2)[1], START) is True
    assert box.receive(parts_of("y" * 200, source=(0, 1, b"55"))[1], START) is True
    assert texts(box) == []


def test_parts_that_wait_too_long_or_are_too_many_are_dropped() -> None:
    box = inbox(kept_s=10.0)
    for reference in range(PARTIALS_MAX + 1):
        box.receive(parts_of("x" * 200, reference)[0], START)
    assert (counters(box).parts_dropped, box.used) == (1, PARTIALS_MAX)
    assert box.receive(parts_of("x" * 200, 0)[1], START + PARTIAL_S) is True
    assert (counters(box).parts_dropped, box.used) == (PARTIALS_MAX + 1, 1)


@pytest.mark.parametrize("pid", range(0x41, 0x48))
def test_a_replacing_message_takes_the_place_of_the_one_with_its_source_and_identifier(pid: int) -> None:
    box = inbox()
    other_pid = 0x41 if pid != 0x41 else 0x42
    box.receive(short_message(b"plain"), START)
    box.receive(short_message(b"one", protocol_id=pid), START)
    box.receive(short_message(b"other source", protocol_id=pid, source=(0, 1, b"55")), START)
    box.receive(short_message(b"other identifier", protocol_id=other_pid), START)
    box.receive(short_message(b"two", protocol_id=pid), START)
    assert texts(box) == ["plain", "other source", "other identifier", "two"]
    assert (counters(box).replaced_texts, counters(box).shown) == (1, 5)


@pytest.mark.parametrize("pid", [0, 0x3F, 0x48, 0x7F])
def test_other_identifiers_replace_nothing(pid: int) -> None:
    box = inbox()
    for octets in (b"one", b"two"):
        box.receive(short_message(octets, protocol_id=pid), START)
    assert texts(box) == ["one", "two"]


@pytest.mark.parametrize("coding", [0x10, 0x18, 0xF0, 0xF4])
def test_class_0_is_shown_and_not_stored_even_without_room(coding: int) -> None:
    box = inbox(memory=0)
    shown = box.receive(short_message(data_coding=coding), START)
    assert isinstance(shown, Text)
    assert shown.is_flash
    assert (texts(box), counters(box).flashes) == ([], 1)


def test_type_0_is_acknowledged_and_nothing_else() -> None:
    box = inbox(memory=0)
    assert box.receive(short_message(protocol_id=0x40), START) is True
    assert (texts(box), counters(box).shown, counters(box).silent) == ([], 0, 1)


def test_memory_counts_short_messages_and_has_an_end() -> None:
    box = inbox(memory=3)
    assert box.receive(short_message(b"x" * 320), START)
    assert box.used == 3
    assert box.receive(short_message(), START) is False
    assert (box.free_at(START), counters(box).memory_full) == (math.inf, 1)
    assert box.clear() == 1
    assert box.receive(short_message(), START)


def test_room_comes_back_when_the_oldest_is_deleted() -> None:
    box = inbox(memory=2, kept_s=100.0)
    box.receive(short_message(), START)
    box.receive(short_message(), START + 10.0)
    assert box.free_at(START + 20.0) == START + 100.0
    assert box.receive(short_message(), START + 99.0) is False
    assert box.receive(short_message(), START + 100.0)
    assert len(box.texts) == 2


def test_a_handset_filled_by_order_has_no_room() -> None:
    box = inbox()
    box.is_full = True
    assert box.receive(short_message(), START) is False
    assert box.free_at(START) == math.inf


def test_the_oldest_is_forgotten_when_there_are_too_many() -> None:
    box = inbox(kept_max=2)
    for octets in (b"1", b"2", b"3"):
        box.receive(short_message(octets), START)
    assert (texts(box), counters(box).texts_forgotten, box.used) == (["2", "3"], 1, 2)


def test_a_text_that_comes_again_is_counted_and_so_is_each_copy_in_sight() -> None:
    box = inbox(kept_s=100.0)
    box.receive(short_message(), START)
    again = box.receive(short_message(), START + 10.0)
    assert isinstance(again, Text)
    assert (again.times_shown, box.copies_visible(again)) == (2, 2)
    box.receive(short_message(source=(0, 1, b"55")), START + 10.0)
    third = box.receive(short_message(), START + 200.0)
    assert isinstance(third, Text)
    assert (third.times_shown, counters(box).shown_again, counters(box).copies_visible) == (3, 2, 1)


def test_what_is_remembered_as_shown_is_bounded() -> None:
    box = inbox(kept_max=2)
    for n in range(20):
        box.receive(short_message(b"%d" % n), START)
    assert len(box._seen) == 4


class Machine(RuleBasedStateMachine):
    """Room is what is there, never more than there is, and texts are in order."""

    def __init__(self) -> None:
        super().__init__()
        self.box = inbox(memory=6, kept_s=50.0)
        self.now = START

    @rule(
        length=st.sampled_from([5, 300, 500]),
        reference=st.integers(0, 2),
        which=st.integers(0, 3),
        pid=st.sampled_from([0, 0x40, 0x41]),
        coding=st.sampled_from([0, 0x10]),
    )
    def receive(self, length: int, reference: int, which: int, pid: int, coding: int) -> None:
        parts = parts_of("x" * length, reference)
        message = parts[which % len(parts)]
        message.protocol_id, message.data_coding = pid, coding
        before, shown = self.box.used, self.box.receive(message, self.now)
        if shown is False:
            assert before + 1 > 6 or self.box.used + 1 > 6

    @rule(seconds=st.sampled_from([1.0, 20.0, 60.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds
        self.box.pass_time(self.now)

    @rule()
    def clear(self) -> None:
        self.box.clear()

    @invariant()
    def room_adds_up(self) -> None:
        stored = sum(text.room for text in self.box.texts)
        waiting = sum(len(partial.pieces) for partial in self.box._partials.values())
        assert self.box.used == stored + waiting
        shown = sum(text.room for text in self.box.shown)
        assert counters(self.box).room_kept == stored + waiting + shown
        assert [text.at for text in self.box.texts] == sorted(text.at for text in self.box.texts)
        assert all(text.at + 50.0 >= self.now - 60.0 for text in self.box.texts)


TestMachine = Machine.TestCase
TestMachine.settings = settings(max_examples=30, stateful_step_count=40, deadline=None)
