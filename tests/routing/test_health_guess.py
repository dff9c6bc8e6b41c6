"""What is taken to be true of a carrier's receipt delays before it has sent any."""

import pytest

from smpp_router.config_health import HealthConfig
from smpp_router.routing.health import Health
from smpp_router.routing.health_baseline import DELAYS_MIN, Delays
from smpp_router.routing.health_guess import LENIENCE, Guess, delays_of
from tests.routing.health_traces import Behaviour, Trace

FIRST_S = 40.0


def known(delay_s: float) -> Delays:
    delays = Delays()
    delays.add(delay_s, int(DELAYS_MIN))
    return delays


def test_as_long_as_nobody_is_known_receipts_come_by_the_configured_time() -> None:
    guess = Guess([], FIRST_S)
    assert [guess.reached(age_s) for age_s in (-1.0, 0.0, 20.0, 40.0, 80.0)] == [0.0, 0.0, 0.25, 1.0, 1.0]


def test_of_the_others_the_slowest_is_believed_and_one_may_take_three_times_as_long() -> None:
    quick, slow = known(2.0), known(20.0)
    assert Guess([quick], FIRST_S).reached(LENIENCE * 2.9) == 1.0
    assert Guess([quick], FIRST_S).reached(4.0) == 0.0
    assert Guess([quick, slow], FIRST_S).reached(LENIENCE * 2.9) == 0.0
    assert Guess([quick, slow], FIRST_S).reached(LENIENCE * 24.0) == 1.0


def test_a_cell_goes_by_its_own_delays_then_by_its_carriers_then_by_a_guess() -> None:
    health = Health(HealthConfig(), ["mobile", "unicom"], 0.0)
    health.tally("mobile", "bj", "codes")
    mobile, unicom = health.carrier("mobile"), health.carrier("unicom")
    assert mobile is not None
    assert unicom is not None
    cell = mobile.cells["bj", "codes"]
    assert delays_of(mobile, cell, [mobile, unicom], FIRST_S) == Guess([], FIRST_S)
    unicom.delays.add(2.0, int(DELAYS_MIN))
    assert delays_of(mobile, cell, [mobile, unicom], FIRST_S) == Guess([unicom.delays], FIRST_S)
    mobile.delays.add(2.0, int(DELAYS_MIN))
    assert delays_of(mobile, cell, [mobile, unicom], FIRST_S) is mobile.delays
    cell.awaiting.delays.add(2.0, int(DELAYS_MIN))
    assert delays_of(mobile, cell, [mobile, unicom], FIRST_S) is cell.awaiting.delays


@pytest.mark.parametrize(
    ("liars", "within_s"), [(("mobile",), 18.0), (("mobile", "unicom", "telecom"), 25.0)]
)
def test_a_carrier_that_lies_from_the_first_message_on_is_found_before_a_deadline(
    liars: tuple[str, ...], within_s: float
) -> None:
    def behave(name: str, _: float) -> Behaviour:
        return Behaviour(missing=1.0 if name in liars else 0.0)

    trace = Trace(behave).run(within_s)
    assert "open" in [state for _, state in trace.states["mobile"]]
    honest = set(trace.carriers) - set(liars)
    assert all(trace.states[name] == [(1.0, "closed")] for name in honest)


def test_carriers_whose_receipts_take_a_while_are_let_be_from_the_first_message_on() -> None:
    slow = Behaviour(receipt_s=2.0, receipt_jitter_s=30.0)
    trace = Trace(lambda _, __: slow).run(300.0)
    assert all(states == [(1.0, "closed")] for states in trace.states.values())
