# What the receipts that have come, and those that have not, say of a cell and of its carrier: whether all
# have stopped (health_silence.py) or many (health_overtaken.py), before one is missed by its deadline.
"""Listening for receipts."""

from collections.abc import Callable

from smpp_router.routing.health_baseline import Reaches
from smpp_router.routing.health_cells import CarrierHealth, CellHealth


def listen(carrier: CarrierHealth, cell: CellHealth, delays: Reaches, now: float, dt_s: float) -> None:
    """See what a cell has not been told, after its counts were added."""
    silence, awaiting = cell.silence, cell.awaiting
    share = carrier.expected_receipts.share
    silence.heard(awaiting.heard)
    silence.look(awaiting.silence(silence.heard_at, now, delays, share), now, dt_s)
    cell.overtaken.heard(zip(awaiting.heard, awaiting.came, strict=True))
    passed = awaiting.passed(silence.heard_at, now, delays, share)
    cell.overtaken.look(cell.gauge.estimates.withheld.ahead(passed, share), passed, dt_s)


def listen_to_all(
    carrier: CarrierHealth, delays_of: Callable[[CellHealth], Reaches], now: float, dt_s: float
) -> None:
    """See what a carrier has not told in all its cells, after its counts were added."""
    silence, share = carrier.silence, carrier.expected_receipts.share
    cells = [cell for cell in carrier.all_cells() if cell.awaiting.has_evidence]
    looked_at = [cell.awaiting for cell in cells if cell.looked_at == now]
    silence.heard(at for awaiting in looked_at for at in awaiting.heard)
    silence.look(
        sum(cell.awaiting.silence(silence.heard_at, now, delays_of(cell), share) for cell in cells), now, dt_s
    )
    for awaiting in looked_at:
        carrier.overtaken.heard(zip(awaiting.heard, awaiting.came, strict=True))
    passed = sorted(
        one for cell in cells for one in cell.awaiting.passed(silence.heard_at, now, delays_of(cell), share)
    )
    carrier.overtaken.look(carrier.gauge.estimates.withheld.ahead(passed, share), passed, dt_s)
