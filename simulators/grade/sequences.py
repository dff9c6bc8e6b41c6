# sequence_number pairs a response with its request, in each direction by itself (SMPP 3.4 section 5.1.4).
"""Sequence numbers, and what is answered with what."""

from typing import Final

from simulators.grade.conversation import Seen
from simulators.grade.rule import GOOD, Group, On, Verdict
from smpp_router.wire import constants as c

GROUP: Final = Group("sequence numbers")
rule = GROUP.rule

_SECTION: Final = "SMPP 3.4 section 5.1.4"
_WRAP_FROM: Final = c.SEQUENCE_NUMBER_MAX - 0x10000
"""From here on a client may begin anew at 1."""


def _number(seen: Seen) -> int:
    return int.from_bytes(seen.raw[12:16], "big")


@rule("sequence-zero", "violation", _SECTION, On.REQUEST, "Count requests from 1; 0 pairs with nothing.")
def sequence_zero(seen: Seen) -> Verdict:
    """A request with sequence_number 0."""
    return "sequence_number is 0" if _number(seen) == 0 else GOOD


@rule(
    "sequence-above-range",
    "violation",
    _SECTION,
    On.REQUEST,
    "Go back to 1 after 0x7FFFFFFF; peers with signed numbers answer something else.",
)
def sequence_above_range(seen: Seen) -> Verdict:
    """A request with a sequence_number above 0x7FFFFFFF."""
    number = _number(seen)
    return f"sequence_number is 0x{number:08X}" if number > c.SEQUENCE_NUMBER_MAX else GOOD


@rule(
    "sequence-reused",
    "violation",
    _SECTION,
    On.REQUEST,
    "Give each request a number of its own; the response to one of two can't be told from the other's.",
)
def sequence_reused(seen: Seen) -> Verdict:
    """A sequence_number that another request still waits for."""
    earlier = seen.talk.asks.get(_number(seen))
    if earlier is None:
        return GOOD
    name = c.command_name(earlier.command_id)
    return f"{_number(seen)} is that of a {name} {seen.now - earlier.at:.3f} s ago, not yet answered"


@rule(
    "sequence-not-ascending",
    "manners",
    _SECTION,
    On.REQUEST,
    "Let sequence numbers ascend, from 1 for each session; it makes traces readable and doubles visible.",
)
def sequence_not_ascending(seen: Seen) -> Verdict:
    """Requests whose sequence_numbers do not ascend."""
    last, number = seen.talk.last_sequence, _number(seen)
    if last is None:
        return None
    if number > last or (last >= _WRAP_FROM and number <= 0x10000):
        return GOOD
    return f"{number} follows {last}"


@rule(
    "response-to-nothing",
    "violation",
    _SECTION,
    On.RESPONSE,
    "Echo the sequence_number of the request; the carrier sends again what was answered with another one.",
)
def response_to_nothing(seen: Seen) -> Verdict:
    """A response to a sequence_number that was never sent."""
    number = _number(seen)
    talk = seen.talk
    if int.from_bytes(seen.raw[4:8], "big") == c.GENERIC_NACK and number == 0:
        return None  # a header that can't be read has no number to echo
    if seen.request is not None or number in talk.answered:
        return GOOD
    if talk.forgotten and number <= talk.last_asked:
        return None  # it may have been asked too long ago to be remembered
    return f"nothing with sequence_number {number} was asked"


@rule("response-twice", "violation", _SECTION, On.RESPONSE, "Answer each request once.")
def response_twice(seen: Seen) -> Verdict:
    """A second response to one request."""
    number = _number(seen)
    if seen.request is not None or number not in seen.talk.answered:
        return GOOD
    return f"{number} was answered already"


@rule(
    "response-of-other-kind",
    "violation",
    "SMPP 3.4 section 5.1.2",
    On.RESPONSE,
    "The command_id of a response is the request's with its highest bit set.",
)
def response_of_other_kind(seen: Seen) -> Verdict:
    """A response of another kind than its request."""
    if seen.request is None:
        return None
    command = int.from_bytes(seen.raw[4:8], "big")
    if command in (seen.request.command_id | c.RESPONSE_BIT, c.GENERIC_NACK):
        return GOOD
    return f"{c.command_name(seen.request.command_id)} is answered with {c.command_name(command)}"
