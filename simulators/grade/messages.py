# Rules of the fields of submit_sm, submit_multi and data_sm (SMPP 3.4 sections 4.4.1, 4.5.1 and 4.7.1).
"""Fields of messages."""

from collections.abc import Iterator
from typing import Final

from simulators.grade.conversation import Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.pdu import DataSm, SmeAddress, SubmitMulti
from smpp_router.wire.times import parse_time

GROUP: Final = Group("messages")
rule = GROUP.rule

CLOCKS_APART_S: Final = 60.0
"""A time that lies no further back may be the fault of two clocks."""
VALIDITY_MAX_S: Final = 400 * 86_400.0
ALPHANUMERIC_MAX: Final = 11
"""Signs of an alphanumeric sender: 20 semi-octets hold 11 septets (3GPP TS 23.040 section 9.1.2.5)."""
INTERNATIONAL_MIN: Final = 7
"""Digits below which a number is a short code, not an international number."""

_TYPES: Final = frozenset({0x00, 0x08, 0x10})
"""Message types that an ESME may send: none, delivery and manual acknowledgement."""
_TONS: Final = range(7)
_NPIS: Final = frozenset({0, 1, 3, 4, 6, 8, 9, 10, 14, 18})

Address = tuple[str, int, int, bytes]


def _addresses(seen: Seen) -> Iterator[Address]:
    message = seen.message
    yield "source", message.source_addr_ton, message.source_addr_npi, message.source_addr
    if isinstance(message, SubmitMulti):
        for one in message.dest_addresses:
            if isinstance(one, SmeAddress):
                yield "destination", one.dest_addr_ton, one.dest_addr_npi, one.destination_addr
    else:
        yield "destination", message.dest_addr_ton, message.dest_addr_npi, message.destination_addr


@rule(
    "address-ton",
    "violation",
    "SMPP 3.4 section 5.2.5",
    On.MESSAGE,
    "TON is 0 unknown, 1 international, 2 national, 3 network, 4 subscriber, 5 alphanumeric, 6 abbreviated.",
)
def address_ton(seen: Seen) -> Verdict:
    """A reserved type of number."""
    return next((f"{end} TON {ton}" for end, ton, _, _ in _addresses(seen) if ton not in _TONS), GOOD)


@rule(
    "address-npi",
    "violation",
    "SMPP 3.4 section 5.2.6",
    On.MESSAGE,
    "NPI is 1 (E.164) for telephone numbers, 0 for names and short codes.",
)
def address_npi(seen: Seen) -> Verdict:
    """A reserved numbering plan."""
    return next((f"{end} NPI {npi}" for end, _, npi, _ in _addresses(seen) if npi not in _NPIS), GOOD)


@rule(
    "address-content",
    "manners",
    "SMPP 3.4 section 5.2.5",
    On.MESSAGE,
    "International: digits only, country code first, no + and no 00. Letters only under TON 5 with NPI 0.",
)
def address_content(seen: Seen) -> Verdict:
    """TON and NPI say something else than the address."""
    for end, ton, npi, address in _addresses(seen):
        wrong = _contradiction(ton, npi, address)
        if wrong:
            return f"{end}: {wrong}"
    return GOOD


def _contradiction(ton: int, npi: int, address: bytes) -> str:
    """Say what is wrong between the parts of an address, without the address."""
    if not address:
        return ""
    if ton == c.TON_ALNUM:
        if len(address) > ALPHANUMERIC_MAX:
            return f"alphanumeric with {len(address)} signs, at most {ALPHANUMERIC_MAX}"
        return f"TON alphanumeric with NPI {npi}" if npi else ""
    if address.startswith(b"+"):
        return f"begins with + under TON {ton}"
    if not address.isdigit():
        return f"not only digits under TON {ton}"
    if ton == c.TON_INTL and address.startswith(b"0"):
        return "international and begins with 0"
    if ton == c.TON_INTL and len(address) < INTERNATIONAL_MIN:
        return f"international with {len(address)} digits"
    return ""


@rule(
    "no-destination",
    "violation",
    "SMPP 3.4 section 5.2.9",
    On.MESSAGE,
    "Give each message a destination; submit_multi at least one.",
)
def no_destination(seen: Seen) -> Verdict:
    """A message without a destination."""
    message = seen.message
    if isinstance(message, SubmitMulti):
        if not message.dest_addresses:
            return "number_of_dests is 0"
        for number, entry in enumerate(message.dest_addresses, 1):
            if not (entry.destination_addr if isinstance(entry, SmeAddress) else entry.dl_name):
                return f"destination {number} of {len(message.dest_addresses)} is empty"
        return GOOD
    return GOOD if message.destination_addr else "destination_addr is empty"


@rule(
    "esm-class",
    "violation",
    "SMPP 3.4 section 5.2.12",
    On.MESSAGE,
    "From an ESME bits 5 to 2 are 0, 0x08 (delivery acknowledgement) or 0x10 (manual acknowledgement).",
)
def esm_class(seen: Seen) -> Verdict:
    """Reserved bits in esm_class."""
    value = seen.message.esm_class
    return GOOD if value & c.MSGTYPE_BITMASK in _TYPES else f"esm_class is 0x{value:02x}"


@rule(
    "registered-delivery",
    "violation",
    "SMPP 3.4 section 5.2.17",
    On.MESSAGE,
    "Bits 1-0 are 0, 1 or 2, bits 3-2 SME acknowledgements, bit 4 intermediate notification, the rest 0.",
)
def registered_delivery(seen: Seen) -> Verdict:
    """Reserved bits in registered_delivery."""
    value = seen.message.registered_delivery
    is_3 = value & c.SMSC_DELIVERY_RECEIPT_BITMASK == c.SMSC_DELIVERY_RECEIPT_SUCCESS
    if value & 0xE0 or (is_3 and seen.talk.interface_version < c.VERSION_50):
        return f"registered_delivery is 0x{value:02x}"
    return GOOD


@rule(
    "priority-flag",
    "violation",
    "SMPP 3.4 section 5.2.14",
    On.MESSAGE,
    "priority_flag is 0 to 3.",
)
def priority_flag(seen: Seen) -> Verdict:
    """A reserved priority_flag."""
    if isinstance(seen.message, DataSm):
        return None
    value = seen.message.priority_flag
    return f"priority_flag is {value}" if value > 3 else GOOD


@rule(
    "replace-if-present-flag",
    "violation",
    "SMPP 3.4 section 5.2.18",
    On.MESSAGE,
    "replace_if_present_flag is 0 or 1.",
)
def replace_if_present_flag(seen: Seen) -> Verdict:
    """A reserved replace_if_present_flag."""
    if isinstance(seen.message, DataSm):
        return None
    value = seen.message.replace_if_present_flag
    return f"replace_if_present_flag is {value}" if value > 1 else GOOD


@rule(
    "sm-default-msg-id",
    "violation",
    "SMPP 3.4 section 5.2.20",
    On.MESSAGE,
    "sm_default_msg_id is 0 unless the carrier has canned messages, which are numbered from 1 to 254.",
)
def sm_default_msg_id(seen: Seen) -> Verdict:
    """The reserved sm_default_msg_id 255."""
    if isinstance(seen.message, DataSm):
        return None
    return "sm_default_msg_id is 255" if seen.message.sm_default_msg_id == 255 else GOOD


@rule(
    "time-malformed",
    "violation",
    "SMPP 3.4 section 7.1.1",
    On.MESSAGE,
    "A time is empty or 16 characters, YYMMDDhhmmsstnn and +, - or R.",
)
def time_malformed(seen: Seen) -> Verdict:
    """A schedule_delivery_time or validity_period that is no time."""
    times = _times(seen)
    if not times:
        return None
    for name, field in times.items():
        try:
            parse_time(field, seen.now)
        except (ValueError, OverflowError) as error:
            return f"{name}: {error}"
    return GOOD


@rule(
    "time-past",
    "violation",
    "SMPP 3.4 sections 5.2.15 and 5.2.16",
    On.MESSAGE,
    "Write absolute times with their distance from UTC in quarter hours, or use relative ones.",
)
def time_past(seen: Seen) -> Verdict:
    """A schedule_delivery_time or validity_period in the past."""
    moments = _moments(seen)
    if not moments:
        return None
    for name, at in moments.items():
        if at < seen.now - CLOCKS_APART_S:
            return f"{name} lies {seen.now - at:.0f} s back"
    return GOOD


@rule(
    "time-order",
    "manners",
    "SMPP 3.4 section 5.2.16",
    On.MESSAGE,
    "Let a message live beyond the time that it is to be delivered at, and not for years.",
)
def time_order(seen: Seen) -> Verdict:
    """A validity_period that ends before delivery is to begin, or in more than a year."""
    moments = _moments(seen)
    if "validity_period" not in moments:
        return None
    ends_at = moments["validity_period"]
    if ends_at <= moments.get("schedule_delivery_time", ends_at - 1.0):
        return "it ends before schedule_delivery_time"
    days = (ends_at - seen.now) / 86_400.0
    return f"it lasts {days:.0f} days" if ends_at > seen.now + VALIDITY_MAX_S else GOOD


def _times(seen: Seen) -> dict[str, bytes]:
    message = seen.message
    if isinstance(message, DataSm):
        return {}
    fields = {
        "schedule_delivery_time": message.schedule_delivery_time,
        "validity_period": message.validity_period,
    }
    return {name: field for name, field in fields.items() if field}


def _moments(seen: Seen) -> dict[str, float]:
    moments: dict[str, float] = {}
    for name, field in _times(seen).items():
        try:
            at = parse_time(field, seen.now)
        except (ValueError, OverflowError):
            continue  # of time-malformed
        if at is not None:
            moments[name] = at
    return moments


@rule(
    "two-texts",
    "violation",
    "SMPP 3.4 section 5.3.2.32",
    On.MESSAGE,
    "With message_payload set sm_length to 0; which of two texts goes out is up to the carrier.",
)
def two_texts(seen: Seen) -> Verdict:
    """short_message and message_payload in one PDU."""
    message = seen.message
    payload = tlv.find(message.tlvs, c.TAG_MESSAGE_PAYLOAD)
    if payload is None or isinstance(message, DataSm):
        return None
    length = len(message.short_message)
    return f"sm_length is {length}, message_payload has {len(payload)} octets" if length else GOOD


@rule(
    "no-text",
    "note",
    "SMPP 3.4 section 5.2.21",
    On.MESSAGE,
    "An empty message costs as much as a full one.",
)
def no_text(seen: Seen) -> Verdict:
    """A message without a text."""
    message = seen.message
    if tlv.find(message.tlvs, c.TAG_MESSAGE_PAYLOAD):
        return GOOD
    if isinstance(message, DataSm):
        return "no message_payload"
    is_empty = not message.short_message and not message.sm_default_msg_id
    return "sm_length is 0" if is_empty else GOOD
