"""The time that net/ hands down: unix seconds that never step back, virtual when trio's clock is."""

import trio


class Clock:
    """Unix seconds on trio's clock. `started_at` is the unix time that stands for the moment of creation."""

    __slots__ = ("_offset",)

    def __init__(self, started_at: float) -> None:
        self._offset = started_at - trio.current_time()

    def now(self) -> float:
        """Return the present time in unix seconds."""
        return self._offset + trio.current_time()
