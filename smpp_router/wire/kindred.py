# data_sm, submit_multi and deliver_sm carry a message as submit_sm does, with fewer fields, or for several.
"""The same message as a PDU of another kind."""

from typing import Protocol

from smpp_router.wire.pdu import DataSm, DeliverSm, SubmitMulti, SubmitSm


class Destination(Protocol):
    """Whom a message is for: a submit_multi has several, each of them an SmeAddress."""

    @property
    def dest_addr_ton(self) -> int:
        """Type of number (SMPP 3.4 section 5.2.5)."""
        ...

    @property
    def dest_addr_npi(self) -> int:
        """Numbering plan indicator (SMPP 3.4 section 5.2.6)."""
        ...

    @property
    def destination_addr(self) -> bytes:
        """The address itself (SMPP 3.4 section 5.2.9)."""
        ...


def submit_sm_of(pdu: DataSm | SubmitMulti, to: Destination) -> SubmitSm:
    """Return the submit_sm that says the same to one destination. A text in message_payload stays there."""
    submit = SubmitSm(
        sequence_number=pdu.sequence_number,
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=to.dest_addr_ton,
        dest_addr_npi=to.dest_addr_npi,
        destination_addr=to.destination_addr,
        esm_class=pdu.esm_class,
        registered_delivery=pdu.registered_delivery,
        data_coding=pdu.data_coding,
        tlvs=pdu.tlvs,
    )
    if isinstance(pdu, SubmitMulti):
        submit.protocol_id = pdu.protocol_id
        submit.priority_flag = pdu.priority_flag
        submit.schedule_delivery_time = pdu.schedule_delivery_time
        submit.validity_period = pdu.validity_period
        submit.replace_if_present_flag = pdu.replace_if_present_flag
        submit.sm_default_msg_id = pdu.sm_default_msg_id
        submit.short_message = pdu.short_message
    return submit


def deliver_sm_of(pdu: DataSm) -> DeliverSm:
    """Return the deliver_sm that says the same; its text is in message_payload."""
    return DeliverSm(
        service_type=pdu.service_type,
        source_addr_ton=pdu.source_addr_ton,
        source_addr_npi=pdu.source_addr_npi,
        source_addr=pdu.source_addr,
        dest_addr_ton=pdu.dest_addr_ton,
        dest_addr_npi=pdu.dest_addr_npi,
        destination_addr=pdu.destination_addr,
        esm_class=pdu.esm_class,
        data_coding=pdu.data_coding,
        tlvs=pdu.tlvs,
    )
