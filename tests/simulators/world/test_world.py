"""Whole worlds: promises are kept under every fault, seeds replay, and a bad router is found."""

import io
import json
import logging
import os
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from typing import Any, get_args

import attrs
import pytest

from simulators.world.scenario import Kind, Mishap, Scenario
from simulators.world.scenario_file import load_scenario, scenario_path
from simulators.world.world import WorldOptions, WorldResult, run_world
from smpp_router.core.ending import Ending
from smpp_router.core.recalls import Recalls
from smpp_router.core.settle import Settle


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@cache
def everyday() -> Scenario:
    return load_scenario(scenario_path("everyday"))


def run(seed: int, duration_s: float = 30.0, **changes: Any) -> WorldResult:
    return run_world(attrs.evolve(everyday(), **changes), WorldOptions(seed=seed, duration_s=duration_s))


def events(kind: Any = None) -> list[str]:
    """What happens within ten seconds full of one kind of fault; the own lines of faults left out."""
    changes = {"errors": {"ESME_RSYSERR": 0.5}} if kind == "carrier" else {}
    often = Mishap(kind=kind, per_hour=1_000.0, lasts_s=(0.5, 3.0), set=changes) if kind else None
    log = io.StringIO()
    scenario = attrs.evolve(everyday(), mishaps=(often,) if often else ())
    result = run_world(scenario, WorldOptions(seed=4, duration_s=10.0), log)
    assert result.violations == ()
    return [line for line in log.getvalue().splitlines() if " fault " not in line]


@cache
def untroubled() -> list[str]:
    return events()


@pytest.mark.parametrize("kind", get_args(Kind))
def test_each_kind_of_fault_changes_what_happens(kind: str) -> None:
    assert events(kind) != untroubled()


@pytest.mark.parametrize("seed", range(1, 13))
def test_every_promise_is_kept_whatever_goes_wrong(seed: int) -> None:
    result = run(seed)
    assert result.violations == ()
    assert result.messages > 150
    assert result.faults
    assert sum(result.states.values()) >= result.counts["accepted"]


@pytest.mark.parametrize(
    "kind", ["router_crash", "power_cut", "disk_full", "carrier_half_open", "esme_stall"]
)
def test_one_kind_of_fault_again_and_again(kind: Any) -> None:
    mishap = Mishap(kind=kind, per_hour=400.0, lasts_s=(0.5, 5.0))
    result = run(5, mishaps=(mishap,))
    assert result.violations == ()
    assert set(result.faults) == {kind}


def test_a_message_whose_validity_ends_while_a_carrier_may_have_it_is_not_called_expired() -> None:
    customers = tuple(attrs.evolve(customer, validity_s=6.0) for customer in everyday().customers)
    withheld = Mishap(kind="carrier", per_hour=600.0, lasts_s=(5.0, 20.0), set={"anomalies.withheld": 0.5})
    result = run(1, customers=customers, mishaps=(withheld,))
    assert result.violations == ()
    assert result.states["UNKNOWN"] > 20


def test_without_faults_every_message_ends_once_and_as_its_carrier_says() -> None:
    result = run(3, mishaps=())
    assert result.violations == ()
    assert result.faults == {}
    assert result.starts == 1
    counts = result.counts
    assert counts["offered"] == counts["accepted"] == counts["copies"] == counts["receipts"]
    assert set(result.states) == {"DELIVRD", "UNDELIV"}


def test_the_same_seed_writes_the_same_log_in_another_process_and_another_seed_another() -> None:
    def digest(seed: int, hash_seed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "simulators", "world", "--seed", str(seed), "--hours", "0.005", "--json"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        return json.loads(done.stdout)["log_sha256"]

    ours = run(11, 18.0).log_sha256
    assert digest(11, "1") == ours
    assert digest(11, "2") == ours
    assert digest(12, "1") != ours


def test_faults_that_are_left_out_do_not_happen() -> None:
    options = WorldOptions(seed=2, duration_s=30.0, faults=frozenset())
    assert run_world(everyday(), options).faults == {}


def test_a_router_that_loses_receipts_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Ending.end
    calls: list[int] = []

    def forgetful(self: Ending, entry: Any, state: int, error: int, now: float, commit: Any) -> None:
        calls.append(1)
        sound(self, entry, state, error, now, commit)
        if len(calls) % 50 == 0:
            commit.deliveries.pop()

    monkeypatch.setattr(Ending, "end", forgetful)
    found = run(1, mishaps=(), drain_s=300.0).violations
    assert {violation.invariant for violation in found} == {"one receipt"}


def test_a_router_that_lies_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Settle.receipts

    def rosy(self: Settle, carrier: Any, receipts: Any, now: float, commit: Any) -> None:
        sound(self, carrier, [attrs.evolve(one, message_state=2) for one in receipts], now, commit)

    monkeypatch.setattr(Settle, "receipts", rosy)
    assert "truth" in {violation.invariant for violation in run(1, mishaps=()).violations}


@cache
def three_paths() -> Scenario:
    return load_scenario(scenario_path("three-paths"))


@pytest.mark.parametrize("seed", range(1, 6))
def test_messages_with_several_paths_end_once_and_truly_whatever_goes_wrong(seed: int) -> None:
    result = run_world(three_paths(), WorldOptions(seed=seed, duration_s=20.0))
    assert result.violations == ()
    assert result.counts["copies"] > result.counts["accepted"]


def test_a_router_that_leaves_the_losers_alone_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Recalls, "send", lambda *_: None)
    scenario = attrs.evolve(three_paths(), mishaps=(), drain_s=600.0)
    found = run_world(scenario, WorldOptions(seed=1, duration_s=10.0)).violations
    assert {violation.invariant for violation in found} == {"losers"}
