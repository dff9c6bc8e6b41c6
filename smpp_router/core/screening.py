# Screening on the way of a message: between its admission and its commit, a read's worth at a time.
#
#   accept, tag        it goes on
#   refuse, throttle   its submit_sm is answered with the verdict's command_status
#   hold               it is taken, and held (holding.py) until somebody decides, or its validity ends
#   a part             it is taken and held until its message is whole (long_texts.py), or no further part
#                      has come for parts_wait_s; the whole text is screened, its verdict is that of all parts
#
# Rule 1: a refusal of the whole answers the part that made it whole; the parts before, which have been
#         answered, end REJECTED with a receipt.
# Rule 2: what a recipient refuses by an MO counts at once: for messages to come, and for those that wait, of
#         which none leaves. They are looked through from the next tick on (optout_sweep.py).
"""Holding messages to the rules of compliance."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

import attrs

from smpp_router.compliance.case import Subject
from smpp_router.compliance.policy import HELD_FULL, OPTED_OUT
from smpp_router.compliance.rules.marketing import advertises
from smpp_router.compliance.screener import REFUSED, Screener
from smpp_router.compliance.verdict import Verdict
from smpp_router.core.accounts import Account
from smpp_router.core.commit import Commit
from smpp_router.core.ending import Ending
from smpp_router.core.holding import Holding
from smpp_router.core.long_texts import LongText, LongTexts
from smpp_router.core.optout_sweep import OptOutSweep
from smpp_router.core.refusals import Refusal
from smpp_router.core.required_marks import RequiredMarks
from smpp_router.core.retries import Retries
from smpp_router.core.screened_texts import (
    joined,
    numbers_of,
    part_key_of,
    subject_of,
    writer_of,
)
from smpp_router.core.screening_counters import ScreeningCounters
from smpp_router.core.tracker import Tracker
from smpp_router.message.consent import Consent
from smpp_router.message.message import HELD_FROM, UNREPORTED, Message
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode
from smpp_router.wire.multipart import text_of
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm

Admitted = tuple[SubmitSm, Message]

RULE_COUNTS: Final = ("failed", "slow", "fenced", "skipped", "is_out", "last_error")
"""What statistics tell of a rule that has failed or been slow."""

FULL: Final = Refusal(HELD_FULL, "HELD_FULL: too much waits for review")


class Screening:
    """Judges what accounts submit, and hears what recipients reply."""

    def __init__(
        self,
        screener: Screener,
        accounts: dict[str, Account],
        retries: Retries,
        ending: Ending,
        tracker: Tracker,
    ) -> None:
        self.screener = screener
        self.counters = ScreeningCounters()
        self.holding = Holding(retries, ending, tracker, self.counters)
        self.to_read_back: list[Message] = []
        """Messages held before a restart, whose bodies are on disk."""
        self._accounts = accounts
        self._ending = ending
        self._tracker = tracker
        self._long_texts = LongTexts()
        self._sweep = OptOutSweep(retries, ending, self._is_refused)
        self.marks: Mapping[str, RequiredMarks] = {}
        """What classes require of their messages: shared with the intake."""
        self.meanwhile: list[Consent] | None = None
        """What is said while somebody heeds the words of a file, which become durable after that."""

    # ------------------------------------------------------------------ what accounts submit

    def judge(
        self, account: Account, admitted: Sequence[Admitted], now: float, commit: Commit
    ) -> list[Refusal | None]:
        """Return for each message why it is refused; None: it is taken, be it to be held."""
        refusals: list[Refusal | None] = [None] * len(admitted)
        whole: list[int] = []
        subjects: list[Subject] = []
        for index, (pdu, message) in enumerate(admitted):
            if message.part_key is None:
                whole.append(index)
                subjects.append(self._subject(account, message, pdu, text_of(pdu), now, message.not_before))
        if subjects:
            verdicts = self.screener.screen(subjects, now)
            taken: list[tuple[Message, Verdict]] = []
            accepted: list[Verdict] = []
            watch = self.screener.watched
            for index, subject, verdict in zip(whole, subjects, verdicts, strict=True):
                watched = watch(subject, verdict, now)
                message = admitted[index][1]
                if watched.action == "accept":
                    accepted.append(watched)
                else:
                    refusals[index] = self._carry_out(watched, [message])
                if refusals[index] is None:
                    taken.append((message, watched))
            self.counters.found_in_all(accepted)
            commit.batch.notes += self._tracker.verdicts.screened(taken, now)
        for index, (pdu, message) in enumerate(admitted):
            if message.part_key is not None:
                refusals[index] = self._part(account, pdu, message, now, commit)
        self.counters.refused += sum(refusal is not None for refusal in refusals)
        return refusals

    def _subject(
        self, account: Account, message: Message, pdu: SubmitSm, text: str, now: float, not_before: float
    ) -> Subject:
        code = self.screener.config.country_code
        return subject_of(account, message.traffic_class, pdu, text, now, code, not_before)

    def judge_replacement(
        self,
        account: Account,
        message: Message,
        pdu: SubmitSm,
        not_before: float,
        now: float,
        commit: Commit,
    ) -> int:
        """Return the status that a message's new text and schedule deserve; one to be held is refused."""
        if message.not_before >= HELD_FROM:
            # Part of a text that is not whole, or one that somebody is reading.
            return c.ESME_RREPLACEFAIL
        subject = self._subject(account, message, pdu, text_of(pdu), now, not_before)
        (verdict,) = self.screener.screen([subject], now)
        self.counters.found(verdict)
        if verdict.action == "hold":
            return c.ESME_RREPLACEFAIL
        if verdict.command_status == c.ESME_ROK:
            commit.batch.notes += self._tracker.verdicts.screened([(message, verdict)], now)
        return verdict.command_status

    def _carry_out(self, verdict: Verdict, messages: Sequence[Message]) -> Refusal | None:
        """Do what a verdict says to messages that are not staged yet; return why they are refused."""
        if verdict.symbols:
            self.counters.found(verdict)
        if verdict.action == "hold":
            if len(self.holding) >= self.screener.config.held_max:
                return attrs.evolve(FULL, verdict=self._tracker.verdicts.octets(verdict))
            for message in messages:
                message.not_before += HELD_FROM
            self.holding.for_review(verdict, messages)
        return self._refusal(verdict)

    def _refusal(self, verdict: Verdict) -> Refusal | None:
        status = verdict.command_status
        if status == c.ESME_ROK:
            return None
        text = verdict.status_text if self.screener.config.status_text else ""
        return Refusal(status, text, self._tracker.verdicts.octets(verdict))

    # ------------------------------------------------------------------ long messages

    def _part(
        self, account: Account, pdu: SubmitSm, message: Message, now: float, commit: Commit
    ) -> Refusal | None:
        if message.part_key not in self._long_texts and len(self.holding) >= self.screener.config.held_max:
            return FULL
        text = self._long_texts.add(pdu, message, now)
        is_whole = text is not None and text.is_whole
        if not is_whole:
            message.not_before += HELD_FROM
        if text is None:
            return None
        refusal = self._ended(account, text, message if is_whole else None, now, commit)
        return refusal if is_whole else None

    def _ended(
        self, account: Account, long_text: LongText, last: Message | None, now: float, commit: Commit
    ) -> Refusal | None:
        """Screen what there is of a long message; `last` is a part that has not been answered."""
        pdus, messages = long_text.pdus, long_text.messages
        first = long_text.first
        text = joined(account, pdus)
        marks = self.marks.get(first.traffic_class)
        unmarked = None if marks is None else marks.of_whole(text, pdus)
        if unmarked is not None:
            verdict = self.screener.stamped(unmarked)
        else:
            not_before = long_text.not_before % HELD_FROM
            subject = self._subject(account, first, pdus[0], text, now, not_before)
            (verdict,) = self.screener.screen([subject], now)
            verdict = self.screener.watched(subject, verdict, now)
            self._tell_parts(subject, messages)
        # Some may have been cancelled meanwhile, have expired, or found no room in the store.
        before = [message for message in messages if message is not last and not message.is_ended]
        taken = [(message, verdict) for message in before]
        if verdict.action in ("refuse", "throttle"):
            self.counters.found(verdict)
            commit.batch.notes += self._tracker.verdicts.screened(taken, now)
            for message in before:
                self.holding.reject(message, verdict.command_status, now, commit)
            return self._refusal(verdict)
        refusal: Refusal | None = None
        if verdict.action == "hold":
            # They are held already: what was a wait for parts is a wait for a person now.
            self.holding.for_review(verdict, before)
            refusal = self._carry_out(verdict, [] if last is None else [last])
        else:
            if verdict.symbols:
                self.counters.found(verdict)
            for message in before:
                self.holding.release(message, now, commit)
        if refusal is None and last is not None:
            taken.append((last, verdict))
        commit.batch.notes += self._tracker.verdicts.screened(taken, now)
        return refusal

    def _tell_parts(self, subject: Subject, parts: Sequence[Message]) -> None:
        """Have parts know what only their whole can tell: whether they have hours (hours_door.py)."""
        if self.screener.cases.kind(subject.traffic_class) == "member":
            is_advertising = advertises(self.screener.cases.case(subject))
            for message in parts:
                message.advertises = is_advertising

    # ------------------------------------------------------------------ what was held before a restart

    def recover(self, held: Sequence[Message], recovered: Recovered) -> None:
        """Take up what recipients have said, and what was held, to be screened when it can be read."""
        if self.screener.optouts.fold(recovered.consents).count:
            self._sweep.started()
        self.holding.take_up(held)
        self.to_read_back += held

    def read_back(self, messages: Iterable[Message], now: float, commit: Commit) -> None:
        """Bodies of messages held before a restart have come."""
        wanted = {message.message_id: message for message in self.to_read_back}
        for message in messages:
            if wanted.pop(message.message_id, None) is None or message.is_ended:
                continue
            pdu = decode(c.SUBMIT_SM, 0, 0, message.body or b"")
            account = self._accounts.get(message.account)
            if account is None or not isinstance(pdu, SubmitSm):
                self.holding.reject(message, c.ESME_RINVSYSID, now, commit)
                continue
            message.not_before -= HELD_FROM
            message.part_key = part_key_of(account, pdu)
            refusal = self.judge(account, [(pdu, message)], now, commit)[0]
            if refusal is not None:
                self.holding.reject(message, refusal.command_status, now, commit)
            elif message.not_before < HELD_FROM:
                self.holding.let_go(message, now, commit)
        self.to_read_back = list(wanted.values())

    # ------------------------------------------------------------------ what recipients reply

    def heard(self, account: Account, pdu: DeliverSm | DataSm, now: float, commit: Commit) -> Consent | None:
        """Hear a mobile-originated message to an account; return what it changes about consent."""
        number = writer_of(pdu, self.screener.config.country_code)
        if number is None:
            return None
        consent = self.screener.optouts.heard(account.system_id, number, text_of(pdu), now)
        return consent if consent is not None and self.consent(consent, commit) else None

    def heed(self, consent: Consent) -> bool:
        """Go by a recipient's word from now on, and tell whether that changes anything; not durable yet."""
        self.counters.opted_out += 1
        if consent.is_refusal:
            self._sweep.heard(consent)
        return self.screener.optouts.record(consent)

    def consent(self, consent: Consent, commit: Commit) -> bool:
        """Go by a recipient's word at once, and make it durable; tell whether that changes anything."""
        commit.batch.consents.append(consent)
        if self.meanwhile is not None:
            self.meanwhile.append(consent)
        return self.heed(consent)

    # ------------------------------------------------------------------ time

    def tick(self, now: float, commit: Commit, committing: Commit | None = None) -> None:
        """Judge long messages that nothing more came of, and end what recipients have refused meanwhile.

        `committing` is the commit that is being written.
        """
        for key in self._long_texts.stale(self.screener.config.parts_wait_s, now):
            account = self._accounts.get(key[0])
            text = self._long_texts.take(key)
            if account is not None:
                self._ended(account, text, None, now, commit)
                continue
            # A reload has taken it out: there is nobody by whose rules to judge.
            for message in text.messages:
                self.holding.reject(message, c.ESME_RINVSYSID, now, commit)
        if self._sweep:
            self._end_refused(now, commit, committing)
        self.holding.tick(now)

    def _end_refused(self, now: float, commit: Commit, committing: Commit | None) -> None:
        def reject(message: Message) -> None:
            self.holding.lapse(message, "opted out", now)
            self.holding.reject(message, OPTED_OUT, now, commit)

        commits = (commit,) if committing is None else (committing, commit)
        self._sweep.end_refused(reject, commits, self.screener.config.country_code, now)

    def _is_refused(self, message: Message) -> bool:
        bundle = self._ending.bundles.get(message.message_id)
        whole = message if bundle is None else bundle.parent
        if whole.reported_id == UNREPORTED:
            return False
        source, destination = numbers_of(message.addresses, self.screener.config.country_code)
        kind = self.screener.cases.kind(message.traffic_class) or ""
        if self.screener.optouts.refusal(message.account, destination, source, kind) is None:
            return False
        action = self.screener.policy.action(REFUSED, message.traffic_class, message.account)
        return action not in ("accept", "tag")

    # ------------------------------------------------------------------ the rest

    def statistics(self) -> dict[str, object]:
        """Return what was counted, and what is held."""
        counters, screener = self.counters, self.screener
        return {
            **attrs.asdict(screener.counters),
            "caps_forgotten": screener.caps.forgotten,
            "texts_forgotten": screener.fraud.forgotten,
            "refused": counters.refused,
            "held": len(self.holding),
            "to_review": len(self.holding.reviews),
            "released": counters.released,
            "rejected": counters.rejected,
            "opted_out": screener.optouts.count,
            "by_symbol": dict(counters.by_symbol.most_common(20)),
            "signals": dict(screener.fraud.counts),
            "rules": {
                rule.name: {name: getattr(rule, name) for name in RULE_COUNTS}
                for rule in screener.rulebook
                if rule.failed or rule.slow
            },
        }
