# Which messages are past a deadline of their state (message/lifecycle.py), for alarms and whoever watches.
#
#   response   on a link, and not answered within the carrier's response_timeout_s
#   receipt    with a carrier for longer than it takes to confirm messages to that region, by what health has
#              measured of it (Cohort.is_overdue)
#   validity   with a carrier, and its validity is over: its receipt is waited for receipt_late_s longer
#
# What waits here is ended when its validity is, and receipts are handed again or given up by their accounts,
# so that neither of these is ever overdue for longer than a look at the time takes.
"""Messages that are past a deadline."""

from collections.abc import Iterator, Mapping

import attrs

from smpp_router.core.carriers import Carrier
from smpp_router.core.flight import Flight
from smpp_router.message.lifecycle import DEADLINES, State
from smpp_router.message.message import Message

RESPONSE = DEADLINES[State.SENT].name
RECEIPT = DEADLINES[State.TAKEN].name
VALIDITY = DEADLINES[State.PLANNED].name


@attrs.frozen
class Overdue:
    """A message past a deadline. `since` is when its clock began, in unix seconds."""

    message_id: int
    deadline: str
    carrier: str
    since: float


def overdue(flight: Flight, carriers: Mapping[str, Carrier], now: float) -> Iterator[Overdue]:
    """Name the messages that are past a deadline at `now`, by carrier, those unanswered first.

    May be taken piece by piece while messages, and carriers, come and go: it goes through those that were
    there at first.
    """
    for name, carrier in list(carriers.items()):
        yield from _unanswered(name, carrier, now)
        for pending in flight.taken_by(name):
            if flight.messages.get(pending.message_id) is not pending:
                continue
            if pending.expires_at <= now:
                yield Overdue(pending.message_id, VALIDITY, name, pending.expires_at)
            elif pending.cohort is not None and pending.cohort.is_overdue:
                yield Overdue(pending.message_id, RECEIPT, name, pending.cohort.opened_at)


def _unanswered(name: str, carrier: Carrier, now: float) -> Iterator[Overdue]:
    sent_before = now - carrier.config.response_timeout_s
    for session in list(carrier.sessions):
        for context in list(session.window.outstanding()):
            if isinstance(context, Message):
                if context.sent_at > sent_before:
                    # Requests are in the order in which they were sent.
                    break
                yield Overdue(context.message_id, RESPONSE, name, context.sent_at)
