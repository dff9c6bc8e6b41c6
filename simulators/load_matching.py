# Which receipt belongs to which message. A receipt may come before the response that names its message: it is
# kept until that comes. All tables are bounded; what does not fit is counted and not waited for.
"""Final receipts and the messages that they tell of, by message_id."""

from typing import Final

from simulators.histogram import Histogram

LACKING_MAX: Final = 2_000_000
"""Messages that wait for their receipt; beyond it one more is `untracked`. About 300 MB."""
EARLY_MAX: Final = 1_000_000
"""Receipts kept for responses that have not come; beyond it they count as unmatched."""
DONE_MAX: Final = 250_000
"""Ids that had their receipt, so that a second one is told from a stranger's: at least the last so many."""


class Matching:
    """Matches receipts with messages. `latency` counts from when a message was due to its final receipt."""

    def __init__(self) -> None:
        self.latency = Histogram()
        self.receipts = 0
        self.duplicated = 0
        """Final receipts of messages that had one."""
        self.untracked = 0
        self._lost_early = 0
        self._lacking: dict[bytes, float] = {}
        self._early: dict[bytes, float] = {}
        self._done: set[bytes] = set()
        self._done_before: set[bytes] = set()

    @property
    def missing(self) -> int:
        """Messages that lack their receipt."""
        return len(self._lacking)

    @property
    def unmatched(self) -> int:
        """Receipts of no message that we know of."""
        return len(self._early) + self._lost_early

    def accepted(self, message_id: bytes, due_at: float) -> None:
        """A message that wants a receipt was accepted under this id."""
        if self._early and (arrived_at := self._early.pop(message_id, None)) is not None:
            self._matched(message_id, arrived_at - due_at)
        elif len(self._lacking) < LACKING_MAX:
            self._lacking[message_id] = due_at
        else:
            self.untracked += 1

    def received(self, message_id: bytes, now: float) -> None:
        """A final receipt of this id has come."""
        due_at = self._lacking.pop(message_id, None)
        if due_at is not None:
            self._matched(message_id, now - due_at)
        elif message_id in self._done or message_id in self._done_before or message_id in self._early:
            self.duplicated += 1
        elif len(self._early) < EARLY_MAX:
            self._early[message_id] = now
        else:
            self._lost_early += 1

    def _matched(self, message_id: bytes, took_s: float) -> None:
        self.receipts += 1
        self.latency.add(took_s)
        if len(self._done) >= DONE_MAX:
            self._done_before = self._done
            self._done = set()
        self._done.add(message_id)
