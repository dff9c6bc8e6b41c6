# What the timeline makes of one carrier. There is the profile that the file and its operator's orders say,
# and on top of it every entry that holds now, in the order in which they began:
#
#   orders -> base --entry that began first--> ... --entry that began last--> the profile that is in force
#
# Rule 1: nothing is undone step by step: when an entry ends the rest is laid over the base anew. So entries
#         may overlap as they like, and an order that is given meanwhile is there when they are gone.
# Rule 2: entries that began at the same moment go by their order in the file: a later one wins.
# Rule 3: an entry that makes no valid profile of what is below it is left out, and says so.
"""The timeline of one carrier."""

import math
from collections.abc import Mapping
from typing import Any, Final

import attrs

from simulators.changes import changed
from simulators.packs import apply_packs, dotted
from simulators.profile import CarrierProfile
from simulators.timeline.entry import BrownOut, Entry, occurrence, ramp
from simulators.timeline.running import Running, running_at

NOT_LIVE: Final = frozenset({"timeline"})
"""Keys that an entry can't change: a timeline that changes itself has no end."""


@attrs.frozen(kw_only=True)
class Effect:
    """How a carrier is from now on."""

    profile: CarrierProfile
    is_down: bool
    disconnects: tuple[str, ...]
    """In which ways its connections end now."""


class Agenda:
    """Entries of one carrier over its profile. Raises ValueError, which names the entry, if one can't be."""

    def __init__(self, base: CarrierProfile, started_at: float) -> None:
        self.base = base
        self.next_at = -math.inf if base.timeline else math.inf
        """When tick() has something to do next."""
        self._started_at = started_at
        self._running: list[Running[Entry]] = []
        self._begun: set[tuple[int, int, int]] = set()

    def become(self, base: CarrierProfile, now: float) -> None:
        """Lay the entries over another profile; another timeline begins now."""
        if base.timeline != self.base.timeline:
            self._started_at = now
            self._begun = set()
        self.base = base
        self.next_at = -math.inf

    def tick(self, now: float) -> Effect:
        """Return how the carrier is at `now`."""
        self._running, self.next_at = running_at(self.base.timeline, self._started_at, now)
        profile = self.base
        is_down = False
        disconnects: list[str] = []
        for one in self._running:
            key = (one.index, one.during.number, one.stretch)
            if one.entry.disconnect and key not in self._begun:
                disconnects.append(one.entry.disconnect)
            is_down |= one.entry.down
            degree, until = ramp(one.entry, one.during, now)
            self.next_at = min(self.next_at, until)
            try:
                profile = laid_over(profile, one.entry, degree)
            except ValueError as error:
                one.problem = str(error)
        self._begun = {(one.index, one.during.number, one.stretch) for one in self._running}
        return Effect(profile=profile, is_down=is_down, disconnects=tuple(disconnects))

    @property
    def why_down(self) -> str:
        """The name of an entry that keeps the carrier down, empty if none does."""
        return next((name_of(one.entry, one.index) for one in self._running if one.entry.down), "")

    def state(self, now: float) -> list[dict[str, Any]]:
        """Return each entry, whether it holds, and from when to when. Unix times; None: never."""
        running = {one.index: one for one in self._running}
        entries = enumerate(self.base.timeline)
        return [self._state(index, entry, running.get(index), now) for index, entry in entries]

    def _state(self, index: int, entry: Entry, one: Running[Entry] | None, now: float) -> dict[str, Any]:
        during = occurrence(entry, self._started_at, now)
        ends_at = math.inf if during is None else during.ends_at
        return {
            "name": name_of(entry, index),
            "does": does(entry),
            "is_on": one is not None,
            "degree": 0.0 if one is None else round(ramp(entry, one.during, now)[0], 3),
            "begins_at": None if during is None else during.begins_at,
            "ends_at": None if ends_at == math.inf else ends_at,
            "problem": "" if one is None else one.problem,
        }


def name_of(entry: Entry, index: int) -> str:
    """Return what people call an entry."""
    return entry.name or f"timeline[{index}]"


def does(entry: Entry) -> str:
    """Say in a few words what an entry does."""
    parts = [
        "down" if entry.down else "",
        f"disconnect {entry.disconnect}" if entry.disconnect else "",
        f"packs {' '.join(entry.packs)}" if entry.packs else "",
        f"set {' '.join(dotted(entry.set))}" if entry.set else "",
        "brown-out" if entry.brown_out is not None else "",
    ]
    return ", ".join(part for part in parts if part)


def laid_over(profile: CarrierProfile, entry: Entry, degree: float) -> CarrierProfile:
    """Return a profile with what an entry changes. Raises ValueError, which names the key and says why."""
    changes: dict[str, Any] = {}
    if entry.packs:
        try:
            packed = apply_packs({"packs": list(entry.packs)})
        except ValueError as error:
            raise ValueError(str(error)) from None
        changes |= dotted({key: value for key, value in packed.items() if key not in NOT_LIVE})
    changes |= dotted(entry.set)
    forbidden = sorted(key for key in changes if key.partition(".")[0] in NOT_LIVE)
    if forbidden:
        raise ValueError(f"set.{forbidden[0]}: can't be changed by a timeline")
    try:
        profile = changed(profile, changes)
    except ValueError as error:
        raise ValueError(f"set.{error}" if entry.set else f"packs: {error}") from None
    return profile if entry.brown_out is None else _browned_out(profile, entry.brown_out, degree)


def _browned_out(profile: CarrierProfile, brown_out: BrownOut, degree: float) -> CarrierProfile:
    errors: Mapping[str, float] = profile.errors
    added = {name: share * degree for name, share in brown_out.errors.items()}
    if added:
        # What is refused anyway is refused still; of the rest, what the brown-out says.
        rest = max(0.0, 1.0 - sum(errors.values()))
        names = dict.fromkeys((*errors, *added))
        errors = {name: errors.get(name, 0.0) + added.get(name, 0.0) * rest for name in names}
    delay = profile.delay_of_response()
    seconds = delay.s + brown_out.latency_s * degree
    return attrs.evolve(profile, errors=dict(errors), response_delay=attrs.evolve(delay, s=seconds))


def problems_of(profile: CarrierProfile) -> list[tuple[int, str]]:
    """Return what is wrong with each entry by itself, by its index, as far as the profile tells."""
    found: list[tuple[int, str]] = []
    for index, entry in enumerate(profile.timeline):
        try:
            laid_over(profile, entry, 1.0)
        except ValueError as error:
            found.append((index, str(error)))
    return found
