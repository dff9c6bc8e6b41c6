"""One ticker for everything that happens because time passes."""

from typing import Final

import trio

from smpp_router.core.accounts import Account
from smpp_router.core.carriers import Carrier
from smpp_router.core.exchange import Exchange
from smpp_router.net.clock import Clock
from smpp_router.net.committer import Committer
from smpp_router.net.connection import Outlets

TICK_S: Final = 0.025
"""Between two looks at the exchange: half of what a paced link may catch up (routing.throttle.BURST_S)."""

SESSION_TICKS: Final = 10
"""Sessions are looked at every so many ticks: their timers count in seconds, and there may be thousands."""


async def run_ticker(
    exchange: Exchange, committer: Committer, outlets: Outlets, clock: Clock, tick_s: float = TICK_S
) -> None:
    """Tick until cancelled."""
    count = 0
    while True:
        await trio.sleep(tick_s)
        now = clock.now()
        count += 1
        if count % SESSION_TICKS == 0:
            tick_sessions(exchange, outlets, now)
        exchange.tick(now)
        if exchange.commit:
            committer.wake()
        outlets.flush()


def tick_sessions(exchange: Exchange, outlets: Outlets, now: float) -> None:
    """Tell every session the time, and its owner what nobody answered."""
    for session in outlets.sessions():
        expired = session.tick(now)
        if expired:
            owner = session.owner
            if isinstance(owner, Account):
                exchange.esme_unanswered(owner, expired, now)
            elif isinstance(owner, Carrier):
                exchange.carrier_unanswered(owner, expired, now)
