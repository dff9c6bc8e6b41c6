# The traces run at 20 messages a second over three carriers unless a test says otherwise.
"""Health finds out who is dark, brown or lying, brings back who is well, and lets be who is only slow."""

import random
from collections.abc import Callable

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, rule

from smpp_router.config_health import HealthConfig
from smpp_router.message.tally import Cohort
from smpp_router.routing.health import Health
from smpp_router.routing.scores import Scores
from smpp_router.wire import constants as c
from tests.routing.health_traces import Behaviour, Trace

WELL = Behaviour()
DARK = Behaviour(is_dark=True)
BROWN = Behaviour(errors=0.3, response_s=5.0, response_jitter_s=1.0)
FAILING = Behaviour(delivered=0.0)
MISSING = Behaviour(missing=1.0)
FILTERED = Behaviour(delivered=0.0, intercepted=1.0)
BEGIN_S, END_S = 40.0, 100.0


def always(unicom: Behaviour, others: Behaviour) -> Callable[[str, float], Behaviour]:
    def behave(name: str, _: float) -> Behaviour:
        return unicom if name == "unicom" else others

    return behave


def between(bad: Behaviour) -> Trace:
    """Unicom behaves badly for a minute."""
    return Trace(lambda name, at_s: bad if name == "unicom" and BEGIN_S <= at_s < END_S else WELL)


@pytest.mark.parametrize(
    ("bad", "within_s"), [(DARK, 10.0), (BROWN, 20.0), (FAILING, 12.0), (MISSING, 10.0), (FILTERED, 12.0)]
)
def test_a_carrier_that_fails_loses_its_traffic_and_gets_it_back(bad: Behaviour, within_s: float) -> None:
    trace = between(bad).run(END_S)
    assert trace.share_of("unicom", 20.0, BEGIN_S) > 0.25
    assert trace.lost_at("unicom", BEGIN_S, below=0.15) <= within_s
    trace.run(200.0)
    assert trace.share_of("unicom", 270.0, 300.0) > 0.25
    states = [state for _, state in trace.states["unicom"]]
    assert states.count("closed") == 2, "before and after, without oscillation"
    assert trace.states["mobile"] == trace.states["telecom"] == [(1.0, "closed")]


@pytest.mark.parametrize(
    ("half", "within_s"), [(Behaviour(delivered=0.5), 40.0), (Behaviour(missing=0.5), 40.0)]
)
def test_a_carrier_that_does_half_of_it_loses_its_traffic_too(half: Behaviour, within_s: float) -> None:
    trace = between(half).run(END_S)
    assert trace.lost_at("unicom", BEGIN_S, below=0.15) <= within_s
    assert trace.states["mobile"] == trace.states["telecom"] == [(1.0, "closed")]


def test_a_list_of_numbers_that_is_worse_than_those_before_takes_nobodys_traffic() -> None:
    trace = Trace(lambda _, at_s: Behaviour(delivered=0.95 if at_s < 60.0 else 0.75)).run(300.0)
    assert all(states == [(1.0, "closed")] for states in trace.states.values())


@pytest.mark.parametrize(("rate_per_s", "within_s"), [(1.0, 40.0), (5.0, 12.0), (60.0, 10.0)])
def test_receipts_that_stop_are_noticed_at_any_rate(rate_per_s: float, within_s: float) -> None:
    begin_s = 40.0 + 200.0 / rate_per_s

    def behave(name: str, at_s: float) -> Behaviour:
        return MISSING if name == "unicom" and at_s >= begin_s else WELL

    trace = Trace(behave, rate_per_s=rate_per_s).run(begin_s + within_s)
    [opened_s] = [at_s for at_s, state in trace.states["unicom"] if state == "open"]
    assert begin_s < opened_s


@pytest.mark.parametrize("batch_s", [10.0, 45.0])
def test_receipts_that_come_in_batches_are_no_silence(batch_s: float) -> None:
    behaviour = Behaviour(batch_s=batch_s)
    trace = Trace(always(unicom=behaviour, others=WELL), rate_per_s=6.0, seed=2).run(1_800.0)
    openings = [state for _, state in trace.states["unicom"]].count("open")
    assert openings <= 2, "until it is known how they come"
    assert trace.share_of("unicom", 900.0, 1_800.0) > 0.25


def test_receipts_that_are_later_from_now_on_cost_a_carrier_its_traffic_for_minutes_at_most() -> None:
    slow = Behaviour(receipt_s=6.0, receipt_jitter_s=3.0)
    trace = Trace(lambda name, at_s: slow if name == "unicom" and at_s >= 60.0 else WELL).run(1_200.0)
    assert [state for _, state in trace.states["unicom"]].count("open") <= 2
    assert trace.share_of("unicom", 600.0, 1_200.0) > 0.25


@pytest.mark.parametrize("delivered", [0.95, 0.6])
def test_low_traffic_does_not_flap(delivered: float) -> None:
    behaviour = Behaviour(delivered=delivered)
    trace = Trace(always(unicom=behaviour, others=behaviour), rate_per_s=1 / 60, seed=3).run(6 * 3_600.0)
    assert all(states == [(1.0, "closed")] for states in trace.states.values())


def test_a_healthy_carrier_that_is_slower_does_not_flap() -> None:
    trace = Trace(always(Behaviour(response_s=2.0), Behaviour(response_s=0.05))).run(200.0)
    assert trace.states["unicom"] == [(1.0, "closed")]
    assert trace.health.score("unicom", "bj", "logistics") > 95.0, "it is as it always was"
    later = Trace(lambda name, at_s: Behaviour(response_s=2.0 if name == "unicom" and at_s > 40 else 0.05))
    later.run(200.0)
    assert later.states["unicom"] == [(1.0, "closed")]


@pytest.mark.parametrize("errors", [0.05, 0.2, 0.3])
def test_under_stationary_traffic_openings_are_few(errors: float) -> None:
    trace = Trace(always(Behaviour(errors=errors), WELL)).run(600.0)
    carrier = trace.health.carrier("unicom")
    assert carrier is not None
    assert carrier.gauge.breaker.openings <= (0 if errors == 0.05 else 5 + 600 / 120)


def test_a_region_that_fails_takes_no_other_region_with_it() -> None:
    health = well_known(regions=("bj", "gd"))
    for second in range(60):
        for region in ("bj", "gd"):
            cohort = health.tally("mobile", region, "codes").accept(5, 0.5)
            if region == "bj":
                cohort.failed += 5
            else:
                cohort.delivered += 5
        health.tick(100.0 + second)
    assert health.share("mobile", "bj", "codes") < 1.0
    assert health.share("mobile", "gd", "codes") == 1.0
    assert health.score("mobile", "gd", "codes") > 80.0
    assert health.share("mobile", "zj", "codes") == 1.0, "the carrier's, for a cell without traffic"


def well_known(regions: tuple[str, ...] = ("bj",)) -> Health:
    """Mobile, with a minute and a half of good traffic behind it."""
    health = Health(HealthConfig(), ["mobile"], 0.0, {"codes": 9, "parcels": 5})
    health.bound("mobile")
    for second in range(1, 100):
        for region in regions:
            health.tally("mobile", region, "codes").accept(5, 0.5).delivered += 5
        health.tick(float(second))
    return health


def test_a_cell_with_little_of_its_own_is_as_its_carrier_is() -> None:
    health = well_known()
    health.tally("mobile", "gd", "codes").accept(1, 0.1).failed += 1
    health.tick(100.0)
    assert health.score("mobile", "gd", "codes") > 95.0
    assert health.score("mobile", "zj", "codes") == health.score("mobile", "", "") == 100.0


def test_risky_traffic_probes_last() -> None:
    health = well_known()
    health.tally("mobile", "bj", "parcels").accept(1, 0.1)
    for second in range(100, 103):
        health.tally("mobile", "bj", "codes").overdue = 10
        health.tick(float(second))
    assert health.share("mobile", "bj", "parcels") == 0.0
    for second in range(103, 115):
        health.tick(float(second))
    assert health.share("mobile", "bj", "parcels") > 0.0
    assert health.share("mobile", "bj", "codes") == 0.0, "priority 9 waits for others to find out"
    for second in range(115, 160):
        health.tick(float(second))
    assert health.share("mobile", "bj", "codes") > 0.0, "nobody else has"


def test_a_lost_carrier_scores_nothing_and_comes_back_slowly() -> None:
    health = well_known()
    health.lost("mobile", is_bound=True, now=100.0)
    health.tick(100.0)
    assert health.score("mobile", "bj", "codes") > 90.0
    health.lost("mobile", is_bound=False, now=101.0)
    health.tick(102.0)
    assert (health.score("mobile", "bj", "codes"), health.share("mobile", "bj", "codes")) == (0.0, 1.0)
    health.tick(107.0)
    assert health.share("mobile", "bj", "codes") == 0.0
    health.bound("mobile")
    health.tick(108.0)
    assert 0.0 < health.share("mobile", "bj", "codes") < 0.2
    for second in range(109, 141):
        health.tick(float(second))
    assert health.share("mobile", "bj", "codes") == 1.0


def test_deliveries_are_told_for_strategies_that_learn() -> None:
    health = well_known()
    delivered, failed = health.delivery("mobile", "bj", "codes")
    assert delivered > 150.0
    assert failed == 0.0
    few, _ = health.delivery("mobile", "gd", "codes")
    assert 0.0 < few <= 10.0, "a few, as its carrier's go"
    assert health.delivery("nobody", "", "") == (0.0, 0.0)


def test_cells_are_bounded_and_the_rest_counts_for_the_carrier() -> None:
    health = Health(HealthConfig(cells_max=3), ["mobile"], 0.0)
    health.bound("mobile")
    tallies = {id(health.tally("mobile", str(number), "codes")) for number in range(10)}
    assert len(tallies) == 4
    statistics = health.statistics()
    assert (statistics.cells, statistics.overflows) == (3, 7)
    health.tally("mobile", "9", "codes").accept(50, 5.0).failed += 50
    for second in range(1, 5):
        health.tick(float(second))
    assert health.score("mobile", "9", "codes") < 50.0


def test_who_is_not_measured_is_healthy() -> None:
    scores: Scores = Health(HealthConfig(), [], 0.0)
    assert (scores.score("x", "", ""), scores.share("x", "", ""), scores.delivery("x", "", "")) == (
        100.0,
        1.0,
        (0.0, 0.0),
    )


def test_a_look_is_due_once_a_second_and_a_clock_that_steps_back_stops_nothing() -> None:
    health = Health(HealthConfig(), ["mobile"], 100.0)
    assert not health.tick(100.5)
    assert health.tick(101.0)
    assert not health.tick(101.9)
    assert health.tick(50.0)
    assert health.tick(51.0)


def test_what_spoke_against_a_cell_fades_without_traffic_too() -> None:
    health = well_known(regions=("bj", "gd"))
    for second in range(100, 105):
        cohort = health.tally("mobile", "gd", "codes").accept(10, 1.0)
        cohort.delivered += 6
        cohort.failed += 4
        health.tick(float(second))
    low = health.score("mobile", "gd", "codes")
    assert 50.0 < low < 90.0
    assert health.share("mobile", "gd", "codes") == 1.0
    for second in range(110, 3_700, 2):
        health.tick(float(second))
    assert health.score("mobile", "gd", "codes") > low + 5.0


def test_many_cells_are_looked_at_bit_by_bit_within_a_second() -> None:
    names = [f"carrier-{number}" for number in range(10)]
    health = Health(HealthConfig(), names, 0.0)
    for name in names:
        health.bound(name)
    for second in range(1, 20):
        for name in names:
            for region in range(60):
                health.tally(name, str(region), "codes").accept(1, 0.1).failed += 1
        began_at = float(second)
        ended = [health.tick(began_at + step * 0.025) for step in range(30)]
        assert ended.count(True) == 1
        assert 1 <= ended.index(True) < 6, "not at once, and long before the next look"
    assert all(health.score(name, "1", "codes") < 50.0 for name in names)
    assert not health.tick(19.9)
    assert health.tick(20.6) is False
    assert health.tick(21.2), "whoever comes seldom has all of it done"


def test_another_configuration_holds_from_now_on_and_what_is_known_stays() -> None:
    health = well_known()
    before = health.delivery("mobile", "bj", "codes")
    health.configure(HealthConfig(open_below=99, risky_classes=("parcels",)), {"codes": 9, "parcels": 5})
    assert health.delivery("mobile", "bj", "codes") == before
    for second in range(100, 110):
        cohort = health.tally("mobile", "bj", "codes").accept(10, 1.0)
        cohort.delivered += 7
        cohort.failed += 3
        health.tick(float(second))
    assert health.share("mobile", "bj", "codes") == 0.0
    for second in range(110, 125):
        health.tick(float(second))
    assert health.share("mobile", "bj", "codes") > 0.0
    assert health.share("mobile", "bj", "parcels") == 0.0, "it is risky now"


class HealthMachine(RuleBasedStateMachine):
    """Whatever happens to three carriers, in whatever order and at whatever times."""

    @initialize(seed=st.integers(0, 1 << 20))
    def begin(self, seed: int) -> None:
        self.now = 0.0
        self.rng = random.Random(seed)
        self.health = Health(HealthConfig(cells_max=8), ["a", "b", "c"], 0.0, {"x": 9, "y": 1})
        self.cohorts: list[Cohort] = []

    carriers = st.sampled_from(["a", "b", "c"])
    keys = st.tuples(carriers, st.sampled_from(["", "bj", "gd"]), st.sampled_from(["x", "y"]))

    @rule(key=keys, count=st.integers(1, 200), each_s=st.floats(0.0, 60.0))
    def accept(self, key: tuple[str, str, str], count: int, each_s: float) -> None:
        tally = self.health.tally(*key)
        tally.sent += count
        self.cohorts.append(tally.accept(count, count * each_s))

    @rule(key=keys, status=st.sampled_from([c.ESME_RSYSERR, c.ESME_RTHROTTLED, c.ESME_RINVDSTADR]))
    def refuse(self, key: tuple[str, str, str], status: int) -> None:
        for _ in range(self.rng.randrange(50)):
            self.health.tally(*key).refuse(status)

    @rule(key=keys, silent=st.integers(0, 20), overdue=st.integers(0, 200))
    def be_silent(self, key: tuple[str, str, str], silent: int, overdue: int) -> None:
        tally = self.health.tally(*key)
        tally.silent += silent
        tally.overdue = overdue

    @rule(state=st.sampled_from(["delivered", "failed", "intercepted", "withdrawn"]))
    def receive(self, state: str) -> None:
        for cohort in self.cohorts[-3:]:
            if cohort.open > 0:
                setattr(cohort, state, getattr(cohort, state) + self.rng.randint(1, cohort.open))

    @rule(carrier=carriers, is_bound=st.booleans())
    def bind(self, carrier: str, is_bound: bool) -> None:
        if is_bound:
            self.health.bound(carrier)
        else:
            self.health.lost(carrier, is_bound=False, now=self.now)

    @rule(dt_s=st.sampled_from([0.3, 1.0, 1.0, 1.0, 7.0, 60.0, 4_000.0, -5.0]))
    def tick(self, dt_s: float) -> None:
        self.now += dt_s
        self.health.tick(self.now)

    @invariant()
    def numbers_are_in_range_and_everything_can_be_explained(self) -> None:
        for carrier in ("a", "b", "c"):
            for key in (("", ""), ("bj", "x"), ("gd", "y")):
                assert 0.0 <= self.health.score(carrier, *key) <= 100.0
                assert 0.0 <= self.health.share(carrier, *key) <= 1.0
                assert min(self.health.delivery(carrier, *key)) >= 0.0
                assert self.health.explain(carrier, *key).count("\n") == 0
        assert self.health.statistics().cells <= 8


TestHealthMachine = HealthMachine.TestCase
TestHealthMachine.settings = settings(max_examples=40, stateful_step_count=40, deadline=None)
