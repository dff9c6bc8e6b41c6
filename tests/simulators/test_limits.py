"""How much a carrier takes, and what becomes of the rest."""

from typing import Any

import pytest

from simulators.dialect import Dialect
from smpp_router.session.states import State
from tests.simulators.customers import World, message


@pytest.mark.parametrize("reaction", ["ESME_RTHROTTLED", "ESME_RMSGQFUL"])
def test_rate_and_window_may_differ_in_what_they_say(reaction: Any) -> None:
    other: Any = "ESME_RMSGQFUL" if reaction == "ESME_RTHROTTLED" else "ESME_RTHROTTLED"
    world = World(
        window_max=5,
        response_s=1.0,
        throughput_per_s=10.0,
        throttle_status=reaction,
        dialect=Dialect(over_window=other),
    )
    customer = world.bind()
    world.say(customer, *(message() for _ in range(6)))
    world.wait(1.1)
    # A burst of one is taken, four are too fast and take their place in the window, the last is beyond it.
    assert customer.statuses == ["ESME_ROK", *[reaction] * 4, other]


def test_silence_leaves_requests_unanswered_and_the_window_open() -> None:
    world = World(throughput_per_s=50.0, throttle_status="silence")
    customer = world.bind()
    world.say(customer, *(message() for _ in range(20)))
    assert customer.statuses == ["ESME_ROK"] * 5
    assert world.carrier.counters.throttled == 15
    assert customer.carrier_session.unanswered == 0


def test_the_connection_may_end_instead() -> None:
    world = World(throughput_per_s=50.0, throttle_status="disconnect")
    customer = world.bind()
    world.say(customer, *(message() for _ in range(5)))
    assert customer.carrier_session.state is State.BOUND_TRX
    world.say(customer, message())
    assert customer.carrier_session.close_reason == "throttled"
    assert world.carrier.counters.disconnects == 1


def test_a_full_queue_says_so() -> None:
    world = World(queue_capacity=3, receipt_s=10.0)
    customer = world.bind()
    world.say(customer, *(message() for _ in range(5)))
    assert customer.statuses == ["ESME_ROK"] * 3 + ["ESME_RMSGQFUL"] * 2
    world.wait(10.1, 0.1)
    world.say(customer, message())
    assert customer.statuses[-1] == "ESME_ROK"
