# An Account is one customer at run time: its sessions, its bucket, and what is owed to it.
#
# A delivery leaves the outbox onto a session, or is given up by age or limit. From a session it is settled by
# the ESME's answer, or comes back: at once if the session is lost, after a pause if refused or ignored.
"""Accounts: throughput, sessions and deliveries owed."""

import heapq
from collections import deque
from collections.abc import Iterable
from typing import Final

import attrs

from smpp_router.config import AccountConfig
from smpp_router.message.message import Delivery
from smpp_router.routing.throttle import TokenBucket
from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.receipt_body import without_tlvs

BOUND_BACKLOG: Final = 10_000
"""Deliveries that a bound account may be behind with, whatever its receipts_max: seconds of its windows."""


@attrs.define(eq=False)
class AccountCounters:
    """What happened on an account since the start. `reserved`: what came with a reserved value."""

    accepted: int = 0
    throttled: int = 0
    refused: int = 0
    reserved: int = 0
    delivered: int = 0
    deliver_errors: int = 0
    deliveries_dropped: int = 0
    bad_passwords: int = 0


class Account:
    """One ESME account of the router. `is_leaving`: the configuration has it no more."""

    def __init__(self, config: AccountConfig) -> None:
        self.config: AccountConfig = config
        self.system_id = config.system_id
        self.bucket = TokenBucket(config.throughput_per_s, config.burst)
        self.sessions: list[Session] = []
        self.counters = AccountCounters()
        self.expiry = (0.0, 0.0)
        self.is_leaving = False
        self._outbox: deque[Delivery] = deque()
        self._later: list[tuple[float, int, Delivery]] = []
        self._later_count = 0
        self._turn = 0

    def configure(self, config: AccountConfig) -> None:
        """Go by another configuration from now on. Sessions stay; who may bind is asked at the next bind."""
        self.config = config
        self.is_leaving = False
        self.bucket.adjust(config.throughput_per_s, config.burst)
        self.expiry = (0.0, 0.0)
        for session in self.sessions:
            session.window.size = config.deliver_window

    @property
    def waiting(self) -> int:
        """Deliveries that no session carries now."""
        return len(self._outbox) + len(self._later)

    def owe(self, deliveries: Iterable[Delivery]) -> list[Delivery]:
        """Add deliveries; return those given up because the limit is passed, the oldest first."""
        self._outbox.extend(deliveries)
        limit = self.config.receipts_max
        if any(session.can_deliver for session in self.sessions):
            # What a bound ESME takes slowly is not what an absent one lets lie: it may have this much.
            limit = max(limit, BOUND_BACKLOG)
        excess = len(self._outbox) - limit
        if excess <= 0:
            return []
        self.counters.deliveries_dropped += excess
        return [self._outbox.popleft() for _ in range(excess)]

    def empty(self) -> list[Delivery]:
        """Take out all that waits."""
        waiting = [*self._outbox, *(delivery for _, _, delivery in self._later)]
        self._outbox.clear()
        self._later.clear()
        return waiting

    def put_back(self, deliveries: list[Delivery]) -> None:
        """Return deliveries whose session is gone to the front, in their order."""
        self._outbox.extendleft(reversed(deliveries))

    def retry_later(self, delivery: Delivery, now: float) -> None:
        """The ESME refused or ignored a delivery: it comes again after the account's pause."""
        self.counters.deliver_errors += 1
        self._later_count += 1
        heapq.heappush(self._later, (now + self.config.receipt_retry_s, self._later_count, delivery))

    def tick(self, now: float) -> list[Delivery]:
        """Bring back what is due for another try; return what is too old and given up."""
        while self._later and self._later[0][0] <= now:
            self._outbox.append(heapq.heappop(self._later)[2])
        oldest = now - self.config.receipts_age_s
        dropped: list[Delivery] = []
        while self._outbox and self._outbox[0].made_at < oldest:
            dropped.append(self._outbox.popleft())
        self.counters.deliveries_dropped += len(dropped)
        return dropped

    def pump(self, now: float) -> list[int]:
        """Hand what is owed to the sessions that can deliver and have room, in turn.

        Return the message_ids of the receipts among it.
        """
        handed: list[int] = []
        sessions = self.sessions
        outbox = self._outbox
        for offset in range(len(sessions)):
            if not outbox:
                break
            session = sessions[(self._turn + offset) % len(sessions)]
            room = session.window.room
            if room <= 0 or not session.can_deliver:
                continue
            count = min(room, len(outbox))
            deliveries = [outbox.popleft() for _ in range(count)]
            bodies = [delivery.body for delivery in deliveries]
            if not session.speaks_tlvs:
                bodies = [without_tlvs(body) for body in bodies]
            session.request_bodies(c.DELIVER_SM, bodies, deliveries, now)
            handed += [delivery.message_id for delivery in deliveries if delivery.message_id]
        self._turn += 1
        return handed
