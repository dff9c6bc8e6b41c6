# What is owed to accounts, on its way: into their outboxes when it is durable, onto their sessions, and
# settled when they have answered, or when it is given up. Each step of a receipt is noted with its message.
"""Handing deliveries over to accounts."""

from collections import defaultdict
from collections.abc import Iterable

import attrs

from smpp_router.core.accounts import Account
from smpp_router.core.commit import Commit
from smpp_router.message.lifecycle import GIVEN_UP, HANDED, NO_ANSWER, RETURNED
from smpp_router.message.message import Delivery
from smpp_router.store.seam import SETTLED
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Pdu


@attrs.define(eq=False)
class Handover:
    """Takes deliveries from their commit to the answer of their account."""

    accounts: dict[str, Account]
    is_closed: bool = False
    """Whether nothing more is sent: the router ends."""

    def owe(self, deliveries: Iterable[Delivery], now: float, commit: Commit) -> None:
        """Put durable deliveries into their accounts' outboxes; what no longer has an account is given up."""
        by_account: defaultdict[str, list[Delivery]] = defaultdict(list)
        for delivery in deliveries:
            by_account[delivery.account].append(delivery)
        for system_id, owed in by_account.items():
            account = self.accounts.get(system_id)
            dropped = owed if account is None else account.owe(owed)
            self.give_up(dropped, now, commit)

    def pump(self, account: Account, now: float, commit: Commit) -> None:
        """Send an account what its sessions have room for."""
        if self.is_closed:
            return
        handed = account.pump(now)
        if handed:
            commit.batch.notes.append((HANDED, handed, now, 0, b""))

    def pump_all(self, now: float, commit: Commit) -> None:
        """Send every account what its sessions have room for."""
        for account in self.accounts.values():
            if account.waiting:
                self.pump(account, now, commit)

    def answered(self, account: Account, resps: Iterable[Pdu], now: float, commit: Commit) -> None:
        """An account has answered these deliveries in one read."""
        facts = commit.batch.facts
        delivered = 0
        for resp in resps:
            delivery = resp.request
            assert isinstance(delivery, Delivery), "an ESME is asked for nothing else"
            if resp.command_status != c.ESME_ROK:
                self._returned(account, delivery, resp.command_status, now, commit)
                continue
            delivered += 1
            message_id = delivery.message_id
            if message_id:
                facts.append((SETTLED, message_id, now, 0, b""))
        account.counters.delivered += delivered

    def unanswered(self, account: Account, contexts: Iterable[object], now: float, commit: Commit) -> None:
        """Deliveries that the account did not answer in time."""
        for context in contexts:
            if isinstance(context, Delivery):
                self._returned(account, context, NO_ANSWER, now, commit)

    def _returned(
        self, account: Account, delivery: Delivery, status: int, now: float, commit: Commit
    ) -> None:
        account.retry_later(delivery, now)
        if delivery.message_id:
            commit.batch.notes.append((RETURNED, [delivery.message_id], now, status, b""))

    def tick(self, now: float, commit: Commit) -> None:
        """Give up what is too old, send again what is due."""
        for account in self.accounts.values():
            self.give_up(account.tick(now), now, commit)
            if account.waiting:
                self.pump(account, now, commit)

    def give_up(self, dropped: Iterable[Delivery], now: float, commit: Commit) -> None:
        """Deliver no more what was owed."""
        commit.batch.facts += [
            (SETTLED, delivery.message_id, now, GIVEN_UP, b"") for delivery in dropped if delivery.message_id
        ]
