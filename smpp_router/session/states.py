# Which PDU may come in which state: SMPP 3.4 section 2.3, table 2-1, as two tables, one for each sender.
#
# A command that stands in no row of its sender's table in the present state is refused with
# ESME_RINVBNDSTS (or ESME_RALYBND for a bind on a bound session), and the session lives on.
# Two rows are read as 5.0 section 2.4 has them, which is what peers do: data_sm crosses a bind only in the
# direction that the bind carries (3.4 leaves both open), and replace_sm is for transceivers too (3.4 lists
# the transmitter only). enquire_link and generic_nack are allowed everywhere, as in 5.0: peers probe before
# they bind, and while they unbind.
"""The session states of SMPP 3.4 section 2.2 and what each side may send in them."""

import enum
from typing import Final

from smpp_router.wire import constants as c


class Role(enum.Enum):
    """Which end of the session we are (SMPP 3.4 section 2.1)."""

    MC = "MC"
    ESME = "ESME"


class State(enum.Enum):
    """SMPP 3.4 section 2.2. BINDING is OPEN with an undecided bind; UNBOUND waits only for the close."""

    OPEN = "open"
    BINDING = "binding"
    BOUND_TX = "bound_tx"
    BOUND_RX = "bound_rx"
    BOUND_TRX = "bound_trx"
    UNBOUND = "unbound"
    CLOSED = "closed"


BOUND_BY: Final = {
    c.BIND_TRANSMITTER: State.BOUND_TX,
    c.BIND_RECEIVER: State.BOUND_RX,
    c.BIND_TRANSCEIVER: State.BOUND_TRX,
}
"""The state that each bind leads to."""

_BINDS = frozenset(BOUND_BY)
_ALWAYS = frozenset({c.ENQUIRE_LINK, c.GENERIC_NACK})
_BOUND = _ALWAYS | {c.UNBIND}
_SUBMITS = frozenset({c.SUBMIT_SM, c.SUBMIT_MULTI, c.DATA_SM, c.QUERY_SM, c.CANCEL_SM, c.REPLACE_SM})
_DELIVERS = frozenset({c.DELIVER_SM, c.DATA_SM, c.ALERT_NOTIFICATION})

FROM_ESME: Final = {
    State.OPEN: _ALWAYS | _BINDS,
    State.BINDING: _ALWAYS,
    State.BOUND_TX: _BOUND | _SUBMITS,
    State.BOUND_RX: _BOUND,
    State.BOUND_TRX: _BOUND | _SUBMITS,
    State.UNBOUND: _ALWAYS,
    State.CLOSED: frozenset[int](),
}

FROM_MC: Final = {
    State.OPEN: _ALWAYS | {c.OUTBIND},
    State.BINDING: _ALWAYS,
    State.BOUND_TX: _BOUND,
    State.BOUND_RX: _BOUND | _DELIVERS,
    State.BOUND_TRX: _BOUND | _DELIVERS,
    State.UNBOUND: _ALWAYS,
    State.CLOSED: frozenset[int](),
}

assert set(FROM_ESME) == set(FROM_MC) == set(State), "the state tables have a row for every state"

WITHOUT_RESPONSE: Final = frozenset({c.OUTBIND, c.ALERT_NOTIFICATION})
"""Requests that no PDU answers (SMPP 3.4 sections 4.1.7 and 4.12)."""

BOUND_STATES: Final = frozenset(BOUND_BY.values())
SUBMITTING_STATES: Final = frozenset({State.BOUND_TX, State.BOUND_TRX})
DELIVERING_STATES: Final = frozenset({State.BOUND_RX, State.BOUND_TRX})


def allowed_from(sender: Role, state: State) -> frozenset[int]:
    """Return the command_ids that `sender` may send in `state`."""
    return (FROM_ESME if sender is Role.ESME else FROM_MC)[state]
