"""The words that a carrier's tables name outcomes and statuses by, and checks of such tables."""

import re
from typing import Any, Final, TypeAlias

import attrs

from smpp_router.wire import constants as c
from smpp_router.wire.receipt import STATES

NO_RECEIPT: Final = "NONE"
"""The outcome of a message of which nothing is heard again."""
OUTCOMES: Final = (*(stat.decode() for stat in STATES if stat not in (b"ENROUTE", b"ACCEPTD")), NO_RECEIPT)
"""The final states, by their stat in a receipt."""
SILENT: Final = 0
"""What NO_RECEIPT is where others have their message_state."""

_NUMBER: Final = re.compile(r"0x[0-9A-Fa-f]{1,8}")

Weights = dict[str, float]
Attribute: TypeAlias = "attrs.Attribute[Any]"


def message_state(outcome: str) -> int:
    """Return the message_state of an outcome, or SILENT."""
    return SILENT if outcome == NO_RECEIPT else STATES[outcome.encode()]


def status_of(name: str) -> int:
    """Return the command_status of a name or of a hexadecimal number such as 0x0401; 0 if there is none."""
    if _NUMBER.fullmatch(name):
        return int(name, 16)
    return int(getattr(c, name, c.ESME_ROK)) if name.startswith("ESME_R") else c.ESME_ROK


def weights_of_outcomes(_: object, attribute: Attribute, weights: Weights) -> None:
    """Weights, of any sum, by outcome."""
    for stat, weight in weights.items():
        if stat not in OUTCOMES:
            raise ValueError(f"{attribute.name}: {stat} is none of {', '.join(OUTCOMES)}")
        if weight < 0.0:
            raise ValueError(f"{attribute.name}: {stat} must be at least 0, got {weight}")
    if not any(weights.values()):
        raise ValueError(f"{attribute.name}: one weight must be above 0")


def shares_of_errors(_: object, attribute: Attribute, shares: Weights) -> None:
    """Shares, of at most 1 together, by name or hexadecimal number of an error status."""
    for name, share in shares.items():
        if not status_of(name):
            raise ValueError(f"{attribute.name}: {name} is not the name of an error status")
        if share < 0.0:
            raise ValueError(f"{attribute.name}: {name} must be at least 0, got {share}")
    if sum(shares.values()) > 1.0 + 1e-9:
        raise ValueError(f"{attribute.name}: the shares must not be more than 1 together")


def codes_of_failures(_: object, attribute: Attribute, codes: dict[str, tuple[int, ...]]) -> None:
    """Lists of network_error_codes by outcome."""
    failures = [stat for stat in OUTCOMES if stat not in ("DELIVRD", NO_RECEIPT)]
    for stat, numbers in codes.items():
        if stat not in failures:
            raise ValueError(f"{attribute.name}: {stat} is none of {', '.join(failures)}")
        if not numbers or not all(1 <= number <= 65_535 for number in numbers):
            raise ValueError(f"{attribute.name}: {stat} must be a list of numbers from 1 to 65535")


def error_name(_: object, attribute: Attribute, name: str) -> None:
    """The name or hexadecimal number of an error status, or nothing."""
    if name and not status_of(name):
        raise ValueError(f"{attribute.name}: {name} is not the name of an error status")


def outcome_name(_: object, attribute: Attribute, name: str) -> None:
    """An outcome, or nothing."""
    if name and name not in OUTCOMES:
        raise ValueError(f"{attribute.name}: {name} is none of {', '.join(OUTCOMES)}")
