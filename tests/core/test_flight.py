import tracemalloc

from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smpp_router.core.flight import Flight
from smpp_router.message.message import Message, Pending

START = 1_700_000_000.0


class FlightMachine(RuleBasedStateMachine):
    """Flight against a dict of expiry times: due() names what expires, when it does, and only once."""

    def __init__(self) -> None:
        super().__init__()
        self.flight = Flight(["mobile"])
        self.now = START
        self.expected: dict[int, float] = {}
        self.issued = 0

    @rule(seconds=st.integers(-3, 30), count=st.integers(1, 100))
    def accept(self, seconds: int, count: int) -> None:
        for _ in range(count):
            self.issued += 1
            self.flight.accept(message(self.issued, self.now + seconds))
            self.expected[self.issued] = self.now + seconds

    @precondition(lambda self: self.expected)
    @rule(data=st.data())
    def end(self, data: st.DataObject) -> None:
        for message_id in data.draw(st.lists(st.sampled_from(sorted(self.expected)), unique=True)):
            self.flight.end(self.flight.messages[message_id])
            del self.expected[message_id]

    @precondition(lambda self: self.expected)
    @rule(data=st.data(), seconds=st.integers(0, 60))
    def replace(self, data: st.DataObject, seconds: int) -> None:
        message_id = data.draw(st.sampled_from(sorted(self.expected)))
        self.flight.end(self.flight.messages[message_id])
        self.flight.accept(message(message_id, self.now + seconds))
        self.expected[message_id] = self.now + seconds

    @rule(seconds=st.integers(0, 20))
    def wait(self, seconds: int) -> None:
        self.now += seconds
        due = self.flight.due(self.now)
        assert len(set(due)) == len(due)
        assert all(self.expected[message_id] <= self.now for message_id in due)
        late = {message_id for message_id, at in self.expected.items() if at <= self.now - 4.0}
        assert late <= set(due), "noticed within two buckets"
        for message_id in due:
            self.flight.end(self.flight.messages[message_id])
            del self.expected[message_id]

    @invariant()
    def messages_are_those_expected(self) -> None:
        assert set(self.flight.messages) == set(self.expected)


TestFlight = FlightMachine.TestCase


def message(message_id: int, expires_at: float = START + 60.0) -> Message:
    return Message(message_id, message_id, "bank", "default", b"body", b"addresses", 1, expires_at)


def pending(message_id: int, carrier: str = "mobile") -> Pending:
    return Pending(message_id, message_id, "bank", carrier, b"%d" % message_id, b"addresses", 1, START + 60.0)


def test_a_message_can_end_once_and_is_not_due_afterwards() -> None:
    flight = Flight([])
    queued = message(1)
    flight.accept(queued)
    flight.end(queued)
    flight.end(queued)
    assert len(flight) == 0
    assert flight.due(START + 100.0) == []


def test_interop_21_two_carriers_may_issue_the_same_id() -> None:
    flight = Flight(["mobile", "unicom"])
    first, second = pending(1, "mobile"), pending(2, "unicom")
    keys = dict.fromkeys(("mobile", "unicom"), lambda _: b"same")
    flight.recover([first, second], keys)
    assert (flight.taken["mobile"][b"same"], flight.taken["unicom"][b"same"]) == (first, second)


def test_buckets_of_ended_messages_do_not_stay_until_their_validity_ends() -> None:
    flight = Flight([])
    for number in range(1000):
        flight.accept(message(number, START + 86_400.0 + number))
    for number in range(1000):
        flight.end(flight.messages[number])
    assert flight._buckets == {}


def test_a_message_in_flight_costs_what_is_promised() -> None:
    count = 20_000
    tracemalloc.start()
    flight = Flight(["mobile"])
    before = tracemalloc.get_traced_memory()[0]
    for number in range(count):
        key = b"%d" % (1_000_000_000 + number)
        entry = Pending(
            10**18 + number,
            10**18 + number,
            "bank",
            "mobile",
            key,
            b"\1\1%015d\0\1\1106900\0" % number,
            1,
            START,
        )
        flight.recover([entry], {"mobile": bytes})
    used = tracemalloc.get_traced_memory()[0] - before
    tracemalloc.stop()
    assert used / count < 450
