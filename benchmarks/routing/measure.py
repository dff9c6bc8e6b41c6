# What a run comes to.
#
# A message's first attempt is the first submit_sm of it that the router sends to any carrier. Of a degraded
# carrier, windows of WINDOW_S seconds of first attempts are looked at, second by second; where some numbers
# only are hit, those to these numbers. Probes are left out: first attempts to a carrier while its breaker, or
# that of one of its cells, was half open.
#
#   usual share   its share of first attempts within USUAL_S seconds before the degradation
#   switch_s      seconds from the beginning of the degradation to the first moment from which on, to its end,
#                 every window has at most MOVED_SHARE of its first attempts on that carrier. None if there is
#                 no such moment. Not asked where there was next to nothing to move, nor of parallel copies,
#                 which go everywhere.
#   recover_s     seconds from its end to the first window with at least half of the usual share
#   oscillations  how often after that the share fell below a fifth of the usual one again, and rose
"""Measuring runs."""

from bisect import bisect_left
from collections.abc import Sequence
from itertools import accumulate
from math import ceil
from typing import Any, Final

import attrs

from benchmarks.routing.run import Run
from benchmarks.routing.scenario import Degradation
from simulators.signalling.causes import BARRED, UNKNOWN
from simulators.signalling.hlr import Hlr
from simulators.world.lives import Life
from simulators.world.routing import carrier_config
from simulators.world.verdict import NEVER
from simulators.world.world import START, hash_of
from smpp_router.routing.numberplan import number_plan
from smpp_router.routing.rules import Prefixes, Prices

WINDOW_S: Final = 10.0
MOVED_SHARE: Final = 0.1
USUAL_S: Final = 60.0
BACK_WINDOW_S: Final = 30.0
BACK_STEP_S: Final = 5.0
BACK, GONE = 0.5, 0.2
"""Of its usual share: from where a carrier counts as back, and below which it counts as gone again."""
ENOUGH: Final = 5.0
"""Messages that a window should have of a carrier, or its share says nothing."""


@attrs.frozen
class Attempt:
    """The first attempt of a message, in seconds from the first message of the run."""

    at_s: float
    carrier: str
    destination: bytes
    is_probe: bool


@attrs.frozen
class Effect:
    """What a degradation did to the traffic; see the head of this file. Shares are None where unknown."""

    carrier: str
    kind: str
    at_s: float
    for_s: float
    usual_share: float
    is_asked: bool
    """Whether there was traffic that could move."""
    switch_s: float | None
    recover_s: float | None
    oscillations: int | None


def first_attempts(run: Run) -> list[Attempt]:
    """Return the first attempts of all messages, in order of time."""
    probed = {int(look.at_s): look.probed for look in run.watched.looks}
    attempts: list[Attempt] = []
    for life in run.watched.lives:
        if not life.copies:
            continue
        copy = life.copies[0]
        at_s = copy.sent_at - START
        is_probe = copy.carrier in probed.get(int(at_s), ()) or copy.carrier in probed.get(int(at_s) + 1, ())
        attempts.append(Attempt(at_s, copy.carrier, life.destination, is_probe))
    attempts.sort(key=lambda one: one.at_s)
    return attempts


class Shares:
    """A carrier's share of first attempts, in any span of time."""

    def __init__(self, attempts: Sequence[Attempt], carrier: str) -> None:
        """Take attempts in order of time."""
        self._times = [one.at_s for one in attempts]
        self._counts = [0, *accumulate(one.carrier == carrier for one in attempts)]

    def of(self, since_s: float, until_s: float) -> tuple[float, int]:
        """Return its share from a second to another, and how many attempts there were of all carriers."""
        first, end = bisect_left(self._times, since_s), bisect_left(self._times, until_s)
        count = end - first
        return ((self._counts[end] - self._counts[first]) / count if count else 0.0), count


def effect(run: Run, one: Degradation, attempts: Sequence[Attempt]) -> Effect:
    """Measure what a degradation did."""
    starts = tuple(prefix.encode() for prefix in one.prefixes)
    hit = [a for a in attempts if not starts or a.destination.startswith(starts)]
    shares = Shares(hit, one.carrier)
    usual = shares.of(one.at_s - USUAL_S, one.at_s)[0]
    is_parallel = run.strategy.paths is not None and run.strategy.paths.mode == "parallel"
    is_asked = usual >= MOVED_SHARE and not is_parallel
    told = usual, is_asked, None, None, None
    if is_asked:
        unprobed = Shares([a for a in hit if not (a.is_probe and a.carrier == one.carrier)], one.carrier)
        others = [
            other.at_s
            for other in run.scenario.comparison.degradations
            if other.carrier == one.carrier and other.at_s >= one.ends_s
        ]
        until_s = min([*others, run.scenario.comparison.duration_s])
        told = usual, is_asked, switch_s(unprobed, one), *recovery(shares, one, usual, until_s)
    return Effect(one.carrier, one.kind, one.at_s, one.for_s, *told)


def switch_s(shares: Shares, one: Degradation) -> float | None:
    """Return when the traffic of a degraded carrier had moved, in seconds: see the head."""
    latest_s = max(0, int(one.for_s - WINDOW_S))
    for second in range(latest_s, -1, -1):
        since_s = one.at_s + second
        if shares.of(since_s, min(since_s + WINDOW_S, one.ends_s))[0] > MOVED_SHARE:
            return None if second == latest_s else second + 1.0
    return 0.0


def recovery(
    shares: Shares, one: Degradation, usual: float, until_s: float
) -> tuple[float | None, int | None]:
    """Return when a carrier's traffic had come back, and how often it left again, until `until_s`."""
    recover_s: float | None = None
    oscillations, is_back, is_told = 0, False, False
    since_s = one.ends_s
    while since_s + BACK_WINDOW_S <= until_s:
        share, count = shares.of(since_s, since_s + BACK_WINDOW_S)
        if usual * count >= ENOUGH:
            is_told = True
            if share >= BACK * usual:
                if recover_s is None:
                    recover_s = since_s - one.ends_s
                is_back = True
            elif is_back and share < GONE * usual:
                oscillations += 1
                is_back = False
        since_s += BACK_STEP_S
    return recover_s, (oscillations if is_told else None)


# ---------------------------------------------------------------------- what became of the messages


def figures(run: Run, seed: int) -> dict[str, Any]:
    """Return what a run comes to, as JSON has it."""
    lives = run.watched.lives
    attempts = first_attempts(run)
    effects = [effect(run, one, attempts) for one in run.scenario.comparison.degradations]
    asked = [one for one in effects if one.is_asked]
    switches = [one.switch_s for one in asked if one.switch_s is not None]
    counted = [one.oscillations for one in asked if one.oscillations is not None]
    result = run.result
    return {
        "scenario": run.scenario.name,
        "strategy": run.strategy.name,
        "seed": seed,
        "messages_per_s": run.world.messages_per_s,
        **_told(run, lives),
        "has_switched": all(one.switch_s is not None for one in asked) if asked else None,
        "switch_s": max(switches) if asked and len(switches) == len(asked) else None,
        "oscillations": max(counted) if counted else None,
        "degradations": [attrs.asdict(one) for one in effects],
        "by_customer": {
            customer.system_id: _told(run, [life for life in lives if life.customer == customer.system_id])
            for customer in run.world.customers
        },
        "states": result.states,
        "promises_broken": result.violation_count,
        "simulated_s": result.simulated_s,
    }


def _told(run: Run, lives: Sequence[Life]) -> dict[str, Any]:
    """Return what became of some messages. Those that nobody could deliver are not asked for."""
    reachable = _reachable(run, lives)
    accepted = [life for life in reachable if life.status == 0]
    shown = [life for life in accepted if life.shown and life.shown_at != NEVER]
    delays_s = sorted(life.shown_at - life.offered_at for life in shown)
    parts = sum(copy.status == 0 for life in lives for copy in life.copies)
    cost = _cost(run, lives)
    return {
        "messages": len(lives),
        "reachable": len(reachable),
        "refused": len(reachable) - len(accepted),
        "delivered": len(shown),
        "delivered_share": round(len(shown) / len(reachable), 6) if reachable else None,
        "p50_to_handset_s": _quantile(delays_s, 0.5),
        "p95_to_handset_s": _quantile(delays_s, 0.95),
        "p99_to_handset_s": _quantile(delays_s, 0.99),
        "duplicates_seen_share": _part(sum(life.visible_max > 1 for life in shown), len(shown)),
        "shown_again_share": _part(sum(life.shown > 1 for life in shown), len(shown)),
        "visible_max": max((life.visible_max for life in shown), default=0),
        "copies_per_message": _part(parts, len(lives)),
        "cost": round(cost, 4),
        "cost_per_delivered": round(cost / len(shown), 6) if shown else None,
    }


def _part(count: int, of: int) -> float | None:
    return round(count / of, 6) if of else None


def _quantile(values: Sequence[float], share: float) -> float | None:
    """Return the least value that so many of the sorted ones do not exceed."""
    return round(values[max(0, ceil(share * len(values)) - 1)], 3) if values else None


def _reachable(run: Run, lives: Sequence[Life]) -> list[Life]:
    """Leave out numbers that nobody has, or that are barred: no strategy can do anything about them."""
    network = run.world.network
    assert network is not None, "the scenario file was checked"
    hlr = Hlr(network, hash_of(run.result.seed, network.seed))
    return [life for life in lives if hlr.route(life.destination, "").cause not in (UNKNOWN, BARRED)]


def _cost(run: Run, lives: Sequence[Life]) -> float:
    """What carriers ask for all submit_sm that they took, in the unit of the prices."""
    carriers = [carrier_config(one, port) for port, one in enumerate(run.world.carriers, 1)]
    prices = Prices(carriers)
    prefixes = Prefixes(prices.prefixes())
    has_places = any(True for _ in prices.places())
    plan = number_plan() if has_places else None
    cost = 0.0
    for life in lives:
        places: tuple[str, ...] = ()
        if plan is not None:
            facts = plan.facts(life.destination)
            places = tuple(place for place in (facts.place, facts.region, facts.country) if place)
        known = prefixes.of(life.destination)
        for copy in life.copies:
            if copy.status == 0:
                cost += prices.of(copy.carrier, known, places)
    return cost


# ---------------------------------------------------------------------- for pictures

SPAN_S: Final = 5.0


def timeline(run: Run) -> dict[str, Any]:
    """Return first attempts by carrier, and the messages that are never shown, in spans of SPAN_S seconds."""
    spans = ceil(run.scenario.comparison.duration_s / SPAN_S)
    carriers = {carrier.profile.name: [0] * spans for carrier in run.world.carriers}
    lost = [0] * spans
    for one in first_attempts(run):
        if one.at_s < spans * SPAN_S:
            carriers[one.carrier][int(one.at_s / SPAN_S)] += 1
    for life in _reachable(run, run.watched.lives):
        if not life.shown:
            lost[min(spans - 1, int((life.offered_at - START) / SPAN_S))] += 1
    return {"span_s": SPAN_S, "carriers": carriers, "lost": lost}
