# How long a carrier takes to confirm, learned from its receipts: a histogram for each carrier and region.
#
#   bucket k holds delays from FIRST_S * RATIO^(k-1) to FIRST_S * RATIO^k seconds
#   every count halves in HALF_LIFE_S, so that a carrier's new ways show within some minutes
#
# A copy that was called back after t seconds tells that its delay was longer than t, not how long it would
# have been. Left out, the slow ones would be missing, the quantile would sink, more would be called back, and
# so on down. They are counted as censored (Kaplan and Meier, 1958): with d_k confirmed and c_k called back
# within bucket k, n_k what had neither before,
#     S(k) = product of (1 - d_j / n_j) for j up to k, and the quantile q is the first k with S(k) <= 1 - q.
"""Learned quantiles of receipt delays."""

from collections import OrderedDict
from math import ceil, log
from typing import Final

import attrs

FIRST_S: Final = 0.1
RATIO: Final = 1.25
BUCKETS: Final = 60
"""Up to 0.1 s * 1.25^59, which is 14 hours; the last one has all that is longer."""

HALF_LIFE_S: Final = 1_800.0

SAMPLES_MIN: Final = 100.0
"""Fewer confirmed ones than this say nothing about a quantile of 0.99."""

CELLS_MAX: Final = 4_096
"""Carriers times regions, about 4 MB; the one not used for the longest time is forgotten."""

_LOG_RATIO: Final = log(RATIO)


@attrs.define(eq=False)
class _Cell:
    confirmed: list[float] = attrs.Factory(lambda: [0.0] * BUCKETS)
    called_back: list[float] = attrs.Factory(lambda: [0.0] * BUCKETS)
    at: float = 0.0

    def decay(self, now: float) -> None:
        """Let what was counted count less. Seldom: often enough that nobody sees the steps."""
        if now < self.at + HALF_LIFE_S / 20:
            return
        if self.at:
            factor = 0.5 ** ((now - self.at) / HALF_LIFE_S)
            self.confirmed = [count * factor for count in self.confirmed]
            self.called_back = [count * factor for count in self.called_back]
        self.at = now

    def quantile_s(self, quantile: float) -> float | None:
        left = sum(self.confirmed) + sum(self.called_back)
        survival = 1.0
        for at in range(BUCKETS):
            if left <= 0.0:
                return None
            survival *= 1.0 - min(1.0, self.confirmed[at] / left)
            if survival <= 1.0 - quantile:
                return FIRST_S * RATIO**at
            left -= self.confirmed[at] + self.called_back[at]
        return None


def _bucket(delay_s: float) -> int:
    if delay_s <= FIRST_S:
        return 0
    return min(ceil(log(delay_s / FIRST_S) / _LOG_RATIO), BUCKETS - 1)


class Delays:
    """What is known of the delays of carriers, by region."""

    def __init__(self, cells_max: int = CELLS_MAX) -> None:
        self._cells: OrderedDict[tuple[str, str], _Cell] = OrderedDict()
        self._cells_max = cells_max
        self.forgotten = 0

    def __len__(self) -> int:
        return len(self._cells)

    def confirmed(self, carrier: str, region: str, delay_s: float, now: float) -> None:
        """A receipt came `delay_s` after its message went to the carrier."""
        for cell in self._of(carrier, region, now):
            cell.confirmed[_bucket(delay_s)] += 1.0

    def called_back(self, carrier: str, region: str, delay_s: float, now: float) -> None:
        """A message was called back `delay_s` after it went to the carrier, unconfirmed."""
        for cell in self._of(carrier, region, now):
            cell.called_back[_bucket(delay_s)] += 1.0

    def quantile_s(self, carrier: str, region: str, quantile: float) -> float | None:
        """The seconds within which `quantile` of a carrier's receipts come; None as long as too few have.

        A region with too few of its own has its carrier's.
        """
        for key in ((carrier, region), (carrier, "")):
            cell = self._cells.get(key)
            if cell is not None and sum(cell.confirmed) >= SAMPLES_MIN:
                return cell.quantile_s(quantile)
        return None

    def _of(self, carrier: str, region: str, now: float) -> list[_Cell]:
        """The cells that a message counts in: its region's, and the whole carrier's."""
        cells: list[_Cell] = []
        for key in {(carrier, ""): None, (carrier, region): None}:
            cell = self._cells.get(key)
            if cell is None:
                cell = self._cells[key] = _Cell(at=now)
                if len(self._cells) > self._cells_max:
                    self._cells.popitem(last=False)
                    self.forgotten += 1
            else:
                self._cells.move_to_end(key)
            cell.decay(now)
            cells.append(cell)
        return cells


def confirm_s(learned_s: float | None, least_s: float, most_s: float) -> float:
    """How long to wait: what was learned, from `least_s` to `most_s`, which counts until something was."""
    return most_s if learned_s is None else max(least_s, min(learned_s, most_s))
