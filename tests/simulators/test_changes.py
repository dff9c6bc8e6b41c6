"""Profiles with other values: as valid as before, or refused by name."""

from typing import Any

import pytest

from simulators.changes import changed
from simulators.dialect import Dialect
from simulators.profile import SimulatedAccount
from tests.simulators.customers import profile


def test_changes_are_made_and_all_else_stays() -> None:
    before = profile(response_s=1.0, dialect=Dialect(receipt_err_digits=4))
    after = changed(before, {"receipt_s": 2, "dialect.receipt_date_digits": 12})
    assert (after.response_s, after.receipt_s) == (1.0, 2.0)
    assert after.dialect == Dialect(receipt_err_digits=4, receipt_date_digits=12)
    assert (before.receipt_s, before.dialect.receipt_date_digits) == (0.0, 10)


def test_a_key_may_go_into_a_table_of_shares() -> None:
    after = changed(profile(outcomes={"DELIVRD": 1.0}), {"outcomes.UNDELIV": 0.5})
    assert after.outcomes == {"DELIVRD": 1.0, "UNDELIV": 0.5}


def test_a_table_may_be_replaced_whole() -> None:
    before = profile(dialect=Dialect(receipt_err_digits=4))
    assert changed(before, {"dialect": {"receipt_date_digits": 14}}).dialect == Dialect(
        receipt_date_digits=14
    )
    accounts = (SimulatedAccount(system_id="a"),)
    assert changed(before, {"accounts": accounts}).accounts == accounts
    assert changed(before, {"accounts": [{"system_id": "a"}]}).accounts == accounts


@pytest.mark.parametrize(
    ("changes", "problem"),
    [
        ({"name": "other"}, "name: can't be changed"),
        ({"port": 1}, "port: can't be changed"),
        ({"colour": 1}, "colour: unknown key"),
        ({"dialect.colour": 1}, "dialect.colour: unknown key"),
        ({"response_s": "1"}, "response_s: must be a number, got a text"),
        ({"response_s": -1}, "response_s: must be at least 0"),
        ({"response_s.more": 1}, "response_s: is no table, so it has no more"),
        ({"dialect.receipt_date_digits": 11}, "dialect.receipt_date_digits: must be 10, 12 or 14"),
        ({"dialect.body_on_error": 1}, "dialect.body_on_error: must be true or false"),
        ({"outcomes": 3}, "outcomes: must be a table, got a whole number"),
        ({"dialect": 3}, "dialect: must be a table, got a whole number"),
        ({"outcomes.NO": 1}, "outcomes: NO is none of"),
        ({"dialect.is_plain": True}, "dialect.is_plain: unknown key"),
    ],
)
def test_what_can_not_be_changed_is_named(changes: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        changed(profile(), changes)
