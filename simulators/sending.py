# What a simulated carrier sends, by account: receipts, notifications, mobile-originated messages.
#
#   message's end --> receipt --fate: now, later, twice, never--> Deliveries of the account that gets it
#                                     refused, or not answered --> again after a pause, or dropped
"""Receipts on their way to accounts."""

import random
from collections.abc import Sequence
from typing import Final

import attrs

from simulators.deliveries import Deliveries, Delivery
from simulators.fates import Fate
from simulators.message_ids import MessageIds
from simulators.messages import Held
from simulators.mobile_originated import FromSubscriber, Subscribers
from simulators.profile import CarrierProfile
from simulators.receipt_writer import ReceiptWriter, receipt_copies
from simulators.schedule import Schedule
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode_body
from smpp_router.wire.pdu import Pdu
from smpp_router.wire.receipt_body import INTERMEDIATE

LATER_MAX: Final = 1_000_000
"""Deliveries that wait for their time; beyond that nothing is held back, and nothing comes twice."""

_REFUSED_FOR_GOOD: Final = frozenset({c.ESME_RX_P_APPN, c.ESME_RX_R_APPN})


@attrs.define(eq=False)
class CarrierCounters:
    """What a simulated carrier has seen. `messages` were taken; `receipts` were made, sent or not."""

    binds: int = 0
    submits: int = 0
    messages: int = 0
    throttled: int = 0
    refused: int = 0
    receipts: int = 0
    intermediates: int = 0
    deliveries_answered: int = 0
    deliveries_failed: int = 0
    deliveries_dropped: int = 0
    responses_withheld: int = 0
    receipts_doubled: int = 0
    receipts_held_back: int = 0
    receipts_missing: int = 0
    receipts_unasked: int = 0
    disconnects: int = 0
    outbinds: int = 0
    outbinds_failed: int = 0
    handshakes_failed: int = 0
    faults: int = 0
    alerts: int = 0
    alerts_lost: int = 0
    mobile_originated_lost: int = 0
    mobile_originated: int = 0
    mobile_originated_dropped: int = 0


class Sending:
    """What one carrier sends to its accounts."""

    def __init__(self, profile: CarrierProfile, ids: MessageIds) -> None:
        self.counters = CarrierCounters()
        self.accounts: dict[str, Deliveries] = {}
        self._ids = ids
        self._later: Schedule[tuple[str, Delivery]] = Schedule()
        self._subscribers = Subscribers(random.Random(f"{profile.seed} {profile.name} mobile-originated"))
        self.configure(profile)

    def configure(self, profile: CarrierProfile) -> None:
        """Write and repeat as a profile says."""
        self._profile = profile
        self._subscribers.configure(profile.mo)
        self._writer = ReceiptWriter(profile, self._ids)
        self._receipts_to = {
            account.system_id: account.receipts_to for account in profile.accounts if account.receipts_to
        }

    @property
    def scheduled(self) -> int:
        """How many deliveries wait for their time."""
        return len(self._later)

    def next_at(self) -> float:
        """Return when tick() has something to do next; math.inf if nothing is scheduled."""
        return min(self._later.next_at(), self._subscribers.next_at)

    def tick(self, now: float) -> None:
        """Send what is due."""
        for system_id, delivery in self._later.due(now):
            self.account(system_id).add([delivery], now)
        if self._subscribers.next_at <= now:
            for message in self._subscribers.due(now, self._profile.dialect.default_alphabet):
                self._originate(message, now)

    def burst(self, count: int, now: float) -> int:
        """Have subscribers send so many messages at once; return how many found room."""
        alphabet = self._profile.dialect.default_alphabet
        return sum(self._originate(self._subscribers.write(alphabet), now) for _ in range(count))

    def _originate(self, message: FromSubscriber, now: float) -> bool:
        """Send what a subscriber wrote, unless nobody is there for it or too much waits already."""
        account = self._account_of(message.destination)
        self.counters.mobile_originated += 1
        if account is None or len(account) + len(message.parts) > self._profile.mo.waiting_max:
            self.counters.mobile_originated_dropped += 1
            return False
        account.add([Delivery(encode_body(part)) for part in message.parts], now)
        return True

    def _account_of(self, destination: bytes) -> Deliveries | None:
        """Return the account that gets what subscribers send to a number; None if nobody can tell."""
        profile = self._profile
        system_id = profile.mo.system_id or profile.mo_account(destination)
        if not system_id:
            known = [account.system_id for account in profile.accounts] or list(self.accounts)
            system_id = known[0] if len(known) == 1 else ""
        return self.account(system_id) if system_id else None

    def account(self, system_id: str) -> Deliveries:
        """Return what an account is sent; there is one from now on."""
        deliveries = self.accounts.get(system_id)
        if deliveries is None:
            deliveries = self.accounts[system_id] = Deliveries()
        return deliveries

    def notify(self, held: Held, now: float) -> None:
        """Tell that a message is still under way."""
        self.counters.intermediates += 1
        notification = self._writer.receipt(held, c.ENROUTE, now, INTERMEDIATE)
        self.account(self._receiver(held)).add([notification], now)

    def alert(self, held: Held, body: bytes) -> None:
        """Tell that a subscriber can be reached again: it is not answered, and lost if nobody is bound."""
        is_sent = self.account(self._receiver(held)).alert(body)
        self.counters.alerts += is_sent
        self.counters.alerts_lost += not is_sent

    def receipts(self, ending: Sequence[Held], now: float) -> None:
        """Send the receipts of messages that end now, where there are any."""
        by_receiver: dict[str, list[Delivery]] = {}
        for held in ending:
            if receipt_copies(held):
                receipt = self._writer.receipt(held, held.outcome, now)
                preceding = self._writer.preceding(held, now)
                if preceding is not None:
                    self.account(self._receiver(held)).add([preceding], now)
                if held.fate is None:
                    by_receiver.setdefault(self._receiver(held), []).append(receipt)
                else:
                    self._send_fated(held, held.fate, receipt, now)
            elif held.fate is not None and not held.fate.copies:
                self.counters.receipts_missing += 1
        for system_id, deliveries in by_receiver.items():
            self.counters.receipts += len(deliveries)
            self.account(system_id).add(deliveries, now)

    def _receiver(self, held: Held) -> str:
        return self._receipts_to.get(held.system_id, held.system_id) if self._receipts_to else held.system_id

    def _send_fated(self, held: Held, fate: Fate, receipt: Delivery, now: float) -> None:
        """Send a receipt as often and as late as its message's fate has it."""
        counters = self.counters
        receiver = self._receiver(held)
        counters.receipts += 1
        counters.receipts_unasked += fate.is_unasked and not held.registered_delivery & 0x03
        is_room = len(self._later) < LATER_MAX
        if fate.held_back_s and is_room:
            counters.receipts_held_back += 1
            self._later.add(now + fate.held_back_s, (receiver, receipt))
        else:
            self.account(receiver).add([receipt], now)
        if fate.copies > 1 and is_room:
            counters.receipts_doubled += 1
            again = attrs.evolve(receipt)
            at = now + fate.held_back_s + self._profile.anomalies.duplicated_s
            self._later.add(at, (receiver, again))

    def refused(self, system_id: str, resp: Pdu, now: float) -> None:
        """Have a deliver_sm that was answered with an error go out again, unless it is refused for good."""
        delivery = resp.request
        assert isinstance(delivery, Delivery)
        self.counters.deliveries_failed += 1
        if resp.command_status in _REFUSED_FOR_GOOD:
            self.counters.deliveries_dropped += 1
        else:
            self._again(system_id, delivery, now + self._profile.deliver_retry_s)

    def expired(self, system_id: str, contexts: Sequence[object], now: float) -> None:
        """Have what a session did not answer in time go out again."""
        for context in contexts:
            if isinstance(context, Delivery):
                self.counters.deliveries_failed += 1
                self._again(system_id, context, now)

    def _again(self, system_id: str, delivery: Delivery, at: float) -> None:
        delivery.failures += 1
        if delivery.failures >= self._profile.deliver_attempts_max:
            self.counters.deliveries_dropped += 1
        else:
            self._later.add(at, (system_id, delivery))
