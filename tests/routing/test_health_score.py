"""Scores: products of parts that evidence moves in one direction only."""

import attrs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.health_estimates import fading
from smpp_router.routing.health_score import PRIOR, RUN_MAX, Counts, Estimates, Parts, drawn, stability_part

NOTHING = fading(0.0, 15.0, 20.0)
few = st.integers(0, 40)
all_counts = st.builds(
    Counts,
    accepted=few,
    errors=few,
    silent=few,
    throttled=few,
    overdue=few,
    delivered=few,
    failed=few,
    intercepted=few,
    missing=few,
    late=few,
    complaints=few,
)
EXPECTED = 0.9


def parts_of(*steps: Counts) -> Parts:
    estimates = Estimates()
    for counts in steps:
        estimates.add(counts, 0.0, NOTHING)
    return Parts(
        submit=estimates.submit_part(),
        throttle=estimates.throttle_part(),
        delivery=estimates.delivery_part(EXPECTED),
        receipts=estimates.receipts_part(EXPECTED),
        interception=estimates.interception_part(),
        complaints=estimates.complaints_part(),
    )


@given(st.lists(all_counts, max_size=5))
def test_every_part_and_the_score_stay_in_range(steps: list[Counts]) -> None:
    parts = parts_of(*steps)
    assert all(0.0 <= value <= 1.0 for value in attrs.astuple(parts))
    assert 0.0 <= parts.score() <= 100.0


@pytest.mark.parametrize(
    "bad", ["errors", "silent", "throttled", "overdue", "failed", "intercepted", "missing", "complaints"]
)
@given(counts=all_counts, more=st.integers(1, 40))
def test_more_of_what_is_bad_never_raises_its_part(bad: str, counts: Counts, more: int) -> None:
    # Somebody answers: without an answer the carrier may count as dark, and an error is an answer.
    counts = attrs.evolve(counts, accepted=counts.accepted + 1)
    worse = attrs.evolve(counts, **{bad: getattr(counts, bad) + more})
    # Each kind in the part that is about it: a receipt of any kind also proves that receipts come.
    part = {
        "errors": "submit",
        "silent": "submit",
        "overdue": "submit",
        "throttled": "throttle",
        "failed": "delivery",
        "intercepted": "interception",
        "missing": "receipts",
        "complaints": "complaints",
    }[bad]
    assert getattr(parts_of(worse), part) <= getattr(parts_of(counts), part) + 1e-9


@given(counts=all_counts, more=st.integers(1, 40))
def test_more_of_what_is_good_never_lowers_a_score(counts: Counts, more: int) -> None:
    for good in ("accepted", "delivered"):
        better = attrs.evolve(counts, **{good: getattr(counts, good) + more})
        assert parts_of(better).score() >= parts_of(counts).score() - 1e-9


def test_without_evidence_the_score_is_the_best() -> None:
    assert parts_of().score() == 100.0
    assert parts_of().worst() == ""


def test_nobody_who_answers_is_dark() -> None:
    silent = Counts(silent=RUN_MAX)
    assert parts_of(silent).submit == 0.0
    assert parts_of(Counts(overdue=RUN_MAX)).submit == 0.0
    assert parts_of(Counts(silent=RUN_MAX - 1)).submit > 0.0
    for answer in ("accepted", "errors", "throttled"):
        assert parts_of(silent, Counts(**{answer: 1})).submit > 0.0


def test_silence_adds_up_over_looks_until_somebody_answers() -> None:
    assert parts_of(*[Counts(silent=1)] * RUN_MAX).submit == 0.0
    assert parts_of(*[Counts(silent=1)] * (RUN_MAX - 1), Counts(accepted=1), Counts(silent=1)).submit > 0.0


def test_a_late_receipt_takes_back_that_it_was_missing() -> None:
    missing = Counts(missing=50)
    assert parts_of(missing).receipts < 0.1
    assert parts_of(missing, Counts(delivered=50, late=50)).receipts == 1.0


def test_the_worst_part_is_named() -> None:
    assert Parts(latency=0.4, delivery=0.9).worst() == "latency"
    assert Parts(submit=0.7, latency=0.4).worst() == "submit", "it is cubed"


def test_a_cell_is_itself_as_far_as_it_has_traffic() -> None:
    assert drawn(0.2, 0.0, 0.9) == 0.9
    assert drawn(0.2, PRIOR, 0.9) == pytest.approx(0.55)
    assert drawn(0.2, 1e6, 0.9) == pytest.approx(0.2, abs=0.001)


def test_lost_sessions_cost_little_each() -> None:
    assert stability_part(0.0) == 1.0
    assert 0.9 < stability_part(1.0) < 1.0
    assert stability_part(20.0) == 0.5


def test_forgetting_leaves_the_record_of_deliveries() -> None:
    estimates = Estimates()
    estimates.add(Counts(accepted=5, errors=5, delivered=8, failed=2, missing=3, overdue=2), 0.0, NOTHING)
    estimates.forget()
    assert (estimates.record.good, estimates.record.bad) == (8.0, 5.0)
    assert estimates.submit_part() == estimates.receipts_part(EXPECTED) == 1.0


def test_what_fails_or_does_not_come_fifteen_times_in_a_row_costs_all() -> None:
    assert parts_of(Counts(delivered=500), Counts(failed=15)).delivery == 0.0
    assert parts_of(Counts(delivered=500), Counts(missing=15)).receipts == 0.0
    assert parts_of(Counts(delivered=500), Counts(intercepted=15)).interception == 0.0
    assert parts_of(Counts(missing=15), Counts(delivered=15, late=15)).receipts == 1.0
    estimates = Estimates()
    estimates.add(Counts(failed=15, missing=15), 1.0, NOTHING)
    estimates.forget()
    assert estimates.delivery_part(EXPECTED) == estimates.receipts_part(EXPECTED) == 1.0
