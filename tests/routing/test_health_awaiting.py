"""Receipts are missed after their deadline, taken back when they come late, and never lost count of."""

from math import inf

from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message.tally import Cohort, Tally
from smpp_router.routing.health_awaiting import COHORTS_MAX, SILENT_MAX, Awaiting
from smpp_router.routing.health_baseline import DELAYS_MIN, Delays
from smpp_router.routing.health_decline import Decline, weights
from smpp_router.routing.health_estimates import SLOW_S
from smpp_router.routing.health_overtaken import OUTRUN_MAX, Passed, nats
from smpp_router.routing.health_score import Counts
from smpp_router.routing.health_silence import DARK

DEADLINE_S = 20.0


class Waiting:
    """An Awaiting with its tally, looked at once a second."""

    def __init__(self) -> None:
        self.tally = Tally(0.0)
        self.awaiting = Awaiting(0.0)
        self.delays = Delays()
        self.now = 0.0
        self.total = Counts()

    def take(self, count: int) -> Cohort:
        return self.tally.accept(count, 0.0)

    def look(self, seconds: int = 1, deadline_s: float = DEADLINE_S) -> Counts:
        counts = Counts()
        for _ in range(seconds):
            self.now += 1.0
            self.tally.take()
            self.awaiting.look(self.tally, self.now, deadline_s, self.delays, counts)
        self.total.include(counts)
        return counts


def test_a_receipt_in_time_is_not_missed() -> None:
    waiting = Waiting()
    cohort = waiting.take(2)
    waiting.look(5)
    cohort.delivered += 1
    cohort.failed += 1
    counts = waiting.look(60)
    assert (counts.delivered, counts.failed, counts.missing, counts.late) == (1, 1, 0, 0)
    assert len(waiting.awaiting) == 0
    assert waiting.delays.total == waiting.awaiting.delays.total == 2.0


def test_one_that_has_not_come_is_missed_once_and_taken_back_if_it_comes() -> None:
    waiting = Waiting()
    cohort = waiting.take(3)
    assert waiting.look(int(DEADLINE_S)).missing == 0
    assert waiting.look(10).missing == 3
    cohort.delivered += 1
    counts = waiting.look(10)
    assert (counts.delivered, counts.late, counts.missing) == (1, 1, 0)


def test_the_messages_of_a_cohort_are_told_at_the_look_that_misses_them_and_kept_no_longer() -> None:
    waiting = Waiting()
    cohort = waiting.take(2)
    cohort.message_ids += [7, 8]
    waiting.look(int(DEADLINE_S))
    assert (waiting.awaiting.missing, cohort.message_ids) == ([], [7, 8])
    told: list[list[int]] = []
    for _ in range(10):
        waiting.look()
        told += waiting.awaiting.missing
    assert (told, cohort.message_ids) == ([[7, 8]], [])


def test_a_message_that_was_withdrawn_is_not_missed() -> None:
    waiting = Waiting()
    cohort = waiting.take(2)
    waiting.look()
    cohort.withdrawn += 2
    assert waiting.look(60).missing == 0
    assert len(waiting.awaiting) == 0


def test_an_idle_cell_keeps_no_cohorts() -> None:
    waiting = Waiting()
    first = waiting.tally.cohort
    waiting.look(100)
    assert waiting.tally.cohort is first
    assert first.opened_at == waiting.now


def test_what_was_taken_before_an_epoch_is_no_evidence_and_teaches_delays() -> None:
    waiting = Waiting()
    old = waiting.take(4)
    waiting.look(2)
    young = waiting.take(4)
    waiting.look()
    waiting.awaiting.begin_epoch(waiting.tally, waiting.now)
    new = waiting.take(1)
    old.failed += 2
    young.failed += 2
    new.delivered += 1
    counts = waiting.look(60)
    assert (counts.delivered, counts.failed, counts.missing) == (1, 0, 0)
    assert waiting.delays.total == 5.0


def test_cohorts_are_bounded_and_the_oldest_is_watched_no_longer() -> None:
    waiting = Waiting()
    for _ in range(COHORTS_MAX + 50):
        waiting.take(1)
        # Looks far apart against the deadline's cohorts, so that each look begins one.
        waiting.now += 200.0
        waiting.look(deadline_s=3_600.0)
    assert len(waiting.awaiting) <= COHORTS_MAX


@given(
    st.lists(
        st.tuples(
            st.integers(0, 5), st.integers(0, 40), st.sampled_from(["delivered", "failed", "intercepted"])
        ),
        max_size=60,
    )
)
def test_every_receipt_counts_once_and_missing_is_what_was_open(
    steps: list[tuple[int, int, str]],
) -> None:
    waiting = Waiting()
    cohorts: list[Cohort] = []
    sent = {"delivered": 0, "failed": 0, "intercepted": 0}
    for count, which, state in steps:
        if count:
            cohorts.append(waiting.take(count))
        candidates = [cohort for cohort in dict.fromkeys(cohorts) if cohort.open > 0]
        if candidates:
            cohort = candidates[which % len(candidates)]
            setattr(cohort, state, getattr(cohort, state) + 1)
            sent[state] += 1
        waiting.look()
    total = waiting.total
    assert {state: getattr(total, state) for state in sent} == sent
    assert total.late <= total.missing
    waiting.look(200)
    unanswered = sum(count for count, _, _ in steps) - sum(sent.values())
    assert waiting.total.missing - waiting.total.late == unanswered


def test_receipts_are_reported_when_their_cohort_is_complete_or_due() -> None:
    waiting = Waiting()
    first = waiting.take(2)
    waiting.look()
    second = waiting.take(1)
    waiting.look()
    second.delivered += 1
    first.delivered += 1
    assert waiting.look().reported == 0, "one of the first may still come, and these are in order"
    assert waiting.look(30).reported == 2
    first.delivered += 1
    assert waiting.look().reported == 1, "late, and taken back from those that were missing"
    assert (waiting.total.reported, waiting.total.missing, waiting.total.late) == (3, 1, 1)


def test_what_another_carrier_was_quicker_with_was_silent_until_it_was_called_back() -> None:
    known = Delays()
    known.add(1.5, int(DELAYS_MIN))
    waiting = Waiting()
    waiting.delays = known
    cohort = waiting.take(8)
    waiting.look()
    for _ in range(7):
        cohort.outran(5.0)
    cohort.call_back()
    cohort.withdrawn += 1
    assert waiting.awaiting.silence(-inf, waiting.now, known, 1.0) > DARK
    waiting.look(2)
    [passed] = [one for one in waiting.awaiting.passed(inf, waiting.now, known, 0.9) if one.open]
    assert passed == Passed(0.0, 0, 7, OUTRUN_MAX)
    counts = waiting.look(30)
    assert (counts.missing, counts.outrun) == (7, 7)
    assert counts.outrun_nats == nats(7, OUTRUN_MAX)


def test_a_cell_that_is_seldom_used_remembers_its_silent_messages() -> None:
    known = Delays()
    known.add(1.5, int(DELAYS_MIN))
    waiting = Waiting()
    waiting.delays = known
    cohorts: list[Cohort] = []
    for _ in range(2 * SILENT_MAX):
        cohorts.append(waiting.take(1))
        waiting.look(100)
    assert len(waiting.awaiting) == 0
    assert len(waiting.awaiting.silent) == min(SILENT_MAX, SLOW_S // 100)
    assert waiting.awaiting.silence(-inf, waiting.now, known, 1.0) > DARK
    cohorts[-1].delivered += 1
    assert waiting.awaiting.silence(-inf, waiting.now, known, 1.0) == 0.0


def test_only_what_others_have_overtaken_and_is_not_due_is_passed() -> None:
    known = Delays()
    known.add(1.5, int(DELAYS_MIN))
    waiting = Waiting()
    for _ in range(30):
        waiting.take(1)
        waiting.look()
    passed = waiting.awaiting.passed(25.0, waiting.now, known, 0.9)
    assert [one.taken_at for one in passed] == [float(second) for second in range(9, 25)]
    assert all(one.open == 1 and one.due == 0.9 for one in passed)
    waiting.awaiting.begin_epoch(waiting.tally, waiting.now)
    assert waiting.awaiting.passed(25.0, waiting.now, known, 0.9) == []


@given(
    st.lists(
        st.tuples(st.integers(0, 6), st.integers(0, 6), st.integers(0, 2), st.booleans()),
        min_size=1,
        max_size=40,
    ),
    st.floats(0.3, 1.0),
    st.floats(0.0, 20.0),
)
def test_the_level_is_never_more_than_the_most_to_which_it_may_rise(
    steps: list[tuple[int, int, int, bool]], share: float, level: float
) -> None:
    known = Delays()
    known.add(1.5, int(DELAYS_MIN))
    waiting = Waiting()
    for taken, delivered, outrun, is_called_back in steps:
        cohort = waiting.take(taken)
        waiting.look()
        cohort.delivered += min(delivered, max(0, taken - outrun))
        for _ in range(min(outrun, taken)):
            cohort.outran(3.0)
            if is_called_back:
                cohort.call_back()
    waiting.look()
    passed = waiting.awaiting.passed(inf, waiting.now, known, share)
    most = waiting.awaiting.most(inf, level, weights(share))
    assert Decline(level).ahead(passed, share) <= most + 1e-9
