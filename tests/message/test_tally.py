"""Counts of what became of messages are taken out once, and kinds of refusals are told apart."""

import pytest

from smpp_router.message.tally import ADDRESSES, FAULTS, THROTTLES, Cohort, Tally
from smpp_router.wire import constants as c


def test_a_message_is_open_in_its_cohort_until_it_ends() -> None:
    cohort = Cohort(10.0)
    cohort.taken = 5
    cohort.delivered += 1
    cohort.failed += 1
    cohort.intercepted += 1
    cohort.withdrawn += 1
    assert cohort.open == 1
    cohort.done += 3
    cohort.delivered = cohort.failed = cohort.intercepted = 0
    assert cohort.open == 1


def test_accepted_messages_join_the_cohort_of_their_time() -> None:
    tally = Tally(10.0)
    cohort = tally.accept(3, 0.6)
    assert (tally.accepted, tally.latency_sum_s, cohort.taken) == (3, 0.6, 3)
    assert cohort is tally.cohort


@pytest.mark.parametrize(
    ("status", "kind"),
    [
        (c.ESME_RTHROTTLED, "throttled"),
        (c.ESME_RMSGQFUL, "throttled"),
        (c.ESME_RINVDSTADR, "undeliverable"),
        (c.ESME_RINVMSGLEN, "faults"),
        (c.ESME_RINVSRCADR, "faults"),
        (c.ESME_RSYSERR, "errors"),
        (c.ESME_RSUBMITFAIL, "errors"),
        (0x0400, "errors"),
    ],
)
def test_each_refusal_counts_as_one_kind(status: int, kind: str) -> None:
    tally = Tally(0.0)
    tally.refuse(status)
    counted = {name: getattr(tally, name) for name in ("throttled", "undeliverable", "faults", "errors")}
    assert counted == {name: int(name == kind) for name in counted}


def test_no_status_is_of_two_kinds() -> None:
    assert len(THROTTLES | ADDRESSES | FAULTS) == len(THROTTLES) + len(ADDRESSES) + len(FAULTS)


def test_what_has_been_taken_out_is_gone_and_the_cohort_stays() -> None:
    tally = Tally(0.0)
    cohort = tally.accept(2, 0.1)
    tally.sent = tally.overdue = tally.complaints = 4
    assert not tally.is_quiet
    tally.take()
    assert tally.cohort is cohort
    assert not tally.is_quiet, "somebody may still send receipts for it"
    tally.cohort = Cohort(1.0)
    assert tally.is_quiet
    for name in (
        "sent",
        "accepted",
        "errors",
        "throttled",
        "silent",
        "undeliverable",
        "complaints",
        "overdue",
    ):
        setattr(tally, name, 1)
        assert not tally.is_quiet, name
        tally.take()


def test_what_was_outrun_is_remembered_with_its_age_until_its_receipt_comes() -> None:
    cohort = Cohort(10.0)
    cohort.taken = 5
    assert cohort.outrun_at_s == 0.0
    cohort.outran(4.0)
    cohort.outran(6.0)
    cohort.outran(8.0)
    assert (cohort.open, cohort.silent, cohort.outrun_at_s) == (5, 2, 6.0)
    cohort.call_back()
    assert (cohort.open, cohort.silent, cohort.withdrawn, cohort.outrun) == (4, 2, 1, 3)
    cohort.was_late(8.0)
    cohort.delivered += 1
    assert (cohort.open, cohort.silent, cohort.outrun, cohort.outrun_at_s) == (3, 2, 2, 5.0)
