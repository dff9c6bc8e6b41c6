# What carriers answer: submit_sm_resp and receipts, one pass over what one read brought.
#
#   submit_sm_resp ESME_ROK        the message is the carrier's now: Pending, and TAKEN is staged
#   throttled, queue full          the link slows down, the message keeps its place: no attempt is counted
#   another error, silence, loss   a retry, elsewhere if the plan has an elsewhere, or the end
#   receipt, final                 the message ends; deliver_sm_resp goes out when that is durable
#   receipt, not final             passed on if asked for
#   receipt, UNKNOWN               not believed for GRACE_S: carriers say UNKNOWN and then DELIVRD
#   receipt for nobody             parked: its submit_sm_resp may be behind it
"""Settling submit_sm_resp and receipts."""

from collections.abc import Iterable
from typing import Final

import attrs

from smpp_router.core.bundles import is_hedge
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending
from smpp_router.core.flight import Flight
from smpp_router.core.message_ids import issued_at
from smpp_router.core.orphans import Orphans
from smpp_router.core.overdue import RECEIPT, VALIDITY
from smpp_router.core.rekeying import Rekeying
from smpp_router.core.retries import Retries
from smpp_router.core.tracker import TOGETHER_MAX, Tracker, ended_as
from smpp_router.message.lifecycle import (
    CAUSE_SHIFT,
    ERROR_SHIFT,
    OVERDUE,
    REFUSED,
    SIGNAL,
    UNANSWERED,
    Cause,
)
from smpp_router.message.message import Message, Orphan, Pending
from smpp_router.message.tally import THROTTLES, Cohort
from smpp_router.store.seam import ADOPTED, ORPHANED, TAKEN
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import Pdu, SubmitSmResp
from smpp_router.wire.receipt import Receipt

GRACE_S: Final = 60.0
"""How long an UNKNOWN receipt waits for a better one before it is passed on as final."""

_UNDER_WAY: Final = frozenset({c.ENROUTE, c.ACCEPTED})
_NO_ERROR: Final = b"000"
ERROR_CODE_MAX: Final = 0xFFFF


@attrs.define(eq=False)
class Settle:
    """Takes responses and receipts to their messages."""

    flight: Flight
    ending: Ending
    orphans: Orphans
    retries: Retries
    tracker: Tracker
    filter_error_codes: frozenset[int] = frozenset()
    doubtful: dict[int, tuple[float, int, int]] = attrs.Factory(dict[int, tuple[float, int, int]])
    overdue: dict[int, float] = attrs.Factory(dict[int, float])
    namesakes: dict[str, list[Carrier]] = attrs.Factory(dict[str, list[Carrier]])
    """By carrier: others to whose peer it is the same ESME, so that receipts may come by either."""
    rekeying: Rekeying = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Share the table of messages with who moves them to other keys."""
        self.rekeying = Rekeying(self.flight)

    # ------------------------------------------------------------------ responses

    def responses(self, carrier: Carrier, pdus: Iterable[Pdu], now: float, commit: Commit) -> None:
        """Settle the answers to submit_sm; each PDU's `request` is its Message."""
        name = carrier.name
        prefix = carrier.taken_prefix
        from_response = carrier.ids.from_response
        messages = self.flight.messages
        taken_by_key = self.flight.taken[name]
        facts = commit.batch.facts
        bundles = self.ending.bundles
        taken = 0
        for pdu in pdus:
            message = pdu.request
            assert isinstance(message, Message), "the caller sorts out the others"
            tally = message.tally
            cohort = None
            if pdu.command_status != c.ESME_ROK:
                if tally is not None:
                    tally.refuse(pdu.command_status)
                if not message.is_ended:
                    self._refused(carrier, message, pdu.command_status, now, commit)
                continue
            if tally is not None:
                tally.accepted += 1
                tally.latency_sum_s += now - message.sent_at
                cohort = tally.cohort
                if bundles and is_hedge(bundles.get(message.message_id), message.message_id):
                    # Copies for those that another carrier does not reach in time say little of this one.
                    cohort = None
            if message.is_ended:
                # Its validity ended while it was on the link: it has had its receipt.
                continue
            if type(pdu) is not SubmitSmResp:
                # Taken, under an id that can't be read: sending it again would make two of it, and no receipt
                # will find it.
                self.ending.end(message, c.UNKNOWN, 0, now, commit, Cause.SILENCE)
                continue
            carrier_message_id = pdu.message_id
            key = from_response(carrier_message_id)
            message_id = message.message_id
            pending = Pending(
                message_id,
                message.reported_id,
                message.account,
                name,
                carrier_message_id,
                message.addresses,
                message.registered_delivery,
                message.expires_at,
                cohort,
                message.is_doubtful,
            )
            if cohort is not None:
                cohort.taken += 1
                cohort.message_ids.append(message_id)
            facts.append((TAKEN, message_id, now, int(message.is_doubtful), prefix + carrier_message_id))
            messages[message_id] = pending
            taken_by_key[key] = pending
            taken += 1
            if self.orphans:
                self._adopt(carrier, key, pending, now, commit)
        if taken:
            carrier.counters.taken += taken
            carrier.pacer.succeeded(taken, now)
        self.retries.keep_places(carrier, now)

    def _adopt(self, carrier: Carrier, key: bytes, pending: Pending, now: float, commit: Commit) -> None:
        """Apply the receipt that overtook this message's submit_sm_resp, if there is one."""
        orphan = self.orphans.find(carrier.name, key)
        if orphan is None:
            return
        found = self._find(carrier, orphan.carrier_message_id)
        if found is not None and found[0] == key:
            self.orphans.remove(orphan)
            self._give_up([orphan], now, commit)
            self._apply(carrier, key, pending, orphan.message_state, orphan.error_code, now, commit)

    def _refused(self, carrier: Carrier, message: Message, status: int, now: float, commit: Commit) -> None:
        commit.batch.notes.append((REFUSED, [message.message_id], now, status, carrier.name.encode()))
        if status in THROTTLES:
            carrier.counters.throttled += 1
            carrier.pacer.throttled(now)
            self.retries.throttled.append(message)
            return
        carrier.counters.refused += 1
        self.retries.after_refusal(message, status, now, commit)

    def unanswered(self, carrier: Carrier, contexts: Iterable[object], now: float, commit: Commit) -> None:
        """Messages whose submit_sm got no answer, by time-out or because the session is gone."""
        for context in contexts:
            if isinstance(context, Message) and not context.is_ended:
                commit.batch.notes.append((UNANSWERED, [context.message_id], now, 0, carrier.name.encode()))
                carrier.counters.unanswered += 1
                self.retries.after_silence(message=context, now=now, commit=commit)

    # ------------------------------------------------------------------ receipts

    def receipts(self, carrier: Carrier, receipts: Iterable[Receipt], now: float, commit: Commit) -> None:
        """Settle receipts; the caller stages their deliver_sm_resp in the same commit."""
        taken = self.flight.taken[carrier.name]
        recent = self.tracker.recent(carrier.name)
        from_receipt = carrier.ids.from_receipt
        delivered: list[Pending] = []
        count = 0
        for receipt in receipts:
            count += 1
            keys = from_receipt(receipt.message_id)
            if len(keys) == 1:
                key = keys[0]
                pending = taken.get(key)
            else:
                found = self._find(carrier, receipt.message_id)
                key, pending = found if found is not None else (keys[0], None)
            if pending is None:
                is_elsewhere = self.namesakes or self.rekeying
                if not (is_elsewhere and self._is_found(carrier, receipt, now, commit)):
                    self._park(carrier, receipt, keys, now, commit)
            elif receipt.message_state == c.DELIVERED and not (self.doubtful or _error_code(receipt)):
                # What nearly every receipt says, without the questions that the others raise.
                del taken[key]
                if pending.cohort is not None:
                    pending.cohort.delivered += 1
                recent[key] = ended_as(pending.message_id, c.DELIVERED)
                delivered.append(pending)
            else:
                self._signalled(carrier, pending.message_id, receipt, now, commit)
                self._apply(carrier, key, pending, receipt.message_state, _error_code(receipt), now, commit)
        carrier.counters.receipts += count
        if delivered:
            if self.overdue:
                for pending in delivered:
                    self.overdue.pop(pending.message_id, None)
            self.ending.delivered(delivered, now, commit)

    def _is_found(self, carrier: Carrier, receipt: Receipt, now: float, commit: Commit) -> bool:
        """Apply a receipt for what is set aside, or a namesake has taken; tell whether it was for that."""
        for other in (carrier, *self.namesakes.get(carrier.name, ())):
            found = self._find(other, receipt.message_id)
            if found is not None:
                key, pending = found
                other.counters.receipts += other is not carrier
                self._signalled(other, pending.message_id, receipt, now, commit)
                self._apply(other, key, pending, receipt.message_state, _error_code(receipt), now, commit)
                return True
        return False

    def _signalled(
        self, carrier: Carrier, message_id: int, receipt: Receipt, now: float, commit: Commit
    ) -> None:
        """Note a receipt that may not be the end; the one that is goes into FINAL."""
        if receipt.message_state in _UNDER_WAY or receipt.message_state == c.UNKNOWN:
            code = _signal_code(receipt)
            commit.batch.notes.append((SIGNAL, [message_id], now, code, carrier.name.encode()))

    def _find(self, carrier: Carrier, message_id: bytes) -> tuple[bytes, Pending] | None:
        taken = self.flight.taken[carrier.name]

        def known(key: bytes) -> tuple[bytes, Pending] | None:
            pending = taken.get(key)
            if pending is None and self.rekeying:
                pending = self.rekeying.bring(carrier, key, message_id)
            return None if pending is None else (key, pending)

        return carrier.ids.find(message_id, known)

    def _park(
        self, carrier: Carrier, receipt: Receipt, keys: tuple[bytes, ...], now: float, commit: Commit
    ) -> None:
        """Keep a receipt whose message is not known; one that says no end is not worth keeping."""
        carrier.counters.orphans += 1
        note = self.tracker.late(carrier.name, keys, _signal_code(receipt), now)
        if note is not None:
            commit.batch.notes.append(note)
        if receipt.message_state in _UNDER_WAY:
            return
        error_code = _error_code(receipt)
        orphan = Orphan(carrier.name, receipt.message_id, receipt.message_state, error_code, now)
        dropped = self.orphans.park(orphan, keys)
        carrier.counters.orphans_dropped += len(dropped)
        detail = carrier.taken_prefix + receipt.message_id
        commit.batch.facts.append((ORPHANED, 0, now, receipt.message_state | error_code << 8, detail))
        self._give_up(dropped, now, commit)

    def _apply(
        self,
        carrier: Carrier,
        key: bytes,
        pending: Pending,
        message_state: int,
        error_code: int,
        now: float,
        commit: Commit,
    ) -> None:
        if message_state in _UNDER_WAY:
            self.ending.intermediate(pending, message_state, error_code, now, commit)
        elif message_state == c.UNKNOWN:
            self.doubtful[pending.message_id] = (now + GRACE_S, message_state, error_code)
        else:
            del self.flight.taken[carrier.name][key]
            self.tracker.recent(carrier.name)[key] = ended_as(pending.message_id, message_state)
            self._settled(pending.message_id)
            if pending.cohort is not None:
                bundle = self.ending.bundles.get(pending.message_id)
                if message_state == c.DELETED and bundle is not None and bundle.is_over:
                    # We have called it back: the carrier has failed in nothing.
                    self._withdraw(pending.cohort, pending.message_id)
                else:
                    self._measure(pending.cohort, message_state, error_code)
            self.ending.end(pending, message_state, error_code, now, commit)

    def _measure(self, cohort: Cohort, message_state: int, error_code: int) -> None:
        """Count a final receipt."""
        if message_state == c.DELIVERED:
            cohort.delivered += 1
        elif message_state == c.REJECTED or error_code in self.filter_error_codes:
            cohort.intercepted += 1
        else:
            cohort.failed += 1

    # ------------------------------------------------------------------ time

    def note_missing(
        self, missing: Iterable[tuple[str, float, list[int]]], now: float, commit: Commit
    ) -> None:
        """Note which messages have no receipt in the time that their carrier takes, by Health.missing."""
        messages = self.flight.messages
        for carrier, deadline_s, message_ids in missing:
            waiting = [message_id for message_id in message_ids if type(messages.get(message_id)) is Pending]
            told = f"{RECEIPT} {carrier}".encode()
            for start in range(0, len(waiting), TOGETHER_MAX):
                ids = waiting[start : start + TOGETHER_MAX]
                commit.batch.notes.append((OVERDUE, ids, now, round(deadline_s), told))

    def expire(
        self, message_ids: Iterable[int], carriers: dict[str, Carrier], now: float, commit: Commit
    ) -> None:
        """End messages whose validity is over: EXPIRED if no carrier can have them.

        What a carrier has taken may have been delivered: its receipt is waited for a while longer, and
        without one the truth is UNKNOWN.
        """
        for message_id in message_ids:
            entry = self.flight.messages.get(message_id)
            if isinstance(entry, Message):
                bundle = self.ending.bundles.get(message_id)
                if bundle is not None and bundle.parent is entry:
                    # Its copies expire one by one, and it ends with the last of them.
                    bundle.is_expired = True
                    self.ending.touched.append(bundle)
                    continue
                # One that stands on a link without an answer, or was given up there, may be with a carrier.
                may_be_out = entry.is_on_link or entry.is_doubtful
                state = c.UNKNOWN if may_be_out else c.EXPIRED
                self.ending.end(entry, state, 0, now, commit, Cause.EXPIRY)
            elif entry is None:
                continue
            elif message_id not in self.overdue:
                until = now + carriers[entry.carrier].config.receipt_late_s
                self.overdue[message_id] = until
                waited_s = int(entry.expires_at - issued_at(message_id))
                told = f"{VALIDITY} {entry.carrier}".encode()
                commit.batch.notes.append((OVERDUE, [message_id], now, max(0, waited_s), told))
                self.flight.expire_at(message_id, until)
            elif self.overdue[message_id] <= now:
                self._take_out(carriers[entry.carrier], entry, c.UNKNOWN)
                self.ending.end(entry, c.UNKNOWN, 0, now, commit, Cause.RECEIPT_LATE)

    def tick(self, carriers: dict[str, Carrier], now: float, commit: Commit) -> None:
        """End what nothing better came for, drop what waited too long."""
        self._give_up(self.orphans.tick(now), now, commit)
        if self.rekeying:
            for carrier, key, pending in self.rekeying.step(carriers):
                if self.orphans:
                    self._adopt(carrier, key, pending, now, commit)
        for message_id in [m for m, (until, _, _) in self.doubtful.items() if until <= now]:
            _, message_state, error_code = self.doubtful.pop(message_id)
            entry = self.flight.messages.get(message_id)
            self.end_by_id(carriers, message_id, message_state, error_code, now, commit)
            if isinstance(entry, Pending) and entry.cohort is not None:
                # It was not withdrawn: the carrier's word on it stands.
                entry.cohort.withdrawn -= 1
                self._measure(entry.cohort, message_state, error_code)

    def end_by_id(
        self,
        carriers: dict[str, Carrier],
        message_id: int,
        message_state: int,
        error_code: int,
        now: float,
        commit: Commit,
        *,
        cause: Cause = Cause.RECEIPT,
    ) -> None:
        """End a message for a reason that did not come from its carrier; harmless if it has ended."""
        entry = self.flight.messages.get(message_id)
        if entry is None:
            return
        if isinstance(entry, Pending):
            self._take_out(carriers[entry.carrier], entry, message_state)
        self.ending.end(entry, message_state, error_code, now, commit, cause)

    def ask_otherwise(self, carriers: dict[str, Carrier], entry: Pending, registered_delivery: int) -> None:
        """Have a message's account get the receipts that it asks for now (SMPP 3.4 section 4.10.1)."""
        carrier, changed = carriers[entry.carrier], entry._replace(registered_delivery=registered_delivery)
        if self.rekeying:
            self.rekeying.bring_one(carrier, entry)
        key = carrier.ids.from_response(entry.carrier_message_id)
        taken = self.flight.taken[carrier.name]
        if taken.get(key) is entry:
            taken[key] = changed
        self.flight.messages[entry.message_id] = changed

    def _take_out(self, carrier: Carrier, entry: Pending, message_state: int) -> None:
        if self.rekeying:
            self.rekeying.bring_one(carrier, entry)
        key = carrier.ids.from_response(entry.carrier_message_id)
        taken = self.flight.taken[carrier.name]
        if taken.get(key) is entry:
            # Else the carrier has used the id again, and the entry is a later message's.
            del taken[key]
            self.tracker.recent(carrier.name)[key] = ended_as(entry.message_id, message_state)
        self._settled(entry.message_id)
        if entry.cohort is not None:
            self._withdraw(entry.cohort, entry.message_id)

    def _withdraw(self, cohort: Cohort, message_id: int) -> None:
        """Count what ends without its carrier's word."""
        bundle = self.ending.bundles.get(message_id)
        if bundle is not None and bundle.call_back(message_id):
            cohort.call_back()
        else:
            cohort.withdrawn += 1

    def _settled(self, message_id: int) -> None:
        """A message ends that a carrier has taken: nothing more is waited for."""
        if self.doubtful:
            self.doubtful.pop(message_id, None)
        if self.overdue:
            self.overdue.pop(message_id, None)

    def _give_up(self, orphans: list[Orphan], now: float, commit: Commit) -> None:
        for orphan in orphans:
            detail = orphan.carrier.encode() + b"\x00" + orphan.carrier_message_id
            commit.batch.facts.append((ADOPTED, 0, now, 0, detail))


def _signal_code(receipt: Receipt) -> int:
    """What a note tells of a receipt: its state, its error and the network_type that goes with that."""
    network_type = receipt.network_error_code[0] if receipt.network_error_code else 0
    return receipt.message_state | _error_code(receipt) << ERROR_SHIFT | network_type << CAUSE_SHIFT


def _error_code(receipt: Receipt) -> int:
    """The receipt's error as a number: network_error_code's if it has one, else its text's if that is one."""
    if receipt.network_error_code:
        return int.from_bytes(receipt.network_error_code[-2:], "big")
    error = receipt.error
    if error == _NO_ERROR or not error.isdigit():
        return 0
    return min(int(error), ERROR_CODE_MAX)
