# How long something takes, as a distribution.
#
#   fixed       s
#   uniform     s, and evenly up to jitter_s more
#   lognormal   s, and jitter_s more in the median; sigma is how long the tail is
#   empirical   drawn from what was measured: values_s as they are, or between neighbours of quantiles_s
#   spikes      uniform, but a share of spike_share takes spike_s more, and so does all that comes within
#               spike_for_s after each full spike_every_s: a garbage collection, a batch, a backup
#
# by_hour multiplies what was drawn by one of 24 factors: networks are slower in the evening than at night.
"""Delays drawn from distributions."""

import random
from typing import Any, Final, Literal, TypeAlias

import attrs

from smpp_router.config_checks import above, at_least, between

Kind = Literal["fixed", "uniform", "lognormal", "empirical", "spikes"]
Attribute: TypeAlias = "attrs.Attribute[Any]"

TAIL_MAX: Final = 100.0
"""A lognormal delay's longest, as a multiple of its median: simulated time should come to an end."""
DELAY_MAX_S: Final = 7 * 86_400.0
"""No delay is longer than a week: what is under way is remembered so long."""
VALUES_MAX: Final = 100_000
"""Measured values of one delay."""
HOURS: Final = 24

_seconds = between(0, DELAY_MAX_S)


def _all_seconds(_: object, attribute: Attribute, values: tuple[float, ...]) -> None:
    if len(values) > VALUES_MAX:
        raise ValueError(f"{attribute.name}: must have at most {VALUES_MAX} entries, got {len(values)}")
    for value in values:
        _seconds(None, attribute, value)


def factors(_: object, attribute: Attribute, values: tuple[float, ...]) -> None:
    """One for each hour, or none."""
    if values and len(values) != HOURS:
        raise ValueError(f"{attribute.name}: must have {HOURS} entries or none, got {len(values)}")
    for factor in values:
        between(0, 1_000)(None, attribute, factor)


@attrs.frozen(kw_only=True)
class Delay:
    """One distribution of seconds."""

    kind: Kind = "uniform"
    s: float = attrs.field(default=0.0, validator=_seconds)
    """What it takes at least."""
    jitter_s: float = attrs.field(default=0.0, validator=_seconds)
    sigma: float = attrs.field(default=1.0, validator=(above(0), between(0, 10)))
    """Of lognormal: standard deviation of the logarithm; 1: one in forty takes seven times as long."""
    values_s: tuple[float, ...] = attrs.field(default=(), validator=_all_seconds)
    """Of empirical: measured delays, drawn as they are."""
    quantiles_s: tuple[float, ...] = attrs.field(default=(), validator=_all_seconds)
    """Of empirical: the least, evenly spaced quantiles, and the longest; drawn evenly in between."""
    spike_share: float = attrs.field(default=0.0, validator=between(0, 1))
    spike_s: float = attrs.field(default=0.0, validator=_seconds)
    spike_every_s: float = attrs.field(default=0.0, validator=at_least(0))
    """0: spikes come by chance only."""
    spike_for_s: float = attrs.field(default=0.0, validator=at_least(0))
    by_hour: tuple[float, ...] = attrs.field(default=(), validator=factors)
    """Factors for the hours from 0 to 23; empty: every hour is like any other."""
    by_hour_offset_min: int = attrs.field(default=0, validator=between(-720, 840))
    """Minutes by which the clock that tells the hour is ahead of UTC."""

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what contradicts itself."""
        given = bool(self.values_s) + (len(self.quantiles_s) > 1)
        if self.kind == "empirical" and given != 1:
            raise ValueError("kind: empirical needs either values_s or two or more quantiles_s")
        if list(self.quantiles_s) != sorted(self.quantiles_s):
            raise ValueError("quantiles_s: must not decrease")

    @property
    def fixed_s(self) -> float | None:
        """What it always takes, None if that differs."""
        is_jittered = self.jitter_s and self.kind != "fixed"
        return None if self.kind in ("empirical", "spikes") or is_jittered or self.by_hour else self.s


def draw_s(delay: Delay, rng: random.Random, now: float) -> float:
    """Return the seconds that something takes which begins at `now`, a unix time."""
    seconds = _drawn_s(delay, rng, now)
    if delay.by_hour:
        hour = int((now + delay.by_hour_offset_min * 60) // 3600) % HOURS
        seconds *= delay.by_hour[hour]
    return min(seconds, DELAY_MAX_S)


def _drawn_s(delay: Delay, rng: random.Random, now: float) -> float:
    kind = delay.kind
    if kind == "fixed":
        return delay.s
    if kind == "lognormal":
        return delay.s + delay.jitter_s * min(rng.lognormvariate(0.0, delay.sigma), TAIL_MAX)
    if kind == "empirical":
        return delay.s + (rng.choice(delay.values_s) if delay.values_s else _between_s(delay, rng))
    seconds = delay.s + rng.random() * delay.jitter_s
    if kind == "spikes" and _is_spike(delay, rng, now):
        seconds += delay.spike_s
    return seconds


def _between_s(delay: Delay, rng: random.Random) -> float:
    quantiles = delay.quantiles_s
    place = rng.random() * (len(quantiles) - 1)
    index = int(place)
    return quantiles[index] + (quantiles[index + 1] - quantiles[index]) * (place - index)


def _is_spike(delay: Delay, rng: random.Random, now: float) -> bool:
    if delay.spike_every_s and now % delay.spike_every_s < delay.spike_for_s:
        return True
    return rng.random() < delay.spike_share
