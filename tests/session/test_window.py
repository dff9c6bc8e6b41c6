"""A window against a list: each request leaves once, and not before its time."""

import pytest
from hypothesis import assume
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smpp_router.session.window import ENQUIRE_LINK, SEQUENCE_NUMBER_MAX, UNBIND, Window, of_owner


class Request:
    """A request of the model: `seen_at` is the first tick that saw it, from which its time counts."""

    def __init__(self, sequence_number: int) -> None:
        self.sequence_number = sequence_number
        self.seen_at: float | None = None


class WindowMachine(RuleBasedStateMachine):
    """Any order of requests, answers and ticks, around the place where sequence numbers wrap."""

    @initialize(
        size=st.integers(1, 8),
        first=st.integers(1, 3) | st.integers(SEQUENCE_NUMBER_MAX - 12, SEQUENCE_NUMBER_MAX),
        timeout_s=st.sampled_from([0.5, 1.0, 3.0]),
    )
    def begin(self, size: int, first: int, timeout_s: float) -> None:
        self.window = Window(size, first)
        self.size = size
        self.timeout_s = timeout_s
        self.now = 1_700_000_000.0
        self.next = first
        self.model: list[Request] = []
        self.answered: set[int] = set()

    @precondition(lambda self: len(self.model) < 40)
    @rule(count=st.integers(1, 10))
    def send(self, count: int) -> None:
        for _ in range(count):
            request = Request(self.next)
            assert self.window.open(request) == self.next
            self.model.append(request)
            self.answered.discard(self.next)
            self.next = 1 if self.next == SEQUENCE_NUMBER_MAX else self.next + 1

    @precondition(lambda self: self.model)
    @rule(data=st.data())
    def answer(self, data: st.DataObject) -> None:
        request = data.draw(st.sampled_from(self.model))
        assert self.window.answer(request.sequence_number) is request
        self.model.remove(request)
        self.answered.add(request.sequence_number)

    @precondition(lambda self: self.answered)
    @rule(data=st.data())
    def answer_again(self, data: st.DataObject) -> None:
        assert self.window.answer(data.draw(st.sampled_from(sorted(self.answered)))) is None

    @rule(sequence_number=st.integers(0, 0xFFFFFFFF))
    def answer_what_was_never_asked(self, sequence_number: int) -> None:
        assume(sequence_number not in {request.sequence_number for request in self.model})
        assert self.window.answer(sequence_number) is None

    @rule(seconds=st.sampled_from([0.0, 0.1, 0.25, 0.5, 1.0, 2.0, 7.0]))
    def tick(self, seconds: float) -> None:
        self.now += seconds
        expired = [
            request
            for request in self.model
            if request.seen_at is not None and request.seen_at + self.timeout_s <= self.now
        ]
        assert self.window.expire(self.now, self.timeout_s) == expired
        self.model = [request for request in self.model if request not in expired]
        for request in self.model:
            if request.seen_at is None:
                request.seen_at = self.now

    @rule()
    def lose(self) -> None:
        assert self.window.lose() == self.model
        self.model = []

    @invariant()
    def counts_agree(self) -> None:
        if hasattr(self, "window"):
            assert len(self.window) == len(self.model)
            assert self.window.room == self.size - len(self.model)


TestWindow = WindowMachine.TestCase


def test_interop_08_sequence_numbers_wrap_to_one() -> None:
    window = Window(4, SEQUENCE_NUMBER_MAX - 1)
    assert [window.open("x") for _ in range(4)] == [SEQUENCE_NUMBER_MAX - 1, SEQUENCE_NUMBER_MAX, 1, 2]


def test_a_number_that_is_still_awaited_is_not_given_out_again() -> None:
    window = Window(4, SEQUENCE_NUMBER_MAX)
    assert window.open("old") == SEQUENCE_NUMBER_MAX
    window._next = SEQUENCE_NUMBER_MAX  # as after two thousand million requests
    assert window.open("new") == 1
    assert window.answer(SEQUENCE_NUMBER_MAX) == "old"


def test_a_request_expires_within_two_ticks_of_its_time() -> None:
    window = Window(4)
    window.expire(99.9, 10.0)
    window.open("a")  # at 100.0
    window.expire(100.25, 10.0)
    assert window.expire(110.0, 10.0) == []
    assert window.expire(110.25, 10.0) == ["a"]


def test_requests_expire_in_the_order_in_which_they_were_sent_over_the_wrap() -> None:
    window = Window(8, SEQUENCE_NUMBER_MAX - 1)
    for context in "abcd":
        window.open(context)
    window.expire(0.0, 10.0)
    window.open("e")
    assert window.expire(10.0, 10.0) == ["a", "b", "c", "d"]
    assert len(window) == 1


def test_marks_are_not_made_for_ticks_at_which_nothing_was_sent() -> None:
    """A session that stands for a week ticks two million times."""
    window = Window(4)
    window.open("a")
    for tick in range(1000):
        window.expire(tick * 0.001, 30.0)
    assert len(window._marks) == 1


@pytest.mark.parametrize("size", [1, 64])
def test_a_window_that_is_made_smaller_has_no_room_until_enough_is_answered(size: int) -> None:
    window = Window(100)
    numbers = [window.open("x") for _ in range(65)]
    window.size = size
    assert window.room == size - 65
    for number in numbers:
        window.answer(number)
    assert window.room == size


def test_what_is_outstanding_is_told_oldest_first() -> None:
    window = Window(8, SEQUENCE_NUMBER_MAX - 1)
    numbers = [window.open(name) for name in "abcd"]
    window.answer(numbers[1])
    assert list(window.outstanding()) == ["a", "c", "d"]
    assert len(window) == 3


def test_what_the_session_itself_has_asked_its_owner_does_not_await() -> None:
    window = Window(8)
    window.open(ENQUIRE_LINK)
    window.open(UNBIND)
    assert not window.is_awaited
    number = window.open("a")
    assert window.is_awaited
    assert of_owner(window.outstanding()) == ["a"]
    window.answer(number)
    assert not window.is_awaited
