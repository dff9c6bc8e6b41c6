# What one commit carries through the store, and what waits for it.
#
# The router stages into the open Commit while the one before is being written. When that is durable, its
# answers go out and its messages go on; never before. That is the whole durability rule of the router:
# nothing is promised to a peer that a crash could take back.
"""A batch of facts with everything that must not happen before it is durable."""

from collections.abc import Set as AbstractSet

import attrs

from smpp_router.message.message import Delivery, Message
from smpp_router.session.session import Session
from smpp_router.store.seam import Batch, Note
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER, header_only

Answers = tuple[Session, list[bytes], int]
"""A session, the encoded responses for it, and how many requests they answer."""


@attrs.define(eq=False)
class Commit:
    """Staged work.

    `accepts` tell of `batch.accepted` and are turned into refusals if the store is full. `answers` are owed
    for the facts. Once all is durable, `releases` go to their carriers, `deliveries` to their accounts and
    `sendings` (messages that may be sent once only, now recorded as sent) back to the front of their queue.
    Notes alone wait for company, until the commit `is_due`.
    """

    batch: Batch = attrs.Factory(Batch)
    accepts: list[Answers] = attrs.Factory(list[Answers])
    answers: list[Answers] = attrs.Factory(list[Answers])
    releases: list[Message] = attrs.Factory(list[Message])
    deliveries: list[Delivery] = attrs.Factory(list[Delivery])
    sendings: list[tuple[str, list[Message]]] = attrs.Factory(list[tuple[str, list[Message]]])
    is_due: bool = False

    def __bool__(self) -> bool:
        return bool(self.batch) or bool(self.answers) or bool(self.deliveries) or self.is_due

    def take_back(self, commit: "Commit", refused: AbstractSet[int], notes: list[Note]) -> None:
        """Stage again, before what is staged here, what a full store has not taken of another commit.

        `refused` are the message_ids of its messages, which are not staged again, nor is what hangs on them;
        `notes` is what is left of its notes.
        """
        batch, other = self.batch, commit.batch
        # What was not taken has no facts: its id may be another message's after a restart.
        batch.facts = [fact for fact in (*other.facts, *batch.facts) if fact[1] not in refused]
        batch.notes[:0] = notes
        batch.consents[:0] = other.consents
        batch.reviews[:0] = other.reviews
        self.answers[:0] = commit.answers
        self.sendings[:0] = commit.sendings
        deliveries = (*commit.deliveries, *self.deliveries)
        self.deliveries = [one for one in deliveries if one.message_id not in refused]


def refusal_of(answer: bytes) -> bytes:
    """Return the response that refuses, for want of room, what an encoded response accepts."""
    _, command_id, _, sequence_number = HEADER.unpack_from(answer)
    return header_only(command_id, c.ESME_RMSGQFUL, sequence_number)
