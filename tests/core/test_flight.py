"""Messages stand where they belong, expire in time, and leave nothing behind."""

import tracemalloc

import attrs
from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from smpp_router.core.flight import Flight
from smpp_router.message.message import Message, Pending

START = 1_700_000_000.0
AHEAD_S = st.sampled_from([-10.0, -0.5, 0.0, 1.3, 3.0, 3.1, 25.0])


def message(message_id: int, expires_at: float = START + 60.0) -> Message:
    return Message(message_id, message_id, "bank", "default", b"body", b"addresses", 1, expires_at)


def pending(message_id: int, carrier: str = "mobile", expires_at: float = START + 60.0) -> Pending:
    return Pending(message_id, message_id, "bank", carrier, b"%d" % message_id, b"addresses", 1, expires_at)


def recover(flight: Flight, entry: Pending, key: bytes = b"key") -> None:
    flight.recover([entry], {entry.carrier: lambda _: key})


class FlightMachine(RuleBasedStateMachine):
    """Against a dict of what is in flight; `filed`: when each is to be named, and since when it is known."""

    def __init__(self) -> None:
        super().__init__()
        self.flight = Flight(["mobile"])
        self.now = START
        self.last_id = 0
        self.model: dict[int, Message | Pending] = {}
        self.filed: dict[int, tuple[float, float]] = {}

    @property
    def queued(self) -> list[int]:
        return sorted(number for number, entry in self.model.items() if isinstance(entry, Message))

    @rule(ahead_s=AHEAD_S, count=st.integers(1, 100))
    def accept(self, ahead_s: float, count: int) -> None:
        for _ in range(count):
            self.last_id += 1
            entry = message(self.last_id, self.now + ahead_s)
            self.flight.accept(entry)
            self.model[self.last_id] = entry
            self.filed[self.last_id] = entry.expires_at, self.now

    @initialize(ahead_s=st.lists(AHEAD_S, max_size=5))
    def recover(self, ahead_s: list[float]) -> None:
        """What is recovered comes first of all."""
        for seconds in ahead_s:
            self.last_id += 1
            entry = pending(self.last_id, expires_at=self.now + seconds)
            recover(self.flight, entry, entry.carrier_message_id)
            self.model[self.last_id] = entry
            self.filed[self.last_id] = entry.expires_at, self.now

    @precondition(lambda self: bool(self.queued))
    @rule(data=st.data())
    def take(self, data: st.DataObject) -> None:
        """As settling a submit_sm_resp does."""
        message_id = data.draw(st.sampled_from(self.queued))
        entry = pending(message_id, expires_at=self.model[message_id].expires_at)
        self.model[message_id] = self.flight.messages[message_id] = entry

    @precondition(lambda self: bool(self.queued))
    @rule(data=st.data(), later_s=st.sampled_from([0.0, 0.0, 1.0, 10.0, 30.0]))
    def replace(self, data: st.DataObject, later_s: float) -> None:
        """As replace_sm does: another message takes its place, under the same id."""
        message_id = data.draw(st.sampled_from(self.queued))
        old = self.model[message_id]
        assert isinstance(old, Message)
        successor = attrs.evolve(old, expires_at=old.expires_at + later_s)
        self.flight.end(old)
        self.flight.accept(successor)
        self.model[message_id] = successor
        self.filed[message_id] = successor.expires_at, self.now

    @precondition(lambda self: bool(self.model))
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        for message_id in data.draw(st.lists(st.sampled_from(sorted(self.model)), unique=True)):
            entry = self.model.pop(message_id)
            self.flight.end(entry)
            self.flight.end(entry)
            self.filed.pop(message_id, None)

    @rule(
        seconds=st.sampled_from([0.0, 0.025, 0.5, 2.0, 7.3, 100.0]), late_s=st.sampled_from([0.0, 5.0, 300.0])
    )
    def pass_time(self, seconds: float, late_s: float) -> None:
        self.now += seconds
        due = self.flight.due(self.now)
        assert len(set(due)) == len(due)
        for message_id in due:
            expires_at, _ = self.filed.pop(message_id)
            assert expires_at <= self.now
            if isinstance(self.model[message_id], Pending) and late_s:
                # Its receipt is waited for a while longer.
                self.flight.expire_at(message_id, self.now + late_s)
                self.filed[message_id] = self.now + late_s, self.now
            else:
                self.flight.end(self.model.pop(message_id))
        for expires_at, filed_at in self.filed.values():
            assert max(expires_at, filed_at) > self.now - 2.0, "named two seconds late at most"

    @invariant()
    def the_same_are_in_flight(self) -> None:
        assert self.flight.messages == self.model
        assert len(self.flight) == len(self.model)


TestFlight = FlightMachine.TestCase


@given(st.lists(st.integers(1, 50), unique=True), st.data())
def test_due_messages_come_in_order_of_time_and_id(ids: list[int], data: st.DataObject) -> None:
    flight = Flight([])
    times = {message_id: data.draw(st.integers(0, 20)) for message_id in ids}
    for message_id, seconds in times.items():
        flight.accept(message(message_id, START + seconds))
    assert flight.due(START + 22.0) == sorted(ids, key=lambda x: (int(START + times[x]) // 2, x))


def test_a_message_can_end_once_and_is_not_due_afterwards() -> None:
    flight = Flight([])
    queued = message(1)
    flight.accept(queued)
    flight.end(queued)
    flight.end(queued)
    assert len(flight) == 0
    assert flight.due(START + 100.0) == []


def test_a_recovered_message_is_known_by_its_carriers_id_too() -> None:
    flight = Flight(["mobile"])
    entry = pending(1)
    recover(flight, entry)
    assert (flight.messages, flight.taken) == ({1: entry}, {"mobile": {b"key": entry}})


def test_a_message_that_was_replaced_without_another_validity_expires_once() -> None:
    flight = Flight([])
    for message_id in (1, 2):
        flight.accept(message(message_id))
    flight.end(flight.messages[1])
    flight.accept(message(1))
    assert flight.due(START + 62.0) == [1, 2]


def test_interop_21_two_carriers_may_issue_the_same_id() -> None:
    flight = Flight(["mobile", "unicom"])
    first, second = pending(1, "mobile"), pending(2, "unicom")
    recover(flight, first)
    recover(flight, second)
    assert (flight.taken["mobile"][b"key"], flight.taken["unicom"][b"key"]) == (first, second)


def test_buckets_of_ended_messages_do_not_stay_until_their_validity_ends() -> None:
    flight = Flight([])
    for number in range(1000):
        flight.accept(message(number, START + 86_400.0 + number))
    for number in range(1000):
        flight.end(flight.messages[number])
    assert flight._buckets == {}


def test_a_bucket_in_which_most_have_ended_holds_those_that_have_not() -> None:
    flight = Flight([])
    for number in range(1000):
        flight.accept(message(number))
    for number in range(990):
        flight.end(flight.messages[number])
    (bucket,) = flight._buckets.values()
    assert len(bucket.ids) < 64
    assert flight.due(START + 62.0) == list(range(990, 1000))


def test_a_message_in_flight_costs_what_is_promised() -> None:
    count = 20_000
    tracemalloc.start()
    try:
        flight = Flight(["mobile"])
        before, _ = tracemalloc.get_traced_memory()
        for n in range(1 << 60, (1 << 60) + count):
            key = b"%d" % n
            addresses = b"\1\1%d\0\1\1106900\0" % n
            recover(flight, Pending(n, n, "bank", "mobile", key, addresses, 1, START + n % 1000), key)
        after, _ = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert len(flight) == count
    assert (after - before) / count <= 400
