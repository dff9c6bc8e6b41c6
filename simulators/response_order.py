# In which order the responses of one session leave.
#
# A request gets a ticket when it comes; done() brings its response, or b"" if there will be none; take() says
# what leaves now. What is held is bounded by the session's window: a ticket is an unanswered request.
"""The order of a simulated carrier's responses."""

import random
from typing import Final, Literal

Order = Literal["as_done", "in_order", "reversed", "shuffled"]

BEHIND_S: Final = 0.001
"""Behind a response that has not left, even if it is due, one leaves so much later at least: with that, when
somebody looks, and not at once."""


class ResponseOrder:
    """The responses of one session that are ready, and their order."""

    __slots__ = ("_done", "_leaves_at", "_next", "_order", "_rng", "_tickets")

    def __init__(self, order: Order, rng: random.Random) -> None:
        self._order = order
        self._rng = rng
        self._tickets = 0
        self._leaves_at = 0.0
        self._next = 0
        self._done: dict[int, bytes] = {}

    def __len__(self) -> int:
        """How many responses are held, ready but not sent."""
        return len(self._done)

    def asked(self) -> int:
        """Return the ticket of a request that has come."""
        self._tickets += 1
        return self._tickets - 1

    def delay_s(self, delay_s: float, now: float) -> float:
        """Return after how long a response leaves that is done after `delay_s`: in order, behind others.

        What becomes of a message counts from there, so it must be asked for each request that gets one.
        """
        if self._order != "in_order":
            return delay_s
        is_behind = self._tickets > self._next + len(self._done)
        self._leaves_at = max(self._leaves_at, now + (max(delay_s, BEHIND_S) if is_behind else delay_s))
        return self._leaves_at - now

    def done(self, ticket: int, encoded: bytes) -> None:
        """Bring the response of a request; empty: the request gets none, and nobody waits for it."""
        self._done[ticket] = encoded

    def take(self) -> list[bytes]:
        """Return the responses that leave now, in their order."""
        done = self._done
        if self._order == "in_order":
            leaving: list[bytes] = []
            while self._next in done:
                leaving.append(done.pop(self._next))
                self._next += 1
        else:
            leaving = list(done.values())
            done.clear()
            if self._order == "reversed":
                leaving.reverse()
            elif self._order == "shuffled":
                self._rng.shuffle(leaving)
        return [encoded for encoded in leaving if encoded]
