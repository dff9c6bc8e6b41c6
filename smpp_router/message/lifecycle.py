# The life of one message, from our submit_sm_resp to the ESME's deliver_sm_resp:
#
#                     SEND          TAKE           END           SETTLE
#   stored --> QUEUED ------> SENT ------> TAKEN ------> FINAL ---------> SETTLED
#              |  |  <------  |               |            ^
#              |  |   RETURN  |               +- INFORM    |
#              |  +- REPLACE  |               (stays)      |
#              |     (stays)  |                            |
#              +---- END -----+---- END -------------------+
#
#   QUEUED    durable with us; waits for a carrier's window, for its time, or for its next attempt
#   SENT      a submit_sm is in a carrier's window, unanswered
#   TAKEN     the carrier answered ESME_ROK; its receipt is awaited
#   FINAL     the outcome is known and durable; the ESME may be owed a receipt
#   SETTLED   nobody is owed anything
#
# Rule 1: a message has one outcome. END is legal once, so what comes later - a second receipt, a receipt
#         after expiry, a cancel_sm that lost the race - is illegal here, and harmless.
# Rule 2: what a carrier has taken does not go back, or it would be delivered twice. Only SENT may RETURN:
#         throttled, refused with another way to go, or unanswered and allowed to be sent twice.
# Rule 3: only QUEUED may be replaced (SMPP 3.4 section 4.10): what is on its way can't be called back.
# Rule 4: an absent entry is an illegal transition. It is no exception: peers cause it. It is counted.
#
# The hot path moves values between tables and asks nobody; this machine says what those moves may be, to
# query_sm, to the message trace, and to tests that hold the router to it.
"""The states of a message, and what may happen in each."""

import enum
from collections import Counter
from typing import Final

import attrs

from smpp_router.wire import constants as c


class LifecycleState(enum.Enum):
    """Where a message stands with us; message_state_of() is how that looks from outside."""

    QUEUED = "queued"
    SENT = "sent"
    TAKEN = "taken"
    FINAL = "final"
    SETTLED = "settled"


class LifecycleEvent(enum.Enum):
    """What happens to a message."""

    SEND = "send"
    """A submit_sm goes into a carrier's window."""
    RETURN = "return"
    """The carrier did not take it, and it shall be tried again."""
    TAKE = "take"
    """The carrier answered ESME_ROK."""
    REPLACE = "replace"
    """replace_sm gave it another text."""
    INFORM = "inform"
    """A receipt that is not final: ENROUTE, ACCEPTED."""
    END = "end"
    """The outcome is known: by receipt, refusal, expiry or cancel_sm."""
    SETTLE = "settle"
    """The ESME has answered its receipt, or none was owed, or it was given up."""


_State = LifecycleState
_Event = LifecycleEvent

TRANSITIONS: Final[dict[LifecycleState, dict[LifecycleEvent, LifecycleState]]] = {
    _State.QUEUED: {
        _Event.SEND: _State.SENT,
        _Event.REPLACE: _State.QUEUED,
        _Event.END: _State.FINAL,
    },
    _State.SENT: {
        _Event.TAKE: _State.TAKEN,
        _Event.RETURN: _State.QUEUED,
        _Event.END: _State.FINAL,
    },
    _State.TAKEN: {
        _Event.INFORM: _State.TAKEN,
        _Event.END: _State.FINAL,
    },
    _State.FINAL: {
        _Event.SETTLE: _State.SETTLED,
    },
    _State.SETTLED: {},
}
assert set(TRANSITIONS) == set(LifecycleState), "the table has a row for every state"
assert set().union(*TRANSITIONS.values()) == set(LifecycleEvent), "every event is legal somewhere"

Transition = tuple[LifecycleState, LifecycleEvent]

_OVER: Final = frozenset({_State.FINAL, _State.SETTLED})


def next_state(state: LifecycleState, event: LifecycleEvent) -> LifecycleState | None:
    """The state after an event, None if the event may not happen in it."""
    return TRANSITIONS[state].get(event)


def message_state_of(state: LifecycleState, outcome: int) -> int:
    """The message_state to tell an ESME (SMPP 3.4 section 5.2.28): ENROUTE until there is an `outcome`."""
    return outcome if state in _OVER else c.ENROUTE


@attrs.define(eq=False)
class Lifecycle:
    """Follows messages through the table and counts what was not in it, by state and event."""

    illegal: Counter[Transition] = attrs.Factory(Counter[Transition])

    def next_state(self, state: LifecycleState, event: LifecycleEvent) -> LifecycleState | None:
        """As the function of that name, counting an event that may not happen."""
        after = next_state(state, event)
        if after is None:
            self.illegal[state, event] += 1
        return after
