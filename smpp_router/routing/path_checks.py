# Whether a configuration can keep what its traffic classes say of paths. What cannot be is an error: a class
# that says three carriers, and a route that has two which share no link. What is only worse than it looks is
# a warning: three carriers, two of which can fail at once.
"""Checking routes against the paths that traffic classes want."""

from collections.abc import Iterator, Sequence

from smpp_router.config import AccountConfig, CarrierConfig, ClassConfig
from smpp_router.config_routes import RoutesConfig
from smpp_router.routing.redundancy import Way, independent


def way_of(carrier: CarrierConfig) -> Way:
    """What of a carrier's configuration paths go by; one without a failure_domain is its own."""
    links = frozenset(f"{link.host}:{link.port}" for link in carrier.links if link.bind != "receiver")
    return Way(carrier.failure_domain or f"carrier {carrier.name}", links)


def routes_for(
    class_: ClassConfig, accounts: Sequence[AccountConfig], routes: RoutesConfig
) -> dict[str, tuple[str, ...]]:
    """Return the carriers of each route that messages of a class can go, by its place; of several alike, one.

    A rule for other classes, or for accounts of other classes only, is none of them.
    """
    own = {account.system_id for account in accounts if account.traffic_class == class_.name}
    found: dict[tuple[str, ...], str] = {}
    for number, rule in enumerate(routes.rules):
        is_for_class = not rule.classes or class_.name in rule.classes
        if is_for_class and (not rule.accounts or not own.isdisjoint(rule.accounts)):
            found.setdefault(rule.carriers, f"routes.rules[{number}]")
    for number, route in enumerate(routes.prefixes):
        found.setdefault(route.carriers, f"routes.prefixes[{number}]")
    if routes.default:
        found.setdefault(routes.default, "routes.default")
    return {place: carriers for carriers, place in found.items()}


def path_problems(
    classes: Sequence[ClassConfig],
    accounts: Sequence[AccountConfig],
    carriers: Sequence[CarrierConfig],
    routes: RoutesConfig,
) -> Iterator[str]:
    """Yield one line for each class and route that can't give the class the paths that it wants."""
    ways = {carrier.name: way_of(carrier) for carrier in carriers}
    for number, class_ in enumerate(classes):
        if class_.paths is None:
            continue
        count = class_.paths.count if class_.paths.count_min is None else class_.paths.count_min
        for route, names in routes_for(class_, accounts, routes).items():
            found = independent(names, ways, count)
            if len(found) < count:
                which = f": {', '.join(found)}" if found else ""
                yield (
                    f"classes[{number}].paths: {class_.name} wants {count} carriers "
                    f"that share no link, {route} has {len(found)}{which}"
                )


def path_warnings(
    classes: Sequence[ClassConfig],
    accounts: Sequence[AccountConfig],
    carriers: Sequence[CarrierConfig],
    routes: RoutesConfig,
) -> Iterator[str]:
    """Yield one line for each class and route whose paths can't all be in different failure domains."""
    ways = {carrier.name: way_of(carrier) for carrier in carriers}
    for class_ in classes:
        if class_.paths is None:
            continue
        for route, names in routes_for(class_, accounts, routes).items():
            shared: dict[str, list[str]] = {}
            for name in independent(names, ways, class_.paths.count):
                shared.setdefault(ways[name].domain, []).append(name)
            for domain, together in shared.items():
                if len(together) > 1:
                    yield (
                        f"class {class_.name}: on {route}, {' and '.join(together)} "
                        f"share the failure domain {domain}"
                    )
