"""What a world changes in the process that it runs in, it puts back."""

import gc
import io

import attrs
import pytest

from simulators.world.determinism import collecting_rarely
from simulators.world.scenario_file import load_scenario, scenario_path
from simulators.world.world import WorldOptions, run_world
from smpp_router.collector import THRESHOLDS


def test_the_collector_runs_rarely_within_and_as_before_after() -> None:
    before = gc.get_threshold()

    def fail() -> None:
        with collecting_rarely():
            assert gc.get_threshold() == THRESHOLDS
            raise RuntimeError("broken world")

    with pytest.raises(RuntimeError, match="broken world"):
        fail()
    assert gc.get_threshold() == before


class Thresholds(io.StringIO):
    """A world's log that sees the collector's thresholds when it is written to."""

    def __init__(self) -> None:
        super().__init__()
        self.seen: set[tuple[int, int, int]] = set()

    def write(self, text: str) -> int:
        self.seen.add(gc.get_threshold())
        return super().write(text)


def test_the_collector_runs_rarely_in_a_world() -> None:
    log = Thresholds()
    scenario = attrs.evolve(load_scenario(scenario_path("everyday")), mishaps=())
    run_world(scenario, WorldOptions(seed=1, duration_s=2.0), log)
    assert log.seen == {THRESHOLDS}
