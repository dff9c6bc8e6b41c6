# What is otherwise in one configuration than in another, by section, name and key: what a reload tells of
# itself, and what it leaves alone because only a restart can change it. Values are never told, since some
# are secret.
"""Comparing two configurations."""

from collections.abc import Iterable, Mapping
from typing import Any, Final, Literal

import attrs

from smpp_router.config import RouterConfig

Kind = Literal["added", "removed", "changed"]

NAMED: Final[Mapping[str, str]] = {"accounts": "system_id", "carriers": "name", "classes": "name"}
"""Sections that are lists of things with a name, and the key that has it."""

RESTART: Final[Mapping[str, str]] = {
    "node_id": "it is part of every message_id that was issued",
    "message_id_style": "ESMEs ask for messages by ids that they were given in the old style",
    "listeners": "their ports are open",
    "store": "its files are open",
    "alarms.webhook": "alarms are on their way to it",
    "api.host": "its port is open",
    "api.port": "its port is open",
    "api.connections_max": "its port is open",
}
"""Keys that a running router keeps, and why."""

ON_OR_OFF: Final[Mapping[str, str]] = {
    "compliance": "what recipients have refused is read at the start",
    "api": "its port is opened at the start",
}
"""Sections that a running router has or has not, and why that stays so."""


@attrs.frozen
class Change:
    """One thing that is otherwise. `name`: of which account, carrier or class; `keys`: what, if changed."""

    section: str
    kind: Kind = "changed"
    name: str = ""
    keys: tuple[str, ...] = ()

    def __str__(self) -> str:
        """One line for a log: `accounts: bank changed (throughput_per_s)`."""
        what = f"{self.name} {self.kind}" if self.name else self.kind
        keys = f" ({', '.join(self.keys)})" if self.keys else ""
        return f"{self.section}: {what}{keys}"


def changes(old: RouterConfig, new: RouterConfig) -> tuple[Change, ...]:
    """Return what is otherwise in `new`, in the order of RouterConfig's keys."""
    found: list[Change] = []
    for field in attrs.fields(RouterConfig):
        before, after = getattr(old, field.name), getattr(new, field.name)
        if before == after:
            continue
        if field.name in NAMED:
            found += _of_named(field.name, NAMED[field.name], before, after)
        else:
            found.append(Change(field.name, keys=changed_keys(before, after)))
    return tuple(found)


def _of_named(section: str, key: str, before: Iterable[Any], after: Iterable[Any]) -> Iterable[Change]:
    was = {getattr(one, key): one for one in before}
    now = {getattr(one, key): one for one in after}
    for name in was:
        if name not in now:
            yield Change(section, "removed", name)
    for name, one in now.items():
        if name not in was:
            yield Change(section, "added", name)
        elif one != was[name]:
            yield Change(section, "changed", name, changed_keys(was[name], one))


def changed_keys(before: object, after: object) -> tuple[str, ...]:
    """Return the keys in which two values of one class differ; of other values none."""
    if type(before) is not type(after) or not attrs.has(type(before)):
        return ()
    names = [field.name for field in attrs.fields(type(before))]
    return tuple(name for name in names if getattr(before, name) != getattr(after, name))


def with_kept(old: RouterConfig, new: RouterConfig) -> tuple[RouterConfig, tuple[str, ...]]:
    """Return `new` with what only a restart can change as it is in `old`, and the keys that were kept so."""
    kept: list[str] = []
    for section in ON_OR_OFF:
        before, after = getattr(old, section), getattr(new, section)
        if (before is None) != (after is None):
            kept.append(section)
            new = attrs.evolve(new, **{section: before})
    for path in RESTART:
        section, _, key = path.partition(".")
        was, now = getattr(old, section), getattr(new, section)
        if key and was is not None:
            before, after = getattr(was, key), getattr(now, key)
            if before != after:
                kept.append(path)
                new = attrs.evolve(new, **{section: attrs.evolve(now, **{key: before})})
        elif was != now:
            kept += [f"{section}.{inner}" for inner in changed_keys(was, now)] or [section]
            new = attrs.evolve(new, **{section: was})
    return new, tuple(kept)
