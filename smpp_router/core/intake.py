# From submit_sm to admitted message: one pass over what one read brought.
#
# Order of refusal, each with its own command_status: window and throughput of the account, room in the
# router, the PDU's own fields, a way to its destination. What passes all of it is staged for the commit with
# its submit_sm_resp beside it, which goes out when the commit is durable.
"""Admission of submit_sm (SMPP 3.4 section 4.4)."""

from collections.abc import Sequence
from typing import Final

import attrs

from smpp_router.config import ClassConfig
from smpp_router.core.accounts import Account
from smpp_router.core.alphabets import ROUTER_ALPHABET, translated
from smpp_router.core.commit import Commit
from smpp_router.core.flight import Flight
from smpp_router.core.message_ids import MessageIdIssuer
from smpp_router.core.refusals import Refusal
from smpp_router.core.refusals import refused as refusal_resp
from smpp_router.core.required_marks import RequiredMarks
from smpp_router.core.screening import Screening
from smpp_router.core.tracker import Tracker
from smpp_router.message.message import Message
from smpp_router.routing.router import Router
from smpp_router.session.session import Session
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.addresses import number_digits
from smpp_router.wire.codec import encode_body, header_only, submit_sm_resp
from smpp_router.wire.layouts import SHORT_MESSAGE_OCTETS_MAX
from smpp_router.wire.limits import overlong, with_defaults
from smpp_router.wire.multipart import part_of
from smpp_router.wire.pdu import ReplaceSm, SubmitSm
from smpp_router.wire.times import parse_time

PART_OCTETS: Final = 134
"""What one part of a long message carries beside an 8-bit UDH: the measure of a message_payload."""

SCHEDULE_MAX_S: Final = 366 * 86_400.0
"""A schedule_delivery_time further off than a year is a mistake, and would stay in memory until then."""

RECEIPT_ON_FINAL: Final = 0x01
"""registered_delivery: receipt on success and failure (SMPP 3.4 section 5.2.17)."""


@attrs.define(eq=False)
class Intake:
    """Turns submit_sm into admitted messages."""

    flight: Flight
    issuer: MessageIdIssuer
    router: Router
    classes: dict[str, ClassConfig]
    in_flight_max: int
    tracker: Tracker
    screening: Screening | None = None
    marks: dict[str, RequiredMarks] = attrs.Factory(dict[str, RequiredMarks])

    def __attrs_post_init__(self) -> None:
        """Make what classes require ready to be looked for."""
        if self.screening is not None:
            # It has the parts of long messages, and asks for their marks when they are whole.
            self.screening.marks = self.marks
        self.configure()

    def configure(self) -> None:
        """Go by what the classes say now; what was missed so far stays counted."""
        required = {name: RequiredMarks.of(class_) for name, class_ in self.classes.items()}
        before = dict(self.marks)
        self.marks.clear()
        self.marks.update((name, marks) for name, marks in required.items() if marks is not None)
        for name, marks in self.marks.items():
            if name in before:
                marks.missing = before[name].missing

    def submit(
        self, session: Session, account: Account, pdus: list[SubmitSm], now: float, commit: Commit
    ) -> None:
        """Admit or refuse each of `pdus`; stage messages and answers."""
        granted = self._granted(session, account, pdus, now)
        refused: list[bytes] = [
            header_only(c.SUBMIT_SM_RESP, c.ESME_RTHROTTLED, pdu.sequence_number) for pdu in pdus[granted:]
        ]
        accepts: list[bytes] = []
        messages: list[Message] = []
        text = self.issuer.text
        ids = self.issuer.issue_batch(granted, now)
        outcomes = self.admit_all(account, list(zip(pdus, ids, strict=False)), now, commit)
        for pdu, message in zip(pdus, outcomes, strict=False):
            if isinstance(message, Message):
                messages.append(message)
                accepts.append(submit_sm_resp(pdu.sequence_number, text(message.message_id)))
            else:
                account.counters.refused += 1
                refused.append(refusal_resp(session, c.SUBMIT_SM_RESP, pdu.sequence_number, message))
        if accepts:
            commit.batch.notes += self.tracker.planned(messages, now)
            self.stage(session, account, commit, messages, accepts, len(accepts))
        if refused:
            session.answer(refused, len(refused))

    def stage(
        self,
        session: Session,
        account: Account,
        commit: Commit,
        messages: list[Message],
        accepts: list[bytes],
        count: int,
    ) -> None:
        """Enter admitted messages and stage them with the `count` answers that tell of them."""
        account.counters.accepted += len(messages)
        commit.batch.accepted += messages
        if self.screening is not None:
            # Parts that came with the last of their text have ended already if that is refused.
            messages = [message for message in messages if not message.is_ended]
        self.flight.accept_all(messages)
        commit.releases += messages
        commit.accepts.append((session, accepts, count))

    def _granted(self, session: Session, account: Account, pdus: list[SubmitSm], now: float) -> int:
        """How many of `pdus`, from the first, the account's window and throughput let in."""
        count = len(pdus)
        over = session.unanswered - account.config.window_max
        if over > 0:
            count = max(0, count - over)
        granted = account.bucket.take_up_to(count, now)
        account.counters.throttled += len(pdus) - granted
        return granted

    def admit_all(
        self, account: Account, pdus: Sequence[tuple[SubmitSm, int]], now: float, commit: Commit
    ) -> list[Message | Refusal]:
        """Check submit_sm, each with the message_id that it will have, and screen those that pass."""
        if account.is_leaving:
            return [Refusal(c.ESME_RINVSYSID) for _ in pdus]
        outcomes = [self.admit(account, pdu, message_id, now) for pdu, message_id in pdus]
        if self.screening is not None:
            self._screen(self.screening, account, pdus, outcomes, now, commit)
        if Refusal in map(type, outcomes):
            self._note_refused(account, pdus, outcomes, now, commit)
        return outcomes

    def _screen(
        self,
        screening: Screening,
        account: Account,
        pdus: Sequence[tuple[SubmitSm, int]],
        outcomes: list[Message | Refusal],
        now: float,
        commit: Commit,
    ) -> None:
        """Put refusals in the place of messages that screening refuses."""
        admitted = [
            (at, pdu, outcome)
            for at, ((pdu, _), outcome) in enumerate(zip(pdus, outcomes, strict=True))
            if type(outcome) is Message
        ]
        pairs = [(pdu, message) for _, pdu, message in admitted]
        refusals = screening.judge(account, pairs, now, commit)
        for (at, _, _), refusal in zip(admitted, refusals, strict=True):
            if refusal is not None:
                outcomes[at] = refusal

    def _note_refused(
        self,
        account: Account,
        pdus: Sequence[tuple[SubmitSm, int]],
        outcomes: Sequence[Message | Refusal],
        now: float,
        commit: Commit,
    ) -> None:
        """Note what is refused for what it is; what there is no room for comes again."""
        refused = [
            (pdu, message_id, outcome.command_status, outcome.verdict)
            for (pdu, message_id), outcome in zip(pdus, outcomes, strict=True)
            if isinstance(outcome, Refusal) and outcome.command_status != c.ESME_RMSGQFUL
        ]
        if refused:
            config = account.config
            told = self.tracker.verdicts.turned_away(account.system_id, config.traffic_class, refused, now)
            commit.batch.notes += told

    def admit(self, account: Account, pdu: SubmitSm, message_id: int, now: float) -> Message | Refusal:
        """Check one submit_sm and make the message of it."""
        if len(self.flight.messages) >= self.in_flight_max:
            return Refusal(c.ESME_RMSGQFUL)
        destination = pdu.destination_addr
        if not destination.isdigit():
            try:
                destination = number_digits(pdu.dest_addr_ton, pdu.dest_addr_npi, destination)
            except ValueError:
                return Refusal(c.ESME_RINVDSTADR)
        if status := _looked_at(account, pdu):
            return Refusal(status)
        class_ = self.classes[account.config.traffic_class]
        decision = self.router.decide(account.system_id, pdu.source_addr, destination, class_.name)
        plan = decision.plan
        if not plan:
            return Refusal(c.ESME_RINVDSTADR)
        if class_.required_marks and (status := self._unmarked(account, pdu)):
            return Refusal(status)
        expires_at = self.expires_at(account, class_, now)
        not_before = 0.0
        body = pdu.body
        part_key = None
        if pdu.schedule_delivery_time or pdu.validity_period:
            timed = self._timed(pdu, now, expires_at)
            if isinstance(timed, Refusal):
                return timed
            not_before, expires_at, body = timed
        if account.config.default_alphabet != ROUTER_ALPHABET:
            body = self._translated(account, pdu, body)
        if pdu.esm_class & 0x40 or pdu.tlvs:
            part_key = self._part_key(account, pdu, destination)
            self._charge_payload(account, pdu)
        registered_delivery = pdu.registered_delivery
        if body is None or registered_delivery & 0x03 != RECEIPT_ON_FINAL:
            body = self._with_receipt(pdu, body)
        start = len(pdu.service_type) + 1
        end = start + 6 + len(pdu.source_addr) + len(pdu.destination_addr)
        message = Message(
            message_id,
            message_id,
            account.system_id,
            class_.name,
            body,
            body[start:end],
            registered_delivery,
            expires_at,
            not_before,
            0,
            0,
            plan,
            part_key,
            class_.delivery == "at_most_once",
        )
        message.decision = decision
        return message

    def _unmarked(self, account: Account, pdu: SubmitSm) -> int:
        config = account.config
        marks = self.marks[config.traffic_class]
        return marks.refusal(pdu, config.default_alphabet, are_parts_joined=self.screening is not None)

    def expires_at(self, account: Account, class_: ClassConfig, now: float) -> float:
        """When a message without a validity_period expires: one float for all messages of a read."""
        read_at, expires_at = account.expiry
        if read_at != now:
            validity_s = account.config.validity_s
            if class_.validity_s is not None:
                validity_s = min(validity_s, class_.validity_s)
            expires_at = now + validity_s
            account.expiry = now, expires_at
        return expires_at

    def _timed(self, pdu: SubmitSm, now: float, latest: float) -> tuple[float, float, bytes | None] | Refusal:
        """Return (not_before, expires_at, body) as the PDU asks; body is None where it cannot stay.

        It is sent without a schedule. Carriers are told the validity that is left then (validity.py).
        """
        times = self.times(pdu, now, latest)
        if isinstance(times, Refusal):
            return times
        not_before, expires_at = times
        if not pdu.schedule_delivery_time:
            return not_before, expires_at, pdu.body
        pdu.schedule_delivery_time = b""
        return not_before, expires_at, None

    def times(
        self, pdu: SubmitSm | ReplaceSm, now: float, expires_at: float, not_before: float = 0.0
    ) -> tuple[float, float] | Refusal:
        """Return (not_before, expires_at) as the PDU asks, not_before 0 for at once (section 7.1.1).

        `expires_at` is the latest, for a message that may go now; `not_before` is when it goes otherwise.
        """
        if pdu.schedule_delivery_time:
            try:
                scheduled = parse_time(pdu.schedule_delivery_time, now)
            except ValueError:
                return Refusal(c.ESME_RINVSCHED)
            if scheduled is None or scheduled < now or scheduled > now + SCHEDULE_MAX_S:
                return Refusal(c.ESME_RINVSCHED)
            not_before = scheduled
        expires_at += max(0.0, not_before - now)
        if pdu.validity_period:
            try:
                asked = parse_time(pdu.validity_period, now)
            except ValueError:
                return Refusal(c.ESME_RINVEXPIRY)
            if asked is None or asked <= max(now, not_before):
                return Refusal(c.ESME_RINVEXPIRY)
            expires_at = min(expires_at, asked)
        return not_before, expires_at

    def _translated(self, account: Account, pdu: SubmitSm, body: bytes | None) -> bytes | None:
        return None if translated(pdu, account.config.default_alphabet, ROUTER_ALPHABET) else body

    def _part_key(
        self, account: Account, pdu: SubmitSm, destination: bytes
    ) -> tuple[str, bytes, int, int] | None:
        """What all parts of one long message have in common, None for a message in one piece."""
        part = part_of(pdu)
        if part is None or part.total == 1:
            return None
        return account.system_id, pdu.source_addr + b"\x00" + destination, part.reference, part.total

    def _charge_payload(self, account: Account, pdu: SubmitSm) -> None:
        """Meter a message_payload by the parts that it will be; the first was paid for with the PDU."""
        payload = tlv.find(pdu.tlvs, c.TAG_MESSAGE_PAYLOAD)
        if payload is not None and len(payload) > 140:
            account.bucket.spend(-(-len(payload) // PART_OCTETS) - 1)

    def _with_receipt(self, pdu: SubmitSm, body: bytes | None) -> bytes:
        """Ask the carrier for the final receipt, whatever the ESME asked: it is how a message is followed."""
        asked = pdu.registered_delivery
        wanted = (asked & ~0x03) | RECEIPT_ON_FINAL
        if body is None:
            pdu.registered_delivery = wanted
            encoded = encode_body(pdu, strict=False)
            pdu.registered_delivery = asked
            return encoded
        at = (
            len(pdu.service_type)
            + len(pdu.source_addr)
            + len(pdu.destination_addr)
            + len(pdu.schedule_delivery_time)
            + len(pdu.validity_period)
            + 12
        )
        return b"%b%c%b" % (body[:at], wanted, body[at + 1 :])


def _looked_at(account: Account, pdu: SubmitSm) -> int:
    """Return the status that a PDU's fields deserve, with defaults in the place of reserved values."""
    if with_defaults(pdu):
        account.counters.reserved += 1
    return overlong(pdu) if len(pdu.short_message) <= SHORT_MESSAGE_OCTETS_MAX else c.ESME_RINVMSGLEN
