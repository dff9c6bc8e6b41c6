# Rules of how octets make PDUs and how PDUs are laid out (SMPP 3.4 chapters 3 and 4).
"""Framing and layout."""

from collections.abc import Iterator
from typing import Final

from simulators.grade.conversation import BINDS, Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from smpp_router.wire import constants as c
from smpp_router.wire.codec import HEADER_OCTETS
from smpp_router.wire.layouts import LAYOUTS, COctets, Time, Unreadable
from smpp_router.wire.pdu import HeaderOnly, Malformed, Tlvs, UnknownPdu
from smpp_router.wire.tlv import RULES, defect

GROUP: Final = Group("framing")
rule = GROUP.rule

_FROM_MC_ONLY: Final = frozenset(
    {
        c.DELIVER_SM,
        c.ALERT_NOTIFICATION,
        c.OUTBIND,
        c.SUBMIT_SM_RESP,
        c.SUBMIT_MULTI_RESP,
        c.QUERY_SM_RESP,
        c.CANCEL_SM_RESP,
        c.REPLACE_SM_RESP,
        *(command | c.RESPONSE_BIT for command in BINDS),
    }
)
_MANY_ALLOWED: Final = frozenset({c.TAG_CALLBACK_NUM, c.TAG_CALLBACK_NUM_ATAG, c.TAG_CALLBACK_NUM_PRES_IND})
"""Optional parameters of which section 5.3.2.36 and its neighbours allow several."""
_TAG_5_0: Final = frozenset({c.TAG_CONGESTION_STATE, *range(0x0600, 0x0614)})
_VENDOR_TAGS: Final = range(0x1400, 0x4000)


@rule(
    "command-length",
    "violation",
    "SMPP 3.4 section 5.1.1",
    On.UNREADABLE,
    "command_length counts the whole PDU with its own four octets, most significant octet first.",
)
def command_length(seen: Seen) -> Verdict:
    """The stream can't be cut into PDUs."""
    return seen.problem or GOOD


@rule(
    "stream-cut",
    "violation",
    "SMPP 3.4 section 3.2",
    On.CLOSED,
    "Write a PDU to its end before closing; check what command_length counts.",
)
def stream_cut(seen: Seen) -> Verdict:
    """The connection ends in the middle of a PDU."""
    return seen.problem or GOOD


@rule(
    "unknown-command-id",
    "violation",
    "SMPP 3.4 section 5.1.2.1",
    On.PDU,
    "Send only what SMPP 3.4 defines, or bind with the version that defines it, to a peer that speaks it.",
)
def unknown_command_id(seen: Seen) -> Verdict:
    """A command_id that SMPP 3.4 does not define."""
    return f"command_id is {c.command_name(_command(seen))}" if isinstance(seen.pdu, UnknownPdu) else GOOD


@rule(
    "wrong-way",
    "violation",
    "SMPP 3.4 section 2.3",
    On.PDU,
    "deliver_sm, alert_notification, outbind and the responses to an ESME's requests come from the MC only.",
)
def wrong_way(seen: Seen) -> Verdict:
    """A PDU that only the MC may send."""
    command = _command(seen)
    return f"the client sends {c.command_name(command)}" if command in _FROM_MC_ONLY else GOOD


@rule(
    "request-status",
    "violation",
    "SMPP 3.4 section 5.1.3",
    On.REQUEST,
    "Set command_status to 0 in requests; it says something in responses only.",
)
def request_status(seen: Seen) -> Verdict:
    """A request with a command_status."""
    pdu = seen.pdu
    if pdu is None or not pdu.command_status:
        return GOOD
    return f"command_status is {c.status_name(pdu.command_status)}"


@rule(
    "body-unreadable",
    "violation",
    "SMPP 3.4 section 3.1",
    On.PDU,
    "End each C-octet string with a NUL and write every mandatory field, empty ones too.",
)
def body_unreadable(seen: Seen) -> Verdict:
    """A body that ends before its fields do, or a string without its NUL."""
    pdu = seen.pdu
    if isinstance(pdu, Malformed):
        own = (c.ESME_RINVMSGLEN, c.ESME_RINVOPTPARSTREAM)
        return GOOD if pdu.answer_status in own else pdu.problem
    for field, octets in _strings(seen.raw):
        if not octets.endswith(b"\0"):
            return f"{field.name} has no NUL at its end"
    return GOOD


@rule(
    "sm-length",
    "violation",
    "SMPP 3.4 section 5.2.21",
    On.PDU,
    "sm_length counts the octets of short_message, UDH included, and no NUL behind it.",
)
def sm_length(seen: Seen) -> Verdict:
    """sm_length disagrees with the octets that follow."""
    pdu = seen.pdu
    if isinstance(pdu, Malformed):
        return pdu.problem if pdu.answer_status == c.ESME_RINVMSGLEN else None
    octets = getattr(pdu, "short_message", None)
    if octets is None:
        return None
    return "sm_length is 255, at most 254" if len(octets) > 254 else GOOD


@rule(
    "field-too-long",
    "violation",
    "SMPP 3.4 section 3.1",
    On.PDU,
    "Keep to the sizes of chapter 4, which count the NUL; many peers cut or refuse what is longer.",
)
def field_too_long(seen: Seen) -> Verdict:
    """A C-octet string longer than its field."""
    verdict: Verdict = None
    for field, octets in _strings(seen.raw):
        if field.name in ("system_id", "password") or isinstance(field, Time):
            continue  # of their own rules
        if len(octets.rstrip(b"\0")) >= field.octets_max:
            return f"{field.name} has {len(octets)} octets with its NUL, at most {field.octets_max}"
        verdict = GOOD
    return verdict


@rule(
    "octets-too-many",
    "violation",
    "SMPP 3.4 section 3.2",
    On.PDU,
    "A PDU without a body has a command_length of 16, and no body ends in octets that belong to no field.",
)
def octets_too_many(seen: Seen) -> Verdict:
    """Octets behind the last field of a PDU."""
    pdu = seen.pdu
    if isinstance(pdu, HeaderOnly) and _command(seen) in LAYOUTS:
        extra = len(seen.raw) - HEADER_OCTETS
        return f"{extra} octets follow the header of {c.command_name(pdu.command_id)}" if extra else GOOD
    layout = LAYOUTS.get(_command(seen))
    if layout is None or layout.has_tlvs or isinstance(pdu, Malformed):
        return None
    end = HEADER_OCTETS
    if layout.is_response and len(seen.raw) == HEADER_OCTETS:
        return GOOD
    for i, field in enumerate(layout.fields):
        end = field.read(seen.raw, end, i == len(layout.fields) - 1)[1]
    return f"{len(seen.raw) - end} octets follow the last field" if end < len(seen.raw) else GOOD


@rule(
    "tlv-unreadable",
    "violation",
    "SMPP 3.4 section 3.2.4.1",
    On.PDU,
    "A TLV is two octets of tag, two of length, and as many of value as the length says.",
)
def tlv_unreadable(seen: Seen) -> Verdict:
    """Optional parameters that can't be read."""
    pdu = seen.pdu
    if isinstance(pdu, Malformed):
        return pdu.problem if pdu.answer_status == c.ESME_RINVOPTPARSTREAM else None
    return GOOD if _tlvs(seen) else None


@rule(
    "tlv-reserved",
    "violation",
    "SMPP 3.4 section 5.3.2",
    On.PDU,
    "Use tags that SMPP 3.4 defines, or 0x1400 to 0x3FFF as agreed with the carrier.",
)
def tlv_reserved(seen: Seen) -> Verdict:
    """A TLV whose tag is reserved."""
    tlvs = _tlvs(seen)
    if not tlvs:
        return None
    for tag, _ in tlvs:
        if tag not in RULES and tag not in _VENDOR_TAGS and not (tag in _TAG_5_0 and _speaks_5_0(seen)):
            return f"tag 0x{tag:04X} is reserved"
        if tag in _TAG_5_0 and not _speaks_5_0(seen):
            return f"tag 0x{tag:04X} ({c.tag_name(tag)}) is of SMPP 5.0"
    return GOOD


@rule(
    "tlv-vendor",
    "note",
    "SMPP 3.4 section 5.3.2",
    On.PDU,
    "Nothing is wrong if this carrier knows the parameter; another carrier may refuse the message for it.",
)
def tlv_vendor(seen: Seen) -> Verdict:
    """A vendor's own TLV."""
    tlvs = _tlvs(seen)
    if not tlvs:
        return None
    own = [f"0x{tag:04X}" for tag, _ in tlvs if tag in _VENDOR_TAGS]
    return f"tags {', '.join(own)}" if own else GOOD


@rule(
    "tlv-size",
    "violation",
    "SMPP 3.4 section 5.3.2",
    On.PDU,
    "Write each TLV in the size that section 5.3.2 gives it.",
)
def tlv_size(seen: Seen) -> Verdict:
    """A TLV of the wrong size."""
    tlvs = _tlvs(seen)
    if not tlvs:
        return None
    return next((wrong for tag, value in tlvs if (wrong := defect(tag, value))), GOOD)


@rule(
    "tlv-repeated",
    "manners",
    "SMPP 3.4 section 5.3.2",
    On.PDU,
    "Send each TLV once; peers read the first, the last, or refuse the PDU.",
)
def tlv_repeated(seen: Seen) -> Verdict:
    """The same TLV twice in one PDU."""
    tags = [tag for tag, _ in _tlvs(seen) if tag not in _MANY_ALLOWED]
    if not tags:
        return None
    twice = next((tag for tag in tags if tags.count(tag) > 1), None)
    return GOOD if twice is None else f"{c.tag_name(twice)} stands there {tags.count(twice)} times"


@rule(
    "tlv-before-3.4",
    "violation",
    "SMPP 3.4 section 5.2.4",
    On.MESSAGE,
    "Bind with interface_version 0x34 to send optional parameters; 3.3 has none.",
)
def tlv_before_34(seen: Seen) -> Verdict:
    """Optional parameters from a client that bound as 3.3 or earlier."""
    if not seen.talk.has_bound or not _tlvs(seen):
        return None
    version = seen.talk.interface_version
    return f"bound with interface_version 0x{version:02x}" if version < c.VERSION_34 else GOOD


@rule(
    "generic-nack",
    "violation",
    "SMPP 3.4 section 4.3",
    On.PDU,
    "generic_nack is for a header that makes no sense; answer a known request with its own response.",
)
def generic_nack(seen: Seen) -> Verdict:
    """A generic_nack where a response is due, or without an error."""
    pdu = seen.pdu
    if pdu is None or not _command(seen) & c.RESPONSE_BIT:
        return None
    if _command(seen) != c.GENERIC_NACK:
        return GOOD
    if pdu.command_status == c.ESME_ROK:
        return "command_status says that all is well"
    if seen.request is not None and seen.request.command_id in LAYOUTS:
        return f"{c.command_name(seen.request.command_id)} has a response of its own"
    return GOOD


def _command(seen: Seen) -> int:
    return int.from_bytes(seen.raw[4:8], "big")


def _tlvs(seen: Seen) -> Tlvs:
    return getattr(seen.pdu, "tlvs", ())


def _speaks_5_0(seen: Seen) -> bool:
    return seen.talk.interface_version >= c.VERSION_50


def _strings(raw: bytes) -> Iterator[tuple[COctets, bytes]]:
    """Give the C-octet strings of a PDU with their octets, as far as they can be read."""
    layout = LAYOUTS.get(int.from_bytes(raw[4:8], "big"))
    at = HEADER_OCTETS
    if layout is None or (layout.is_response and len(raw) == HEADER_OCTETS):
        return
    for i, field in enumerate(layout.fields):
        try:
            end = field.read(raw, at, i == len(layout.fields) - 1)[1]
        except Unreadable:
            return
        if isinstance(field, COctets):
            yield field, raw[at:end]
        at = end
