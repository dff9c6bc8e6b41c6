# One class a body layout of SMPP 3.4 section 4, one attribute a field, spelled as there.
#
# Rule 1: a PDU is bytes in, bytes out: C-octet strings are held as bytes without their NUL, so that
#         what a peer sent wrongly can be kept, relayed and shown exactly.
# Rule 2: what can't be decoded is a value too: Malformed carries the answer that it deserves.
# Rule 3: `body` is the PDU as it came off the wire, without its header; forwarding reuses it.
# Rule 4: every PDU has a command_id. A class with one command_id has it as a class attribute, written without
#         an annotation so that attrs makes no field of it; a class with several has it as its third field.
#         Coded declares it for both, in a base without fields, so that either kind overrides it soundly.
# Slotted and mutable on purpose: a frozen class costs six times as much to make, and one is made per PDU.
"""The protocol data units of SMPP 3.4 (section 4) as values."""

import attrs

from smpp_router.wire import constants as c

Tlvs = tuple[tuple[int, bytes], ...]
"""Optional parameters in the order in which they came: (tag, value) pairs, repeats and unknown tags kept."""


def masked(value: bytes) -> str:
    """Show that octets were there, never which: numbers, secrets and texts stay out of logs."""
    return f"<{len(value)} octets>"


class Coded:
    """Something with a command_id (SMPP 3.4 section 5.1.2.1); see rule 4.

    `request` exists on responses only: the context that the answered request was sent with.
    """

    __slots__ = ()
    command_id: int
    request: object


@attrs.define
class Pdu(Coded):
    """What every PDU has (SMPP 3.4 section 3.2): the answer's status and the number that pairs it."""

    sequence_number: int = 0
    command_status: int = c.ESME_ROK


@attrs.define
class HeaderOnly(Pdu):
    """A PDU without a body: enquire_link, unbind, generic_nack, and the responses of cancel and replace."""

    command_id: int = c.ENQUIRE_LINK
    request: object = attrs.field(default=None, eq=False, repr=False)


@attrs.define
class Bind(Pdu):
    """bind_transmitter, bind_receiver and bind_transceiver (SMPP 3.4 section 4.1)."""

    command_id: int = c.BIND_TRANSCEIVER
    system_id: bytes = b""
    password: bytes = attrs.field(default=b"", repr=masked)
    system_type: bytes = b""
    interface_version: int = 0x34
    addr_ton: int = 0
    addr_npi: int = 0
    address_range: bytes = attrs.field(default=b"", repr=masked)


@attrs.define
class BindResp(Pdu):
    """The response to any bind (SMPP 3.4 section 4.1.2)."""

    command_id: int = c.BIND_TRANSCEIVER_RESP
    system_id: bytes = b""
    tlvs: Tlvs = ()
    request: object = attrs.field(default=None, eq=False, repr=False)


@attrs.define
class Outbind(Pdu):
    """The MC asks an ESME to bind as a receiver (SMPP 3.4 section 4.1.7)."""

    command_id = c.OUTBIND
    system_id: bytes = b""
    password: bytes = attrs.field(default=b"", repr=masked)


@attrs.define
class ShortMessage(Pdu):
    """The layout that submit_sm and deliver_sm share (SMPP 3.4 sections 4.4.1 and 4.6.1)."""

    service_type: bytes = b""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: bytes = attrs.field(default=b"", repr=masked)
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: bytes = attrs.field(default=b"", repr=masked)
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: bytes = b""
    validity_period: bytes = b""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = attrs.field(default=b"", repr=masked)
    tlvs: Tlvs = attrs.field(default=(), repr=lambda tlvs: str([hex(tag) for tag, _ in tlvs]))
    body: bytes | None = attrs.field(default=None, eq=False, repr=False)


@attrs.define
class SubmitSm(ShortMessage):
    """An ESME's message to the MC (SMPP 3.4 section 4.4.1)."""

    command_id = c.SUBMIT_SM


@attrs.define
class DeliverSm(ShortMessage):
    """The MC's message or receipt to an ESME (SMPP 3.4 section 4.6.1)."""

    command_id = c.DELIVER_SM


@attrs.define
class SubmitSmResp(Pdu):
    """The MC's answer to submit_sm (SMPP 3.4 section 4.4.2)."""

    command_id = c.SUBMIT_SM_RESP
    message_id: bytes = b""
    tlvs: Tlvs = ()
    request: object = attrs.field(default=None, eq=False, repr=False)


@attrs.define
class DeliverSmResp(Pdu):
    """The ESME's answer to deliver_sm (SMPP 3.4 section 4.6.2); message_id is unused and empty."""

    command_id = c.DELIVER_SM_RESP
    message_id: bytes = b""
    tlvs: Tlvs = ()
    request: object = attrs.field(default=None, eq=False, repr=False)


@attrs.frozen
class SmeAddress:
    """A submit_multi destination that is one SME (dest_flag 1, SMPP 3.4 section 4.5.1.1)."""

    dest_addr_ton: int
    dest_addr_npi: int
    destination_addr: bytes = attrs.field(repr=masked)


@attrs.frozen
class DistributionList:
    """A submit_multi destination that is a named list (dest_flag 2, SMPP 3.4 section 4.5.1.2)."""

    dl_name: bytes


@attrs.define
class SubmitMulti(Pdu):
    """One message to up to 254 destinations (SMPP 3.4 section 4.5.1)."""

    command_id = c.SUBMIT_MULTI
    service_type: bytes = b""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: bytes = attrs.field(default=b"", repr=masked)
    dest_addresses: tuple[SmeAddress | DistributionList, ...] = ()
    esm_class: int = 0
    protocol_id: int = 0
    priority_flag: int = 0
    schedule_delivery_time: bytes = b""
    validity_period: bytes = b""
    registered_delivery: int = 0
    replace_if_present_flag: int = 0
    data_coding: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = attrs.field(default=b"", repr=masked)
    tlvs: Tlvs = attrs.field(default=(), repr=lambda tlvs: str([hex(tag) for tag, _ in tlvs]))


@attrs.frozen
class UnsuccessSme:
    """A destination that submit_multi could not take, and why (SMPP 3.4 section 4.5.2.1)."""

    dest_addr_ton: int
    dest_addr_npi: int
    destination_addr: bytes = attrs.field(repr=masked)
    error_status_code: int


@attrs.define
class SubmitMultiResp(Pdu):
    """The MC's answer to submit_multi (SMPP 3.4 section 4.5.2)."""

    command_id = c.SUBMIT_MULTI_RESP
    message_id: bytes = b""
    unsuccess_sme: tuple[UnsuccessSme, ...] = ()
    tlvs: Tlvs = ()
    request: object = attrs.field(default=None, eq=False, repr=False)


@attrs.define
class DataSm(Pdu):
    """A message either way whose text travels in message_payload (SMPP 3.4 section 4.7.1)."""

    command_id = c.DATA_SM
    service_type: bytes = b""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: bytes = attrs.field(default=b"", repr=masked)
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: bytes = attrs.field(default=b"", repr=masked)
    esm_class: int = 0
    registered_delivery: int = 0
    data_coding: int = 0
    tlvs: Tlvs = attrs.field(default=(), repr=lambda tlvs: str([hex(tag) for tag, _ in tlvs]))


@attrs.define
class DataSmResp(Pdu):
    """The answer to data_sm (SMPP 3.4 section 4.7.2)."""

    command_id = c.DATA_SM_RESP
    message_id: bytes = b""
    tlvs: Tlvs = ()
    request: object = attrs.field(default=None, eq=False, repr=False)


@attrs.define
class QuerySm(Pdu):
    """An ESME asks how a message of its own fares (SMPP 3.4 section 4.8.1)."""

    command_id = c.QUERY_SM
    message_id: bytes = b""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: bytes = attrs.field(default=b"", repr=masked)


@attrs.define
class QuerySmResp(Pdu):
    """The MC's answer to query_sm (SMPP 3.4 section 4.8.2)."""

    command_id = c.QUERY_SM_RESP
    message_id: bytes = b""
    final_date: bytes = b""
    message_state: int = 0
    error_code: int = 0
    request: object = attrs.field(default=None, eq=False, repr=False)


@attrs.define
class CancelSm(Pdu):
    """An ESME takes back one message, or all between two addresses (SMPP 3.4 section 4.9.1)."""

    command_id = c.CANCEL_SM
    service_type: bytes = b""
    message_id: bytes = b""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: bytes = attrs.field(default=b"", repr=masked)
    dest_addr_ton: int = 0
    dest_addr_npi: int = 0
    destination_addr: bytes = attrs.field(default=b"", repr=masked)


@attrs.define
class ReplaceSm(Pdu):
    """An ESME puts another text in the place of a message that has not gone out (SMPP 3.4 section 4.10.1)."""

    command_id = c.REPLACE_SM
    message_id: bytes = b""
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: bytes = attrs.field(default=b"", repr=masked)
    schedule_delivery_time: bytes = b""
    validity_period: bytes = b""
    registered_delivery: int = 0
    sm_default_msg_id: int = 0
    short_message: bytes = attrs.field(default=b"", repr=masked)


@attrs.define
class AlertNotification(Pdu):
    """The MC tells that a handset can be reached again (SMPP 3.4 section 4.12.1)."""

    command_id = c.ALERT_NOTIFICATION
    source_addr_ton: int = 0
    source_addr_npi: int = 0
    source_addr: bytes = attrs.field(default=b"", repr=masked)
    esme_addr_ton: int = 0
    esme_addr_npi: int = 0
    esme_addr: bytes = attrs.field(default=b"", repr=masked)
    tlvs: Tlvs = ()


@attrs.define
class UnknownPdu(Pdu):
    """A PDU whose command_id SMPP 3.4 does not define, kept raw."""

    command_id: int = 0
    body: bytes = attrs.field(default=b"", repr=masked)


@attrs.define
class Malformed(Pdu):
    """A PDU whose length was sound and whose body was not: the session lives, the PDU is refused.

    `answer_status` is the command_status that the sender deserves, `problem` says in words what was wrong.
    """

    command_id: int = 0
    answer_status: int = c.ESME_RSYSERR
    problem: str = ""
    body: bytes = attrs.field(default=b"", repr=masked)
    request: object = attrs.field(default=None, eq=False, repr=False)
