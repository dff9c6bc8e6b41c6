# Which of a message's paths are used when, and what its paths come to: decisions only. core/paths.py carries
# them out, and tells this file what it needs as plain values.
#
# A path is one carrier that may have a copy of the message. How its latest copy stands is its Stage:
#
#   NEW        no copy yet                                    WITHDRAWN  taken back before it was sent
#   WAITING    a copy waits for room or for its carrier       REFUSED    refused, and not for what it is
#   OUT        sent, not answered                             REJECTED   refused for what it is
#   TAKEN      the carrier has it, no receipt yet             EXPIRED    its time was over, unsent
#   DELIVERED  a receipt says so                              SILENT     sent, never answered: may be out
#   FAILED     a receipt says that it failed                  UNKNOWN    taken, and no true receipt came
#
#   mode       the next path is used when the one used last ...
#   parallel   at once: all of them
#   hedged     has ended undelivered, or has not confirmed by its confirm_by
#   failover   has definitely failed, or is dead: its carrier has no session for dead_s (at least once only)
#
# In every mode a copy that has not been sent is taken back when its carrier is down and another one is not.
# Rule 1: a copy is started at a carrier that is up; only if none is, it waits at one that is not.
# Rule 2: failure is told only if no handset can have the message: every copy that a carrier took was reported
#         failed, every other one was refused or never sent. Else it is UNKNOWN. One delivery is DELIVERED.
"""Choosing paths for one message, and merging what they come to."""

from collections.abc import Container, Mapping, Sequence
from enum import Enum
from typing import Final, Literal

import attrs

Mode = Literal["hedged", "parallel", "failover"]

RECHECK_S: Final = 2.0
"""How often a message looks again for a carrier that is up: as long as a flapping link gets elsewhere."""

ROUND_PAUSE_MIN_S: Final = 1.0
ROUND_PAUSE_MAX_S: Final = 60.0
"""Pauses between rounds through all paths double from the first to the second, as without paths."""

NEVER: Final = float("inf")

REPLACE_TYPES: Final = range(0x41, 0x48)
"""protocol_id of Replace Short Message Type 1 to 7 (3GPP TS 23.040 section 9.2.3.9)."""


class Stage(Enum):
    """How the latest copy of a path stands; see the head of this file."""

    NEW = "new"
    WAITING = "waiting"
    OUT = "out"
    TAKEN = "taken"
    DELIVERED = "delivered"
    FAILED = "failed"
    WITHDRAWN = "withdrawn"
    REFUSED = "refused"
    REJECTED = "rejected"
    EXPIRED = "expired"
    SILENT = "silent"
    UNKNOWN = "unknown"


OPEN: Final = frozenset({Stage.WAITING, Stage.OUT, Stage.TAKEN})
"""Something may still come of these."""
_AGAIN: Final = frozenset({Stage.REFUSED, Stage.SILENT})
UNSENT: Final = frozenset({Stage.NEW, Stage.WITHDRAWN})
"""Nothing has gone out since."""
_DEFINITE: Final = frozenset({Stage.FAILED, Stage.REFUSED, Stage.REJECTED, Stage.WITHDRAWN})


# ---------------------------------------------------------------------- which carriers


@attrs.frozen
class Way:
    """What is known of one carrier. `links` name its physical links; `is_up`: it can be used now."""

    domain: str
    links: frozenset[str]
    is_up: bool = True


def independent(names: Sequence[str], ways: Mapping[str, Way], count: int) -> tuple[str, ...]:
    """Choose up to `count` carriers of `names` that share no link, in the order in which to use them.

    Those that are up come first; among them, each failure domain once before any a second time; else the
    order of `names` counts.
    """
    chosen: list[str] = []
    links: set[str] = set()
    domains: set[str] = set()
    for is_up, is_new_domain in ((True, True), (True, False), (False, True), (False, False)):
        for name in names:
            way = ways.get(name)
            if way is None or name in chosen or way.is_up != is_up or len(chosen) >= count:
                continue
            if not links.isdisjoint(way.links) or (is_new_domain and way.domain in domains):
                continue
            chosen.append(name)
            links |= way.links
            domains.add(way.domain)
    return tuple(chosen)


def healthy_paths(names: Sequence[str], ways: Mapping[str, Way], count: int) -> int:
    """How many independent paths of carriers that are up there are, `count` at most."""
    up = [name for name in names if name in ways and ways[name].is_up]
    return len(independent(up, ways, count))


# ---------------------------------------------------------------------- what to do now


@attrs.frozen
class Policy:
    """What a traffic class wants of its paths. `rounds_max` counts rounds through all paths, from 1."""

    mode: Mode
    is_sent_once: bool = False
    rounds_max: int = 1
    dead_s: float = 60.0


@attrs.frozen
class View:
    """One path. `order` says when it was used, 0 for never; `down_s`: so long its carrier has no session."""

    stage: Stage
    is_up: bool = True
    down_s: float = 0.0
    order: int = 0
    confirm_by: float = NEVER


@attrs.frozen
class Choice:
    """What to do with paths, by their places.

    Take back the copies of `withdraw`, start copies on `start`, and look again at `wake_at`. `is_over`:
    nothing more will come. `again`: after a pause these are to be gone through once more.
    """

    start: tuple[int, ...] = ()
    withdraw: tuple[int, ...] = ()
    wake_at: float = NEVER
    is_over: bool = False
    again: tuple[int, ...] = ()


def decide(policy: Policy, views: Sequence[View], round_number: int, now: float) -> Choice:
    """Choose what to do with a message that no path has delivered, and that is still wanted."""
    if policy.mode == "parallel":
        start = tuple(at for at, view in enumerate(views) if view.stage in UNSENT)
        if start:
            return Choice(start=start)
    else:
        choice = _next_path(policy, views, now)
        if choice is not None:
            return choice
    if any(view.stage in OPEN for view in views):
        return Choice()
    if round_number >= policy.rounds_max or (
        policy.mode == "failover" and any(view.stage is Stage.UNKNOWN for view in views)
    ):
        return Choice(is_over=True)
    again = tuple(at for at, view in enumerate(views) if view.stage in _AGAIN)
    if not again or (policy.is_sent_once and any(view.stage is Stage.SILENT for view in views)):
        return Choice(is_over=True)
    return Choice(again=again)


def _next_path(policy: Policy, views: Sequence[View], now: float) -> Choice | None:
    """Whether another path is used now or later; None: all that can be used has been."""
    last = max(range(len(views)), key=lambda at: (views[at].order, -at))
    fresh = [at for at, view in enumerate(views) if view.stage in UNSENT]
    usable = [at for at in fresh if views[at].is_up]
    has_open = any(view.stage in OPEN for view in views)
    if usable:
        stranded = _stranded(views)
        if stranded:
            return Choice(start=(usable[0],), withdraw=stranded)
    at = _goes_on_at(policy, views[last], now)
    if at is None or not fresh:
        return None
    if at > now:
        return Choice(wake_at=at)
    if views[last].stage is Stage.WAITING:
        # It is behind others in a queue: worth moving to a path that was not tried yet, and to no other.
        usable = [one for one in usable if views[one].stage is Stage.NEW]
        return Choice(start=(usable[0],), withdraw=(last,)) if usable else None
    if usable:
        return Choice(start=(usable[0],))
    return Choice(wake_at=now + RECHECK_S) if has_open else Choice(start=(fresh[0],))


def _stranded(views: Sequence[View]) -> tuple[int, ...]:
    """Copies that wait for a carrier that is down, unless another copy is under way."""
    waiting = tuple(at for at, view in enumerate(views) if view.stage is Stage.WAITING and not view.is_up)
    is_under_way = any(view.stage in OPEN for at, view in enumerate(views) if at not in waiting)
    return () if is_under_way else waiting


def _goes_on_at(policy: Policy, last: View, now: float) -> float | None:
    """When the path after `last`, the one used last, may be used; None: not as things are."""
    if last.order == 0 or last.stage in _DEFINITE:
        return now
    if last.stage is Stage.EXPIRED:
        return None
    if policy.mode == "hedged":
        return last.confirm_by if last.stage in OPEN else now
    if policy.is_sent_once or last.stage is Stage.UNKNOWN:
        return None
    if last.stage is Stage.SILENT:
        return now
    if last.is_up or last.stage is Stage.WAITING:
        # It may be dead some time: that is noticed half as late again as dead_s at most.
        return now + max(RECHECK_S, policy.dead_s / 2)
    return now + max(0.0, policy.dead_s - last.down_s)


def round_pause_s(round_number: int) -> float:
    """Seconds of pause behind round `round_number`, from 1."""
    return min(ROUND_PAUSE_MIN_S * 2.0 ** min(round_number - 1, 30), ROUND_PAUSE_MAX_S)


# ---------------------------------------------------------------------- what they come to


@attrs.frozen
class Outcome:
    """How a path ended: its stage, the message_state and error of its copy, and when (any rising number)."""

    stage: Stage
    message_state: int
    error_code: int
    order: float


_PRECEDENCE: Final = (
    Stage.DELIVERED,
    Stage.UNKNOWN,
    Stage.SILENT,
    Stage.FAILED,
    Stage.EXPIRED,
    Stage.REFUSED,
    Stage.REJECTED,
    Stage.WITHDRAWN,
)
"""Which path speaks for all: a delivery, else what can't be known, else what a carrier said, else we."""


def merged(outcomes: Sequence[Outcome]) -> Outcome | None:
    """The outcome that is told; of several alike the last one. None if no path was ever used."""
    if not outcomes:
        return None
    return min(outcomes, key=lambda one: (_PRECEDENCE.index(one.stage), -one.order))


# ---------------------------------------------------------------------- marks


def replace_type(taken: Container[int], last: int) -> int | None:
    """The protocol_id for another message of an originator to a number, which `taken` are in use for.

    The seven are used in turn, since a handset keeps the last message of each. None: all are in use.
    """
    count = len(REPLACE_TYPES)
    first = REPLACE_TYPES.index(last) + 1 if last in REPLACE_TYPES else 0
    for step in range(count):
        protocol_id = REPLACE_TYPES[(first + step) % count]
        if protocol_id not in taken:
            return protocol_id
    return None
