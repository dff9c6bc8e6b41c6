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

from simulators.faults.malformed import KINDS
from simulators.handsets.inbox import Inbox
from simulators.world.scenario import Kind, Mishap, Scenario
from simulators.world.scenario_file import load_scenario, scenario_path
from simulators.world.world import WorldOptions, WorldResult, run_world
from smpp_router.core.ending import Ending
from smpp_router.core.mobile_originated import MobileOriginated
from smpp_router.core.recalls import Recalls
from smpp_router.core.settle import Settle

CHANGES: dict[str, dict[str, Any]] = {
    "carrier": {"errors": {"ESME_RSYSERR": 0.5}},
    "network": {"mt_failures": {"systemFailure": 0.9}},
}


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


@cache
def everyday() -> Scenario:
    """The scenario with messages and receipts that are given up sooner, so that a world is soon over."""
    scenario = load_scenario(scenario_path("everyday"))
    assert scenario.network is not None
    return attrs.evolve(
        scenario,
        customers=tuple(attrs.evolve(customer, validity_s=60.0) for customer in scenario.customers),
        carriers=tuple(
            attrs.evolve(carrier, router=attrs.evolve(carrier.router, receipt_late_s=20.0))
            for carrier in scenario.carriers
        ),
        network=attrs.evolve(scenario.network, validity_s=40.0),
        grain_s=0.2,
    )


def run(seed: int, duration_s: float = 30.0, **changes: Any) -> WorldResult:
    return run_world(attrs.evolve(everyday(), **changes), WorldOptions(seed=seed, duration_s=duration_s))


def events(kind: Any = None) -> list[str]:
    """What happens within six seconds full of one kind of fault; the own lines of faults left out."""
    mishaps: tuple[Mishap, ...] = ()
    if kind is not None:
        # Of carriers the one that the traffic goes to.
        among = ("mobile",) if kind.startswith("carrier") else ()
        changes = CHANGES.get(kind, {})
        mishaps = (Mishap(kind=kind, per_hour=1_500.0, lasts_s=(0.5, 3.0), among=among, set=changes),)
    log = io.StringIO()
    scenario = attrs.evolve(everyday(), mishaps=mishaps)
    result = run_world(scenario, WorldOptions(seed=4, duration_s=6.0), log)
    assert result.violations == ()
    return [line for line in log.getvalue().splitlines() if " fault " not in line]


@cache
def untroubled() -> list[str]:
    return events()


@pytest.mark.parametrize("kind", get_args(Kind))
def test_each_kind_of_fault_changes_what_happens(kind: str) -> None:
    assert events(kind) != untroubled()


@pytest.mark.parametrize("seed", [2, 5, 6, 8, 11, 12])
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


def test_what_is_stopped_while_its_disk_is_full_has_died() -> None:
    full = Mishap(kind="disk_full", per_hour=240.0, lasts_s=(15.0, 20.0))
    stopped = Mishap(kind="router_stop", per_hour=360.0, lasts_s=(2.0, 5.0))
    result = run(2, mishaps=(full, stopped))
    assert result.violations == ()
    assert set(result.faults) == {"disk_full", "router_stop"}


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
    assert {"DELIVRD", "UNDELIV"} <= set(result.states) <= {"DELIVRD", "UNDELIV", "EXPIRED"}
    assert counts["replies"] == counts["replies_handed"] > 10
    assert 0 < counts["shown"] <= counts["accepted"]
    assert "shown_again" not in counts


def test_the_same_seed_writes_the_same_log_in_another_process_and_another_seed_another() -> None:
    def digest(seed: int, hash_seed: str) -> str:
        done = subprocess.run(
            [sys.executable, "-m", "simulators", "world", "--seed", str(seed), "--hours", "0.002", "--json"],
            capture_output=True,
            text=True,
            check=True,
            env={**os.environ, "PYTHONHASHSEED": hash_seed},
        )
        return json.loads(done.stdout)["log_sha256"]

    options = WorldOptions(seed=11, duration_s=7.2)
    ours = run_world(load_scenario(scenario_path("everyday")), options).log_sha256
    assert digest(11, "1") == ours
    assert digest(11, "2") == ours
    assert digest(12, "1") != ours


def test_connections_to_a_carrier_that_was_dark_carry_nothing_when_it_is_over() -> None:
    dark = Mishap(kind="carrier_dark", at_s=4.0, lasts_s=(8.0, 8.0), among=("mobile",))
    log = io.StringIO()
    options = WorldOptions(seed=4, duration_s=14.0)
    assert run_world(attrs.evolve(everyday(), mishaps=(dark,)), options, log).violations == ()
    heard: dict[str, list[float]] = {}
    for at, name, *_ in map(str.split, log.getvalue().splitlines()):
        if name.startswith("mobile#"):
            heard.setdefault(name.rstrip("<>"), []).append(float(at))
    old = [times[-1] for times in heard.values() if times[0] < 4.0]
    new = [times[0] for times in heard.values() if times[0] >= 4.0]
    assert len(old) == len(new) == 2
    assert all(4.0 < last <= 12.0 for last in old), "the carrier still sends into what is lost"
    assert all(first >= 12.0 for first in new)


def test_faults_that_are_left_out_do_not_happen() -> None:
    options = WorldOptions(seed=2, duration_s=30.0, faults=frozenset())
    assert run_world(everyday(), options).faults == {}


def test_a_router_that_loses_receipts_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = Ending.delivered
    calls: list[int] = []

    def forgetful(self: Ending, entries: Any, now: float, commit: Any) -> None:
        calls.append(1)
        sound(self, entries, now, commit)
        if len(calls) % 50 == 0:
            commit.deliveries.pop()

    monkeypatch.setattr(Ending, "delivered", forgetful)
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
    # With little time for parallel copies to arrive in, some are to be called back.
    customers = [
        one
        if one.paths is None
        else attrs.evolve(one, paths=attrs.evolve(one.paths, confirm_min_s=1.0, confirm_max_s=1.0))
        for one in three_paths().customers
    ]
    scenario = attrs.evolve(three_paths(), customers=tuple(customers), mishaps=(), drain_s=600.0)
    found = run_world(scenario, WorldOptions(seed=1, duration_s=10.0)).violations
    assert {violation.invariant for violation in found} == {"losers"}


@pytest.mark.parametrize(
    "changes",
    [
        {"handset_groups": [{"state": "off"}]},
        {"handset_groups": [{"memory": 0}]},
        {"sri_failures": {"networkFailure": 0.5}, "mt_failures": {"systemFailure": 0.5}},
        {"alert_sc.s": 60.0, "handset_groups": [{"present_s": 20.0, "away_s": 20.0}]},
    ],
)
def test_every_promise_is_kept_whatever_the_network_does(changes: dict[str, Any]) -> None:
    mishap = Mishap(kind="network", per_hour=600.0, lasts_s=(2.0, 20.0), set=changes)
    result = run(6, duration_s=20.0, mishaps=(mishap,))
    assert result.violations == ()
    assert result.counts["shown"] > 50


ENDS_IT = ("bad_command_length", "huge_command_length", "garbage")
"""Defects after which a stream can't be cut into PDUs any more."""


@pytest.mark.parametrize("kinds", [ENDS_IT, tuple(kind for kind in KINDS if kind not in ENDS_IT)])
def test_every_promise_is_kept_whatever_is_wrong_with_pdus(kinds: tuple[str, ...]) -> None:
    malformed = Mishap(
        kind="carrier",
        per_hour=600.0,
        lasts_s=(2.0, 20.0),
        set={"faults.malformed": dict.fromkeys(kinds, 0.05)},
    )
    result = run(7, duration_s=20.0, mishaps=(malformed,))
    assert result.violations == ()
    assert result.faults["carrier"] > 0


@pytest.mark.parametrize("addresses", ["swapped", "as_submitted"])
def test_receipts_are_known_for_what_they_are_whichever_way_their_addresses_stand(addresses: str) -> None:
    carrier = everyday().carriers[0]
    dialect = attrs.evolve(carrier.profile.dialect, receipt_addresses=addresses)
    carrier = attrs.evolve(carrier, profile=attrs.evolve(carrier.profile, dialect=dialect))
    result = run(1, 10.0, carriers=(carrier,), routes=(), mishaps=())
    assert result.violations == ()
    assert 0 < result.states["DELIVRD"] <= result.counts["accepted"]


def test_a_text_that_is_shown_more_often_than_its_customer_allows_is_found() -> None:
    customers = tuple(attrs.evolve(customer, shown_max=1) for customer in everyday().customers)
    withheld = Mishap(kind="carrier", per_hour=600.0, lasts_s=(5.0, 20.0), set={"anomalies.withheld": 0.5})
    result = run(1, customers=customers, mishaps=(withheld,))
    assert {violation.invariant for violation in result.violations} == {"shown at most so often"}


def test_a_receipt_for_what_no_handset_shows_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Inbox, "receive", lambda *_: True)
    result = run(1, duration_s=10.0, mishaps=())
    assert {violation.invariant for violation in result.violations} == {"truth"}


def test_a_router_that_loses_replies_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    sound = MobileOriginated.take

    def forgetful(self: MobileOriginated, carrier: Any, pdu: Any, now: float, commit: Any) -> int:
        status = sound(self, carrier, pdu, now, commit)
        commit.deliveries.pop()
        return status

    monkeypatch.setattr(MobileOriginated, "take", forgetful)
    found = run(1, duration_s=10.0, mishaps=(), drain_s=60.0).violations
    assert {violation.invariant for violation in found} == {"one reply"}
