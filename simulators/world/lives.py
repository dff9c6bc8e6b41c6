# The life of each message, as the world saw it: what its customer was told, what carriers were sent and said,
# what they reported. The promises that the router makes about it are judged here, as things happen.
#
#   customer --offered--> router --copy--> carrier
#            <--answer---        <-answer-
#            <--receipt--        <-receipt
#
# addresses.py says how a message is known wherever it passes. What handsets show of it is judged in
# showings.py while it is shown, and here, against its receipt, when it is over.
"""Judging what becomes of messages."""

from collections import Counter, deque
from collections.abc import Callable
from typing import Final, Protocol

import attrs

from simulators.world.handed import Handed
from simulators.world.verdict import NEVER, Troubles, Violations
from simulators.world.wires import Wire
from smpp_router.config import PathsConfig
from smpp_router.wire import constants as c
from smpp_router.wire.receipt import STATS

KEEP_S: Final = 900.0
"""What has ended is remembered for so long in all detail; afterwards it may not be heard of any more."""
GOODBYE_S: Final = 1.0
"""Who gives a connection up says why, and closes it, within this time."""
FAILED: Final = frozenset({c.EXPIRED, c.UNDELIVERABLE, c.REJECTED, c.DELETED})
DEFINITE: Final = FAILED | {c.DELIVERED}


@attrs.define(eq=False)
class Copy:
    """One submit_sm of a message to a carrier."""

    carrier: str
    wire: Wire
    sent_at: float
    late_at: float
    """When the router stops waiting for the answer."""
    answered_at: float = NEVER
    status: int = -1

    def is_known(self) -> bool:
        """Whether its answer reached the router, in time."""
        return (
            self.answered_at < self.wire.lost_from[False]
            and self.answered_at < self.late_at
            and self.wire.stalled_until < self.sent_at
        )


@attrs.frozen
class Told:
    """One receipt that a carrier sent to the router."""

    at: float
    state: int
    carrier: str
    wire: Wire

    def is_heard(self) -> bool:
        """Whether it reached the router, for certain."""
        return self.at < self.wire.lost_from[False]

    def may_be_heard(self) -> bool:
        """Whether it may have: what was said at the moment that the wire broke was perhaps read before."""
        return self.at <= self.wire.lost_from[False]


@attrs.define(eq=False)
class Life:
    """One message. `part` counts from 0 in its `group`; a message in one piece has none."""

    number: int
    customer: str
    is_sent_once: bool
    offered_at: float
    group: "list[Life] | None" = None
    part: int = 0
    status: int = -1
    """Of its submit_sm_resp; -1: none came."""
    message_id: bytes = b""
    copies: list[Copy] = attrs.Factory(list[Copy])
    told: list[Told] = attrs.Factory(list[Told])
    was_delivered: bool = False
    """Whether some carrier's receipt says so, heard or not."""
    handed: list[Handed] = attrs.Factory(list[Handed])
    paths: PathsConfig | None = None
    """How several carriers carry it; None: one at a time."""
    recalled: set[str] = attrs.Factory(set[str])
    """Carriers that the router has asked to cancel it."""
    touched_at: float = 0.0
    destination: bytes = b""
    shown_max: int = 0
    """How often a handset may show it; 0 in a world without handsets."""
    shown: int = 0
    """How often its handset has shown it, all parts together."""
    shown_at: float = NEVER
    """When its handset showed it first."""
    visible_max: int = 0
    """The most copies of it that could be seen on its handset at once."""

    @property
    def is_open(self) -> bool:
        """Whether its customer is owed a receipt."""
        return self.status == c.ESME_ROK and not any(one.status == 0 for one in self.handed)


class JudgeOfPaths(Protocol):
    """Who judges messages with several paths, beside what is judged of every message."""

    def copied(self, life: Life, copy: Copy) -> None:
        """A copy is sent."""
        ...

    def judge(self, life: Life, handed: Handed) -> None:
        """The customer is told how a message ended."""
        ...

    def over(self, life: Life, now: float) -> None:
        """Nothing more will be heard of a message."""
        ...


class Lives:
    """All messages of a world."""

    def __init__(self, violations: Violations, troubles: Troubles) -> None:
        self.counts: Counter[str] = Counter()
        self.states: Counter[str] = Counter()
        self._violations = violations
        self._troubles = troubles
        self.of_paths: JudgeOfPaths
        self.on_offered: Callable[[Life], None] | None = None
        """Told of each message that a customer sends."""
        self._lives: dict[int, Life] = {}
        self.number_next = 1
        """Above the numbers of all messages that were offered."""
        self._line: deque[tuple[float, Life]] = deque()
        """Those that nothing is owed to any more, or that nobody answered, by when they may be forgotten."""
        self._hasty: deque[tuple[float, int, Copy]] = deque()
        """What was sent again while a carrier had time left, until it is seen whether its connection ends."""

    def __len__(self) -> int:
        return len(self._lives)

    @property
    def open(self) -> int:
        """Messages whose customers wait for a receipt."""
        return sum(life.is_open for life in self._lives.values())

    def get(self, number: int, what: str, now: float) -> Life | None:
        """Return a message by its number; nobody should hear of another one."""
        life = self._lives.get(number)
        if life is None:
            self._violations.add(now, "no ghosts", f"{what} of message {number}, which is over or never was")
        return life

    def find(self, number: int) -> Life | None:
        """Return a message that may be over: what carriers say again is no fault of the router."""
        return self._lives.get(number)

    # ------------------------------------------------------------------ the customer's side

    def offered(self, life: Life) -> None:
        """A customer sends a message."""
        self.counts["offered"] += 1
        self._lives[life.number] = life
        self.number_next = max(self.number_next, life.number + 1)
        if self.on_offered is not None:
            self.on_offered(life)

    def answered(self, life: Life, status: int, message_id: bytes, now: float) -> None:
        """The router has answered submit_sm."""
        life.status = status
        life.message_id = message_id
        if status == c.ESME_ROK:
            self.counts["accepted"] += 1
            return
        self.counts["refused"] += 1
        if life.copies or life.handed:
            self._violations.add(now, "refused is refused", f"message {life.number} was sent all the same")
        self._done(life, now)

    def unanswered(self, life: Life, now: float) -> None:
        """Its session is gone, or the time is up: the customer does not know, and does not ask again."""
        self.counts["unanswered"] += 1
        self._done(life, now)

    def receipt(self, life: Life, handed: Handed, customer: str, message_id: bytes) -> None:
        """A final receipt has come to a customer."""
        now, number = handed.at, life.number
        self.counts["receipts"] += 1
        add = self._violations.add
        if customer != life.customer:
            add(now, "receipts go home", f"message {number} of {life.customer} was reported to {customer}")
        if life.status > 0:
            add(now, "refused is refused", f"message {number} was refused and has a receipt")
        if life.message_id and message_id != life.message_id:
            add(now, "receipts name their message", f"message {number} is not {message_id!r}")
        if life.handed:
            self._repeated(life, handed)
        else:
            self.states[STATS[handed.state].decode()] += 1
            if life.paths is None:
                self._judge(life, handed)
            else:
                self.of_paths.judge(life, handed)
        life.handed.append(handed)

    def receipt_answered(self, life: Life, handed: Handed, status: int, now: float) -> None:
        """The customer answers a final receipt."""
        handed.answered_at = now
        handed.status = status
        if status == c.ESME_ROK:
            self._done(life, now)

    def _repeated(self, life: Life, handed: Handed) -> None:
        """A receipt may come again only if the router can't know that it arrived."""
        self.counts["receipts_repeated"] += 1
        number, now = life.number, handed.at
        for before in life.handed:
            if before.state != handed.state:
                text = f"message {number} ended {STATS[before.state]!r} and then {STATS[handed.state]!r}"
                self._violations.add(now, "one end", text)
            if handed.may_have_waited(before):
                continue
            if before.is_received(now, self._troubles):
                text = f"message {number}, answered at {before.answered_at:.3f}, has its receipt again"
                self._violations.add(now, "one receipt", text)
            elif before.is_hasty(handed):
                self._violations.add(now, "one receipt", f"message {number} has its receipt twice at once")

    # ------------------------------------------------------------------ the carriers' side

    def copied(self, life: Life, copy: Copy) -> None:
        """The router sends a message to a carrier."""
        now, number = copy.sent_at, life.number
        add = self._violations.add
        self.counts["copies"] += 1
        if life.status > 0:
            add(now, "refused is refused", f"message {number} was refused and is sent")
        if life.handed and not self._troubles.may_be_forgotten(life.handed[0].at):
            add(now, "an end is an end", f"message {number} has its receipt and is sent again")
        if not life.copies and life.paths is None:
            self._in_order(life, now)
        if life.paths is not None:
            self.of_paths.copied(life, copy)
        for before in life.copies:
            if life.paths is None or before.carrier == copy.carrier:
                self._again(life, before, now)
        life.copies.append(copy)

    def _again(self, life: Life, before: Copy, now: float) -> None:
        """A message is sent again: whether the copy before it was reason enough."""
        is_answered = before.answered_at < before.wire.lost_from[False]
        if is_answered and before.status != c.ESME_ROK:
            return
        add, number = self._violations.add, life.number
        if before.is_known():
            if not self._troubles.may_be_forgotten(before.answered_at):
                add(now, "taken is taken", f"{before.carrier} took message {number}, which is sent again")
        elif life.is_sent_once:
            add(now, "at most once", f"message {number} is sent again, {before.carrier} may have it")
        elif now < before.late_at and not (
            is_answered
            or before.wire.is_broken
            or before.wire.is_silent
            or before.wire.near.is_closed
            or before.wire.far.is_closed
            or self._troubles.died_between(before.sent_at, now)
        ):
            # Of what a read has told the router the other link may hear first: see _by_goodbyes().
            self._hasty.append((now, number, before))

    def _by_goodbyes(self, until: float) -> None:
        """Judge what was sent again too soon: a connection that was being given up is closed by now."""
        while self._hasty and self._hasty[0][0] <= until:
            at, number, before = self._hasty.popleft()
            if not (before.wire.near.is_closed or before.wire.far.is_closed):
                text = f"message {number} is sent again while {before.carrier} has time left"
                self._violations.add(at, "patience", text)

    def _in_order(self, life: Life, now: float) -> None:
        """The parts of a long message leave in their order."""
        for other in life.group or ():
            # Parts that leave at the same moment by two links are in no order that anybody could see.
            if other.part > life.part and other.copies and other.copies[0].sent_at < now:
                if self._troubles.died_between(other.offered_at, now):
                    continue
                text = f"part {life.part} of message {life.number} leaves after part {other.part}"
                self._violations.add(now, "parts in order", text)

    def reported(self, life: Life, state: int, carrier: str, wire: Wire, now: float) -> None:
        """A carrier sends a receipt; whether it arrives is the wire's doing."""
        if state == c.DELIVERED:
            life.was_delivered = True
        life.told.append(Told(now, state, carrier, wire))

    # ------------------------------------------------------------------ the end

    def _judge(self, life: Life, handed: Handed) -> None:
        """Whether what the customer is told is true, as far as the router could know."""
        state, now, number = handed.state, handed.at, life.number
        add = self._violations.add
        told = {one.state for one in life.told if one.may_be_heard()}
        settled = self._troubles.may_be_forgotten
        taken = [
            copy
            for copy in life.copies
            if copy.status == c.ESME_ROK and copy.is_known() and not settled(copy.answered_at)
        ]
        if state == c.DELIVERED:
            if state not in told:
                add(now, "truth", f"message {number} is called DELIVRD, and no carrier said so")
        elif state in FAILED and state not in told and taken:
            text = f"message {number} is called {STATS[state]!r} though {taken[0].carrier} has it"
            add(now, "truth", text)
        elif state == c.UNKNOWN and taken:
            carriers = {copy.carrier for copy in taken}
            known = [
                STATS[one.state].decode()
                for one in life.told
                if one.state in DEFINITE
                and one.carrier in carriers
                and one.is_heard()
                and self._troubles.is_settled(one.at, now)
            ]
            if known and all(copy.is_known() for copy in life.copies):
                add(now, "truth", f"message {number} is called UNKNOWN, and its carrier said {known}")

    def _over(self, life: Life, now: float) -> None:
        """Nothing more will be heard of a message: what was said of it stands against what happened."""
        if not life.handed:
            return
        state = life.handed[0].state
        if state == c.DELIVERED and life.shown_max and not life.shown and _is_delivered(life.group or [life]):
            text = f"message {life.number} is called DELIVRD, and its handset never showed it"
            self._violations.add(now, "truth", text)
        if state in FAILED and (life.was_delivered or life.shown):
            # A router that died may have forgotten that it had sent it; one that did not die knew.
            doubted = [copy for copy in life.copies if not copy.is_known()]
            if any(self._troubles.died_between(copy.sent_at, now) for copy in life.copies):
                self.counts["failed_yet_delivered"] += 1
            elif doubted:
                text = f"message {life.number} is called {STATS[state]!r}; {doubted[0].carrier} delivered it"
                self._violations.add(now, "truth", text)
            else:
                self._violations.add(
                    now, "truth", f"message {life.number} is called failed, and was delivered"
                )

    def _done(self, life: Life, now: float) -> None:
        life.touched_at = now
        self._line.append((now + KEEP_S, life))

    def forget(self, now: float) -> None:
        """Forget what has been over for long enough."""
        self._by_goodbyes(now - GOODBYE_S)
        line = self._line
        while line and line[0][0] <= now:
            life = line.popleft()[1]
            if life.touched_at + KEEP_S > now:
                continue
            if self._lives.pop(life.number, None) is not None:
                self._is_over(life, now)

    def _is_over(self, life: Life, now: float) -> None:
        self._over(life, now)
        if life.paths is not None:
            self.of_paths.over(life, now)

    def finish(self, now: float) -> None:
        """The world ends: nobody may be owed anything."""
        self._by_goodbyes(now)
        for life in self._lives.values():
            if life.is_open:
                last = life.copies[-1].carrier if life.copies else "no carrier"
                text = f"message {life.number} of {life.customer}, last sent to {last}, has no final receipt"
                self._violations.add(now, "one receipt", text)
            else:
                self._is_over(life, now)


def _is_delivered(lives: "list[Life]") -> bool:
    """Whether all parts of a message were called DELIVRD."""
    return all(life.handed and life.handed[0].state == c.DELIVERED for life in lives)
