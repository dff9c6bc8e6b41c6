"""Leaving out faults until only those are left that a violation needs."""

from hypothesis import given
from hypothesis import strategies as st

from simulators.world.shrink import shrink


@given(st.integers(1, 40), st.data())
def test_what_is_needed_is_kept_and_nothing_else(count: int, data: st.DataObject) -> None:
    faults = list(range(1, count + 1))
    needed = data.draw(st.frozensets(st.sampled_from(faults), max_size=3))
    assert shrink(faults, lambda tried: needed <= tried, runs_max=10_000) == needed


def test_it_gives_up_after_so_many_runs() -> None:
    runs: list[frozenset[int]] = []

    def fails(tried: frozenset[int]) -> bool:
        runs.append(tried)
        return len(tried) >= 50

    assert len(shrink(range(100), fails, runs_max=7)) >= 50
    assert len(runs) == 7
