"""Probes are few, counted by what they must prove, and begin a new epoch."""

import attrs
import pytest

from smpp_router.routing.health_breaker import Breaker, BreakerLimits, State
from smpp_router.routing.health_estimates import fading
from smpp_router.routing.health_gauge import PROBE_PATIENCE_S, PROBE_SHARE_MAX, PROBES_MAX, Gauge
from smpp_router.routing.health_score import Counts, Parts

LIMITS = BreakerLimits(open_below=50.0, open_s=10.0, open_max_s=120.0, slow_start_s=30.0)
BY = fading(1.0, 15.0, 20.0)
FINE = Parts()


def half_open(cause: str) -> Gauge:
    gauge = Gauge(Breaker(LIMITS, 0.0))
    bad = Parts(**{cause: 0.1})
    gauge.add(Counts(accepted=10, errors=30), 40, 1.0, BY)
    assert not gauge.judge(bad, 0.9, 0.0, 1.0)
    assert not gauge.judge(bad, 0.9, 0.0, 2.0)
    assert gauge.breaker.state is State.OPEN
    assert gauge.share == 0.0
    assert gauge.judge(bad, 0.9, 0.0, 12.0), "a new epoch"
    assert gauge.breaker.state is State.HALF_OPEN
    return gauge


def test_a_new_epoch_forgets_what_spoke_for_and_against() -> None:
    gauge = half_open("submit")
    assert gauge.estimates.submit.n == 0.0
    assert gauge.score < 1.0, "until the next look at what is known"


@pytest.mark.parametrize(
    ("cause", "counts", "good", "bad"),
    [
        ("submit", Counts(accepted=3, errors=1, silent=1, failed=9), 3, 2),
        ("latency", Counts(accepted=3, throttled=4), 3, 0),
        ("throttle", Counts(accepted=3, throttled=4), 3, 4),
        ("delivery", Counts(accepted=9, delivered=3, failed=1, missing=1), 3, 2),
        ("receipts", Counts(accepted=9, delivered=3, missing=2, late=1), 3, 1),
        ("interception", Counts(errors=9, delivered=3, intercepted=2), 3, 2),
    ],
)
def test_probes_prove_what_was_wrong(cause: str, counts: Counts, good: int, bad: int) -> None:
    gauge = half_open(cause)
    gauge.add(counts, 5, 1.0, BY)
    assert (gauge.good, gauge.bad, gauge.probes_sent) == (good, bad, 5)


def test_probes_are_so_many_a_second_whatever_the_traffic() -> None:
    gauge = half_open("submit")
    assert gauge.probe_share(2.0, 20.0, 12.0) == 0.1
    assert gauge.probe_share(2.0, 4_000.0, 12.0) == 0.0005
    assert gauge.probe_share(2.0, 0.01, 12.0) == PROBE_SHARE_MAX
    assert gauge.probe_share(2.0, 0.0, 12.0) == PROBE_SHARE_MAX


def test_no_more_probes_go_than_a_verdict_needs() -> None:
    gauge = half_open("submit")
    gauge.add(Counts(), PROBES_MAX, 1.0, BY)
    assert gauge.probe_share(2.0, 20.0, 13.0) == 0.0
    assert gauge.is_patient(13.0)
    assert gauge.probe_share(2.0, 20.0, 12.0 + PROBE_PATIENCE_S) == 0.1, "they may have been lost"
    assert not gauge.is_patient(12.0 + PROBE_PATIENCE_S)


def test_of_numbers_that_are_mostly_dead_probes_need_not_do_better_than_usual() -> None:
    usual, bad_list = half_open("delivery"), half_open("delivery")
    for gauge, expected in ((usual, 0.95), (bad_list, 0.5)):
        gauge.add(Counts(delivered=6, failed=4), 10, 1.0, BY)
        gauge.judge(FINE, expected, 0.0, 13.0)
    assert usual.breaker.state is State.OPEN
    assert bad_list.breaker.state is State.RECOVERING


def test_requests_that_are_overdue_are_bad_probes() -> None:
    gauge = half_open("submit")
    gauge.add(Counts(accepted=5, overdue=3), 8, 1.0, BY)
    gauge.judge(FINE, 0.9, 0.0, 16.0)
    assert gauge.breaker.state is State.OPEN


def test_where_receipts_must_show_it_two_probes_go_first_and_two_failures_are_enough() -> None:
    gauge = half_open("receipts")
    gauge.add(Counts(accepted=2), 2, 1.0, BY)
    gauge.judge(FINE, 0.95, 0.0, 13.0)
    assert gauge.probe_share(2.0, 20.0, 13.0) == 0.0
    gauge.add(Counts(missing=2), 0, 1.0, BY)
    gauge.judge(FINE, 0.95, 0.0, 23.0)
    assert gauge.breaker.state is State.OPEN


def test_after_the_first_good_one_more_probes_go() -> None:
    gauge = half_open("receipts")
    gauge.add(Counts(accepted=2, delivered=1), 2, 1.0, BY)
    gauge.judge(FINE, 0.95, 0.0, 13.0)
    assert gauge.probe_share(2.0, 20.0, 13.0) == 0.1


def test_probes_whose_receipts_are_still_missing_let_nobody_pass_where_receipts_were_missing() -> None:
    for cause, state in (("receipts", State.HALF_OPEN), ("delivery", State.RECOVERING)):
        gauge = half_open(cause)
        gauge.add(Counts(accepted=10, delivered=5), 10, 1.0, BY)
        gauge.judge(FINE, 0.95, 0.0, 13.0)
        assert gauge.breaker.state is state
    gauge = half_open("receipts")
    gauge.add(Counts(accepted=10, delivered=9), 10, 1.0, BY)
    gauge.judge(FINE, 0.95, 0.0, 13.0)
    assert gauge.breaker.state is State.RECOVERING


def test_what_leaves_no_doubt_opens_at_the_first_look() -> None:
    for is_certain, state in ((False, State.CLOSED), (True, State.OPEN)):
        gauge = Gauge(Breaker(LIMITS, 0.0))
        gauge.judge(attrs.evolve(FINE, receipts=0.0), 0.9, 0.0, 1.0, is_certain=is_certain)
        assert gauge.breaker.state is state


def test_a_carrier_of_dead_numbers_is_probed_as_others_are() -> None:
    gauge = half_open("delivery")
    gauge.add(Counts(accepted=2, failed=2), 2, 1.0, BY)
    gauge.judge(FINE, 0.5, 0.0, 13.0)
    assert gauge.breaker.state is State.HALF_OPEN
    assert gauge.probe_share(2.0, 20.0, 13.0) > 0.0
