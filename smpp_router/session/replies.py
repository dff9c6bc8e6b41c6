# What the protocol itself replies to a PDU that is none of the owner's business. A choice: it sends nothing.
#
#   a response that we don't know    nothing: two peers that nacked each other's would never come to an end
#   a request that we don't know     generic_nack with ESME_RINVCMDID
#   a malformed request              its response with the status that the codec found for it
#   enquire_link                     enquire_link_resp
#   what the state does not allow    its response with ESME_RALYBND for a second bind, else ESME_RINVBNDSTS
#
# What has no response at all (WITHOUT_RESPONSE) is counted like the rest, and gets none.
"""The replies that no owner is asked for (SMPP 3.4 sections 2.3, 2.8, 4.3 and 4.11)."""

from typing import Final

from smpp_router.session.states import BOUND_BY, WITHOUT_RESPONSE
from smpp_router.wire import constants as c
from smpp_router.wire.codec import header_only
from smpp_router.wire.pdu import Malformed, Pdu, UnknownPdu

STRAY, REFUSED, MALFORMED, UNKNOWN = "stray_responses", "refused", "malformed", "unknown"
COUNTED: Final = (STRAY, REFUSED, MALFORMED, UNKNOWN)
"""What a session counts of this; an enquire_link is none of them."""


def reply(pdu: Pdu, allowed: frozenset[int], is_bound: bool) -> tuple[str, bytes]:
    """Return what a PDU counts as and what it is replied to with; either may be empty.

    `allowed` are the command_ids that its sender may send now.
    """
    command_id = pdu.command_id
    if type(pdu) is UnknownPdu:
        if command_id & c.RESPONSE_BIT:
            return STRAY, b""
        return UNKNOWN, header_only(c.GENERIC_NACK, c.ESME_RINVCMDID, pdu.sequence_number)
    if type(pdu) is Malformed:
        counted, status = MALFORMED, pdu.answer_status
    elif command_id == c.ENQUIRE_LINK and command_id in allowed:
        counted, status = "", c.ESME_ROK
    else:
        is_second_bind = command_id in BOUND_BY and is_bound
        counted, status = REFUSED, c.ESME_RALYBND if is_second_bind else c.ESME_RINVBNDSTS
    if command_id in WITHOUT_RESPONSE:
        return counted, b""
    return counted, response(pdu, status)


def response(request: Pdu, status: int) -> bytes:
    """Return the response to a request that has no more to say than a status."""
    return header_only(request.command_id | c.RESPONSE_BIT, status, request.sequence_number)
