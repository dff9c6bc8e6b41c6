# The demo's customers at work: each is a bound ESME that submits at its share of the rate, takes its receipts
# and counts both. Numbers and codes are made up as they go.
"""Customers that send a realistic mix."""

import random
from collections import Counter, OrderedDict, deque
from collections.abc import Callable
from typing import Final

import attrs
import trio

from simulators.demo_world import PREFIXES, Customer
from simulators.esme import ConnectionLostError, Esme, open_esme
from simulators.histogram import Histogram
from smpp_router.wire import constants as c
from smpp_router.wire.pdu import DataSm, DeliverSm, Pdu, SubmitSmResp
from smpp_router.wire.receipt import parse_receipt

UNDER_WAY_MAX: Final = 200
"""Texts of one customer that wait for their responses; a slower router makes it send less."""
AWAITING_MAX: Final = 50_000
"""Parts whose receipt a customer waits for, and receipts that wait for their part; the oldest goes first."""
RECENT_MAX: Final = 20
DELIVERED: Final = "DELIVRD"

Now = Callable[[], float]


@attrs.define(eq=False)
class Sent:
    """A text on its way. `stat` is DELIVRD, or what became of the last part that failed."""

    number: str = attrs.field(repr=False)
    sent_at: float
    parts: int = 0
    waiting: int = 0
    stat: str = DELIVERED


@attrs.frozen
class Recent:
    """A text that has ended, as it may be shown: no text, and of the number only its ends."""

    ended_at: float
    traffic_class: str
    number: str
    parts: int
    stat: str
    took_s: float


@attrs.define(eq=False)
class CustomerCounters:
    """What one customer has seen. A text is one part or more; all else counts parts."""

    texts: int = 0
    long_texts: int = 0
    parts: int = 0
    accepted: int = 0
    refused: int = 0
    receipts: int = 0
    stats: Counter[str] = attrs.Factory(Counter[str])
    submit: Histogram = attrs.Factory(Histogram)
    receipt: Histogram = attrs.Factory(Histogram)


class CustomerAtWork:
    """One customer of the demo. `rate_per_s` is in texts."""

    def __init__(self, customer: Customer, rate_per_s: float, rng: random.Random, now: Now) -> None:
        self.customer = customer
        self.counters = CustomerCounters()
        self.recent: deque[Recent] = deque(maxlen=RECENT_MAX)
        self._rate_per_s = rate_per_s
        self._rng = rng
        self._now = now
        self._awaiting: OrderedDict[bytes, Sent] = OrderedDict()
        self._early: OrderedDict[bytes, tuple[str, float]] = OrderedDict()
        self._under_way = trio.Semaphore(UNDER_WAY_MAX)

    async def run(self, port: int) -> None:
        """Bind, send and listen until cancelled, or until the router ends the session."""
        customer = self.customer
        async with (
            open_esme("127.0.0.1", port, customer.system_id, customer.password) as esme,
            trio.open_nursery() as nursery,
        ):
            nursery.start_soon(self._listen, esme)
            due_at = self._now()
            while esme.session is not None:
                await self._under_way.acquire()
                nursery.start_soon(self._send, esme)
                # Arrivals as people make them, independent of each other; after a jam it starts afresh.
                due_at = max(due_at + self._rng.expovariate(self._rate_per_s), self._now() - 1.0)
                await trio.sleep(max(due_at - self._now(), 0.0))

    async def _send(self, esme: Esme) -> None:
        rng = self._rng
        text = rng.choice(self.customer.texts).format(code=rng.randrange(100_000, 1_000_000))
        number = rng.choice(rng.choice(list(PREFIXES.values()))) + f"{rng.randrange(10**8):08d}"
        sent = Sent(number, self._now())
        try:
            responses = await esme.submit(number, text, source=self.customer.source)
        except ConnectionLostError:
            return
        finally:
            self._under_way.release()
        self._answered(sent, responses)

    def _answered(self, sent: Sent, responses: list[Pdu]) -> None:
        counters = self.counters
        counters.texts += 1
        counters.long_texts += len(responses) > 1
        sent.parts = sent.waiting = len(responses)
        for resp in responses:
            counters.parts += 1
            counters.submit.add(self._now() - sent.sent_at)
            if isinstance(resp, SubmitSmResp) and resp.command_status == c.ESME_ROK:
                counters.accepted += 1
                self._expect(resp.message_id, sent)
            else:
                counters.refused += 1
                self._ended(sent, c.status_name(resp.command_status), self._now())

    def _expect(self, message_id: bytes, sent: Sent) -> None:
        early = self._early.pop(message_id, None)
        if early is not None:
            self._settled(sent, *early)
            return
        self._awaiting[message_id] = sent
        if len(self._awaiting) > AWAITING_MAX:
            self._awaiting.popitem(last=False)

    async def _listen(self, esme: Esme) -> None:
        async for pdu in esme.deliveries:
            self._delivered(pdu)

    def _delivered(self, pdu: DeliverSm | DataSm) -> None:
        receipt = parse_receipt(pdu)
        if receipt is None or not receipt.is_final:
            return
        stat = receipt.stat.decode("ascii", "replace")
        self.counters.receipts += 1
        self.counters.stats[stat] += 1
        sent = self._awaiting.pop(receipt.message_id, None)
        if sent is not None:
            self._settled(sent, stat, self._now())
            return
        # Its text's task has not run since the last response came.
        self._early[receipt.message_id] = (stat, self._now())
        if len(self._early) > AWAITING_MAX:
            self._early.popitem(last=False)

    def _settled(self, sent: Sent, stat: str, now: float) -> None:
        """A part has its receipt."""
        self.counters.receipt.add(now - sent.sent_at)
        self._ended(sent, stat, now)

    def _ended(self, sent: Sent, stat: str, now: float) -> None:
        """A part has ended, by a receipt or a refusal; with the last of them the text has."""
        sent.waiting -= 1
        if stat != DELIVERED:
            sent.stat = stat
        if not sent.waiting:
            self.recent.append(
                Recent(
                    now,
                    self.customer.traffic_class,
                    masked_number(sent.number),
                    sent.parts,
                    sent.stat,
                    now - sent.sent_at,
                )
            )


def masked_number(number: str) -> str:
    """Show a number's network and its last two digits."""
    return number[:5] + "*" * max(len(number) - 7, 0) + number[-2:]
