"""The router's configuration in a simulated world."""

from functools import cache
from pathlib import Path
from typing import Final

from simulators.world.addresses import customer_prefix
from simulators.world.customer import PASSWORD
from simulators.world.handed import RESPONSE_S
from simulators.world.scenario import Customer, Scenario, WorldCarrier
from smpp_router.config import (
    AccountConfig,
    CarrierConfig,
    ClassConfig,
    LinkConfig,
    ListenerConfig,
    RouterConfig,
    RoutesConfig,
    StoreConfig,
    TimersConfig,
)
from smpp_router.config_routes import RouteConfig
from smpp_router.core.credentials import hash_secret

HOST: Final = "127.0.0.1"


@cache
def _secret() -> str:
    return hash_secret(PASSWORD, bytes(16))


def router_config(scenario: Scenario, folder: Path) -> RouterConfig:
    """Make the router's configuration of a scenario, its store in `folder`."""
    return RouterConfig(
        listeners=(ListenerConfig(host=HOST, port=0),),
        store=StoreConfig(
            path=folder / "store",
            commit="inline",
            segment_bytes=scenario.segment_bytes,
            retention_s=scenario.retention_s,
            history_s=scenario.history_s,
            disk_free_min_bytes=0,
        ),
        timers=TimersConfig(response_s=RESPONSE_S, bad_password_delay_s=0.1),
        shutdown_s=5.0,
        classes=(
            ClassConfig(name="default"),
            ClassConfig(name="once", delivery="at_most_once"),
            *(
                ClassConfig(name=f"paths-{one.system_id}", delivery=one.delivery, paths=one.paths, priority=7)
                for one in scenario.customers
                if one.paths is not None
            ),
        ),
        accounts=tuple(_account(customer, index) for index, customer in enumerate(scenario.customers)),
        carriers=tuple(carrier_config(one, port) for port, one in enumerate(scenario.carriers, 1)),
        health=scenario.health,
        routes=RoutesConfig(
            rules=scenario.rules,
            prefixes=tuple(RouteConfig(prefix=one.prefix, carriers=one.carriers) for one in scenario.routes),
            default=tuple(one.profile.name for one in scenario.carriers),
        ),
    )


def _account(customer: Customer, index: int) -> AccountConfig:
    return AccountConfig(
        system_id=customer.system_id,
        secrets=(_secret(),),
        allow_from=(HOST,),
        binds_max=4 * len(customer.binds),
        takeover="kick_oldest",
        throughput_per_s=customer.throughput_per_s,
        burst=max(1, int(customer.throughput_per_s)),
        window_max=customer.window,
        traffic_class=_class_of(customer),
        validity_s=customer.validity_s,
        receipt_retry_s=customer.receipt_retry_s,
        mo_addresses=(customer_prefix(index).decode(),),
    )


def _class_of(customer: Customer) -> str:
    if customer.paths is not None:
        return f"paths-{customer.system_id}"
    return "once" if customer.delivery == "at_most_once" else "default"


def carrier_config(one: WorldCarrier, port: int) -> CarrierConfig:
    """Return a carrier as the router is told of it, reached at a port of its own."""
    towards = one.router
    link = LinkConfig(
        host=HOST, port=port, system_id="router", password=PASSWORD.decode(), binds=towards.binds
    )
    return CarrierConfig(
        name=one.profile.name,
        links=(link,),
        window=towards.window,
        rate_per_s=towards.rate_per_s,
        response_timeout_s=towards.response_timeout_s,
        enquire_link_s=towards.enquire_link_s,
        receipt_late_s=towards.receipt_late_s,
        reconnect_max_s=10.0,
        retries_max=towards.retries_max,
        failure_domain=towards.failure_domain,
        price_per_part=towards.price_per_part,
        prices=towards.prices,
    )
