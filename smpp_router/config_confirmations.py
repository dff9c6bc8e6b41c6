"""What recipients are told when a reply of theirs was taken as a refusal, or as consent again."""

from typing import Any, Literal

import attrs

from smpp_router.config_checks import octets


def _said(_: Any, attribute: "attrs.Attribute[Any]", value: str) -> None:
    if not value.strip():
        raise ValueError(f"{attribute.name}: must not be empty")


@attrs.frozen(kw_only=True)
class ConfirmationConfig:
    """One text, and whose recipients get it. The first one that fits a reply is sent."""

    on: Literal["refusal", "consent"]
    text: str = attrs.field(validator=_said)
    """One message: 70 characters, or 160 of the GSM alphabet."""
    account: str = ""
    """Of replies to this account; empty: any."""
    traffic_class: str = ""
    """Of replies to accounts of this class; empty: any."""
    sender: str = attrs.field(default="", validator=octets(0, 20))
    """The source address; empty: the number that was replied to."""
