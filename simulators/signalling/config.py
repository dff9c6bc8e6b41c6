# The radio network behind the carriers of a file, as plain values: the table [network].
"""Configuration of the simulated signalling network."""

from typing import Any, Final, TypeAlias

import attrs

from simulators.distributions import Delay
from simulators.handsets.config import GROUPS_MAX, HANDSETS_MAX, HandsetConfig, HandsetGroup
from simulators.signalling.causes import CauseConfig, cause_tables, resolved
from simulators.timeline.entry import NetworkEntry
from smpp_router.config_checks import above, at_least, between, digits_only, each, entries, octets

Attribute: TypeAlias = "attrs.Attribute[Any]"

PREFIXES_MAX: Final = 10_000
"""Prefixes of one carrier; a country has some dozens."""
NETWORKS_MAX: Final = 1_000
NUMBERS_MAX: Final = 100_000
"""Numbers that a table lists one by one."""
VALIDITY_S_MAX: Final = 31 * 86_400.0
EVENTS_MAX: Final = 1_000_000
"""About 200 MB of events."""
TIMELINE_MAX: Final = 1_000
"""Entries; more is a mistake in a program that writes the file."""
_HANDSETS_MAX: Final = 1_000_000
_INBOX_MAX: Final = 1_000
_QUEUE_MAX: Final = 10_000

_digits = octets(1, 20)


def _numbers(_: object, attribute: Attribute, numbers: tuple[str, ...]) -> None:
    entries(0, NUMBERS_MAX)(None, attribute, numbers)
    for number in numbers:
        _digits(None, attribute, number)
        digits_only(None, attribute, number)


def _country(_: object, attribute: Attribute, code: str) -> None:
    if code:
        octets(1, 3)(None, attribute, code)
        digits_only(None, attribute, code)


def _plan(_: object, attribute: Attribute, plan: dict[str, tuple[str, ...]]) -> None:
    entries(0, NETWORKS_MAX)(None, attribute, plan)
    owners: dict[str, str] = {}
    for network, prefixes in plan.items():
        octets(1, 64)(None, attribute, network)
        entries(1, PREFIXES_MAX)(None, attribute, prefixes)
        for prefix in prefixes:
            _digits(None, attribute, prefix)
            digits_only(None, attribute, prefix)
            owner = owners.setdefault(prefix, network)
            if owner != network:
                raise ValueError(f"{attribute.name}: {prefix} is of {owner} and of {network}")


def _ported(_: object, attribute: Attribute, ported: dict[str, str]) -> None:
    entries(0, NUMBERS_MAX)(None, attribute, ported)
    for number, network in ported.items():
        _digits(None, attribute, number)
        digits_only(None, attribute, number)
        octets(1, 64)(None, attribute, network)


def _shares(_: object, attribute: Attribute, shares: dict[str, float]) -> None:
    for cause, share in shares.items():
        if not 0.0 <= share <= 1.0:
            raise ValueError(f"{attribute.name}: {cause} must be from 0 to 1, got {share}")
    if sum(shares.values()) > 1.0 + 1e-9:
        raise ValueError(f"{attribute.name}: the shares must not be more than 1 together")


@attrs.frozen(kw_only=True)
class Subscribers:
    """Some subscribers: those whose number is listed, begins with a prefix, or draws it."""

    numbers: tuple[str, ...] = attrs.field(default=(), validator=_numbers)
    prefixes: tuple[str, ...] = attrs.field(default=(), validator=(entries(0, PREFIXES_MAX), each(_digits)))
    share: float = attrs.field(default=0.0, validator=between(0, 1))
    """Of all numbers, drawn by number: the same ones each time."""


@attrs.frozen(kw_only=True)
class NetworkConfig:
    """The network that all carriers of a file share."""

    country_code: str = attrs.field(default="", validator=_country)
    """What national numbers are put behind, such as 86; empty: numbers are taken as they are."""
    number_plan: dict[str, tuple[str, ...]] = attrs.field(factory=dict[str, tuple[str, ...]], validator=_plan)
    """Prefixes by the carrier that serves them; the longest counts. A number behind none is unknown. Empty:
    every carrier serves the numbers that it is sent messages for."""
    ported: dict[str, str] = attrs.field(factory=dict[str, str], validator=_ported)
    """Numbers that have gone to another carrier."""
    ported_share: float = attrs.field(default=0.0, validator=between(0, 1))
    """Of all numbers, drawn by number; where they have gone to is drawn among the plan's other carriers."""
    unknown: Subscribers = attrs.field(factory=Subscribers)
    """Numbers of the plan that nobody has."""
    barred: Subscribers = attrs.field(factory=Subscribers)
    """Subscribers who may get no messages."""

    sri_sm: Delay = attrs.field(factory=lambda: Delay(s=0.05, jitter_s=0.1))
    """From the request for routing information to the HLR's answer."""
    mt_forward_sm: Delay = attrs.field(
        factory=lambda: Delay(kind="lognormal", s=0.8, jitter_s=0.7, sigma=0.7)
    )
    """From forwarding a message to the handset's acknowledgement, or to the failure."""
    paging: Delay = attrs.field(factory=lambda: Delay(s=6.0, jitter_s=4.0))
    """What it takes on top to give up a handset out of coverage."""
    interworking: Delay = attrs.field(factory=lambda: Delay(s=0.1, jitter_s=0.3))
    """What it takes on top if another carrier serves the number."""
    alert_sc: Delay = attrs.field(factory=lambda: Delay(s=1.0, jitter_s=4.0))
    """From a handset's coming back to the alert of those who have messages for it."""
    sri_failures: dict[str, float] = attrs.field(factory=dict[str, float], validator=_shares)
    """Shares of requests for routing information that fail, by cause."""
    mt_failures: dict[str, float] = attrs.field(factory=dict[str, float], validator=_shares)
    """Shares of forwarded messages that fail before they reach the handset, by cause."""
    interworking_failures: dict[str, float] = attrs.field(factory=dict[str, float], validator=_shares)
    """The same for messages to a number that another carrier serves, on top."""
    message_waiting: bool = True
    """Whether the network remembers who has messages for a handset that is away or full, and alerts them."""
    validity_s: float = attrs.field(default=172_800.0, validator=(above(0), between(0, VALIDITY_S_MAX)))
    """How long attempts are made for a message that has no validity_period of its own."""
    validity_s_max: float = attrs.field(default=604_800.0, validator=(above(0), between(0, VALIDITY_S_MAX)))
    """A longer validity_period counts as this."""
    causes: dict[str, CauseConfig] = attrs.field(factory=dict[str, CauseConfig], validator=cause_tables)
    """What follows from each cause; own causes too, for the failures above."""

    queue_max: int = attrs.field(default=100, validator=between(1, _QUEUE_MAX))
    """Messages of one carrier that wait for the same handset; one more ends with the cause queueFull."""
    events_max: int = attrs.field(default=10_000, validator=between(0, EVENTS_MAX))
    """Events that are remembered; then the oldest is forgotten."""
    handsets_max: int = attrs.field(default=20_000, validator=between(1, _HANDSETS_MAX))
    """Handsets whose inboxes are remembered; then the one unused longest is forgotten."""
    inbox_max: int = attrs.field(default=50, validator=between(1, _INBOX_MAX))
    """Texts that an inbox keeps."""
    handsets: tuple[HandsetConfig, ...] = attrs.field(default=(), validator=entries(0, HANDSETS_MAX))
    handset_groups: tuple[HandsetGroup, ...] = attrs.field(default=(), validator=entries(0, GROUPS_MAX))
    timeline: tuple[NetworkEntry, ...] = attrs.field(default=(), validator=entries(0, TIMELINE_MAX))
    """What is otherwise at times that are known beforehand."""
    seed: int = attrs.field(default=1, validator=at_least(0))

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what contradicts itself."""
        known = resolved(self.causes)
        for key in ("sri_failures", "mt_failures", "interworking_failures"):
            for cause in getattr(self, key):
                if cause not in known:
                    raise ValueError(f"{key}: unknown cause {cause}; known: {', '.join(known)}")
        numbers: set[str] = set()
        for handset in self.handsets:
            if handset.number in numbers:
                raise ValueError(f"handsets: {handset.number} stands there twice")
            numbers.add(handset.number)
        if (self.ported_share or self.ported) and not self.number_plan:
            raise ValueError("ported: needs a number_plan")
        for number, network in self.ported.items():
            if network not in self.number_plan:
                raise ValueError(f"ported: {number} goes to {network}, which number_plan does not have")
        if self.ported_share and len(self.number_plan) < 2:
            raise ValueError("ported_share: needs two carriers in number_plan")
