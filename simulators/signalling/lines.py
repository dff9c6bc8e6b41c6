# What waits for a handset, by carrier:
#
#   Subscriber --lines--> Line of each carrier --queue--> Transit, Transit, ...
#
# Rule 1: a line has one message under way at a time, the first of its queue: parts of a long text keep their
#         order, as they do in a service centre.
# Rule 2: a line's `generation` goes up when its next step is planned anew; one planned before is passed over.
# Rule 3: a subscriber without lines is forgotten: millions of numbers cost nothing.
"""Messages on their way to handsets."""

import math
from enum import IntEnum

import attrs

from simulators.radio import ShortMessage


class Stage(IntEnum):
    """Where the first message of a line is."""

    IDLE = 0
    ROUTING = 1
    """The HLR has been asked."""
    FORWARDING = 2
    WAITING = 3
    """For its next attempt, or an alert."""


@attrs.define(eq=False)
class Transit:
    """One message on its way. `line` is None until its schedule_delivery_time."""

    message: ShortMessage
    number: bytes = attrs.field(repr=False)
    expires_at: float
    attempts: int = 0
    cause: str = ""
    line: "Line | None" = None


@attrs.define(eq=False)
class Line:
    """One carrier's messages for one subscriber."""

    subscriber: "Subscriber"
    carrier: str
    queue: list[Transit] = attrs.Factory(list[Transit])
    stage: Stage = Stage.IDLE
    generation: int = 0
    retry_at: float = math.inf
    cause: str = ""
    """Why it waits."""
    is_clashing: bool = False
    """Whether another carrier's message was under way to the handset when this one's set out."""
    is_foreign: bool = False
    """Whether another carrier serves the number."""

    @property
    def expires_at(self) -> float:
        """When the first of its messages expires."""
        return min(transit.expires_at for transit in self.queue)


@attrs.define(eq=False)
class Subscriber:
    """Somebody who is sent messages. The flags are what the HLR's messages-waiting data say."""

    number: bytes = attrs.field(repr=False)
    lines: dict[str, Line] = attrs.Factory(dict[str, Line])
    forwarding: Line | None = None
    """Whose message is under way to the handset."""
    is_unreachable: bool = False
    """MNRF: an attempt found it absent, and it has not been back since."""
    is_full: bool = False
    """MCEF: an attempt found no room."""
    alert_generation: int = 0
