# What one account is sent: receipts and mobile-originated messages.
#
#   add --> waiting --window room--> under way --ESME_ROK--> gone
#              ^                        |
#              |   session lost         |--another status, or none in time--> again after a pause, or dropped
#              +------------------------+
#
# Any RX or TRX session of the account may carry any of them; without one they wait, bounded.
"""The deliver_sm queue of one account of a simulated carrier."""

from collections import deque
from collections.abc import Iterable
from itertools import groupby
from operator import attrgetter
from typing import Final

import attrs

from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.codec import framed
from smpp_router.wire.receipt_body import without_tlvs

_COMMAND_ID: Final = attrgetter("command_id")
WAITING_MAX: Final = 100_000
"""Deliveries kept for an account that does not take them; the oldest goes first."""


@attrs.define(eq=False)
class Delivery:
    """The body of a deliver_sm or data_sm, and how often it has failed."""

    body: bytes = attrs.field(repr=False)
    failures: int = 0
    command_id: int = c.DELIVER_SM


class Deliveries:
    """The queue of one account and the sessions that it flows to."""

    def __init__(self) -> None:
        self.sessions: list[Session] = []
        self.sent = 0
        self.dropped = 0
        self._waiting: deque[Delivery] = deque()
        self._turn = 0

    def __len__(self) -> int:
        """How many wait for a session or for room in a window."""
        return len(self._waiting)

    def bound(self, session: Session, now: float) -> None:
        """A session of the account has bound."""
        self.sessions.append(session)
        self.pump(now)

    def lost(self, session: Session, contexts: Iterable[object], now: float) -> None:
        """A session is gone: what it had not answered is first in the queue again."""
        self.sessions.remove(session)
        unanswered = [context for context in contexts if isinstance(context, Delivery)]
        self._waiting.extendleft(reversed(unanswered))
        self.pump(now)

    def add(self, deliveries: Iterable[Delivery], now: float) -> None:
        """Send these, now or when there is room."""
        self._waiting.extend(deliveries)
        self.pump(now)

    def alert(self, body: bytes) -> bool:
        """Send an alert_notification (SMPP 3.4 section 4.12); False if no session takes it."""
        for session in self.sessions:
            if session.can_deliver and session.window.room > 0:
                number = session.window.open(None)
                session.window.answer(number)
                session.write(framed(c.ALERT_NOTIFICATION, c.ESME_ROK, number, body))
                return True
        return False

    def pump(self, now: float) -> None:
        """Fill windows, beginning with another session each time."""
        waiting = self._waiting
        sessions = self.sessions
        for _ in range(len(sessions)):
            if not waiting:
                return
            session = sessions[self._turn % len(sessions)]
            self._turn += 1
            room = session.window.room
            if room <= 0 or not session.can_deliver:
                continue
            batch = [waiting.popleft() for _ in range(min(room, len(waiting)))]
            for command_id, same in groupby(batch, _COMMAND_ID):
                _send(session, command_id, list(same), now)
            self.sent += len(batch)
        while len(waiting) > WAITING_MAX:
            waiting.popleft()
            self.dropped += 1


def _send(session: Session, command_id: int, batch: list[Delivery], now: float) -> None:
    bodies = [delivery.body for delivery in batch]
    # A data_sm without its parameters would say nothing; who knows no parameters knows no data_sm either.
    if not session.speaks_tlvs and command_id == c.DELIVER_SM:
        bodies = list(map(without_tlvs, bodies))
    session.request_bodies(command_id, bodies, batch, now)
