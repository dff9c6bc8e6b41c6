# Rule 1: what is too long is refused with the status of its field.
# Rule 2: what is reserved is read as the default (SMPP 3.4 section 3.3), and goes out as that. A client that
#         counts priorities to 9 has nothing refused for it, here or by a carrier that looks at them.
"""What fields of a message may hold (SMPP 3.4 section 4.4.1), and what is done about the rest."""

from typing import Final

from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitSm

ADDRESS_OCTETS_MAX: Final = 20
"""Of source_addr and destination_addr (sections 5.2.8 and 5.2.9), beside the NUL."""

SERVICE_TYPE_OCTETS_MAX: Final = 5
"""Of service_type (section 5.2.11), beside the NUL."""


def overlong(pdu: SubmitSm | DeliverSm | DataSm) -> int:
    """Return the command_status for the first field that is too long for a submit_sm or deliver_sm.

    ESME_ROK if none is. The reader takes such fields as they come (layouts.py, rule 1), and a peer that is
    handed them may close its session. A data_sm may have longer addresses (section 4.7.1), but goes on as one
    of these.
    """
    if len(pdu.destination_addr) > ADDRESS_OCTETS_MAX:
        return c.ESME_RINVDSTADR
    if len(pdu.source_addr) > ADDRESS_OCTETS_MAX:
        return c.ESME_RINVSRCADR
    return c.ESME_RINVSERTYP if len(pdu.service_type) > SERVICE_TYPE_OCTETS_MAX else c.ESME_ROK


PRIORITY_FLAG_MAX: Final = 3
"""Above it all is reserved (section 5.2.14)."""

REPLACE_IF_PRESENT_FLAG_MAX: Final = 1
"""Above it all is reserved (section 5.2.18)."""


def with_defaults(pdu: SubmitSm) -> bool:
    """Put the defaults in the place of reserved values; tell whether there were any."""
    is_changed = False
    if pdu.priority_flag > PRIORITY_FLAG_MAX:
        pdu.priority_flag, is_changed = 0, True
    if pdu.replace_if_present_flag > REPLACE_IF_PRESENT_FLAG_MAX:
        pdu.replace_if_present_flag, is_changed = 0, True
    if is_changed:
        pdu.body = None
    return is_changed
