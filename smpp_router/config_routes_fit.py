# What in routes.toml can only be judged with another value beside it: carriers, accounts and classes that
# must exist, places and networks that the numbering plan must know, and what a rule says half.
"""Checks of routes against the rest of the configuration."""

from collections.abc import Collection, Iterator
from difflib import get_close_matches
from typing import TYPE_CHECKING, Final
from zoneinfo import ZoneInfo

import attrs

from smpp_router.config import AccountConfig, CarrierConfig, ClassConfig
from smpp_router.config_checks import shown
from smpp_router.config_routes import RoutesConfig, RuleConfig
from smpp_router.routing.rules import spelled

if TYPE_CHECKING:
    from smpp_router.routing.numberplan import NumberPlan

Problems = Iterator[tuple[str, str]]

KNOWN_SHOWN: Final = 20
"""Names that are listed after `known:`; of longer lists only those that look alike."""


@attrs.frozen(kw_only=True)
class _Known:
    """What rules may name."""

    carriers: Collection[str]
    places: Collection[str]
    networks: Collection[str]


def check_rule_accounts(routes: RoutesConfig, accounts: tuple[AccountConfig, ...]) -> Problems:
    """Yield (section, problem) for accounts that rules name and nobody has."""
    known = [account.system_id for account in accounts]
    for index, rule in enumerate(routes.rules):
        for problem in _unknown(f"routes.rules[{index}].accounts", "account", rule.accounts, known):
            yield "routes", problem


def check_rule_classes(routes: RoutesConfig, classes: tuple[ClassConfig, ...]) -> Problems:
    """Yield (section, problem) for classes that rules name and nothing is of."""
    known = [class_.name for class_ in classes]
    for index, rule in enumerate(routes.rules):
        for problem in _unknown(f"routes.rules[{index}].classes", "class", rule.classes, known):
            yield "routes", problem


def check_routes(routes: RoutesConfig, carriers: tuple[CarrierConfig, ...]) -> Problems:
    """Yield (section, problem) for all else that does not fit."""
    known = _Known(
        carriers=[carrier.name for carrier in carriers],
        places=_places(routes, carriers),
        networks=_networks(routes),
    )
    yield from (("routes", problem) for problem in _routes_problems(routes, known))
    for index, carrier in enumerate(carriers):
        for number, price in enumerate(carrier.prices):
            path = f"carriers[{index}].prices[{number}]"
            if bool(price.prefix) == bool(price.region):
                yield "carriers", f"{path}: must have a prefix or a region, and not both"
            elif price.region:
                problems = _unknown(f"{path}.region", "region", [price.region], known.places)
                yield from (("carriers", problem) for problem in problems)


def _places(routes: RoutesConfig, carriers: tuple[CarrierConfig, ...]) -> Collection[str]:
    """Every place, if any is named: reading the plan takes half a second."""
    named = any(rule.regions for rule in routes.rules) or any(
        price.region for carrier in carriers for price in carrier.prices
    )
    return sorted(_plan().places) if named else ()


def _networks(routes: RoutesConfig) -> Collection[str]:
    if not any(rule.networks for rule in routes.rules):
        return ()
    ported = routes.portability.networks if routes.portability is not None else ()
    return sorted({*_plan().networks, *ported})


def _plan() -> "NumberPlan":
    # Only here: `check` of a file without regions starts in a tenth of the time.
    from smpp_router.routing.numberplan import number_plan  # noqa: PLC0415 - see above

    return number_plan()


def _routes_problems(routes: RoutesConfig, known: _Known) -> Iterator[str]:
    yield from _zone("routes.time_zone", routes.time_zone)
    yield from _repeated("routes.prefixes", "prefix", [spelled(route.prefix) for route in routes.prefixes])
    yield from _repeated("routes.rules", "name", [rule.name for rule in routes.rules])
    for index, rule in enumerate(routes.rules):
        yield from _rule_problems(f"routes.rules[{index}]", rule, known)
    for index, route in enumerate(routes.prefixes):
        yield from _unknown(f"routes.prefixes[{index}].carriers", "carrier", route.carriers, known.carriers)
    yield from _unknown("routes.default", "carrier", routes.default, known.carriers)


def _rule_problems(path: str, rule: RuleConfig, known: _Known) -> Iterator[str]:
    yield from _unknown(f"{path}.carriers", "carrier", rule.carriers, known.carriers)
    yield from _unknown(f"{path}.regions", "region", rule.regions, known.places)
    yield from _unknown(f"{path}.networks", "network", rule.networks, known.networks)
    if rule.time_zone is not None:
        yield from _zone(f"{path}.time_zone", rule.time_zone)
    count = len(rule.carriers)
    if rule.strategy == "weighted":
        if len(rule.weights) != count:
            yield f"{path}.weights: must be one for each of {count} carriers, not {len(rule.weights)}"
        elif not all(weight > 0 for weight in rule.weights):
            yield f"{path}.weights: must be above 0"
    elif rule.weights:
        yield f'{path}.weights: belongs to strategy "weighted", not to {shown(rule.strategy)}'
    if rule.strategy == "fixed" and count > 1:
        yield f"{path}.carriers: fixed takes one carrier; failover takes several"
    least = rule.probe_share_min * (count - 1)
    if rule.strategy == "best_delivery" and least > rule.probe_share_max:
        others = f"probe_share_min for each of {count - 1} carriers"
        yield f"{path}.probe_share_max: must be at least {least:g}: {others}"


def _zone(path: str, name: str) -> Iterator[str]:
    try:
        ZoneInfo(name)
    except (OSError, ValueError, KeyError):
        yield f"{path}: unknown time zone {shown(name)}; it is a name such as Asia/Shanghai"


def _unknown(path: str, noun: str, names: Collection[str], known: Collection[str]) -> Iterator[str]:
    for name in names:
        if name not in known:
            yield f"{path}: unknown {noun} {shown(name)}{_hint(name, known)}"


def _hint(name: str, known: Collection[str]) -> str:
    if len(known) <= KNOWN_SHOWN:
        return f"; known: {', '.join(known) or 'none'}"
    alike = get_close_matches(name, known)
    return f"; did you mean {' or '.join(alike)}?" if alike else ""


def _repeated(path: str, field: str, values: list[str]) -> Iterator[str]:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        first = seen.setdefault(value, index)
        if first != index:
            yield f"{path}[{index}].{field}: {shown(value)} is {path}[{first}] already"
