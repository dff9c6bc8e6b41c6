# A Bundle is one message of a class with paths, and what stands of its copies; core/paths.py leads it.
#
#   the message itself ("parent")   stands in Flight as a Message until it ends, in no carrier's queue
#   each copy                       is an entry of its own: queued, sent, taken, ended like any other message
#
# Rule 1: a copy owes nobody a receipt (registered_delivery 0); what it comes to is its path's.
# Rule 2: a copy ends in Ending, like everything; its end is written into its Path there, and into the store
#         under its parent's id, in the same commit. So a crash finds the ledger whole.
# Rule 3: a path has one live copy at most.
"""A message and the copies of it that several carriers carry."""

import attrs

from smpp_router.message.message import Message, Pending
from smpp_router.message.tally import Cohort
from smpp_router.routing.redundancy import OPEN, Outcome, Policy, Stage
from smpp_router.wire import constants as c


@attrs.define(eq=False)
class Path:
    """One carrier for one message. `order` counts up over all paths of the message, 0: never used."""

    number: int
    carrier: str
    copy_id: int = 0
    stage: Stage = Stage.NEW
    """NEW or an end; as long as the copy is live, stage_of() tells."""
    order: int = 0
    started_at: float = 0.0
    confirm_by: float = 0.0
    is_timed: bool = False
    """Whether the delay of its receipt says something about the carrier: it was up when the copy was made."""
    is_recalled: bool = False
    """Whether its carrier was asked to cancel its copy, which happens once, when the message has ended."""
    recall_at: float = 0.0
    """When that is to be, once known."""
    is_marked: bool = False
    """Whether its copy carries a mark by which a handset keeps one of several that were sent at once."""
    is_outrun: bool = False
    """Whether a later path has delivered, in the time that is usual for it, when this one had not."""
    outrun: tuple[Cohort, float] | None = None
    """Where that counts, and the age of its copy then, for as long as its receipt may still come."""
    is_doubtful: bool = False
    """Whether an earlier copy may have gone out, and nobody knows."""
    message_state: int = 0
    error_code: int = 0
    ended_at: float = 0.0

    @property
    def outcome(self) -> Outcome:
        """How its latest copy ended."""
        return Outcome(self.stage, self.message_state, self.error_code, self.ended_at)


@attrs.define(eq=False)
class Bundle:
    """A message with its paths, in the order in which they are to be used.

    `is_over`: it has ended, copies may be left. `is_unwanted`: its ESME has asked to cancel it, so nothing
    new is sent. `is_expired`: its validity is over. `round` counts from 1, `copies` counts those ever made.
    `told` are the intermediate states that its ESME has been told. `wake_at`: when it is looked at again;
    `not_before`: the earliest next start.
    """

    parent: Message
    policy: Policy
    paths: list[Path]
    region: str = ""
    protocol_id: int = 0
    round: int = 1
    copies: int = 0
    is_over: bool = False
    is_unwanted: bool = False
    is_expired: bool = False
    wake_at: float = 0.0
    not_before: float = 0.0
    told: set[int] = attrs.Factory(set[int])

    def path_of(self, copy_id: int) -> Path:
        """The path that a live copy is for."""
        return next(path for path in self.paths if path.copy_id == copy_id)

    def call_back(self, copy_id: int) -> bool:
        """A copy ends without its carrier's word; tell whether it counts as outrun, then for good."""
        for path in self.paths:
            if path.copy_id == copy_id and path.outrun is not None:
                path.outrun = None
                return True
        return False


def stage_of(path: Path, entry: Message | Pending | None) -> Stage:
    """How a path stands, given its copy's entry in Flight, if it has one."""
    if entry is None:
        return path.stage
    if isinstance(entry, Pending):
        return Stage.TAKEN
    return Stage.OUT if entry.is_on_link else Stage.WAITING


def end_stage(entry: Message | Pending, message_state: int) -> Stage:
    """The stage that a copy's end comes to."""
    if isinstance(entry, Pending):
        if message_state == c.DELIVERED:
            return Stage.DELIVERED
        return Stage.UNKNOWN if message_state == c.UNKNOWN else Stage.FAILED
    if message_state == c.UNKNOWN:
        return Stage.SILENT if entry.is_doubtful else Stage.UNKNOWN
    return _UNTAKEN[message_state]


_UNTAKEN = {
    c.UNDELIVERABLE: Stage.REFUSED,
    c.REJECTED: Stage.REJECTED,
    c.EXPIRED: Stage.EXPIRED,
    c.DELETED: Stage.WITHDRAWN,
}


def recovered_stage(is_taken: bool, message_state: int) -> Stage:
    """The same for an end that the store remembers."""
    if is_taken:
        if message_state == c.DELIVERED:
            return Stage.DELIVERED
        return Stage.UNKNOWN if message_state == c.UNKNOWN else Stage.FAILED
    return Stage.UNKNOWN if message_state == c.UNKNOWN else _UNTAKEN[message_state]


def is_open(path: Path, entry: Message | Pending | None) -> bool:
    """Whether something may still come of a path."""
    return stage_of(path, entry) in OPEN


def body_with(body: bytes, addresses: bytes, protocol_id: int) -> bytes:
    """A submit_sm body with another protocol_id, unless it has one already (SMPP 3.4 section 4.4.1)."""
    at = body.index(0) + 1 + len(addresses) + 1
    return body if body[at] else b"%b%c%b" % (body[:at], protocol_id, body[at + 1 :])


def is_hedge(bundle: Bundle | None, copy_id: int) -> bool:
    """Whether a copy is a later one of a hedged message: made because an earlier one was not confirmed."""
    if bundle is None or bundle.policy.mode != "hedged":
        return False
    return any(path.copy_id == copy_id and path.order > 1 for path in bundle.paths)
