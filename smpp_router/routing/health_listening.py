# What the receipts that have come, and those that have not, say of a cell and of its carrier: whether all
# have stopped (health_silence.py) or many (health_overtaken.py), before one is missed by its deadline.
"""Listening for receipts."""

from collections.abc import Callable

from smpp_router.routing.health_baseline import Reaches
from smpp_router.routing.health_cells import CarrierHealth, CellHealth
from smpp_router.routing.health_decline import weights
from smpp_router.routing.health_overtaken import Passed
from smpp_router.routing.health_silence import DARK


def listen(carrier: CarrierHealth, cell: CellHealth, delays: Reaches, now: float, dt_s: float) -> None:
    """See what a cell has not been told, after its counts were added."""
    silence, awaiting = cell.silence, cell.awaiting
    share = carrier.expected_receipts.share
    silence.heard(awaiting.heard)
    silence.look(awaiting.silence(silence.heard_at, now, delays, share), now, dt_s)
    decline, level = cell.gauge.estimates.withheld, 0.0
    passed: list[Passed] = []
    if awaiting.heard:
        cell.overtaken.heard(zip(awaiting.heard, awaiting.came, strict=True))
    if awaiting.most(silence.heard_at, decline.level, weights(share)) >= DARK:
        passed = awaiting.passed(silence.heard_at, now, delays, share)
        level = decline.ahead(passed, share)
    cell.overtaken.look(level, passed, dt_s)


def listen_to_all(
    carrier: CarrierHealth, delays_of: Callable[[CellHealth], Reaches], now: float, dt_s: float
) -> None:
    """See what a carrier has not told in all its cells, after its counts were added."""
    silence, share = carrier.silence, carrier.expected_receipts.share
    cells = [cell for cell in carrier.all_cells() if cell.awaiting.has_evidence]
    heard = [cell.awaiting for cell in cells if cell.looked_at == now and cell.awaiting.heard]
    silence.heard(at for awaiting in heard for at in awaiting.heard)
    silence.look(
        sum(
            cell.awaiting.silence(silence.heard_at, now, delays_of(cell), share)
            for cell in cells
            if cell.awaiting.newest_at > silence.heard_at
        ),
        now,
        dt_s,
    )
    for awaiting in heard:
        carrier.overtaken.heard(zip(awaiting.heard, awaiting.came, strict=True))
    decline, level = carrier.gauge.estimates.withheld, 0.0
    passed: list[Passed] = []
    of = weights(share)
    if decline.level + sum(cell.awaiting.most(silence.heard_at, 0.0, of) for cell in cells) >= DARK:
        passed = sorted(
            one
            for cell in cells
            for one in cell.awaiting.passed(silence.heard_at, now, delays_of(cell), share)
        )
        level = decline.ahead(passed, share)
    carrier.overtaken.look(level, passed, dt_s)
