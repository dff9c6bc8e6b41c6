"""Texts of confirmations."""

import pytest

from smpp_router.config_confirmations import ConfirmationConfig


def test_a_confirmation_says_something_from_an_address_that_can_be() -> None:
    assert ConfirmationConfig(on="refusal", text="bye").sender == ""
    with pytest.raises(ValueError, match="text: must not be empty"):
        ConfirmationConfig(on="refusal", text="  ")
    with pytest.raises(ValueError, match="sender: must be 0 to 20"):
        ConfirmationConfig(on="consent", text="hello", sender="1" * 21)
