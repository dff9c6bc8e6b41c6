# SMPP has two ways to write a time (SMPP 3.4 section 7.1.1), 16 characters each:
#
#   YYMMDDhhmmsstnn+   absolute: tenths, then nn quarter hours by which this local time is ahead of UTC
#   YYMMDDhhmmsstnn-                                                          ... or behind it
#   YYMMDDhhmmss000R   relative to the MC's present: years, months, days, hours, minutes, seconds
#
# Relative years and months go by the calendar: a month after 31 January is the last day of February.
# Receipts have their own: YYMMDDhhmm, in the MC's time (Appendix B), which here is UTC.
"""Reading and writing the times of SMPP 3.4."""

import calendar
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final

TIME_OCTETS: Final = 16
_QUARTERS_MAX: Final = 48
_MINUTES_CACHED_MAX: Final = 4096
"""Receipt dates of some days: what is dated lies minutes to days back."""

_SPANS_CACHED_MAX: Final = 4096
"""Relative times: every message of a class has the same, or a few seconds less."""

_receipt_dates: dict[int, bytes] = {}


def parse_time(field: bytes, now: float) -> float | None:
    """Return the unix seconds that a time field names, None if it is empty.

    Raises ValueError, which says what is wrong, for anything that section 7.1.1 does not allow.
    """
    if not field:
        return None
    if len(field) != TIME_OCTETS:
        raise ValueError(f"a time has {TIME_OCTETS} characters, not {len(field)}")
    digits, sign = field[:15], field[15:]
    if not digits.isdigit():
        raise ValueError("a time has 15 digits before its sign")
    if sign == b"R":
        return _relative(digits, now)
    if sign not in (b"+", b"-"):
        raise ValueError("a time ends in +, - or R")
    quarters = int(digits[13:15])
    if quarters > _QUARTERS_MAX:
        raise ValueError(f"a time is at most {_QUARTERS_MAX} quarter hours from UTC, not {quarters}")
    year, month, day, hour, minute, second = _pairs(digits)
    local = datetime(2000 + year, month, day, hour, minute, second, int(digits[12:13]) * 100_000, UTC)
    offset_s = quarters * 900.0
    return local.timestamp() - (offset_s if sign == b"+" else -offset_s)


def _relative(digits: bytes, now: float) -> float:
    # What is behind the second stays out of it: a datetime rounds, and no time at all would be some or less.
    whole = now // 1.0
    years, months, span_s = _span(digits)
    if years or months:
        return _moved(whole, years, months) + span_s + (now - whole)
    return whole + span_s + (now - whole)


@lru_cache(maxsize=_SPANS_CACHED_MAX)
def _span(digits: bytes) -> tuple[int, int, int]:
    """Years, months, and the rest in seconds: a day of UTC has always as many."""
    years, months, days, hours, minutes, seconds = _pairs(digits)
    return years, months, ((days * 24 + hours) * 60 + minutes) * 60 + seconds


def _moved(whole: float, years: int, months: int) -> float:
    start = datetime.fromtimestamp(whole, UTC)
    month_index = start.year * 12 + start.month - 1 + years * 12 + months
    year, month = divmod(month_index, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return start.replace(year=year, month=month + 1, day=day).timestamp()


def _pairs(digits: bytes) -> tuple[int, int, int, int, int, int]:
    return (
        int(digits[0:2]),
        int(digits[2:4]),
        int(digits[4:6]),
        int(digits[6:8]),
        int(digits[8:10]),
        int(digits[10:12]),
    )


def format_absolute(unix_s: float) -> bytes:
    """Write an absolute time in UTC, to the tenth of a second."""
    tenths = round(unix_s * 10)
    at = datetime.fromtimestamp(tenths // 10, UTC)
    return b"%b%d00+" % (at.strftime("%y%m%d%H%M%S").encode(), tenths % 10)


def format_relative(seconds: float) -> bytes:
    """Write a span from now, rounded up to the second. Raises ValueError above 99 days or below 0."""
    if not 0.0 <= seconds < 1e9:
        raise ValueError(f"a relative time of {seconds} seconds can't be written in days")
    whole = -int(-seconds // 1)
    days, rest = divmod(whole, 86_400)
    if not 0 <= days <= 99:
        raise ValueError(f"a relative time of {seconds} seconds can't be written in days")
    return b"0000%02d%02d%02d%02d000R" % (days, rest // 3600, rest // 60 % 60, rest % 60)


def receipt_date(unix_s: float) -> bytes:
    """Write the YYMMDDhhmm of a receipt (Appendix B), in UTC."""
    minute = int(unix_s) // 60
    date = _receipt_dates.get(minute)
    if date is None:
        if len(_receipt_dates) >= _MINUTES_CACHED_MAX:
            _receipt_dates.clear()
        date = datetime.fromtimestamp(minute * 60, UTC).strftime("%y%m%d%H%M").encode()
        _receipt_dates[minute] = date
    return date
