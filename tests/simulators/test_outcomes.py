"""The words of a carrier's tables."""

import pytest

from simulators.outcomes import OUTCOMES, SILENT, is_error_name, message_state
from smpp_router.wire import constants as c


def test_outcomes_are_the_final_states_and_none() -> None:
    assert {"DELIVRD", "UNDELIV", "EXPIRED", "REJECTD", "DELETED", "UNKNOWN", "NONE"} == set(OUTCOMES)


@pytest.mark.parametrize(
    ("outcome", "state"), [("DELIVRD", c.DELIVERED), ("REJECTD", c.REJECTED), ("NONE", SILENT)]
)
def test_an_outcome_has_its_message_state(outcome: str, state: int) -> None:
    assert message_state(outcome) == state


@pytest.mark.parametrize("name", ["ESME_ROK", "ESME_RNONSENSE", "DELIVERED", "", "submit_sm"])
def test_only_error_statuses_are_names_of_errors(name: str) -> None:
    assert not is_error_name(name)
    assert is_error_name("ESME_RSYSERR")
