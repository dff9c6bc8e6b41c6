# Rules of long messages: user data headers and SAR parameters (3GPP TS 23.040 section 9.2.3.24, SMPP 3.4
# sections 5.2.12 and 5.3.2.22 to 5.3.2.24). Which parts have come is kept with the account: see track().
"""Parts of long messages."""

from typing import Final

from simulators.grade.conversation import KEPT_OCTETS_MAX, PARTED_MAX, Account, Parted, Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from simulators.grade.texts import text_octets
from smpp_router.wire import constants as c
from smpp_router.wire import tlv
from smpp_router.wire.multipart import Part, octets_of, part_of
from smpp_router.wire.pdu import DataSm, SubmitMulti, SubmitSm
from smpp_router.wire.text import ESCAPE, alphabet_of

GROUP: Final = Group("parts")
rule = GROUP.rule

_UDH_SECTION: Final = "3GPP TS 23.040 section 9.2.3.24"
_SAR_TAGS: Final = (c.TAG_SAR_MSG_REF_NUM, c.TAG_SAR_TOTAL_SEGMENTS, c.TAG_SAR_SEGMENT_SEQNUM)
_CONCATENATIONS: Final = {0x00: 3, 0x08: 4}
"""Lengths of the two information elements that mark a part."""

Key = tuple[bytes, bytes, int, str]


def _udh(seen: Seen) -> bytes | None:
    """The text with its header if there is said to be one, else None."""
    message = seen.message
    if isinstance(message, SubmitMulti):
        octets = message.short_message or tlv.find(message.tlvs, c.TAG_MESSAGE_PAYLOAD) or b""
    else:
        octets = octets_of(message)
    return octets if message.esm_class & c.GSMFEAT_UDHI else None


def _part(seen: Seen) -> Part | None:
    message = seen.message
    return part_of(message) if isinstance(message, (SubmitSm, DataSm)) else None


@rule(
    "udh-missing",
    "violation",
    "SMPP 3.4 section 5.2.12",
    On.MESSAGE,
    "Set bit 6 of esm_class only where short_message begins with a user data header.",
)
def udh_missing(seen: Seen) -> Verdict:
    """The UDHI bit without a user data header."""
    octets = _udh(seen)
    if octets is None:
        return None
    if not octets:
        return "there is no text at all"
    if octets[0] == 0:
        return "its length octet is 0"
    return (
        f"its length octet is {octets[0]}, {len(octets) - 1} octets follow"
        if octets[0] >= len(octets)
        else GOOD
    )


@rule(
    "udh-length",
    "violation",
    _UDH_SECTION,
    On.MESSAGE,
    "The first octet counts the header without itself: 5 for an 8-bit reference, 6 for a 16-bit one.",
)
def udh_length(seen: Seen) -> Verdict:
    """A user data header whose lengths do not add up."""
    octets = _udh(seen)
    if not octets or not 0 < octets[0] < len(octets):
        return None
    at, end = 1, octets[0] + 1
    while at < end:
        if at + 2 > end or at + 2 + octets[at + 1] > end:
            return f"its length octet is {octets[0]}, its elements need another"
        identifier, length = octets[at], octets[at + 1]
        if _CONCATENATIONS.get(identifier, length) != length:
            return f"element {identifier} has {length} octets, not {_CONCATENATIONS[identifier]}"
        at += 2 + length
    return GOOD


@rule(
    "udh-without-udhi",
    "violation",
    "SMPP 3.4 section 5.2.12",
    On.MESSAGE,
    "Set bit 6 (0x40) of esm_class: without it handsets show the header as text.",
)
def udh_without_udhi(seen: Seen) -> Verdict:
    """A user data header without the UDHI bit."""
    message = seen.message
    if isinstance(message, SubmitMulti):
        return None
    octets = octets_of(message)
    if len(octets) < 6 or message.esm_class & c.GSMFEAT_UDHI:
        return None
    is_8_bit = octets[:3] == b"\x05\x00\x03" and 1 <= octets[5] <= octets[4]
    is_16_bit = octets[:3] == b"\x06\x08\x04" and len(octets) > 6 and 1 <= octets[6] <= octets[5]
    return f"the text begins with {octets[:6].hex(' ')}" if is_8_bit or is_16_bit else GOOD


@rule(
    "part-number",
    "violation",
    _UDH_SECTION,
    On.MESSAGE,
    "Parts are numbered from 1 to their total, which is not 0.",
)
def part_number(seen: Seen) -> Verdict:
    """A part whose number is 0 or above the total."""
    marks = _marks(seen)
    if marks is None:
        return None
    number, total = marks
    return GOOD if 1 <= number <= total else f"part {number} of {total}"


def _marks(seen: Seen) -> tuple[int, int] | None:
    """Number and total as they stand there, sensible or not."""
    octets = _udh(seen)
    if octets:
        at, end = 1, min(octets[0] + 1, len(octets))
        while at + 2 <= end:
            identifier, value = octets[at], octets[at + 2 : at + 2 + octets[at + 1]]
            if _CONCATENATIONS.get(identifier) == len(value):
                return value[-1], value[-2]
            at += 2 + octets[at + 1]
    total = tlv.find_int(seen.message.tlvs, c.TAG_SAR_TOTAL_SEGMENTS)
    number = tlv.find_int(seen.message.tlvs, c.TAG_SAR_SEGMENT_SEQNUM)
    return None if total is None or number is None else (number, total)


@rule(
    "sar-incomplete",
    "violation",
    "SMPP 3.4 section 5.3.2.22",
    On.MESSAGE,
    "sar_msg_ref_num, sar_total_segments and sar_segment_seqnum come together.",
)
def sar_incomplete(seen: Seen) -> Verdict:
    """Some of the three SAR parameters without the others."""
    present = [tag for tag in _SAR_TAGS if tlv.find(seen.message.tlvs, tag) is not None]
    if not present:
        return None
    missing = [c.tag_name(tag) for tag in _SAR_TAGS if tag not in present]
    return f"without {' and '.join(missing)}" if missing else GOOD


@rule(
    "sar-and-udh",
    "violation",
    "SMPP 3.4 section 5.2.12",
    On.MESSAGE,
    "Mark parts by a user data header or by SAR parameters, not by both.",
)
def sar_and_udh(seen: Seen) -> Verdict:
    """SAR parameters together with a user data header."""
    if _udh(seen) is None and tlv.find(seen.message.tlvs, c.TAG_SAR_MSG_REF_NUM) is None:
        return None
    is_both = _udh(seen) is not None and tlv.find(seen.message.tlvs, c.TAG_SAR_MSG_REF_NUM) is not None
    return "esm_class has the UDHI bit, sar_msg_ref_num is there" if is_both else GOOD


@rule(
    "parts-inconsistent",
    "violation",
    _UDH_SECTION,
    On.MESSAGE,
    "All parts of one message have the same total and data_coding; take the next reference for the next one.",
)
def parts_inconsistent(seen: Seen) -> Verdict:
    """Parts of one message that contradict each other."""
    parted = _parted(seen)
    if parted is None:
        return None
    part = _part(seen)
    assert part is not None
    if part.total != parted.total:
        return f"of {parted.total} parts, and now of {part.total}"
    coding = seen.message.data_coding
    # Some clients choose the alphabet part by part; handsets put the parts together all the same.
    is_mixed = alphabet_of(coding, "gsm") != alphabet_of(parted.data_coding, "gsm")
    return f"data_coding {parted.data_coding}, and now {coding}" if is_mixed else GOOD


@rule(
    "part-repeated",
    "manners",
    _UDH_SECTION,
    On.MESSAGE,
    "Count the reference up for each message to a number; send a part again only if it was refused or lost.",
)
def part_repeated(seen: Seen) -> Verdict:
    """The same part of a message again before the others."""
    parted = _parted(seen)
    if parted is None:
        return None
    part = _part(seen)
    assert part is not None
    return f"part {part.seqnum} of {part.total} again" if part.seqnum in parted.seen else GOOD


@rule(
    "parts-missing",
    "violation",
    _UDH_SECTION,
    On.TIME,
    "Send all parts; a handset shows nothing, or a broken text, until the last one has come.",
)
def parts_missing(seen: Seen) -> Verdict:
    """A long message of which parts never came."""
    account = seen.talk.account
    if account.is_parted_full:
        return None
    while (parted := _overdue(seen)) is not None and not parted.is_retry_due:
        account.parted.popitem(last=False)
        if not parted.is_forgiven:
            return _missing(seen, parted)
    return GOOD if account.parted_whole else None


@rule(
    "part-given-up",
    "manners",
    _UDH_SECTION,
    On.TIME,
    "Send again what was refused for speed, after a pause: without it the other parts are worth nothing.",
)
def part_given_up(seen: Seen) -> Verdict:
    """A part that was refused for speed never came again."""
    account = seen.talk.account
    if account.is_parted_full:
        return None
    parted = _overdue(seen)
    if parted is not None and parted.is_retry_due:
        account.parted.popitem(last=False)
        return _missing(seen, parted)
    return GOOD if account.parts_retried else None


def _overdue(seen: Seen) -> Parted | None:
    """The message whose parts have been awaited longest, if too long."""
    for parted in seen.talk.account.parted.values():
        is_due = seen.is_last or seen.now >= parted.first_at + seen.talk.limits.parts_s
        return parted if is_due else None
    return None


def _missing(seen: Seen, parted: Parted) -> str:
    seen.raw = parted.raw
    missing = sorted(set(range(1, parted.total + 1)) - parted.seen)
    return f"{len(parted.seen)} of {parted.total} came, not number {', '.join(map(str, missing[:5]))}"


@rule(
    "part-cut-surrogate",
    "manners",
    _UDH_SECTION,
    On.MESSAGE,
    "Cut long UCS2 texts between signs: an emoji is two units that belong together.",
)
def part_cut_surrogate(seen: Seen) -> Verdict:
    """A part that is cut inside a surrogate pair."""
    if _part(seen) is None or alphabet_of(seen.message.data_coding, "gsm") != "ucs2":
        return None
    octets = text_octets(seen)
    if len(octets) < 2:
        return None
    if 0xDC <= octets[0] <= 0xDF:
        return "it begins with the second half"
    return "it ends with the first half" if 0xD8 <= octets[len(octets) // 2 * 2 - 2] <= 0xDB else GOOD


@rule(
    "part-cut-escape",
    "manners",
    "3GPP TS 23.038 section 6.2.1.1",
    On.MESSAGE,
    "Cut GSM 03.38 before an escape, not behind it: € and [ are two septets that belong together.",
)
def part_cut_escape(seen: Seen) -> Verdict:
    """A part that is cut behind an escape."""
    if _part(seen) is None or alphabet_of(seen.message.data_coding, "gsm") != "gsm":
        return None
    octets = text_octets(seen)
    if not octets:
        return None
    return "it ends with 0x1b" if octets[-1] == ESCAPE else GOOD


def _key(seen: Seen, part: Part) -> Key:
    message = seen.message
    destination = b"" if isinstance(message, SubmitMulti) else message.destination_addr
    return message.source_addr, destination, part.reference, part.kind


def _parted(seen: Seen) -> Parted | None:
    part = _part(seen)
    return None if part is None else seen.talk.account.parted.get(_key(seen, part))


def track(seen: Seen) -> None:
    """Remember a part that came; forget a message whose parts are all there."""
    part = _part(seen)
    if part is None or part.total < 2:
        return
    account = seen.talk.account
    key = _key(seen, part)
    parted = account.parted.get(key)
    if parted is None or parted.total != part.total or part.seqnum in parted.seen:
        account.parted.pop(key, None)
        parted = Parted(part.total, part.kind, seen.now, seen.raw[:KEPT_OCTETS_MAX], seen.message.data_coding)
        _keep(account, key, parted)
    parted.seen.add(part.seqnum)
    if len(parted.seen) == parted.total:
        del account.parted[key]
        account.parts_retried += parted.is_retry_due
        account.parted_whole += 1


def untrack(account: Account, seen: Seen, comes_again: bool) -> None:
    """Take back a part that the carrier refused; for good, unless `comes_again`."""
    part = _part(seen)
    if part is None or part.total < 2:
        return
    key = _key(seen, part)
    parted = account.parted.get(key)
    if parted is None:
        # It was the last one, and all seemed to be there.
        parted = Parted(part.total, part.kind, seen.now, seen.raw[:KEPT_OCTETS_MAX], seen.message.data_coding)
        parted.seen.update(range(1, part.total + 1))
        _keep(account, key, parted)
    parted.is_forgiven |= not comes_again
    parted.is_retry_due = comes_again and not parted.is_forgiven
    parted.seen.discard(part.seqnum)


def _keep(account: Account, key: Key, parted: Parted) -> None:
    account.parted[key] = parted
    if len(account.parted) > PARTED_MAX:
        account.parted.popitem(last=False)
        account.is_parted_full = True
