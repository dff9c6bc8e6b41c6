# The demo's customers at work: each is a bound ESME that submits at its share of the rate, takes its
# receipts, and counts both. Numbers and texts are made up as they go.
"""Customers that send a realistic mix."""

import random
from collections import Counter, OrderedDict
from collections.abc import Callable
from typing import Final

import attrs
import trio

from simulators.demo_world import PREFIXES, Customer
from simulators.esme import ConnectionLostError, Esme, open_esme
from simulators.histogram import Histogram
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import SubmitSmResp
from smpp_router.wire.receipt import parse_receipt

UNDER_WAY_MAX: Final = 200
"""Texts of one customer that wait for their responses; a slower router makes it send less."""
AWAITING_MAX: Final = 50_000
"""Parts whose receipt a customer remembers to wait for."""

Now = Callable[[], float]


@attrs.define(eq=False)
class CustomerCounters:
    """What one customer has seen."""

    texts: int = 0
    parts: int = 0
    accepted: int = 0
    refused: int = 0
    receipts: int = 0
    stats: Counter[str] = attrs.Factory(Counter[str])
    submit: Histogram = attrs.Factory(Histogram)
    receipt: Histogram = attrs.Factory(Histogram)


class CustomerAtWork:
    """One customer of the demo."""

    def __init__(self, customer: Customer, rate_per_s: float, rng: random.Random, now: Now) -> None:
        self.customer = customer
        self.counters = CustomerCounters()
        self._rate_per_s = rate_per_s
        self._rng = rng
        self._now = now
        self._awaiting: OrderedDict[bytes, float] = OrderedDict()
        self._early: dict[bytes, float] = {}
        self._limiter = trio.CapacityLimiter(UNDER_WAY_MAX)

    async def run(self, port: int) -> None:
        """Bind, send and listen until cancelled."""
        customer = self.customer
        async with (
            open_esme("127.0.0.1", port, customer.system_id, customer.password) as esme,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(self._listen, esme)
            while True:
                # Arrivals as people make them: independent of each other.
                await trio.sleep(self._rng.expovariate(self._rate_per_s))
                nursery.start_soon(self._send, esme)

    async def _send(self, esme: Esme) -> None:
        rng = self._rng
        text = rng.choice(self.customer.texts).format(code=rng.randrange(100_000, 1_000_000))
        number = rng.choice(rng.choice(list(PREFIXES.values()))) + f"{rng.randrange(10**8):08d}"
        async with self._limiter:
            sent_at = self._now()
            try:
                responses = await esme.submit(number, text, source=self.customer.source)
            except ConnectionLostError:
                return
            counters = self.counters
            counters.texts += 1
            for resp in responses:
                counters.parts += 1
                counters.submit.add(self._now() - sent_at)
                if resp.command_status == c.ESME_ROK and isinstance(resp, SubmitSmResp):
                    counters.accepted += 1
                    self._expect(resp.message_id, sent_at)
                else:
                    counters.refused += 1

    def _expect(self, message_id: bytes, sent_at: float) -> None:
        came_at = self._early.pop(message_id, None)
        if came_at is not None:
            self.counters.receipt.add(came_at - sent_at)
            return
        self._awaiting[message_id] = sent_at
        if len(self._awaiting) > AWAITING_MAX:
            self._awaiting.popitem(last=False)

    async def _listen(self, esme: Esme) -> None:
        async for pdu in esme.deliveries:
            receipt = parse_receipt(pdu)
            if receipt is None or not receipt.is_final:
                continue
            self.counters.receipts += 1
            self.counters.stats[receipt.stat.decode("ascii", "replace")] += 1
            sent_at = self._awaiting.pop(receipt.message_id, None)
            if sent_at is not None:
                self.counters.receipt.add(self._now() - sent_at)
            elif len(self._early) < AWAITING_MAX:
                self._early[receipt.message_id] = self._now()
