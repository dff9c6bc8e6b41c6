# After a start: what the store holds is put where it was, before any session is served. Nothing is read and
# nothing is written here; what follows from it is staged in the exchange's first commit.
#
#   a carrier has it                    it awaits its receipt; ends UNKNOWN if its carrier is gone
#   held                                it is screened again; goes or ends as a person had decided meanwhile
#   with paths                          as its copies stand (path_recovery.py)
#   accepted, and on its way to one     it is queued again; may it be sent once only, it may end UNKNOWN
#   a receipt that its ESME is owed     it is delivered again
#   a receipt that nobody was for yet   it is parked again
"""Taking up what a store holds."""

from smpp_router.compliance.policy import CONTENT_REFUSED
from smpp_router.core import path_recovery
from smpp_router.core.exchange import Exchange
from smpp_router.message.lifecycle import Cause
from smpp_router.message.message import HELD_FROM, Message
from smpp_router.store.seam import Recovered
from smpp_router.wire import constants as c


def take_up(exchange: Exchange, recovered: Recovered, now: float) -> None:
    """Have an exchange go on with what its store holds."""
    exchange.issuer.observe(recovered.message_id_last)
    key_of = {name: carrier.ids.from_response for name, carrier in exchange.carriers.items()}
    exchange.flight.recover((p for p in recovered.awaiting if p.carrier in key_of), key_of)
    held, refused = _taken_out(recovered, is_screened=exchange.screening is not None)
    queued = path_recovery.recover(exchange.paths, recovered, now, exchange.commit)
    exchange.commit.batch.notes += exchange.tracker.restarted(held, now)
    copy_ids = {copy.message_id for copy in recovered.copies}
    copies = [one for one in recovered.queued if one.message_id in copy_ids and not one.is_ended]
    exchange.commit.batch.notes += exchange.tracker.restarted(copies, now)
    for pending in recovered.awaiting:
        if pending.carrier not in key_of:
            # The configuration has no such carrier any more: no receipt can come.
            exchange.ending.end(pending, c.UNKNOWN, 0, now, exchange.commit, Cause.RESTART)
    for message in refused:
        exchange.flight.accept(message)
        exchange.ending.end(message, c.REJECTED, CONTENT_REFUSED, now, exchange.commit, Cause.SCREENING)
    taken_up = [message for message in queued if exchange.retries.take_up(message, now, exchange.commit)]
    exchange.commit.batch.notes += exchange.tracker.taken_up(taken_up, now)
    exchange.retries.place(taken_up, now)
    if exchange.screening is not None:
        exchange.screening.recover(held, recovered)
    exchange.paths.settle(now, exchange.commit)
    exchange.handover.owe(recovered.owed, now, exchange.commit)
    for orphan in recovered.orphans:
        carrier = exchange.carriers.get(orphan.carrier)
        if carrier is not None:
            exchange.orphans.park(orphan, carrier.ids.from_receipt(orphan.carrier_message_id))


def _taken_out(recovered: Recovered, *, is_screened: bool) -> tuple[list[Message], list[Message]]:
    """Take the held messages out of what a store held: those that still are, and those to be ended.

    The last word of a person counts, and a crash may have come before what follows from it: what was let go
    is held no longer, what was refused does not go. Nor is held what has copies, or is recorded as about to
    leave: it had been let go. The rest is held no longer without screening.
    """
    held = [message for message in recovered.queued if message.not_before >= HELD_FROM]
    if not held:
        return [], []
    is_accepted = dict.fromkeys((one.parent_id for one in (*recovered.copies, *recovered.path_ends)), True)
    is_accepted |= {review.message_id: review.is_accepted for review in recovered.reviews}
    waiting: list[Message] = []
    refused: list[Message] = []
    for message in held:
        said = is_accepted.get(message.message_id, None if is_screened and not message.is_recorded else True)
        if said:
            message.not_before -= HELD_FROM
        else:
            (waiting if said is None else refused).append(message)
    recovered.queued = [message for message in recovered.queued if message.not_before < HELD_FROM]
    return waiting, refused
