# Looks at the router once a second, and tells the alarms what is wrong. Thresholds come in pairs, so that a
# value that trembles around one of them raises nothing twice: an alarm is cleared at CLEAR_PART of the value
# that raised it (for what must not fall: at what is CLEAR_PART of the way back to as usual).
#
# Shares are of what happened within the last minute or so (SHARE_S), of SHARE_MIN events at least: three bad
# receipts at night are no alarm.
"""What raises alarms."""

from collections.abc import Callable, Mapping
from typing import Final

import attrs

from smpp_router.config import RouterConfig
from smpp_router.config_alarms import AlarmsConfig
from smpp_router.core import screening_alarms
from smpp_router.core.accounts import Account
from smpp_router.core.alarms import Alarms
from smpp_router.core.carriers import Carrier
from smpp_router.core.flight import Flight
from smpp_router.core.message_ids import issued_at
from smpp_router.core.screening import Screening
from smpp_router.routing.health import Health
from smpp_router.routing.health_breaker import State
from smpp_router.routing.health_estimates import Pool, fading

LOOK_S: Final = 1.0
CLEAR_PART: Final = 0.6
SHARE_S: Final = 60.0
SHARE_MIN: Final = 20.0
"""See the head."""

IDLE_S: Final = 600.0
"""An account that has done nothing for so long has nothing recent left, and no alarm that stands."""

ROUTER: Final = "router"
"""The subject of what concerns the whole of it."""


def made_alarm_watch(
    config: RouterConfig,
    carriers: Mapping[str, Carrier],
    accounts: Mapping[str, Account],
    health: Health,
    flight: Flight,
) -> "AlarmWatch":
    """Make the alarms of a router, and what watches for them."""
    values = config.alarms
    alarms = Alarms(values.raise_s, values.clear_s, values.history_max)
    return AlarmWatch(values, alarms, carriers, accounts, health, flight, config.limits.in_flight_max)


@attrs.define(eq=False)
class _Seen:
    """A pair of counters as of the last look, and their recent increase."""

    good: int = 0
    bad: int = 0
    recent: Pool = attrs.Factory(Pool)

    def share(self, good: int, bad: int, dt_s: float) -> float:
        """The share of bad ones among the recent; 0 if there are too few to tell."""
        self.recent.add(max(0, good - self.good), max(0, bad - self.bad), fading(dt_s, SHARE_S, 0.0))
        self.good, self.bad = good, bad
        n = self.recent.n
        return self.recent.bad / n if n >= SHARE_MIN else 0.0


@attrs.define(eq=False)
class AlarmWatch:
    """Watches one router for its alarms."""

    config: AlarmsConfig
    alarms: Alarms
    carriers: Mapping[str, Carrier]
    accounts: Mapping[str, Account]
    health: Health
    flight: Flight
    in_flight_max: int
    disk_free_bytes: int | None = None
    """What whoever may ask the disk has found; None: nobody has asked."""
    healthy_paths: Callable[[], Mapping[str, tuple[int, int]]] = dict
    """By traffic class: healthy independent paths now, and how many are promised."""
    screening: Screening | None = None
    _looked_at: float = 0.0
    _dt_s: float = 0.0
    _idle: dict[str, tuple[tuple[int, ...], float]] = attrs.Factory(dict[str, tuple[tuple[int, ...], float]])
    _seen: dict[tuple[str, str], _Seen] = attrs.Factory(dict[tuple[str, str], _Seen])

    def configure(self, config: AlarmsConfig) -> None:
        """Go by other thresholds from now on; what stands stays."""
        self.config = config
        self.alarms.configure(config.raise_s, config.clear_s, config.history_max)

    def heed(
        self, healthy_paths: Callable[[], Mapping[str, tuple[int, int]]], screening: Screening | None
    ) -> None:
        """Watch these, too."""
        self.healthy_paths = healthy_paths
        self.screening = screening

    def tick(self, now: float) -> None:
        """Look at everything, once in LOOK_S. Of who is leaving nothing is told any more: its alarms end."""
        self._dt_s = now - self._looked_at
        if 0.0 <= self._dt_s < LOOK_S:
            return
        self._looked_at = now
        for carrier in self.carriers.values():
            if not carrier.is_leaving:
                self._watch_carrier(carrier, now)
        for account in self.accounts.values():
            if not account.is_leaving:
                self._watch_account(account, now)
        self._watch_router(now)
        # What is counted of a carrier or account that is gone would stay for ever.
        if len(self._seen) > 5 * (len(self.carriers) + len(self.accounts)):
            names = {*self.carriers, *self.accounts}
            self._seen = {key: seen for key, seen in self._seen.items() if key[1] in names}
            self._idle = {name: idle for name, idle in self._idle.items() if name in names}
        self.alarms.tick(now)

    # ------------------------------------------------------------------ carriers

    def _watch_carrier(self, carrier: Carrier, now: float) -> None:
        name, config = carrier.name, self.config
        alarms = self.alarms
        oldest = next((message for message in carrier.waiting() if not message.is_ended), None)
        # A message waits from when it could go first.
        waits_s = 0.0 if oldest is None else now - max(issued_at(oldest.message_id), oldest.not_before)
        alarms.level("stuck_messages", name, waits_s, config.stuck_s, CLEAR_PART * config.stuck_s, now)
        full = 100.0 * carrier.queued / carrier.config.queue_max
        limit = float(config.queue_percent_max)
        alarms.level("queue_growing", name, full, limit, CLEAR_PART * limit, now)
        counters = carrier.counters
        known = counters.receipts - counters.orphans
        self._tell_share("unknown_ids", name, known, counters.orphans, config.unknown_ids_percent_max, now)
        alarms.tell("carrier_down", name, not carrier.is_up, now)
        self._watch_health(name, now)

    def _watch_health(self, name: str, now: float) -> None:
        measured = self.health.carrier(name)
        if measured is None:
            return
        gauge = measured.gauge
        state = gauge.breaker.state
        self.alarms.tell("circuit_open", name, state in (State.OPEN, State.HALF_OPEN), now)
        # Whom nothing is sent to can't be silent, and has not answered since.
        is_out = state in (State.OPEN, State.HALF_OPEN)
        stays = is_out and self.alarms.is_active("carrier_silent", name)
        self.alarms.tell(
            "carrier_silent", name, stays or (measured.is_bound and gauge.estimates.is_dark()), now
        )
        came = 100.0 * gauge.parts.delivery * gauge.parts.receipts
        limit = float(self.config.receipts_percent_min)
        clear_at = limit + CLEAR_PART * (100.0 - limit)
        if is_out and self.alarms.is_active("receipts_falling", name):
            # Nothing speaks against it since nothing is sent.
            came = min(came, limit)
        self.alarms.level("receipts_falling", name, came, limit, clear_at, now)

    # ------------------------------------------------------------------ accounts

    def _watch_account(self, account: Account, now: float) -> None:
        name, config, counters = account.system_id, self.config, account.counters
        malformed = sum(session.counters["malformed"] for session in account.sessions)
        done = counters.accepted, counters.throttled, counters.refused, counters.bad_passwords, malformed
        before, since = self._idle.get(name, ((), now))
        if before != done or account.waiting:
            self._idle[name] = done, now
        elif now - since >= IDLE_S:
            # Of a thousand accounts most do nothing most of the time.
            return
        for kind, bad, percent_max in (
            ("account_throttled", counters.throttled, config.throttled_percent_max),
            ("account_refused", counters.refused, config.refused_percent_max),
            ("account_malformed", malformed, config.malformed_percent_max),
        ):
            self._tell_share(kind, name, counters.accepted, bad, percent_max, now)
        seen = self._seen.setdefault(("bad_passwords", name), _Seen())
        seen.share(0, counters.bad_passwords, self._dt_s)
        most = float(config.bad_passwords_max)
        self.alarms.level("bad_passwords", name, seen.recent.bad, most, CLEAR_PART * most, now)
        full = 100.0 * account.waiting / max(1, account.config.receipts_max)
        limit = float(config.queue_percent_max)
        self.alarms.level("receipts_waiting", name, full, limit, CLEAR_PART * limit, now)

    # ------------------------------------------------------------------ the router

    def _watch_router(self, now: float) -> None:
        limit = float(self.config.queue_percent_max)
        full = 100.0 * len(self.flight) / max(1, self.in_flight_max)
        self.alarms.level("router_full", ROUTER, full, limit, CLEAR_PART * limit, now)
        for traffic_class, (healthy, promised) in self.healthy_paths().items():
            self.alarms.tell("few_paths", traffic_class, healthy < promised, now)
        if self.screening is not None:
            for kind, subject, is_wrong in screening_alarms.told(self.screening, now):
                self.alarms.tell(kind, subject, is_wrong, now)
        if self.disk_free_bytes is not None:
            low = float(self.config.disk_free_bytes)
            self.alarms.level("disk_low", ROUTER, float(self.disk_free_bytes), low, low / CLEAR_PART, now)

    def _tell_share(self, kind: str, name: str, good: int, bad: int, percent_max: int, now: float) -> None:
        """Tell of a share of bad ones that is above its limit; at the limit it is not yet."""
        percent = 100.0 * self._seen.setdefault((kind, name), _Seen()).share(good, bad, self._dt_s)
        is_right = percent <= CLEAR_PART * percent_max
        self.alarms.tell(kind, name, True if percent > percent_max else False if is_right else None, now)
