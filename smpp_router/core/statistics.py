# One place that reads every counter: what is at a limit, and how often that happened, is found here by name.
"""A snapshot of the router, for its log and for whoever watches."""

from typing import Any

import attrs

from smpp_router.core.exchange import Exchange
from smpp_router.wire import constants as c


def statistics(exchange: Exchange) -> dict[str, Any]:
    """Return counts since the start, and what is held now, as plain values; no addresses, no texts."""
    return {
        "in_flight": len(exchange.flight),
        "in_flight_max": exchange.intake.in_flight_max,
        "paused": exchange.retries.paused,
        "put_off": 0 if exchange.quiet_hours is None else exchange.quiet_hours.put_off_count,
        "staged": exchange.backlog,
        "ended": {
            c.message_state_name(state): count for state, count in sorted(exchange.ending.ended.items())
        },
        "orphans": len(exchange.orphans),
        "orphans_dropped": exchange.orphans.dropped,
        "tracker": attrs.asdict(exchange.tracker.statistics()),
        "lookups": len(exchange.operations.lookups),
        "unrouted_mo": exchange.unrouted_mo,
        "overlong_mo": exchange.inbound.overlong,
        "alerts": exchange.alerts,
        "reloads": attrs.asdict(exchange.reloads),
        "router": attrs.asdict(exchange.router.statistics()),
        "paths": exchange.paths.statistics(),
        "screening": {} if exchange.screening is None else exchange.screening.statistics(),
        "confirmations": attrs.asdict(exchange.inbound.confirmations.counters),
        "marks_missing": {
            name: dict(sorted(marks.missing.items())) for name, marks in exchange.intake.marks.items()
        },
        "pins": attrs.asdict(exchange.retries.pins.statistics()),
        "accounts": {
            system_id: attrs.asdict(account.counters)
            | {"sessions": len(account.sessions), "deliveries_waiting": account.waiting}
            for system_id, account in exchange.accounts.items()
        },
        "alarms": attrs.asdict(exchange.alarm_watch.alarms.statistics())
        | {"standing": [attrs.asdict(alarm) for alarm in exchange.alarm_watch.alarms.active()]},
        "health": attrs.asdict(exchange.health.statistics()) | {"carriers": exchange.health.scores()},
        "carriers": {
            name: attrs.asdict(carrier.counters)
            | {
                "sessions": len(carrier.sessions),
                "is_up": carrier.is_up,
                "queued": carrier.queued,
                "awaiting_receipts": exchange.flight.awaiting(name),
                "pace": attrs.asdict(carrier.pacer.statistics()),
                "slow_starts": carrier.slow_start.began,
                "ids": attrs.asdict(carrier.ids.statistics()),
            }
            for name, carrier in exchange.carriers.items()
        },
    }
