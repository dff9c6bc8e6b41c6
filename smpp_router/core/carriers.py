# A Carrier is one carrier at run time: its bound sessions, the messages that wait for it, its pace.
#
#   ready    messages in order, by priority, each with its body or to be read back from the store first
#   window   what its sessions have sent and not had answered (held by the sessions)
#   pending  what it has taken and not sent a receipt for (held by Flight)
#
# dispatch() is called whenever something may have changed: messages came, an answer made room, a tick passed.
"""Carriers: sessions, ready queue and pace."""

from collections import deque
from collections.abc import Callable, Iterable
from itertools import islice
from typing import Final

import attrs

from smpp_router.config import CarrierConfig
from smpp_router.core.alphabets import ROUTER_ALPHABET, translated_body
from smpp_router.core.hours_door import Door
from smpp_router.core.receipt_ids import Canonicaliser
from smpp_router.core.unwanted import Unwanted
from smpp_router.core.validity import with_validity
from smpp_router.message.lifecycle import SENT
from smpp_router.message.message import Message
from smpp_router.message.tally import Tally
from smpp_router.routing.health import Health
from smpp_router.routing.health_links import SessionHealth
from smpp_router.routing.slow_start import SlowStart
from smpp_router.routing.throttle import Pacer
from smpp_router.session.session import Session
from smpp_router.store.seam import Note
from smpp_router.wire import constants as c
from smpp_router.wire.receipt_body import without_tlvs

READ_BACK_MAX: Final = 512
"""Bodies asked of the store at once: a few windows' worth keep a drain going, and memory stays flat."""

BACK_BEFORE_MAX: Final = 256
"""Messages that came back before others, and are older: as many as a usual window are put in order."""

DOWN_S: Final = 2.0
"""A carrier that was without a session for so long comes back slowly; a link that flaps goes on as it was."""

IN_A_ROW: Final = 16
"""Messages of the highest priority that wait, for each one of a lower priority: so many still get through."""

STOPPED_MAX: Final = 1_000
"""Messages looked at, at some 5 us each, before a turn ends in which hours let none of them leave."""

BODIES_IN_MEMORY_MAX: Final = 20_000
"""Messages of one ready queue that keep their body in memory; what comes after is read back in its turn."""


@attrs.define(eq=False)
class CarrierCounters:
    """What happened with a carrier since the start."""

    sent: int = 0
    taken: int = 0
    throttled: int = 0
    refused: int = 0
    unanswered: int = 0
    receipts: int = 0
    orphans: int = 0
    orphans_dropped: int = 0
    binds: int = 0
    binds_lost: int = 0


class Carrier:
    """One carrier of the router.

    `is_leaving`: the configuration has it no more, and nothing new is sent. `is_drained`: and nothing more of
    it is awaited, so that it is to be bound no longer. `is_closing`: the router ends, and only those are sent
    that the store has as sent: after a start they would be taken to have gone out.
    """

    def __init__(
        self,
        config: CarrierConfig,
        now: float,
        health: Health | None = None,
        waiting: dict[str, None] | None = None,
    ) -> None:
        """`health` measures what becomes of its messages.

        It enters its name into `waiting` whenever a message begins to wait here, so that of a hundred
        carriers those are looked at that have something to send.
        """
        self.config: CarrierConfig = config
        self._health = health
        self._tallies: dict[tuple[str, str], Tally] = {}
        self.name = config.name
        self._name = config.name.encode()
        self.taken_prefix = self._name + b"\x00"
        self.is_leaving = False
        self.is_drained = False
        self.is_closing = False
        self.ids = Canonicaliser(config.message_id_style)
        self.pacer = Pacer(config.rate_per_s)
        self.slow_start = SlowStart()
        self.sessions: list[Session] = []
        self.resting: set[Session] = set()
        self.counters = CarrierCounters()
        self.unbound_since = now
        self.down_since = now
        self.reading: set[int] = set()
        self.notes: list[Note] = []
        self.unwanted: Unwanted | None = None
        """Who has just refused something, and may not be sent what was accepted before."""
        self.door: Door | None = None
        """Which hours hold for what leaves; None: none."""
        self._links: dict[Session, int] = {}
        self._measured: dict[Session, SessionHealth] = {}
        self._waiting: dict[str, None] = {} if waiting is None else waiting
        self._ready: dict[int, deque[Message]] = {}
        self._turn = 0
        self._in_a_row = 0
        self._lower_turn = 0

    # ------------------------------------------------------------------ its state

    @property
    def is_up(self) -> bool:
        """Whether a session stands that takes submit_sm, and may be given any."""
        return not self.is_leaving and any(session.can_submit for session in self.sessions)

    @property
    def queued(self) -> int:
        """Messages that wait here."""
        return sum(map(len, self._ready.values()))

    @property
    def is_full(self) -> bool:
        """Whether the ready queue is at its limit, so that another carrier should be taken."""
        return self.queued >= self.config.queue_max

    def is_behind(self, priority: int, now: float) -> bool:
        """Whether it throttles, and what it has to send before messages of this priority takes it long."""
        if not self._ready:
            return False
        before = sum(len(queue) for level, queue in self._ready.items() if level >= priority)
        return self.pacer.is_behind(before, now)

    def measured(self, session: Session) -> SessionHealth | None:
        """What is measured of a session; None if it does not take messages."""
        return self._measured.get(session)

    def attach(self, session: Session, now: float, link: int = 0) -> None:
        """A session has bound, over the link of that number in the configuration, from 1."""
        if self.counters.binds and not self.is_up and now >= self.down_since + DOWN_S:
            self.slow_start.begin(now)
        if not self.is_up:
            # What has waited while it was down says nothing about how fast it answers.
            self.pacer.left(0, now)
        self.counters.binds += 1
        self._links[session] = link
        if self._health is not None and session.can_submit:
            self._measured[session] = self._health.bound(self.name, link)
        self.sessions.append(session)

    def detach(self, session: Session, now: float) -> None:
        """A bound session is gone."""
        if session in self.resting:
            self.resting.remove(session)
            return
        self.counters.binds_lost += 1
        measured = self._remove(session)
        if self._health is not None:
            self._health.lost(self.name, self.is_up, now, measured)
        if not self.is_up:
            self.unbound_since = self.down_since = now

    def rest(self, session: Session, now: float) -> None:
        """Send nothing more over a bound session, for it is to be closed; what comes over it still counts."""
        measured = self._remove(session)
        self.resting.add(session)
        if self._health is not None:
            self._health.rested(self.name, self.is_up, now, measured)
        if not self.is_up:
            self.unbound_since = self.down_since = now

    def _remove(self, session: Session) -> SessionHealth | None:
        self.sessions.remove(session)
        self._links.pop(session, None)
        return self._measured.pop(session, None)

    def configure(self, config: CarrierConfig) -> None:
        """Go by another configuration from now on. Sessions are whoever's who binds them."""
        if config.message_id_style != self.config.message_id_style:
            self.ids = Canonicaliser(config.message_id_style)
        if config.rate_per_s != self.config.rate_per_s:
            self.pacer.configure(config.rate_per_s)
        for session in self.sessions:
            session.window.size = config.window
        self.config = config
        self.is_leaving = self.is_drained = False

    def relink(self, session: Session, link: int) -> None:
        """The link of a session has another number in the configuration now."""
        if session in self._links:
            self._links[session] = link

    # ------------------------------------------------------------------ its queue

    def add(self, message: Message, priority: int) -> None:
        """Queue a message behind those of its priority."""
        queue = self._queue(priority)
        if len(queue) >= BODIES_IN_MEMORY_MAX and message.handle:
            message.body = None
        queue.append(message)

    def put_back(self, messages: Iterable[Message], priority: int) -> None:
        """Return messages to the front of their queue, the oldest first: a retry does not lose its place."""
        queue = self._queue(priority)
        front = sorted(messages, key=_by_id)
        last = front[-1].message_id
        # Some may have come back just before.
        for _ in range(BACK_BEFORE_MAX):
            if not queue or queue[0].message_id >= last:
                break
            front.append(queue.popleft())
        queue.extendleft(sorted(front, key=_by_id, reverse=True))

    def _queue(self, priority: int) -> deque[Message]:
        self._waiting[self.name] = None
        queue = self._ready.get(priority)
        if queue is None:
            queue = self._ready[priority] = deque()
            self._ready = dict(sorted(self._ready.items(), reverse=True))
        return queue

    def waiting(self) -> Iterable[Message]:
        """All queued messages, the next to go first; some may have ended."""
        for queue in self._ready.values():
            yield from queue

    def queues(self) -> Iterable[deque[Message]]:
        """The same, by priority."""
        return self._ready.values()

    def empty(self) -> list[Message]:
        """Take out everything that waits, for another carrier."""
        messages = list(self.waiting())
        self._ready.clear()
        return messages

    def take_waiting(self, count: int) -> list[Message]:
        """Take out up to so many of those that wait, the next to go first."""
        taken: list[Message] = []
        for queue in self._ready.values():
            while queue and len(taken) < count:
                taken.append(queue.popleft())
        return taken

    def to_read_back(self) -> list[Message]:
        """Queued messages near the front whose body is still on disk; asked once each."""
        wanted: list[Message] = []
        for queue in self._ready.values():
            for message in islice(queue, READ_BACK_MAX):
                if message.body is None and not message.is_ended and message.message_id not in self.reading:
                    wanted.append(message)  # noqa: PERF401 - three conditions read better in a loop
        self.reading.update(message.message_id for message in wanted)
        return wanted

    # ------------------------------------------------------------------ its links

    def dispatch(self, now: float) -> list[Message]:
        """Send what windows and pace allow; return messages that must be recorded as sent before they are.

        What was sent is in `notes`, for whoever calls to take.
        """
        unrecorded: list[Message] = []
        if self.is_leaving:
            return unrecorded
        sessions = self.sessions
        allowance = self.pacer.allowance(now)
        if self.slow_start.is_on:
            allowance = min(allowance, self.slow_start.allowance(now))
        for offset in range(len(sessions)):
            session = sessions[(self._turn + offset) % len(sessions)]
            room = min(session.window.room, allowance)
            if room <= 0 or not session.can_submit:
                continue
            measured = self._measured.get(session)
            if measured is not None and measured.is_restrained:
                room = measured.room(room)
                if room <= 0:
                    continue
            messages = self._take(room, unrecorded, now)
            if not messages:
                break
            if self._health is not None:
                self._count(messages, self._health, now)
            if measured is not None:
                measured.sent(len(messages))
            session.request_bodies(c.SUBMIT_SM, self._bodies(session, messages, now), messages, now)
            ids = [message.message_id for message in messages]
            self.notes.append((SENT, ids, now, self._links.get(session, 0), self._name))
            self.pacer.sent(len(messages))
            self.slow_start.sent(len(messages))
            self.counters.sent += len(messages)
            allowance -= len(messages)
        self._turn += 1
        self.pacer.left(self.queued, now)
        if unrecorded and self.door is not None and self.door.is_asked(now):
            # What is recorded as sent may not be tried after a restart.
            unrecorded = self.door.without(unrecorded, now)
        return unrecorded

    def _bodies(self, session: Session, messages: list[Message], now: float) -> list[bytes]:
        """Write messages as this carrier has them."""
        bodies = with_validity(messages, now, self.config.validity_style)
        if not (session.speaks_tlvs and self.config.send_tlvs):
            bodies = [without_tlvs(body) for body in bodies]
        if self.config.default_alphabet != ROUTER_ALPHABET:
            bodies = [translated_body(body, self.config.default_alphabet) for body in bodies]
        return bodies

    def _count(self, messages: Iterable[Message], health: Health, now: float) -> None:
        """Let it be known by cell what goes out now."""
        tallies = self._tallies
        for message in messages:
            decision = message.decision
            key = "" if decision is None else decision.region, message.traffic_class
            tally = tallies.get(key)
            if tally is None:
                tally = tallies[key] = health.tally(self.name, *key)
            tally.sent += 1
            message.tally = tally
            message.sent_at = now

    def _take(self, count: int, unrecorded: list[Message], now: float) -> list[Message]:
        """Take up to `count` messages that may leave now."""
        taken = self._take_next(count, unrecorded)
        door = self.door
        if door is None or not door.is_asked(now):
            return taken
        looked_at = len(taken)
        go = _without(taken, lambda messages: door.without(messages, now), door.stopped)
        while taken and len(go) < count and looked_at < STOPPED_MAX:
            # What may not leave now holds up nobody behind it.
            taken = self._take_next(count - len(go), unrecorded)
            looked_at += len(taken)
            go += _without(taken, lambda messages: door.without(messages, now), door.stopped)
        return go

    def _take_next(self, count: int, unrecorded: list[Message]) -> list[Message]:
        taken: list[Message] = []
        queues = [queue for queue in self._ready.values() if queue]
        if len(queues) > 1 and not self.is_closing:
            self._take_in_turn(queues, count, taken, unrecorded)
        for queue in queues:
            _take_from(queue, count, taken, unrecorded, is_closing=self.is_closing)
        unwanted = self.unwanted
        return taken if unwanted is None else _without(taken, unwanted.without, unwanted.stopped)

    def _take_in_turn(
        self, queues: list[deque[Message]], count: int, taken: list[Message], unrecorded: list[Message]
    ) -> None:
        """Take by priority, and from behind the highest one message in so many, so that nothing starves."""
        highest, lower = queues[0], queues[1:]
        while highest and len(taken) < count:
            before = len(taken)
            _take_from(highest, min(count, before + IN_A_ROW - self._in_a_row), taken, unrecorded)
            self._in_a_row += len(taken) - before
            if self._in_a_row < IN_A_ROW:
                # What is next has its body on disk yet, or there is no more room.
                return
            if len(taken) < count:
                self._in_a_row = 0
                # The lower ones have their turns in turn.
                self._lower_turn += 1
                queue = lower[self._lower_turn % len(lower)]
                _take_from(queue, len(taken) + 1, taken, unrecorded)


def _without(
    taken: list[Message], without: Callable[[list[Message]], list[Message]], stopped: list[Message]
) -> list[Message]:
    """Return what may leave of what was taken; what `without` puts to `stopped` has not been tried."""
    before = len(stopped)
    go = without(taken)
    for message in stopped[before:]:
        message.attempts -= 1
        message.is_on_link = False
    return go


def _by_id(message: Message) -> int:
    return message.message_id


def _take_from(
    queue: deque[Message],
    count: int,
    taken: list[Message],
    unrecorded: list[Message],
    *,
    is_closing: bool = False,
) -> None:
    """Move messages from a queue to `taken` until there are `count`, or to those to be recorded first."""
    while queue and len(taken) < count:
        message = queue[0]
        if message.is_ended:
            queue.popleft()
            continue
        if message.body is None or (is_closing and not message.is_recorded):
            break
        queue.popleft()
        if message.is_sent_once and not message.is_recorded:
            unrecorded.append(message)
            continue
        message.attempts += 1
        message.is_on_link = True
        taken.append(message)
