# query_sm, cancel_sm and replace_sm, as SMPP 3.4 sections 4.8 to 4.10 have them:
#
#   message is              query_sm             cancel_sm            replace_sm
#   under way               ENROUTE              DELETED              changed
#   ended                   its final state      RCANCELFAIL          RREPLACEFAIL
#   of another source       RQUERYFAIL           RCANCELFAIL          RREPLACEFAIL
#   not this account's      RINVMSGID            RINVMSGID            RINVMSGID
#
# A cancel_sm without a message_id is for all messages under way between two addresses.
"""What an ESME may do to a message that a simulated carrier has taken."""

from simulators.messages import Held, Messages
from simulators.times import Times, times_of
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import CancelSm, HeaderOnly, Pdu, QuerySm, QuerySmResp, ReplaceSm, SubmitSm
from smpp_router.wire.times import format_absolute


def answer(pdu: Pdu, status: int) -> HeaderOnly:
    """Return the response to a request that says a status and nothing else."""
    return HeaderOnly(
        sequence_number=pdu.sequence_number, command_status=status, command_id=pdu.command_id | c.RESPONSE_BIT
    )


def query(messages: Messages, pdu: QuerySm, system_id: str) -> Pdu:
    """Return the response to a query_sm."""
    held = messages.find(pdu.message_id, system_id)
    if held is None:
        return answer(pdu, c.ESME_RINVMSGID)
    if not _is_from(held, pdu):
        return answer(pdu, c.ESME_RQUERYFAIL)
    return QuerySmResp(
        sequence_number=pdu.sequence_number,
        message_id=held.message_id,
        final_date=format_absolute(held.ends_at) if held.has_ended else b"",
        message_state=held.message_state or c.UNKNOWN,
        # One octet here, two in a receipt (SMPP 3.4 section 4.8.2).
        error_code=min(held.error_code, 255) if held.has_ended else 0,
    )


def cancel(messages: Messages, pdu: CancelSm, system_id: str) -> tuple[Pdu, list[Held]]:
    """Return the response to a cancel_sm and the messages that are to end as DELETED."""
    if not pdu.message_id:
        found = messages.under_way(system_id, pdu.service_type, _source(pdu) + _destination(pdu))
        return answer(pdu, c.ESME_ROK if found else c.ESME_RCANCELFAIL), found
    held = messages.find(pdu.message_id, system_id)
    if held is None:
        return answer(pdu, c.ESME_RINVMSGID), []
    is_other = pdu.destination_addr and not held.addresses.endswith(_destination(pdu))
    if held.has_ended or is_other or not _is_from(held, pdu):
        return answer(pdu, c.ESME_RCANCELFAIL), []
    return answer(pdu, c.ESME_ROK), [one for one in (held, *held.others) if not one.has_ended]


def replace(messages: Messages, pdu: ReplaceSm, system_id: str, now: float) -> tuple[Pdu, Held | None]:
    """Return the response to a replace_sm, and the message if its end has moved."""
    held = messages.find(pdu.message_id, system_id)
    if held is None:
        return answer(pdu, c.ESME_RINVMSGID), None
    if held.has_ended or held.others or not _is_from(held, pdu):
        return answer(pdu, c.ESME_RREPLACEFAIL), None
    times = times_of(pdu.schedule_delivery_time, pdu.validity_period, now)
    if not isinstance(times, Times):
        return answer(pdu, times), None
    held.short_message = pdu.short_message
    held.registered_delivery = pdu.registered_delivery
    due_at = held.ends_at
    if pdu.schedule_delivery_time:
        held.ends_at = times.starts_at
    if pdu.validity_period:
        held.expires_at = times.expires_at
    if not held.is_on_air:
        held.heed_validity()
    return answer(pdu, c.ESME_ROK), held if held.ends_at != due_at else None


def present(messages: Messages, system_id: str, pdu: SubmitSm) -> list[Held]:
    """Return what a message with replace_if_present_flag replaces (SMPP 3.4 section 5.2.18).

    That is what is under way from the same account, of the same service_type, between the same addresses.
    """
    source = bytes((pdu.source_addr_ton, pdu.source_addr_npi)) + pdu.source_addr + b"\0"
    destination = bytes((pdu.dest_addr_ton, pdu.dest_addr_npi)) + pdu.destination_addr + b"\0"
    found = messages.under_way(system_id, pdu.service_type, source + destination)
    return [held for held in found if held.service_type == pdu.service_type]


def _is_from(held: Held, pdu: QuerySm | CancelSm | ReplaceSm) -> bool:
    """Whether the source is the one that the message was submitted with, as section 4.8.1 demands."""
    return held.addresses.startswith(_source(pdu))


def _source(pdu: QuerySm | CancelSm | ReplaceSm) -> bytes:
    return bytes((pdu.source_addr_ton, pdu.source_addr_npi)) + pdu.source_addr + b"\0"


def _destination(pdu: CancelSm) -> bytes:
    return bytes((pdu.dest_addr_ton, pdu.dest_addr_npi)) + pdu.destination_addr + b"\0"
