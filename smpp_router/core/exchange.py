# The Exchange is the router without its sockets, its store and its clock: what net/ calls, and all it calls.
#
#   esme_received / carrier_received   one synchronous pass over what one read brought
#   open_commit -> committed / refused what was staged meanwhile, made durable or not
#   to_read_back -> read_back          bodies that a long queue had left on disk
#   lookups -> looked_up               queries about messages that have ended
#   operations.between.sieves          cancel_sm that need a service_type from disk
#   tick                               time
#
# Nothing here waits, and nothing here writes to a socket: sessions that have something to say join the list
# of writable sessions that they were made with.
"""The core of the router: sessions on both sides, and messages between them."""

import random
from collections.abc import Iterable, Sequence
from typing import Final

from smpp_router.compliance.screener import Screener
from smpp_router.config import RouterConfig
from smpp_router.core.accounts import Account
from smpp_router.core.alarm_watch import made_alarm_watch
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit, refusal_of
from smpp_router.core.ending import Ending
from smpp_router.core.flight import Flight
from smpp_router.core.handover import Handover
from smpp_router.core.intake import Intake
from smpp_router.core.leaving import Leaving
from smpp_router.core.measuring import Measuring, made_health
from smpp_router.core.message_ids import MessageIdIssuer
from smpp_router.core.mobile_originated import MobileOriginated
from smpp_router.core.operations import Lookup, Operations, Relay
from smpp_router.core.orphans import Orphans
from smpp_router.core.path_operations import PathRelay
from smpp_router.core.path_plans import PathPlans, path_tables
from smpp_router.core.paths import Paths
from smpp_router.core.placing import Placing
from smpp_router.core.quiet_hours import QuietHours
from smpp_router.core.recalls import Recall
from smpp_router.core.reload_counters import ReloadCounters
from smpp_router.core.retries import Retries
from smpp_router.core.screening import Screening
from smpp_router.core.settle import Settle
from smpp_router.core.tracker import Tracker
from smpp_router.core.variants import Variants
from smpp_router.message.lifecycle import Cause
from smpp_router.message.message import Delivery, Finished, Message
from smpp_router.routing.pins import Pins
from smpp_router.routing.router import made_router
from smpp_router.routing.scores import Scores
from smpp_router.session.replies import response
from smpp_router.session.session import Session
from smpp_router.store.seam import SENDING
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER, deliver_sm_resp
from smpp_router.wire.pdu import (
    AlertNotification,
    CancelSm,
    DataSm,
    DeliverSm,
    Pdu,
    QuerySm,
    ReplaceSm,
    SubmitMulti,
    SubmitSm,
)
from smpp_router.wire.receipt import Receipt, parse_receipt
from smpp_router.wire.receipt_sm import ReceiptSm

_RESPONSE_BIT: Final = c.RESPONSE_BIT

PINNED_PARTS_S: Final = 3600.0
"""Parts of one long message come within seconds; an hour covers a client that was cut off in the middle."""


class Exchange:
    """Every account, carrier and message of one router process."""

    def __init__(
        self,
        config: RouterConfig,
        now: float,
        rng: random.Random | None = None,
        scores: Scores | None = None,
        screener: Screener | None = None,
    ) -> None:
        """Take a configuration that passed its checks. Without a screener no message is screened."""
        self.config = config
        self.accounts = {account.system_id: Account(account) for account in config.accounts}
        self.health = made_health(config, now)
        self.waiting: dict[str, None] = {}
        self.carriers = {one.name: Carrier(one, now, self.health, self.waiting) for one in config.carriers}
        self.measuring = Measuring(self.health, self.carriers, config.health.complaint_words)
        self.router = made_router(config, rng or random.Random(0), scores or self.health)
        self.router.tick(now)
        classes = {class_.name: class_ for class_ in config.classes}
        limits = config.limits
        self.flight = Flight(self.carriers)
        self.issuer = MessageIdIssuer(config.node_id, config.message_id_style)
        self.orphans = Orphans(limits.orphan_receipts_max, limits.orphan_receipt_s)
        self.ending = Ending(self.flight, self.issuer)
        pins = Pins(limits.pinned_parts_max, PINNED_PARTS_S)
        self.retries = Retries(self.carriers, classes, self.ending, pins, self.router)
        self.tracker = Tracker()
        self.handover = Handover(self.accounts)
        self.settle = Settle(self.flight, self.ending, self.orphans, self.retries, self.tracker)
        self.settle.filter_error_codes = frozenset(config.health.filter_error_codes)
        self.screening = screener and Screening(
            screener, self.accounts, self.retries, self.ending, self.tracker
        )
        self.quiet_hours = screener and QuietHours(screener, self.retries)
        self.intake = Intake(
            self.flight, self.issuer, self.router, classes, limits.in_flight_max, self.tracker, self.screening
        )
        orders = Pins(limits.pinned_parts_max, PINNED_PARTS_S)
        self.paths = Paths(PathPlans(path_tables(config), self.carriers, orders, self.router), self.retries)
        self.placing = Placing(self.retries, self.paths)
        self.inbound = MobileOriginated(self.accounts, self.intake, self.measuring)
        self.variants = Variants(self.intake)
        self.operations = Operations(
            self.flight, self.issuer, self.ending, self.retries, self.carriers, self.intake
        )
        self.alarm_watch = made_alarm_watch(config, self.carriers, self.accounts, self.health, self.flight)
        self.alarm_watch.heed(self.paths.plans.healthy, self.screening)
        self.leaving = Leaving(self.settle, self.handover, self.health)
        self.commit = Commit()
        self.committing: Commit | None = None
        self.reloads = ReloadCounters()
        self.is_closed = False
        self.alerts = 0
        self.unrouted_mo = 0

    @property
    def backlog(self) -> int:
        """Messages accepted that wait for their commit: what readers are slowed down by."""
        return len(self.commit.batch.accepted)

    def close(self) -> None:
        """Begin nothing more: the router ends, and what waits here is in the store for its next start.

        New messages are refused with ESME_RMSGQFUL, so that ESMEs keep them. What comes in goes on being
        answered and made durable.
        """
        self.is_closed = True
        self.intake.in_flight_max = 0
        self.handover.is_closed = True
        self.paths.is_closed = True
        for carrier in self.carriers.values():
            carrier.is_closing = True

    # ------------------------------------------------------------------ ESMEs

    def esme_received(self, account: Account, session: Session, pdus: Sequence[Pdu], now: float) -> None:
        """Do everything that one read from an ESME asks for."""
        commit = self.commit
        submits: list[SubmitSm] = []
        answers: list[Pdu] = []
        for pdu in pdus:
            if type(pdu) is SubmitSm:
                submits.append(pdu)
            elif pdu.command_id & _RESPONSE_BIT:
                answers.append(pdu)
            else:
                self._operate(account, session, pdu, now, commit)
        if answers:
            self.handover.answered(account, answers, now, commit)
        if submits:
            self.intake.submit(session, account, submits, now, commit)
        if self.retries.freed:
            self.placing.place_freed(now, self.commit)
        if self.ending.touched:
            self.paths.settle(now, commit)
        if answers:
            self.handover.pump(account, now, self.commit)

    def _operate(self, account: Account, session: Session, pdu: Pdu, now: float, commit: Commit) -> None:
        if isinstance(pdu, DataSm):
            self.variants.data(session, account, pdu, now, commit)
        elif isinstance(pdu, SubmitMulti):
            self.variants.multi(session, account, pdu, now, commit)
        elif isinstance(pdu, QuerySm):
            self.operations.query(session, account, pdu)
        elif isinstance(pdu, CancelSm):
            self.operations.cancel(session, account, pdu, now, commit)
        else:
            assert isinstance(pdu, ReplaceSm), "the session lets nothing else from an ESME through"
            self.operations.replace(session, account, pdu, now, commit)

    def esme_bound(self, account: Account, session: Session, now: float) -> None:
        """A session of an account has bound: what is owed may flow."""
        account.sessions.append(session)
        self.handover.pump(account, now, self.commit)

    def esme_unanswered(self, account: Account, contexts: Iterable[object], now: float) -> None:
        """Deliveries that the ESME did not answer in time."""
        self.handover.unanswered(account, contexts, now, self.commit)

    def esme_lost(self, account: Account, session: Session, contexts: Iterable[object], now: float) -> None:
        """A session of an account is gone: what it had not answered goes to another one, or waits."""
        account.sessions.remove(session)
        account.put_back([context for context in contexts if isinstance(context, Delivery)])
        self.handover.pump(account, now, self.commit)

    # ------------------------------------------------------------------ carriers

    def carrier_received(self, carrier: Carrier, session: Session, pdus: Sequence[Pdu], now: float) -> None:
        """Do everything that one read from a carrier brings.

        Responses first: a receipt in the same read may be for what one of them has just taken.
        """
        commit = self.commit
        responses: list[Pdu] = []
        delivers: list[ReceiptSm | DeliverSm | DataSm] = []
        for pdu in pdus:
            if isinstance(pdu, (ReceiptSm, DeliverSm, DataSm)):
                delivers.append(pdu)
            elif pdu.command_id & _RESPONSE_BIT:
                request = pdu.request
                if type(request) is Message:
                    responses.append(pdu)
                elif isinstance(request, Relay):
                    self._relayed(request, pdu.command_status, now, commit)
                elif isinstance(request, PathRelay):
                    self._path_relayed(request, pdu.command_status, now, commit)
                elif isinstance(request, Recall) and self.paths.recalls.answered(pdu.command_status):
                    self.settle.end_by_id(self.carriers, request.message_id, c.DELETED, 0, now, commit)
            elif isinstance(pdu, AlertNotification):
                self.alerts += 1
        if responses:
            self.measuring.answered(carrier, session, responses, now)
            self.settle.responses(carrier, responses, now, commit)
        if delivers:
            self._delivers(carrier, session, delivers, now, commit)
        if self.paths:
            self.paths.heard((pdu.request for pdu in responses), now, commit)
            self.paths.settle(now, commit)
        # A refused message may be another carrier's now.
        self.dispatch_all(now)

    def _delivers(
        self,
        carrier: Carrier,
        session: Session,
        delivers: Sequence[ReceiptSm | DeliverSm | DataSm],
        now: float,
        commit: Commit,
    ) -> None:
        receipts: list[Receipt] = []
        answers: list[bytes] = []
        for pdu in delivers:
            if isinstance(pdu, ReceiptSm):
                receipts.append(pdu.receipt)
                answers.append(deliver_sm_resp(pdu.sequence_number))
                continue
            receipt = parse_receipt(pdu)
            if receipt is not None:
                receipts.append(receipt)
            elif status := self.inbound.take(carrier, pdu, now, commit):
                self.unrouted_mo += status == c.ESME_RX_P_APPN
                if commit.batch.consents:
                    # It may be what says one of them.
                    commit.answers.append((session, [response(pdu, status)], 1))
                else:
                    session.answer([response(pdu, status)], 1)
                continue
            if type(pdu) is DeliverSm:
                answers.append(deliver_sm_resp(pdu.sequence_number))
            else:
                # data_sm_resp has a message_id where deliver_sm_resp's is unused; empty is right for both.
                answers.append(HEADER.pack(17, c.DATA_SM_RESP, c.ESME_ROK, pdu.sequence_number) + b"\x00")
        if receipts:
            self.settle.receipts(carrier, receipts, now, commit)
        if answers:
            commit.answers.append((session, answers, len(answers)))

    def _relayed(self, relay: Relay, status: int, now: float, commit: Commit) -> None:
        entry = self.operations.relayed(relay, status, now, commit)
        if entry is None:
            return
        if isinstance(relay.request, ReplaceSm):
            self.settle.ask_otherwise(self.carriers, entry, relay.request.registered_delivery)
        else:
            self.settle.end_by_id(
                self.carriers, entry.message_id, c.DELETED, 0, now, commit, cause=Cause.CANCEL
            )

    def _path_relayed(self, part: PathRelay, status: int | None, now: float, commit: Commit) -> None:
        if self.operations.paths.answered(part, status, now, commit):
            self.settle.end_by_id(self.carriers, part.copy_id, c.DELETED, 0, now, commit, cause=Cause.CANCEL)

    def carrier_bound(self, carrier: Carrier, session: Session, now: float, link: int = 0) -> None:
        """A session with a carrier has bound, over its link of that number, from 1: what waits may go."""
        carrier.attach(session, now, link)
        self.dispatch(carrier, now)

    def carrier_unanswered(self, carrier: Carrier, contexts: list[object], now: float) -> None:
        """Requests that a carrier did not answer in time."""
        self.measuring.timed_out(contexts)
        self._unanswered(carrier, contexts, now)

    def _unanswered(self, carrier: Carrier, contexts: list[object], now: float) -> None:
        for context in contexts:
            if isinstance(context, Relay):
                self.operations.unrelayed(context)
            elif isinstance(context, PathRelay):
                self._path_relayed(context, None, now, self.commit)
        self.settle.unanswered(carrier, contexts, now, self.commit)
        if self.paths:
            self.paths.heard(contexts, now, self.commit)
            self.paths.settle(now, self.commit)
        self.dispatch_all(now)

    def carrier_lost(
        self, carrier: Carrier, session: Session, contexts: Iterable[object], now: float
    ) -> None:
        """A bound session with a carrier is gone; its class decides what becomes of an unanswered message."""
        carrier.detach(session, now)
        self._unanswered(carrier, list(contexts), now)

    def dispatch(self, carrier: Carrier, now: float) -> None:
        """Send what a carrier can take now."""
        unrecorded = carrier.dispatch(now)
        if carrier.notes:
            self.commit.batch.notes += carrier.notes
            carrier.notes = []
        if unrecorded:
            detail = carrier.name.encode()
            facts = self.commit.batch.facts
            facts += [(SENDING, message.message_id, now, message.attempts, detail) for message in unrecorded]
            self.commit.sendings.append((carrier.name, unrecorded))
        if self.quiet_hours is not None and carrier.door is not None and carrier.door.stopped:
            self.commit.batch.notes += self.quiet_hours.put_off(carrier, now)

    def dispatch_all(self, now: float) -> None:
        """Send what all carriers can take now."""
        if self.retries.replanned:
            replanned, self.retries.replanned = self.retries.replanned, []
            self.commit.batch.notes += self.tracker.planned(replanned, now)
        for name in list(self.waiting):
            carrier = self.carriers.get(name)
            if carrier is not None:
                self.dispatch(carrier, now)
            if carrier is None or not carrier.queued:
                del self.waiting[name]

    # ------------------------------------------------------------------ the store

    def open_commit(self) -> Commit | None:
        """Take what was staged to be made durable; None if there is nothing."""
        if not self.commit:
            return None
        self.committing, self.commit = self.commit, Commit()
        return self.committing

    def committed(self, commit: Commit, now: float) -> None:
        """What was staged is durable: say so, and let it go on."""
        self.committing = None
        for session, encoded, count in (*commit.accepts, *commit.answers):
            session.answer(encoded, count)
        self.placing.place(commit.releases, now, self.commit)
        for name, messages in commit.sendings:
            for message in messages:
                message.is_recorded = True
            self.retries.put_back(name, messages, now)
        self.dispatch_all(now)
        if commit.deliveries:
            self.handover.owe(commit.deliveries, now, self.commit)
            self.handover.pump_all(now, self.commit)

    def refused(self, commit: Commit) -> None:
        """The store is full: messages are refused, facts are staged again and nothing is lost."""
        self.committing = None
        for message in commit.batch.accepted:
            self.flight.end(message)
            message.is_ended = True
            self.paths.refused(message)
            self.inbound.confirmations.refused(message)
        for session, encoded, count in commit.accepts:
            session.answer([refusal_of(answer) for answer in encoded], count)
        refused = {message.message_id for message in commit.batch.accepted}
        notes = self.tracker.after_refusal(commit.batch.notes, refused)
        self.commit.take_back(commit, refused, notes)

    def to_read_back(self) -> list[Message]:
        """Messages whose turn is near and whose body is on disk."""
        wanted: list[Message] = []
        for carrier in self.carriers.values():
            if carrier.queued and carrier.is_up:
                wanted += carrier.to_read_back()
        if self.screening is not None:
            wanted += [message for message in self.screening.to_read_back if message.body is None]
        return wanted + self.paths.to_read_back()

    def read_back(self, messages: Iterable[Message], bodies: Iterable[bytes], now: float) -> None:
        """Give messages their bodies and send what can go."""
        for message, body in zip(messages, bodies, strict=True):
            message.body = body
            for carrier in self.carriers.values():
                carrier.reading.discard(message.message_id)
        self.paths.read_back(now, self.commit)
        if self.screening is not None and self.screening.to_read_back:
            self.screening.read_back(messages, now, self.commit)
            self.placing.place_freed(now, self.commit)
        self.dispatch_all(now)

    def take_lookups(self) -> list[Lookup]:
        """Take the queries that the store must answer."""
        lookups, self.operations.lookups = self.operations.lookups, []
        return lookups

    def looked_up(self, lookups: Iterable[Lookup], found: Iterable[Finished | None]) -> None:
        """Answer queries with what the store knew."""
        for lookup, finished in zip(lookups, found, strict=True):
            self.operations.looked_up(lookup, finished)

    # ------------------------------------------------------------------ time

    def tick(self, now: float) -> None:
        """Do what is due: expiry, retries, paced sending. Sessions are ticked by whoever owns them."""
        commit = self.commit
        self.measuring.tick(now)
        self.settle.note_missing(self.health.missing, now, commit)
        self.alarm_watch.tick(now)
        self.settle.expire(self.flight.due(now), self.carriers, now, commit)
        self.settle.tick(self.carriers, now, commit)
        self.router.tick(now)
        if self.screening is not None:
            self.screening.tick(now, commit, self.committing)
            self.placing.place_freed(now, self.commit)
        if not self.is_closed:
            # A million messages that wait could be looked at for seconds, to go nowhere any more.
            self.retries.tick(now)
            self.leaving.tick(now, commit)
            if self.paths:
                self.paths.tick(now, commit)
        self.dispatch_all(now)
        commit.is_due = self.tracker.is_due(commit.batch.notes, now)
        self.handover.tick(now, commit)
