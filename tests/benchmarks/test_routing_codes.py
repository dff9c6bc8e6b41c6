# Verification codes, end to end: when no receipt comes in the expected time another carrier is tried, once.
from pathlib import Path

import pytest

from benchmarks.routing.run import Run, run_strategy
from benchmarks.routing.scenario import STRATEGIES
from benchmarks.routing.scenario_file import load_routing
from smpp_router.config_file import load_config
from tests.benchmarks.small_world import written

VALIDITY_S = 60.0


@pytest.fixture(scope="module")
def run(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """A minute in which the first of two carriers takes every code, delivers none and reports nothing."""
    path = written(
        tmp_path_factory.mktemp("codes"),
        ('kind = "dark"', 'kind = "lying"'),
        ('system_id = "courier"', f'system_id = "bank"\nvalidity_s = {VALIDITY_S}'),
        ("messages_per_s = 4.0", "messages_per_s = 2.0"),
    )
    return run_strategy(load_routing(path), STRATEGIES["codes"], 1)


def test_codes_that_a_carrier_swallows_come_by_the_other_one_within_their_validity(run: Run) -> None:
    lives = run.watched.lives
    moved = [life for life in lives if len(life.copies) > 1]
    assert len(moved) >= 3
    for life in moved:
        assert [copy.carrier for copy in life.copies] == ["a", "b"], "another carrier, once"
    assert all(life.shown == 1 for life in lives)
    assert all(life.shown_at - life.offered_at < VALIDITY_S for life in lives)


def test_each_code_has_one_final_receipt_and_all_promises_are_kept(run: Run) -> None:
    assert run.result.states == {"DELIVRD": len(run.watched.lives)}
    assert run.result.violations == ()


@pytest.mark.parametrize(("strategy", "name"), [("codes", "verification"), ("logistics", "logistics")])
def test_the_strategies_are_what_the_example_configuration_says(strategy: str, name: str) -> None:
    config = load_config(Path("config/router.toml"))
    [example] = [one for one in config.classes if one.name == name]
    assert example.paths == STRATEGIES[strategy].paths
