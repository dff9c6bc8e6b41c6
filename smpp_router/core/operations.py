# What an ESME may ask about a message that it has submitted: query_sm, cancel_sm, replace_sm.
#
#   where the message is          query_sm           cancel_sm                replace_sm
#   waiting here                  ENROUTE            taken out, DELETED       new text
#   on a link, unanswered         ENROUTE            RCANCELFAIL              RREPLACEFAIL
#   taken by a carrier            ENROUTE            asked of the carrier     asked of the carrier
#   ended                         its final state    RCANCELFAIL              RREPLACEFAIL
#   not this account's            RQUERYFAIL         RINVMSGID                RINVMSGID
#
# ACCEPTED is for what was read on behalf of the subscriber (SMPP 3.4 section 5.2.28): not known here.
# What may be put in a text's place is told in replacing.py.
# A message with several paths has its own rules (path_operations.py); its copies are nobody's to ask about.
# What is asked of a carrier is a Relay in that session's window; the ESME is answered as the carrier answers.
# What has ended is looked up in the store, which may wait: those queries are collected in `lookups`.
# cancel_sm between two addresses is told in address_cancels.py.
"""query_sm, cancel_sm and replace_sm (SMPP 3.4 sections 4.8 to 4.10)."""

import math
from functools import partial
from typing import Final

import attrs

from smpp_router.config import ClassConfig
from smpp_router.core.accounts import Account
from smpp_router.core.address_cancels import AddressCancels, address_pair
from smpp_router.core.alphabets import ROUTER_ALPHABET
from smpp_router.core.bundles import Bundle
from smpp_router.core.carriers import Carrier
from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending, final_date
from smpp_router.core.flight import Flight
from smpp_router.core.intake import Intake
from smpp_router.core.message_ids import MessageIdIssuer
from smpp_router.core.path_operations import PathOperations, replace_of
from smpp_router.core.recalls import ask, cancel_of
from smpp_router.core.refusals import Refusal
from smpp_router.core.replacing import replaced
from smpp_router.core.retries import Retries
from smpp_router.core.validity import of_replacement
from smpp_router.message.lifecycle import Cause
from smpp_router.message.message import Finished, Message, Pending
from smpp_router.session.replies import response
from smpp_router.session.session import Session
from smpp_router.store.seam import REPLACED, RETIMED, TIMES
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode, encode_body
from smpp_router.wire.layouts import SHORT_MESSAGE_OCTETS_MAX
from smpp_router.wire.pdu import CancelSm, HeaderOnly, Pdu, QuerySm, QuerySmResp, ReplaceSm, SubmitSm

LOOKUPS_MAX: Final = 10_000
"""Queries that wait for the store; one more is answered ESME_RQUERYFAIL, as it would be too late anyway."""


@attrs.define(eq=False)
class Relay:
    """An operation of an ESME that a carrier has been asked to carry out."""

    session: Session
    request: CancelSm | ReplaceSm
    message_id: int


@attrs.define(eq=False)
class Lookup:
    """A query_sm about a message that is no longer in flight."""

    session: Session
    account: Account
    request: QuerySm
    message_id: int


@attrs.define(eq=False)
class Operations:
    """Answers an ESME's operations on its messages."""

    flight: Flight
    issuer: MessageIdIssuer
    ending: Ending
    retries: Retries
    carriers: dict[str, Carrier]
    intake: Intake
    lookups: list[Lookup] = attrs.Factory(list[Lookup])
    paths: PathOperations = attrs.field(init=False)
    between: AddressCancels = attrs.field(init=False)

    def __attrs_post_init__(self) -> None:
        """Share the tables with what acts on several paths."""
        self.paths = PathOperations(self.flight, self.ending, self.carriers)
        self.between = AddressCancels(self.flight, self.ending, self.retries, self.paths)

    def _bundle_of(self, entry: Message | Pending | None) -> Bundle | None:
        """The paths of a message, None if it has none, or is a copy itself."""
        bundle = None if entry is None else self.ending.bundles.get(entry.message_id)
        return bundle if bundle is not None and bundle.parent is entry else None

    def _may_ask(self, entry: Message | Pending, account: Account, source_addr: bytes) -> bool:
        is_copy = entry.message_id in self.ending.bundles and self._bundle_of(entry) is None
        return not is_copy and _is_owner(entry, account, source_addr)

    # ------------------------------------------------------------------ query_sm

    def query(self, session: Session, account: Account, pdu: QuerySm) -> None:
        """Answer a query_sm now, or note it for the store."""
        message_id = self.issuer.parse(pdu.message_id)
        if message_id is None:
            session.respond(_query_failed(pdu))
            return
        entry = self.flight.messages.get(message_id)
        if entry is None:
            if len(self.lookups) >= LOOKUPS_MAX:
                session.respond(_query_failed(pdu))
            else:
                self.lookups.append(Lookup(session, account, pdu, message_id))
        elif not self._may_ask(entry, account, pdu.source_addr):
            session.respond(_query_failed(pdu))
        else:
            session.respond(
                QuerySmResp(
                    sequence_number=pdu.sequence_number, message_id=pdu.message_id, message_state=c.ENROUTE
                )
            )

    def looked_up(self, lookup: Lookup, finished: Finished | None) -> None:
        """Answer a query_sm with what the store knew."""
        pdu = lookup.request
        if finished is None or not _is_owner(finished, lookup.account, pdu.source_addr):
            lookup.session.respond(_query_failed(pdu))
            return
        lookup.session.respond(
            QuerySmResp(
                sequence_number=pdu.sequence_number,
                message_id=pdu.message_id,
                final_date=final_date(finished.final_at),
                message_state=finished.message_state,
                error_code=min(finished.error_code, 0xFF),
            )
        )

    # ------------------------------------------------------------------ cancel_sm

    def cancel(self, session: Session, account: Account, pdu: CancelSm, now: float, commit: Commit) -> None:
        """Take back one message, or without a message_id all that wait between two addresses."""
        if not pdu.message_id:
            self.between.cancel(session, account, pdu, now, commit)
            return
        message_id = self.issuer.parse(pdu.message_id)
        entry = None if message_id is None else self.flight.messages.get(message_id)
        if message_id is None or (entry is not None and not self._may_ask(entry, account, pdu.source_addr)):
            session.respond(_resp(pdu, c.ESME_RINVMSGID))
        elif (bundle := self._bundle_of(entry)) is not None:
            self.paths.cancel(session, bundle, pdu, now, commit)
        elif isinstance(entry, Pending):
            self._relay(session, entry, cancel_of(entry), pdu, c.ESME_RCANCELFAIL, now)
        elif entry is not None and not entry.is_on_link:
            self.ending.end(entry, c.DELETED, 0, now, commit, Cause.CANCEL)
            self._answer_durably(session, pdu, c.ESME_ROK, commit)
        else:
            session.respond(_resp(pdu, c.ESME_RCANCELFAIL))

    # ------------------------------------------------------------------ replace_sm

    def replace(self, session: Session, account: Account, pdu: ReplaceSm, now: float, commit: Commit) -> None:
        """Put another text, and other times, in the place of a message that has not gone out."""
        message_id = self.issuer.parse(pdu.message_id)
        entry = None if message_id is None else self.flight.messages.get(message_id)
        if message_id is None or (entry is not None and not self._may_ask(entry, account, pdu.source_addr)):
            session.respond(_resp(pdu, c.ESME_RINVMSGID))
        elif len(pdu.short_message) > SHORT_MESSAGE_OCTETS_MAX:
            session.respond(_resp(pdu, c.ESME_RINVMSGLEN))
        elif isinstance(entry, Pending):
            self._replace_taken(session, account, entry, pdu, now)
        elif entry is None or entry.is_on_link or (text := _text_for(entry, account, pdu)) is None:
            session.respond(_resp(pdu, c.ESME_RREPLACEFAIL))
        elif status := self._screened(account, entry, (pdu, text), now, commit):
            session.respond(_resp(pdu, status))
        elif (bundle := self._bundle_of(entry)) is not None:
            replace = partial(self._replace_waiting, account)
            self.paths.replace(session, bundle, pdu, text, (replace, now, commit))
        else:
            status = self._replace_waiting(account, entry, pdu, text, now, commit)
            self._answer_durably(session, pdu, status, commit)

    def _replace_taken(
        self, session: Session, account: Account, entry: Pending, pdu: ReplaceSm, now: float
    ) -> None:
        """Have a carrier replace a message that it has, of which nothing but its id is known here."""
        class_ = account.config.traffic_class
        config = self.carriers[entry.carrier].config
        alphabets = {account.config.default_alphabet, config.default_alphabet}
        if self.intake.screening is not None or class_ in self.intake.marks or alphabets != {ROUTER_ALPHABET}:
            session.respond(_resp(pdu, c.ESME_RREPLACEFAIL))
        elif isinstance(times := self.intake.times(pdu, now, math.inf), Refusal):
            session.respond(_resp(pdu, times.command_status))
        else:
            request = replace_of(pdu, entry)
            request.validity_period = of_replacement(pdu, entry, now, config.validity_style)
            self._relay(session, entry, request, pdu, c.ESME_RREPLACEFAIL, now)

    def _screened(
        self, account: Account, entry: Message, new: tuple[ReplaceSm, SubmitSm], now: float, commit: Commit
    ) -> int:
        """Return the status that refuses a new text, or a new hour for it, ESME_ROK if nothing does."""
        pdu, text = new
        screening = self.intake.screening
        marks = self.intake.marks.get(entry.traffic_class)
        if marks is not None and (status := marks.of_replacement(text)):
            return status
        if screening is None:
            return c.ESME_ROK
        times = self.intake.times(pdu, now, math.inf, _scheduled(entry))
        if isinstance(times, Refusal):
            return times.command_status
        leaves_at = times[0] if pdu.schedule_delivery_time else entry.not_before
        return screening.judge_replacement(account, entry, text, leaves_at, now, commit)

    def _replace_waiting(
        self, account: Account, message: Message, pdu: ReplaceSm, text: SubmitSm, now: float, commit: Commit
    ) -> int:
        assert message.body is not None
        old = decode(c.SUBMIT_SM, 0, 0, message.body)
        if not isinstance(old, SubmitSm):
            return c.ESME_RREPLACEFAIL
        times = self._times(account, message, old, pdu, now)
        if isinstance(times, Refusal):
            return times.command_status
        not_before, expires_at = times
        old.short_message, old.data_coding = text.short_message, text.data_coding
        old.sm_default_msg_id = pdu.sm_default_msg_id
        old.tlvs = tuple(pair for pair in old.tlvs if pair[0] != c.TAG_MESSAGE_PAYLOAD)
        if pdu.validity_period:
            old.validity_period = pdu.validity_period
        bundle = self.ending.bundles.get(message.message_id)
        is_parent = bundle is not None and bundle.parent is message
        registered_delivery = 0 if bundle is not None and not is_parent else pdu.registered_delivery
        # Another takes its place: whichever queue holds the old one passes it over.
        successor = attrs.evolve(
            message,
            body=encode_body(old, strict=False),
            # The store's handle leads to the old body until a restart, so this one stays in memory.
            handle=0,
            registered_delivery=registered_delivery,
            expires_at=expires_at,
            not_before=not_before,
            is_paused=message.is_paused and not pdu.schedule_delivery_time,
            advertises=None,
        )
        self.flight.end(message)
        message.is_ended = True
        self.flight.accept(successor)
        if bundle is not None and is_parent:
            bundle.parent, bundle.not_before = successor, successor.not_before
            self.ending.touched.append(bundle)
        else:
            self.retries.place([successor], now)
        assert successor.body is not None
        commit.batch.facts.append((REPLACED, message.message_id, now, registered_delivery, successor.body))
        scheduled = _scheduled(successor)
        if (expires_at, scheduled) != (message.expires_at, _scheduled(message)):
            detail = TIMES.pack(expires_at, scheduled)
            commit.batch.facts.append((RETIMED, message.message_id, now, 0, detail))
        return c.ESME_ROK

    def _times(
        self, account: Account, message: Message, old: SubmitSm, pdu: ReplaceSm, now: float
    ) -> tuple[float, float] | Refusal:
        """Return (not_before, expires_at) of a message as a replace_sm has it: what it leaves out stays."""
        if not pdu.schedule_delivery_time and not pdu.validity_period:
            return message.not_before, message.expires_at
        class_ = self.intake.classes.get(message.traffic_class) or ClassConfig(name=message.traffic_class)
        latest = self.intake.expires_at(account, class_, now)
        times = self.intake.times(pdu, now, latest, _scheduled(message))
        if isinstance(times, Refusal):
            return times
        not_before, latest = times
        if not pdu.schedule_delivery_time:
            not_before = message.not_before
        if pdu.validity_period:
            return not_before, latest
        if not_before < message.expires_at:
            return not_before, message.expires_at
        # It had no validity_period of its own: that of its account counts from the new schedule.
        return Refusal(c.ESME_RINVSCHED) if old.validity_period else (not_before, latest)

    # ------------------------------------------------------------------ carriers' part

    def _relay(
        self,
        session: Session,
        entry: Pending,
        carrier_request: CancelSm | ReplaceSm,
        request: CancelSm | ReplaceSm,
        failure: int,
        now: float,
    ) -> None:
        for link in self.carriers[entry.carrier].sessions:
            if link.can_submit and link.window.room > 0:
                ask(link, carrier_request, Relay(session, request, entry.message_id), now)
                return
        session.respond(_resp(request, failure))

    def relayed(self, relay: Relay, status: int, now: float, commit: Commit) -> Pending | None:
        """Answer the ESME as the carrier did; return the message if it is cancelled or has other receipts."""
        request = relay.request
        if status != c.ESME_ROK:
            relay.session.respond(_resp(request, status))
            return None
        self._answer_durably(relay.session, request, status, commit)
        entry = self.flight.messages.get(relay.message_id)
        if not isinstance(entry, Pending):
            return None
        if isinstance(request, ReplaceSm):
            if request.registered_delivery == entry.registered_delivery:
                return None
            commit.batch.facts.append((REPLACED, entry.message_id, now, request.registered_delivery, b""))
        return entry

    def unrelayed(self, relay: Relay) -> None:
        """The carrier did not answer."""
        failure = c.ESME_RCANCELFAIL if isinstance(relay.request, CancelSm) else c.ESME_RREPLACEFAIL
        relay.session.respond(_resp(relay.request, failure))

    def _answer_durably(
        self, session: Session, pdu: CancelSm | ReplaceSm, status: int, commit: Commit
    ) -> None:
        commit.answers.append((session, [response(pdu, status)], 1))


def _resp(pdu: Pdu, status: int) -> HeaderOnly:
    return HeaderOnly(
        command_id=pdu.command_id | c.RESPONSE_BIT, sequence_number=pdu.sequence_number, command_status=status
    )


def _scheduled(message: Message) -> float:
    """Return when a message is to go as its ESME has asked, 0 for at once."""
    return 0.0 if message.is_paused else message.not_before


def _text_for(message: Message, account: Account, pdu: ReplaceSm) -> SubmitSm | None:
    """Return a message with the text that takes its place; None: that can't be, or it is on disk."""
    old = decode(c.SUBMIT_SM, 0, 0, message.body or b"")
    if not isinstance(old, SubmitSm):
        return None
    return replaced(old, pdu.short_message, account.config.default_alphabet)


def _query_failed(pdu: QuerySm) -> HeaderOnly:
    return _resp(pdu, c.ESME_RQUERYFAIL)


def _is_owner(entry: Message | Pending | Finished, account: Account, source_addr: bytes) -> bool:
    """Its account may ask about a message, naming its source address (SMPP 3.4 section 4.8.1) or none."""
    if entry.account != account.system_id:
        return False
    return not source_addr or source_addr == address_pair(entry.addresses)[0]
