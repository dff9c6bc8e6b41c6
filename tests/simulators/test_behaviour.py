"""What chance makes of a profile."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.behaviour import UNKNOWN_SUBSCRIBER, Behaviour
from simulators.distributions import TAIL_MAX
from simulators.outcomes import SILENT
from smpp_router.wire import constants as c
from tests.simulators.customers import profile

COUNT = 4_000


def behaviour(seed: int = 1, **settings: Any) -> Behaviour:
    return Behaviour(profile(**settings), random.Random(seed))


@given(st.floats(0.0, 10.0), st.floats(0.0, 10.0), st.sampled_from(["uniform", "lognormal"]))
def test_a_delay_is_never_shorter_than_it_says(least_s: float, jitter_s: float, shape: str) -> None:
    drawn = behaviour(
        response_s=least_s,
        response_jitter_s=jitter_s,
        response_shape=shape,
        receipt_s=least_s,
        receipt_jitter_s=jitter_s,
        receipt_shape=shape,
    )
    most_s = least_s + jitter_s * (1.0 if shape == "uniform" else TAIL_MAX)
    for delay_s in (drawn.response_delay_s(0.0), drawn.receipt_delay_s(0.0)):
        assert least_s <= delay_s <= most_s


def test_a_lognormal_delay_has_its_median_at_the_jitter_and_a_long_tail() -> None:
    drawn = behaviour(receipt_jitter_s=1.0, receipt_shape="lognormal")
    delays = sorted(drawn.receipt_delay_s(0.0) for _ in range(COUNT))
    assert 0.9 < delays[COUNT // 2] < 1.1
    assert 6.0 < delays[COUNT * 39 // 40] < 9.0


def test_a_uniform_delay_is_even() -> None:
    drawn = behaviour(response_s=1.0, response_jitter_s=1.0)
    delays = sorted(drawn.response_delay_s(0.0) for _ in range(COUNT))
    assert 1.45 < delays[COUNT // 2] < 1.55
    assert delays[-1] < 2.0


def test_refusals_come_in_their_shares() -> None:
    drawn = behaviour(errors={"ESME_RSYSERR": 0.1, "ESME_RINVDSTADR": 0.3})
    refusals = [drawn.refusal() for _ in range(COUNT)]
    assert 0.08 < refusals.count(c.ESME_RSYSERR) / COUNT < 0.12
    assert 0.27 < refusals.count(c.ESME_RINVDSTADR) / COUNT < 0.33
    assert 0.57 < refusals.count(c.ESME_ROK) / COUNT < 0.63


def test_everything_can_be_refused_and_nothing() -> None:
    assert {behaviour(errors={"ESME_RSYSERR": 1.0}).refusal() for _ in range(100)} == {c.ESME_RSYSERR}
    assert behaviour().refusal() == c.ESME_ROK


@pytest.mark.parametrize(
    ("outcomes", "expected"),
    [
        ({"DELIVRD": 1.0}, (c.DELIVERED, 0)),
        ({"UNDELIV": 0.1}, (c.UNDELIVERABLE, UNKNOWN_SUBSCRIBER)),
        ({"NONE": 3.0}, (SILENT, 0)),
    ],
)
def test_a_single_outcome_is_certain(outcomes: dict[str, float], expected: tuple[int, int]) -> None:
    drawn = behaviour(outcomes=outcomes)
    assert {drawn.outcome() for _ in range(100)} == {expected}


def test_a_weight_of_zero_never_comes() -> None:
    drawn = behaviour(outcomes={"DELIVRD": 0.0, "EXPIRED": 1.0})
    assert {drawn.outcome() for _ in range(1_000)} == {(c.EXPIRED, UNKNOWN_SUBSCRIBER)}


def test_error_codes_of_an_outcome_take_turns() -> None:
    drawn = behaviour(outcomes={"UNDELIV": 1.0}, error_codes={"UNDELIV": (1, 27)})
    outcomes = [drawn.outcome() for _ in range(COUNT)]
    assert 0.45 < outcomes.count((c.UNDELIVERABLE, 27)) / COUNT < 0.55
    assert set(outcomes) == {(c.UNDELIVERABLE, 1), (c.UNDELIVERABLE, 27)}
