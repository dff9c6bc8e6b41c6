# Whether a handset can be reached, as a function of the time: nothing is remembered and nothing scheduled.
#
#   state "off" or "out_of_coverage"   always
#   hours, intervals                   by the clock, and shifted by what the number draws of spread_s
#   present_s, away_s                  time is cut into cycles of present_s + away_s; in each the handset is
#                                      away once, when and how long is drawn by number and cycle
#
# Of several reasons to be away the first in this order says what the state is.
"""When a handset is on, off, or out of coverage."""

import math
from typing import Final

from simulators.handsets.config import Habits, Interval, State
from simulators.handsets.lots import lot

_HOUR_S: Final = 3600.0
_ABSENCES_MAX: Final = 1_000
"""Absences that follow each other without a gap; whoever has more, as one who is off at every hour, never
comes back."""
_AWAY_SHARE_MAX: Final = 0.95
"""A cycle's time away is at most this share of it, so that there is a gap before the next."""
_STEP_S: Final = 0.001
"""Past an absence's end: what is computed of unix seconds is right to less."""


class Presence:
    """One handset's presence."""

    __slots__ = ("_habits", "_number", "_seed", "_shift_s", "_started_at")

    def __init__(self, habits: Habits, number: bytes, seed: int, started_at: float) -> None:
        self._habits = habits
        self._number = number
        self._seed = seed
        self._started_at = started_at
        self._shift_s = habits.spread_s * lot(seed, "spread", number) if habits.spread_s else 0.0

    def state_at(self, now: float) -> State:
        """Return what the handset is at a time."""
        return self._absence(now)[0]

    def back_at(self, now: float) -> float:
        """Return when it can be reached, `now` or later; math.inf for never."""
        for _ in range(_ABSENCES_MAX):
            state, until = self._absence(now)
            if state == "on":
                return now
            if until == math.inf:
                break
            now = max(until, now) + _STEP_S
        return math.inf

    def _absence(self, now: float) -> tuple[State, float]:
        """Return the state, and until when it lasts if it is an absence."""
        habits = self._habits
        if habits.state != "on":
            return habits.state, math.inf
        if habits.off_hours or habits.out_of_coverage_hours:
            local = now + habits.hours_offset_min * 60.0 - self._shift_s
            hour = int(local // _HOUR_S) % 24
            until = now + _HOUR_S - local % _HOUR_S
            if hour in habits.off_hours:
                return "off", until
            if hour in habits.out_of_coverage_hours:
                return "out_of_coverage", until
        for interval in habits.intervals:
            left_s = self._left_s(interval, now)
            if left_s > 0.0:
                return interval.state, now + left_s
        if habits.away_s:
            until = self._away_until(now)
            if until > now:
                return habits.away_state, until
        return "on", math.inf

    def _left_s(self, interval: Interval, now: float) -> float:
        """How much longer an interval lasts; 0.0 if it is not under way."""
        since_s = now - self._started_at - self._shift_s - interval.from_s
        if since_s < 0.0:
            return 0.0
        if interval.every_s:
            since_s %= interval.every_s
        return max(0.0, interval.for_s - since_s)

    def _away_until(self, now: float) -> float:
        """When the handset is back from being away by chance; 0.0 if it is there."""
        habits, seed, number = self._habits, self._seed, self._number
        cycle_s = habits.present_s + habits.away_s
        offset_s = cycle_s * lot(seed, "cycle", number)
        turn = math.floor((now + offset_s) / cycle_s)
        begin = turn * cycle_s - offset_s
        # Exponential, as times between things that have nothing to do with each other are.
        away_s = -habits.away_s * math.log(1.0 - lot(seed, "away", number, turn))
        away_s = min(away_s, _AWAY_SHARE_MAX * cycle_s)
        begin += lot(seed, "when", number, turn) * (cycle_s - away_s)
        return begin + away_s if begin <= now < begin + away_s else 0.0
