# An alarm is raised once, stays, and is cleared once. Whoever watches tells the engine, again and again,
# whether something is wrong; the engine decides when that is an alarm.
#
#     wrong for raise_s without a break    -> raised      right for clear_s without a break -> cleared
#
# Rule 1: a value between its two thresholds is neither wrong nor right: it breaks both runs.
# Rule 2: what is not told about for FORGOTTEN_S is over: its carrier or account is gone.
# Rule 3: a text is fixed for its kind. It has a subject (a carrier, an account, a class), and never a number
#         that somebody can be called at, a text that somebody wrote, or a secret.
# Rule 4: nothing is unbounded: see the constants. What finds no room is counted.
"""Alarms: raised once, cleared once."""

from collections import deque
from typing import Final, Literal

import attrs

Severity = Literal["critical", "warning"]

WATCHED_MAX: Final = 10_000
"""Things that are wrong at once, raised or not yet: as many carriers, accounts and classes as nobody has."""

EVENTS_MAX: Final = 10_000
"""Events that no sink has taken; sinks come by every second. The oldest is dropped."""

FORGOTTEN_S: Final = 300.0

PATHS_S: Final = 3.0
"""Missing paths cannot wait for raise_s; but right after a start the first sessions are still being bound."""


@attrs.frozen
class Kind:
    """A kind of alarm. `raise_s` overrides the configuration's; `{}` in the text is its subject."""

    name: str
    severity: Severity
    text: str
    raise_s: float | None = None


KINDS: Final = {
    kind.name: kind
    for kind in (
        Kind("stuck_messages", "critical", "messages wait for carrier {} and do not get on"),
        Kind("receipts_falling", "warning", "carrier {} reports fewer messages delivered than usual"),
        Kind("unknown_ids", "warning", "carrier {} sends receipts for messages that nobody knows"),
        Kind("carrier_silent", "critical", "carrier {} is connected and does not answer", 0.0),
        Kind("carrier_down", "critical", "carrier {} has no session that takes messages"),
        Kind("circuit_open", "critical", "carrier {} has lost its traffic until it does better", 0.0),
        Kind("account_throttled", "warning", "account {} keeps sending more than it may"),
        Kind("account_refused", "warning", "account {} keeps sending messages that have to be refused"),
        Kind("account_malformed", "warning", "account {} keeps sending PDUs that cannot be read"),
        Kind("bad_passwords", "warning", "somebody tries passwords for account {}", 0.0),
        Kind("queue_growing", "warning", "the queue of carrier {} fills up"),
        Kind("receipts_waiting", "warning", "account {} does not fetch its receipts"),
        Kind("router_full", "critical", "the {} holds nearly as many messages as it may"),
        Kind("few_paths", "critical", "class {} has fewer healthy paths than it is promised", PATHS_S),
        Kind("numbers_in_a_row", "warning", "account {} sends to numbers in a row", 0.0),
        Kind("shared_text", "warning", "account {} sends the same text as several others", 0.0),
        Kind("mix_changed", "warning", "account {} sends something else than it used to", 0.0),
        Kind("rule_fenced", "critical", "the rule {} of screening fails or is slow, and is not asked", 0.0),
        Kind("disk_low", "critical", "the disk of the {} is running full", 0.0),
    )
}
"""Every kind; others add theirs here, and tell of it with Alarms.tell()."""


@attrs.frozen(kw_only=True)
class Alarm:
    """One alarm. `cleared_at` is None while it stands; times are unix seconds."""

    number: int
    kind: str
    subject: str
    severity: Severity
    text: str
    raised_at: float
    cleared_at: float | None = None


@attrs.frozen(kw_only=True)
class AlarmsStatistics:
    """Counts since the start, and what stands now."""

    raised: int
    cleared: int
    active: int
    watched: int
    dropped: int


@attrs.define(eq=False)
class _Watched:
    """Something that is wrong, or was. `since`: from when on it has been contrary to what the alarm says."""

    since: float | None
    told_at: float
    alarm: Alarm | None = None


class Alarms:
    """The alarms of one router. Pure: told, it decides; sinks take what came of it."""

    def __init__(self, raise_s: float, clear_s: float, history_max: int) -> None:
        self._watched: dict[tuple[str, str], _Watched] = {}
        self._events: deque[Alarm] = deque(maxlen=EVENTS_MAX)
        self._history: deque[Alarm] = deque(maxlen=history_max)
        self._raised = 0
        self._cleared = 0
        self._dropped = 0
        self.configure(raise_s, clear_s, history_max)

    def configure(self, raise_s: float, clear_s: float, history_max: int) -> None:
        """Go by other times from now on; what stands stays."""
        self._raise_s = raise_s
        self._clear_s = clear_s
        if history_max != self._history.maxlen:
            self._history = deque(self._history, maxlen=history_max)

    # ------------------------------------------------------------------ what is told

    def tell(self, kind: str, subject: str, is_wrong: bool | None, now: float) -> None:
        """Tell whether something is wrong now; None: neither wrong nor right. `kind` is one of KINDS."""
        known = KINDS[kind]
        key = kind, subject
        watched = self._watched.get(key)
        if watched is None:
            if not is_wrong:
                return
            if len(self._watched) >= WATCHED_MAX:
                self._dropped += 1
                return
            watched = self._watched[key] = _Watched(now, now)
        watched.told_at = now
        if watched.alarm is None:
            self._may_raise(key, known, watched, is_wrong, now)
        else:
            self._may_clear(key, watched, watched.alarm, is_wrong, now)

    def level(
        self, kind: str, subject: str, value: float, raise_at: float, clear_at: float, now: float
    ) -> None:
        """Tell a value: wrong from `raise_at` on, right from `clear_at` on, whichever of them is higher."""
        if raise_at >= clear_at:
            is_wrong = True if value >= raise_at else False if value <= clear_at else None
        else:
            is_wrong = True if value <= raise_at else False if value >= clear_at else None
        self.tell(kind, subject, is_wrong, now)

    def tick(self, now: float) -> None:
        """End what nobody tells about any more."""
        for key, watched in list(self._watched.items()):
            if now - watched.told_at >= FORGOTTEN_S:
                if watched.alarm is not None:
                    self._clear(watched.alarm, now)
                del self._watched[key]

    def _may_raise(
        self, key: tuple[str, str], kind: Kind, watched: _Watched, is_wrong: bool | None, now: float
    ) -> None:
        if not is_wrong:
            del self._watched[key]
            return
        raise_s = self._raise_s if kind.raise_s is None else kind.raise_s
        assert watched.since is not None, "what is watched without an alarm is wrong since then"
        if now - watched.since >= raise_s:
            self._raised += 1
            watched.since = None
            watched.alarm = Alarm(
                number=self._raised,
                kind=kind.name,
                subject=key[1],
                severity=kind.severity,
                text=kind.text.format(key[1]),
                raised_at=now,
            )
            self._tell_sinks(watched.alarm)

    def _may_clear(
        self, key: tuple[str, str], watched: _Watched, alarm: Alarm, is_wrong: bool | None, now: float
    ) -> None:
        if is_wrong is not False:
            watched.since = None
            return
        if watched.since is None:
            watched.since = now
        if now - watched.since >= self._clear_s:
            del self._watched[key]
            self._clear(alarm, now)

    def _clear(self, alarm: Alarm, now: float) -> None:
        self._cleared += 1
        alarm = attrs.evolve(alarm, cleared_at=now)
        self._history.append(alarm)
        self._tell_sinks(alarm)

    def _tell_sinks(self, alarm: Alarm) -> None:
        if len(self._events) == EVENTS_MAX:
            self._dropped += 1
        self._events.append(alarm)

    # ------------------------------------------------------------------ what came of it

    def take_events(self) -> list[Alarm]:
        """Take what was raised and cleared since the last call, in order."""
        events = list(self._events)
        self._events.clear()
        return events

    def active(self) -> list[Alarm]:
        """What stands, the oldest first."""
        alarms = [watched.alarm for watched in self._watched.values() if watched.alarm is not None]
        return sorted(alarms, key=lambda alarm: alarm.number)

    def is_active(self, kind: str, subject: str) -> bool:
        """Whether such an alarm stands."""
        watched = self._watched.get((kind, subject))
        return watched is not None and watched.alarm is not None

    def history(self) -> list[Alarm]:
        """What is over, the oldest first."""
        return list(self._history)

    def statistics(self) -> AlarmsStatistics:
        """A snapshot for the console."""
        return AlarmsStatistics(
            raised=self._raised,
            cleared=self._cleared,
            active=len(self.active()),
            watched=len(self._watched),
            dropped=self._dropped,
        )
