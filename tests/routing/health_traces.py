# Carriers of a few lines each, driven through Health in steps of a quarter of a second: enough to see what
# its breakers do over minutes. What a carrier does at one moment is a Behaviour.
"""A small world of carriers for traces of health."""

import heapq
import random
from collections import Counter
from collections.abc import Callable

import attrs

from smpp_router.config_health import HealthConfig
from smpp_router.message.tally import Cohort, Tally
from smpp_router.routing.health import Health
from smpp_router.wire import constants as c

START = 1_800_000_000.0
STEP_S = 0.25
TIMEOUT_S = 10.0


@attrs.frozen(kw_only=True)
class Behaviour:
    response_s: float = 0.1
    response_jitter_s: float = 0.1
    errors: float = 0.0
    throttled: float = 0.0
    is_dark: bool = False
    receipt_s: float = 1.0
    receipt_jitter_s: float = 3.0
    delivered: float = 0.95
    intercepted: float = 0.0
    missing: float = 0.0
    batch_s: float = 0.0
    """Receipts come together, so often; 0: each by itself."""


@attrs.define(eq=False)
class Trace:
    """`behave(carrier, seconds since the start)`; traffic chooses by share and score, as a router would."""

    behave: Callable[[str, float], Behaviour]
    rate_per_s: float = 20.0
    carriers: tuple[str, ...] = ("mobile", "unicom", "telecom")
    cells: tuple[tuple[str, str], ...] = (("bj", "logistics"), ("gd", "logistics"))
    seed: int = 1
    window: int = 64
    config: HealthConfig = attrs.Factory(HealthConfig)
    now: float = START
    sent: list[tuple[float, str]] = attrs.Factory(list[tuple[float, str]])
    states: dict[str, list[tuple[float, str]]] = attrs.Factory(dict[str, list[tuple[float, str]]])

    rng: random.Random = attrs.field(init=False)
    health: Health = attrs.field(init=False)
    _events: list[tuple[float, int, Callable[[], None]]] = attrs.Factory(list)
    _count: int = 0
    _waiting: dict[int, tuple[str, Tally, float]] = attrs.Factory(dict)
    _due: float = 0.0

    def __attrs_post_init__(self) -> None:
        self.rng = random.Random(self.seed)
        self.health = Health(self.config, self.carriers, START)
        for carrier in self.carriers:
            self.health.bound(carrier)

    def run(self, seconds: float) -> "Trace":
        end = self.now + seconds
        while self.now < end:
            self.now += STEP_S
            while self._events and self._events[0][0] <= self.now:
                heapq.heappop(self._events)[2]()
            self._due += self.rng.expovariate(1.0) * self.rate_per_s * STEP_S
            while self._due >= 1.0:
                self._due -= 1.0
                self._send()
            self._look()
        return self

    def _at(self, at: float, do: Callable[[], None]) -> None:
        self._count += 1
        heapq.heappush(self._events, (at, self._count, do))

    def _send(self) -> None:
        region, traffic_class = self.rng.choice(self.cells)
        scores = self.health
        shares = [
            scores.share(name, region, traffic_class) * scores.score(name, region, traffic_class)
            for name in self.carriers
        ]
        carrier = self.rng.choices(self.carriers, shares if any(shares) else None)[0]
        if sum(name == carrier for name, _, _ in self._waiting.values()) >= self.window:
            return
        self.sent.append((self.now - START, carrier))
        tally = self.health.tally(carrier, region, traffic_class)
        tally.sent += 1
        self._count += 1
        number = self._count
        self._waiting[number] = carrier, tally, self.now
        behaviour = self.behave(carrier, self.now - START)
        self._at(self.now + TIMEOUT_S, lambda: self._time_out(number))
        if not behaviour.is_dark:
            response_s = behaviour.response_s + self.rng.random() * behaviour.response_jitter_s
            sent_at = self.now
            self._at(self.now + response_s, lambda: self._respond(number, behaviour, sent_at))

    def _time_out(self, number: int) -> None:
        if number in self._waiting:
            self._waiting.pop(number)[1].silent += 1

    def _respond(self, number: int, behaviour: Behaviour, sent_at: float) -> None:
        if number not in self._waiting:
            return
        tally = self._waiting.pop(number)[1]
        chance = self.rng.random()
        if chance < behaviour.errors:
            tally.refuse(c.ESME_RSYSERR)
        elif chance < behaviour.errors + behaviour.throttled:
            tally.refuse(c.ESME_RTHROTTLED)
        else:
            cohort = tally.accept(1, self.now - sent_at)
            if self.rng.random() >= behaviour.missing:
                delay_s = behaviour.receipt_s + self.rng.random() * behaviour.receipt_jitter_s
                if behaviour.batch_s:
                    delay_s = behaviour.batch_s - (self.now - START) % behaviour.batch_s
                self._at(self.now + delay_s, lambda: self._receive(cohort, behaviour))

    def _receive(self, cohort: Cohort, behaviour: Behaviour) -> None:
        chance = self.rng.random()
        if chance < behaviour.intercepted:
            cohort.intercepted += 1
        elif chance < behaviour.intercepted + behaviour.delivered:
            cohort.delivered += 1
        else:
            cohort.failed += 1

    def _look(self) -> None:
        if self.health.is_due(self.now):
            for carrier, tally, sent_at in self._waiting.values():
                if self.now - sent_at >= self.health.late_s(carrier, TIMEOUT_S):
                    tally.overdue += 1
        if self.health.tick(self.now):
            for carrier in self.carriers:
                measured = self.health.carrier(carrier)
                assert measured is not None
                states = self.states.setdefault(carrier, [])
                state = measured.gauge.breaker.state.value
                if not states or states[-1][1] != state:
                    states.append((self.now - START, state))

    # ------------------------------------------------------------------ what came of it

    def share_of(self, carrier: str, since_s: float, until_s: float) -> float:
        """The part of the traffic that went to a carrier between two moments."""
        counts = Counter(name for at, name in self.sent if since_s <= at < until_s)
        return counts[carrier] / max(1, sum(counts.values()))

    def lost_at(self, carrier: str, since_s: float, below: float = 0.1) -> float:
        """Seconds after `since_s` from which the carrier has less than `below` of five seconds' traffic."""
        at = since_s
        while self.share_of(carrier, at, at + 5.0) >= below:
            at += 0.5
        return at - since_s
