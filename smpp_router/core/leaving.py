# What the configuration has no more does not vanish: it leaves.
#
#   carrier   nothing new goes to it; what waits for it is placed elsewhere, MOVES_MAX at a tick; what it has
#             taken gets its receipts. When nothing is left, or its time is over, what is still awaited ends
#             UNKNOWN, ENDS_MAX at a tick, its sessions are unbound, and with the last of them it is gone
#   account   what it submits is refused, and its sessions are unbound after their last answer; what ends for
#             it is kept for as long as its receipts_age_s says, so that an account which was taken out by
#             mistake finds its receipts when it is put back
#
# Either comes back as it was if a reload puts it back before it is gone.
"""Carriers and accounts on their way out."""

from collections import defaultdict
from collections.abc import Iterator
from itertools import islice
from typing import Final

import attrs

from smpp_router.core.accounts import Account
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit
from smpp_router.core.handover import Handover
from smpp_router.core.settle import Settle
from smpp_router.message.lifecycle import Cause
from smpp_router.message.message import Pending
from smpp_router.routing.health import Health
from smpp_router.wire import constants as c

MOVES_MAX: Final = 1_000
"""Messages placed elsewhere at one tick, at some 3 us each: nobody notices, and 40,000 a second are moved."""

ENDS_MAX: Final = 1_000
"""Messages ended at one tick, at some 10 us each."""

ACCOUNTS_MAX: Final = 1_000
"""Accounts that are kept after they have left; above it the one that left first is forgotten."""


@attrs.define(eq=False)
class Leaving:
    """Sees carriers and accounts out."""

    settle: Settle
    handover: Handover
    health: Health
    carriers: dict[str, float] = attrs.Factory(dict[str, float])
    """Carriers that are leaving, and until when their receipts are waited for, in unix seconds."""
    accounts: dict[str, float] = attrs.Factory(dict[str, float])
    """Accounts that are leaving, and until when what is owed to them is kept."""

    def carrier(self, carrier: Carrier, until: float) -> None:
        """A carrier begins to leave."""
        carrier.is_leaving = True
        self.carriers[carrier.name] = until

    def pair_up(self) -> None:
        """Have receipts found that come by a carrier which has been given another name, or by the old one."""
        carriers = self.settle.retries.carriers
        namesakes: defaultdict[str, list[Carrier]] = defaultdict(list)
        for name in self.carriers:
            for other in carriers.values():
                if other.name != name and not _logins(other).isdisjoint(_logins(carriers[name])):
                    namesakes[name].append(other)
                    if other.name not in self.carriers:
                        namesakes[other.name].append(carriers[name])
        self.settle.namesakes = dict(namesakes)

    def account(self, account: Account, now: float) -> None:
        """An account begins to leave."""
        account.is_leaving = True
        self.accounts[account.system_id] = now + account.config.receipts_age_s

    # ------------------------------------------------------------------ time

    def tick(self, now: float, commit: Commit) -> None:
        """See those out who are leaving; end what has no way any more."""
        retries = self.settle.retries
        for name in list(self.carriers):
            carrier = retries.carriers[name]
            if carrier.queued:
                retries.leave(carrier, MOVES_MAX, now)
            elif now >= self.carriers[name] or not self._is_awaited(carrier):
                self._end(carrier, now, commit)
        if retries.stranded:
            self._end_stranded(now, commit)
        if self.accounts:
            self._unbind_accounts(now)
            self._forget_accounts(now, commit)

    def _is_awaited(self, carrier: Carrier) -> bool:
        """Whether a carrier has something of ours: it may answer, or send a receipt."""
        return bool(self.settle.flight.awaiting(carrier.name)) or any(
            len(session.window) or session.unanswered for session in (*carrier.sessions, *carrier.resting)
        )

    def _end(self, carrier: Carrier, now: float, commit: Commit) -> None:
        """End what a carrier has not told the end of, and unbind it when there is no more of it."""
        carriers, flight = self.settle.retries.carriers, self.settle.flight
        taken = flight.taken[carrier.name]
        for key, pending in list(islice(taken.items(), ENDS_MAX)):
            self.settle.end_by_id(carriers, pending.message_id, c.UNKNOWN, 0, now, commit, cause=Cause.RELOAD)
            taken.pop(key, None)
        if flight.awaiting(carrier.name):
            return
        carrier.is_drained = True
        for session in (*carrier.sessions, *carrier.resting):
            session.unbind(now)
        if carrier.sessions or carrier.resting or self._end_displaced(carrier, now, commit):
            return
        del self.carriers[carrier.name], carriers[carrier.name], flight.taken[carrier.name]
        # Empty by now, but there until the next step of moving, which would ask for the carrier.
        flight.aside.pop(carrier.name, None)
        self.health.forget(carrier.name)
        self.pair_up()

    def _end_displaced(self, carrier: Carrier, now: float, commit: Commit) -> bool:
        """End what a carrier has given the id of to a later message; tell whether there may be more."""
        # No receipt finds these, nor does its table of ids. They are looked for once, among all in flight.
        settle = self.settle
        displaced = (
            entry.message_id
            for entry in settle.flight.messages.values()
            if type(entry) is Pending and entry.carrier == carrier.name
        )
        message_ids = list(islice(displaced, ENDS_MAX))
        for message_id in message_ids:
            settle.end_by_id(
                settle.retries.carriers, message_id, c.UNKNOWN, 0, now, commit, cause=Cause.RELOAD
            )
        return len(message_ids) == ENDS_MAX

    def _end_stranded(self, now: float, commit: Commit) -> None:
        retries = self.settle.retries
        stranded, retries.stranded = retries.stranded[:ENDS_MAX], retries.stranded[ENDS_MAX:]
        for message in stranded:
            if message.is_ended:
                continue
            if message.message_id in retries.ending.bundles:
                # A copy: what it is a copy of goes on by another path.
                retries.ending.end(message, c.DELETED, 0, now, commit, Cause.RELOAD)
            else:
                retries.ending.end(message, c.UNDELIVERABLE, c.ESME_RINVDSTADR, now, commit, Cause.RELOAD)

    def _unbind_accounts(self, now: float) -> None:
        """Unbind whose requests have all been answered: many close at once, and would send them again."""
        for system_id in self.accounts:
            for session in self.handover.accounts[system_id].sessions:
                if not session.unanswered:
                    session.unbind(now)

    def _forget_accounts(self, now: float, commit: Commit) -> None:
        for system_id in list(self._over(now)):
            account = self.handover.accounts[system_id]
            if account.sessions:
                continue
            self.handover.give_up(account.empty(), now, commit)
            del self.accounts[system_id], self.handover.accounts[system_id]

    def _over(self, now: float) -> Iterator[str]:
        excess = len(self.accounts) - ACCOUNTS_MAX
        for place, (system_id, until) in enumerate(self.accounts.items()):
            if now >= until or place < excess:
                yield system_id


def _logins(carrier: Carrier) -> set[tuple[str, str]]:
    """Where and as whom a carrier's links bind."""
    return {(link.host, link.system_id) for link in carrier.config.links}
