# A simulated carrier without I/O: PDUs and the time in, PDUs into the sessions' outboxes.
#
#   submit_sm --refused?--> error response
#             --taken-----> Held message --response_s--> submit_sm_resp --receipt_s--> receipt
#
# Every delay is an entry in the schedule, so a thousand messages wait side by side. A receipt goes to any
# session of the account that can take it, in turn; without one it waits, bounded.
"""A simulated carrier (an SMPP 3.4 MC)."""

import random
import uuid
from collections import OrderedDict, deque
from collections.abc import Sequence
from itertools import accumulate
from typing import Final

import attrs

from simulators.profile import CarrierProfile
from simulators.schedule import Schedule
from smpp_router.routing.throttle import TokenBucket
from smpp_router.session.session import Session
from smpp_router.session.timers import TimerLimits
from smpp_router.wire import constants as c
from smpp_router.wire.codec import encode_body, header_only, submit_sm_resp
from smpp_router.wire.pdu import (
    Bind,
    CancelSm,
    DataSm,
    DataSmResp,
    DeliverSm,
    HeaderOnly,
    Pdu,
    QuerySm,
    QuerySmResp,
    ReplaceSm,
    SmeAddress,
    SubmitMulti,
    SubmitMultiResp,
    SubmitSm,
    UnsuccessSme,
)
from smpp_router.wire.receipt import STATES
from smpp_router.wire.receipt_body import receipt_body, without_tlvs
from smpp_router.wire.times import format_absolute, receipt_date

WAITING_MAX: Final = 100_000
"""Receipts kept for an account that is not bound; the oldest goes first."""
ENDED_MAX: Final = 100_000
"""Ended messages that query_sm still finds; the oldest goes first."""
SUBSCRIBER_ERROR: Final = 1
"""network_error_code of a failure, as GSM's unknown subscriber."""

_NO_RECEIPT: Final = 0
BOUND_LIMITS: Final = TimerLimits(session_init_s=30.0, enquire_link_s=60.0, response_s=60.0)


@attrs.define(eq=False)
class Held:
    """A message that the carrier has taken. `message_state` is what it will be, or is once `has_ended`."""

    message_id: bytes
    system_id: str
    addresses: bytes
    registered_delivery: int
    taken_at: float
    message_state: int
    short_message: bytes = b""
    has_ended: bool = False
    ended_at: float = 0.0


@attrs.define(eq=False)
class CarrierCounters:
    """What a simulated carrier has seen."""

    binds: int = 0
    submits: int = 0
    taken: int = 0
    throttled: int = 0
    refused: int = 0
    receipts: int = 0
    receipts_answered: int = 0
    receipts_refused: int = 0
    receipts_dropped: int = 0


class SimulatedCarrier:
    """One carrier with its messages and bound sessions."""

    def __init__(self, profile: CarrierProfile) -> None:
        self.profile = profile
        self.counters = CarrierCounters()
        self.sessions: dict[str, list[Session]] = {}
        self.messages: dict[bytes, Held] = {}
        self._ended: OrderedDict[bytes, Held] = OrderedDict()
        self._rng = random.Random(f"{profile.seed} {profile.name}")
        self._issued = 0
        self._bucket = (
            None
            if profile.throughput_per_s is None
            else TokenBucket(profile.throughput_per_s, max(1.0, profile.throughput_per_s / 10))
        )
        self._responses: Schedule[tuple[Session, bytes]] = Schedule()
        self._endings: Schedule[Held] = Schedule()
        self._waiting: dict[str, deque[bytes]] = {}
        self._turn = 0
        self._throttle_status: int = getattr(c, profile.throttle_status)
        states = [_NO_RECEIPT if stat == "NONE" else STATES[stat.encode()] for stat in profile.outcomes]
        self._outcomes = states
        self._outcome_weights = list(accumulate(profile.outcomes.values()))
        self._errors = [(share, int(getattr(c, name))) for name, share in profile.errors.items()]

    # ------------------------------------------------------------------ binds

    def check(self, bind: Bind) -> int:
        """Return the command_status that a bind deserves."""
        if not self.profile.accounts:
            return c.ESME_ROK
        for account in self.profile.accounts:
            if account.system_id.encode() == bind.system_id:
                is_right = not account.password or account.password.encode() == bind.password
                return c.ESME_ROK if is_right else c.ESME_RINVPASWD
        return c.ESME_RINVSYSID

    def bound(self, session: Session, system_id: str, now: float) -> None:
        """A session has bound: what waits for its account may flow."""
        self.counters.binds += 1
        self.sessions.setdefault(system_id, []).append(session)
        self._pump(system_id, now)

    def lost(self, session: Session, system_id: str, contexts: Sequence[object], now: float) -> None:
        """A session is gone; unanswered receipts go to another one or wait."""
        self.sessions[system_id].remove(session)
        waiting = self._waiting.setdefault(system_id, deque())
        waiting.extendleft(context for context in reversed(contexts) if isinstance(context, bytes))
        self._pump(system_id, now)

    # ------------------------------------------------------------------ PDUs

    def receive(self, session: Session, system_id: str, pdus: Sequence[Pdu], now: float) -> None:
        """Do what one read asks for."""
        answers: list[bytes] = []
        ended: list[Held] = []
        answered = 0
        for pdu in pdus:
            kind = type(pdu)
            if kind is SubmitSm:
                self._submit(session, system_id, pdu, now, answers, ended)  # type: ignore[arg-type]
            elif pdu.command_id & 0x80000000:
                answered += 1
                if pdu.command_status != c.ESME_ROK:
                    self.counters.receipts_refused += 1
            else:
                self._operate(session, system_id, pdu, now)
        if answers:
            session.answer(answers, len(answers))
        self._end(ended, now)
        if answered:
            self.counters.receipts_answered += answered
            self._pump(system_id, now)

    def _submit(
        self,
        session: Session,
        system_id: str,
        pdu: SubmitSm,
        now: float,
        answers: list[bytes],
        ended: list[Held],
    ) -> None:
        status = self._refusal(session, now)
        if status == c.ESME_ROK:
            held = self._take(system_id, pdu, now)
            answer = submit_sm_resp(pdu.sequence_number, held.message_id)
        else:
            held = None
            answer = header_only(c.SUBMIT_SM_RESP, status, pdu.sequence_number)
        delay_s = self.profile.response_s
        if self.profile.response_jitter_s:
            delay_s += self._rng.random() * self.profile.response_jitter_s
        if delay_s:
            self._responses.add(now + delay_s, (session, answer))
        else:
            answers.append(answer)
        if held is not None:
            receipt_s = self.profile.receipt_s
            if self.profile.receipt_jitter_s:
                receipt_s += self._rng.random() * self.profile.receipt_jitter_s
            if delay_s + receipt_s:
                self._endings.add(now + delay_s + receipt_s, held)
            else:
                ended.append(held)

    def _refusal(self, session: Session, now: float) -> int:
        counters = self.counters
        counters.submits += 1
        is_over_window = session.unanswered > self.profile.window_max
        if is_over_window or (self._bucket is not None and not self._bucket.take(1, now)):
            counters.throttled += 1
            return self._throttle_status
        if self._errors:
            chance = self._rng.random()
            for share, status in self._errors:
                if chance < share:
                    counters.refused += 1
                    return status
                chance -= share
        return c.ESME_ROK

    def _take(self, system_id: str, pdu: SubmitSm, now: float) -> Held:
        self.counters.taken += 1
        if len(self._outcomes) == 1:
            state = self._outcomes[0]
        else:
            (state,) = self._rng.choices(self._outcomes, cum_weights=self._outcome_weights)
        body = pdu.body if pdu.body is not None else encode_body(pdu, strict=False)
        start = len(pdu.service_type) + 1
        end = start + 6 + len(pdu.source_addr) + len(pdu.destination_addr)
        held = Held(self._issue(), system_id, body[start:end], pdu.registered_delivery, now, state)
        self.messages[held.message_id] = held
        return held

    def _issue(self) -> bytes:
        self._issued += 1
        style = self.profile.message_ids
        if style == "decimal":
            return b"%d" % (1_000_000_000 + self._issued)
        if style == "hex":
            return b"%X" % (1_000_000_000 + self._issued)
        if style == "padded":
            return b"%020d" % self._issued
        return str(uuid.UUID(int=self._rng.getrandbits(128), version=4)).encode()

    def _spelt_in_receipt(self, message_id: bytes) -> bytes:
        style = self.profile.receipt_ids
        if style == "same" or self.profile.message_ids == "uuid":
            return message_id
        number = int(message_id, 16 if self.profile.message_ids == "hex" else 10)
        return b"%d" % number if style == "decimal" else b"%X" % number

    # ------------------------------------------------------------------ operations

    def _operate(self, session: Session, system_id: str, pdu: Pdu, now: float) -> None:
        if isinstance(pdu, DataSm):
            self._data(session, system_id, pdu, now)
        elif isinstance(pdu, SubmitMulti):
            self._multi(session, system_id, pdu, now)
        elif isinstance(pdu, QuerySm):
            self._query(session, system_id, pdu)
        elif isinstance(pdu, CancelSm):
            self._cancel(session, system_id, pdu, now)
        else:
            assert isinstance(pdu, ReplaceSm), "the session lets nothing else from an ESME through"
            self._replace(session, system_id, pdu)

    def _data(self, session: Session, system_id: str, pdu: DataSm, now: float) -> None:
        status = self._refusal(session, now)
        if status != c.ESME_ROK:
            session.respond(_answer(pdu, status))
            return
        held = self._take(system_id, _as_submit(pdu), now)
        session.respond(DataSmResp(sequence_number=pdu.sequence_number, message_id=held.message_id))
        self._endings.add(now + self.profile.receipt_s, held)

    def _multi(self, session: Session, system_id: str, pdu: SubmitMulti, now: float) -> None:
        taken: list[Held] = []
        failed: list[UnsuccessSme] = []
        for address in pdu.dest_addresses:
            if isinstance(address, SmeAddress):
                taken.append(self._take(system_id, _as_submit(pdu, address), now))
                self._endings.add(now + self.profile.receipt_s, taken[-1])
            else:
                failed.append(UnsuccessSme(0, 0, address.dl_name, c.ESME_RINVDLNAME))
        for held in taken[1:]:
            # One id for all of them (SMPP 3.4 section 4.5.2); queries find the first.
            self.messages.pop(held.message_id)
            held.message_id = taken[0].message_id
        if not taken:
            session.respond(_answer(pdu, c.ESME_RSUBMITFAIL))
            return
        resp = SubmitMultiResp(
            sequence_number=pdu.sequence_number, message_id=taken[0].message_id, unsuccess_sme=tuple(failed)
        )
        session.respond(resp)

    def _query(self, session: Session, system_id: str, pdu: QuerySm) -> None:
        held = self.messages.get(pdu.message_id) or self._ended.get(pdu.message_id)
        if held is None or held.system_id != system_id:
            session.respond(_answer(pdu, c.ESME_RQUERYFAIL))
            return
        state = held.message_state or c.UNKNOWN
        session.respond(
            QuerySmResp(
                sequence_number=pdu.sequence_number,
                message_id=pdu.message_id,
                final_date=format_absolute(held.ended_at) if held.has_ended else b"",
                message_state=state if held.has_ended else c.ENROUTE,
                error_code=SUBSCRIBER_ERROR if held.has_ended and state != c.DELIVERED else 0,
            )
        )

    def _cancel(self, session: Session, system_id: str, pdu: CancelSm, now: float) -> None:
        held = self.messages.get(pdu.message_id)
        if held is None or held.system_id != system_id:
            is_ended = pdu.message_id in self._ended
            session.respond(_answer(pdu, c.ESME_RCANCELFAIL if is_ended else c.ESME_RINVMSGID))
            return
        held.message_state = c.DELETED
        session.respond(_answer(pdu, c.ESME_ROK))
        self._end([held], now)

    def _replace(self, session: Session, system_id: str, pdu: ReplaceSm) -> None:
        held = self.messages.get(pdu.message_id)
        if held is None or held.system_id != system_id:
            is_ended = pdu.message_id in self._ended
            session.respond(_answer(pdu, c.ESME_RREPLACEFAIL if is_ended else c.ESME_RINVMSGID))
            return
        held.short_message = pdu.short_message
        held.registered_delivery = pdu.registered_delivery
        session.respond(_answer(pdu, c.ESME_ROK))

    # ------------------------------------------------------------------ time, ends and receipts

    def tick(self, now: float) -> None:
        """Send responses and receipts that are due."""
        due = self._responses.due(now)
        by_session: dict[Session, list[bytes]] = {}
        for session, answer in due:
            by_session.setdefault(session, []).append(answer)
        for session, answers in by_session.items():
            session.answer(answers, len(answers))
        self._end(self._endings.due(now), now)

    @property
    def is_idle(self) -> bool:
        """Whether nothing is scheduled."""
        return not self._responses and not self._endings

    def _end(self, ended: list[Held], now: float) -> None:
        touched: set[str] = set()
        for held in ended:
            if held.has_ended:
                continue
            held.has_ended = True
            held.ended_at = now
            self.messages.pop(held.message_id, None)
            self._ended[held.message_id] = held
            if self._is_wanted(held):
                self._waiting.setdefault(held.system_id, deque()).append(self._receipt(held, now))
                touched.add(held.system_id)
        while len(self._ended) > ENDED_MAX:
            self._ended.popitem(last=False)
        for system_id in touched:
            self._pump(system_id, now)

    def _is_wanted(self, held: Held) -> bool:
        asked = held.registered_delivery & 0x03
        if held.message_state == _NO_RECEIPT or asked == 0:
            return False
        return asked == 1 or (asked == 2) == (held.message_state != c.DELIVERED)

    def _receipt(self, held: Held, now: float) -> bytes:
        return receipt_body(
            self._spelt_in_receipt(held.message_id),
            held.addresses,
            receipt_date(held.taken_at),
            receipt_date(now),
            held.message_state,
            0 if held.message_state == c.DELIVERED else SUBSCRIBER_ERROR,
        )

    def inject(self, system_id: str, pdu: DeliverSm, now: float) -> None:
        """Send a mobile-originated message to an account."""
        self._waiting.setdefault(system_id, deque()).append(encode_body(pdu))
        self._pump(system_id, now)

    def retry(self, system_id: str, contexts: Sequence[object], now: float) -> None:
        """Receipts that were not answered in time go out again."""
        self._waiting.setdefault(system_id, deque()).extend(x for x in contexts if isinstance(x, bytes))
        self._pump(system_id, now)

    def _pump(self, system_id: str, now: float) -> None:
        waiting = self._waiting.get(system_id)
        sessions = self.sessions.get(system_id, [])
        for offset in range(len(sessions)):
            if not waiting:
                return
            session = sessions[(self._turn + offset) % len(sessions)]
            room = session.window.room
            if room <= 0 or not session.can_deliver:
                continue
            bodies = [waiting.popleft() for _ in range(min(room, len(waiting)))]
            sent = bodies if session.speaks_tlvs else [without_tlvs(body) for body in bodies]
            session.request_bodies(c.DELIVER_SM, sent, bodies, now)
            self.counters.receipts += len(bodies)
        self._turn += 1
        while waiting and len(waiting) > WAITING_MAX:
            waiting.popleft()
            self.counters.receipts_dropped += 1


def _answer(pdu: Pdu, status: int) -> HeaderOnly:
    return HeaderOnly(
        command_id=pdu.command_id | 0x80000000, sequence_number=pdu.sequence_number, command_status=status
    )


def _as_submit(pdu: DataSm | SubmitMulti, address: SmeAddress | None = None) -> SubmitSm:
    """Make the submit_sm that says the same, for one destination."""
    submit = SubmitSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        registered_delivery=pdu.registered_delivery,
    )
    if address is not None:
        submit.destination_addr = address.destination_addr
    elif isinstance(pdu, DataSm):
        submit.destination_addr = pdu.destination_addr
    return submit
