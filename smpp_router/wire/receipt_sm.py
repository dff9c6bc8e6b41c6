# Of the PDUs that a router reads from carriers every other one is a receipt, and nearly all receipts look
# alike. Read field by field, then as a text, then by its TLVs, one costs more than any other PDU; one regular
# expression over the whole body takes half of that.
#
# Rule 1: it recognises only what obeys every limit of the specification and says the same thing in its text
#         and in its TLVs. Whatever it does not recognise is decoded as ever, and is a DeliverSm.
# Rule 2: what it makes of a body is what parse_receipt() makes of the DeliverSm.
"""Receipts decoded in one step, for sessions whose owner wants to know no more of them."""

import re
from collections.abc import Mapping
from typing import Final

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire.codec import DECODERS, Decoder
from smpp_router.wire.pdu import Pdu
from smpp_router.wire.receipt import STATES, STRICT_TEXT, Receipt

#   service_type  ton npi  source_addr   ton npi  destination_addr  esm_class: a receipt, no UDH
#   protocol_id priority_flag  schedule_delivery_time  validity_period
#   registered_delivery replace_if_present_flag data_coding sm_default_msg_id sm_length (not 255)  text
_match_receipt: Final = re.compile(
    rb"[^\0]{0,5}\0..[^\0]{0,20}\0..[^\0]{0,20}\0\x04..(?:[^\0]{16})?\0(?:[^\0]{16})?\0....([^\xff])"
    + STRICT_TEXT,
    re.DOTALL,
).match

# message_state (SMPP 3.4 section 5.3.2.35) and receipted_message_id (5.3.2.12), as most carriers send both.
_TLVS: Final = b"\x04\x27\x00\x01%c\x00\x1e\x00%c%b\x00"
_ID_OCTETS_MAX: Final = 254
"""Of an id that fits, with its NUL, a length that is written in one octet."""


@attrs.define
class ReceiptSm(Pdu):
    """A deliver_sm that carries a receipt."""

    command_id = c.DELIVER_SM
    receipt: Receipt = attrs.field(factory=lambda: Receipt(b"", c.UNKNOWN))


_decode_deliver_sm: Final = DECODERS[c.DELIVER_SM]


def decode_deliver_sm(command_id: int, command_status: int, sequence_number: int, body: bytes) -> Pdu:
    """A ReceiptSm if the body is a receipt of the usual form, else what it always was."""
    found = _match_receipt(body)
    if found is not None:
        sm_length, message_id, submit_date, done_date, stat, error = found.groups()
        state = STATES.get(stat)
        text_end = found.end(1) + sm_length[0]
        octets = len(body)
        # The text has to reach as far as it was read, and what is behind it to say the same.
        if state is not None and found.end() <= text_end and b"\0" not in message_id:
            if text_end == octets:
                is_sound = True
            else:
                id_octets = len(message_id)
                is_sound = id_octets <= _ID_OCTETS_MAX and body[text_end:] == _TLVS % (
                    state,
                    id_octets + 1,
                    message_id,
                )
            if is_sound:
                receipt = Receipt(message_id, state, stat, error, submit_date, done_date)
                return ReceiptSm(sequence_number, command_status, receipt)
    return _decode_deliver_sm(command_id, command_status, sequence_number, body)


RECEIPT_DECODERS: Final[Mapping[int, Decoder]] = {**DECODERS, c.DELIVER_SM: decode_deliver_sm}
"""The codec's decoders, but for receipts."""
