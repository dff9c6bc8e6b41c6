# The life of a message as a table, in the manner of signalling: events move it from state to state.
#
#   received > screened > planned > sent > taken > signalled > ended          turned away
#                 |          ^       |                           owed > handed > settled
#                held        '-- waiting, doubtful
#
# Rule 1: a transition that is not in TABLE is illegal. It changes nothing, and it is kept with the others and
#         counted, never dropped: a late receipt that contradicts the first is evidence, not noise.
# Rule 2: an event is what happened, from a PDU or a clock, with its time: (kind, at, code, detail). Nobody
#         writes a state down; the state is what the events come to, whoever reads them and whenever.
# Rule 3: events of one message are read in the order of their times. Several at the same time, which is how
#         they look where clocks are coarse, are read in the order in which the table lets them follow.
# Rule 4: after a crash the last events may be missing, and a message goes on from what is durable: planned
#         or sent again. So `sent` may follow `sent`, and `handed` may follow `handed`.
# Rule 5: each state that waits for somebody has a deadline with a name; DEADLINES tells which. Who watches is
#         told what is past it by core/overdue.py; an `overdue` event in a life changes no state.
#
# The kinds below 32 are those of the store's facts, which are folded after a crash; the others are notes,
# which are only kept and told. docs/lifecycle.md is made of this file, which a test holds it to.
"""The lifecycle of a message: states, events, the table of transitions, deadlines."""

from collections.abc import Iterable, Sequence
from enum import Enum, IntEnum
from typing import Final

import attrs

# Facts, by the numbers of store/seam.py.
RECEIVED: Final = 0
SENDING: Final = 1
TAKEN: Final = 2
FINAL: Final = 3
SETTLED: Final = 4
REPLACED: Final = 5
MOBILE: Final = 6
"""A mobile-originated message for an account: a life that begins with being owed."""
COPY: Final = 9
PATH: Final = 10
RETIMED: Final = 11
"""With REPLACED, if that brought other times. detail: expires_at and not_before (store/seam.py, TIMES)."""

# Notes.
SCREENED: Final = 32
"""code: what became of it (VERDICTS). detail: the verdict (compliance/verdict_record.py), or nothing."""
PLANNED: Final = 33
"""detail: the plan, as carrier names joined by " > ", NUL, the reason for it."""
SENT: Final = 34
"""code: the link's number in the carrier's configuration, from 1. detail: carrier name."""
REFUSED: Final = 35
"""code: the command_status of submit_sm_resp. detail: carrier name."""
UNANSWERED: Final = 36
"""No submit_sm_resp: in time, or before the link was lost. detail: carrier name."""
SIGNAL: Final = 37
"""A receipt that is no end. code: message_state | error_code << 8 | network_type << 24. detail: carrier."""
DUPLICATE: Final = 38
"""A receipt like the one that ended the message. code and detail as for SIGNAL."""
CONTRADICTED: Final = 39
"""A receipt that says otherwise than the one that ended the message. code and detail as for SIGNAL."""
HANDED: Final = 40
"""The receipt went out to the ESME."""
RETURNED: Final = 41
"""The ESME did not take it. code: the command_status of deliver_sm_resp, or NO_ANSWER."""
OVERDUE: Final = 42
"""A deadline has passed. code: its seconds. detail: its name, a blank, the carrier's name if it is one's."""
HELD: Final = 43
"""Screening wants a person to look. detail: the verdict."""
COPIED: Final = 44
"""A copy was made for one of its paths. code: path. detail: the copy's message_id in 8 octets, carrier."""
TURNED_AWAY: Final = 45
"""A submit_sm was refused; its id, which nobody was told, is kept for it alone. code: the command_status.
detail: the verdict of screening, empty if it did not come to one; in the journal after account NUL class NUL
service_type NUL source and destination as on the wire."""
RESTARTED: Final = 46
"""The router started and found the message queued: whether it was sent just before is not known."""
PUT_OFF: Final = 47
"""Its hours do not let it leave (core/quiet_hours.py). code: in how many seconds they do. detail: carrier."""
FINAL_OWED: Final = 63
"""FINAL with RECEIPT_OWED set, as the table sees it; never stored."""

EVENTS: Final[dict[int, str]] = {
    RECEIVED: "received",
    MOBILE: "mobile-originated",
    TURNED_AWAY: "turned away",
    SCREENED: "screened",
    HELD: "held",
    RESTARTED: "restarted",
    PLANNED: "planned",
    SENDING: "sending",
    SENT: "sent",
    REFUSED: "refused",
    UNANSWERED: "unanswered",
    PUT_OFF: "put off",
    TAKEN: "taken",
    SIGNAL: "signal",
    OVERDUE: "overdue",
    REPLACED: "replaced",
    RETIMED: "retimed",
    COPY: "copy",
    COPIED: "copied",
    PATH: "path",
    FINAL: "final",
    FINAL_OWED: "final, receipt owed",
    HANDED: "handed",
    RETURNED: "returned",
    SETTLED: "settled",
    DUPLICATE: "duplicate",
    CONTRADICTED: "contradicted",
}
"""Every event, in the order in which those of the same time are tried."""

NO_ANSWER: Final = 0xFFFFFFFF
"""In place of a command_status: nobody answered."""
RECEIPT_OWED: Final = 1 << 31
"""In the code of FINAL: the ESME is owed a receipt."""
ERROR_SHIFT: Final = 8
CAUSE_SHIFT: Final = 24
ERROR_MASK: Final = 0xFFFF
GIVEN_UP: Final = 1
"""The code of SETTLED: not answered by the ESME, but given up by age, limit or the end of its account."""


class Cause(IntEnum):
    """Who ended a message; in bits 24 to 30 of the code of FINAL."""

    UNTOLD = 0
    RECEIPT = 1
    EXPIRY = 2
    CANCEL = 3
    REFUSAL = 4
    SILENCE = 5
    RECEIPT_LATE = 6
    RESTART = 7
    PATHS = 8
    SCREENING = 9
    RELOAD = 10


CAUSES: Final[dict[Cause, str]] = {
    Cause.UNTOLD: "not recorded",
    Cause.RECEIPT: "the carrier's receipt",
    Cause.EXPIRY: "its validity ended",
    Cause.CANCEL: "cancel_sm",
    Cause.REFUSAL: "refused by every carrier, or for what it is",
    Cause.SILENCE: "no answer, and it may be sent only once",
    Cause.RECEIPT_LATE: "no receipt came, long after its validity",
    Cause.RESTART: "nothing can be done for it since a restart",
    Cause.PATHS: "what its paths came to",
    Cause.SCREENING: "screening",
    Cause.RELOAD: "the configuration has no carrier for it any more",
}

VERDICTS: Final = (
    "allowed",
    "refused",
    "held",
    "allowed after review",
    "refused after review",
    "allowed and marked",
    "refused for now",
)


class State(Enum):
    """What the events of a message come to."""

    NEW = "new"
    TURNED_AWAY = "turned away"
    RECEIVED = "received"
    SCREENED = "screened"
    HELD = "held"
    PLANNED = "planned"
    SENT = "sent"
    WAITING = "waiting"
    DOUBTFUL = "doubtful"
    TAKEN = "taken"
    SIGNALLED = "signalled"
    ENDED = "ended"
    OWED = "owed"
    HANDED = "handed"
    SETTLED = "settled"


MEANINGS: Final[dict[State, str]] = {
    State.NEW: "nothing is known of it",
    State.TURNED_AWAY: "was refused when it was submitted",
    State.RECEIVED: "durable, and answered with ESME_ROK",
    State.SCREENED: "its text has a verdict",
    State.HELD: "waits for a person's verdict",
    State.PLANNED: "has a way, and waits for room on it",
    State.SENT: "on a link, without an answer",
    State.WAITING: "was refused or turned away, waits for another try",
    State.DOUBTFUL: "nobody answered for it: a carrier may have it",
    State.TAKEN: "a carrier answered ESME_ROK for it",
    State.SIGNALLED: "its carrier has told of it, and not of its end",
    State.ENDED: "has its final state, and nobody asked for a receipt",
    State.OWED: "has its final state; its receipt waits for the ESME",
    State.HANDED: "its receipt is with the ESME, without an answer",
    State.SETTLED: "the ESME has answered its receipt, or it was given up",
}

_END: Final = {FINAL: State.ENDED, FINAL_OWED: State.OWED}


def _stay(state: State, *events: int) -> dict[int, State]:
    return dict.fromkeys(events, state)


TABLE: Final[dict[State, dict[int, State]]] = {
    State.NEW: {RECEIVED: State.RECEIVED, MOBILE: State.OWED, TURNED_AWAY: State.TURNED_AWAY},
    State.TURNED_AWAY: {},
    State.RECEIVED: {
        SCREENED: State.SCREENED,
        HELD: State.HELD,
        PLANNED: State.PLANNED,
        # Without notes, which may be lost in a crash, it is still sent and still ends.
        SENT: State.SENT,
        TAKEN: State.TAKEN,
        **_stay(State.RECEIVED, RESTARTED, SENDING, PUT_OFF, REPLACED, RETIMED, COPY, COPIED, PATH, OVERDUE),
        **_END,
    },
    State.SCREENED: {
        HELD: State.HELD,
        PLANNED: State.PLANNED,
        SENT: State.SENT,
        TAKEN: State.TAKEN,
        **_stay(
            State.SCREENED,
            SCREENED,
            RESTARTED,
            SENDING,
            PUT_OFF,
            REPLACED,
            RETIMED,
            COPY,
            COPIED,
            PATH,
            OVERDUE,
        ),
        **_END,
    },
    State.HELD: {
        SCREENED: State.SCREENED,
        # Its way was chosen before, and after a restart it is held again.
        **_stay(State.HELD, HELD, PLANNED, RESTARTED, REPLACED, RETIMED, OVERDUE),
        **_END,
    },
    State.PLANNED: {
        # The parts of a long message have a way before the whole of it has a verdict.
        HELD: State.HELD,
        SENT: State.SENT,
        TAKEN: State.TAKEN,
        RESTARTED: State.DOUBTFUL,
        **_stay(
            State.PLANNED, SCREENED, PLANNED, SENDING, PUT_OFF, REPLACED, RETIMED, COPY, COPIED, PATH, OVERDUE
        ),
        **_END,
    },
    State.SENT: {
        TAKEN: State.TAKEN,
        REFUSED: State.WAITING,
        UNANSWERED: State.DOUBTFUL,
        PLANNED: State.PLANNED,
        RESTARTED: State.DOUBTFUL,
        **_stay(State.SENT, SENT, SENDING, OVERDUE),
        **_END,
    },
    State.WAITING: {
        SENT: State.SENT,
        PLANNED: State.PLANNED,
        RESTARTED: State.DOUBTFUL,
        **_stay(State.WAITING, SCREENED, SENDING, PUT_OFF, REPLACED, RETIMED, OVERDUE),
        **_END,
    },
    State.DOUBTFUL: {
        SENT: State.SENT,
        PLANNED: State.PLANNED,
        **_stay(State.DOUBTFUL, SCREENED, RESTARTED, SENDING, PUT_OFF, REPLACED, RETIMED, OVERDUE),
        **_END,
    },
    State.TAKEN: {SIGNAL: State.SIGNALLED, **_stay(State.TAKEN, REPLACED, OVERDUE), **_END},
    State.SIGNALLED: {**_stay(State.SIGNALLED, SIGNAL, REPLACED, OVERDUE), **_END},
    State.ENDED: _stay(State.ENDED, DUPLICATE),
    State.OWED: {
        HANDED: State.HANDED,
        SETTLED: State.SETTLED,
        **_stay(State.OWED, DUPLICATE, OVERDUE),
    },
    State.HANDED: {
        RETURNED: State.OWED,
        SETTLED: State.SETTLED,
        **_stay(State.HANDED, HANDED, DUPLICATE, OVERDUE),
    },
    State.SETTLED: _stay(State.SETTLED, DUPLICATE),
}
"""The next state for each event of each state; what is not there is illegal."""


@attrs.frozen
class Deadline:
    """What a state waits for, for how long, and what follows. `seconds` is a formula, in words."""

    name: str
    seconds: str
    then: str


DEADLINES: Final[dict[State, Deadline]] = {
    State.PLANNED: Deadline("validity", "the message's validity", "it ends EXPIRED"),
    State.WAITING: Deadline("validity", "the message's validity", "it ends EXPIRED"),
    State.DOUBTFUL: Deadline(
        "validity", "the message's validity", "it ends UNKNOWN; EXPIRED if nothing but a restart is doubtful"
    ),
    State.SENT: Deadline("response", "carriers.response_timeout_s", "unanswered: it is tried again"),
    State.TAKEN: Deadline(
        "receipt",
        "what its carrier and region take",
        "overdue; UNKNOWN receipt_late_s after validity",
    ),
    State.SIGNALLED: Deadline(
        "receipt",
        "what its carrier and region take",
        "overdue; UNKNOWN receipt_late_s after validity",
    ),
    State.OWED: Deadline("hand-over", "accounts.receipts_age_s", "it is given up"),
    State.HANDED: Deadline("acknowledgement", "timers.response_s", "returned: handed again"),
}

# Complete: each state has its row and its meaning, each row leads to states and by events that there are, no
# event but one is illegal everywhere, and each state can be reached.
assert TABLE.keys() == set(State) == MEANINGS.keys()
assert all(row.keys() <= EVENTS.keys() for row in TABLE.values())
assert {CONTRADICTED} == EVENTS.keys() - {event for row in TABLE.values() for event in row}
assert set(State) - {State.NEW} == {after for row in TABLE.values() for after in row.values()}
assert set(CAUSES) == set(Cause)


Event = tuple[int, float, int, bytes]
"""(kind, at in unix seconds, code, detail)."""


def step(state: State, event: Event) -> State | None:
    """The next state; None if the table has none."""
    kind = event[0]
    if kind == FINAL and event[2] & RECEIPT_OWED:
        kind = FINAL_OWED
    return TABLE[state].get(kind)


@attrs.frozen
class Step:
    """One event of a life, and the state after it. `is_illegal`: the table does not have it."""

    event: Event
    state: State
    is_illegal: bool = False


_FIRST: Final = frozenset({RECEIVED, MOBILE, TURNED_AWAY})
# How an attempt ended comes before what was planned of it.
_RANKS: Final = {**{kind: rank for rank, kind in enumerate(EVENTS)}, REFUSED: -2, UNANSWERED: -1}


def replay(events: Iterable[Event]) -> list[Step]:
    """Read the events of one message, of any order, and tell what they come to."""
    # Being received is what the others count from, even where an id has run ahead of the clock.
    ordered = sorted(events, key=lambda event: (event[0] not in _FIRST, event[1]))
    steps: list[Step] = []
    state = State.NEW
    start = 0
    while start < len(ordered):
        end = start + 1
        while end < len(ordered) and ordered[end][1] == ordered[start][1]:
            end += 1
        for event in _in_turn(state, ordered[start:end]):
            after = step(state, event)
            state = state if after is None else after
            steps.append(Step(event, state, after is None))
        start = end
    return steps


def _in_turn(state: State, events: Sequence[Event]) -> Iterable[Event]:
    """Events of one moment, in the order in which they can have happened."""
    if len(events) == 1:
        return events
    rest = sorted(events, key=lambda event: _RANKS.get(event[0], len(_RANKS)))
    ordered: list[Event] = []
    while rest:
        # What moves it on before what it can bear: sent, refused, sent again; and the end last of all.
        at = next((n for n, event in enumerate(rest) if _moves(state, event)), None)
        if at is None:
            at = next((n for n, event in enumerate(rest) if step(state, event) is not None), 0)
        event = rest.pop(at)
        ordered.append(event)
        state = step(state, event) or state
    return ordered


def _moves(state: State, event: Event) -> bool:
    after = step(state, event)
    return after is not None and after is not state and after not in (State.ENDED, State.OWED)
