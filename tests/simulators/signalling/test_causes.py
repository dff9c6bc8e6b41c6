"""Causes and what follows from them."""

from typing import Any

import pytest

from simulators.signalling.causes import DEFAULTS, CauseConfig, resolved
from simulators.signalling.config import NetworkConfig
from smpp_router.wire import constants as c


def test_a_file_changes_what_it_names_and_may_have_causes_of_its_own() -> None:
    causes = resolved(
        {
            "callBarred": CauseConfig(error_code=21),
            "absentSubscriberSM": CauseConfig(stat="EXPIRED", retry_s=(5.0,), attempts_max=3),
            "vendorTrouble": CauseConfig(error_code=900),
        }
    )
    assert (causes["callBarred"].error_code, causes["callBarred"].state) == (21, c.UNDELIVERABLE)
    absent = causes["absentSubscriberSM"]
    assert (absent.error_code, absent.state, absent.retry_s, absent.attempts_max) == (6, c.EXPIRED, (5.0,), 3)
    assert causes["vendorTrouble"].is_permanent
    assert causes["systemFailure"] == DEFAULTS["systemFailure"]


def test_pauses_come_in_their_order_and_the_last_one_for_ever() -> None:
    cause = resolved({"x": CauseConfig(retry_s=(1.0, 5.0))})["x"]
    assert [cause.pause_s(attempts) for attempts in (1, 2, 3, 9)] == [1.0, 5.0, 5.0, 5.0]


def test_each_cause_is_known_by_its_own_name() -> None:
    assert all(cause.name == name for name, cause in DEFAULTS.items())
    assert {DEFAULTS[name].is_permanent for name in ("unknownSubscriber", "callBarred")} == {True}
    assert not DEFAULTS["memoryCapacityExceeded"].is_permanent


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"stat": "DELIVRD"}, "stat: DELIVRD is none of"),
        ({"error_code": 70_000}, "error_code: must be from 0 to 65535"),
        ({"retry_s": (0.0,)}, "retry_s: must be from 0.1 to"),
    ],
)
def test_what_makes_no_sense_is_refused(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        CauseConfig(**keys)


@pytest.mark.parametrize(
    ("name", "table", "problem"),
    [
        ("no good", CauseConfig(), "causes: no good must be 1 to 40 letters, digits and -"),
        ("validityExpired", CauseConfig(retry_s=(1.0,)), "validityExpired is final"),
    ],
)
def test_tables_that_make_no_sense_are_refused(name: str, table: CauseConfig, problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        NetworkConfig(causes={name: table})
