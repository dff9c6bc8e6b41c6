# A simulated carrier without I/O: PDUs and the time in, PDUs into the sessions' outboxes.
#
#   submit_sm --refused?--> error response
#             --taken-----> Held --response_s--> submit_sm_resp --receipt_s--> final state, receipt
#
# Rule 1: no delay holds up another: each is an entry in a schedule, so a thousand messages wait side by side.
# Rule 2: what is due at once is done in the same pass over what one read brought.
# Rule 3: a message that was taken ends exactly once: when it is due, or by cancel_sm. What was scheduled for
#         a message that has ended, or whose end was moved, is passed over.
#
# How long, which outcome and whether it is refused is behaviour.py's; ids are message_ids.py's.
"""A simulated carrier (an SMPP 3.4 MC)."""

import math
import random
from collections.abc import Sequence
from typing import Final

import attrs

from simulators.behaviour import SILENT, Behaviour
from simulators.deliveries import Deliveries, Delivery
from simulators.message_ids import MessageIds
from simulators.messages import Held, Messages
from simulators.operations import answer, cancel, query, replace
from simulators.profile import CarrierProfile
from simulators.schedule import Schedule
from simulators.times import Times, times_of
from smpp_router.routing.throttle import TokenBucket
from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, encode_body, header_only, submit_sm_resp
from smpp_router.wire.pdu import (
    Bind,
    CancelSm,
    DataSm,
    DataSmResp,
    DeliverSm,
    Pdu,
    QuerySm,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    UnsuccessSme,
)
from smpp_router.wire.receipt_body import INTERMEDIATE, receipt_body, without_tlvs
from smpp_router.wire.times import receipt_date

ACCOUNTS_MAX: Final = 1_000
"""Accounts of a carrier that lets anybody bind; one more is refused with ESME_RBINDFAIL."""
BURST_S: Final = 0.1
"""Seconds' worth of the throughput that may come at once."""

_RESPONSE_BIT: Final = 0x80000000
_RECEIPT_BITS: Final = 0x03
_INTERMEDIATE_BIT: Final = 0x10
"""Of registered_delivery (SMPP 3.4 section 5.2.17)."""
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


@attrs.define(eq=False)
class _Pass:
    """What one read of one session brought about, so far. `under_way` are its unanswered requests."""

    session: Session
    system_id: str
    now: float
    under_way: int
    answers: list[bytes] = attrs.Factory(list[bytes])
    ended: list[Held] = attrs.Factory(list[Held])


class SimulatedCarrier:
    """One carrier with its messages and bound sessions."""

    def __init__(self, profile: CarrierProfile) -> None:
        self.profile = profile
        self.counters = CarrierCounters()
        self.messages = Messages()
        self.accounts: dict[str, Deliveries] = {}
        rng = random.Random(f"{profile.seed} {profile.name}")
        self.ids = MessageIds(profile.message_ids, profile.receipt_ids, rng)
        self._behaviour = Behaviour(profile, rng)
        rate_per_s = profile.throughput_per_s
        self._bucket = None if rate_per_s is None else TokenBucket(rate_per_s, max(1.0, rate_per_s * BURST_S))
        self._throttle_status: int = getattr(c, profile.throttle_status)
        self._responses: Schedule[tuple[Session, bytes]] = Schedule()
        self._intermediates: Schedule[Held] = Schedule()
        self._endings: Schedule[Held] = Schedule()
        self._retries: Schedule[tuple[str, Delivery]] = Schedule()

    @property
    def is_idle(self) -> bool:
        """Whether nothing is scheduled."""
        return not (self._responses or self._endings or self._retries or self._intermediates)

    def next_at(self) -> float:
        """Return when tick() has something to do next; math.inf if nothing is scheduled."""
        return min(
            self._responses.next_at(),
            self._endings.next_at(),
            self._retries.next_at(),
            self._intermediates.next_at(),
        )

    def statistics(self) -> dict[str, int]:
        """Return what it has seen so far, and what it holds."""
        accounts = self.accounts.values()
        return {
            **attrs.asdict(self.counters),
            "distinct_ids": self.ids.issued,
            "deliveries_sent": sum(account.sent for account in accounts),
            "deliveries_dropped": self.counters.deliveries_dropped + sum(x.dropped for x in accounts),
            "deliveries_waiting": sum(map(len, accounts)),
            "under_way": len(self.messages),
        }

    # ------------------------------------------------------------------ binds

    def check(self, bind: Bind) -> int:
        """Return the command_status that a bind deserves."""
        system_id = bind.system_id.decode("latin-1")
        accounts = self.profile.accounts
        if not accounts:
            is_room = system_id in self.accounts or len(self.accounts) < ACCOUNTS_MAX
            return c.ESME_ROK if is_room else c.ESME_RBINDFAIL
        for account in accounts:
            if account.system_id == system_id:
                if account.password and account.password.encode() != bind.password:
                    return c.ESME_RINVPASWD
                deliveries = self.accounts.get(system_id)
                is_full = deliveries is not None and len(deliveries.sessions) >= account.binds_max
                return c.ESME_RALYBND if is_full else c.ESME_ROK
        return c.ESME_RINVSYSID

    def bound(self, session: Session, system_id: str, now: float) -> None:
        """A session has bound: what waits for its account may flow."""
        self.counters.binds += 1
        self._account(system_id).bound(session, now)

    def lost(self, session: Session, system_id: str, contexts: Sequence[object], now: float) -> None:
        """A session is gone; what it has not answered goes to another one or waits."""
        self._account(system_id).lost(session, contexts, now)

    def _account(self, system_id: str) -> Deliveries:
        deliveries = self.accounts.get(system_id)
        if deliveries is None:
            deliveries = self.accounts[system_id] = Deliveries()
        return deliveries

    # ------------------------------------------------------------------ what a read brought

    def receive(self, session: Session, system_id: str, pdus: Sequence[Pdu], now: float) -> None:
        """Do what one read asks for."""
        requests = sum([not pdu.command_id & _RESPONSE_BIT for pdu in pdus])
        this = _Pass(session, system_id, now, session.unanswered - requests)
        for pdu in pdus:
            if type(pdu) is SubmitSm:
                self._submit(this, pdu)
            elif pdu.command_id & _RESPONSE_BIT:
                if pdu.command_status != c.ESME_ROK:
                    self._refused(system_id, pdu, now)
            else:
                self._operate(this, pdu)
        if this.answers:
            session.answer(this.answers, len(this.answers))
        self._end(this.ended, now)
        if requests < len(pdus):
            self.counters.deliveries_answered += len(pdus) - requests
            self._account(system_id).pump(now)

    def _submit(self, this: _Pass, pdu: SubmitSm) -> None:
        status = self._refusal(this, 1)
        delay_s = self._behaviour.response_delay_s()
        held = None
        if status == c.ESME_ROK:
            # A value for the two times is made only where one of them is given: hardly ever.
            if pdu.schedule_delivery_time or pdu.validity_period:
                times = times_of(pdu.schedule_delivery_time, pdu.validity_period, this.now)
                if isinstance(times, Times):
                    held = self._take(this, pdu, times.starts_at, times.expires_at, delay_s)
                else:
                    status = times
                    self.counters.refused += 1
            else:
                held = self._take(this, pdu, this.now, math.inf, delay_s)
        if held is None:
            encoded = header_only(c.SUBMIT_SM_RESP, status, pdu.sequence_number)
        else:
            encoded = submit_sm_resp(pdu.sequence_number, held.message_id)
        self._answer(this, encoded, delay_s)

    def _refusal(self, this: _Pass, count: int) -> int:
        """Return why the carrier does not take `count` messages more, ESME_ROK if it does."""
        counters = self.counters
        counters.submits += count
        if this.under_way >= self.profile.window_max or (
            self._bucket is not None and not self._bucket.take(count, this.now)
        ):
            counters.throttled += count
            return self._throttle_status
        status = c.ESME_RMSGQFUL if self.messages.is_full else self._behaviour.refusal()
        if status != c.ESME_ROK:
            counters.refused += count
        return status

    def _take(
        self, this: _Pass, pdu: SubmitSm, starts_at: float, expires_at: float, response_s: float
    ) -> Held:
        """Make a message of a submit_sm and schedule its end."""
        body = pdu.body if pdu.body is not None else encode_body(pdu, strict=False)
        start = len(pdu.service_type) + 1
        end = start + 6 + len(pdu.source_addr) + len(pdu.destination_addr)
        outcome, error_code = self._behaviour.outcome()
        held = Held(
            self.ids.issue(),
            this.system_id,
            pdu.service_type,
            body[start:end],
            pdu.registered_delivery,
            pdu.short_message,
            this.now,
            starts_at + response_s + self._behaviour.receipt_delay_s(),
            outcome,
            error_code,
            expires_at,
        )
        held.heed_validity()
        self.counters.messages += 1
        self.messages.add(held)
        if held.ends_at <= this.now:
            this.ended.append(held)
        else:
            self._endings.add(held.ends_at, held)
            if held.registered_delivery & _INTERMEDIATE_BIT:
                self._intermediates.add((this.now + response_s + held.ends_at) / 2, held)
        return held

    def _answer(self, this: _Pass, encoded: bytes, delay_s: float) -> None:
        if delay_s:
            this.under_way += 1
            self._responses.add(this.now + delay_s, (this.session, encoded))
        else:
            this.answers.append(encoded)

    # ------------------------------------------------------------------ the other operations

    def _operate(self, this: _Pass, pdu: Pdu) -> None:
        delay_s = self._behaviour.response_delay_s()
        if isinstance(pdu, DataSm):
            resp = self._data(this, pdu, delay_s)
        elif isinstance(pdu, SubmitMulti):
            resp = self._multi(this, pdu, delay_s)
        elif isinstance(pdu, QuerySm):
            resp = query(self.messages, pdu, this.system_id)
        elif isinstance(pdu, CancelSm):
            resp, cancelled = cancel(self.messages, pdu, this.system_id)
            for held in cancelled:
                held.outcome, held.error_code, held.ends_at = c.DELETED, 0, this.now
            this.ended += cancelled
        else:
            assert isinstance(pdu, ReplaceSm), "the session lets nothing else from an ESME through"
            resp, moved = replace(self.messages, pdu, this.system_id, this.now)
            if moved is not None:
                self._endings.add(moved.ends_at, moved)
        self._answer(this, encode(resp, strict=False), delay_s)

    def _data(self, this: _Pass, pdu: DataSm, delay_s: float) -> Pdu:
        status = self._refusal(this, 1)
        if status != c.ESME_ROK:
            return answer(pdu, status)
        submit = _as_submit(pdu, SmeAddress(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr), b"")
        held = self._take(this, submit, this.now, math.inf, delay_s)
        return DataSmResp(sequence_number=pdu.sequence_number, message_id=held.message_id)

    def _multi(self, this: _Pass, pdu: SubmitMulti, delay_s: float) -> Pdu:
        status = self._refusal(this, len(pdu.dest_addresses))
        if status != c.ESME_ROK:
            return answer(pdu, status)
        times = times_of(pdu.schedule_delivery_time, pdu.validity_period, this.now)
        if not isinstance(times, Times):
            return answer(pdu, times)
        taken: list[Held] = []
        failed: list[UnsuccessSme] = []
        for address in pdu.dest_addresses:
            if isinstance(address, SmeAddress):
                submit = _as_submit(pdu, address, pdu.short_message)
                taken.append(self._take(this, submit, times.starts_at, times.expires_at, delay_s))
            else:
                # This carrier keeps no distribution lists.
                failed.append(UnsuccessSme(0, 0, address.dl_name, c.ESME_RINVDLNAME))
        for held in taken[1:]:
            self.messages.forget(held)
            held.message_id = taken[0].message_id
        if taken:
            taken[0].others = tuple(taken[1:])
        return SubmitMultiResp(
            sequence_number=pdu.sequence_number,
            command_status=c.ESME_ROK if taken else c.ESME_RSUBMITFAIL,
            message_id=taken[0].message_id if taken else b"",
            unsuccess_sme=tuple(failed),
        )

    # ------------------------------------------------------------------ time, ends and receipts

    def tick(self, now: float) -> None:
        """Do what is due."""
        by_session: dict[Session, list[bytes]] = {}
        for session, encoded in self._responses.due(now):
            by_session.setdefault(session, []).append(encoded)
        for session, answers in by_session.items():
            session.answer(answers, len(answers))
        for held in self._intermediates.due(now):
            if not held.has_ended:
                self.counters.intermediates += 1
                body = self._receipt(held, c.ENROUTE, now, INTERMEDIATE)
                self._account(held.system_id).add([Delivery(body)], now)
        self._end(self._endings.due(now), now)
        for system_id, delivery in self._retries.due(now):
            self._account(system_id).add([delivery], now)

    def _end(self, ended: list[Held], now: float) -> None:
        receipts: dict[str, list[Delivery]] = {}
        for held in ended:
            if held.has_ended or held.ends_at > now:
                continue
            self.messages.end(held, held.outcome, now)
            if _wants_receipt(held):
                receipts.setdefault(held.system_id, []).append(
                    Delivery(self._receipt(held, held.outcome, now))
                )
        for system_id, deliveries in receipts.items():
            self.counters.receipts += len(deliveries)
            self._account(system_id).add(deliveries, now)

    def _receipt(self, held: Held, message_state: int, now: float, esm_class: int = 0x04) -> bytes:
        body = receipt_body(
            self.ids.in_receipt(held.message_id),
            held.addresses,
            receipt_date(held.taken_at),
            receipt_date(now),
            message_state,
            0 if message_state == c.ENROUTE else held.error_code,
            esm_class,
        )
        return body if self.profile.receipt_tlvs else without_tlvs(body)

    def inject(self, system_id: str, pdu: DeliverSm, now: float) -> None:
        """Send a mobile-originated message to an account. Raises ValueError if a field is over-long."""
        self._account(system_id).add([Delivery(encode_body(pdu))], now)

    def _refused(self, system_id: str, resp: Pdu, now: float) -> None:
        """Have a deliver_sm that was answered with an error go out again, unless it is refused for good."""
        delivery = resp.request
        assert isinstance(delivery, Delivery)
        self.counters.deliveries_failed += 1
        if resp.command_status in _REFUSED_FOR_GOOD:
            self.counters.deliveries_dropped += 1
        else:
            self._again(system_id, delivery, now + self.profile.deliver_retry_s)

    def expired(self, system_id: str, contexts: Sequence[object], now: float) -> None:
        """Have what a session did not answer in time go out again."""
        for context in contexts:
            if isinstance(context, Delivery):
                self.counters.deliveries_failed += 1
                self._again(system_id, context, now)

    def _again(self, system_id: str, delivery: Delivery, at: float) -> None:
        delivery.failures += 1
        if delivery.failures >= self.profile.deliver_attempts_max:
            self.counters.deliveries_dropped += 1
        else:
            self._retries.add(at, (system_id, delivery))


def _wants_receipt(held: Held) -> bool:
    """Heed registered_delivery: 1 always, 2 on failure, and as SMPP 5.0 has it 3 on success."""
    asked = held.registered_delivery & _RECEIPT_BITS
    if asked == 0 or held.outcome == SILENT:
        return False
    return asked == 1 or (asked == 3) == (held.outcome == c.DELIVERED)


def _as_submit(pdu: DataSm | SubmitMulti, address: SmeAddress, short_message: bytes) -> SubmitSm:
    """Make the submit_sm that says the same, for one destination."""
    return SubmitSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=address.dest_addr_ton,
        dest_addr_npi=address.dest_addr_npi,
        destination_addr=address.destination_addr,
        registered_delivery=pdu.registered_delivery,
        short_message=short_message,
    )
