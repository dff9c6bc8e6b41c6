# The health of all carriers: who counts, who looks once a second, who answers.
#
#   hot path   tally = health.tally(carrier, region, class); plain additions to it, and to its cohorts
#   tick       takes the numbers out, lets old ones fade, scores, lets the breakers judge
#   answers    score, share, delivery, explain: what the last tick found, at the price of a look into a table
#
# Rule 1: carriers are judged before their cells. While a carrier's breaker is not closed, its cells' breakers
#         are not asked: what is wrong with all is not wrong with each.
# Rule 2: a cell whose own breaker has opened says nothing about its carrier any more: one region or one kind
#         of text that fails takes nobody else with it.
# Rule 3: which shares are usual is learned while the breaker is closed only.
"""Health scores of carriers, by region and traffic class."""

from collections.abc import Iterable, Mapping
from math import exp
from typing import Any, Final

import attrs

from smpp_router.config_health import HealthConfig
from smpp_router.message.tally import Tally
from smpp_router.routing import health_explanation
from smpp_router.routing.health_awaiting import Awaiting
from smpp_router.routing.health_baseline import Reaches
from smpp_router.routing.health_breaker import Breaker, BreakerLimits, State
from smpp_router.routing.health_cells import CarrierHealth, CellHealth, Lane, plain
from smpp_router.routing.health_estimates import Fading, fading
from smpp_router.routing.health_gauge import Gauge
from smpp_router.routing.health_guess import delays_of
from smpp_router.routing.health_links import LOSSES_S, SessionHealth
from smpp_router.routing.health_listening import listen, listen_to_all
from smpp_router.routing.health_score import PRIOR, Counts, Parts, drawn, stability_part
from smpp_router.routing.scores import SCORE_MAX

LOOK_S: Final = 1.0
"""Between two looks: detection takes seconds, and a look costs some ten microseconds a cell in use."""

CELLS_AT_ONCE: Final = 200
"""Cells looked at without a pause: some 3 ms."""

QUIET_S: Final = 10.0
"""A cell without traffic is looked at so seldom, for what spoke against it fades: else a strategy that passes
over low scores would pass over it for ever."""

RATE_S: Final = 15.0
"""Time constant of a lane's rate."""


@attrs.frozen(kw_only=True)
class HealthStatistics:
    """`overflows`: how often a message found no room for a cell of its own."""

    cells: int
    cells_max: int
    overflows: int


class Health:
    """Measures carriers; it is the Scores that routing asks."""

    def __init__(
        self,
        config: HealthConfig,
        carriers: Iterable[str],
        now: float,
        priorities: Mapping[str, int] | None = None,
    ) -> None:
        """`priorities` are those of the traffic classes, for who may probe."""
        self._lanes: dict[tuple[str, str], Lane] = {}
        self._carriers: dict[str, CarrierHealth] = {}
        self._cells = 0
        self._overflows = 0
        self._looked_at = now
        self._since_s = 0.0
        self._to_look_at: list[CarrierHealth] = []
        self.missing: list[tuple[str, float, list[int]]] = []
        """What the last tick() has found to be without a receipt in time: carrier, seconds, message_ids; some
        of these messages have ended."""
        self._configure(config, priorities or {})
        for name in carriers:
            self._add_carrier(name, now)

    def configure(self, config: HealthConfig, priorities: Mapping[str, int]) -> None:
        """Go by another configuration from now on; what is known stays."""
        self._configure(config, priorities)
        for carrier in self._carriers.values():
            carrier.gauge.breaker.limits = self._limits
            for session in carrier.links.sessions:
                session.gauge.breaker.limits = self._limits
            for cell in carrier.all_cells():
                cell.gauge.breaker.limits = self._limits

    def _configure(self, config: HealthConfig, priorities: Mapping[str, int]) -> None:
        self.config = config
        self._limits = BreakerLimits(
            open_below=config.open_below,
            open_s=config.open_s,
            open_max_s=config.open_max_s,
            slow_start_s=config.slow_start_s,
        )
        levels = sorted(set(priorities.values()))
        # If all are alike, none is riskier than another.
        risky = [name for name, level in priorities.items() if len(levels) > 1 and level == levels[-1]]
        self._risky = frozenset(config.risky_classes or risky)
        self._faded_s = 0.0
        self._fade = self._still = fading(0.0, config.window_s, config.messages_min)

    # ------------------------------------------------------------------ what is observed

    def tally(self, carrier: str, region: str, traffic_class: str) -> Tally:
        """Return where to count what becomes of a carrier's messages of a region and class."""
        measured = self._carriers.get(carrier) or self._add_carrier(carrier, self._looked_at)
        key = region, traffic_class
        cell = measured.cells.get(key)
        if cell is None:
            if self._cells >= self.config.cells_max:
                self._overflows += 1
                return measured.rest.tally
            cell = measured.cells[key] = self._new_cell(key, self._looked_at)
            self._cells += 1
        return cell.tally

    def bound(self, carrier: str, link: int = 0) -> SessionHealth:
        """A session with the carrier stands that takes messages, over its link of that number."""
        measured = self._carriers.get(carrier) or self._add_carrier(carrier, self._looked_at)
        measured.is_bound = True
        return measured.links.attach(link, self._limits, self._looked_at)

    def lost(self, carrier: str, is_bound: bool, now: float, session: SessionHealth | None = None) -> None:
        """A session with the carrier is gone; `is_bound`: another one stands that takes messages."""
        measured = self._carriers.get(carrier) or self._add_carrier(carrier, now)
        measured.losses += 1.0
        measured.disturbed_at = now
        if session is not None:
            measured.links.detach(session)
        if measured.is_bound and not is_bound:
            measured.unbound_since = now
        measured.is_bound = is_bound

    def rested(self, carrier: str, is_bound: bool, now: float, session: SessionHealth | None) -> None:
        """A session was taken out of use by us, which says nothing of the carrier."""
        measured = self._carriers.get(carrier) or self._add_carrier(carrier, now)
        if session is not None:
            measured.links.rest(session)
        if measured.is_bound and not is_bound:
            measured.unbound_since = now
        measured.is_bound = is_bound

    def add(self, carrier: str, now: float) -> None:
        """Measure one more carrier; nothing changes if it is measured already."""
        if carrier not in self._carriers:
            self._add_carrier(carrier, now)

    def forget(self, carrier: str) -> None:
        """The configuration has a carrier no more: know nothing of it."""
        measured = self._carriers.pop(carrier, None)
        if measured is not None:
            self._cells -= len(measured.cells)
            self._to_look_at = [one for one in self._to_look_at if one is not measured]

    def late_s(self, carrier: str, response_timeout_s: float) -> float:
        """How long a carrier's request may be outstanding before it is overdue, in seconds."""
        measured = self._carriers.get(carrier)
        if measured is None:
            return self.config.late_s
        return measured.latency.late_s(self.config.late_s, response_timeout_s)

    # ------------------------------------------------------------------ time

    def is_due(self, now: float) -> bool:
        """Whether tick() would look: time to count what is overdue."""
        return not 0.0 <= now - self._looked_at < LOOK_S

    def tick(self, now: float) -> bool:
        """Look at everything, once in LOOK_S; tell whether a look has ended now.

        Many cells are looked at in several calls, so that nobody waits for long: as many carriers at a time
        as have CELLS_AT_ONCE cells, and all that are left by the middle of the second.
        """
        self.missing.clear()
        if self.is_due(now):
            self._look_at(len(self._to_look_at) * self.config.cells_max, now)
            self._since_s = max(0.0, now - self._looked_at)
            self._looked_at = now
            self._to_look_at = list(self._carriers.values())
        elif not self._to_look_at:
            return False
        is_late = now - self._looked_at >= LOOK_S / 2.0
        self._look_at(len(self._carriers) * self.config.cells_max if is_late else CELLS_AT_ONCE, now)
        if self._to_look_at:
            return False
        self._learn(self._since_s)
        return True

    def _look_at(self, cells: int, now: float) -> None:
        """Look at carriers until so many cells have been looked at."""
        while self._to_look_at and cells > 0:
            carrier = self._to_look_at.pop()
            cells -= 1 + len(carrier.cells)
            dt_s = now - carrier.looked_at
            self._take(carrier, now)
            carrier.links.look(self.config, now, dt_s)
            self._judge(carrier, now)

    def _take(self, carrier: CarrierHealth, now: float) -> None:
        """Take the numbers out of a carrier's tallies."""
        dt_s = now - carrier.looked_at
        carrier.looked_at = now
        if dt_s > 2.0 * LOOK_S:
            carrier.disturbed_at = now
        total = Counts()
        carrier.sent = 0
        for cell in carrier.all_cells():
            tally = cell.tally
            is_quiet = tally.is_quiet and not len(cell.awaiting) and not cell.gauge.estimates.overdue
            if is_quiet and 0.0 <= now - cell.looked_at < QUIET_S:
                continue
            counts = Counts(
                tally.accepted,
                tally.latency_sum_s,
                tally.errors,
                tally.silent,
                tally.throttled,
                tally.overdue,
                0,
                tally.undeliverable,
            )
            counts.complaints = tally.complaints
            sent = tally.sent
            tally.take()
            deadline_s = self._deadline_s(carrier, cell)
            cell.awaiting.look(tally, now, deadline_s, carrier.delays, counts)
            self.missing += [(carrier.name, deadline_s, ids) for ids in cell.awaiting.missing]
            cell_dt_s = now - cell.looked_at
            cell.looked_at = now
            lane = cell.lane
            usual = carrier.usual(lane.expected.share)
            cell.gauge.add(counts, sent, cell_dt_s, self._fading(cell_dt_s), usual)
            listen(carrier, cell, self._delays(carrier, cell), now, cell_dt_s)
            lane.sent += sent
            carrier.sent += sent
            is_isolated = (
                cell.gauge.breaker.state is not State.CLOSED and carrier.gauge.breaker.state is State.CLOSED
            )
            if not is_isolated:
                total.include(counts)
                received = counts.delivered + counts.failed + counts.missing
                expected = received * lane.expected.share
                carrier.expected_delivery.add(expected, received - expected, self._still)
                if carrier.gauge.breaker.state is State.CLOSED:
                    lane.counts.delivered += counts.delivered
                    lane.counts.failed += counts.failed
        by = self._fading(dt_s)
        carrier.gauge.add(total, carrier.sent, dt_s, by, carrier.usual(carrier.expected_delivery_share))
        carrier.expected_delivery.add(0.0, 0.0, by)
        carrier.latency.add(total.accepted, total.latency_sum_s, dt_s, by)
        listen_to_all(carrier, lambda cell: self._delays(carrier, cell), now, dt_s)
        carrier.losses *= exp(-max(0.0, dt_s) / LOSSES_S)
        if carrier.gauge.breaker.state is State.CLOSED:
            arrived = total.delivered + total.failed + total.intercepted - total.late
            carrier.expected_receipts.learn(max(0, arrived), total.missing, dt_s)

    def _learn(self, dt_s: float) -> None:
        kept = exp(-dt_s / RATE_S)
        for lane in self._lanes.values():
            lane.expected.learn(lane.counts.delivered, lane.counts.failed, dt_s)
            lane.counts.delivered = lane.counts.failed = 0
            if dt_s > 0.0:
                lane.rate_per_s = lane.rate_per_s * kept + lane.sent / dt_s * (1.0 - kept)
                lane.sent = 0

    def _judge(self, carrier: CarrierHealth, now: float) -> None:
        gauge = carrier.gauge
        expected = carrier.expected_delivery_share
        estimates = gauge.estimates
        parts = Parts(
            bound=float(carrier.is_bound),
            submit=estimates.submit_part(),
            throttle=estimates.throttle_part(),
            latency=carrier.latency.part(),
            delivery=estimates.delivery_part(expected),
            receipts=carrier.receipts_part,
            interception=estimates.interception_part(),
            complaints=estimates.complaints_part(),
            stability=stability_part(carrier.losses),
        )
        unbound_s = 0.0 if carrier.is_bound else now - carrier.unbound_since
        before, was_closed = gauge.score, gauge.breaker.state is State.CLOSED
        is_certain = carrier.is_certain(carrier.silence, now)
        if gauge.judge(parts, expected, unbound_s, now, is_certain=is_certain):
            carrier.latency.forget()
            for cell in carrier.all_cells():
                cell.gauge.estimates.forget()
                cell.awaiting.begin_epoch(cell.tally, now)
        if gauge.breaker.state is State.HALF_OPEN:
            rate_per_s = sum(cell.lane.rate_per_s for cell in carrier.cells.values())
            gauge.share = gauge.probe_share(self.config.probes_per_s, rate_per_s, now)
        is_closed = was_closed and gauge.breaker.state is State.CLOSED
        is_for_all = not is_closed or abs(gauge.score - before) > 0.5
        for cell in carrier.all_cells():
            if is_for_all or cell.looked_at == now or cell.gauge.breaker.state is not State.CLOSED:
                self._judge_cell(carrier, cell, now)

    def _judge_cell(self, carrier: CarrierHealth, cell: CellHealth, now: float) -> None:
        gauge, of_carrier = cell.gauge, carrier.gauge.parts
        own = gauge.estimates
        expected = cell.lane.expected.share
        parts = Parts(
            of_carrier.bound,
            drawn(own.submit_part(of_carrier=False), own.submit.n + own.overdue, of_carrier.submit),
            of_carrier.throttle,
            of_carrier.latency,
            drawn(own.delivery_part(expected), own.delivery.n, of_carrier.delivery),
            0.0
            if cell.is_dark
            else drawn(
                own.receipts_part(carrier.expected_receipts.share), own.receipts.n, of_carrier.receipts
            ),
            drawn(own.interception_part(), own.interception.n, of_carrier.interception),
            drawn(own.complaints_part(), own.complaints.n, of_carrier.complaints),
            of_carrier.stability,
        )
        if carrier.gauge.breaker.state is not State.CLOSED:
            gauge.parts = parts
            gauge.score = min(parts.score(), carrier.gauge.score)
            gauge.share = min(carrier.gauge.share, gauge.breaker.share(now))
            return
        if gauge.judge(parts, expected, 0.0, now, is_certain=carrier.is_certain(cell.silence, now)):
            cell.awaiting.begin_epoch(cell.tally, now)
        if gauge.breaker.state is State.HALF_OPEN:
            gauge.share = gauge.probe_share(self.config.probes_per_s, cell.lane.rate_per_s, now)

    # ------------------------------------------------------------------ answers

    def score(self, carrier: str, region: str, traffic_class: str) -> float:
        """Health from 0 to 100; a cell without traffic has its carrier's."""
        measured = self._carriers.get(carrier)
        if measured is None:
            return SCORE_MAX
        cell = measured.cells.get((region, traffic_class))
        return measured.gauge.score if cell is None else cell.gauge.score

    def share(self, carrier: str, region: str, traffic_class: str) -> float:
        """The share of its traffic that the carrier may have, from 0 to 1."""
        measured = self._carriers.get(carrier)
        if measured is None:
            return 1.0
        cell = measured.cells.get((region, traffic_class))
        gauge = measured.gauge if cell is None else cell.gauge
        # Of the two breakers the one that probes decides whether it waits for traffic of low risk.
        probing = measured.gauge if measured.gauge.breaker.state is not State.CLOSED else gauge
        if (
            traffic_class in self._risky
            and probing.breaker.state is State.HALF_OPEN
            and probing.is_patient(self._looked_at)
        ):
            return 0.0
        return gauge.share

    def delivery(self, carrier: str, region: str, traffic_class: str) -> tuple[float, float]:
        """Messages delivered and failed, fading; of a cell without any, a few as its carrier's go."""
        measured = self._carriers.get(carrier)
        if measured is None:
            return 0.0, 0.0
        cell = measured.cells.get((region, traffic_class))
        if cell is not None and cell.gauge.estimates.record.n >= 1.0:
            record = cell.gauge.estimates.record
            return record.good, record.bad
        record = measured.gauge.estimates.record
        weight = min(1.0, PRIOR / record.n) if record.n else 0.0
        return record.good * weight, record.bad * weight

    def explain(self, carrier: str, region: str, traffic_class: str) -> str:
        """One line: the score, what costs it, and what the breaker does."""
        measured = self._carriers.get(carrier)
        if measured is None:
            return "not measured"
        cell = measured.cells.get((region, traffic_class))
        return health_explanation.line(measured, cell, self._looked_at)

    def details(self, carrier: str, region: str = "", traffic_class: str = "") -> list[str]:
        """All parts of a carrier's or a cell's score, with their numbers, a line each."""
        measured = self._carriers.get(carrier)
        if measured is None:
            return ["not measured"]
        cell = measured.cells.get((region, traffic_class))
        return health_explanation.details(measured, cell, self._looked_at)

    def carrier(self, name: str) -> CarrierHealth | None:
        """What is measured of a carrier; None if it is not."""
        return self._carriers.get(name)

    def statistics(self) -> HealthStatistics:
        """A snapshot of the limits."""
        return HealthStatistics(cells=self._cells, cells_max=self.config.cells_max, overflows=self._overflows)

    def scores(self) -> dict[str, Any]:
        """Every carrier's score, share and breaker, and its cells', as plain values."""
        return {name: plain(carrier) for name, carrier in self._carriers.items()}

    # ------------------------------------------------------------------ its parts

    def _add_carrier(self, name: str, now: float) -> CarrierHealth:
        carrier = self._carriers[name] = CarrierHealth(
            name, self._new_gauge(now), self._new_cell(("", ""), now), now, now
        )
        return carrier

    def _new_cell(self, key: tuple[str, str], now: float) -> CellHealth:
        lane = self._lanes.get(key)
        if lane is None:
            lane = self._lanes[key] = Lane(*key)
        return CellHealth(lane, Tally(now), Awaiting(now), self._new_gauge(now), now)

    def _new_gauge(self, now: float) -> Gauge:
        return Gauge(Breaker(self._limits, now))

    def _fading(self, dt_s: float) -> Fading:
        if dt_s != self._faded_s:
            # Nearly all cells were looked at in the same second before.
            self._faded_s = dt_s
            self._fade = fading(dt_s, self.config.window_s, self.config.messages_min)
        return self._fade

    def _delays(self, carrier: CarrierHealth, cell: CellHealth) -> Reaches:
        return delays_of(carrier, cell, self._carriers.values(), self.config.receipt_first_s)

    def _deadline_s(self, carrier: CarrierHealth, cell: CellHealth) -> float:
        return cell.awaiting.delays.deadline_s() or carrier.delays.deadline_s() or self.config.receipt_first_s
