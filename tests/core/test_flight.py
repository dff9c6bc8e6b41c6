"""Messages stand where they belong, expire in time, and leave nothing behind."""

import tracemalloc

from hypothesis import given
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from smpp_router.core.flight import Deadlines, Flight
from smpp_router.message.message import Message, Pending

START = 1_700_000_000.0


class DeadlinesMachine(RuleBasedStateMachine):
    """Against a dict of the ids that have not been due."""

    def __init__(self) -> None:
        super().__init__()
        self.deadlines = Deadlines()
        self.now = START
        self.last_id = 0
        self.model: dict[int, float] = {}
        self.gone: set[int] = set()
        self.deadlines.due(self.now)

    @rule(ahead_s=st.floats(-10.0, 30.0), count=st.integers(1, 4))
    def add(self, ahead_s: float, count: int) -> None:
        for _ in range(count):
            self.last_id += 1
            self.deadlines.add(self.last_id, self.now + ahead_s)
            self.model[self.last_id] = self.now + ahead_s

    @precondition(lambda self: bool(self.model))
    @rule(data=st.data())
    def remove(self, data: st.DataObject) -> None:
        message_id = data.draw(st.sampled_from(sorted(self.model)))
        expires_at = self.model.pop(message_id)
        self.deadlines.remove(message_id, expires_at)
        self.deadlines.remove(message_id, expires_at)
        # One that was added when its time was over is still told once; whoever asks finds it ended.
        self.gone.add(message_id)

    @rule(seconds=st.sampled_from([0.0, 0.025, 0.5, 2.0, 7.3, 100.0]))
    def due(self, seconds: float) -> None:
        self.now += seconds
        due = self.deadlines.due(self.now)
        assert len(set(due)) == len(due)
        times = [self.model[message_id] for message_id in due if message_id in self.model]
        assert all(expires_at <= self.now for expires_at in times)
        assert set(due) <= self.model.keys() | self.gone
        self.gone -= set(due)
        for message_id in due:
            self.model.pop(message_id, None)
        late = [x for x in self.model.values() if x <= self.now - 4.0]
        # Those added late are due with the next two seconds, all others within two seconds of their time.
        assert not late or self.deadlines.due(self.now + 2.0)

    @rule()
    def due_again(self) -> None:
        assert self.deadlines.due(self.now) == []

    @invariant()
    def no_bucket_is_empty(self) -> None:
        assert all(self.deadlines._buckets.values())
