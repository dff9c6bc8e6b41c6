# Where alarms go: a line in the log each, and the webhook if there is one. The disk is asked here too, since
# the core may not.
"""The sinks of alarms."""

import logging
import os
from pathlib import Path
from typing import Final, Protocol

import trio

from smpp_router.core.alarm_watch import AlarmWatch
from smpp_router.core.alarms import Alarm

SINK_S: Final = 1.0
"""Between two looks for alarms: they tell of seconds."""

DISK_LOOKS: Final = 10
"""The disk is asked at every so many looks; statvfs does not wait, and disks don't fill up in seconds."""

log = logging.getLogger(__name__)


class Sink(Protocol):
    """Somebody else who wants to know of alarms."""

    def put(self, alarm: Alarm) -> None:
        """Take an alarm that was raised or cleared; may not wait."""
        ...


def log_alarm(alarm: Alarm) -> None:
    """Write one line, at the level that its severity has; what is over is information."""
    if alarm.cleared_at is not None:
        lasted_s = alarm.cleared_at - alarm.raised_at
        log.info("alarm cleared kind=%s subject=%s after_s=%.0f", alarm.kind, alarm.subject, lasted_s)
        return
    level = logging.ERROR if alarm.severity == "critical" else logging.WARNING
    log.log(level, "alarm raised kind=%s subject=%s: %s", alarm.kind, alarm.subject, alarm.text)


def free_bytes(path: Path) -> int | None:
    """Free bytes for this user on the disk of `path`; None if it can't be asked."""
    try:
        found = os.statvfs(path)
    except OSError:
        return None
    return found.f_bavail * found.f_frsize


async def run_alarm_sinks(watch: AlarmWatch, store_path: Path, sink: Sink | None) -> None:
    """Hand alarms on until cancelled."""
    looks = 0
    while True:
        if looks % DISK_LOOKS == 0:
            watch.disk_free_bytes = free_bytes(store_path)
        looks += 1
        for alarm in watch.alarms.take_events():
            log_alarm(alarm)
            if sink is not None:
                sink.put(alarm)
        await trio.sleep(SINK_S)
