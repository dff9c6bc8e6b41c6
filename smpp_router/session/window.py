# A Window holds the requests that we sent and the peer has not answered.
#
# Rule 1: only open() gives out a sequence_number.
# Rule 2: each entry leaves once: answered, expired, or lost with its session.
# Rule 3: all entries share one timeout, so insertion order is expiry order; instead of a deadline an entry,
#         tick() leaves a mark (time, next sequence_number), and what stands before an old mark is old.
"""The requests under way on one session (SMPP 3.4 section 2.7)."""

from collections import deque
from collections.abc import Iterable
from typing import Final

from smpp_router.wire import constants as c

SEQUENCE_NUMBER_MAX: Final = c.SEQUENCE_NUMBER_MAX
"""The highest sequence_number that may be sent (SMPP 3.4 section 5.1.4); the next is 1."""


ENQUIRE_LINK: Final = object()
UNBIND: Final = object()
"""The contexts of the session's own requests, which are nothing to its owner."""


def of_owner(contexts: Iterable[object]) -> list[object]:
    """Leave out the session's own requests."""
    return [context for context in contexts if context is not ENQUIRE_LINK and context is not UNBIND]


class Window:
    """Up to `size` requests awaiting their responses; each carries its owner's context."""

    __slots__ = ("_entries", "_marks", "_next", "size")

    def __init__(self, size: int, sequence_number_first: int = 1) -> None:
        self.size = size
        self._entries: dict[int, object] = {}
        self._next = sequence_number_first
        self._marks: deque[tuple[float, int]] = deque()

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def room(self) -> int:
        """How many more requests may be sent now; below zero where the session's own came on top."""
        return self.size - len(self._entries)

    def open(self, context: object) -> int:
        """Register a request and return its sequence_number. The caller has checked `room`."""
        sequence_number = self._next
        while sequence_number in self._entries:
            sequence_number = sequence_number % SEQUENCE_NUMBER_MAX + 1
        self._entries[sequence_number] = context
        self._next = sequence_number % SEQUENCE_NUMBER_MAX + 1
        return sequence_number

    @property
    def is_awaited(self) -> bool:
        """Whether the session's owner waits for any answer."""
        return bool(self._entries) and bool(of_owner(self._entries.values()))

    def outstanding(self) -> Iterable[object]:
        """The contexts of all requests that await their answer, the oldest first."""
        return self._entries.values()

    def answer(self, sequence_number: int) -> object | None:
        """Take out the request that this response answers: its context, or None if there is none."""
        return self._entries.pop(sequence_number, None)

    def expire(self, now: float, timeout_s: float) -> list[object]:
        """Take out what was sent at least `timeout_s` seconds ago, as finely as ticks are apart."""
        expired: list[object] = []
        marks = self._marks
        while marks and marks[0][0] + timeout_s <= now:
            expired += self._before(marks.popleft()[1])
        if self._entries and (not marks or marks[-1][1] != self._next):
            marks.append((now, self._next))
        return expired

    def _before(self, mark: int) -> list[object]:
        old: list[int] = []
        for sequence_number in self._entries:
            # Numbers wrap: the shorter way round tells which of two came first.
            if (mark - sequence_number - 1) % SEQUENCE_NUMBER_MAX > SEQUENCE_NUMBER_MAX // 2:
                break
            old.append(sequence_number)
        return [self._entries.pop(sequence_number) for sequence_number in old]

    def lose(self) -> list[object]:
        """Take out everything: the session is gone, its owner decides what becomes of them."""
        lost = list(self._entries.values())
        self._entries.clear()
        self._marks.clear()
        return lost
