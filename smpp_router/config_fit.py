# What must fit together in a configuration, beyond what each value alone must be. What the sections [api],
# [compliance] and [routes] need of others is in files of their own.
"""Checks that need two values of a configuration."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Final

from smpp_router.config import AccountConfig, CarrierConfig, ClassConfig, ListenerConfig
from smpp_router.config_api_fit import check_api
from smpp_router.config_checks import shown
from smpp_router.config_compliance_fit import check_carrier_hours, check_compliance
from smpp_router.config_health import HealthConfig
from smpp_router.config_routes import RoutesConfig
from smpp_router.config_routes_fit import check_routes, check_rule_accounts, check_rule_classes
from smpp_router.core.credentials import secret_problem
from smpp_router.routing.path_checks import path_problems
from smpp_router.wire import constants as c

Problems = Iterator[tuple[str, str]]
"""What is wrong: the section, and `path: problem` within it."""


def _check_listeners(listeners: tuple[ListenerConfig, ...]) -> Problems:
    taken: dict[tuple[str, int], int] = {}
    for index, listener in enumerate(listeners):
        path = f"listeners[{index}]"
        first = taken.setdefault((listener.host, listener.port), index)
        if first != index and listener.port != 0:
            yield "listeners", f"{path}.port: {listener.host}:{listener.port} is listeners[{first}] already"
        if listener.tls is not None:
            files = {"certificate": listener.tls.certificate, "key": listener.tls.key}
            if listener.tls.client_ca is not None:
                files["client_ca"] = listener.tls.client_ca
            elif listener.tls.require_client_certificate:
                yield "listeners", f"{path}.tls.require_client_certificate: needs client_ca"
            yield from _missing_files("listeners", f"{path}.tls", files)


def _check_accounts(accounts: tuple[AccountConfig, ...], classes: tuple[ClassConfig, ...]) -> Problems:
    yield from _repeated("accounts", "system_id", [account.system_id for account in accounts])
    known = [traffic_class.name for traffic_class in classes]
    owners: dict[str, int] = {}
    for index, account in enumerate(accounts):
        for number, secret in enumerate(account.secrets):
            problem = secret_problem(secret)
            if problem is not None:
                yield "accounts", f"accounts[{index}].secrets[{number}]: {problem}"
        if account.traffic_class not in known:
            problem = _unknown("class", account.traffic_class, known)
            yield "accounts", f"accounts[{index}].traffic_class: {problem}"
        for address in account.mo_addresses:
            first = owners.setdefault(address, index)
            if first != index:
                yield "accounts", f"accounts[{index}].mo_addresses: {address} is accounts[{first}]'s already"


def _check_classes(classes: tuple[ClassConfig, ...]) -> Problems:
    yield from _repeated("classes", "name", [traffic_class.name for traffic_class in classes])
    for index, class_ in enumerate(classes):
        if class_.missing_mark_status not in c.STATUS_CODES:
            yield (
                "classes",
                f"classes[{index}].missing_mark_status: {class_.missing_mark_status} is no status",
            )
        paths = class_.paths
        if paths is None:
            continue
        if paths.count_min is not None and paths.count_min > paths.count:
            yield "classes", f"classes[{index}].paths.count_min: must be at most count"
        if paths.confirm_max_s < paths.confirm_min_s:
            yield "classes", f"classes[{index}].paths.confirm_max_s: must be at least confirm_min_s"
        if class_.delivery == "at_most_once" and paths.mode != "failover":
            problem = f"{paths.mode} sends a message more than once, and delivery is at_most_once"
            yield "classes", f"classes[{index}].paths.mode: {problem}"


def _check_paths(
    classes: tuple[ClassConfig, ...],
    accounts: tuple[AccountConfig, ...],
    carriers: tuple[CarrierConfig, ...],
    routes: RoutesConfig,
) -> Problems:
    for problem in path_problems(classes, accounts, carriers, routes):
        yield "classes", problem


def _check_carriers(carriers: tuple[CarrierConfig, ...]) -> Problems:
    yield from _repeated("carriers", "name", [carrier.name for carrier in carriers])
    for index, carrier in enumerate(carriers):
        path = f"carriers[{index}]"
        if carrier.reconnect_max_s < carrier.reconnect_min_s:
            yield "carriers", f"{path}.reconnect_max_s: must be at least reconnect_min_s"
        if all(link.bind == "receiver" for link in carrier.links):
            yield "carriers", f"{path}.links: all are receivers, so nothing can be sent"
        for number, link in enumerate(carrier.links):
            if link.tls is not None:
                tls = link.tls
                named = {"ca": tls.ca, "certificate": tls.certificate, "key": tls.key}
                files = {name: file for name, file in named.items() if file is not None}
                yield from _missing_files("carriers", f"{path}.links[{number}].tls", files)
                if tls.key is not None and tls.certificate is None:
                    yield "carriers", f"{path}.links[{number}].tls.key: needs certificate"


def _check_health(health: HealthConfig, classes: tuple[ClassConfig, ...]) -> Problems:
    known = [traffic_class.name for traffic_class in classes]
    for index, name in enumerate(health.risky_classes):
        if name not in known:
            yield "health", f"health.risky_classes[{index}]: {_unknown('class', name, known)}"
    if health.open_max_s < health.open_s:
        yield "health", "health.open_max_s: must be at least open_s"


CROSS_CHECKS: Final[tuple[tuple[tuple[str, ...], Callable[..., Problems]], ...]] = (
    (("listeners",), _check_listeners),
    (("api",), check_api),
    (("compliance", "accounts", "classes"), check_compliance),
    (("compliance", "carriers"), check_carrier_hours),
    (("classes",), _check_classes),
    (("accounts", "classes"), _check_accounts),
    (("carriers",), _check_carriers),
    (("health", "classes"), _check_health),
    (("routes", "carriers"), check_routes),
    (("routes", "accounts"), check_rule_accounts),
    (("routes", "classes"), check_rule_classes),
    (("classes", "accounts", "carriers", "routes"), _check_paths),
)
"""Which sections each check needs, and the check."""


def _repeated(section: str, field: str, values: list[str]) -> Problems:
    seen: dict[str, int] = {}
    for index, value in enumerate(values):
        first = seen.setdefault(value, index)
        if first != index:
            yield section, f"{section}[{index}].{field}: {shown(value)} is {section}[{first}] already"


def _missing_files(section: str, path: str, files: dict[str, Path]) -> Problems:
    for field, file in files.items():
        if not file.is_file():
            yield section, f"{path}.{field}: no such file: {file}"


def _unknown(noun: str, name: str, known: list[str]) -> str:
    return f"unknown {noun} {shown(name)}; known: {', '.join(known) or 'none'}"
