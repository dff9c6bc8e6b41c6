# Bodies to PDUs and back.
#
# Rule 1: decode never raises, whatever the octets: what can't be read becomes Malformed with the status that
#         its sender deserves, and the session goes on (only framing may end one).
# Rule 2: lenient in, strict out; layouts.py says where.
# Rule 3: quick ways first, the table of layouts.py for whatever they do not recognise. submit_sm, deliver_sm
#         and data_sm are recognised by one regular expression each, which in plain Python is a fifth quicker
#         than searching for the NULs one by one. It matches only what obeys every limit of the specification,
#         and so it decides at the same time that the body may be sent on as it is.
"""Decoding and encoding of every PDU of SMPP 3.4 chapter 4."""

import re
import struct
from collections.abc import Callable
from typing import Final

from smpp_router.wire import constants as c
from smpp_router.wire import pdu as p
from smpp_router.wire.layouts import (
    ABSOLUTE_TIME_OCTETS,
    LAYOUTS,
    SHORT_MESSAGE_OCTETS_MAX,
    Layout,
    Unreadable,
    read_fields,
    write_fields,
)
from smpp_router.wire.tlv import decode_tlvs, encode_tlvs

HEADER: Final = struct.Struct(">IIII")
"""command_length, command_id, command_status, sequence_number (SMPP 3.4 section 3.2)."""

HEADER_OCTETS: Final = HEADER.size

Decoder = Callable[[int, int, int, bytes], p.Pdu]
"""(command_id, command_status, sequence_number, body) to a PDU."""

#   service_type  ton npi  source_addr   ton npi  destination_addr  esm_class protocol_id priority_flag
#   schedule_delivery_time  validity_period
#   registered_delivery replace_if_present_flag data_coding sm_default_msg_id sm_length (not 255)
_match_short_message = re.compile(
    rb"([^\0]{0,5})\0(..)([^\0]{0,20})\0(..)([^\0]{0,20})\0(...)"
    rb"(|[^\0]{16})\0(|[^\0]{16})\0(....[^\xff])",
    re.DOTALL,
).match

#   service_type  ton npi  source_addr   ton npi  destination_addr  esm_class registered_delivery data_coding
_match_data_sm = re.compile(rb"([^\0]{0,5})\0(..)([^\0]{0,64})\0(..)([^\0]{0,64})\0(...)", re.DOTALL).match

_pack_header = HEADER.pack
_pack_empty_resp = struct.Struct(">IIIIx").pack
"""A response whose message_id is empty: a NUL."""


def decode(command_id: int, command_status: int, sequence_number: int, body: bytes) -> p.Pdu:
    """Make the PDU of a header and a body; Malformed or UnknownPdu where there is no better one."""
    return DECODERS.get(command_id, decode_unknown)(command_id, command_status, sequence_number, body)


def encode(pdu: p.Pdu, *, strict: bool = True) -> bytes:
    """The whole PDU with its header.

    ValueError names the field that breaks a limit of the specification. `strict=False` lets over-long strings
    pass, for a link whose peer takes them.
    """
    return framed(pdu.command_id, pdu.command_status, pdu.sequence_number, encode_body(pdu, strict=strict))


def framed(command_id: int, command_status: int, sequence_number: int, body: bytes) -> bytes:
    """A body that is already encoded behind a header: how a body is sent on unchanged."""
    try:
        return _pack_header(HEADER_OCTETS + len(body), command_id, command_status, sequence_number) + body
    except struct.error:
        raise ValueError("command_id, command_status or sequence_number does not fit 4 octets") from None


def header_only(command_id: int, command_status: int, sequence_number: int) -> bytes:
    """A whole PDU without a body."""
    return _pack_header(16, command_id, command_status, sequence_number)


def submit_sm_resp(sequence_number: int, message_id: bytes) -> bytes:
    """A whole submit_sm_resp that says yes, with a message_id of ours, which is known to be sound."""
    return _pack_header(17 + len(message_id), 0x80000004, 0, sequence_number) + message_id + b"\0"


def deliver_sm_resp(sequence_number: int) -> bytes:
    """A whole deliver_sm_resp that says yes; its message_id is unused (SMPP 3.4 section 4.6.2)."""
    return _pack_empty_resp(17, 0x80000005, 0, sequence_number)


def encode_body(pdu: p.Pdu, *, strict: bool = True) -> bytes:
    """The body of a PDU, always from its fields; ValueError names the field that breaks a limit.

    UnknownPdu and Malformed give their raw body, and HeaderOnly none whatever its command_id, so that a
    simulator can send anything and any request can be refused without knowing its response's class.
    """
    if isinstance(pdu, p.ShortMessage):
        return _encode_short_message(pdu, strict)
    if isinstance(pdu, (p.UnknownPdu, p.Malformed)):
        return pdu.body
    if isinstance(pdu, p.HeaderOnly):
        return b""
    layout = LAYOUTS.get(pdu.command_id)
    if layout is None or not isinstance(pdu, layout.pdu_class):
        raise ValueError(f"{c.command_name(pdu.command_id)} is not the command_id of a {type(pdu).__name__}")
    if isinstance(pdu, _BODILESS_WHEN_REFUSED) and pdu.command_status and _says_nothing(pdu, layout):
        return b""
    body = write_fields(layout.fields, pdu, strict)
    tlvs: p.Tlvs = getattr(pdu, "tlvs", ())
    return body + encode_tlvs(tlvs) if tlvs else body


# SMPP 3.4 section 4.4.2: no body when command_status is not zero. Binds and queries the same.
# A deliver_sm_resp keeps its one NUL, for which there are peers that wait, and a data_sm_resp too.
_BODILESS_WHEN_REFUSED = (p.SubmitSmResp, p.SubmitMultiResp, p.BindResp, p.QuerySmResp)


def _says_nothing(pdu: p.Pdu, layout: Layout) -> bool:
    return not any(getattr(pdu, field.name) for field in layout.fields) and not getattr(pdu, "tlvs", ())


def _encode_short_message(pdu: p.ShortMessage, strict: bool) -> bytes:
    """submit_sm and deliver_sm: one formatting when every limit holds, field by field otherwise."""
    service_type = pdu.service_type
    source_addr = pdu.source_addr
    destination_addr = pdu.destination_addr
    schedule = pdu.schedule_delivery_time
    validity = pdu.validity_period
    short_message = pdu.short_message
    times = (0, ABSOLUTE_TIME_OCTETS)
    if (
        len(service_type) <= 5
        and len(source_addr) <= 20
        and len(destination_addr) <= 20
        and len(schedule) in times
        and len(validity) in times
        and len(short_message) <= SHORT_MESSAGE_OCTETS_MAX
        and b"\0" not in service_type + source_addr + destination_addr + schedule + validity
    ):
        try:
            body = b"%b\0%c%c%b\0%c%c%b\0%c%c%c%b\0%b\0%c%c%c%c%c%b" % (
                service_type,
                pdu.source_addr_ton,
                pdu.source_addr_npi,
                source_addr,
                pdu.dest_addr_ton,
                pdu.dest_addr_npi,
                destination_addr,
                pdu.esm_class,
                pdu.protocol_id,
                pdu.priority_flag,
                schedule,
                validity,
                pdu.registered_delivery,
                pdu.replace_if_present_flag,
                pdu.data_coding,
                pdu.sm_default_msg_id,
                len(short_message),
                short_message,
            )
        except OverflowError:
            body = write_fields(LAYOUTS[c.SUBMIT_SM].fields, pdu, strict)
    else:
        body = write_fields(LAYOUTS[c.SUBMIT_SM].fields, pdu, strict)
    return body + encode_tlvs(pdu.tlvs) if pdu.tlvs else body


def decode_by_layout(command_id: int, command_status: int, sequence_number: int, body: bytes) -> p.Pdu:
    """Any PDU that layouts.py knows, by its table."""
    layout = LAYOUTS[command_id]
    head = (sequence_number, command_status, command_id)[: 3 if layout.carries_command_id else 2]
    if not body and layout.is_response and command_status:
        # A refusal needs no body (SMPP 3.4 section 4.4.2).
        return layout.pdu_class(*head)
    try:
        values, offset = read_fields(layout.fields, body, 0)
        if layout.has_tlvs:
            values.append(_read_tlvs(layout, body, offset))
        elif offset < len(body) and command_id == c.REPLACE_SM:
            _refuse_behind_replace_sm(body, offset)
    except Unreadable as wrong:
        return p.Malformed(
            sequence_number, command_status, command_id, wrong.answer_status, wrong.problem, body
        )
    # The layout says which values, in this order.
    return layout.pdu_class(*head, *values)


def _read_tlvs(layout: Layout, body: bytes, offset: int) -> p.Tlvs:
    if offset >= len(body):
        return ()
    tlvs, end = decode_tlvs(body, offset)
    if end == len(body) or layout.is_response:
        # What a response says counts more than stray octets behind it: refused for those, an accepted
        # message would be sent a second time.
        return tlvs
    if layout.fields[-1].name == "short_message" and len(body) - offset < 4:
        # Too few octets for any optional parameter: sm_length missed them.
        raise Unreadable(c.ESME_RINVMSGLEN, f"{len(body) - offset} octets follow what sm_length counts")
    raise Unreadable(c.ESME_RINVOPTPARSTREAM, f"no optional parameter at octet {end} of the body")


def _refuse_behind_replace_sm(body: bytes, offset: int) -> None:
    """replace_sm has no optional parameters in 3.4; dropping a 5.0 message_payload would empty it."""
    if decode_tlvs(body, offset)[1] == len(body):
        raise Unreadable(c.ESME_ROPTPARNOTALLWD, "replace_sm has optional parameters")
    raise Unreadable(c.ESME_RINVMSGLEN, f"{len(body) - offset} octets follow what sm_length counts")


def _short_message_decoder(pdu_class: type[p.ShortMessage]) -> Decoder:
    match = _match_short_message

    def decode_short_message(
        command_id: int, command_status: int, sequence_number: int, body: bytes
    ) -> p.Pdu:
        found = match(body)
        if found is None:
            return decode_by_layout(command_id, command_status, sequence_number, body)
        service_type, source, source_addr, dest, destination_addr, flags, schedule, validity, rest = (
            found.groups()
        )
        start = found.end()
        end = start + rest[4]
        tlvs: p.Tlvs = ()
        if end != len(body):
            tlvs, tlvs_end = decode_tlvs(body, end)
            if tlvs_end != len(body):
                return decode_by_layout(command_id, command_status, sequence_number, body)
        # By position: keywords would cost as much again as the object.
        return pdu_class(
            sequence_number,
            command_status,
            service_type,
            source[0],
            source[1],
            source_addr,
            dest[0],
            dest[1],
            destination_addr,
            flags[0],
            flags[1],
            flags[2],
            schedule,
            validity,
            rest[0],
            rest[1],
            rest[2],
            rest[3],
            body[start:end],
            tlvs,
            body,
        )

    return decode_short_message


def decode_data_sm(command_id: int, command_status: int, sequence_number: int, body: bytes) -> p.Pdu:
    """data_sm, quickly if it obeys every limit."""
    found = _match_data_sm(body)
    if found is None:
        return decode_by_layout(command_id, command_status, sequence_number, body)
    service_type, source, source_addr, dest, destination_addr, flags = found.groups()
    tlvs, end = decode_tlvs(body, found.end())
    if end != len(body):
        return decode_by_layout(command_id, command_status, sequence_number, body)
    return p.DataSm(
        sequence_number,
        command_status,
        service_type,
        source[0],
        source[1],
        source_addr,
        dest[0],
        dest[1],
        destination_addr,
        flags[0],
        flags[1],
        flags[2],
        tlvs,
    )


def _message_id_decoder(pdu_class: type[p.SubmitSmResp | p.DeliverSmResp | p.DataSmResp]) -> Decoder:
    def decode_message_id(command_id: int, command_status: int, sequence_number: int, body: bytes) -> p.Pdu:
        # One NUL, at the end; of an empty body find and len - 1 agree on -1, and the message_id is empty.
        end = len(body) - 1
        if body.find(b"\0") == end:
            return pdu_class(sequence_number, command_status, body[:end])
        return decode_by_layout(command_id, command_status, sequence_number, body)

    return decode_message_id


def decode_header_only(command_id: int, command_status: int, sequence_number: int, body: bytes) -> p.Pdu:  # noqa: ARG001 - as all
    """A PDU without a body; octets that came with it all the same are left out."""
    return p.HeaderOnly(sequence_number, command_status, command_id)


def decode_unknown(command_id: int, command_status: int, sequence_number: int, body: bytes) -> p.Pdu:
    """A PDU that SMPP 3.4 does not define, kept raw for who answers it with generic_nack."""
    return p.UnknownPdu(sequence_number, command_status, command_id, body)


DECODERS: Final[dict[int, Decoder]] = {
    **{
        command_id: decode_by_layout if layout.fields else decode_header_only
        for command_id, layout in LAYOUTS.items()
    },
    c.SUBMIT_SM: _short_message_decoder(p.SubmitSm),
    c.DELIVER_SM: _short_message_decoder(p.DeliverSm),
    c.SUBMIT_SM_RESP: _message_id_decoder(p.SubmitSmResp),
    c.DELIVER_SM_RESP: _message_id_decoder(p.DeliverSmResp),
    c.DATA_SM: decode_data_sm,
    c.DATA_SM_RESP: _message_id_decoder(p.DataSmResp),
}
"""Each command_id of SMPP 3.4 and its decoder."""
