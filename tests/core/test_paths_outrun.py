"""A hedged copy that another carrier has outrun speaks against its carrier, unless it was late only."""

from smpp_router.core.settle import GRACE_S
from smpp_router.message.tally import Cohort
from smpp_router.wire import constants as c
from tests.core.ministry import Ministry, cancel_all


def cohorts_of(talk: Ministry, name: str) -> list[Cohort]:
    """All that a carrier is watched for."""
    health = talk.exchange.health.carrier(name)
    assert health is not None
    cells = list(health.all_cells())
    return [cell.tally.cohort for cell in cells] + [one for cell in cells for one in cell.awaiting.cohorts]


def have_outrun(talk: Ministry, seconds: float = 0.0) -> None:
    """Have a second path deliver after so long what the first has taken and said nothing of."""
    talk.submit()
    talk.accept("mobile", b"m1")
    talk.wait(11)
    talk.accept("unicom", b"u1")
    talk.wait(seconds)
    talk.receipt("unicom", message_id=b"u1")


def outrun(talk: Ministry, seconds: float) -> tuple[int, int, int]:
    """Have a second path deliver after so long; return what was outrun and withdrawn of the first."""
    have_outrun(talk, seconds)
    cohorts = cohorts_of(talk, "mobile")
    before = sum(one.outrun for one in cohorts)
    cancel_all(talk)
    return before, sum(one.outrun for one in cohorts), sum(one.withdrawn for one in cohorts)


def test_a_carrier_that_another_one_outran_was_silent_also_if_it_cancels() -> None:
    assert outrun(Ministry(), 1.0) == (1, 1, 1)


def test_where_the_other_one_took_longer_than_usual_too_nobody_is_to_blame() -> None:
    assert outrun(Ministry(confirm_max_s=10.0), 10.5) == (0, 0, 1)


def test_a_receipt_that_comes_after_all_makes_it_late_only() -> None:
    talk = Ministry()
    have_outrun(talk)
    cohorts = cohorts_of(talk, "mobile")
    assert sum(one.outrun for one in cohorts) == 1
    talk.receipt("mobile", message_id=b"m1")
    assert sum(one.outrun for one in cohorts) == sum(one.withdrawn for one in cohorts) == 0


def test_one_that_nobody_knows_the_end_of_is_not_counted_as_silent_once_more() -> None:
    talk = Ministry()
    have_outrun(talk)
    cohorts = cohorts_of(talk, "mobile")
    talk.receipt("mobile", c.UNKNOWN, b"m1")
    talk.wait(GRACE_S + 1)
    assert talk.in_flight() == []
    assert [(one.outrun, one.silent) for one in cohorts if one.taken] == [(1, 0)]
