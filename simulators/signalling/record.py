# What happened in the network: each step of each message, with its time and cause.
#
#   kind            when                                            cause, if it failed
#   sri_sm          the HLR has answered                            unknownSubscriber, callBarred, ...
#   mt_forward_sm   the handset has, or the network gave up         absentSubscriberSM, ...
#   alert_sc        a handset is back, or has room again
#   mo_forward_sm   a handset has sent something
#   final           a message has ended without having arrived      what its receipt tells
#
# Two of them are of every message: they are kept as tuples, and made into Events when somebody asks.
"""The network's record of events."""

from collections import Counter, deque
from collections.abc import Iterator
from typing import Literal, NamedTuple

Kind = Literal["sri_sm", "mt_forward_sm", "alert_sc", "mo_forward_sm", "final"]
Step = tuple[float, Kind, str, bytes, str, str, int]
"""The fields of an Event."""


class Event(NamedTuple):
    """One step; `at` is unix seconds, `attempt` counts from 1, `detail` says more about a cause."""

    at: float
    kind: Kind
    carrier: str
    number: bytes
    cause: str
    detail: str
    attempt: int


class Record:
    """The latest events, and how many failures there were by kind and cause."""

    def __init__(self, events_max: int) -> None:
        self.failures: Counter[tuple[Kind, str]] = Counter()
        self._steps: deque[Step] = deque(maxlen=events_max)

    def __len__(self) -> int:
        return len(self._steps)

    def configure(self, events_max: int) -> None:
        """Remember so many events from now on."""
        if events_max != self._steps.maxlen:
            self._steps = deque(self._steps, maxlen=events_max)

    def add(self, step: Step) -> None:
        """Remember an event."""
        self._steps.append(step)
        if step[4]:
            self.failures[step[1], step[4]] += 1

    def events(self, number: bytes = b"", kind: str = "") -> Iterator[Event]:
        """Give the events of a number, of a kind, or all, the latest first."""
        for step in reversed(self._steps):
            if number in (b"", step[3]) and kind in ("", step[1]):
                yield Event._make(step)

    def clear(self) -> None:
        """Forget all events, and count anew."""
        self._steps.clear()
        self.failures.clear()
