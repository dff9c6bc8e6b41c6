import random

import pytest

from smpp_router.routing.delays import BUCKETS, HALF_LIFE_S, RATIO, SAMPLES_MIN, Delays, confirm_s

NOW = 1_800_000_000.0


def learned(delays: list[float], called_back: int = 0, at_s: float = 0.0) -> Delays:
    known = Delays()
    for delay_s in delays:
        known.confirmed("mobile", "gd", delay_s, NOW)
    for _ in range(called_back):
        known.called_back("mobile", "gd", at_s, NOW)
    return known


@pytest.mark.parametrize("quantile", [0.5, 0.9, 0.99])
def test_a_learned_quantile_is_within_one_bucket_of_the_true_one(quantile: float) -> None:
    rng = random.Random(1)
    delays = [rng.expovariate(1 / 5.0) for _ in range(5_000)]
    true = sorted(delays)[int(quantile * len(delays))]
    found = learned(delays).quantile_s("mobile", "gd", quantile)
    assert found is not None
    assert true / RATIO <= found <= true * RATIO * 1.05


def test_calling_slow_ones_back_does_not_make_the_rest_look_faster() -> None:
    rng = random.Random(2)
    known = Delays()
    for _ in range(5_000):
        delay_s = rng.expovariate(1 / 5.0)
        patience_s = known.quantile_s("mobile", "", 0.95)
        if patience_s is not None and delay_s > patience_s:
            known.called_back("mobile", "", patience_s, NOW)
        else:
            known.confirmed("mobile", "", delay_s, NOW)
    found = known.quantile_s("mobile", "", 0.95)
    # The true one is 15 seconds; without counting what was called back it sinks below 8.
    assert found is not None
    assert found > 12


def test_nothing_is_said_before_enough_is_known() -> None:
    assert Delays().quantile_s("mobile", "", 0.95) is None
    few = int(SAMPLES_MIN) - 1
    assert learned([1.0] * few).quantile_s("mobile", "gd", 0.95) is None
    assert learned([1.0] * (few + 1)).quantile_s("mobile", "gd", 0.95) is not None


def test_a_region_without_enough_of_its_own_has_its_carriers() -> None:
    known = learned([1.0] * 130)
    assert known.quantile_s("mobile", "hn", 0.95) == known.quantile_s("mobile", "gd", 0.95)
    assert known.quantile_s("unicom", "gd", 0.95) is None


def test_a_carrier_that_confirms_nothing_any_more_has_no_quantile() -> None:
    assert learned([1.0] * 130, called_back=1_000, at_s=1.5).quantile_s("mobile", "gd", 0.95) is None


def test_what_is_old_counts_less() -> None:
    known = learned([1.0] * 100)
    later = NOW + 5 * HALF_LIFE_S
    for _ in range(120):
        known.confirmed("mobile", "gd", 20.0, later)
    found = known.quantile_s("mobile", "gd", 0.5)
    assert found is not None
    assert found > 15


def test_any_delay_has_a_bucket_and_cells_are_bounded() -> None:
    known = Delays(cells_max=4)
    for number in range(10):
        for delay_s in (0.0, 1e9):
            known.confirmed(f"c{number}", "x", delay_s, NOW)
    assert len(known) == 4
    assert known.forgotten == 16
    assert RATIO ** (BUCKETS - 1) * 0.1 > 43_200


def test_a_confirmation_is_waited_for_within_bounds() -> None:
    assert [confirm_s(learned_s, 2.0, 30.0) for learned_s in (None, 0.5, 7.0, 99.0)] == [30.0, 2.0, 7.0, 30.0]
