"""Time zones of telephone numbers, by their area codes: libphonenumber's tables."""

from functools import lru_cache
from typing import Final

PREFIX_DIGITS: Final = 7
"""Country code, area code and exchange of a North American number; no zone needs more digits."""
ZONES_MAX: Final = 6
"""A number with more zones, such as a toll-free one, is in none that is known."""
KNOWN_MAX: Final = 20_000
"""Prefixes whose zones are remembered: as many as North America has exchanges in use in a campaign."""


def zones_of(number: str) -> tuple[str, ...]:
    """Return the zones of a number in international digits; empty: nobody knows."""
    return _zones(number[:PREFIX_DIGITS]) if number.isdecimal() and number.isascii() else ()


@lru_cache(maxsize=KNOWN_MAX)
def _zones(prefix: str) -> tuple[str, ...]:
    # Only here: its tables take a tenth of a second, and most markets have one zone.
    from phonenumbers import PhoneNumber, timezone  # noqa: PLC0415 - as said above
    from phonenumbers.phonenumberutil import NumberParseException, parse  # noqa: PLC0415 - as said above

    try:
        parsed: PhoneNumber = parse("+" + prefix.ljust(11, "0"))
    except NumberParseException:
        return ()
    found = timezone.time_zones_for_geographical_number(parsed)
    return tuple(found) if found != (timezone.UNKNOWN_TIMEZONE,) and len(found) <= ZONES_MAX else ()
