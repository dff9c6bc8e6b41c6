"""Alarms go to the log, with the level of their severity, and to whoever else wants them."""

import logging
from pathlib import Path

import pytest
import trio
import trio.testing

from smpp_router.core.alarms import Alarm
from smpp_router.net.alarm_sinks import free_bytes, run_alarm_sinks
from tests.core.talk import Talk


class Kept:
    def __init__(self) -> None:
        self.alarms: list[Alarm] = []

    def put(self, alarm: Alarm) -> None:
        self.alarms.append(alarm)


async def test_alarms_reach_log_and_sink_once_each(
    autojump_clock: trio.testing.MockClock, caplog: pytest.LogCaptureFixture, tmp_path: Path
) -> None:
    caplog.set_level(logging.INFO)
    watch, kept = Talk().exchange.alarm_watch, Kept()
    async with trio.open_nursery() as nursery:
        nursery.start_soon(run_alarm_sinks, watch, tmp_path, kept)
        watch.alarms.tell("few_paths", "government", True, 90.0)
        watch.alarms.tell("few_paths", "government", True, 100.0)
        watch.alarms.tell("bad_passwords", "bank", True, 100.0)
        await trio.sleep(2.0)
        watch.alarms.tell("few_paths", "government", False, 110.0)
        watch.alarms.tell("few_paths", "government", False, 150.0)
        await trio.sleep(2.0)
        nursery.cancel_scope.cancel()
    assert [(record.levelname, record.getMessage()) for record in caplog.records] == [
        (
            "ERROR",
            "alarm raised kind=few_paths subject=government: "
            "class government has fewer healthy paths than it is promised",
        ),
        (
            "WARNING",
            "alarm raised kind=bad_passwords subject=bank: somebody tries passwords for account bank",
        ),
        ("INFO", "alarm cleared kind=few_paths subject=government after_s=50"),
    ]
    assert [alarm.cleared_at for alarm in kept.alarms] == [None, None, 150.0]
    assert watch.disk_free_bytes is not None
    assert watch.disk_free_bytes > 0


def test_a_disk_that_cannot_be_asked_is_no_alarm(tmp_path: Path) -> None:
    assert free_bytes(tmp_path / "gone") is None
