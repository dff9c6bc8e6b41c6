"""Delays: within their bounds, in their shape, by the hour."""

import random
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.distributions import DELAY_MAX_S, TAIL_MAX, Delay, draw_s

NIGHT, NOON = 3 * 3600.0, 12 * 3600.0
COUNT = 4_000
short = st.floats(0.0, 10.0)


def drawn(delay: Delay, now: float = 0.0, count: int = COUNT) -> list[float]:
    rng = random.Random(1)
    return sorted(draw_s(delay, rng, now) for _ in range(count))


@given(st.sampled_from(["fixed", "uniform", "lognormal", "spikes"]), short, short, short, st.floats(0.0, 1.0))
def test_a_delay_keeps_its_bounds(
    kind: Any, least_s: float, jitter_s: float, spike_s: float, share: float
) -> None:
    delay = Delay(kind=kind, s=least_s, jitter_s=jitter_s, spike_s=spike_s, spike_share=share)
    most_s = {
        "fixed": 0.0,
        "uniform": jitter_s,
        "lognormal": jitter_s * TAIL_MAX,
        "spikes": jitter_s + spike_s,
    }
    for seconds in drawn(delay, count=20):
        assert least_s <= seconds <= least_s + most_s[kind] + 1e-9


def test_sigma_is_how_long_the_tail_is() -> None:
    narrow, wide = (drawn(Delay(kind="lognormal", jitter_s=1.0, sigma=sigma)) for sigma in (0.1, 2.0))
    assert abs(narrow[COUNT // 2] - wide[COUNT // 2]) < 0.2
    assert narrow[-1] < 2.0
    assert wide[-1] > 20.0


def test_measured_values_are_drawn_as_they_are() -> None:
    assert set(drawn(Delay(kind="empirical", values_s=(0.1, 0.5, 3.0)))) == {0.1, 0.5, 3.0}


def test_between_quantiles_it_is_even() -> None:
    seconds = drawn(Delay(kind="empirical", quantiles_s=(0.0, 1.0, 10.0)))
    assert 0.9 < seconds[COUNT // 2] < 1.6
    assert 0.4 < seconds[COUNT // 4] < 0.6
    assert 5.0 < seconds[COUNT * 3 // 4] < 6.0
    assert seconds[-1] <= 10.0


def test_spikes_come_by_chance_and_by_the_clock() -> None:
    delay = Delay(kind="spikes", s=0.1, spike_s=5.0, spike_share=0.1, spike_every_s=60.0, spike_for_s=2.0)
    assert 0.08 < sum(s > 5.0 for s in drawn(delay, now=30.0)) / COUNT < 0.12
    assert all(s > 5.0 for s in drawn(delay, now=121.9))
    assert not all(s > 5.0 for s in drawn(delay, now=122.0))


def test_hours_have_their_factors() -> None:
    factors = tuple(3.0 if hour == 12 else 1.0 for hour in range(24))
    delay = Delay(kind="fixed", s=2.0, by_hour=factors)
    assert (drawn(delay, NIGHT)[0], drawn(delay, NOON)[0]) == (2.0, 6.0)
    beijing = Delay(kind="fixed", s=2.0, by_hour=factors, by_hour_offset_min=8 * 60)
    assert drawn(beijing, NOON - 8 * 3600)[0] == 6.0
    assert delay.fixed_s is None


def test_no_delay_is_longer_than_the_longest() -> None:
    delay = Delay(kind="fixed", s=DELAY_MAX_S, by_hour=(2.0,) * 24)
    assert drawn(delay, count=1) == [DELAY_MAX_S]


def test_what_never_differs_is_known_beforehand() -> None:
    assert Delay(s=2.0).fixed_s == 2.0
    assert Delay(kind="fixed", s=2.0, jitter_s=1.0).fixed_s == 2.0
    assert Delay(s=2.0, jitter_s=1.0).fixed_s is None


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"s": -1.0}, "s: must be from 0"),
        ({"s": DELAY_MAX_S + 1}, "s: must be from 0"),
        ({"kind": "empirical"}, "kind: empirical needs either values_s or"),
        (
            {"kind": "empirical", "values_s": (1.0,), "quantiles_s": (1.0, 2.0)},
            "kind: empirical needs either",
        ),
        ({"quantiles_s": (2.0, 1.0)}, "quantiles_s: must not decrease"),
        ({"values_s": (-1.0,)}, "values_s: must be from 0"),
        ({"by_hour": (1.0,)}, "by_hour: must have 24 entries or none, got 1"),
        ({"spike_share": 1.5}, "spike_share: must be from 0 to 1"),
        ({"sigma": 0.0}, "sigma: must be above 0"),
    ],
)
def test_what_can_not_be_is_refused(settings: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        Delay(**settings)
