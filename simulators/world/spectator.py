"""Watching a world from outside, to measure what becomes of its messages; it does not depend on who looks."""

from typing import Protocol

from simulators.world.lives import Life
from smpp_router.core.exchange import Exchange


class Spectator(Protocol):
    """Is shown every message as it is offered, and the router once a second."""

    def offered(self, life: Life) -> None:
        """A customer sends a message; what becomes of it can be read from its life afterwards."""
        ...

    def looked(self, exchange: Exchange, now: float) -> None:
        """A second has passed, and the router is up."""
        ...
