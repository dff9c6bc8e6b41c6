# The router waits for a message until its expires_at, and then tells its ESME that it is over: by the
# validity_period that the ESME gave, or by what its class or its account lets it last. A carrier must not
# deliver it after that, so every submit_sm says how long there is left, whoever limits it.
#
# Rule 1: it is written when the message goes out, since a relative time counts from then: a message waits in
#         queues, is tried again, and goes as a further copy.
# Rule 2: the body in the store stays as the ESME wrote it.
"""The validity_period that a carrier is told (SMPP 3.4 section 5.2.16)."""

from collections.abc import Iterable
from functools import lru_cache
from math import ceil
from typing import Final

from smpp_router.config import ValidityStyle
from smpp_router.message.message import Message, Pending
from smpp_router.wire.pdu import ReplaceSm
from smpp_router.wire.times import format_absolute, format_relative, parse_time

RELATIVE_MAX_S: Final = 99 * 86_400.0
"""What two digits for days can say (SMPP 3.4 section 7.1.1.2); more is told as this, and in UTC as well."""

LEFT_MIN_S: Final = 1.0
"""What is over, and not noticed yet, or over within the second is told as this: a time that is no time from
now means to many carriers that they may take their own."""

RELATIVE_CACHED_MAX: Final = 4096
"""Relative times are whole seconds: classes and accounts have few, and what has waited has some less."""


def validity_field(expires_at: float, now: float, style: ValidityStyle) -> bytes:
    """Write what is left of a message's life as a carrier wants it."""
    if style == "none":
        return b""
    left_s = min(max(expires_at - now, LEFT_MIN_S), RELATIVE_MAX_S)
    return _relative(ceil(left_s)) if style == "relative" else format_absolute(now + left_s)


@lru_cache(maxsize=RELATIVE_CACHED_MAX)
def _relative(left_s: int) -> bytes:
    return format_relative(left_s)


def with_validity(messages: Iterable[Message], now: float, style: ValidityStyle) -> list[bytes]:
    """Return the submit_sm bodies of messages that go out now, each with the validity that it has left."""
    # Messages of one read, of the same account and class, end at the same moment.
    fields: dict[float, bytes] = {}
    bodies: list[bytes] = []
    for message in messages:
        body = message.body
        assert body is not None, "what is on disk has been read back"
        field = fields.get(message.expires_at)
        if field is None:
            field = fields[message.expires_at] = validity_field(message.expires_at, now, style)
        # Behind service_type and addresses: three octets, and no schedule, which intake has taken out.
        at = body.index(0) + len(message.addresses) + 5
        end = body.index(0, at) if body[at] else at
        bodies.append(body[:at] + field + body[end:])
    return bodies


def of_replacement(pdu: ReplaceSm, entry: Pending, now: float, style: ValidityStyle) -> bytes:
    """Return the validity_period of a replace_sm for a carrier: no longer than the message is waited for.

    That of `pdu` is a time, or empty: then the one that the carrier has stays.
    """
    asked = parse_time(pdu.validity_period, now)
    return b"" if asked is None else validity_field(min(asked, entry.expires_at), now, style)
