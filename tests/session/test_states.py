"""The state tables say what table 2-1 of SMPP 3.4 says, but for what is written down here."""

import pytest

from smpp_router.session.states import (
    BOUND_BY,
    BOUND_STATES,
    DELIVERING_STATES,
    FROM_ESME,
    FROM_MC,
    SUBMITTING_STATES,
    WITHOUT_RESPONSE,
    Role,
    State,
    allowed_from,
)
from smpp_router.wire import constants as c
from smpp_router.wire.layouts import LAYOUTS

TX, RX, TRX = State.BOUND_TX, State.BOUND_RX, State.BOUND_TRX
BOUND = {TX, RX, TRX}

# SMPP 3.4 section 2.3, table 2-1: in which states the ESME, and in which the MC, issues a PDU.
TABLE_2_1: dict[int, tuple[set[State], set[State]]] = {
    c.BIND_TRANSMITTER: ({State.OPEN}, set()),
    c.BIND_RECEIVER: ({State.OPEN}, set()),
    c.BIND_TRANSCEIVER: ({State.OPEN}, set()),
    c.OUTBIND: (set(), {State.OPEN}),
    c.UNBIND: (BOUND, BOUND),
    c.SUBMIT_SM: ({TX, TRX}, set()),
    c.SUBMIT_MULTI: ({TX, TRX}, set()),
    c.DATA_SM: (BOUND, BOUND),
    c.DELIVER_SM: (set(), {RX, TRX}),
    c.QUERY_SM: ({TX, TRX}, set()),
    c.CANCEL_SM: ({TX, TRX}, set()),
    c.REPLACE_SM: ({TX}, set()),
    c.ENQUIRE_LINK: (BOUND, BOUND),
    c.ALERT_NOTIFICATION: (set(), {RX, TRX}),
    c.GENERIC_NACK: (BOUND, BOUND),
}
ANYWHERE = set(State) - {State.CLOSED}
# SMPP 5.0 section 2.4, which is what peers do.
READ_OTHERWISE: dict[int, tuple[set[State], set[State]]] = {
    c.DATA_SM: ({TX, TRX}, {RX, TRX}),
    c.REPLACE_SM: ({TX, TRX}, set()),
    c.ENQUIRE_LINK: (ANYWHERE, ANYWHERE),
    c.GENERIC_NACK: (ANYWHERE, ANYWHERE),
}


@pytest.mark.parametrize("command_id", TABLE_2_1, ids=c.command_name)
def test_a_pdu_may_be_sent_where_the_specification_says(command_id: int) -> None:
    esme, mc = {**TABLE_2_1, **READ_OTHERWISE}[command_id]
    assert {state for state in State if command_id in FROM_ESME[state]} == esme
    assert {state for state in State if command_id in FROM_MC[state]} == mc


def test_every_request_of_the_specification_stands_in_the_tables() -> None:
    requests = {command_id for command_id in LAYOUTS if not command_id & 0x80000000}
    in_tables = frozenset[int]().union(*FROM_ESME.values(), *FROM_MC.values())
    assert in_tables == requests | {c.GENERIC_NACK}
    assert set(TABLE_2_1) == in_tables


def test_a_table_has_a_row_for_every_state() -> None:
    for role in Role:
        for state in State:
            assert allowed_from(role, state) is (FROM_ESME if role is Role.ESME else FROM_MC)[state]


def test_nothing_may_be_sent_on_a_closed_session() -> None:
    assert allowed_from(Role.ESME, State.CLOSED) == allowed_from(Role.MC, State.CLOSED) == frozenset()


def test_an_undecided_bind_is_followed_by_nothing_but_probes() -> None:
    for role in Role:
        assert allowed_from(role, State.BINDING) == {c.ENQUIRE_LINK, c.GENERIC_NACK}


def test_each_kind_of_bind_leads_to_its_own_state() -> None:
    assert BOUND_BY == {c.BIND_TRANSMITTER: TX, c.BIND_RECEIVER: RX, c.BIND_TRANSCEIVER: TRX}
    assert BOUND_STATES == BOUND


def test_the_directions_agree_with_the_tables() -> None:
    assert {state for state in State if c.SUBMIT_SM in FROM_ESME[state]} == SUBMITTING_STATES
    assert {state for state in State if c.DELIVER_SM in FROM_MC[state]} == DELIVERING_STATES


def test_what_needs_no_response_has_none_in_the_specification() -> None:
    requests = {command_id for command_id in LAYOUTS if not command_id & 0x80000000}
    assert {
        command_id for command_id in requests if command_id | 0x80000000 not in LAYOUTS
    } == WITHOUT_RESPONSE
