# What a router promises of a message that several carriers carry, beside what it promises of every message:
#
#   paths           no more carriers get a copy than the class says, and none gets it again without a reason
#   strict failover another carrier gets it only when the one before has failed, or its connection has broken
#   truth           one delivery that was heard is DELIVRD; failure is told only if every carrier that took a
#                   copy has told it
#   losers          when one path has delivered, carriers that still hold a copy are asked to cancel it;
#                   parallel ones, of which a handset keeps one, are given time to arrive first
"""Judging messages with several paths."""

from collections import Counter

import attrs

from simulators.world.handed import Handed
from simulators.world.lives import DEFINITE, FAILED, Copy, Life
from simulators.world.verdict import SETTLE_S, Troubles, Violations
from smpp_router.wire import constants as c
from smpp_router.wire.receipt import STATS

TRIES_MAX = 4
"""How often a carrier gets a copy if it refuses, as retries_max is in a world: once and three times again."""
PARALLEL_PATIENCE = 2.0
"""Times confirm_max_s for which a parallel copy may be left to arrive at most."""


@attrs.define(eq=False)
class PathJudge:
    """Judges the lives of messages whose customer has paths."""

    violations: Violations
    troubles: Troubles
    counts: Counter[str]

    def copied(self, life: Life, copy: Copy) -> None:
        """A copy is sent; it is not among the life's copies yet."""
        paths, now = life.paths, copy.sent_at
        assert paths is not None, "the caller asks about nothing else"
        carriers = {one.carrier for one in life.copies} | {copy.carrier}
        if len(carriers) > paths.count:
            text = f"message {life.number} goes by {len(carriers)} carriers, {paths.count} are allowed"
            self.violations.add(now, "paths", text)
        again = [one for one in life.copies if one.carrier == copy.carrier and one.status not in _THROTTLES]
        deaths = sum(life.offered_at <= died <= now for died in self.troubles.deaths)
        if len(again) >= TRIES_MAX + deaths:
            text = f"message {life.number} is sent to {copy.carrier} for the {len(again) + 1}th time"
            self.violations.add(now, "paths", text)
        if paths.mode == "failover":
            for before in life.copies:
                self._failed_over(life, before, copy)
        self.counts["hedged"] += bool(life.copies) and copy.carrier not in {
            one.carrier for one in life.copies
        }

    def _failed_over(self, life: Life, before: Copy, copy: Copy) -> None:
        if before.carrier == copy.carrier or before.status != c.ESME_ROK or not before.is_known():
            return
        has_failed = any(one.carrier == before.carrier and one.state in FAILED for one in life.told)
        wire = before.wire
        is_lost = wire.is_broken or wire.is_silent or wire.near.is_closed or wire.far.is_closed
        if not (has_failed or is_lost or self.troubles.may_be_forgotten(before.answered_at)):
            text = f"message {life.number} goes to {copy.carrier} while {before.carrier} has it"
            self.violations.add(copy.sent_at, "strict failover", text)

    def judge(self, life: Life, handed: Handed) -> None:
        """The customer is told how a message ended."""
        state, now = handed.state, handed.at
        heard = [one for one in life.told if one.may_be_heard()]
        settled = [one for one in heard if one.is_heard() and self.troubles.is_settled(one.at, now)]
        add, number = self.violations.add, life.number
        if state == c.DELIVERED:
            if not any(one.state == c.DELIVERED for one in heard):
                add(now, "truth", f"message {number} is called DELIVRD, and no carrier said so")
            return
        taken = [copy for copy in life.copies if self._is_taken(copy)]
        told = STATS[state].decode()
        known = {copy.carrier for copy in taken}
        # What a carrier says of a copy whose answer never came, or too late, or was forgotten with the router
        # that had read it, nobody can place.
        doubted = {copy.carrier for copy in life.copies if not copy.is_known() or self._is_forgotten(copy)}
        delivered = [
            one.carrier for one in settled if one.state == c.DELIVERED and one.carrier in known - doubted
        ]
        if delivered:
            add(now, "truth", f"message {number} is called {told}, and {delivered[0]} said DELIVRD")
        if state in FAILED:
            failed = {one.carrier for one in heard if one.state in FAILED}
            for copy in taken:
                if copy.carrier not in failed:
                    add(now, "truth", f"message {number} is called {told} though {copy.carrier} has it")
        elif taken and all(copy.is_known() for copy in life.copies):
            definite = {one.carrier for one in settled if one.state in DEFINITE}
            if known <= definite:
                add(now, "truth", f"message {number} is called {told}, and all its carriers know better")

    def _is_taken(self, copy: Copy) -> bool:
        return copy.status == c.ESME_ROK and copy.is_known() and not self._is_forgotten(copy)

    def _is_forgotten(self, copy: Copy) -> bool:
        return self.troubles.may_be_forgotten(copy.answered_at)

    def over(self, life: Life, now: float) -> None:
        """Nothing more will be heard of a message: whether its losers were called back."""
        delivered = {one.carrier for one in life.told if one.state == c.DELIVERED}
        self.counts["delivered_twice"] += len(delivered) > 1
        if not life.handed or life.handed[0].state != c.DELIVERED:
            return
        ended_at, paths = life.handed[0].at, life.paths
        assert paths is not None, "the caller asks about nothing else"
        patience_s = PARALLEL_PATIENCE * paths.confirm_max_s if paths.mode == "parallel" else 0.0
        if self.troubles.died_between(life.offered_at, now):
            return
        for copy in life.copies:
            wire = copy.wire
            due_at = max(ended_at, copy.answered_at, copy.sent_at + patience_s)
            if patience_s and now < due_at + SETTLE_S:
                continue
            is_sound = not (wire.is_broken or wire.is_silent or wire.near.is_closed or wire.far.is_closed)
            is_told = any(one.carrier == copy.carrier and one.at < due_at + SETTLE_S for one in life.told)
            # A cancel_sm needs room in the window, too.
            is_free = wire.stalled_until < copy.sent_at and wire.full_until < due_at
            is_held = is_sound and is_free and self._is_taken(copy)
            if is_held and not is_told and copy.carrier not in life.recalled:
                text = f"message {life.number} was delivered, and {copy.carrier} was not asked to cancel it"
                self.violations.add(now, "losers", text)


_THROTTLES = (c.ESME_RTHROTTLED, c.ESME_RMSGQFUL)
