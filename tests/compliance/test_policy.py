import pytest

from smpp_router.compliance.policy import HARD, STATUS_NAMES, SYMBOLS, Policy, status_of
from smpp_router.compliance.symbols import Symbol


def symbol(name: str) -> Symbol:
    return Symbol(name, 0.0, "why")


def test_every_status_of_a_family_is_in_the_vendors_space() -> None:
    assert all(0x400 <= status <= 0x4FF for status in STATUS_NAMES)
    assert {status_of(symbol(name)) for name in SYMBOLS} - set(STATUS_NAMES) == {
        status_of(symbol("RULE_FAILED"))
    }


def test_configuration_changes_what_is_done_for_all_classes_or_one() -> None:
    policy = Policy({"LINK_SHORTENER": "tag"}, {"marketing": {"LINK_SHORTENER": "hold"}})
    assert policy.action(symbol("LINK_SHORTENER"), "logistics") == "tag"
    assert policy.action(symbol("LINK_SHORTENER"), "marketing") == "hold"
    assert policy.action(symbol("LINK_PORT"), "marketing") == "refuse"
    assert policy.action(symbol("NOT_IN_ANY_TABLE")) == "tag"


@pytest.mark.parametrize("name", sorted(HARD))
def test_hard_findings_are_not_let_through_for_all_classes_at_once(name: str) -> None:
    assert Policy({name: "accept"}).action(symbol(name)) == "hold"
    assert Policy({}, {"test": {name: "accept"}}).action(symbol(name), "test") == "accept"
