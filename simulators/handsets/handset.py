"""One handset: where it is, what it holds, and what it was ordered to be."""

import math

import attrs

from simulators.handsets.config import Habits, State
from simulators.handsets.counters import HandsetCounters
from simulators.handsets.inbox import Inbox
from simulators.handsets.presence import Presence


@attrs.define(eq=False)
class Handset:
    """A handset that somebody has sent to or asked for."""

    number: bytes = attrs.field(repr=False)
    habits: Habits
    presence: Presence | None
    """None if it is always there."""
    inbox: Inbox
    is_plain: bool
    """Whether nothing but its memory ever stands in a message's way."""
    ordered: State | None = None
    """What it is by order, whatever its habits say."""

    def order(self, state: State | None) -> None:
        """Have it be something until it is told otherwise; None: what its habits say."""
        self.ordered = state
        self.is_plain = state in (None, "on") and self.presence is None and not self.habits.busy_share

    def state_at(self, now: float) -> State:
        """Return what it is at a time."""
        if self.ordered is not None:
            return self.ordered
        return "on" if self.presence is None else self.presence.state_at(now)

    def back_at(self, now: float) -> float:
        """Return when it can be reached, `now` or later; math.inf for never by itself."""
        if self.ordered is not None:
            return now if self.ordered == "on" else math.inf
        return now if self.presence is None else self.presence.back_at(now)


def make_handset(
    number: bytes, habits: Habits, kept_max: int, counters: HandsetCounters, seed: int, started_at: float
) -> Handset:
    """Return a handset with an empty inbox of at most `kept_max` texts."""
    presence = None if habits.is_always_there else Presence(habits, number, seed, started_at)
    is_plain = presence is None and not habits.busy_share
    return Handset(number, habits, presence, Inbox(habits, kept_max, counters), is_plain)
