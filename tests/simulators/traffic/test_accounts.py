"""As whom a load is offered."""

import pytest

from simulators.traffic.accounts import LoadAccount


def test_a_split_account_sends_over_transmitters_only() -> None:
    account = LoadAccount(system_id="a", bind="split", binds=2, receivers=1)
    assert account.commands == ["transmitter", "transmitter", "receiver"]
    assert LoadAccount(system_id="a", binds=2).commands == ["transceiver"] * 2


def test_a_password_may_come_from_the_environment() -> None:
    account = LoadAccount(system_id="a", password_env="SECRET")
    assert account.secret({"SECRET": "x"}) == "x"
    with pytest.raises(ValueError, match="has no SECRET"):
        account.secret({})
    with pytest.raises(ValueError, match="there is a password already"):
        LoadAccount(system_id="a", password="x", password_env="y")


def test_a_password_is_not_shown() -> None:
    assert "sesame" not in repr(LoadAccount(system_id="a", password="sesame"))
