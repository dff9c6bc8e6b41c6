"""When a rule holds: days of the week and hours of the day, in a time zone."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final
from zoneinfo import ZoneInfo

import attrs

WEEKDAYS: Final = ("mon", "tue", "wed", "thu", "fri", "sat", "sun")
STEP_S: Final = 60.0
"""Hours are told in minutes, so that nothing changes within one."""


@attrs.frozen
class Schedule:
    """Days (0 is Monday; none: all) and spans of minutes of the day (none: all day), in a time zone.

    A span that ends before it begins goes over midnight, and belongs to the day on which it begins.
    """

    days: frozenset[int]
    spans: tuple[tuple[int, int], ...]
    zone: ZoneInfo

    @classmethod
    def of(cls, weekdays: Sequence[str], hours: Sequence[str], time_zone: str) -> "Schedule | None":
        """Make a schedule of what a rule says; None if it says nothing, and always holds."""
        if not weekdays and not hours:
            return None
        spans = tuple((_minute(span[:5]), _minute(span[6:])) for span in hours)
        return cls(frozenset(map(WEEKDAYS.index, weekdays)), spans, ZoneInfo(time_zone))

    def holds(self, now: float) -> bool:
        """Whether `now`, in unix seconds, is within."""
        local = datetime.fromtimestamp(now, UTC).astimezone(self.zone)
        today = self._has(local.weekday())
        if not self.spans:
            return today
        yesterday = self._has((local.weekday() - 1) % 7)
        minute = local.hour * 60 + local.minute
        for begin, end in self.spans:
            if begin < end:
                if today and begin <= minute < end:
                    return True
            elif (today and minute >= begin) or (yesterday and minute < end):
                return True
        return False

    def _has(self, day: int) -> bool:
        return not self.days or day in self.days


def _minute(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])
