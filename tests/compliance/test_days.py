import datetime
import zoneinfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.days import Days

ZONES = ["Asia/Shanghai", "UTC", "America/New_York", "Asia/Kolkata", "Pacific/Apia", "Europe/Paris"]


@pytest.mark.parametrize("zone", ZONES)
@given(times=st.lists(st.floats(0, 4e9), min_size=1, max_size=20), step=st.floats(0, 90_000))
def test_a_day_is_that_of_the_zone_whatever_was_asked_before(
    zone: str, times: list[float], step: float
) -> None:
    days, there = Days(zone), zoneinfo.ZoneInfo(zone)
    for time in times:
        for now in (time, time + step):
            assert days.of(now) == datetime.datetime.fromtimestamp(now, there).date()
