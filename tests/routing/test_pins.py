"""Pins against a plain model: all parts of a message go one way, within the limits of number and age."""

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smpp_router.routing.pins import Pins

START = 1_700_000_000.0
ENTRIES_MAX = 5
SECONDS_MAX = 60.0
KEYS = st.integers(0, 9).map(lambda reference: ("account", b"source", b"destination", reference, 3))
CARRIERS = st.sampled_from(["north", "south", "west"])


class PinsAgainstAModel(RuleBasedStateMachine):
    def __init__(self) -> None:
        super().__init__()
        self.pins = Pins(ENTRIES_MAX, SECONDS_MAX)
        self.model: dict[object, tuple[str, float]] = {}
        self.now = START
        self.moved = 0

    def live(self) -> dict[object, tuple[str, float]]:
        return {key: pin for key, pin in self.model.items() if self.now < pin[1] + SECONDS_MAX}

    def set_in_model(self, key: object, carrier: str) -> None:
        self.model.pop(key, None)
        self.model = self.live()
        if len(self.model) >= ENTRIES_MAX:
            del self.model[next(iter(self.model))]
        self.model[key] = (carrier, self.now)

    @rule(seconds=st.sampled_from([0.0, 0.5, 20.0, 59.0, 60.0, 200.0]))
    def time_passes(self, seconds: float) -> None:
        self.now += seconds

    @rule(key=KEYS, carrier=CARRIERS)
    def a_part_comes(self, key: object, carrier: str) -> None:
        pinned = self.pins.carrier_for(key, self.now)
        expected = self.live().get(key)
        # What has expired may still take up room here, so the model may know a pin that was dropped, never
        # the other way round.
        if pinned is not None:
            assert expected is not None
            assert expected[0] == pinned
        else:
            self.model.pop(key, None)
            self.pins.pin(key, carrier, self.now)
            self.set_in_model(key, carrier)
            assert self.pins.carrier_for(key, self.now) == carrier

    @precondition(lambda self: self.model)
    @rule(key=KEYS, carrier=CARRIERS)
    def its_carrier_is_lost(self, key: object, carrier: str) -> None:
        before = self.pins.carrier_for(key, self.now)
        self.moved += before not in (None, carrier)
        self.pins.repin(key, carrier, self.now)
        self.set_in_model(key, carrier)
        assert self.pins.carrier_for(key, self.now) == carrier

    @invariant()
    def no_more_than_allowed(self) -> None:
        assert len(self.pins) <= ENTRIES_MAX
        assert self.pins.statistics().moved == self.moved


TestPinsAgainstAModel = PinsAgainstAModel.TestCase


@given(parts=st.permutations([("a", part) for part in range(8)] + [("b", part) for part in range(8)]))
def test_all_parts_of_a_message_go_by_one_carrier(parts: list[tuple[str, int]]) -> None:
    pins = Pins(100, SECONDS_MAX)
    went: dict[str, set[str]] = {"a": set(), "b": set()}
    for number, (message, part) in enumerate(parts):
        carrier = pins.carrier_for(message, START + number)
        if carrier is None:
            carrier = f"carrier {part}"
            pins.pin(message, carrier, START + number)
        went[message].add(carrier)
    assert [len(carriers) for carriers in went.values()] == [1, 1]


def test_a_pin_ends_by_age_however_much_it_is_used() -> None:
    pins = Pins(10, SECONDS_MAX)
    pins.pin("key", "north", START)
    assert all(pins.carrier_for("key", START + second) == "north" for second in range(60))
    assert pins.carrier_for("key", START + SECONDS_MAX) is None
    assert len(pins) == 0


def test_the_oldest_goes_first_and_is_counted() -> None:
    pins = Pins(2, SECONDS_MAX)
    for key in ("first", "second", "third"):
        pins.pin(key, "north", START)
    assert pins.carrier_for("first", START) is None
    assert pins.carrier_for("second", START) == "north"
    pins.repin("second", "south", START)
    statistics = pins.statistics()
    assert (statistics.pinned, statistics.made, statistics.moved, statistics.dropped) == (2, 4, 1, 1)


def test_what_has_expired_goes_as_new_pins_come() -> None:
    pins = Pins(1000, SECONDS_MAX)
    for key in range(100):
        pins.pin(key, "north", START)
    for key in range(100, 200):
        pins.pin(key, "north", START + SECONDS_MAX)
    assert len(pins) == 100
    assert pins.statistics().dropped == 0
