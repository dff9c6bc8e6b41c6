"""Which day it is where the market is: what is registered holds until the end of a day there."""

import datetime
import zoneinfo


class Days:
    """The days of a time zone. One is looked up when it begins, and not for each message."""

    def __init__(self, zone: str) -> None:
        self._zone = zoneinfo.ZoneInfo(zone)
        self._since = self._until = 0.0
        self._day = datetime.date.min

    def of(self, now: float) -> datetime.date:
        """Return the day of a time in unix seconds."""
        if not self._since <= now < self._until:
            local = datetime.datetime.fromtimestamp(now, self._zone)
            self._day = local.date()
            midnight = datetime.datetime.combine(self._day, datetime.time(), self._zone)
            self._since = midnight.timestamp()
            self._until = (midnight + datetime.timedelta(days=1)).timestamp()
        return self._day
