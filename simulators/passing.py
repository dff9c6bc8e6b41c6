"""What one read of one session brings about at a simulated carrier."""

import attrs

from simulators.messages import Held
from simulators.response_order import ResponseOrder
from smpp_router.session.session import Session


@attrs.define(eq=False)
class Pass:
    """What one read of one session brought about, so far. `under_way` are its unanswered requests."""

    session: Session
    system_id: str
    now: float
    under_way: int
    order: ResponseOrder | None = None
    answers: list[bytes] = attrs.Factory(list[bytes])
    ended: list[Held] = attrs.Factory(list[Held])
