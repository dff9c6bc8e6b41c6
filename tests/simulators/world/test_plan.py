"""Plans: drawn from the seed, and from nothing else."""

import attrs
import pytest

from simulators.world.plan import ROUTER, draw_plan
from simulators.world.scenario import Mishap
from simulators.world.scenario_file import load_scenario, scenario_path

SCENARIO = load_scenario(scenario_path("everyday"))


def test_the_same_seed_draws_the_same_plan_and_another_one_another() -> None:
    plan = draw_plan(SCENARIO, 7, 3_600.0)
    assert plan == draw_plan(SCENARIO, 7, 3_600.0)
    assert plan != draw_plan(SCENARIO, 8, 3_600.0)
    assert [fault.number for fault in plan] == list(range(1, len(plan) + 1))
    assert [fault.at_s for fault in plan] == sorted(fault.at_s for fault in plan)


def test_kinds_come_as_often_as_they_should_and_hit_whom_they_may() -> None:
    plan = draw_plan(SCENARIO, 1, 100 * 3_600.0)
    crashes = [fault for fault in plan if fault.kind == "router_crash"]
    assert 1_800 < len(crashes) < 2_200
    assert {fault.target for fault in crashes} == {ROUTER}
    resets = {fault.target for fault in plan if fault.kind == "esme_reset"}
    assert resets == {customer.system_id for customer in SCENARIO.customers}
    assert all(1.0 <= fault.ends_s - fault.at_s <= 30.0 for fault in crashes)


def test_a_longer_run_begins_with_the_same_faults() -> None:
    def timed(duration_s: float) -> list[tuple[float, str]]:
        return [(fault.at_s, fault.kind) for fault in draw_plan(SCENARIO, 3, duration_s) if fault.at_s < 600]

    assert timed(600.0) == timed(6_000.0)


def test_who_may_be_hit_can_be_said() -> None:
    mishap = next(one for one in SCENARIO.mishaps if one.kind == "carrier_outage")
    only = attrs.evolve(SCENARIO, mishaps=(attrs.evolve(mishap, among=("unicom",)),))
    assert {fault.target for fault in draw_plan(only, 1, 36_000.0)} == {"unicom"}


def test_a_mishap_with_a_time_comes_once_and_then() -> None:
    mishap = Mishap(kind="carrier_dark", at_s=60.0, lasts_s=(30.0, 30.0), among=("unicom",))
    only = attrs.evolve(SCENARIO, mishaps=(mishap,))
    [fault] = draw_plan(only, 1, 3_600.0)
    assert (fault.at_s, fault.ends_s, fault.target) == (60.0, 90.0, "unicom")
    assert draw_plan(only, 1, 60.0) == []


def test_a_mishap_is_drawn_or_has_a_time() -> None:
    with pytest.raises(ValueError, match="at_s: is for a mishap that comes once"):
        Mishap(kind="carrier_dark", at_s=60.0, per_hour=1.0)
