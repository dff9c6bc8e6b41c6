# The responses of a simulated carrier on their way: each after its delay, those of a session in their order.
#
#   add() --no delay--> answers of this pass --leave()--> session
#         --delayed---> schedule --------------tick()---> session
#
# A session keeps its order to its end, whatever the profile changes to.
"""When the responses of a simulated carrier leave."""

import random
from collections.abc import Callable

from simulators.passing import Pass
from simulators.response_order import Order, ResponseOrder
from simulators.schedule import Schedule
from smpp_router.session.session import Session


class Responses:
    """The responses of all sessions that are ready and have not left."""

    def __init__(self, chance: Callable[[str], random.Random]) -> None:
        self._chance = chance
        self._orders: dict[Session, ResponseOrder] = {}
        self._delayed: Schedule[tuple[Session, int, bytes]] = Schedule()

    def next_at(self) -> float:
        """Return when tick() has something to do next; math.inf if nothing is scheduled."""
        return self._delayed.next_at()

    def order(self, session: Session, kind: Order) -> ResponseOrder | None:
        """Return the order of a session's responses, None if each leaves when it is done.

        `kind` is the order of a session that has none yet.
        """
        order = self._orders.get(session)
        if order is None and kind != "as_done":
            order = self._orders[session] = ResponseOrder(kind, self._chance("response_order"))
        return order

    def add(self, this: Pass, encoded: bytes, delay_s: float) -> None:
        """Have a response leave after its delay; without one, at the end of the pass."""
        order = this.order
        ticket = 0 if order is None else order.asked()
        if delay_s:
            this.under_way += 1
            self._delayed.add(this.now + delay_s, (this.session, ticket, encoded))
        elif order is None:
            this.answers.append(encoded)
        else:
            order.done(ticket, encoded)

    def withhold(self, this: Pass) -> None:
        """Have a request get no response, and nobody wait for it."""
        this.session.answer([], 1)
        if this.order is not None:
            this.order.done(this.order.asked(), b"")

    def leave(self, this: Pass) -> None:
        """Send what leaves at the end of a pass."""
        _answer_all(this.session, this.answers if this.order is None else this.order.take())

    def tick(self, now: float) -> None:
        """Send what is due."""
        by_session: dict[Session, list[bytes]] = {}
        for session, ticket, encoded in self._delayed.due(now):
            answers = by_session.setdefault(session, [])
            order = self._orders.get(session) if self._orders else None
            if order is None:
                answers.append(encoded)
            else:
                order.done(ticket, encoded)
        for session, answers in by_session.items():
            order = self._orders.get(session) if self._orders else None
            _answer_all(session, answers if order is None else order.take())

    def lost(self, session: Session) -> None:
        """Forget the order of a session that is gone."""
        self._orders.pop(session, None)


def _answer_all(session: Session, answers: list[bytes]) -> None:
    if answers:
        session.answer(answers, len(answers))
