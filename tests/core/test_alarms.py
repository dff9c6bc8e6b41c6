"""An alarm is raised once, stays as long as it must, and is cleared once."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smpp_router.core.alarms import EVENTS_MAX, FORGOTTEN_S, KINDS, WATCHED_MAX, Alarm, Alarms

RAISE_S, CLEAR_S = 10.0, 30.0
KIND = "queue_growing"


def fresh(history_max: int = 100) -> Alarms:
    return Alarms(RAISE_S, CLEAR_S, history_max)


def raised(alarms: Alarms, subject: str = "mobile", now: float = 0.0) -> Alarm:
    alarms.tell(KIND, subject, True, now)
    alarms.tell(KIND, subject, True, now + RAISE_S)
    (event,) = alarms.take_events()
    return event


def test_what_is_wrong_for_long_enough_raises_one_alarm() -> None:
    alarms = fresh()
    for now in range(10):
        alarms.tell(KIND, "mobile", True, float(now))
    assert alarms.take_events() == []
    for now in range(10, 1_000):
        alarms.tell(KIND, "mobile", True, float(now))
    (event,) = alarms.take_events()
    assert (event.kind, event.subject, event.severity, event.raised_at) == (KIND, "mobile", "warning", 10.0)
    assert event.text == "the queue of carrier mobile fills up"
    assert alarms.active() == [event]
    assert alarms.is_active(KIND, "mobile")
    assert not alarms.is_active(KIND, "unicom")


@pytest.mark.parametrize("break_", [False, None])
def test_a_break_begins_it_anew(break_: bool | None) -> None:
    alarms = fresh()
    for now in range(100):
        alarms.tell(KIND, "mobile", break_ if now % 9 == 8 else True, float(now))
    assert alarms.take_events() == []
    assert alarms.statistics().raised == 0


def test_it_is_cleared_once_when_all_is_right_for_long_enough() -> None:
    alarms = fresh()
    first = raised(alarms)
    for now in range(20, 49):
        alarms.tell(KIND, "mobile", False, float(now))
    alarms.tell(KIND, "mobile", None, 49.0)
    for now in range(50, 80):
        alarms.tell(KIND, "mobile", False, float(now))
    assert alarms.take_events() == []
    for now in range(80, 200):
        alarms.tell(KIND, "mobile", False, float(now))
    (event,) = alarms.take_events()
    assert (event.number, event.cleared_at) == (first.number, 80.0)
    assert alarms.history() == [event]
    assert alarms.active() == []
    assert alarms.statistics().watched == 0


def test_some_kinds_cannot_wait() -> None:
    alarms = fresh()
    alarms.tell("carrier_silent", "mobile", True, 5.0)
    assert [event.kind for event in alarms.take_events()] == ["carrier_silent"]


@pytest.mark.parametrize(
    ("raise_at", "clear_at", "wrong", "between", "right"),
    [(80.0, 50.0, 80.0, 60.0, 50.0), (10.0, 20.0, 10.0, 15.0, 20.0)],
)
def test_a_level_has_two_thresholds(
    raise_at: float, clear_at: float, wrong: float, between: float, right: float
) -> None:
    alarms = fresh()
    for now in range(100):
        alarms.level(KIND, "mobile", wrong if now % 2 else between, raise_at, clear_at, float(now))
    assert alarms.take_events() == []
    for now in range(100, 200):
        alarms.level(KIND, "mobile", wrong, raise_at, clear_at, float(now))
    assert len(alarms.take_events()) == 1
    for now in range(200, 400):
        alarms.level(KIND, "mobile", right if now % 2 else between, raise_at, clear_at, float(now))
    assert alarms.take_events() == []
    for now in range(400, 500):
        alarms.level(KIND, "mobile", right, raise_at, clear_at, float(now))
    assert len(alarms.take_events()) == 1


def test_what_nobody_tells_of_any_more_is_over() -> None:
    alarms = fresh()
    raised(alarms)
    alarms.tell(KIND, "unicom", True, 10.0)
    alarms.tick(10.0 + FORGOTTEN_S - 1.0)
    assert alarms.take_events() == []
    alarms.tick(10.0 + FORGOTTEN_S)
    (event,) = alarms.take_events()
    assert event.cleared_at == 10.0 + FORGOTTEN_S
    assert alarms.statistics().watched == 0


def test_what_finds_no_room_is_counted() -> None:
    alarms = fresh()
    for number in range(WATCHED_MAX + 5):
        alarms.tell(KIND, str(number), True, 0.0)
    assert (alarms.statistics().watched, alarms.statistics().dropped) == (WATCHED_MAX, 5)


def test_events_and_history_are_bounded() -> None:
    alarms = fresh(history_max=3)
    now = 0.0
    for _ in range(EVENTS_MAX // 2 + 5):
        for is_wrong, dt_s in ((True, RAISE_S), (True, 1.0), (False, CLEAR_S), (False, 1.0)):
            alarms.tell(KIND, "mobile", is_wrong, now)
            now += dt_s
    statistics = alarms.statistics()
    assert statistics.raised == statistics.cleared == EVENTS_MAX // 2 + 5
    assert statistics.dropped == 10
    assert len(alarms.take_events()) == EVENTS_MAX
    assert len(alarms.history()) == 3


def test_another_configuration_keeps_what_stands() -> None:
    alarms = fresh()
    event = raised(alarms)
    alarms.configure(0.0, 0.0, 5)
    assert alarms.active() == [event]
    alarms.tell(KIND, "mobile", False, 100.0)
    assert alarms.active() == []
    assert len(alarms.history()) == 1


def test_no_text_has_a_number_of_its_own() -> None:
    for kind in KINDS.values():
        assert kind.text.count("{}") == 1
        assert not any(letter.isdigit() for letter in kind.text)


def test_a_kind_that_is_unknown_is_a_mistake_of_the_caller() -> None:
    with pytest.raises(KeyError):
        fresh().tell("no_such_kind", "mobile", True, 0.0)


class AlarmsMachine(RuleBasedStateMachine):
    """Whatever is told: raised and cleared alternate for each subject, and what is not cleared stands."""

    @initialize()
    def begin(self) -> None:
        self.alarms = fresh()
        self.now = 0.0
        self.standing: dict[tuple[str, str], Alarm] = {}
        self.wrong_since: dict[tuple[str, str], float] = {}

    @rule(
        kind=st.sampled_from(["queue_growing", "carrier_silent", "carrier_down"]),
        subject=st.sampled_from(["a", "b"]),
        is_wrong=st.sampled_from([True, True, False, None]),
        times=st.integers(1, 40),
    )
    def tell(self, kind: str, subject: str, is_wrong: bool | None, times: int) -> None:
        for _ in range(times):
            self.now += 1.0
            self.alarms.tell(kind, subject, is_wrong, self.now)

    @rule(dt_s=st.sampled_from([1.0, 60.0, FORGOTTEN_S]))
    def tick(self, dt_s: float) -> None:
        self.now += dt_s
        self.alarms.tick(self.now)

    @invariant()
    def each_alarm_is_raised_once_and_cleared_once(self) -> None:
        for event in self.alarms.take_events():
            key = event.kind, event.subject
            if event.cleared_at is None:
                assert key not in self.standing
                self.standing[key] = event
            else:
                assert self.standing.pop(key).number == event.number
                assert event.cleared_at >= event.raised_at
        assert {alarm.number for alarm in self.alarms.active()} == {
            alarm.number for alarm in self.standing.values()
        }
        statistics = self.alarms.statistics()
        assert statistics.raised - statistics.cleared == statistics.active == len(self.standing)


TestAlarmsMachine = AlarmsMachine.TestCase
TestAlarmsMachine.settings = settings(max_examples=50, stateful_step_count=30, deadline=None)
