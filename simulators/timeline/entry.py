# One entry of a timeline, as it stands in a file, and the times at which it holds.
#
#   at_s / daily            begins: so long after the carriers began, or by the clock, every day
#   for_s                   holds so long: an occurrence; without it, for ever
#   every_s, times          begins again, so often
#   pattern_s               within an occurrence on, off, on, ... for so long each, over and over
#
#   at_s        |<-- for_s -->|               every_s later
#   ------------XXX--XXX--XXX-----------------XXX--XXX--XXX-----
#               with the pattern 3, 2
#
# All of it is arithmetic on `now`: whoever asks later, or twice, gets the same answer.
"""Entries of timelines."""

import math
import re
from itertools import cycle
from typing import Any, Final, Literal

import attrs

from simulators.distributions import DELAY_MAX_S
from simulators.outcomes import Weights, shares_of_errors
from smpp_router.config_checks import above, at_least, between, entries, if_given, octets

DAY_S: Final = 86_400.0
PATTERN_MAX: Final = 1_000
"""Stretches of one pattern; more is a mistake in a program that writes the file."""
STRETCH_MIN_S: Final = 0.05
"""The shortest stretch: ten times as fine as carriers look at the time."""
RAMP_STEPS: Final = 20
RAMP_STEP_MIN_S: Final = 0.5
"""A ramp goes in steps: each is a change of the carrier's whole profile."""
_SINCE_MIDNIGHT: Final = re.compile(r"([01]\d|2[0-3]):([0-5]\d)(?::([0-5]\d))?", re.ASCII)

How = Literal["", "close", "unbind"]


def _time_of_day(_: object, attribute: "attrs.Attribute[Any]", text: str) -> None:
    if text and _SINCE_MIDNIGHT.fullmatch(text) is None:
        raise ValueError(f'{attribute.name}: must be a time such as "20:00" or "20:00:30", got {text}')


def _stretches(_: object, attribute: "attrs.Attribute[Any]", stretches: tuple[float, ...]) -> None:
    entries(0, PATTERN_MAX)(None, attribute, stretches)
    for stretch_s in stretches:
        between(STRETCH_MIN_S, DELAY_MAX_S)(None, attribute, stretch_s)
    if len(stretches) % 2:
        raise ValueError(f"{attribute.name}: must have an off for each on, got {len(stretches)} entries")


@attrs.frozen(kw_only=True)
class BrownOut:
    """A carrier that still works, and badly."""

    errors: Weights = attrs.field(factory=dict[str, float], validator=shares_of_errors)
    """Shares of submit_sm refused, by the name of the status, on top of those that are refused anyway."""
    latency_s: float = attrs.field(default=0.0, validator=between(0, DELAY_MAX_S))
    """So much longer takes every response."""
    ramp_s: float = attrs.field(default=0.0, validator=between(0, DELAY_MAX_S))
    """It gets that bad within so long, and well again as slowly before its end."""


@attrs.frozen(kw_only=True)
class Times:
    """When something happens. Raises ValueError for times that contradict each other."""

    name: str = attrs.field(default="", validator=octets(0, 64))
    """What ctl status calls it."""
    at_s: float | None = attrs.field(default=None, validator=if_given(at_least(0)))
    """Seconds after the carriers began, or after the order that brought the timeline; 0 without daily."""
    daily: str = attrs.field(default="", validator=_time_of_day)
    """Every day at that time."""
    utc_offset_min: int = attrs.field(default=0, validator=between(-720, 840))
    """Minutes by which the clock of `daily` is ahead of UTC."""
    for_s: float | None = attrs.field(default=None, validator=if_given(at_least(STRETCH_MIN_S)))
    """How long it holds; None: for ever."""
    every_s: float | None = attrs.field(default=None, validator=if_given(above(0)))
    """It begins again so long after it began."""
    times: int | None = attrs.field(default=None, validator=if_given(at_least(1)))
    """How often it begins; None: for ever, if every_s or daily says when."""
    pattern_s: tuple[float, ...] = attrs.field(default=(), validator=_stretches)
    """Seconds on, off, on, off ... within for_s, over and over; empty: on."""

    def __attrs_post_init__(self) -> None:
        """Check what needs two keys."""
        if self.daily and (self.at_s is not None or self.every_s is not None):
            raise ValueError("daily: goes with neither at_s nor every_s")
        period_s = DAY_S if self.daily else self.every_s
        if self.every_s is not None and self.for_s is None:
            raise ValueError("every_s: needs for_s, or there is nothing to begin again")
        if period_s is not None and self.for_s is not None and self.for_s > period_s:
            raise ValueError(f"for_s: must be at most {period_s:g}, when it begins again")
        if self.times is not None and period_s is None:
            raise ValueError("times: needs every_s or daily")


@attrs.frozen(kw_only=True)
class Entry(Times):
    """What happens to a carrier, and when. Raises ValueError if nothing happens, and as Times does."""

    carriers: tuple[str, ...] = ()
    """Of the [[timeline]] of a whole file: for whom it is; empty: for all."""
    down: bool = False
    """Ports closed, connections ended."""
    disconnect: How = ""
    """Connections end in that way when it begins, and each time when its pattern says on."""
    packs: tuple[str, ...] = ()
    """Packs that hold meanwhile."""
    set: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """Keys of the carrier that have another value meanwhile."""
    brown_out: BrownOut | None = None

    def __attrs_post_init__(self) -> None:
        """Check what needs two keys."""
        super().__attrs_post_init__()
        if self.brown_out is not None and self.for_s is not None and 2 * self.brown_out.ramp_s > self.for_s:
            raise ValueError("brown_out.ramp_s: must be at most half of for_s, up and down again")
        if not (self.down or self.disconnect or self.packs or self.set or self.brown_out):
            raise ValueError("nothing happens: it has none of down, disconnect, packs, set and brown_out")


@attrs.frozen(kw_only=True)
class NetworkEntry(Times):
    """What is otherwise with the network, and when. Raises ValueError if nothing is, and as Times does."""

    set: dict[str, Any] = attrs.field(factory=dict[str, Any])
    """Keys of [network] that have another value meanwhile."""

    def __attrs_post_init__(self) -> None:
        """Check what needs two keys."""
        super().__attrs_post_init__()
        if not self.set:
            raise ValueError("nothing happens: it has no set")


@attrs.frozen
class Occurrence:
    """One time that an entry holds. Unix times; `number` counts from 0."""

    number: int
    begins_at: float
    ends_at: float


def occurrence(entry: Times, started_at: float, now: float) -> Occurrence | None:
    """Return the occurrence that holds now, or else the next one; None if there is none any more."""
    for_s = math.inf if entry.for_s is None else entry.for_s
    period_s = DAY_S if entry.daily else entry.every_s
    first_at = _first_at(entry, started_at, for_s)
    if period_s is None or for_s == math.inf:
        found = Occurrence(0, first_at, first_at + for_s)
        return found if now < found.ends_at else None
    number = max(0, math.floor((now - first_at) / period_s))
    if now >= first_at + number * period_s + for_s:
        number += 1
    if entry.times is not None and number >= entry.times:
        return None
    begins_at = first_at + number * period_s
    return Occurrence(number, begins_at, begins_at + for_s)


def _first_at(entry: Times, started_at: float, for_s: float) -> float:
    match = _SINCE_MIDNIGHT.fullmatch(entry.daily)
    if match is None:
        return started_at + (entry.at_s or 0.0)
    hours, minutes, seconds = (int(part or 0) for part in match.groups())
    of_day_s = (hours * 60 + minutes - entry.utc_offset_min) * 60 + seconds
    today_at = math.floor(started_at / DAY_S) * DAY_S + of_day_s % DAY_S
    # Who begins in the middle of an evening finds it as it is in an evening.
    return next(
        at
        for at in (today_at - DAY_S, today_at, today_at + DAY_S)
        if at >= started_at or (for_s < math.inf and at + for_s > started_at)
    )


def stretch(entry: Times, during: Occurrence, now: float) -> tuple[int, float]:
    """Return which stretch of the pattern it is, counted from 0, and when it ends; even ones are on."""
    if not entry.pattern_s:
        return 0, during.ends_at
    round_s = sum(entry.pattern_s)
    rounds = math.floor((now - during.begins_at) / round_s)
    ends_at = during.begins_at + rounds * round_s
    number = rounds * len(entry.pattern_s)
    stretches = cycle(entry.pattern_s)
    ends_at += next(stretches)
    # A moment that rounding has put just before the next round belongs to that.
    while ends_at <= now:
        ends_at += next(stretches)
        number += 1
    return number, min(ends_at, during.ends_at)


def ramp(entry: Entry, during: Occurrence, now: float) -> tuple[float, float]:
    """Return how far a brown-out has come, from 0 to 1, and when that changes next."""
    ramp_s = 0.0 if entry.brown_out is None else entry.brown_out.ramp_s
    if ramp_s == 0.0:
        return 1.0, during.ends_at
    step_s = max(RAMP_STEP_MIN_S, ramp_s / RAMP_STEPS)
    step = math.floor((now - during.begins_at) / step_s + 1e-6)
    at = during.begins_at + step * step_s
    up = (at - during.begins_at + step_s) / ramp_s
    down = (during.ends_at - at) / ramp_s
    is_level = up >= 1.0 and down > 1.0
    next_at = during.ends_at - ramp_s if is_level else at + step_s
    if next_at <= now:
        next_at = at + step_s
    return max(0.0, min(1.0, up, down)), min(next_at, during.ends_at)
