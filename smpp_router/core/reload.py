# Going over to another configuration while messages are under way: one synchronous pass, between two batches,
# over values that were made ready beside the loop. What is under way keeps what it has: sessions, queues,
# windows, what is awaited, scores and breakers. What the configuration has no more leaves (leaving.py).
#
# Rule 1: nothing here can fail: the configuration passed its checks, and all that is dear has been made.
# Rule 2: what stands here costs by what has changed, and not by what there is.
"""Applying a configuration to a running exchange."""

from collections.abc import Iterable

import attrs

from smpp_router.compliance.screener import Screener
from smpp_router.config import AccountConfig, CarrierConfig, RouterConfig
from smpp_router.config_changes import Change
from smpp_router.core.accounts import Account
from smpp_router.core.carriers import Carrier
from smpp_router.core.exchange import Exchange
from smpp_router.core.path_plans import PathTables
from smpp_router.routing.router import RuleRouter


@attrs.frozen(kw_only=True)
class Fresh:
    """A configuration that passed all checks, how it differs, and what was made of it.

    `router` and `screener` are None where nothing that they go by has changed: the old ones stay, with what
    they remember.
    """

    config: RouterConfig
    changes: tuple[Change, ...]
    paths: PathTables
    router: RuleRouter | None = None
    screener: Screener | None = None


def needs_router(old: RouterConfig, new: RouterConfig) -> bool:
    """Whether a new configuration decides otherwise than the old one: rules, prices, or which carriers."""
    return old.routes != new.routes or _prices(old.carriers) != _prices(new.carriers)


def _prices(carriers: Iterable[CarrierConfig]) -> list[object]:
    return [(carrier.name, carrier.price_per_part, carrier.prices) for carrier in carriers]


def apply(exchange: Exchange, fresh: Fresh, now: float) -> None:
    """Go by another configuration from now on."""
    config = fresh.config
    exchange.config = config
    _use_classes(exchange, config)
    _use_carriers(exchange, fresh, now)
    _use_accounts(exchange, fresh, now)
    _use_limits(exchange, config)
    if fresh.router is not None:
        _use_router(exchange, fresh.router, now)
    if fresh.screener is not None:
        screening = exchange.screening
        assert screening is not None, "screening is turned on and off by a restart"
        fresh.screener.take_over(screening.screener)
        screening.screener = fresh.screener
    if exchange.screening is not None and exchange.quiet_hours is not None:
        exchange.quiet_hours.use(exchange.screening.screener)
    exchange.paths.plans.tables = fresh.paths
    exchange.measuring.configure(config)
    exchange.settle.filter_error_codes = frozenset(config.health.filter_error_codes)
    exchange.alarm_watch.configure(config.alarms)


def _use_router(exchange: Exchange, router: RuleRouter, now: float) -> None:
    router.tick(now)
    exchange.router = router
    exchange.retries.use(router, exchange.issuer.last + 1)
    exchange.intake.router = router
    exchange.paths.plans.router = router


def _use_classes(exchange: Exchange, config: RouterConfig) -> None:
    # Intake and Retries share this table.
    classes = exchange.intake.classes
    classes.clear()
    classes.update((class_.name, class_) for class_ in config.classes)
    exchange.intake.configure()


def _use_carriers(exchange: Exchange, fresh: Fresh, now: float) -> None:
    configs = {carrier.name: carrier for carrier in fresh.config.carriers}
    for change in fresh.changes:
        if change.section != "carriers":
            continue
        carrier = exchange.carriers.get(change.name)
        if change.kind == "removed":
            assert carrier is not None, "who was in the configuration has not left before"
            exchange.leaving.carrier(carrier, now + fresh.config.drain_s)
        elif carrier is None:
            _add_carrier(exchange, configs[change.name], now)
        else:
            _change_carrier(exchange, carrier, configs[change.name])
    exchange.leaving.pair_up()


def _add_carrier(exchange: Exchange, config: CarrierConfig, now: float) -> None:
    exchange.health.add(config.name, now)
    exchange.flight.taken[config.name] = {}
    exchange.carriers[config.name] = Carrier(config, now, exchange.health, exchange.waiting)


def _change_carrier(exchange: Exchange, carrier: Carrier, config: CarrierConfig) -> None:
    before = carrier.ids
    carrier.configure(config)
    if carrier.ids is not before:
        exchange.settle.rekeying.begin(carrier, before)
    exchange.leaving.carriers.pop(carrier.name, None)


def _use_accounts(exchange: Exchange, fresh: Fresh, now: float) -> None:
    changed = [change for change in fresh.changes if change.section == "accounts"]
    if not changed:
        return
    configs: dict[str, AccountConfig] = {account.system_id: account for account in fresh.config.accounts}
    for change in changed:
        account = exchange.accounts.get(change.name)
        if change.kind == "removed":
            assert account is not None, "who was in the configuration has not left before"
            exchange.leaving.account(account, now)
        elif account is None:
            exchange.accounts[change.name] = Account(configs[change.name])
        else:
            account.configure(configs[change.name])
            exchange.leaving.accounts.pop(change.name, None)
    exchange.inbound.configure(exchange.accounts)


def _use_limits(exchange: Exchange, config: RouterConfig) -> None:
    limits = config.limits
    exchange.intake.in_flight_max = limits.in_flight_max
    exchange.alarm_watch.in_flight_max = limits.in_flight_max
    exchange.orphans.configure(limits.orphan_receipts_max, limits.orphan_receipt_s)
    exchange.retries.pins.configure(limits.pinned_parts_max)
    exchange.paths.plans.orders.configure(limits.pinned_parts_max)
