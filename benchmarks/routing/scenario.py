# A scenario of this benchmark is a world (simulators/world/scenario.py: carriers, customers, network) and
# what only a comparison needs: what happens to which carrier when, the strategies, what they should reach.
"""Scenarios of the routing benchmark."""

from collections.abc import Sequence
from typing import Final, Literal

import attrs

from simulators.outcomes import OUTCOMES, status_of
from simulators.world.scenario import Scenario
from smpp_router.config import PathsConfig
from smpp_router.config_checks import above, at_least, between, digits_only, each, if_given, plain_name, some
from smpp_router.config_routes import StrategyName

Kind = Literal["dark", "lost", "mute", "brown", "lying", "withholding", "worsening", "flapping"]
"""What can become of a carrier; docs/routing.md says what each is."""

BY_NUMBER: Final = ("brown", "lying", "withholding", "worsening")
"""Kinds that can hit some numbers only."""


def _failure(_: object, attribute: "attrs.Attribute[str]", name: str) -> None:
    if not (status_of(name) or (name in OUTCOMES and name != "DELIVRD")):
        raise ValueError(
            f"{attribute.name}: must be an error status such as ESME_RSYSERR, or one of "
            f"{', '.join(OUTCOMES)} but DELIVRD, got {name}"
        )


def _outcome(_: object, attribute: "attrs.Attribute[str]", name: str) -> None:
    if name not in OUTCOMES:
        raise ValueError(f"{attribute.name}: must be one of {', '.join(OUTCOMES)}, got {name}")


@attrs.frozen(kw_only=True)
class Degradation:
    """What is wrong with one carrier, from `at_s` seconds after the first message on."""

    carrier: str
    kind: Kind
    at_s: float = attrs.field(validator=at_least(0))
    for_s: float = attrs.field(validator=above(0))
    prefixes: tuple[str, ...] = attrs.field(default=(), validator=each(digits_only))
    """Only messages to numbers that begin so; empty: all."""
    share: float | None = attrs.field(default=None, validator=if_given(between(0, 1)))
    """brown, worsening: of messages that fail; withholding: of receipts that do not come; lying: of messages
    that are not delivered. None: 0.3; lying: all."""
    fails_with: str = attrs.field(default="ESME_RSYSERR", validator=_failure)
    """brown, worsening: the command_status that refuses them, or the stat of the receipt that says so."""
    latency_s: float = attrs.field(default=5.0, validator=between(0, 3_600))
    """brown, worsening: so much longer takes every response."""
    receipts: str = attrs.field(default="NONE", validator=_outcome)
    """lying: the stat of its receipts, of messages that reach nobody; NONE: none come."""
    receipt_s: float = attrs.field(default=2.0, validator=between(0, 3_600))
    """lying, and brown with a stat: when these receipts come, in seconds after the response."""
    down_s: float = attrs.field(default=5.0, validator=above(0))
    up_s: float = attrs.field(default=10.0, validator=above(0))
    """flapping: seconds without a connection, and with one, in turn."""

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what contradicts itself."""
        if self.prefixes and self.kind not in BY_NUMBER:
            raise ValueError(f"prefixes: go with the kinds {', '.join(BY_NUMBER)}, not with {self.kind}")

    @property
    def hit_share(self) -> float:
        """The share of messages that it happens to, given or not."""
        return self.share if self.share is not None else 1.0 if self.kind == "lying" else 0.3

    @property
    def ends_s(self) -> float:
        """When it is over, in seconds after the first message."""
        return self.at_s + self.for_s


@attrs.frozen(kw_only=True)
class Strategy:
    """How all messages of a run are routed: keys of a routing rule, and of a traffic class."""

    name: str = attrs.field(validator=plain_name)
    strategy: StrategyName = "failover"
    carriers: tuple[str, ...] = ()
    """In order of preference; empty: all, as the scenario has them."""
    weights: tuple[float, ...] = ()
    score_min: float = attrs.field(default=0.0, validator=between(0, 100))
    price_per_part_max: float | None = attrs.field(default=None, validator=if_given(at_least(0)))
    probe_share_min: float = attrs.field(default=0.01, validator=between(0, 0.5))
    probe_share_max: float = attrs.field(default=0.1, validator=between(0, 1))
    paths: PathsConfig | None = None
    """Several carriers for each message of customers that have no paths of their own."""


@attrs.frozen(kw_only=True)
class Goal:
    """What some strategies have to reach; what is not given is not asked for."""

    strategies: tuple[str, ...] = attrs.field(validator=some())
    switch_s_max: float | None = attrs.field(default=None, validator=if_given(at_least(0)))
    delivered_share_min: float | None = attrs.field(default=None, validator=if_given(between(0, 1)))
    duplicates_seen_share_max: float | None = attrs.field(default=None, validator=if_given(between(0, 1)))
    p95_to_handset_s_max: float | None = attrs.field(default=None, validator=if_given(above(0)))
    oscillations_max: int | None = attrs.field(default=None, validator=if_given(at_least(0)))


@attrs.frozen(kw_only=True)
class Comparison:
    """What a file says beside the world."""

    description: str = ""
    duration_s: float = attrs.field(default=420.0, validator=above(0))
    """Seconds of traffic."""
    degradations: tuple[Degradation, ...] = ()
    compare: tuple[str, ...] = ()
    """Names of strategies, of those below and of this file; empty: all of them."""
    strategies: tuple[Strategy, ...] = ()
    goals: tuple[Goal, ...] = ()


@attrs.frozen(kw_only=True)
class RoutingScenario:
    """One comparison. `world` has everything but what goes wrong."""

    world: Scenario
    comparison: Comparison

    @property
    def name(self) -> str:
        """Its name: the file's."""
        return self.world.name

    def known_strategies(self) -> dict[str, Strategy]:
        """Return all strategies that can be compared, by name; those of the file before those of all."""
        return STRATEGIES | {one.name: one for one in self.comparison.strategies}

    def compared(self, names: Sequence[str] = ()) -> list[Strategy]:
        """Return the strategies that are to be compared, in order. Raises KeyError for an unknown name."""
        known = self.known_strategies()
        return [known[name] for name in names or self.comparison.compare or known]


STRATEGIES: Final = {
    one.name: one
    for one in (
        Strategy(name="best_delivery", strategy="best_delivery"),
        Strategy(name="least_cost", strategy="least_cost", score_min=60.0),
        Strategy(name="failover", strategy="failover"),
        Strategy(name="round_robin", strategy="round_robin"),
        Strategy(name="hedged", strategy="round_robin", paths=PathsConfig(mode="hedged")),
        Strategy(name="parallel", strategy="failover", paths=PathsConfig(mode="parallel")),
        Strategy(name="strict_failover", strategy="failover", paths=PathsConfig(mode="failover")),
        Strategy(
            name="codes",
            strategy="failover",
            paths=PathsConfig(
                mode="hedged", count=2, count_min=1, once=True, confirm_max_s=20.0, replace=True
            ),
        ),
        Strategy(
            name="logistics",
            strategy="best_delivery",
            paths=PathsConfig(mode="hedged", count=2, count_min=1, once=True),
        ),
        Strategy(name="static_failover", strategy="static_failover"),
        Strategy(name="static_round_robin", strategy="static_round_robin"),
    )
}
"""What is compared if a scenario names nothing else."""
