# The seam between the router and whatever makes its facts durable.
#
# The router stages facts in a Batch as it works; one commit makes everything staged meanwhile durable,
# for many messages and many sessions, and only then are submit_sm_resp and deliver_sm_resp sent.
#
# What every implementation promises:
#   1. When commit() returns, the batch survives kill -9 and power loss. When it raises, the router treats
#      none of it as durable; after a crash during it, some prefix of its facts may be there.
#   2. load() gives back exactly the facts of the committed batches, folded: each message stands in one
#      place only, the last that its facts put it in.
#   3. Facts of one message are applied in the order in which they were staged.
#   4. A batch whose accepted messages are there after a crash has the COPY facts about them too.
#   5. Notes are as durable as the facts of their batch. load() knows nothing of them.
#   6. StoreFull leaves everything committed before it intact, and commits work again once there is room.
#
# Facts are plain tuples (kind, message_id, at, code, detail), not objects: there are several a message.
"""The store seam: batches of facts in, the folded state out."""

import struct
from collections.abc import Sequence
from typing import Final, Protocol

import attrs

from smpp_router.message.consent import Consent
from smpp_router.message.message import Copy, Delivery, Finished, Message, Orphan, PathEnd, Pending
from smpp_router.message.review import Review

Fact = tuple[int, int, float, int, bytes]
"""(kind, message_id, at in unix seconds, code, detail); what code and detail mean depends on the kind."""

SENDING: Final = 1
"""About to be written to a carrier, for messages that may be sent once only. detail: carrier name."""
TAKEN: Final = 2
"""A carrier answered ESME_ROK. code: 1 if another one, which never answered, may have the message too, else
0. detail: carrier name, NUL, canonical carrier message id."""
FINAL: Final = 3
"""The message has ended. code: message_state | error_code << 8 | Cause << 24 | RECEIPT_OWED (lifecycle.py).
detail: the deliver_sm body owed to the ESME, empty if none is; without one the message is settled at once."""
SETTLED: Final = 4
"""What was owed to the ESME under this id was answered, or was given up by age or limit: then with the
code GIVEN_UP."""
REPLACED: Final = 5
"""replace_sm gave the message a new submit_sm body. code: the new registered_delivery. detail: the body,
empty if a carrier has the message, of which no body is kept."""
OWED: Final = 6
"""A mobile-originated message for an account. detail: account name, NUL, deliver_sm body."""
ORPHANED: Final = 7
"""A receipt without its message. message_id: 0. code as for FINAL. detail: carrier name, NUL, id."""
ADOPTED: Final = 8
"""An orphan found its message or was given up. message_id: 0. detail: carrier name, NUL, id."""
COPY: Final = 9
"""A message is a copy of another one, for one of its paths. code: path | protocol_id << 8. detail: the other
one's message_id in 8 octets, carrier name. Staged in the batch that has the copy among its accepted."""
PATH: Final = 10
"""A copy has ended: one more line in the ledger of the message that it is of, whose message_id this is.
code: path | PATH_TAKEN if a carrier took it | message_state << 8 | error_code << 16. detail: the copy's
message_id in 8 octets, carrier name."""
PATH_TAKEN: Final = 0x80
RETIMED: Final = 11
"""replace_sm gave the message other times. detail: its expires_at and not_before from now on, as TIMES."""
TIMES: Final = struct.Struct(">dd")

Note = tuple[int, list[int], float, int, bytes]
"""(kind, message_ids, at, code, detail): what happened to some messages, kept and told, and never folded. The
kinds, from 32 on, and what code and detail mean with each, are in message/lifecycle.py."""


class StoreFullError(Exception):
    """There is no room for the batch; nothing of it is durable. Told to ESMEs as ESME_RMSGQFUL."""


class StoreFailedError(Exception):
    """The medium failed, and whether the batch is durable is unknown.

    The router must stop: what it does not know to be stored it may not answer for.
    """


@attrs.define(eq=False)
class Batch:
    """Facts that become durable together.

    `accepted` messages come before `facts`, `consents` and `reviews` before both. `notes` ride along: for
    them alone no commit is made in a hurry.
    """

    accepted: list[Message] = attrs.Factory(list[Message])
    facts: list[Fact] = attrs.Factory(list[Fact])
    consents: list[Consent] = attrs.Factory(list[Consent])
    reviews: list[Review] = attrs.Factory(list[Review])
    notes: list[Note] = attrs.Factory(list[Note])

    def __bool__(self) -> bool:
        return bool(self.accepted or self.facts or self.consents or self.reviews)


@attrs.define(eq=False)
class Recovered:
    """The state that the committed facts fold to.

    `queued` messages were accepted and not taken (body None, to be read by handle; `is_sent_once` together
    with `attempts` above 0 tells that a SENDING fact stands); `awaiting` were taken; `owed` have an
    unanswered deliver_sm. All in message_id order. `message_id_last` is the highest id ever stored, or 0.
    `consents` and `reviews` are all that were ever committed, in their order.
    `copies` are of messages that have not ended, `path_ends` of `queued` messages, both by message_id.
    """

    queued: list[Message] = attrs.Factory(list[Message])
    awaiting: list[Pending] = attrs.Factory(list[Pending])
    owed: list[Delivery] = attrs.Factory(list[Delivery])
    orphans: list[Orphan] = attrs.Factory(list[Orphan])
    copies: list[Copy] = attrs.Factory(list[Copy])
    path_ends: list[PathEnd] = attrs.Factory(list[PathEnd])
    consents: list[Consent] = attrs.Factory(list[Consent])
    reviews: list[Review] = attrs.Factory(list[Review])
    message_id_last: int = 0


class Store(Protocol):
    """What the router asks of a store. All methods but load() may be called while a commit is under way."""

    def load(self) -> Recovered:
        """Fold what is stored. Called once, first. Raises StoreFailedError if it can't be read."""
        ...

    async def commit(self, batch: Batch) -> None:
        """Make a batch durable and set each accepted message's `handle`. One commit at a time.

        Raises StoreFullError or StoreFailedError.
        """
        ...

    async def bodies(self, handles: Sequence[int]) -> list[bytes]:
        """Read back the submit_sm bodies of messages that no carrier has taken, in the order asked for."""
        ...

    async def finished(self, message_ids: Sequence[int]) -> list[Finished | None]:
        """Look up messages that have ended, by message_id, None where unknown or past retention."""
        ...

    async def maintain(self, now: float) -> None:
        """Do a bounded piece of housekeeping: retention, carrying live messages out of old segments."""
        ...

    def statistics(self) -> dict[str, float]:
        """Numbers for the console: bytes, segments, commits, live messages."""
        ...

    async def aclose(self) -> None:
        """Release files and threads; nothing committed is lost without it."""
        ...
