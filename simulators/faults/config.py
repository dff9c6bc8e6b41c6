"""What is wrong with the connections of a simulated carrier, as plain values."""

from typing import Any, Final, Literal

import attrs

from simulators.faults.malformed import KINDS
from smpp_router.config_checks import above, at_least, between, if_given
from smpp_router.wire import constants as c

STATUSES: Final[dict[str, int]] = {name: status for status, name in c.STATUS_NAMES.items() if status}
"""The command_statuses of errors, by name."""
BIND_RESP_MAX_S: Final = 25.0
"""Less than the time within which a connection has to bind."""
_share = between(0, 1)


def _status(_: object, attribute: "attrs.Attribute[Any]", name: str) -> None:
    if name and name not in STATUSES:
        raise ValueError(f"{attribute.name}: must be the name of an error such as ESME_RBINDFAIL, got {name}")


def _kinds(_: object, attribute: "attrs.Attribute[Any]", shares: dict[str, float]) -> None:
    for kind, share in shares.items():
        if kind not in KINDS:
            raise ValueError(f"{attribute.name}: {kind} is none of {', '.join(KINDS)}")
        if not 0 <= share <= 1:
            raise ValueError(f"{attribute.name}: {kind} must be between 0 and 1, got {share}")


@attrs.frozen(kw_only=True)
class Faults:
    """All of it counts for connections that stand as well, from the moment of the change, but for lasts_s."""

    accept_then_close: bool = False
    """Connections are taken and closed at once."""
    refuse_binds: str = attrs.field(default="", validator=_status)
    """The command_status that answers each bind, by its name; empty: binds are looked at."""
    bind_resp_s: float = attrs.field(default=0.0, validator=between(0, BIND_RESP_MAX_S))
    """Each bind is answered so much later, and what comes behind it waits."""
    lasts_s: float | None = attrs.field(default=None, validator=if_given(above(0)))
    """So long after it began a connection is ended ..."""
    ends_with: Literal["unbind", "close", "reset"] = "close"
    """... by an unbind, by closing it, or by a reset."""
    reset_share: float = attrs.field(default=0.0, validator=_share)
    """Share of reads after which the connection is reset; what was read is lost."""
    half_open: bool = False
    """The connection stays, nothing is read and nothing is written."""
    silent: bool = False
    """Everything is read and done, and nothing is said: no response, no receipt, no enquire_link."""
    no_enquire_link_resp: bool = False
    """All is answered but enquire_link."""
    malformed: dict[str, float] = attrs.field(factory=dict[str, float], validator=_kinds)
    """Shares of the PDUs that it sends, of those that can have that defect, by kind: see malformed.py."""
    read_bytes_per_s: float | None = attrs.field(default=None, validator=if_given(at_least(1)))
    """How fast it reads."""
    write_bytes_per_s: float | None = attrs.field(default=None, validator=if_given(at_least(1)))
    """How fast it writes. What would take longer than 30 s in one go ends the connection."""
    write_chunk_bytes: int | None = attrs.field(default=None, validator=if_given(at_least(1)))
    """What it writes comes in pieces of that size, whatever a PDU's is."""
