"""What the factory makes of its arguments."""

import threading
from typing import Any

import pytest

from simulators.control.fixtures import CarrierFactory
from simulators.profile import SimulatorConfig
from tests.simulators.control.controlled import profile


def test_a_profile_is_taken_as_it_is_but_for_its_port() -> None:
    with CarrierFactory() as factory:
        handle = factory(profile(port=2775))
        assert (handle.name, handle.system_id) == ("mobile", "bank")
        assert handle.port != 2775
    assert "smpp-carriers" not in [thread.name for thread in threading.enumerate()]


def test_packs_changes_and_keys_reach_every_carrier() -> None:
    both = SimulatorConfig(carriers=(profile(), profile(name="other")))
    with CarrierFactory() as factory:
        handle = factory(both, packs=["china-mobile"], changes={"window_max": 7}, seed=9)
        for one in handle.carriers.values():
            now = one.profile
            assert (now.window_max, now.seed, now.keep_arrivals) == (7, 9, 100)


@pytest.mark.parametrize(
    "wrong", [{"packs": ["china-mobil"]}, {"changes": {"no_such_key": 1}}, {"window_max": 0}, {"port": 5}]
)
def test_what_is_wrong_is_said_before_anything_starts(wrong: dict[str, Any]) -> None:
    with (
        CarrierFactory() as factory,
        pytest.raises(ValueError, match=r"china-mobile|no_such_key|window_max|port"),
    ):
        factory(**wrong)


def test_a_carrier_that_is_not_there_is_named() -> None:
    with CarrierFactory() as factory, pytest.raises(ValueError, match="no carrier other; there are mobile"):
        factory(profile(), name="other")
