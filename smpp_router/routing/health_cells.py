# What is known of each carrier and of its cells, as Health keeps it.
#
#   Lane           a region and a traffic class over all carriers: what they have in common
#   CellHealth     a lane on one carrier
#   CarrierHealth  a carrier with its cells
"""The records of measured carriers and cells."""

from collections.abc import Iterable
from math import inf
from typing import Any, Final

import attrs

from smpp_router.message.tally import Tally
from smpp_router.routing.health_awaiting import Awaiting
from smpp_router.routing.health_baseline import (
    EXPECTED_FIRST,
    EXPECTED_SAMPLES_FIRST,
    Delays,
    Expected,
    Latency,
)
from smpp_router.routing.health_estimates import Pool
from smpp_router.routing.health_gauge import Gauge
from smpp_router.routing.health_links import LinksHealth
from smpp_router.routing.health_overtaken import Overtaken
from smpp_router.routing.health_score import Counts, Usual
from smpp_router.routing.health_silence import Silence

UNDISTURBED_S: Final = 5.0
"""So long after a session was lost, or after a pause of our own, receipts may still be under way that should
have come in the meantime: a silence is not believed at first sight."""


@attrs.define(eq=False)
class Lane:
    """A region and class over all carriers: how much goes, and how much of it usually arrives."""

    region: str
    traffic_class: str
    expected: Expected = attrs.Factory(lambda: Expected(EXPECTED_SAMPLES_FIRST))
    rate_per_s: float = 0.0
    sent: int = 0
    counts: Counts = attrs.Factory(Counts)


@attrs.define(eq=False)
class CellHealth:
    """One carrier's cell."""

    lane: Lane
    tally: Tally
    awaiting: Awaiting
    gauge: Gauge
    looked_at: float
    silence: Silence = attrs.Factory(Silence)
    overtaken: Overtaken = attrs.Factory(Overtaken)

    @property
    def is_dark(self) -> bool:
        """Whether its receipts have stopped coming, all or many of them, before their deadline."""
        return self.silence.is_dark or self.overtaken.is_dark


@attrs.define(eq=False)
class CarrierHealth:
    """One carrier. `rest` is the cell of what has no cell of its own."""

    name: str
    gauge: Gauge
    rest: CellHealth
    unbound_since: float
    looked_at: float
    latency: Latency = attrs.Factory(Latency)
    delays: Delays = attrs.Factory(Delays)
    expected_receipts: Expected = attrs.Factory(Expected)
    """Learned slowly from the beginning: receipts that come are known long before those that are missing."""
    expected_delivery: Pool = attrs.Factory(Pool)
    cells: dict[tuple[str, str], CellHealth] = attrs.Factory(dict[tuple[str, str], CellHealth])
    links: LinksHealth = attrs.Factory(LinksHealth)
    silence: Silence = attrs.Factory(Silence)
    overtaken: Overtaken = attrs.Factory(Overtaken)
    counts: Counts = attrs.Factory(Counts)
    sent: int = 0
    is_bound: bool = False
    losses: float = 0.0
    disturbed_at: float = -inf
    """When receipts were last kept from us by something else than the carrier's silence."""

    @property
    def expected_delivery_share(self) -> float:
        """The share of its messages that usually arrives, of lanes such as it has had lately."""
        pool = self.expected_delivery
        return pool.good / pool.n if pool.n > 0.0 else EXPECTED_FIRST

    @property
    def receipts_part(self) -> float:
        """The part of its score by receipts: see health_score.py."""
        if self.silence.is_dark or self.overtaken.is_dark:
            return 0.0
        return self.gauge.estimates.receipts_part(self.expected_receipts.share)

    def usual(self, delivery: float) -> Usual:
        """What goes well usually, where `delivery` is the share of receipts that say delivered."""
        return Usual(delivery, self.expected_receipts.share)

    def is_certain(self, silence: Silence, now: float) -> bool:
        """Whether a silence, its own or a cell's, is to be believed at first sight."""
        return silence.is_dark and now - self.disturbed_at > UNDISTURBED_S

    def all_cells(self) -> Iterable[CellHealth]:
        """Its cells, the rest among them."""
        yield self.rest
        yield from self.cells.values()


def plain(carrier: CarrierHealth) -> dict[str, Any]:
    """Return what statistics show of a carrier."""
    gauge = carrier.gauge
    return {
        "score": round(gauge.score, 1),
        "share": round(gauge.share, 3),
        "breaker": gauge.breaker.state.value,
        "openings": gauge.breaker.openings,
        "latency_s": round(carrier.latency.mean_s, 3),
        "latency_usual_s": round(carrier.latency.baseline_s, 3),
        "receipt_deadline_s": carrier.delays.deadline_s(),
        "sessions": carrier.links.plain(),
        "cells": {
            f"{region or '-'} {traffic_class}": {
                "score": round(cell.gauge.score, 1),
                "share": round(cell.gauge.share, 3),
                "breaker": cell.gauge.breaker.state.value,
            }
            for (region, traffic_class), cell in carrier.cells.items()
        },
    }
