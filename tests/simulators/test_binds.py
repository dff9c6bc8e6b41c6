"""Who may bind how."""

import pytest

from simulators.dialect import Dialect
from simulators.profile import BindType, SimulatedAccount
from smpp_router.session.states import State
from tests.simulators.customers import World, message

STATES: dict[BindType, State] = {
    "transmitter": State.BOUND_TX,
    "receiver": State.BOUND_RX,
    "transceiver": State.BOUND_TRX,
}


@pytest.mark.parametrize("allowed", STATES)
@pytest.mark.parametrize("asked", STATES)
def test_an_account_binds_only_as_it_may(allowed: BindType, asked: BindType) -> None:
    world = World(accounts=(SimulatedAccount(system_id="a", bind_types=(allowed,)),))
    assert world.bind("a", STATES[asked]).session.is_bound is (allowed == asked)


def test_a_dialect_may_have_its_own_statuses() -> None:
    account = SimulatedAccount(system_id="a", password="secret")
    dialect = Dialect(bind_statuses={"bad_password": "ESME_RBINDFAIL"})
    world = World(accounts=(account,), dialect=dialect)
    assert not world.bind("a", password=b"guess").session.is_bound


def test_receipts_of_a_split_account_go_to_its_other_half() -> None:
    world = World(
        accounts=(
            SimulatedAccount(system_id="tx", bind_types=("transmitter",), receipts_to="rx"),
            SimulatedAccount(system_id="rx", bind_types=("receiver",)),
        )
    )
    sender, receiver = world.bind("tx", State.BOUND_TX), world.bind("rx", State.BOUND_RX)
    world.say(sender, message(), message(registered_delivery=0x11))
    assert {receipt.message_id for receipt in receiver.receipts} == set(sender.message_ids)
