# When messages fall due, whatever comes back. A pace is a rate that changes along straight lines: one stretch
# after the other, from one rate to another (equal for a step), and the last rate for ever after.
#
#   2000                   one rate
#   100:2000/60s           a line from 100 to 2000 a second within 60 s, and 2000 from then on
#   100/10s,500/10s,50/5s  steps
#   0:500/30s,500/5m,500:0/30s   up, along, and down to nothing: nothing falls due any more
#
# The area below the lines counts messages: the n-th is due when the area reaches n. Evenly spaced ones count
# 0, 1, 2, ...; a Poisson stream adds a gap drawn from the exponential distribution of mean 1 instead.
"""Arrivals of an open loop."""

import math
import random
import re
from typing import Final, Literal

import attrs

Arrival = Literal["fixed", "poisson"]

STRETCHES_MAX: Final = 1_000
"""Stretches of one ramp; more would be a program's, and a mistake."""
_UNITS_S: Final = {"ms": 0.001, "s": 1.0, "m": 60.0, "h": 3600.0}
_STRETCH: Final = re.compile(r"([0-9.]+)(?::([0-9.]+))?/([0-9.]+)(ms|s|m|h)?", re.ASCII)


@attrs.frozen
class Stretch:
    """A rate that goes from one value to another, a second."""

    from_per_s: float
    to_per_s: float
    s: float

    @property
    def messages(self) -> float:
        """How many fall due within it."""
        return (self.from_per_s + self.to_per_s) / 2.0 * self.s

    def reaches_s(self, messages: float) -> float:
        """Seconds after which that many have fallen due, at most all of them."""
        slope = (self.to_per_s - self.from_per_s) / self.s
        # from * t + slope / 2 * t**2 = messages, in the form that also holds where the slope is 0.
        root = math.sqrt(max(0.0, self.from_per_s**2 + 2.0 * slope * messages))
        below = self.from_per_s + root
        return min(self.s, 2.0 * messages / below) if below > 0.0 else 0.0


@attrs.frozen
class Ramp:
    """Stretches one after the other. Raises ValueError for none, too many, or one without duration."""

    stretches: tuple[Stretch, ...]

    def __attrs_post_init__(self) -> None:
        if not 0 < len(self.stretches) <= STRETCHES_MAX:
            raise ValueError(f"a ramp has 1 to {STRETCHES_MAX} stretches")
        for stretch in self.stretches:
            if stretch.s <= 0.0 or not math.isfinite(stretch.s + stretch.messages):
                raise ValueError("a stretch of a ramp must last longer than 0 s")
            if stretch.from_per_s < 0.0 or stretch.to_per_s < 0.0:
                raise ValueError("a rate can't be below 0")

    @property
    def s(self) -> float:
        """How long it lasts until the last rate is reached."""
        return sum(stretch.s for stretch in self.stretches)

    def scaled(self, share: float) -> "Ramp":
        """The same with every rate multiplied."""
        return Ramp(
            tuple(Stretch(one.from_per_s * share, one.to_per_s * share, one.s) for one in self.stretches)
        )


def steady(rate_per_s: float) -> Ramp:
    """One rate for ever."""
    return Ramp((Stretch(rate_per_s, rate_per_s, 1.0),))


def parse_ramp(text: str) -> Ramp:
    """Read what the head of this file shows. Raises ValueError."""
    stretches: list[Stretch] = []
    for part in text.split(","):
        match = _STRETCH.fullmatch(part.strip())
        if match is None:
            raise ValueError(f"a ramp is written as 100:2000/60s or 100/10s,500/10s, not as {part.strip()!r}")
        first, last, duration, unit = match.groups()
        try:
            from_per_s = float(first)
            to_per_s = from_per_s if last is None else float(last)
            stretches.append(Stretch(from_per_s, to_per_s, float(duration) * _UNITS_S[unit or "s"]))
        except ValueError as error:
            raise ValueError(f"{part.strip()!r} has a number that is none") from error
    return Ramp(tuple(stretches))


class Pace:
    """Says when the next message is due; take() goes on to the one after it. Seconds since the beginning."""

    __slots__ = ("_before", "_before_s", "_index", "_ramp", "_rng", "_sum", "next_s")

    def __init__(self, ramp: Ramp, arrival: Arrival = "fixed", rng: random.Random | None = None) -> None:
        if arrival == "poisson" and rng is None:
            raise ValueError("a Poisson stream needs chance")
        self._ramp = ramp
        self._rng = rng if arrival == "poisson" else None
        self._index = 0
        self._before = 0.0
        self._before_s = 0.0
        self._sum = 0.0 if self._rng is None else self._rng.expovariate(1.0)
        self.next_s = self._moment()

    def take(self) -> float:
        """Return when the next is due, and turn to the one after it."""
        due_s = self.next_s
        self._sum += 1.0 if self._rng is None else self._rng.expovariate(1.0)
        self.next_s = self._moment()
        return due_s

    def _moment(self) -> float:
        stretches = self._ramp.stretches
        while self._index < len(stretches):
            stretch = stretches[self._index]
            # The one that would come at the very end of a stretch is the next one's first.
            if self._sum < self._before + stretch.messages:
                return self._before_s + stretch.reaches_s(self._sum - self._before)
            self._before += stretch.messages
            self._before_s += stretch.s
            self._index += 1
        last = stretches[-1].to_per_s
        return self._before_s + (self._sum - self._before) / last if last > 0.0 else math.inf
