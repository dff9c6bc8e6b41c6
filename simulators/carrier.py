# A simulated carrier without I/O: PDUs and the time in, PDUs into the sessions' outboxes.
#
#   submit_sm --refused?--> error response
#             --taken-----> Held --response_s--> submit_sm_resp --receipt_s--> final state, receipt
#
# Rule 1: no delay holds up another: each is an entry in a schedule, so a thousand messages wait side by side.
# Rule 2: what is due at once is done in the same pass over what one read brought.
# Rule 3: what happens is decided elsewhere (behaviour.py, fates.py, limits.py), and so is how it is said
#         (message_ids.py, receipt_writer.py), when (responses.py, endings.py) and how sent (sending.py). Here
#         is what leads from one to the other.
"""A simulated carrier (an SMPP 3.4 MC)."""

import math
import random
from collections import deque
from collections.abc import Sequence

import attrs

from simulators.arrivals import Arrival
from simulators.behaviour import Behaviour
from simulators.binds import bind_problem
from simulators.deliveries import Deliveries, Delivery
from simulators.dialect import bind_status, refusal_octets
from simulators.endings import Endings
from simulators.fates import Fate, Fates, is_fateful
from simulators.interception import Interceptor
from simulators.limits import DISCONNECT, Limits
from simulators.message_ids import MessageIds
from simulators.messages import Held, Messages
from simulators.on_air import OnAir
from simulators.operations import answer, cancel, present, query, replace
from simulators.passing import Pass
from simulators.profile import CarrierProfile
from simulators.radio import Radio
from simulators.responses import Responses
from simulators.sending import CarrierCounters, Sending
from simulators.taking import destinations, response_to, unsendable, unsuccess
from simulators.times import Times, times_of
from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode, encode_body, submit_sm_resp
from smpp_router.wire.kindred import submit_sm_of
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import (
    Bind,
    CancelSm,
    DataSm,
    DeliverSm,
    Pdu,
    QuerySm,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitSm,
    UnsuccessSme,
)


class SimulatedCarrier:
    """One carrier with its messages and bound sessions."""

    def __init__(self, profile: CarrierProfile, network: Radio | None = None) -> None:
        self.profile = profile
        self.messages = Messages()
        self.arrivals: deque[Arrival] = deque(maxlen=profile.keep_arrivals)
        rng = random.Random(f"{profile.seed} {profile.name}")
        self._chances = {"": rng}
        self.ids = MessageIds(profile.message_ids, profile.receipt_ids, rng)
        self.interceptor: Interceptor | None = None
        self.sending = Sending(profile, self.ids)
        self._on_air = None if network is None else OnAir(network, self.sending)
        self._responses = Responses(self._chance)
        self._endings = Endings(self.messages, self.sending, self._on_air)
        self._configure(profile)

    def _chance(self, concern: str) -> random.Random:
        """Return the chance of one concern: what one draws does not change what another does."""
        rng = self._chances.get(concern)
        if rng is None:
            profile = self.profile
            rng = self._chances[concern] = random.Random(f"{profile.seed} {profile.name} {concern}")
        return rng

    def _configure(self, profile: CarrierProfile) -> None:
        self._behaviour = Behaviour(profile, self._chance(""))
        self._limits = Limits.of(profile)
        if profile.interception is None:
            self.interceptor = None
        elif self.interceptor is None:
            self.interceptor = Interceptor(profile.interception, self._chance("complaints"))
        else:
            self.interceptor.configure(profile.interception)
        self._fates = (
            Fates(profile, self._behaviour, self._chance, self.interceptor) if is_fateful(profile) else None
        )
        self.sending.configure(profile)

    @property
    def accounts(self) -> dict[str, Deliveries]:
        """What each account is sent, by system_id."""
        return self.sending.accounts

    @property
    def counters(self) -> CarrierCounters:
        """What it has seen; may be set to begin counting anew."""
        return self.sending.counters

    @counters.setter
    def counters(self, counters: CarrierCounters) -> None:
        self.sending.counters = counters

    def change(self, profile: CarrierProfile, now: float) -> None:
        """Go by another profile from `now` on; what is scheduled comes as it was."""
        before, self.profile = self.profile, profile
        if profile.keep_arrivals != before.keep_arrivals:
            self.arrivals = deque(self.arrivals, maxlen=profile.keep_arrivals)
        self.ids.configure(profile.message_ids, profile.receipt_ids)
        bucket = self._limits.bucket
        self._configure(profile)
        if profile.throughput_per_s == before.throughput_per_s:
            self._limits.bucket = bucket
        self.tick(now)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is scheduled."""
        return self.next_at() == math.inf

    def next_at(self) -> float:
        """Return when tick() has something to do next; math.inf if nothing is scheduled."""
        return min(self._responses.next_at(), self._endings.next_at(), self.sending.next_at())

    def statistics(self) -> dict[str, int]:
        """Return what it has seen so far, and what it holds."""
        accounts = self.accounts.values()
        return {
            **attrs.asdict(self.counters),
            **({} if self.interceptor is None else self.interceptor.counters),
            "distinct_ids": self.ids.issued,
            "deliveries_sent": sum(account.sent for account in accounts),
            "deliveries_dropped": self.counters.deliveries_dropped + sum(x.dropped for x in accounts),
            "deliveries_waiting": sum(map(len, accounts)),
            "under_way": len(self.messages),
        }

    # ------------------------------------------------------------------ binds

    def check(self, bind: Bind) -> int:
        """Return the command_status that a bind deserves."""
        problem = bind_problem(self.profile, self.accounts, bind)
        return bind_status(self.profile.dialect, problem) if problem else c.ESME_ROK

    def bound(self, session: Session, system_id: str, now: float) -> None:
        """A session has bound: what waits for its account may flow."""
        self.sending.counters.binds += 1
        self.sending.account(system_id).bound(session, now)

    def lost(self, session: Session, system_id: str, contexts: Sequence[object], now: float) -> None:
        """A session is gone; what it has not answered goes to another one or waits."""
        self._responses.lost(session)
        self.sending.account(system_id).lost(session, contexts, now)

    def inject(self, system_id: str, pdu: DeliverSm, now: float) -> None:
        """Send a mobile-originated message to an account. Raises ValueError if a field is over-long."""
        body = encode_body(pdu)
        if self.interceptor is not None:
            text = text_of(pdu, self.profile.dialect.default_alphabet)
            self.interceptor.answered(pdu.destination_addr, text, now)
        self.sending.account(system_id).add([Delivery(body)], now)

    def expired(self, system_id: str, contexts: Sequence[object], now: float) -> None:
        """Have what a session did not answer in time go out again."""
        self.sending.expired(system_id, contexts, now)

    # ------------------------------------------------------------------ what a read brought

    def receive(self, session: Session, system_id: str, pdus: Sequence[Pdu], now: float) -> None:
        """Do what one read asks for."""
        requests = sum([not pdu.command_id & c.RESPONSE_BIT for pdu in pdus])
        order = self._responses.order(session, self.profile.dialect.response_order)
        this = Pass(session, system_id, now, session.unanswered - requests, order)
        for pdu in pdus:
            if type(pdu) is SubmitSm:
                self._submit(this, pdu)
            elif pdu.command_id & c.RESPONSE_BIT:
                if pdu.command_status != c.ESME_ROK:
                    self.sending.refused(system_id, pdu, now)
            else:
                self._operate(this, pdu)
        self._responses.leave(this)
        self._endings.end(this.ended, self.interceptor, now)
        if requests < len(pdus):
            self.counters.deliveries_answered += len(pdus) - requests
            self.sending.account(system_id).pump(now)

    def _submit(self, this: Pass, pdu: SubmitSm) -> None:
        reaction = self._reaction(this, 1)
        fate = None
        if reaction:
            status, delay_s = reaction, self._behaviour.response_delay_s(this.now)
        elif self._fates is None:
            status = unsendable(pdu) or self._behaviour.refusal()
            delay_s = self._behaviour.response_delay_s(this.now)
        else:
            fate = self._fates.of(pdu, this.now)
            status, delay_s = unsendable(pdu) or fate.status, fate.response_s
        is_withheld = status < 0 or (fate is not None and not fate.is_answered)
        if this.order is not None and not is_withheld:
            delay_s = this.order.delay_s(delay_s, this.now)
        held = None
        if status == c.ESME_ROK:
            # A value for the two times is made only where one of them is given: hardly ever.
            if pdu.schedule_delivery_time or pdu.validity_period:
                times = times_of(pdu.schedule_delivery_time, pdu.validity_period, this.now)
                if isinstance(times, Times):
                    held = self._take(this, pdu, times, delay_s, fate)
                else:
                    status = times
            else:
                held = self._take(this, pdu, None, delay_s, fate)
        if held is None and not reaction:
            self.counters.refused += 1
        if self.profile.keep_arrivals:
            self._arrived(this, pdu, held, status)
        if is_withheld:
            encoded = b""
        elif held is not None:
            encoded = submit_sm_resp(pdu.sequence_number, held.message_id)
        else:
            encoded = refusal_octets(self.profile.dialect, c.SUBMIT_SM, pdu.sequence_number, status)
        self._answer(this, encoded, delay_s)

    def _arrived(self, this: Pass, pdu: Pdu, held: Held | None, status: int) -> None:
        message_id = b"" if held is None else held.message_id
        self.arrivals.append(Arrival(this.now, this.system_id, pdu, message_id, max(status, 0)))

    def _reaction(self, this: Pass, count: int) -> int:
        """Return why `count` messages are too many, ESME_ROK if they are not."""
        counters = self.counters
        counters.submits += count
        limits = self._limits
        reaction = limits.reaction(this.under_way, count, this.now)
        if reaction:
            counters.throttled += count
            if reaction == DISCONNECT:
                counters.disconnects += 1
                this.session.close("throttled")
        elif len(self.messages) >= limits.queue_capacity:
            counters.refused += count
            return c.ESME_RMSGQFUL
        return reaction

    def _take(
        self, this: Pass, pdu: SubmitSm, times: Times | None, response_s: float, fate: Fate | None
    ) -> Held:
        """Make a message of a submit_sm and schedule its end."""
        if pdu.replace_if_present_flag:
            self._endings.delete(this, present(self.messages, this.system_id, pdu))
        body = pdu.body if pdu.body is not None else encode_body(pdu, strict=False)
        start = len(pdu.service_type) + 1
        end = start + 6 + len(pdu.source_addr) + len(pdu.destination_addr)
        if fate is None:
            outcome, error_code = self._behaviour.outcome()
            receipt_s = self._behaviour.receipt_delay_s(this.now)
        else:
            outcome, error_code, receipt_s = fate.outcome, fate.error_code, fate.receipt_s
        held = Held(
            self.ids.issue(),
            this.system_id,
            pdu.service_type,
            body[start:end],
            pdu.registered_delivery,
            pdu.short_message,
            this.now,
            (this.now if times is None else times.starts_at) + response_s + receipt_s,
            outcome,
            error_code,
        )
        held.data_coding = pdu.data_coding
        held.fate = fate
        self.counters.messages += 1
        self.messages.add(held)
        if self._on_air is not None and (fate is None or not fate.is_decided):
            # On its way when it has been answered, or before if its receipt is to be early.
            waits_s = response_s if receipt_s >= 0.0 else 0.0
            self._on_air.send(held, pdu, (times or Times(this.now)).later(waits_s), self.profile, this.now)
            return held
        if times is not None:
            held.expires_at = times.expires_at
            held.heed_validity()
        self._endings.add(this, held, response_s)
        return held

    def _answer(self, this: Pass, encoded: bytes, delay_s: float) -> None:
        """Send a response after its delay; empty: it is withheld, and nobody waits for it."""
        if encoded:
            self._responses.add(this, encoded, delay_s)
        else:
            self.counters.responses_withheld += 1
            self._responses.withhold(this)

    # ------------------------------------------------------------------ the other operations

    def _operate(self, this: Pass, pdu: Pdu) -> None:
        if isinstance(pdu, (DataSm, SubmitMulti)):
            self._submit_other(this, pdu)
            return
        delay_s = self._behaviour.response_delay_s(this.now)
        if isinstance(pdu, QuerySm):
            resp = query(self.messages, pdu, this.system_id)
        elif isinstance(pdu, CancelSm):
            resp, cancelled = cancel(self.messages, pdu, this.system_id)
            if not self._endings.delete(this, cancelled) and cancelled:
                resp = answer(pdu, c.ESME_RCANCELFAIL)
        else:
            assert isinstance(pdu, ReplaceSm), "the session lets nothing else from an ESME through"
            resp, moved = replace(self.messages, pdu, this.system_id, this.now)
            is_found = resp.command_status == c.ESME_ROK
            held = self.messages.find(pdu.message_id, this.system_id) if is_found else None
            if held is not None and not self._endings.replace(held, moved is not None, this.now):
                resp = answer(pdu, c.ESME_RREPLACEFAIL)
        if this.order is not None:
            delay_s = this.order.delay_s(delay_s, this.now)
        self._answer(this, encode(resp, strict=False), delay_s)

    def _submit_other(self, this: Pass, pdu: DataSm | SubmitMulti) -> None:
        """Take a data_sm, or a submit_multi as a message for each of its destinations."""
        if isinstance(pdu, DataSm):
            address = SmeAddress(pdu.dest_addr_ton, pdu.dest_addr_npi, pdu.destination_addr)
            addresses, failed = [address], list[UnsuccessSme]()
        else:
            addresses, failed = destinations(pdu, self.profile.distribution_lists)
        times: Times | int = Times(this.now)
        status = self._reaction(this, len(addresses) + len(failed))
        delay_s = self._behaviour.response_delay_s(this.now)
        if not status and not addresses and not failed:
            status = c.ESME_RINVNUMDESTS
        if not status and isinstance(pdu, SubmitMulti):
            times = times_of(pdu.schedule_delivery_time, pdu.validity_period, this.now)
            status = 0 if isinstance(times, Times) else times
        taken: list[Held] = []
        if not status and isinstance(times, Times):
            fates = [self._fate(submit_sm_of(pdu, address), delay_s, this.now) for address in addresses]
            is_withheld = any(not fate.is_answered for fate in fates)
            delay_s = max([delay_s, *(fate.response_s for fate in fates)])
            if this.order is not None and not is_withheld:
                delay_s = this.order.delay_s(delay_s, this.now)
            for address, fate in zip(addresses, fates, strict=True):
                if fate.status:
                    failed.append(unsuccess(address, fate.status))
                    status = fate.status
                else:
                    taken.append(self._take(this, submit_sm_of(pdu, address), times, delay_s, fate))
            self.counters.refused += len(addresses) - len(taken)
        else:
            is_withheld = status < 0
        if self.profile.keep_arrivals:
            self._arrived(this, pdu, taken[0] if taken else None, c.ESME_ROK if taken else status)
        resp = response_to(pdu, self.messages.unite(taken), failed, status)
        self._answer(this, b"" if is_withheld else encode(resp, strict=False), delay_s)

    def _fate(self, submit: SubmitSm, response_s: float, now: float) -> Fate:
        if self._fates is not None:
            fate = self._fates.of(submit, now)
            return attrs.evolve(fate, status=unsendable(submit) or fate.status)
        behaviour = self._behaviour
        outcome, error_code = behaviour.outcome()
        status = unsendable(submit) or behaviour.refusal()
        return Fate(status, response_s, behaviour.receipt_delay_s(now), outcome, error_code)

    # ------------------------------------------------------------------ time

    def tick(self, now: float) -> None:
        """Do what is due."""
        self._responses.tick(now)
        self._endings.tick(self.profile, self.interceptor, now)
        self.sending.tick(now)
