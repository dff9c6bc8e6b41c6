# Why a score is what it is: in one line for logs and stored decisions, in a line for each part for people.
#
#   unicom 86 verification: 31 of 100; submit 0.68 (71 taken, 32 not), latency 0.45 (5.1 s, usually 0.12 s);
#       breaker open for 7 s of 20 s because of submit
"""Explanations of health scores."""

from collections.abc import Iterator

from smpp_router.routing.health_breaker import State
from smpp_router.routing.health_cells import CarrierHealth, CellHealth
from smpp_router.routing.health_estimates import Pool
from smpp_router.routing.health_gauge import Gauge
from smpp_router.routing.health_links import lines as session_lines

SHOWN_BELOW = 0.995
"""Parts that cost less than half a point are not worth a reader's time."""


def line(carrier: CarrierHealth, cell: CellHealth | None, now: float) -> str:
    """One line on a cell, or on a carrier if `cell` is None."""
    gauge = carrier.gauge if cell is None else cell.gauge
    text = f"{_name(carrier, cell)}: {gauge.score:.0f} of 100"
    parts = [
        f"{name} {value:.2f} ({why})" for name, value, why in _parts(carrier, cell) if value < SHOWN_BELOW
    ]
    if parts:
        text += "; " + ", ".join(parts)
    breaker = _breaker(carrier.gauge, now)
    if breaker:
        return f"{text}; carrier's breaker {breaker}"
    breaker = _breaker(gauge, now)
    return f"{text}; breaker {breaker}" if breaker else text


def details(carrier: CarrierHealth, cell: CellHealth | None, now: float) -> list[str]:
    """A line for each part, with the numbers that it was made of."""
    gauge = carrier.gauge if cell is None else cell.gauge
    lines = [f"{_name(carrier, cell)}: {gauge.score:.1f} of 100, {gauge.share:.0%} of its traffic may go"]
    lines += [f"  {name:<13}{value:6.3f}  {why}" for name, value, why in _parts(carrier, cell)]
    deadline_s = carrier.delays.deadline_s()
    if cell is not None:
        deadline_s = cell.awaiting.delays.deadline_s() or deadline_s
    missed = f"missed after {deadline_s:.1f} s" if deadline_s else "delays not known yet"
    lines.append(f"  deadline       receipts {missed}")
    lines.append(
        f"  breaker        {_breaker(gauge, now) or 'closed'}, opened {gauge.breaker.openings} times"
    )
    if cell is None:
        lines += session_lines(carrier.links.sessions)
    else:
        lines.append(f"  carrier        {line(carrier, None, now)}")
    return lines


def _name(carrier: CarrierHealth, cell: CellHealth | None) -> str:
    if cell is None:
        return carrier.name
    return f"{carrier.name} {cell.lane.region or '-'} {cell.lane.traffic_class or '-'}"


def _parts(carrier: CarrierHealth, cell: CellHealth | None) -> Iterator[tuple[str, float, str]]:
    gauge = carrier.gauge if cell is None else cell.gauge
    parts, own, whole = gauge.parts, gauge.estimates, carrier.gauge.estimates
    expected = carrier.expected_delivery_share if cell is None else cell.lane.expected.share
    dark = "nobody answers, " if cell is None and own.is_dark() else ""
    yield "bound", parts.bound, "a session stands" if parts.bound else "no session"
    overdue = f", {own.overdue} overdue" if own.overdue else ""
    yield "submit", parts.submit, f"{dark}{_of(own.submit, 'taken', 'not')}{overdue}"
    yield "throttle", parts.throttle, _of(whole.throttle, "answered", "throttled")
    usual = f"{carrier.latency.mean_s:.2f} s, usually {carrier.latency.baseline_s:.2f} s"
    yield "latency", parts.latency, usual
    yield "delivery", parts.delivery, f"{_of(own.delivery, 'delivered', 'failed')}, usually {expected:.0%}"
    usually = f"usually {carrier.expected_receipts.share:.0%}"
    yield "receipts", parts.receipts, f"{_of(own.receipts, 'came', 'missing')}, {usually}"
    yield "interception", parts.interception, _of(own.interception, "passed", "filtered")
    yield "complaints", parts.complaints, _of(own.complaints, "delivered", "complaints")
    yield "stability", parts.stability, f"{carrier.losses:.1f} sessions lost"


def _of(pool: Pool, good: str, bad: str) -> str:
    return f"{pool.good:.0f} {good}, {pool.bad:.0f} {bad}"


def _breaker(gauge: Gauge, now: float) -> str:
    breaker = gauge.breaker
    if breaker.state is State.CLOSED:
        return ""
    because = f" because of {breaker.cause}" if breaker.cause else ""
    since_s = max(0.0, now - breaker.since)
    if breaker.state is State.OPEN:
        return f"open for {since_s:.0f} s of {breaker.rest_s:.0f} s{because}"
    if breaker.state is State.HALF_OPEN:
        probes = f"{gauge.good:.0f} probes good, {gauge.bad:.0f} bad"
        return f"half open for {since_s:.0f} s{because}: {probes}"
    return f"recovering for {since_s:.0f} s, {gauge.share:.0%} of its traffic"
