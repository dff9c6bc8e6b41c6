# Messages that are held: they wait for the rest of their text, or for a person.
#
#   release()                  the message goes its way
#   reject()                   it ends REJECTED, with the receipt that it is owed
#   nobody decides in time     it is remembered among the lapsed
#
# A held message is durable with a not_before of HELD_FROM or later, so after a crash it is screened again and
# does not slip out. It stands in Retries.held; those about which a person decides have their verdict here.
"""Holding messages, and letting them go."""

from collections import deque
from collections.abc import Sequence
from typing import Final

import attrs

from smpp_router.compliance.verdict import Verdict
from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending
from smpp_router.core.retries import Retries
from smpp_router.core.screening_counters import ScreeningCounters
from smpp_router.core.tracker import Tracker
from smpp_router.message.lifecycle import Cause
from smpp_router.message.message import HELD_FROM, Message
from smpp_router.message.review import Lapsed, Why
from smpp_router.wire import constants as c

LAPSED_MAX: Final = 1_000
"""Messages remembered that ended before anybody decided: the history has them for months."""
LAPSED_LOOK_S: Final = 0.25
"""Between two looks for such."""


class Holding:
    """The held messages of one router."""

    def __init__(
        self, retries: Retries, ending: Ending, tracker: Tracker, counters: ScreeningCounters
    ) -> None:
        self.reviews: dict[int, Verdict] = {}
        """Held messages that a person must decide about."""
        self.lapsed: deque[Lapsed] = deque(maxlen=LAPSED_MAX)
        """Messages that ended before anybody decided."""
        self._retries = retries
        self._ending = ending
        self._tracker = tracker
        self._counters = counters
        self._looked_at = 0.0

    def __len__(self) -> int:
        """How many messages are held."""
        return len(self._retries.held)

    def take_up(self, held: Sequence[Message]) -> None:
        """Hold what was held before a restart."""
        for message in held:
            self._ending.flight.accept(message)
            self._retries.decide(message)
            self._retries.held[message.message_id] = message

    def for_review(self, verdict: Verdict, messages: Sequence[Message]) -> None:
        """Have messages that are held wait for a person."""
        self.reviews.update(dict.fromkeys([message.message_id for message in messages], verdict))
        self._counters.held += len(messages)

    def release(self, message: Message, now: float, commit: Commit) -> None:
        """Hold a message no longer: it goes when its schedule lets it."""
        message.not_before -= HELD_FROM
        self._counters.released += 1
        if not message.is_ended:
            self.let_go(message, now, commit)

    def let_go(self, message: Message, now: float, commit: Commit) -> None:
        """Have a message take its turn whose not_before has it held no longer."""
        self._retries.let_go(message)
        commit.batch.notes += self._tracker.planned([message], now)

    def reject(self, message: Message, status: int, now: float, commit: Commit) -> None:
        """End a message as REJECTED, held or not; `status` is told in its receipt."""
        if message.is_ended:
            return
        self._counters.rejected += 1
        self._retries.held.pop(message.message_id, None)
        message.is_ended = True
        self._ending.end(message, c.REJECTED, status, now, commit, Cause.SCREENING)

    def decide(self, message_id: int, accept: bool, now: float, commit: Commit) -> bool:
        """A person has decided about a held message; False if it is not held."""
        verdict = self.reviews.pop(message_id, None)
        message = self._retries.held.get(message_id)
        if verdict is None or message is None or message.is_ended:
            return False
        if accept:
            self.release(message, now, commit)
        else:
            decisive = verdict.decisive
            status = (
                c.ESME_RSYSERR if decisive is None else attrs.evolve(verdict, action="refuse").command_status
            )
            self.reject(message, status, now, commit)
        return True

    def lapse(self, message: Message, why: Why, now: float) -> None:
        """A message ends; if a person was to decide about it, nobody has."""
        if self.reviews.pop(message.message_id, None) is not None:
            self.lapsed.append(Lapsed(now, message.message_id, message.account, why))

    def tick(self, now: float) -> None:
        """Forget held messages that have ended: expired, or cancelled."""
        if now < self._looked_at + LAPSED_LOOK_S:
            return
        self._looked_at = now
        held = self._retries.held
        for message in [message for message in held.values() if message.is_ended]:
            del held[message.message_id]
            self.lapse(message, "expired" if message.expires_at <= now else "cancelled", now)
        for message_id in [known for known in self.reviews if known not in held]:
            if message_id not in self._ending.flight.messages:
                del self.reviews[message_id]
