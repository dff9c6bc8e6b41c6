# Going over to another configuration while messages are under way: one synchronous pass, between two batches,
# over values that were made ready beside the loop. What is under way keeps what it has: queues, windows, what
# is awaited, scores and breakers.
"""Applying a configuration to a running exchange."""

import attrs

from smpp_router.config import RouterConfig
from smpp_router.core.exchange import Exchange
from smpp_router.routing.router import RuleRouter


@attrs.frozen(kw_only=True)
class Fresh:
    """A configuration that passed all checks, with what was made of it. `router` None: the old one stays."""

    config: RouterConfig
    router: RuleRouter | None = None


def apply(exchange: Exchange, fresh: Fresh, now: float) -> None:
    """Go by another configuration from now on."""
    config = fresh.config
    exchange.config = config
    if fresh.router is not None:
        _use_router(exchange, fresh.router, now)
    exchange.measuring.configure(config)
    exchange.settle.filter_error_codes = frozenset(config.health.filter_error_codes)
    exchange.alarm_watch.configure(config.alarms)


def _use_router(exchange: Exchange, router: RuleRouter, now: float) -> None:
    router.tick(now)
    exchange.router = router
    exchange.retries.router = router
    exchange.intake.router = router
    exchange.paths.plans.router = router
