# The carrier calls: it connects to an ESME, says outbind, and the ESME binds as a receiver on that connection
# (SMPP 3.4 section 4.1.7). From then on the session is like any other.
#
#   called for --connect--> connected --outbind--> waits for a bind --bound--> a session, until it ends
#       ^                       |                        |                          |
#       +---- a longer pause ---+------------------------+      the first pause ----+
#
# Rule 1: one call of an account at a time.
# Rule 2: attempts_max attempts without a bind, and nobody is called any more, until nothing waits, somebody
#         has bound, or an order says so.
"""Calls of simulated carriers to ESMEs."""

from collections.abc import Awaitable, Callable, Iterator, Mapping
from ssl import SSLContext
from typing import Final, Protocol

import attrs
import trio

from simulators.carrier import SimulatedCarrier
from simulators.outbind_config import OutbindConfig
from smpp_router.net.clock import Clock
from smpp_router.wire.pdu import Outbind

LOOK_S: Final = 0.25
"""How often it is looked whether somebody should be called."""
CONNECT_S: Final = 10.0

Dial = Callable[[str, int], Awaitable[trio.abc.Stream]]
"""Connects to a host and port; raises OSError."""


@attrs.define(eq=False)
class Call:
    """One call; whoever serves its connection tells whether a bind came of it."""

    carrier: str
    system_id: str
    config: OutbindConfig
    was_bound: bool = False

    def pdu(self, sequence_number: int) -> Outbind:
        """Return what the carrier says first."""
        return Outbind(
            sequence_number=sequence_number,
            system_id=(self.config.system_id or self.carrier).encode()[:15],
            password=self.config.password.encode(),
        )


@attrs.define(eq=False)
class _Account:
    """How calling one account has gone so far."""

    attempts: int = 0
    next_at: float = 0.0
    is_under_way: bool = False


class Caller(Protocol):
    """Who serves carriers, as far as calls need it."""

    carriers: dict[str, SimulatedCarrier]
    clock: Clock
    dial: Dial

    def is_calling(self, name: str) -> bool:
        """Whether a carrier is up."""
        ...

    async def connection(
        self,
        carrier: SimulatedCarrier,
        stream: trio.abc.Stream,
        tls: SSLContext | None = None,
        call: Call | None = None,
    ) -> None:
        """Serve a connection to its end."""
        ...


class Calls:
    """Who is to be called when, for all carriers."""

    def __init__(self) -> None:
        self._accounts: dict[tuple[str, str], _Account] = {}

    def due(self, carriers: Mapping[str, SimulatedCarrier], now: float) -> Iterator[Call]:
        """Give the calls that should be made now; each is under way until ended() says otherwise."""
        for name, carrier in carriers.items():
            for account in carrier.profile.accounts:
                config = account.outbind
                if config is None or config.when == "on_demand":
                    continue
                deliveries = carrier.accounts.get(account.system_id)
                can_take = deliveries is not None and any(one.can_deliver for one in deliveries.sessions)
                waiting = 0 if deliveries is None else len(deliveries)
                state = self._state(name, account.system_id)
                if can_take or (config.when == "waiting" and not waiting):
                    if not state.is_under_way:
                        state.attempts = 0
                elif not state.is_under_way and now >= state.next_at and state.attempts < config.attempts_max:
                    state.is_under_way = True
                    yield Call(name, account.system_id, config)

    def ordered(self, carrier: SimulatedCarrier, system_id: str) -> Call:
        """Return a call that somebody wants at once. Raises ValueError if it can't be."""
        accounts = {account.system_id: account for account in carrier.profile.accounts}
        config = accounts[system_id].outbind if system_id in accounts else None
        if config is None:
            known = [name for name, account in accounts.items() if account.outbind is not None]
            those = ", ".join(known) or "none"
            raise ValueError(f"system_id: {system_id or 'nobody'} has no outbind; those that have: {those}")
        state = self._state(carrier.profile.name, system_id)
        if state.is_under_way:
            raise ValueError(f"system_id: {system_id} is being called, or has been and is connected")
        state.attempts = 0
        state.is_under_way = True
        return Call(carrier.profile.name, system_id, config)

    def ended(self, call: Call, now: float) -> None:
        """A call is over, with a bind or without."""
        state = self._state(call.carrier, call.system_id)
        state.is_under_way = False
        state.attempts = 0 if call.was_bound else state.attempts + 1
        config = call.config
        pause_s = config.retry_s * 2.0 ** min(max(state.attempts - 1, 0), 30)
        state.next_at = now + min(pause_s, config.retry_max_s)

    async def run(self, caller: Caller, nursery: trio.Nursery) -> None:
        """Call whoever is to be called, until cancelled; each call is a task of the nursery."""
        while True:
            up = {name: carrier for name, carrier in caller.carriers.items() if caller.is_calling(name)}
            for call in self.due(up, caller.clock.now()):
                nursery.start_soon(self.make, caller, call)
            await trio.sleep(LOOK_S)

    async def make(self, caller: Caller, call: Call) -> None:
        """Make a call, and have it served to its end."""
        carrier = caller.carriers[call.carrier]
        carrier.counters.outbinds += 1
        try:
            stream = await _connected(caller.dial, call.config)
            if stream is not None:
                await caller.connection(carrier, stream, call=call)
        finally:
            carrier.counters.outbinds_failed += not call.was_bound
            self.ended(call, caller.clock.now())

    def _state(self, carrier: str, system_id: str) -> _Account:
        return self._accounts.setdefault((carrier, system_id), _Account())


async def _connected(dial: Dial, config: OutbindConfig) -> trio.abc.Stream | None:
    """Return a connection to whom is called, None if there is none."""
    stream: trio.abc.Stream | None = None
    try:
        with trio.move_on_after(CONNECT_S):
            stream = await dial(config.host, config.port)
    except OSError:
        return None
    return stream
