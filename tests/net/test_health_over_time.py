# The whole router with simulated carriers on memory streams, under a clock that jumps: 20 messages a second,
# spread evenly over three carriers as long as health lets them be.
"""A carrier that fails loses its traffic in time, and gets it back once, when it is well again."""

from collections import Counter
from collections.abc import AsyncGenerator
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import attrs
import pytest
import trio
import trio.testing

from simulators.faults.config import Faults
from smpp_router.config_routes import RoutesConfig, RuleConfig
from smpp_router.net.router import Pace
from tests.router_fixtures import World, on_memory, profile

RATE_PER_S = 20
WELL_S = 20
STEP_S = 1.0 / RATE_PER_S
NAMES = ("mobile", "unicom", "telecom")
HEALTHY: dict[str, Any] = {
    "response_s": 0.05,
    "response_jitter_s": 0.1,
    "receipt_s": 0.5,
    "receipt_jitter_s": 3.0,
    "outcomes": {"DELIVRD": 0.97, "UNDELIV": 0.03},
}


class Traffic:
    """What the router sent to each carrier, second by second."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.seconds: list[Counter[str]] = []
        self._before: Counter[str] = Counter()

    async def run(self, seconds: int) -> None:
        async with trio.open_nursery() as nursery, self.world.esme(window=1_000) as esme:
            for _ in range(seconds):
                for _ in range(RATE_PER_S):
                    nursery.start_soon(esme.submit, "8613900000001", "hello")
                    await trio.sleep(STEP_S)
                sent = Counter({n: c.counters.sent for n, c in self.world.running.exchange.carriers.items()})
                self.seconds.append(sent - self._before)
                self._before = sent
            nursery.cancel_scope.cancel()

    def share(self, begin: int, end: int) -> float:
        total = sum(self.seconds[begin:end], Counter())
        return total["unicom"] / total.total()

    def openings(self) -> dict[str, int]:
        measured = {name: self.world.running.exchange.health.carrier(name) for name in NAMES}
        return {name: one.gauge.breaker.openings for name, one in measured.items() if one is not None}

    def change(self, **changes: Any) -> None:
        carrier = self.world.carrier("unicom")
        carrier.change(attrs.evolve(carrier.profile, **changes), trio.current_time())


@asynccontextmanager
async def three(path: Path) -> AsyncGenerator[Traffic, None]:
    """Traffic over three healthy carriers, which has run for WELL_S."""
    rule = RuleConfig(name="even", strategy="weighted", carriers=NAMES, weights=(1.0, 1.0, 1.0))
    async with on_memory(
        path,
        *(profile(name, **HEALTHY) for name in NAMES),
        routes=RoutesConfig(rules=(rule,)),
        carrier_changes={"window": 64, "response_timeout_s": 10.0},
        pace=Pace(tick_s=0.25, librarian_s=0.25),
    ) as world:
        traffic = Traffic(world)
        await traffic.run(WELL_S)
        assert 0.2 < traffic.share(5, WELL_S) < 0.45
        yield traffic


@pytest.mark.parametrize(
    ("bad", "within_s"),
    [
        ({"faults": Faults(silent=True)}, 10),
        ({"errors": {"ESME_RSYSERR": 0.3}, "response_s": 5.0}, 20),
        ({"outcomes": {"UNDELIV": 1.0}}, 60),
    ],
    ids=["dark", "brown", "lying"],
)
async def test_a_carrier_that_fails_loses_its_traffic_in_time(
    bad: dict[str, Any], within_s: int, tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with three(tmp_path) as traffic:
        traffic.change(**bad)
        await traffic.run(within_s + 5)
        assert traffic.share(WELL_S + within_s, WELL_S + within_s + 5) < 0.15
        assert traffic.openings() == {"mobile": 0, "unicom": 1, "telecom": 0}


async def test_a_carrier_that_was_dark_gets_its_traffic_back_without_oscillation(
    tmp_path: Path, autojump_clock: trio.testing.MockClock
) -> None:
    async with three(tmp_path) as traffic:
        traffic.change(faults=Faults(silent=True))
        await traffic.run(10)
        traffic.change(faults=Faults())
        await traffic.run(75)
        assert traffic.share(-10, len(traffic.seconds)) > 0.2
        assert traffic.openings() == {"mobile": 0, "unicom": 1, "telecom": 0}
