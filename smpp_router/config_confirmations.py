"""What recipients are told when a reply of theirs is a refusal, consent again, or a request for help."""

from typing import Any, Literal

import attrs

from smpp_router.config_checks import octets

On = Literal["refusal", "consent", "help"]
Regime = Literal["cn", "in_dlt", "us_10dlc", "uk", "fr", "none"]


def _said(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if not value.strip():
        raise ValueError(f"{attribute.name}: must not be empty")


@attrs.frozen(kw_only=True)
class ConfirmationConfig:
    """One text, and whose recipients get it. The first one that fits a reply is sent."""

    on: On
    text: str = attrs.field(validator=_said)
    """One message: 70 characters, or 160 of the GSM alphabet."""
    account: str = ""
    """Of replies to this account; empty: any."""
    traffic_class: str = ""
    """Of replies to accounts of this class; empty: any."""
    regime: Regime | None = None
    """Of replies to accounts of this regime; None: any."""
    sender: str = attrs.field(default="", validator=octets(0, 20))
    """The source address; empty: the number that was replied to."""
