# Delta debugging: leave out ever smaller pieces of a list of faults as long as a promise is still broken.
# A fault that is left out moves no other one, so what remains happens when it happened before.
"""Finding the few faults that a violation needs."""

from collections.abc import Callable, Sequence
from typing import Final

RUNS_MAX: Final = 60
"""Worlds tried for one failure: minutes, not hours."""


def shrink(
    faults: Sequence[int], fails: Callable[[frozenset[int]], bool], runs_max: int = RUNS_MAX
) -> frozenset[int]:
    """Return a subset with which it still fails, from which no piece that was tried can be left out.

    `fails` runs a world with these faults. All of `faults` together are known to fail.
    """
    kept = list(faults)
    pieces, runs = 2, 0
    while kept and runs < runs_max:
        size = max(1, -(-len(kept) // pieces))
        for start in range(0, len(kept), size):
            rest = kept[:start] + kept[start + size :]
            runs += 1
            if fails(frozenset(rest)):
                kept, pieces = rest, max(2, pieces - 1)
                break
            if runs >= runs_max:
                break
        else:
            if size == 1:
                break
            pieces = min(len(kept), pieces * 2)
    return frozenset(kept)
