# Why a message does not reach its handset, and what a carrier makes of it.
#
#   name                        of the error in MAP (3GPP TS 29.002 clause 17.6.6), or of a parameter
#   error_code                  the error's own local code: network_error_code, and err in the receipt's text
#   stat                        the final state if no other attempt is made
#   retry_s, attempts_max       when another attempt is made; a cause that is permanent has none
#
# What is not MAP's: networkFailure stands for an answer that never came, with the RP-cause 38, network out of
# order (TS 24.011 section 8.2.5.4). validityExpired is of messages that no attempt was made for,
# and queueFull of those that find too many before them.
"""Causes of failures, and what follows from each."""

from typing import Any, Final, TypeAlias

import attrs

from simulators.outcomes import OUTCOMES, message_state
from smpp_router.config_checks import at_least, between, entries, if_given
from smpp_router.wire import constants as c

Attribute: TypeAlias = "attrs.Attribute[Any]"

CAUSES_MAX: Final = 1_000
RETRIES_MAX: Final = 100
"""Pauses in one schedule; the last one goes on for ever."""
WEEK_S: Final = 7 * 86_400.0
RETRY_S_MIN: Final = 0.1
"""Attempts for nothing must not follow each other at once."""

ABSENT: Final = "absentSubscriberSM"
BUSY: Final = "subscriberBusyForMT-SMS"
FULL: Final = "memoryCapacityExceeded"
UNKNOWN: Final = "unknownSubscriber"
BARRED: Final = "callBarred"
EXPIRED: Final = "validityExpired"
QUEUE_FULL: Final = "queueFull"

FINAL_FAILURES: Final = tuple(stat for stat in OUTCOMES if stat not in ("DELIVRD", "DELETED", "NONE"))


def _failure(_: object, attribute: Attribute, stat: str | None) -> None:
    if stat is not None and stat not in FINAL_FAILURES:
        raise ValueError(f"{attribute.name}: {stat} is none of {', '.join(FINAL_FAILURES)}")


def _pauses(_: object, attribute: Attribute, pauses: tuple[float, ...] | None) -> None:
    if pauses is not None:
        entries(0, RETRIES_MAX)(None, attribute, pauses)
        for pause_s in pauses:
            between(RETRY_S_MIN, WEEK_S)(None, attribute, pause_s)


@attrs.frozen(kw_only=True)
class CauseConfig:
    """What a file says of a cause; what it does not say is as DEFAULTS has it."""

    error_code: int | None = attrs.field(default=None, validator=if_given(between(0, 65_535)))
    """network_error_code, and err of the receipt's text as the carrier's dialect writes it."""
    stat: str | None = attrs.field(default=None, validator=_failure)
    """The final state if no other attempt is made; message_state follows from it."""
    retry_s: tuple[float, ...] | None = attrs.field(default=None, validator=_pauses)
    """Pauses between attempts; the last one again and again. Empty: the cause is permanent."""
    attempts_max: int | None = attrs.field(default=None, validator=if_given(at_least(0)))
    """Attempts in all; 0: until the message's validity ends."""


@attrs.frozen
class Cause:
    """What follows from a cause."""

    name: str
    error_code: int
    state: int
    """The message_state at the end."""
    retry_s: tuple[float, ...] = ()
    attempts_max: int = 0

    @property
    def is_permanent(self) -> bool:
        """Whether no other attempt is made."""
        return not self.retry_s

    def pause_s(self, attempts: int) -> float:
        """Return the pause after so many attempts, 1 or more."""
        return self.retry_s[min(attempts, len(self.retry_s)) - 1]


_ABSENCE_S: Final = (60.0, 300.0, 900.0, 3_600.0, 10_800.0)
_FAILURE_S: Final = (30.0, 60.0, 300.0, 900.0)

_PERMANENT: Final = {
    UNKNOWN: 1,
    "unidentifiedSubscriber": 5,
    "illegalSubscriber": 9,
    "teleserviceNotProvisioned": 11,
    "illegalEquipment": 12,
    BARRED: 13,
    "facilityNotSupported": 21,
    "equipmentProtocolError": 32,
    "dataMissing": 35,
    "unexpectedDataValue": 36,
}
_TEMPORARY: Final = {
    ABSENT: (6, _ABSENCE_S),
    "absentSubscriber": (27, _ABSENCE_S),
    BUSY: (31, (10.0, 30.0, 60.0, 300.0)),
    FULL: (32, (300.0, 900.0, 3_600.0, 10_800.0)),
    "messageWaitingListFull": (33, _ABSENCE_S),
    "systemFailure": (34, _FAILURE_S),
    "networkFailure": (38, _FAILURE_S),
}
DEFAULTS: Final[dict[str, Cause]] = {
    **{name: Cause(name, code, c.UNDELIVERABLE) for name, code in _PERMANENT.items()},
    **{name: Cause(name, code, c.UNDELIVERABLE, pauses) for name, (code, pauses) in _TEMPORARY.items()},
    EXPIRED: Cause(EXPIRED, 0, c.EXPIRED),
    QUEUE_FULL: Cause(QUEUE_FULL, 0, c.REJECTED),
}
"""Causes by name. The codes are those of TS 29.002; memoryCapacityExceeded and equipmentProtocolError are
kinds of sm-DeliveryFailure, 32."""


def resolved(tables: dict[str, CauseConfig]) -> dict[str, Cause]:
    """Return all causes: the defaults with what a file says, and a file's own, permanent without more."""
    causes = dict(DEFAULTS)
    for name, table in tables.items():
        cause = causes.get(name, Cause(name, 0, c.UNDELIVERABLE))
        causes[name] = Cause(
            name,
            cause.error_code if table.error_code is None else table.error_code,
            cause.state if table.stat is None else message_state(table.stat),
            cause.retry_s if table.retry_s is None else table.retry_s,
            cause.attempts_max if table.attempts_max is None else table.attempts_max,
        )
    return causes


def cause_tables(_: object, attribute: Attribute, tables: dict[str, CauseConfig]) -> None:
    """Not too many of them, each with a name to write down."""
    entries(0, CAUSES_MAX)(None, attribute, tables)
    for name in tables:
        if not (0 < len(name) <= 40 and name.isascii() and name.replace("-", "").isalnum()):
            raise ValueError(f"{attribute.name}: {name} must be 1 to 40 letters, digits and -")
    for name in (EXPIRED, QUEUE_FULL):
        if name in tables and (tables[name].retry_s or tables[name].attempts_max):
            raise ValueError(f"{attribute.name}: {name} is final, so it has no retry_s and no attempts_max")
