"""When messages fall due."""

import itertools
import math
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.traffic.pace import STRETCHES_MAX, Pace, Ramp, Stretch, parse_ramp, steady


def moments(pace: Pace, until_s: float) -> list[float]:
    found: list[float] = []
    while pace.next_s < until_s:
        found.append(pace.take())
    return found


def test_a_steady_rate_is_evenly_spaced() -> None:
    assert moments(Pace(steady(4.0)), 2.0) == pytest.approx([i / 4 for i in range(8)])


def test_a_line_sends_as_many_as_its_area() -> None:
    found = moments(Pace(parse_ramp("100:2000/60s")), 60.0)
    assert len(found) == 63_000
    assert sum(at >= 59.0 for at in found) == pytest.approx(1_984, abs=2)
    assert sum(at < 1.0 for at in found) == pytest.approx(116, abs=2)


def test_after_the_last_stretch_its_rate_goes_on() -> None:
    found = moments(Pace(parse_ramp("10/1s,50/1s")), 4.0)
    assert [sum(second <= at < second + 1 for at in found) for second in range(4)] == [10, 50, 50, 50]


def test_a_ramp_down_to_nothing_ends() -> None:
    pace = Pace(parse_ramp("100:0/2s"))
    assert len(moments(pace, 1e9)) == 100
    assert pace.next_s == math.inf


def test_nothing_is_due_while_the_rate_is_0() -> None:
    assert moments(Pace(parse_ramp("0/10s,1/1s")), 12.0) == pytest.approx([10.0, 11.0])


def test_a_poisson_stream_has_its_rate_and_irregular_gaps() -> None:
    found = moments(Pace(steady(100.0), "poisson", random.Random("7")), 100.0)
    assert len(found) == pytest.approx(10_000, rel=0.05)
    gaps = [later - earlier for earlier, later in itertools.pairwise(found)]
    mean = sum(gaps) / len(gaps)
    variance = sum((gap - mean) ** 2 for gap in gaps) / len(gaps)
    # The exponential distribution's standard deviation is its mean.
    assert math.sqrt(variance) == pytest.approx(mean, rel=0.1)


def test_the_same_seed_is_the_same_stream() -> None:
    first, second = (Pace(steady(5.0), "poisson", random.Random("x")) for _ in range(2))
    assert moments(first, 50.0) == moments(second, 50.0)


def test_a_poisson_stream_without_chance_is_refused() -> None:
    with pytest.raises(ValueError, match="needs chance"):
        Pace(steady(1.0), "poisson")


RATES = st.floats(min_value=0.0, max_value=500.0)
STRETCHES = st.builds(Stretch, RATES, RATES, st.floats(min_value=0.01, max_value=5.0))
RAMPS = st.lists(STRETCHES, min_size=1, max_size=5)


@given(RAMPS)
def test_moments_never_go_back_and_lie_below_the_lines(stretches: list[Stretch]) -> None:
    ramp = Ramp(tuple(stretches))
    found = moments(Pace(ramp), ramp.s)
    assert found == sorted(found)
    assert abs(len(found) - sum(stretch.messages for stretch in stretches)) <= 2


@given(RAMPS, st.floats(min_value=0.1, max_value=0.9))
def test_shares_of_a_ramp_add_up(stretches: list[Stretch], share: float) -> None:
    ramp = Ramp(tuple(stretches))
    parts = [len(moments(Pace(ramp.scaled(part)), ramp.s)) for part in (share, 1.0 - share)]
    assert abs(sum(parts) - len(moments(Pace(ramp), ramp.s))) <= 4


@pytest.mark.parametrize(
    "text", ["", "100", "100:", "100/", "-1/5s", "a/5s", "1/5d", "1/0s", "1.2.3/5s", "1/5s,", "1/nans"]
)
def test_what_is_no_ramp_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"ramp|number"):
        parse_ramp(text)


def test_durations_have_units() -> None:
    assert parse_ramp("1/500ms, 1:2/2m,2/1h").s == pytest.approx(0.5 + 120 + 3600)
    with pytest.raises(ValueError, match="1 to 1000"):
        parse_ramp(",".join(["1/1s"] * (STRETCHES_MAX + 1)))
    with pytest.raises(ValueError, match="below 0"):
        Ramp((Stretch(-1.0, 3.0, 1.0),))
