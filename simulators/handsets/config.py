# What handsets are and do, as plain values: [[network.handsets]] for single numbers,
# [[network.handset_groups]] for shares of those behind a prefix. Whoever is named by neither is on, in
# coverage, and has room.
"""Handsets, as a file describes them."""

from typing import Any, Final, Literal, TypeAlias

import attrs

from simulators.distributions import Delay
from smpp_router.config_checks import above, at_least, between, digits_only, each, entries, if_given, octets

State = Literal["on", "off", "out_of_coverage"]
AwayState = Literal["off", "out_of_coverage"]
Attribute: TypeAlias = "attrs.Attribute[Any]"

HANDSETS_MAX: Final = 10_000
"""Handsets with a table of their own."""
GROUPS_MAX: Final = 1_000
"""Groups are tried one after the other for each number that is new."""
ANSWERS_MAX: Final = 100
REPLIES_MAX: Final = 1_000
REPLY_CHARACTERS_MAX: Final = 2_000
INTERVALS_MAX: Final = 100
MEMORY_MAX: Final = 1_000
"""Short messages of one handset's memory."""
YEAR_S: Final = 366 * 86_400.0

_seconds = between(0, YEAR_S)


def _replies(_: object, attribute: Attribute, replies: tuple[str, ...]) -> None:
    entries(1, REPLIES_MAX)(None, attribute, replies)
    for reply in replies:
        if not 0 < len(reply) <= REPLY_CHARACTERS_MAX:
            raise ValueError(f"{attribute.name}: must have 1 to {REPLY_CHARACTERS_MAX} characters each")


_hours = each(between(0, 23))


@attrs.frozen(kw_only=True)
class Interval:
    """A time in which a handset is away, once or again and again."""

    state: AwayState = "out_of_coverage"
    from_s: float = attrs.field(default=0.0, validator=_seconds)
    """Seconds after the network's start."""
    for_s: float = attrs.field(validator=(above(0), _seconds))
    every_s: float = attrs.field(default=0.0, validator=_seconds)
    """The same again after each such time; 0: once."""

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what contradicts itself."""
        if self.every_s and self.for_s > self.every_s:
            raise ValueError(f"for_s: must be at most every_s, got {self.for_s} and {self.every_s}")


@attrs.frozen(kw_only=True)
class Answer:
    """What a subscriber sends back to some texts; an empty key fits every text."""

    source: str = attrs.field(default="", validator=octets(0, 20))
    """What the number begins with that the text came from."""
    text: str = ""
    """What the text contains, in capitals or not."""
    share: float = attrs.field(default=1.0, validator=between(0, 1))
    """Of the texts that fit; the others go on to the next answer."""
    replies: tuple[str, ...] = attrs.field(validator=_replies)
    """One of them, drawn evenly."""
    to: str = attrs.field(default="", validator=octets(0, 20))
    """Whom it is sent to; empty: whom the text came from."""
    delay: Delay = attrs.field(factory=lambda: Delay(kind="lognormal", s=4.0, jitter_s=15.0))
    """From the text's being shown to the answer."""


@attrs.frozen(kw_only=True)
class Habits:
    """What a handset does."""

    state: State = "on"
    """What it is where nothing below says otherwise."""
    off_hours: tuple[int, ...] = attrs.field(default=(), validator=_hours)
    """Hours of the day, 0 to 23, in which it is off."""
    out_of_coverage_hours: tuple[int, ...] = attrs.field(default=(), validator=_hours)
    hours_offset_min: int = attrs.field(default=0, validator=between(-720, 840))
    """Minutes by which the clock that tells the hour is ahead of UTC."""
    intervals: tuple[Interval, ...] = attrs.field(default=(), validator=entries(0, INTERVALS_MAX))
    spread_s: float = attrs.field(default=0.0, validator=_seconds)
    """Hours and intervals begin up to so much later, drawn evenly by number: not all at the same moment."""
    present_s: float = attrs.field(default=0.0, validator=_seconds)
    """Mean time that it can be reached, by chance, between two times away; 0: no chance in it."""
    away_s: float = attrs.field(default=0.0, validator=_seconds)
    """Mean time that it is away, by chance."""
    away_state: AwayState = "out_of_coverage"
    """What it is when it is away by chance."""
    busy_share: float = attrs.field(default=0.0, validator=between(0, 1))
    """Share of deliveries to it that find it busy."""
    memory: int | None = attrs.field(default=None, validator=if_given(between(0, MEMORY_MAX)))
    """Short messages that it has room for, the parts of long ones counted; None: it makes room by itself."""
    kept_s: float | None = attrs.field(default=None, validator=if_given(at_least(0)))
    """Seconds after which its owner deletes a message; None: never."""
    answers: tuple[Answer, ...] = attrs.field(default=(), validator=entries(0, ANSWERS_MAX))
    """The first that fits is sent."""

    def __attrs_post_init__(self) -> None:
        """Raise ValueError on what contradicts itself."""
        if bool(self.present_s) != bool(self.away_s):
            raise ValueError("present_s: needs away_s beside it, and away_s needs present_s")

    @property
    def is_always_there(self) -> bool:
        """Whether it is never away."""
        return self.state == "on" and not (
            self.off_hours or self.out_of_coverage_hours or self.intervals or self.away_s
        )


@attrs.frozen(kw_only=True)
class HandsetGroup(Habits):
    """A share of the handsets whose numbers begin with `prefix`. The first group that fits counts."""

    prefix: str = attrs.field(default="", validator=octets(0, 20))
    share: float = attrs.field(default=1.0, validator=between(0, 1))
    """Drawn by number: the same numbers each time."""


@attrs.frozen(kw_only=True)
class HandsetConfig(Habits):
    """One handset."""

    number: str = attrs.field(validator=(octets(1, 20), digits_only))
    """In full, as in 8613900000001."""
