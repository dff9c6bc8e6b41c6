# Rules and what finds them. Ten thousand rules are not asked one by one: each stands under one of its own
# conditions, the one that most likely tells it from others, and a message asks only those that stand under
# what it has itself. What is found is remembered by router.py, so that this is not done for every message.
#
#   Senders    which of the rules' sender conditions a sender fulfils
#   Prefixes   which of the prefixes in use a number begins with
#   Rulebook   which rules fit, in their order, for what the two and the number plan have told
#   Prices     what a part costs with each carrier
"""Rules: what they ask for, and how those that fit are found."""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from typing import Final, NamedTuple

import attrs

from smpp_router.config import CarrierConfig
from smpp_router.config_routes import RoutesConfig, RuleConfig
from smpp_router.routing.schedule import Schedule
from smpp_router.routing.strategies import Probing

SENDERS_MAX: Final = 65_536
"""Senders whose conditions are remembered, about 8 MB; at the limit all are forgotten."""

DEFAULT: Final = "default"
"""The name of what applies where no rule and no prefix does."""


def international(number: bytes) -> bytes:
    """A number without what only says that it is international: a leading + or 00."""
    number = number.lstrip(b"+")
    return number.lstrip(b"0") if number.startswith(b"00") else number


def spelled(prefix: str) -> str:
    """A prefix as numbers are looked up by it, however it is written."""
    return international(prefix.encode()).decode()


@attrs.define(eq=False)
class Rule:
    """A rule ready for use. Rules are asked by `place`; `is_active` says whether its schedule holds now."""

    place: int
    config: RuleConfig
    schedule: Schedule | None = None
    is_active: bool = True
    accounts: frozenset[str] = attrs.field(init=False)
    senders: frozenset[str] = attrs.field(init=False)
    prefixes: frozenset[str] = attrs.field(init=False)
    regions: frozenset[str] = attrs.field(init=False)
    networks: frozenset[str] = attrs.field(init=False)
    classes: frozenset[str] = attrs.field(init=False)
    probing: Probing = attrs.field(init=False)
    turn: int = attrs.field(default=0, init=False)
    """Whose turn it is, for round_robin."""

    def __attrs_post_init__(self) -> None:
        """Make sets of what is looked up."""
        config = self.config
        self.accounts = frozenset(config.accounts)
        self.senders = frozenset(config.senders)
        self.prefixes = frozenset(map(spelled, config.prefixes))
        self.regions = frozenset(config.regions)
        self.networks = frozenset(config.networks)
        self.classes = frozenset(config.classes)
        self.probing = Probing(config.probe_share_min, config.probe_share_max)


class Asked(NamedTuple):
    """What a message has that rules ask for."""

    account: str
    traffic_class: str
    senders: frozenset[str]
    """The sender conditions that it fulfils."""
    prefixes: tuple[str, ...]
    """The prefixes in use that its number begins with, the longest first."""
    places: tuple[str, ...]
    """Where its number belongs, the narrowest first: CN/guangdong/shenzhen, CN/guangdong, CN."""
    network: str


class Senders:
    """Which sender conditions hold for a sender: exact ones, prefixes (1069*), patterns (10?9*)."""

    def __init__(self, conditions: Iterable[str]) -> None:
        self._exact: set[str] = set()
        self._prefixes: dict[int, set[str]] = defaultdict(set)
        self._patterns: list[tuple[re.Pattern[str], str]] = []
        for condition in set(conditions):
            if "*" not in condition and "?" not in condition:
                self._exact.add(condition)
            elif condition.find("*") == len(condition) - 1 and "?" not in condition:
                self._prefixes[len(condition) - 1].add(condition)
            else:
                self._patterns.append((_pattern(condition), condition))
        self._known: dict[bytes, frozenset[str]] = {}
        self._sets: dict[frozenset[str], frozenset[str]] = {}
        self.are_asked = bool(self._exact or self._prefixes or self._patterns)

    def fulfilled(self, sender: bytes) -> frozenset[str]:
        """Return the conditions that a sender fulfils; equal sets are the same object."""
        known = self._known.get(sender)
        if known is None:
            if len(self._known) >= SENDERS_MAX:
                self._known.clear()
            found = frozenset(self._all(sender.decode("latin-1")))
            known = self._known[sender] = self._sets.setdefault(found, found)
        return known

    def _all(self, sender: str) -> Iterator[str]:
        if sender in self._exact:
            yield sender
        for length, conditions in self._prefixes.items():
            condition = sender[:length] + "*"
            if condition in conditions:
                yield condition
        for pattern, condition in self._patterns:
            if pattern.fullmatch(sender):
                yield condition


def _pattern(condition: str) -> re.Pattern[str]:
    """A * is any characters, a ? is one. Between two * the shortest match will do, so none is tried twice."""
    parts = [re.escape(part).replace(r"\?", ".") for part in re.sub(r"\*+", "*", condition).split("*")]
    middle = "".join(f"(?>.*?{part})" for part in parts[1:-1])
    return re.compile(parts[0] + middle + (f".*{parts[-1]}" if len(parts) > 1 else ""), re.DOTALL)


class Prefixes:
    """All prefixes in use, and which of them a number begins with."""

    def __init__(self, prefixes: Iterable[str]) -> None:
        self._known = {prefix.encode(): prefix for prefix in prefixes}
        self._lengths = sorted({len(prefix) for prefix in self._known}, reverse=True)
        self.digits = max(self._lengths, default=0)
        """The length of the longest one."""

    def of(self, number: bytes) -> tuple[str, ...]:
        """The prefixes that a number begins with, the longest first."""
        found = (self._known.get(number[:length]) for length in self._lengths if length <= len(number))
        return tuple(prefix for prefix in found if prefix is not None)

    def __iter__(self) -> Iterator[bytes]:
        return iter(self._known)


_CONDITIONS: Final = ("prefixes", "senders", "regions", "accounts", "networks", "classes")
"""What rules are filed under."""


class Rulebook:
    """All rules, found by what they ask for. The table of prefixes and the default are the last of them."""

    def __init__(self, routes: RoutesConfig) -> None:
        self.rules: list[Rule] = []
        for config in routes.rules:
            zone = config.time_zone or routes.time_zone
            schedule = Schedule.of(config.weekdays, config.hours, zone)
            self.rules.append(Rule(len(self.rules), config, schedule))
        self._by: dict[str, dict[str, list[Rule]]] = {name: defaultdict(list) for name in _CONDITIONS}
        self._anybody: list[Rule] = []
        self._file_all()
        self._scheduled = [rule for rule in self.rules if rule.schedule is not None]
        place = len(self.rules)
        self._table = {
            spelled(route.prefix): Rule(
                place, RuleConfig(name=f"prefix-{route.prefix}", carriers=route.carriers)
            )
            for route in routes.prefixes
        }
        self._default = (
            Rule(place + 1, RuleConfig(name=DEFAULT, carriers=routes.default)) if routes.default else None
        )

    def _file_all(self) -> None:
        """File each rule under those of its conditions that it shares with the fewest others."""
        asked: dict[str, Counter[str]] = {
            name: Counter(v for rule in self.rules for v in getattr(rule, name)) for name in _CONDITIONS
        }
        for rule in self.rules:
            given = [name for name in _CONDITIONS if _asked(rule, name)]
            if not given:
                self._anybody.append(rule)
                continue
            rarest = min(given, key=lambda name: sum(asked[name][value] for value in _asked(rule, name)))
            for value in _asked(rule, rarest):
                self._by[rarest][value].append(rule)

    def prefixes(self) -> Iterator[str]:
        """Every prefix that a rule or the table names."""
        for rule in self.rules:
            yield from rule.prefixes
        yield from self._table

    def tick(self, now: float) -> bool:
        """Look at the schedules; tell whether that changed which rules hold."""
        changed = False
        for rule in self._scheduled:
            assert rule.schedule is not None
            holds = rule.schedule.holds(now)
            changed |= holds != rule.is_active
            rule.is_active = holds
        return changed

    @property
    def is_scheduled(self) -> bool:
        """Whether any rule depends on the time."""
        return bool(self._scheduled)

    def fitting(self, asked: Asked) -> Iterator[Rule]:
        """Rules that hold now and fit, in order: the table's longest prefix after them, or the default."""
        by = self._by
        found = [rule for prefix in asked.prefixes for rule in by["prefixes"].get(prefix, ())]
        found += [rule for sender in asked.senders for rule in by["senders"].get(sender, ())]
        found += by["accounts"].get(asked.account, ())
        found += [rule for place in asked.places for rule in by["regions"].get(place, ())]
        found += by["networks"].get(asked.network, ())
        found += by["classes"].get(asked.traffic_class, ())
        found += self._anybody
        # A rule with two prefixes of which one begins the other is found twice.
        for place in sorted({rule.place for rule in found}):
            rule = self.rules[place]
            if rule.is_active and _fits(rule, asked):
                yield rule
        routed = (self._table[prefix] for prefix in asked.prefixes if prefix in self._table)
        last = next(routed, self._default)
        if last is not None:
            yield last


def _asked(rule: Rule, name: str) -> frozenset[str]:
    return getattr(rule, name)


def _fits(rule: Rule, asked: Asked) -> bool:
    return (
        (not rule.accounts or asked.account in rule.accounts)
        and (not rule.classes or asked.traffic_class in rule.classes)
        and (not rule.networks or asked.network in rule.networks)
        and (not rule.prefixes or not rule.prefixes.isdisjoint(asked.prefixes))
        and (not rule.regions or not rule.regions.isdisjoint(asked.places))
        and (not rule.senders or not rule.senders.isdisjoint(asked.senders))
    )


class Prices:
    """What a part costs with a carrier: by the longest prefix, else the narrowest place, else its price."""

    def __init__(self, carriers: Iterable[CarrierConfig]) -> None:
        self._plain: dict[str, float] = {}
        self._special: dict[str, tuple[dict[str, float], dict[str, float]]] = {}
        for carrier in carriers:
            self._plain[carrier.name] = carrier.price_per_part
            if carrier.prices:
                self._special[carrier.name] = (
                    {spelled(price.prefix): price.price_per_part for price in carrier.prices if price.prefix},
                    {price.region: price.price_per_part for price in carrier.prices if price.region},
                )

    def prefixes(self) -> Iterator[str]:
        """Every prefix that a price depends on."""
        for by_prefix, _ in self._special.values():
            yield from by_prefix

    def places(self) -> Iterator[str]:
        """Every place that a price depends on."""
        for _, by_place in self._special.values():
            yield from by_place

    def of(self, carrier: str, prefixes: Sequence[str], places: Sequence[str]) -> float:
        """The price of a part to a number with these prefixes, the longest first, in these places."""
        special = self._special.get(carrier)
        if special is not None:
            for names, table in zip((prefixes, places), special, strict=True):
                for name in names:
                    if name in table:
                        return table[name]
        return self._plain.get(carrier, 0.0)
