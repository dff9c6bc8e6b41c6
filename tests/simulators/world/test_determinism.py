"""What a world changes in the process that it runs in, it puts back."""

import gc

import pytest

from simulators.world.determinism import GC_THRESHOLDS, collecting_rarely


def test_the_collector_runs_rarely_within_and_as_before_after() -> None:
    before = gc.get_threshold()

    def fail() -> None:
        with collecting_rarely():
            assert gc.get_threshold() == GC_THRESHOLDS
            raise RuntimeError("broken world")

    with pytest.raises(RuntimeError, match="broken world"):
        fail()
    assert gc.get_threshold() == before
