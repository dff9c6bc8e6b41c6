# Paths leads messages whose class says that several carriers carry each: it makes a copy for a carrier, takes
# it back, and ends the message with what its copies come to. What to do is decided in routing/redundancy.py;
# a copy on its way is nobody's special case: carriers, retries, settling and the store treat it as a message.
#
#   open      a message has become durable: it gets its paths, and a first copy or all of them
#   settle    what ended since: the next copy, another round, or the end. After every pass over a read
#   heard     a carrier answered for a copy of a message that has ended meanwhile: it is called back
#   tick      confirmations that are late, and copies that wait for a carrier that is down
#
# Rule 1: a copy is staged like any message, and goes out when it is durable. A refused batch (the store is
#         full) takes it back, and it is made again.
# Rule 2: what has not been sent is taken back at once, what a carrier holds is cancelled there, and what is
#         on a link is cancelled when its answer comes. Parallel copies, of which a handset keeps one, may
#         arrive first: only one that takes longer than usual is cancelled.
# Rule 3: hedged and failover copies are sent once each (they start with their carrier's retries used up):
#         where a retry goes is decided over all paths. Parallel copies are tried again where they are.
"""Several carriers for one message."""

import heapq
from collections.abc import Iterable, Sequence
from typing import Any, Final

import attrs

from smpp_router.config import PathsConfig
from smpp_router.core.bundles import Bundle, Path, body_with, is_open, stage_of
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit
from smpp_router.core.path_plans import PathPlans
from smpp_router.core.recalls import Recalls
from smpp_router.core.retries import Retries
from smpp_router.message.lifecycle import COPIED, Cause
from smpp_router.message.message import Message, Pending
from smpp_router.routing.delays import Delays, confirm_s
from smpp_router.routing.redundancy import (
    NEVER,
    RECHECK_S,
    UNSENT,
    Choice,
    Outcome,
    Policy,
    Stage,
    View,
    decide,
    merged,
    round_pause_s,
)
from smpp_router.store.seam import COPY
from smpp_router.wire import constants as c

ONE_BY_ONE: Final = Policy("failover")
"""How messages go on whose class has no paths any more: with what they have."""

DOUBT: Final = Outcome(Stage.SILENT, c.UNKNOWN, 0, 0.0)
"""What an earlier copy of a path comes to that a carrier may have."""

RECALL_FACTOR: Final = 2.0
"""Of the time within which nearly all receipts of a carrier come: so long marked parallel copies are left to
arrive after another was reported as delivered, which may have been a lie."""

_UNTOLD: Final = frozenset({Stage.WITHDRAWN, Stage.EXPIRED, Stage.REFUSED})
"""Ends that nobody outside of us has told: behind them it is the validity that has ended a message."""


class Paths:
    """All messages that have paths."""

    def __init__(self, plans: PathPlans, retries: Retries) -> None:
        self.plans = plans
        self.counters = plans.counters
        self.carriers = plans.carriers
        self.retries = retries
        self.ending = retries.ending
        self.flight = retries.ending.flight
        self.bundles = retries.ending.bundles
        self.delays = Delays()
        self.recalls = Recalls(self.flight, self.carriers)
        self.is_closed = False
        """Whether no copy is made any more: the router ends, and its next start decides anew."""
        self.starved: dict[int, Bundle] = {}
        """Messages that need their body read back from the store before another copy can be made."""
        self._issuer = retries.ending.issuer
        self._wakes: list[tuple[float, int]] = []
        self._looked_at = 0.0

    @property
    def configs(self) -> dict[str, PathsConfig]:
        """By class: what its messages want of their paths."""
        return self.plans.configs

    def __bool__(self) -> bool:
        """Whether any class has paths, or any message of before a restart."""
        return bool(self.configs or self.bundles or self.recalls)

    @property
    def under_way(self) -> int:
        """Messages and copies that have not ended."""
        return len(self.bundles)

    # ------------------------------------------------------------------ the beginning

    def open(self, messages: Sequence[Message], now: float, commit: Commit) -> list[Message]:
        """Give the messages that want them their paths; return the others, and the copies, to be placed."""
        rest: list[Message] = []
        for message in messages:
            if message.traffic_class not in self.configs or message.message_id in self.bundles:
                rest.append(message)
            elif not message.is_ended:
                self._advance(self.opened(message, now), now, commit)
        return rest

    def opened(self, message: Message, now: float) -> Bundle:
        """Enter a message with its paths, none of them used yet."""
        bundle = self.bundles[message.message_id] = self.plans.opened(message, now)
        return bundle

    # ------------------------------------------------------------------ going on

    def settle(self, now: float, commit: Commit) -> None:
        """Go on with every message of which a copy has ended."""
        touched = self.ending.touched
        while touched:
            bundles = list(dict.fromkeys(touched))
            touched.clear()
            for bundle in bundles:
                self._learn(bundle, now)
                self._advance(bundle, now, commit)

    def _learn(self, bundle: Bundle, now: float) -> None:
        for path in bundle.paths:
            if path.outrun is not None and path.copy_id not in self.bundles:
                path.outrun[0].was_late(path.outrun[1])
                path.outrun = None
            if path.is_timed and path.copy_id not in self.bundles:
                path.is_timed = False
                if path.stage is Stage.FAILED and path.message_state == c.DELETED:
                    self.delays.called_back(path.carrier, bundle.region, now - path.started_at, now)
                elif path.stage in (Stage.DELIVERED, Stage.FAILED):
                    self.delays.confirmed(path.carrier, bundle.region, now - path.started_at, now)

    def _advance(self, bundle: Bundle, now: float, commit: Commit) -> None:
        delivered = next((path for path in bundle.paths if path.stage is Stage.DELIVERED), None)
        if bundle.is_over:
            self._clear(bundle, now, commit)
        elif delivered is not None:
            _blame(bundle, delivered, now)
            self.ending.end(bundle.parent, c.DELIVERED, delivered.error_code, now, commit)
        elif bundle.is_unwanted or bundle.is_expired or not bundle.paths:
            if not any(is_open(path, self._entry(path)) for path in bundle.paths):
                self._conclude(bundle, now, commit)
        elif now < bundle.not_before:
            self._wake(bundle, bundle.not_before)
        else:
            if bundle.parent.message_id < self.retries.planned_from:
                self._replace_lost(bundle)
            self._do(bundle, decide(bundle.policy, self._views(bundle, now), bundle.round, now), now, commit)

    def _replace_lost(self, bundle: Bundle) -> None:
        """Give paths whose carrier a reload has taken away, and that have no copy now, another one."""
        lost = [
            path
            for path in bundle.paths
            if self.plans.is_lost(path.carrier) and stage_of(path, self._entry(path)) in UNSENT
        ]
        if lost:
            self.retries.decide(bundle.parent)
            self.plans.replace(bundle, lost)

    def _do(self, bundle: Bundle, choice: Choice, now: float, commit: Commit) -> None:
        if self.is_closed and (choice.start or choice.again):
            return
        if choice.start and bundle.parent.body is None:
            self.starved[bundle.parent.message_id] = bundle
            return
        for number in choice.withdraw:
            entry = self._entry(bundle.paths[number])
            assert isinstance(entry, Message), "what waits is no carrier's yet"
            self.counters.withdrawn += 1
            self.ending.end(entry, c.DELETED, 0, now, commit, Cause.CANCEL)
        for number in choice.start:
            self._start(bundle, bundle.paths[number], now, commit)
        if choice.again:
            self.counters.rounds += 1
            bundle.not_before = now + round_pause_s(bundle.round)
            bundle.round += 1
            for number in choice.again:
                path = bundle.paths[number]
                path.is_doubtful = path.is_doubtful or path.stage is Stage.SILENT
                path.stage, path.order = Stage.NEW, 0
            self._wake(bundle, bundle.not_before)
        elif choice.is_over:
            self._conclude(bundle, now, commit)
        elif choice.start:
            # How it stands now decides when it is looked at again.
            self._advance(bundle, now, commit)
        else:
            self._wake(bundle, choice.wake_at)

    def _start(self, bundle: Bundle, path: Path, now: float, commit: Commit) -> None:
        parent, carrier = bundle.parent, self.carriers.get(path.carrier)
        if carrier is None or carrier.is_leaving:
            # The configuration has lost it since the paths were chosen.
            bundle.copies += 1
            path.order, path.stage, path.message_state = bundle.copies, Stage.REJECTED, c.UNDELIVERABLE
            return
        assert parent.body is not None, "the caller has seen to it"
        body = parent.body
        if bundle.protocol_id:
            body = body_with(parent.body, parent.addresses, bundle.protocol_id)
            path.is_marked = bundle.policy.mode == "parallel" and body is not parent.body
        copy = Message(
            self._issuer.issue(now),
            parent.message_id,
            parent.account,
            parent.traffic_class,
            body,
            parent.addresses,
            0,
            parent.expires_at,
            is_sent_once=parent.is_sent_once,
            attempts=self.attempts(bundle, carrier),
            advertises=parent.advertises,
        )
        self.plans.send_by(copy, path.carrier, parent.decision)
        self.counters.copies += 1
        self.counters.hedges += bundle.copies > 0
        bundle.copies += 1
        path.copy_id, path.order, path.started_at = copy.message_id, bundle.copies, now
        path.stage, path.is_timed = Stage.NEW, carrier.is_up
        path.confirm_by = self.confirm_by(bundle, path, now)
        self.bundles[copy.message_id] = bundle
        self.flight.accept(copy)
        commit.batch.accepted.append(copy)
        commit.releases.append(copy)
        detail = parent.message_id.to_bytes(8, "big") + path.carrier.encode()
        code = path.number | bundle.protocol_id << 8
        commit.batch.facts.append((COPY, copy.message_id, now, code, detail))
        named = copy.message_id.to_bytes(8, "big") + path.carrier.encode()
        commit.batch.notes.append((COPIED, [parent.message_id], now, path.number, named))

    def attempts(self, bundle: Bundle, carrier: Carrier) -> int:
        """How many attempts a new copy starts with (rule 3)."""
        return 0 if bundle.policy.mode == "parallel" else carrier.config.retries_max

    def confirm_by(self, bundle: Bundle, path: Path, now: float) -> float:
        """Until when a copy made now is to be confirmed, or another path is used."""
        config = self.configs.get(bundle.parent.traffic_class)
        if config is None or bundle.policy.mode != "hedged":
            return NEVER
        return now + self._confirm_s(bundle, path, config)

    def _confirm_s(self, bundle: Bundle, path: Path, config: PathsConfig) -> float:
        learned_s = self.delays.quantile_s(path.carrier, bundle.region, config.confirm_percent / 100.0)
        return confirm_s(learned_s, config.confirm_min_s, config.confirm_max_s)

    def _entry(self, path: Path) -> Message | Pending | None:
        return self.flight.messages.get(path.copy_id)

    def _views(self, bundle: Bundle, now: float) -> list[View]:
        views: list[View] = []
        for path in bundle.paths:
            carrier = self.carriers.get(path.carrier)
            is_up = carrier is not None and self.plans.is_usable(path.carrier, bundle.parent.decision)
            down_s = NEVER if carrier is None else 0.0 if carrier.is_up else now - carrier.down_since
            stage = stage_of(path, self._entry(path))
            views.append(View(stage, is_up, down_s, path.order, path.confirm_by))
        return views

    # ------------------------------------------------------------------ the end

    def _conclude(self, bundle: Bundle, now: float, commit: Commit) -> None:
        """End a message of which nothing more will be heard."""
        outcomes = [path.outcome for path in bundle.paths if path.stage is not Stage.NEW]
        outcomes += [DOUBT for path in bundle.paths if path.is_doubtful]
        outcome = merged(outcomes)
        if outcome is None or outcome.stage in _UNTOLD:
            error_code = 0 if outcome is None else outcome.error_code
            if bundle.is_unwanted:
                self.ending.end(bundle.parent, c.DELETED, 0, now, commit)
                return
            if bundle.is_expired:
                self.ending.end(bundle.parent, c.EXPIRED, 0, now, commit)
                return
            self.ending.end(bundle.parent, c.UNDELIVERABLE, error_code, now, commit)
            return
        self.ending.end(bundle.parent, outcome.message_state, outcome.error_code, now, commit)

    def _clear(self, bundle: Bundle, now: float, commit: Commit) -> None:
        """See to the copies of a message that has ended."""
        left = False
        for path in bundle.paths:
            entry = self._entry(path)
            if isinstance(entry, Pending):
                if self._is_to_be_recalled(bundle, path, now):
                    path.is_recalled = True
                    if path.is_outrun and entry.cohort is not None:
                        path.outrun = entry.cohort, max(0.0, now - path.started_at)
                        entry.cohort.outran(path.outrun[1])
                    self.recalls.ask(entry.message_id)
                left = True
            elif entry is not None and entry.is_on_link:
                left = True
            elif entry is not None:
                self.counters.withdrawn += 1
                self.ending.end(entry, c.DELETED, 0, now, commit, Cause.CANCEL)
        self.starved.pop(bundle.parent.message_id, None)
        if not left and bundle.protocol_id:
            self.plans.marks.give_back(bundle.parent.addresses, bundle.protocol_id)
            bundle.protocol_id = 0
        self.recalls.send(now)

    def _is_to_be_recalled(self, bundle: Bundle, path: Path, now: float) -> bool:
        """Whether a copy of a message that has ended is to be cancelled now, the first time that it is."""
        if path.is_recalled:
            return False
        if not path.recall_at:
            path.recall_at = now
            config = self.configs.get(bundle.parent.traffic_class)
            if config is not None and path.is_marked:
                path.recall_at = path.started_at + RECALL_FACTOR * self._confirm_s(bundle, path, config)
                heapq.heappush(self._wakes, (path.recall_at, path.copy_id))
        return now >= path.recall_at

    def heard(self, contexts: Iterable[object], now: float, commit: Commit) -> None:
        """Carriers have answered for messages, or will not: of those that have ended, no copy goes on."""
        for context in contexts:
            bundle = self.bundles.get(context.message_id) if isinstance(context, Message) else None
            if bundle is None or not isinstance(context, Message):
                continue
            # What is learned is the carrier's delay, without the wait for it.
            bundle.path_of(context.message_id).started_at = context.sent_at
            if bundle.is_over:
                self._clear(bundle, now, commit)

    def refused(self, message: Message) -> None:
        """The store had no room for a copy: its path is as it was, and is used again soon."""
        bundle = self.bundles.pop(message.message_id, None)
        if bundle is None:
            return
        path = bundle.path_of(message.message_id)
        path.copy_id, path.stage = 0, Stage.WITHDRAWN
        self._wake(bundle, 0.0)

    # ------------------------------------------------------------------ time

    def _wake(self, bundle: Bundle, at: float) -> None:
        if at < NEVER and at != bundle.wake_at:
            bundle.wake_at = at
            heapq.heappush(self._wakes, (at, bundle.parent.message_id))

    def tick(self, now: float, commit: Commit) -> None:
        """Do what is due."""
        wakes = self._wakes
        while wakes and wakes[0][0] <= now:
            at, message_id = heapq.heappop(wakes)
            bundle = self.bundles.get(message_id)
            if bundle is not None and (bundle.is_over or bundle.wake_at == at):
                bundle.wake_at = NEVER
                self._advance(bundle, now, commit)
        if self.bundles and now >= self._looked_at + RECHECK_S:
            self._looked_at = now
            self._move_stranded(now, commit)
        self.settle(now, commit)
        self.recalls.send(now)

    def _move_stranded(self, now: float, commit: Commit) -> None:
        """Look at the copies that wait for a carrier that is down or closed, if there is one that is up."""
        carriers = self.carriers.values()
        if not any(carrier.is_up for carrier in carriers):
            return
        for carrier in carriers:
            is_down = not carrier.is_up and now >= carrier.down_since + RECHECK_S
            if carrier.queued and (is_down or self.plans.router.is_closed_somewhere(carrier.name)):
                for message in list(carrier.waiting()):
                    bundle = self.bundles.get(message.message_id)
                    if bundle is not None and not message.is_ended:
                        self._advance(bundle, now, commit)

    # ------------------------------------------------------------------ what is to be known

    def statistics(self) -> dict[str, Any]:
        """A snapshot for the console."""
        return attrs.asdict(self.counters) | {
            "under_way": len(self.bundles),
            "healthy": {
                name: {"now": now, "wanted": wanted} for name, (now, wanted) in self.plans.healthy().items()
            },
            "recalls": {"asked": self.recalls.asked, "cancelled": self.recalls.cancelled}
            | {"waiting": len(self.recalls), "dropped": self.recalls.dropped},
            "delays": {"known": len(self.delays), "forgotten": self.delays.forgotten},
            "marks": len(self.plans.marks),
        }

    # ------------------------------------------------------------------ bodies on disk

    def to_read_back(self) -> list[Message]:
        """Messages whose body is needed for another copy."""
        return [bundle.parent for bundle in self.starved.values()]

    def read_back(self, now: float, commit: Commit) -> None:
        """Bodies were read back: go on with the messages that waited for theirs."""
        starved, self.starved = self.starved, {}
        for bundle in starved.values():
            if not bundle.is_over:
                self._advance(bundle, now, commit)
        self.settle(now, commit)


def _blame(bundle: Bundle, delivered: Path, now: float) -> None:
    """Note who was slower than a path that was used later: the handset can be reached, so it is the carrier.

    Where that path took longer than usual, the handset was away, and nobody is to blame.
    """
    if bundle.policy.mode == "hedged" and now <= delivered.confirm_by:
        for path in bundle.paths:
            path.is_outrun = path.order < delivered.order
