"""Messages that others have overtaken: they count by their age, and not against who is only late."""

from math import exp

from hypothesis import given
from hypothesis import strategies as st

from smpp_router.routing.health_decline import LEVEL_MAX, Decline
from smpp_router.routing.health_overtaken import OUTRUN_MAX, Overtaken, Passed, nats
from smpp_router.routing.health_silence import DARK, USUAL_FACTOR, USUAL_S

PASSED = [Passed(100.0, 2, 20, 0.9), Passed(101.0, 3, 20, 0.8)]


def test_it_is_dark_from_the_level_on_that_a_decline_has() -> None:
    overtaken = Overtaken()
    overtaken.look(DARK - 0.1, PASSED, 1.0)
    assert not overtaken.is_dark
    overtaken.look(DARK, PASSED, 1.0)
    assert overtaken.is_dark


def test_receipts_that_come_after_all_make_their_level_a_usual_one_that_fades() -> None:
    overtaken = Overtaken()
    overtaken.look(20.0, PASSED, 1.0)
    overtaken.heard([(100.0, 10), (102.0, 50)])
    assert overtaken.usual == 0.0, "a quarter of forty, and others that nobody had missed"
    overtaken.heard([(101.0, 10)])
    assert overtaken.usual == 20.0
    overtaken.look(USUAL_FACTOR * 20.0 - 2.0, PASSED, 1.0)
    assert not overtaken.is_dark
    overtaken.look(0.0, [], USUAL_S)
    assert overtaken.usual < 20.0 * exp(-0.99)


def test_a_level_whose_messages_are_due_is_no_peak_any_more() -> None:
    overtaken = Overtaken()
    overtaken.look(30.0, PASSED, 1.0)
    later = [Passed(110.0, 0, 4, 0.9)]
    overtaken.look(5.0, later, 1.0)
    overtaken.heard([(110.0, 2)])
    assert overtaken.usual == 5.0


def test_without_a_level_nothing_is_learned_of_receipts() -> None:
    overtaken = Overtaken()
    overtaken.heard([(100.0, 1_000)])
    assert overtaken.usual == 0.0


@given(
    st.lists(
        st.builds(
            Passed, st.floats(0, 100), st.integers(0, 50), st.integers(0, 50), st.floats(0, OUTRUN_MAX)
        ),
        max_size=20,
    ),
    st.floats(0.3, 1.0),
    st.floats(0, LEVEL_MAX),
)
def test_what_is_ahead_is_never_more_than_if_all_that_are_open_were_outrun(
    passed: list[Passed], usual: float, level: float
) -> None:
    ahead = Decline(level).ahead(passed, usual)
    outrun = Decline(level)
    for one in passed:
        outrun.add(0.0, 0.0, usual, nats(one.open, OUTRUN_MAX))
    assert 0.0 <= ahead <= outrun.level + 1e-9
