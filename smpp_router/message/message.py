# What a message is at each stage of its life, and no more than that stage needs.
#
#   Message    admitted, on its way to a carrier: has its body, or can read it back by `handle`
#   Pending    taken by a carrier, awaiting its receipt: no body; a million of these must fit in memory
#   Delivery   owed to an ESME: a receipt or a mobile-originated message, as the deliver_sm body to send
#
# Message is slotted and mutable, since it flows and changes. Pending and Delivery never change: tuples of
# plain values, the smallest that Python has.
"""The values that a message is made of between an ESME and a carrier."""

from typing import Final, NamedTuple

import attrs

from smpp_router.message.decision import Decision
from smpp_router.message.tally import Cohort, Tally

HELD_FROM: Final = 1e11
"""A not_before from this time on, in the year 5138, says that the message is held and for no time at all.
What is beyond it is the not_before that it had before."""

UNREPORTED: Final = 0
"""The reported_id of a message that no ESME has submitted: the router's own answer to a recipient."""


@attrs.define(eq=False)
class Message:
    """A message that the router has admitted and that no carrier has taken yet.

    `body` is the submit_sm body to send (None while it is only on disk, under `handle`), `addresses` its
    source and destination as on the wire (TON, NPI, C-octet string, twice), `reported_id` the message_id
    that the ESME knows (differs from `message_id` only for the destinations of a submit_multi).
    `decision`: how `plan` came about; None for a plan that is nobody's choice.
    `is_sent_once`: it may not be sent again once it may have gone out; `is_recorded`: that is in the store.
    `is_doubtful`: a carrier that never answered may have taken it. `is_on_link`: it stands in a session's
    window. `is_ended`: whatever queue still holds it passes it over.
    `tally`: where what becomes of it is counted; None before it is sent. `sent_at`: when it was.
    `replanned`: the number of the change of rules after which it was planned again.
    `throttles`: how often a carrier has answered that it has no room now.
    `advertises`: whether its text does, where that decides about its hours and somebody has looked.
    `is_paused`: its not_before is a pause that nobody has asked for, and no schedule.
    Times are unix seconds; `not_before` is 0 for a message that may go at once.
    """

    message_id: int
    reported_id: int
    account: str
    traffic_class: str
    body: bytes | None
    addresses: bytes
    registered_delivery: int
    expires_at: float
    not_before: float = 0.0
    handle: int = 0
    attempts: int = 0
    plan: tuple[str, ...] = ()
    part_key: tuple[str, bytes, int, int] | None = None
    is_sent_once: bool = False
    is_recorded: bool = False
    is_doubtful: bool = False
    is_on_link: bool = False
    is_ended: bool = False
    tally: Tally | None = None
    sent_at: float = 0.0
    decision: Decision | None = None
    replanned: int = 0
    throttles: int = 0
    advertises: bool | None = None
    is_paused: bool = False


class Pending(NamedTuple):
    """A message that a carrier has taken and whose receipt has not come.

    `cohort`: where its receipt will count; None if it was taken before a restart.
    `is_doubtful`: another carrier, which never answered, may have taken it too.
    """

    message_id: int
    reported_id: int
    account: str
    carrier: str
    carrier_message_id: bytes
    addresses: bytes
    registered_delivery: int
    expires_at: float
    cohort: Cohort | None = None
    is_doubtful: bool = False


class Delivery(NamedTuple):
    """A deliver_sm that is owed to an ESME until it answers: the PDU's body, and when it was made."""

    message_id: int
    account: str
    body: bytes
    made_at: float


class Orphan(NamedTuple):
    """A receipt whose message is not known yet: it may have overtaken its submit_sm_resp."""

    carrier: str
    carrier_message_id: bytes
    message_state: int
    error_code: int
    received_at: float


class Copy(NamedTuple):
    """One message is a copy of another, `parent_id`, for path number `path` of it."""

    message_id: int
    parent_id: int
    path: int
    carrier: str
    protocol_id: int
    made_at: float


class PathEnd(NamedTuple):
    """How a copy of the message `parent_id` ended. `is_taken`: a carrier had answered ESME_ROK for it."""

    parent_id: int
    path: int
    copy_id: int
    carrier: str
    is_taken: bool
    message_state: int
    error_code: int
    ended_at: float


class Finished(NamedTuple):
    """What is remembered of a message that has ended, for query_sm (SMPP 3.4 section 4.8)."""

    message_id: int
    reported_id: int
    account: str
    addresses: bytes
    message_state: int
    error_code: int
    final_at: float
