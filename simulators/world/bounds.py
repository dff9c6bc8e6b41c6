"""What a router may hold at most, looked at while the world runs."""

from typing import Final

from simulators.world.verdict import Violations
from smpp_router.net.committer import BACKLOG_MAX
from smpp_router.net.connection import READ_BYTES
from smpp_router.net.router import Running

OUTBOX_SLACK: Final = 4 * READ_BYTES
"""What the answers to one read, and a window of requests, may add to an outbox at its limit."""


def check_bounds(running: Running, violations: Violations, now: float) -> None:
    """Note what is above its limit."""
    exchange, config = running.exchange, running.config
    limits = config.limits
    found = {
        "messages in flight": (len(exchange.flight), limits.in_flight_max),
        "parked receipts": (len(exchange.orphans), limits.orphan_receipts_max),
        "staged messages": (exchange.backlog, BACKLOG_MAX + _one_read(running)),
    }
    for session in running.outlets.sessions():
        found[f"outbox of {session.name}"] = session.outbox_bytes, limits.outbox_bytes_max + OUTBOX_SLACK
        found[f"window of {session.name}"] = len(session.window), session.window.size + 2
    for what, (count, most) in found.items():
        if count > most:
            violations.add(now, "bounds", f"{what}: {count}, above {most}")


def _one_read(running: Running) -> int:
    """Messages that one read of every session may bring beyond the brake: those of its account's window."""
    return sum(
        account.config.window_max * account.config.binds_max for account in running.exchange.accounts.values()
    )
