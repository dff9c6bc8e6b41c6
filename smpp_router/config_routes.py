# What routes.toml may say. Rules are asked in the order of the file, the first one that fits decides; then
# the table of prefixes, by the longest, then `default`.
"""Configuration values of routing: rules, prefixes, prices."""

import re
from typing import Any, Final, Literal

import attrs

from smpp_router.config_checks import (
    anything,
    at_least,
    between,
    digits_only,
    each,
    if_given,
    plain_name,
    some,
)
from smpp_router.portability import Portability

StrategyName = Literal[
    "failover",
    "weighted",
    "round_robin",
    "least_cost",
    "best_delivery",
    "fixed",
    "static_failover",
    "static_round_robin",
]
Weekday = Literal["mon", "tue", "wed", "thu", "fri", "sat", "sun"]

_HOURS: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)-(([01]\d|2[0-3]):([0-5]\d)|24:00)")


def _hours(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if _HOURS.fullmatch(value) is None or value[:5] == value[6:]:
        raise ValueError(f'{attribute.name}: must be spans such as "09:00-21:30", got "{value}"')


def _sender(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if not (1 <= len(value) <= 20 and value.isascii() and value.isprintable()):
        raise ValueError(f"{attribute.name}: must be 1 to 20 printable ASCII characters")


@attrs.frozen(kw_only=True)
class PriceConfig:
    """What a part costs with a carrier where its plain price does not hold."""

    prefix: str = attrs.field(default="", validator=if_given(lambda i, a, v: v == "" or digits_only(i, a, v)))
    """Numbers that begin so; the longest prefix counts, and counts before any region."""
    region: str = ""
    """Numbers of this country, province or city, such as CN/guangdong; the narrowest counts."""
    price_per_part: float = attrs.field(validator=at_least(0))


@attrs.frozen(kw_only=True)
class RuleConfig:
    """A rule: which messages it is for, and how their carrier is chosen. What is not given always holds."""

    name: str = attrs.field(validator=plain_name)
    """Stands in every explanation of a choice."""
    accounts: tuple[str, ...] = attrs.field(default=(), validator=each(anything))
    """system_ids."""
    senders: tuple[str, ...] = attrs.field(default=(), validator=each(_sender))
    """source_addr: exact, with a * at the end a prefix, with * (any) and ? (one character) a pattern."""
    prefixes: tuple[str, ...] = attrs.field(default=(), validator=each(digits_only))
    """What numbers begin with, in international form without + or 00."""
    regions: tuple[str, ...] = attrs.field(default=(), validator=each(anything))
    """Countries, provinces, cities: GB, CN, CN/guangdong, CN/guangdong/shenzhen."""
    networks: tuple[str, ...] = attrs.field(default=(), validator=each(anything))
    """Networks that numbers belong to, portability considered: china-mobile, china-unicom, ..."""
    classes: tuple[str, ...] = attrs.field(default=(), validator=each(anything))
    """Traffic classes."""
    weekdays: tuple[Weekday, ...] = attrs.field(default=(), validator=each(anything))
    hours: tuple[str, ...] = attrs.field(default=(), validator=each(_hours))
    """Spans of the day such as "09:00-21:00", the end excluded; "22:00-06:00" goes over midnight."""
    time_zone: str | None = None
    """What weekdays and hours are told in; None: what routes.time_zone says."""
    price_per_part_max: float | None = attrs.field(default=None, validator=if_given(at_least(0)))
    """Carriers whose price is above it are no candidates; without any the next rule is asked."""
    score_min: float = attrs.field(default=0.0, validator=between(0, 100))
    """Carriers whose health is below it are no candidates; without any the next rule is asked."""
    strategy: StrategyName = "failover"
    carriers: tuple[str, ...] = attrs.field(validator=some(anything))
    """Candidates, for failover and fixed in order of preference."""
    weights: tuple[float, ...] = ()
    """For weighted: the part of each carrier, in the same order; any positive numbers."""
    probe_share_min: float = attrs.field(default=0.01, validator=between(0, 0.5))
    """For best_delivery: the share of messages that every carrier gets, so that news is noticed."""
    probe_share_max: float = attrs.field(default=0.1, validator=between(0, 1))
    """For best_delivery: the share that all carriers but the best get together; it bounds the regret."""


@attrs.frozen(kw_only=True)
class RouteConfig:
    """Where numbers that begin with a prefix go; the longest prefix counts."""

    prefix: str = attrs.field(validator=digits_only)
    """Digits in international form, without + or 00."""
    carriers: tuple[str, ...] = attrs.field(validator=some(anything))
    """In order of preference."""


@attrs.frozen(kw_only=True)
class RoutesConfig:
    """The whole routing table: rules, then prefixes, then the default."""

    rules: tuple[RuleConfig, ...] = ()
    prefixes: tuple[RouteConfig, ...] = ()
    default: tuple[str, ...] = attrs.field(default=(), validator=each(anything))
    """Carriers for every other number; empty: such a number is refused."""
    time_zone: str = "UTC"
    """What rules mean with weekdays and hours, such as Asia/Shanghai."""
    portability: Portability | None = None
    """A file of numbers or prefixes that belong to another network than their block says; CSV or TOML."""
