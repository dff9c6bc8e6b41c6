# What a reviewer sees of held messages, and what becomes of a decision.
#
#   accepted        its way goes on, within its validity
#   refused         it ends REJECTED, with the receipt that it is owed
#   nobody decides  it ends EXPIRED when its validity does, and is remembered among the lapsed
#
# Rule 1: the parts of a long message are one item: they were judged as one, and are decided as one.
# Rule 2: a decision is durable before anything comes of it: stage(), a commit, carry_out(). After a crash in
#         between, an accepted message is not held again, and a refused one does not go.
# Rule 3: an item is known by the message_id of any of its parts; a decision comes once.
"""Reviews of held messages."""

from itertools import islice
from operator import itemgetter

import attrs

from smpp_router.compliance.verdict import Verdict
from smpp_router.core.accounts import Account
from smpp_router.core.commit import Commit
from smpp_router.core.holding import Holding
from smpp_router.core.message_ids import issued_at
from smpp_router.core.retries import Retries
from smpp_router.core.screened_texts import joined, numbers_of
from smpp_router.message.lifecycle import SCREENED, VERDICTS
from smpp_router.message.message import Message
from smpp_router.message.review import Review
from smpp_router.wire import constants as c
from smpp_router.wire.codec import decode
from smpp_router.wire.multipart import part_of
from smpp_router.wire.pdu import SubmitSm

_BY_ID = itemgetter(0)
_AFTER_REVIEW = {
    True: VERDICTS.index("allowed after review"),
    False: VERDICTS.index("refused after review"),
}


@attrs.frozen(kw_only=True)
class HeldItem:
    """One message that waits for a person, whole. Times are unix seconds."""

    message_ids: tuple[int, ...]
    """Of its parts, in the order in which they came; the first one stands for all."""
    account: str
    traffic_class: str
    source: str
    destination: str = attrs.field(repr=False)
    text: str = attrs.field(repr=False)
    verdict: Verdict
    since: float
    expires_at: float


@attrs.frozen(kw_only=True)
class Decision:
    """What a reviewer says. `operator`: by whose token."""

    is_accepted: bool
    reviewer: str
    reason: str
    operator: str = ""


class Reviewing:
    """The held messages of one router."""

    def __init__(self, holding: Holding, retries: Retries, accounts: dict[str, Account]) -> None:
        self._holding = holding
        self._retries = retries
        self._accounts = accounts
        self._deciding: set[int] = set()

    def listed(self, account: str = "", after: int = 0, limit: int = 100) -> tuple[int, list[HeldItem]]:
        """How many items there are, and those from the one after `after` on, by their first message_id."""
        groups = self._groups(account)
        later = (group for group in groups if group[0].message_id > after)
        return len(groups), [self._item(group) for group in islice(later, limit)]

    def item(self, message_id: int) -> HeldItem | None:
        """The item that a message is part of; None: it is not held."""
        group = self._group(message_id)
        return None if group is None else self._item(group)

    def stage(self, message_id: int, decision: Decision, now: float, commit: Commit) -> list[Review] | None:
        """Have a decision made durable, for each part; None: the message is not held, or being decided."""
        group = self._group(message_id)
        if group is None or message_id in self._deciding:
            return None
        made: list[Review] = []
        for message in group:
            finding = self._holding.reviews[message.message_id].decisive
            made.append(
                Review(
                    now,
                    message.message_id,
                    message.account,
                    decision.is_accepted,
                    decision.reviewer,
                    decision.reason,
                    decision.operator,
                    "" if finding is None else finding.name,
                )
            )
        self._deciding.update(review.message_id for review in made)
        commit.batch.reviews += made
        return made

    def forget(self, made: list[Review]) -> None:
        """A decision is carried out, or was not made durable in time: it may be made again."""
        self._deciding.difference_update(review.message_id for review in made)

    def carry_out(self, made: list[Review], now: float, commit: Commit) -> bool:
        """Do what a durable decision says; False if the message has ended meanwhile."""
        done = [
            review.message_id
            for review in made
            if self._holding.decide(review.message_id, review.is_accepted, now, commit)
        ]
        if done:
            detail = f"{made[0].reviewer}: {made[0].reason}".encode()
            commit.batch.notes.append((SCREENED, done, now, _AFTER_REVIEW[made[0].is_accepted], detail))
        return bool(done)

    # ------------------------------------------------------------------ parts as one

    def _groups(self, account: str) -> list[list[Message]]:
        """The messages of each item, in the order of their first message_id."""
        groups: dict[object, list[Message]] = {}
        for message_id, verdict in sorted(self._holding.reviews.items(), key=_BY_ID):
            message = self._held(message_id)
            if message is not None and (not account or message.account == account):
                groups.setdefault(_key(message, verdict), []).append(message)
        return list(groups.values())

    def _group(self, message_id: int) -> list[Message] | None:
        """The messages of the item that a message is part of; None: it is not held."""
        reviews = self._holding.reviews
        message = self._held(message_id)
        if message is None or message_id not in reviews:
            return None
        if message.part_key is None:
            return [message]
        verdict = reviews[message_id]
        parts = map(self._held, sorted(other for other, found in reviews.items() if found is verdict))
        return [part for part in parts if part is not None and part.part_key == message.part_key]

    def _held(self, message_id: int) -> Message | None:
        message = self._retries.held.get(message_id)
        return None if message is None or message.is_ended else message

    def _item(self, group: list[Message]) -> HeldItem:
        first = group[0]
        source, destination = numbers_of(first.addresses)
        account = self._accounts.get(first.account)
        return HeldItem(
            message_ids=tuple(message.message_id for message in group),
            account=first.account,
            traffic_class=first.traffic_class,
            source=source,
            destination=destination,
            text="" if account is None else joined(account, _parts(group)),
            verdict=self._holding.reviews[first.message_id],
            since=issued_at(first.message_id),
            expires_at=min(message.expires_at for message in group),
        )


def _key(message: Message, verdict: Verdict) -> object:
    """What the messages of one item have in common: one long message, judged once."""
    if message.part_key is None:
        return message.message_id
    return message.part_key, id(verdict)


def _parts(group: list[Message]) -> list[SubmitSm]:
    """The parts of a text in their order, each once."""
    by_number: dict[int, SubmitSm] = {}
    for message in group:
        pdu = decode(c.SUBMIT_SM, 0, 0, message.body or b"")
        if isinstance(pdu, SubmitSm):
            part = part_of(pdu)
            by_number.setdefault(0 if part is None else part.seqnum, pdu)
    return [by_number[number] for number in sorted(by_number)]
