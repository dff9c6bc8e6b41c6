"""A silence is told from bad luck by what is usual, and batches of receipts are no silence."""

from math import inf, log

import pytest

from smpp_router.message.tally import Tally
from smpp_router.routing.health_awaiting import Awaiting
from smpp_router.routing.health_baseline import DELAYS_MIN, Delays
from smpp_router.routing.health_score import Counts
from smpp_router.routing.health_silence import DARK, HEARD_MAX, USUAL_FACTOR, Silence


def known(delay_s: float = 1.5) -> Delays:
    delays = Delays()
    delays.add(delay_s, int(DELAYS_MIN))
    return delays


def awaiting(taken: int, seconds: int, heard_in: int | None = None) -> tuple[Awaiting, Delays]:
    """So many messages a second are taken for so long; of second `heard_in` one receipt comes."""
    delays, tally, made = known(), Tally(0.0), Awaiting(0.0)
    for second in range(1, seconds + 1):
        cohort = tally.accept(taken, 0.1)
        if second == heard_in:
            cohort.delivered += 1
        made.look(tally, float(second), 10.0, delays, Counts())
    return made, delays


def test_the_level_is_how_unlikely_it_is_that_nothing_came() -> None:
    silent, delays = awaiting(1, 6)
    # Of six seconds' messages the youngest may well be on its way, and half of the next second's; four count
    # with all they can.
    assert silent.silence(-inf, 6.0, delays, 1.0) == pytest.approx(
        -4 * log(1 - HEARD_MAX) - log(0.5), abs=0.01
    )
    assert silent.silence(-inf, 6.0, delays, 0.5) == pytest.approx(-4 * log(0.5) - log(0.75), abs=0.01)


def test_only_what_is_newer_than_the_last_receipt_is_silent() -> None:
    silent, delays = awaiting(5, 9, heard_in=7)
    assert silent.silence(6.0, 9.0, delays, 1.0) < 4.0
    assert silent.silence(6.0, 12.0, delays, 1.0) > DARK


def test_it_is_told_of_which_seconds_receipts_came_in_each_look() -> None:
    silent, delays = awaiting(5, 7, heard_in=7)
    assert silent.heard == [6.0]
    silent.look(Tally(7.0), 8.0, 10.0, delays, Counts())
    assert silent.heard == []


def test_what_was_taken_before_the_breaker_opened_says_nothing_any_more() -> None:
    silent, delays = awaiting(5, 9)
    silent.begin_epoch(Tally(9.0), 9.0)
    assert silent.silence(-inf, 30.0, delays, 1.0) == 0.0


def test_as_long_as_delays_are_not_known_nobody_is_silent() -> None:
    silent, _ = awaiting(100, 9)
    assert silent.silence(-inf, 30.0, Delays(), 1.0) == 0.0


def test_four_messages_are_no_silence_and_six_are() -> None:
    few, delays = awaiting(1, 4)
    assert few.silence(-inf, 60.0, delays, 1.0) < DARK
    more, delays = awaiting(1, 6)
    assert more.silence(-inf, 60.0, delays, 1.0) >= DARK


def test_a_level_that_ended_with_receipts_of_its_messages_was_usual() -> None:
    silence = Silence()
    silence.look(40.0, 100.0, 1.0)
    assert silence.is_dark
    silence.heard([95.0, 103.0])
    silence.look(USUAL_FACTOR * 40.0 - 1.0, 140.0, 1.0)
    assert not silence.is_dark
    silence.look(USUAL_FACTOR * 40.0 + 1.0, 141.0, 1.0)
    assert silence.is_dark


def test_receipts_of_later_messages_end_a_silence_and_make_it_no_usual_one() -> None:
    silence = Silence()
    silence.look(40.0, 100.0, 1.0)
    silence.look(0.0, 110.0, 10.0)  # the breaker has begun a new epoch
    silence.heard([130.0])
    assert silence.usual == 0.0


def test_receipts_of_older_messages_end_no_silence() -> None:
    silence = Silence()
    silence.heard([100.0])
    silence.look(40.0, 110.0, 1.0)
    silence.heard([90.0])
    assert silence.is_dark
    assert silence.usual == 0.0


def test_what_was_usual_is_forgotten_within_hours() -> None:
    silence = Silence()
    silence.look(40.0, 100.0, 1.0)
    silence.heard([99.0])
    for _ in range(10):
        silence.look(0.0, 100.0, 3_600.0)
    silence.look(DARK + 0.1, 200.0, 1.0)
    assert silence.is_dark
