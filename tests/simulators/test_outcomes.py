"""The words of a carrier's tables."""

import pytest

from simulators.outcomes import OUTCOMES, SILENT, message_state, status_of
from smpp_router.wire import constants as c
from tests.simulators.customers import World, message, profile


def test_outcomes_are_the_final_states_and_none() -> None:
    assert {"DELIVRD", "UNDELIV", "EXPIRED", "REJECTD", "DELETED", "UNKNOWN", "NONE"} == set(OUTCOMES)


@pytest.mark.parametrize(
    ("outcome", "state"), [("DELIVRD", c.DELIVERED), ("REJECTD", c.REJECTED), ("NONE", SILENT)]
)
def test_an_outcome_has_its_message_state(outcome: str, state: int) -> None:
    assert message_state(outcome) == state


@pytest.mark.parametrize(
    ("name", "status"),
    [
        ("ESME_RSYSERR", 8),
        ("0x0401", 0x401),
        ("0xFFFFFFFF", 0xFFFFFFFF),
        ("ESME_ROK", 0),
        ("0x0", 0),
        ("0x", 0),
        ("ESME_RNONSENSE", 0),
        ("DELIVERED", 0),
        ("submit_sm", 0),
        ("", 0),
    ],
)
def test_a_status_has_a_name_or_a_number(name: str, status: int) -> None:
    assert status_of(name) == status


def test_a_share_may_be_of_a_status_that_only_a_vendor_knows() -> None:
    world = World(errors={"0x0401": 1.0})
    customer = world.bind()
    world.say(customer, message())
    (resp,) = customer.responses
    assert resp.command_status == 0x401
    with pytest.raises(ValueError, match="0x0 is not the name of an error status"):
        profile(errors={"0x0": 1.0})
