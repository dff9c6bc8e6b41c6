# What a world is made of, apart from chance. A scenario, a seed and a duration are all that a run depends on.
"""Scenarios: the carriers, customers, traffic and mishaps of a simulated world."""

from typing import Any, Final, Literal

import attrs

from simulators.profile import BindType, CarrierProfile
from simulators.signalling.config import NetworkConfig
from smpp_router.config import PathsConfig
from smpp_router.config_checks import above, at_least, between, if_given, octets, plain_name, some
from smpp_router.config_health import HealthConfig
from smpp_router.config_routes import PriceConfig, RuleConfig

Kind = Literal[
    "router_crash",
    "router_stop",
    "router_reload",
    "power_cut",
    "disk_full",
    "carrier",
    "network",
    "carrier_outage",
    "carrier_dark",
    "carrier_reset",
    "carrier_half_open",
    "carrier_stall",
    "carrier_unbind",
    "esme_reset",
    "esme_half_open",
    "esme_stall",
    "esme_away",
    "esme_refuses_receipts",
    "esme_ignores_receipts",
    "esme_burst",
]
"""What can go wrong; docs/simulator/world.md says what each does."""


SHOWN_MAX: Final = 4
"""Times that a message which has to arrive may be shown: a bad day has several carriers, one after the other,
that deliver it and do not answer in time."""


@attrs.frozen(kw_only=True)
class Customer:
    """An ESME: one account of the router, the binds that it keeps, and its share of the traffic."""

    system_id: str = attrs.field(validator=octets(1, 15))
    weight: float = attrs.field(default=1.0, validator=at_least(0))
    """Its share of all messages, beside the other customers' weights."""
    binds: tuple[BindType, ...] = attrs.field(default=("transceiver",), validator=some())
    window: int = attrs.field(default=32, validator=between(1, 10_000))
    """submit_sm that one bind leaves unanswered."""
    throughput_per_s: float = attrs.field(default=1_000.0, validator=above(0))
    """What its account allows."""
    delivery: Literal["at_least_once", "at_most_once"] = "at_least_once"
    """What the router may do with a message whose link died."""
    paths: PathsConfig | None = None
    """Several carriers for each of its messages, as a traffic class of the router has them."""
    long_share: float = attrs.field(default=0.0, validator=between(0, 1))
    """Share of messages that have several parts."""
    validity_s: float = attrs.field(default=600.0, validator=above(0))
    receipt_retry_s: float = attrs.field(default=5.0, validator=above(0))
    prefixes: tuple[str, ...] = attrs.field(default=("86139",), validator=some())
    """Its numbers begin with one of these; one that stands there twice is drawn twice as often."""
    shown_max: int | None = attrs.field(default=None, validator=if_given(between(1, 1_000)))
    """How often a handset may show one of its messages, where there are handsets. None: once if `delivery` is
    at_most_once, else SHOWN_MAX times; so often for each of its `paths`."""

    @property
    def shown_at_most(self) -> int:
        """How often a handset may show one of its messages."""
        if self.shown_max is not None:
            return self.shown_max
        once = 1 if self.delivery == "at_most_once" else SHOWN_MAX
        return once if self.paths is None else once * self.paths.count


@attrs.frozen(kw_only=True)
class Towards:
    """How the router treats a carrier."""

    window: int = attrs.field(default=32, validator=between(1, 10_000))
    binds: int = attrs.field(default=1, validator=between(1, 64))
    rate_per_s: float | None = None
    response_timeout_s: float = attrs.field(default=10.0, validator=above(0))
    enquire_link_s: float = attrs.field(default=15.0, validator=above(0))
    receipt_late_s: float = attrs.field(default=300.0, validator=at_least(0))
    retries_max: int = attrs.field(default=3, validator=at_least(0))
    failure_domain: str = attrs.field(default="", validator=octets(0, 40))
    price_per_part: float = attrs.field(default=0.0, validator=at_least(0))
    prices: tuple[PriceConfig, ...] = ()


@attrs.frozen(kw_only=True)
class WorldCarrier:
    """A simulated carrier, and how the router treats it."""

    profile: CarrierProfile
    router: Towards = attrs.field(factory=Towards)


@attrs.frozen(kw_only=True)
class WorldRoute:
    """Where numbers of a prefix go, in order of preference."""

    prefix: str = attrs.field(validator=octets(1, 20))
    carriers: tuple[str, ...] = attrs.field(validator=some())


@attrs.frozen(kw_only=True)
class Mishap:
    """One kind of fault: how often it is drawn, or when it comes, whom it hits, and how long it lasts."""

    kind: Kind
    per_hour: float = attrs.field(default=0.0, validator=at_least(0))
    """Mean of a Poisson process."""
    at_s: float | None = attrs.field(default=None, validator=if_given(at_least(0)))
    """Once, so many seconds after the beginning."""
    lasts_s: tuple[float, float] = (1.0, 30.0)
    """Drawn evenly between these."""
    among: tuple[str, ...] = ()
    """Carriers or customers that it may hit, drawn evenly; empty: all."""
    set: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """For the kinds "carrier" and "network": keys of its table, dots allowed, and what they are meanwhile."""

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what contradicts itself."""
        least, most = self.lasts_s
        if not 0 <= least <= most:
            raise ValueError(f"lasts_s: must be two numbers that rise from 0 or more, got {least} and {most}")
        if self.at_s is not None and self.per_hour:
            raise ValueError("at_s: is for a mishap that comes once, per_hour for one that is drawn")
        if bool(self.set) != (self.kind in ("carrier", "network")):
            raise ValueError("set: belongs to the kinds carrier and network, and only to them")


@attrs.frozen(kw_only=True)
class Scenario:
    """One world."""

    name: str = attrs.field(validator=plain_name)
    messages_per_s: float = attrs.field(default=20.0, validator=above(0))
    """A Poisson process; the parts of a long message count as one."""
    grain_s: float = attrs.field(default=0.05, validator=between(0.001, 10))
    """Messages are offered so often, and the router looks at what is due: coarser is faster."""
    drain_s: float = attrs.field(default=3_600.0, validator=above(0))
    """After the last message, without faults: by then everything must have ended. It stops when it has."""
    segment_bytes: int = attrs.field(default=1 << 20, validator=at_least(4_096))
    """Of the router's store."""
    retention_s: float = attrs.field(default=600.0, validator=at_least(0))
    """Of the router's store."""
    history_s: float = attrs.field(default=13_392_000.0, validator=at_least(0))
    """Of the router's store; 0: none, which is faster."""
    numbers: int = attrs.field(default=5_000, validator=between(1, 99_999_999))
    """Distinct numbers of each prefix."""
    customers: tuple[Customer, ...] = attrs.field(validator=some())
    carriers: tuple[WorldCarrier, ...] = attrs.field(validator=some())
    routes: tuple[WorldRoute, ...] = ()
    """Every other number: all carriers, in the order in which they stand."""
    rules: tuple[RuleConfig, ...] = ()
    """Routing rules, asked before `routes`."""
    health: HealthConfig = attrs.field(factory=HealthConfig)
    """How the router measures carriers."""
    mishaps: tuple[Mishap, ...] = ()
    network: NetworkConfig | None = None
    """The radio network and the handsets behind all carriers; None: what carriers say is what happened."""
