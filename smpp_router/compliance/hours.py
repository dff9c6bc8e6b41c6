# When messages may arrive: of marketing, and of classes that the configuration gives hours to. Asked when a
# message is submitted (rules/marketing.py), and again when it is about to leave (core/quiet_hours.py).
#
# Time zones are whole minutes from UTC, and so are hours: within a minute nothing opens or closes.
"""Hours of the day, and days, at which messages may arrive."""

import datetime
import zoneinfo
from collections.abc import Iterator, Sequence
from functools import lru_cache
from typing import Final

import attrs

from smpp_router.compliance.cases import Cases
from smpp_router.compliance.number_zones import zones_of
from smpp_router.compliance.policy import Policy
from smpp_router.compliance.symbols import Symbol
from smpp_router.config_compliance import DAYS, ComplianceConfig, HoursConfig, Regime

MINUTE_S: Final = 60.0
AHEAD_DAYS: Final = 14
"""Hours that open in no two weeks are looked at again then: they may be of a season, or never open."""

_FRENCH_HOLIDAYS: Final = ("01-01", "05-01", "05-08", "07-14", "08-15", "11-01", "11-11", "12-25")
"""Those with a date of their own; those that go with Easter are for the configuration to name."""
REGIME_HOURS: Final[dict[Regime, HoursConfig]] = {
    "us_10dlc": HoursConfig(since="08:00", until="21:00", zone="America/New_York", by_recipient=True),
    "uk": HoursConfig(since="08:00", until="21:00", zone="Europe/London"),
    "fr": HoursConfig(since="08:00", until="22:00", zone="Europe/Paris", not_on=("sun", *_FRENCH_HOLIDAYS)),
    "in_dlt": HoursConfig(since="10:00", until="21:00", zone="Asia/Kolkata"),
}
"""Of marketing, where the law of a regime has its own; elsewhere those of the configuration count."""

_QUIET: Final = Symbol("QUIET_HOURS", 0.0, "")
_STOPPING: Final = frozenset({"throttle", "hold", "refuse"})
"""What has to be done about marketing at night for it not to leave."""


@lru_cache(maxsize=256)
def _zone(name: str) -> zoneinfo.ZoneInfo:
    return zoneinfo.ZoneInfo(name)


def _minutes(clock: str) -> int:
    return int(clock[:2]) * 60 + int(clock[3:])


def _zones(hours: HoursConfig, number: str) -> Sequence[str]:
    return (zones_of(number) if hours.by_recipient else ()) or (hours.zone,)


def is_within(hours: HoursConfig, now: float, number: str = "") -> bool:
    """Whether a message to a number may arrive at a time; where it has several zones, in all of them.

    Hours that end before they begin go through midnight.
    """
    return all(_is_within(hours, now, zone) for zone in _zones(hours, number))


def _is_within(hours: HoursConfig, now: float, zone: str) -> bool:
    local = datetime.datetime.fromtimestamp(now, _zone(zone))
    day = local.date().isoformat()
    if hours.not_on and not {DAYS[local.weekday()], day, day[5:]}.isdisjoint(hours.not_on):
        return False
    minute = local.hour * 60 + local.minute
    since, until = _minutes(hours.since), _minutes(hours.until)
    return since <= minute < until if since <= until else minute >= since or minute < until


def opens_at(hours: Sequence[HoursConfig], now: float, number: str = "") -> float:
    """Return when a message to a number may arrive by all of some hours: `now`, or the first moment after.

    Where that is more than AHEAD_DAYS away, return when to ask again.
    """
    if all(is_within(one, now, number) for one in hours):
        return now
    pairs = tuple((one, zone) for one in hours for zone in _zones(one, number))
    return max(now, _opening(pairs, now // MINUTE_S * MINUTE_S))


@lru_cache(maxsize=4_096)
def _opening(pairs: tuple[tuple[HoursConfig, str], ...], minute: float) -> float:
    """When all of some hours, each by the clock of a zone, are open, at a minute or after it."""
    for day in range(AHEAD_DAYS + 1):
        for at in sorted(at for pair in pairs for at in _beginnings(*pair, minute, day)):
            if at >= minute and all(_is_within(hours, at, zone) for hours, zone in pairs):
                return at
    return minute + AHEAD_DAYS * 86_400.0


def _beginnings(hours: HoursConfig, zone: str, minute: float, day: int) -> Iterator[float]:
    """The moments of a local day, so many days on, at which hours may open: with a day, and at `since`."""
    midnight = datetime.datetime.fromtimestamp(minute, _zone(zone)).replace(hour=0, minute=0, second=0)
    midnight = midnight.replace(fold=0) + datetime.timedelta(days=day)
    yield midnight.timestamp()
    # Not by adding to midnight: on two days of the year an hour is missing, or comes twice.
    since = _minutes(hours.since) % 1_440
    yield midnight.replace(hour=since // 60, minute=since % 60).timestamp()


@attrs.frozen
class ClassHours:
    """Which hours messages of a class and account keep."""

    always: HoursConfig | None = None
    """Whatever they say."""
    advertising: HoursConfig | None = None
    """Where they advertise."""
    advertises: bool | None = False
    """Whether they do; None: some, and their text tells."""


class SendingHours:
    """Which hours messages must keep when they leave."""

    def __init__(self, cases: Cases, policy: Policy) -> None:
        self._cases = cases
        self._policy = policy
        config = cases.config
        regimes: set[Regime] = {config.regime, *(cases.regime(one.account) for one in config.registrations)}
        of_classes = {one.hours for one in config.classes if one.hours is not None}
        self.all_hours: frozenset[HoursConfig] = frozenset(of_classes | {_of(config, one) for one in regimes})
        """All that of() may name."""

    def of(self, traffic_class: str, account: str) -> ClassHours:
        """Return what the messages of an account and class keep."""
        always = self._cases.hours(traffic_class)
        kind = self._cases.kind(traffic_class)
        advertises = {"marketing": True, "member": None}.get(kind or "", False)
        if self._policy.action(_QUIET, traffic_class, account) not in _STOPPING:
            # Night is no reason to stop them; carriers may have hours all the same.
            return ClassHours(advertises=advertises)
        is_by_regime = always is None and advertises is not False
        advertising = _of(self._cases.config, self._cases.regime(account)) if is_by_regime else None
        return ClassHours(always, advertising, advertises)


def _of(config: ComplianceConfig, regime: Regime) -> HoursConfig:
    return REGIME_HOURS.get(regime, config.marketing_hours)
