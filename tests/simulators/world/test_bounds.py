"""Bounds: a router that holds more than it may is found."""

import logging
from collections.abc import Iterator
from typing import Any

import pytest

from simulators.profile import CarrierProfile
from simulators.world import bounds
from simulators.world.scenario import Customer, Scenario, Towards, WorldCarrier
from simulators.world.world import WorldOptions, run_world
from smpp_router.routing.throttle import UNPACED, Pacer
from smpp_router.session.window import Window


@pytest.fixture(autouse=True)
def _quiet() -> Iterator[None]:
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)


def broken(**towards: Any) -> set[str]:
    """The promises broken by 40 messages a second to a carrier that answers after a second."""
    scenario = Scenario(
        name="narrow",
        messages_per_s=40.0,
        drain_s=600.0,
        customers=(Customer(system_id="bank", window=200),),
        carriers=(
            WorldCarrier(
                profile=CarrierProfile(name="mobile", port=0, response_s=1.0), router=Towards(**towards)
            ),
        ),
    )
    result = run_world(scenario, WorldOptions(seed=1, duration_s=10.0))
    return {violation.invariant for violation in result.violations}


def test_a_router_within_its_window_and_rate_breaks_nothing() -> None:
    assert broken(window=8) == set()
    assert broken(window=100, rate_per_s=20.0) == set()


def test_a_window_that_is_overrun_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Window, "room", property(lambda window: 3 * window.size - len(window)))
    assert {"windows", "bounds"} <= broken(window=8)


def test_a_rate_that_is_passed_is_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(Pacer, "allowance", lambda *_: UNPACED)
    assert "rates" in broken(window=100, rate_per_s=20.0)


def test_more_staged_messages_than_allowed_are_found(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bounds, "BACKLOG_MAX", -100_000)
    assert "bounds" in broken(window=8)
