# What becomes of a message that a carrier did not take.
#
#   refused, and the fault is the message's   it ends REJECTED: every carrier would say the same
#   refused, any other status                 the next carrier of its plan, with a pause once all have refused
#   not answered, at least once               as refused: a second copy is better than none
#   not answered, at most once                it ends UNKNOWN: it may have gone out, and may not go out twice
#   throttled, queue full                     the same carrier again, in its place; later on now and then
#
# A carrier that is down is passed over as long as another one of the plan is up, and one that throttles and
# has fallen behind as long as another one has not. All parts of one long message stay with the carrier that
# has the first of them, while it is up and health has not closed it.
"""Choosing a carrier for a message, first and again."""

import heapq
from collections.abc import Iterable
from typing import Final

import attrs

from smpp_router.config import ClassConfig
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending
from smpp_router.message.lifecycle import Cause
from smpp_router.message.message import HELD_FROM, Message
from smpp_router.routing.pins import Pins
from smpp_router.routing.router import Router
from smpp_router.wire import constants as c

PAUSE_MIN_S: Final = 1.0
PAUSE_MAX_S: Final = 60.0
"""Pauses between rounds through the plan double from the first to the second: quick, then patient."""

THROTTLES_IN_PLACE: Final = 3
"""So often a message is throttled before it stands aside. A carrier that bears less than it is sent throttles
one in seven, by chance; some say the same of a recipient whose messages pile up, and hold up all others."""

FAILOVER_S: Final = 2.0
"""A carrier without a session keeps its queue for so long: a link that flaps is back by then."""

_MESSAGE_AT_FAULT: Final = frozenset(
    {
        c.ESME_RINVMSGLEN,
        c.ESME_RINVPRTFLG,
        c.ESME_RINVREGDLVFLG,
        c.ESME_RINVESMCLASS,
        c.ESME_RINVREPFLAG,
        c.ESME_RINVSERTYP,
        c.ESME_RINVSCHED,
        c.ESME_RINVEXPIRY,
        c.ESME_RINVDFTMSGID,
        c.ESME_RINVDSTTON,
        c.ESME_RINVDSTNPI,
        c.ESME_RINVOPTPARSTREAM,
        c.ESME_RINVPARLEN,
        c.ESME_RINVOPTPARAMVAL,
    }
)


DUE_MAX: Final = 5_000
"""Messages whose time has come that are placed in a tick, at some 5 us each: a night's marketing comes due at
once, and the rest of it may come a tick later."""

Later = tuple[float, int, Message]
"""A message whose time has not come: when it does, its turn among those of that moment, and itself."""
Waiting = Message | Later

ENDED_MIN: Final = 1_024
"""So many messages that have ended may stand among those whose time has not come, or as many as have not
ended: who takes back what is scheduled for next year gets its memory back long before."""


@attrs.define(eq=False)
class Retries:
    """Places messages on carriers."""

    carriers: dict[str, Carrier]
    classes: dict[str, ClassConfig]
    ending: Ending
    pins: Pins
    router: Router
    _closed_seen: dict[str, float] = attrs.Factory(dict[str, float])
    held: dict[int, Message] = attrs.Factory(dict[int, Message])
    """Messages that are held: screening decides about them."""
    freed: list[Message] = attrs.Factory(list[Message])
    """Messages that were held and are to be placed."""
    stranded: list[Message] = attrs.Factory(list[Message])
    """Messages that have no way any more since a reload, until somebody ends them."""
    throttled: list[Message] = attrs.Factory(list[Message])
    """Messages that a carrier was too busy for, until all of its answers have been looked at."""
    planned_from: int = 0
    """Messages below this id were planned by another configuration: they are planned again, once, before they
    are placed. So a reload costs nothing for what waits, and what is scheduled for next year follows it."""
    replanned: list[Message] = attrs.Factory(list[Message])
    """Messages that have been planned again, until somebody tells of it."""
    _changes: int = 0
    _later: list[Later] = attrs.Factory(list[Later])
    _later_turn: int = 0
    _later_max: int = ENDED_MIN

    @property
    def paused(self) -> int:
        """Messages that wait for their time: scheduled, or between two rounds of their plan."""
        return len(self._later)

    def place(self, messages: Iterable[Message], now: float) -> None:
        """Queue messages with the carrier that is their turn's."""
        chosen: dict[object, Carrier] = {}
        classes = self.classes
        for message in messages:
            if message.not_before > now:
                if message.not_before >= HELD_FROM:
                    self.held[message.message_id] = message
                    continue
                self._wait(message)
                continue
            if message.message_id < self.planned_from and not self._plan_again(message):
                continue
            if message.attempts or message.part_key is not None:
                carrier = self._choose(message, now)
            else:
                # Once a batch: what it adds to a queue itself counts from the next one on.
                key = message.decision or message.plan
                carrier = chosen.get(key) or chosen.setdefault(key, self._first_up(message, now))
            class_ = classes.get(message.traffic_class)
            carrier.add(message, 0 if class_ is None else class_.priority)

    def _wait(self, message: Message) -> None:
        """Keep a message until its time comes."""
        if len(self._later) >= self._later_max:
            self._later = [later for later in self._later if not later[2].is_ended]
            heapq.heapify(self._later)
            self._later_max = 2 * len(self._later) + ENDED_MIN
        # Not its id, which the message has too that it was put in the place of.
        self._later_turn += 1
        heapq.heappush(self._later, (message.not_before, self._later_turn, message))

    def _priority(self, message: Message) -> int:
        """The priority of a message's class; one that the configuration has no more has the lowest."""
        class_ = self.classes.get(message.traffic_class)
        return 0 if class_ is None else class_.priority

    def put_back(self, name: str, messages: list[Message], now: float) -> None:
        """Return messages to the front of a carrier's queue, or place them if it has none any more."""
        if self._is_lost(name):
            self.place(messages, now)
        else:
            self.carriers[name].put_back(messages, self._priority(messages[0]))

    def let_go(self, message: Message) -> None:
        """Hold a message no longer. One whose commit is under way is placed when that is durable."""
        if self.held.pop(message.message_id, None) is not None:
            self.freed.append(message)

    def may_have(self, carrier: Carrier, message: Message) -> bool:
        """Whether a carrier can take a message now, by what is known of it."""
        return carrier.is_up and not carrier.is_full and self._is_open(message, carrier)

    def move(self, message: Message, carrier: Carrier, now: float) -> None:
        """Queue a message with another carrier of its plan, and all parts of the same text after it."""
        if message.part_key is not None:
            self.pins.repin(message.part_key, carrier.name, now)
        carrier.add(message, self._priority(message))

    def _choose(self, message: Message, now: float) -> Carrier:
        if message.part_key is None:
            return self._first_up(message, now)
        pinned = self.carriers.get(self.pins.carrier_for(message.part_key, now) or "")
        if pinned is not None and pinned.is_up and self._is_open(message, pinned):
            return pinned
        carrier = self._first_up(message, now)
        if pinned is not None and pinned.is_up and not self._is_open(message, carrier):
            # Nowhere is better, so the parts had better stay together.
            return pinned
        self.pins.repin(message.part_key, carrier.name, now)
        return carrier

    def _first_up(self, message: Message, now: float) -> Carrier:
        """The first of its plan that can take it, and need not keep it waiting because it throttles."""
        plan = message.plan
        first = message.attempts % len(plan)
        carriers = self.carriers
        best = carriers[plan[first]]
        if len(plan) == 1:
            return best
        slow: Carrier | None = None
        closed: Carrier | None = None
        for offset in range(len(plan)):
            carrier = carriers[plan[(first + offset) % len(plan)]]
            if carrier.is_up and not carrier.is_full:
                if not self._is_open(message, carrier):
                    closed = closed or carrier
                elif carrier.is_behind(self._priority(message), now):
                    slow = slow or carrier
                else:
                    return carrier
        return slow or closed or best

    def _is_open(self, message: Message, carrier: Carrier) -> bool:
        """Whether health lets a carrier have such messages; one that it doesn't is as good as down."""
        decision = message.decision
        return decision is None or self.router.share(decision, carrier.name) > 0.0

    def decide(self, message: Message) -> None:
        """Choose the way anew: after a restart, and when all of the plan has been tried in vain."""
        addresses = message.addresses
        end = addresses.index(0, 2)
        source, destination = addresses[2:end], addresses[end + 3 : -1]
        decision = self.router.decide(message.account, source, destination, message.traffic_class)
        message.decision = decision
        plan = decision.plan
        # Whose turn it is counts by attempts: turned back by as many, the plan begins with its first.
        turn = -message.attempts % len(plan) if plan else 0
        message.plan = plan[turn:] + plan[:turn]

    # ------------------------------------------------------------------ after a reload

    def use(self, router: Router, planned_from: int) -> None:
        """Go by another router, which has planned no message below an id."""
        self.router = router
        self.planned_from = planned_from
        self._changes += 1

    def _plan_again(self, message: Message) -> bool:
        """Plan a message by the rules of now; one that has no way any more is stranded.

        A copy for one path keeps its carrier, or is stranded.
        """
        if message.message_id in self.ending.bundles:
            has_way = not self._is_lost(message.plan[0])
        else:
            self._renew(message)
            has_way = bool(message.plan)
        if not has_way:
            self.stranded.append(message)
        return has_way

    def _renew(self, message: Message) -> None:
        """Decide anew; of the new plan those come last that have been tried in this round.

        Attempts are counted from the beginning if a carrier of the old plan is gone: they were spent on it.
        """
        if message.replanned == self._changes:
            return
        message.replanned = self._changes
        old, attempts = message.plan, message.attempts
        round_began = attempts - attempts % len(old) if old else attempts
        tried = {old[attempt % len(old)] for attempt in range(round_began, attempts)}
        if any(self._is_lost(name) for name in old):
            message.attempts = attempts = 0
        self.decide(message)
        assert message.decision is not None, "decide() has made it"
        plan = tuple(sorted(message.decision.plan, key=tried.__contains__))
        turn = -attempts % len(plan) if plan else 0
        message.plan = plan[turn:] + plan[:turn]
        if plan:
            self.replanned.append(message)

    def _is_lost(self, name: str) -> bool:
        carrier = self.carriers.get(name)
        return carrier is None or carrier.is_leaving

    def leave(self, carrier: Carrier, count: int, now: float) -> None:
        """Place elsewhere up to so many of the messages that wait for a carrier which is leaving."""
        self.place([message for message in carrier.take_waiting(count) if not message.is_ended], now)

    def take_up(self, message: Message, now: float, commit: Commit) -> bool:
        """Enter a message that was queued when the router stopped; tell whether it may be placed."""
        self.ending.flight.accept(message)
        self.decide(message)
        if message.is_sent_once and message.is_recorded:
            # It may have gone out before, and may not go out twice.
            self.ending.end(message, c.UNKNOWN, 0, now, commit, Cause.SILENCE)
        elif not message.plan or message.traffic_class not in self.classes:
            self.ending.end(message, c.UNDELIVERABLE, c.ESME_RINVDSTADR, now, commit, Cause.RESTART)
        else:
            return True
        return False

    # ------------------------------------------------------------------ after a failure

    def keep_places(self, carrier: Carrier, now: float) -> None:
        """Return what the carrier was too busy for: it stays first in its queue, and that was no attempt.

        One for which it is so again and again stands aside: it may be the recipient that is full.
        """
        if not self.throttled:
            return
        messages, self.throttled = self.throttled, []
        stay: dict[int, list[Message]] = {}
        for message in messages:
            message.attempts -= 1
            message.is_on_link = False
            message.throttles += 1
            again = message.throttles - THROTTLES_IN_PLACE
            if again > 0:
                message.is_paused = True
                message.not_before = now + min(PAUSE_MIN_S * 2.0 ** min(again - 1, 16), PAUSE_MAX_S)
                self.place([message], now)
            else:
                stay.setdefault(self._priority(message), []).append(message)
        for priority, those in stay.items():
            carrier.put_back(those, priority)

    def after_refusal(self, message: Message, status: int, now: float, commit: Commit) -> None:
        """A carrier answered with an error that is not about its load."""
        if status in _MESSAGE_AT_FAULT:
            self.ending.end(message, c.REJECTED, status, now, commit, Cause.REFUSAL)
        else:
            self._try_again(message, status, now, commit)

    def after_silence(self, message: Message, now: float, commit: Commit) -> None:
        """A carrier may or may not have taken the message."""
        message.is_doubtful = True
        if message.is_sent_once:
            self.ending.end(message, c.UNKNOWN, 0, now, commit, Cause.SILENCE)
        else:
            self._try_again(message, c.ESME_RSYSERR, now, commit)

    def _try_again(self, message: Message, status: int, now: float, commit: Commit) -> None:
        message.is_on_link = False
        is_copy = message.message_id in self.ending.bundles
        if message.message_id < self.planned_from and not is_copy:
            self._renew(message)
        plan = message.plan
        attempts_max = sum(self.carriers[name].config.retries_max + 1 for name in plan)
        if message.attempts >= attempts_max and plan:
            self.ending.end(message, c.UNDELIVERABLE, status, now, commit, Cause.REFUSAL)
            return
        rounds = message.attempts // len(plan) if plan else 0
        if rounds > 0 and message.attempts % len(plan) == 0:
            message.is_paused = True
            message.not_before = now + min(PAUSE_MIN_S * 2.0 ** (rounds - 1), PAUSE_MAX_S)
            if not is_copy:
                # A copy for one path stays on it.
                self.decide(message)
                if not message.plan:
                    # All have refused it, and the rules of this hour have nobody for it.
                    self.ending.end(message, c.UNDELIVERABLE, status, now, commit, Cause.REFUSAL)
                    return
        self.place([message], now)

    # ------------------------------------------------------------------ time

    def tick(self, now: float) -> None:
        """Queue what has waited long enough; move the queue of a carrier that stays down."""
        due: list[Message] = []
        while self._later and self._later[0][0] <= now and len(due) < DUE_MAX:
            due.append(heapq.heappop(self._later)[2])
        self.place([message for message in due if not message.is_ended], now)
        if not any(carrier.is_up for carrier in self.carriers.values()):
            return
        for carrier in self.carriers.values():
            if carrier.is_leaving:
                continue
            if not carrier.is_up and now >= carrier.unbound_since + FAILOVER_S and carrier.queued:
                # What had nowhere else to go is looked at again after another FAILOVER_S, not at every tick.
                carrier.unbound_since = now
                self._fail_over(carrier, now)
            elif carrier.queued and self.router.is_closed_somewhere(carrier.name):
                self._leave_closed(carrier, now)

    def _leave_closed(self, carrier: Carrier, now: float) -> None:
        """Move what waits for a carrier that health has closed since; looked at every FAILOVER_S."""
        if now >= self._closed_seen.get(carrier.name, 0.0) + FAILOVER_S:
            self._closed_seen[carrier.name] = now
            if any(not self._is_open(message, carrier) for message in carrier.waiting()):
                self._fail_over(carrier, now)

    def _fail_over(self, carrier: Carrier, now: float) -> None:
        """Choose again for all that waits for a carrier, and has another one to go to."""
        messages = carrier.empty()
        stay: list[Message] = []
        go: list[Message] = []
        for message in messages:
            if message.is_ended:
                continue
            if message.message_id < self.planned_from and not self._plan_again(message):
                continue
            has_other = any(
                self.carriers[name].is_up and not self.carriers[name].is_full for name in message.plan
            )
            stays = carrier.is_up and self._is_open(message, carrier)
            (go if has_other and not stays else stay).append(message)
        for message in stay:
            carrier.add(message, self._priority(message))
        self.place(go, now)

    def waiting(self) -> Iterable[Message]:
        """All messages that are on no link, of every carrier; some may have ended."""
        for carrier in self.carriers.values():
            yield from carrier.waiting()
        for _, _, message in self._later:
            yield message
        yield from self.held.values()
        yield from self.stranded

    def snapshot(self) -> list[Waiting]:
        """The same, at once and at little cost."""
        found: list[Waiting] = []
        for carrier in self.carriers.values():
            for queue in carrier.queues():
                found += queue
        found += self._later
        found += self.held.values()
        found += self.stranded
        return found
