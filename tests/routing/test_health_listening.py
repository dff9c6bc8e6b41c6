"""A carrier that leaves out a part of its receipts is found before they are due, one that is late is not."""

from collections.abc import Callable

import pytest

from tests.routing.health_traces import Behaviour, Trace

WELL = Behaviour()
HALF = Behaviour(missing=0.5)
BEGIN_S = 60.0


def from_then_on(bad: Behaviour) -> Callable[[str, float], Behaviour]:
    return lambda name, at_s: bad if name == "unicom" and at_s >= BEGIN_S else WELL


def first_open_s(trace: Trace) -> float:
    return next(at_s for at_s, state in trace.states["unicom"] if state == "open") - BEGIN_S


def test_half_of_the_receipts_are_missed_before_many_deadlines_have_passed() -> None:
    found_s = sorted(
        first_open_s(Trace(from_then_on(HALF), rate_per_s=60.0, seed=seed).run(BEGIN_S + 30.0))
        for seed in range(3)
    )
    # A deadline is 10 s, and a level takes some ten more to rise to where nobody doubts it.
    assert found_s[1] <= 17.0


def test_messages_in_many_regions_are_one_carriers_all_the_same() -> None:
    cells = tuple((f"region {number}", "codes") for number in range(30))
    trace = Trace(from_then_on(HALF), rate_per_s=30.0, cells=cells).run(BEGIN_S + 30.0)
    assert first_open_s(trace) <= 25.0


@pytest.mark.parametrize(
    "later",
    [Behaviour(receipt_s=1.0, receipt_jitter_s=9.0), Behaviour(receipt_s=2.0, receipt_jitter_s=5.0)],
)
def test_receipts_that_are_later_than_they_were_open_a_breaker_once_at_most(later: Behaviour) -> None:
    trace = Trace(from_then_on(later), rate_per_s=40.0).run(400.0)
    assert [state for _, state in trace.states["unicom"]].count("open") <= 1
    assert trace.share_of("unicom", 250.0, 400.0) > 0.25


def test_batches_overtake_nobody_once_it_is_known_that_they_come() -> None:
    trace = Trace(lambda _, __: Behaviour(batch_s=5.0), rate_per_s=30.0).run(300.0)
    for states in trace.states.values():
        assert [at_s for at_s, state in states if state == "open" and at_s > 60.0] == []


def test_silence_is_found_at_any_rate_however_low() -> None:
    """With a message a minute a silence takes longer than receipts are watched for one by one."""

    def behave(name: str, at_s: float) -> Behaviour:
        return Behaviour(missing=1.0) if name == "unicom" and at_s >= 6_000.0 else WELL

    trace = Trace(behave, rate_per_s=0.05, cells=(("bj", "codes"),)).run(6_600.0)
    opened_s = [at_s for at_s, state in trace.states["unicom"] if state == "open"]
    assert opened_s
    assert opened_s[0] >= 6_000.0
