# Which conditions raise alarms, and where alarms go. Severities and texts are in core/alarms.py.
"""Configuration values of alarms."""

from typing import Any
from urllib.parse import urlsplit

import attrs

from smpp_router.config_checks import above, at_least, between, if_given, octets

GIB = 1 << 30


def _url(_: object, attribute: "attrs.Attribute[Any]", value: str) -> None:
    """Only what can be posted to; the value is not shown, since URLs carry tokens."""
    problem = (
        f"{attribute.name}: must be a URL such as https://ops.example/alarms, without a user or password"
    )
    try:
        parts = urlsplit(value)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.username is None
        is_good = is_good and (parts.port is None or parts.port > 0)
    except ValueError:
        raise ValueError(problem) from None
    if not is_good:
        raise ValueError(problem)


@attrs.frozen(kw_only=True)
class WebhookConfig:
    """Where alarms are posted, and what signs them."""

    url: str = attrs.field(repr=False, validator=_url)
    """Gets a POST for each alarm that is raised or cleared; docs/health.md has its form."""
    secret: str = attrs.field(repr=False, validator=octets(16, 256, secret=True))
    """The key of the HMAC-SHA256 signature; its receiver knows it too."""
    timeout_s: float = attrs.field(default=10.0, validator=above(0))
    """For one attempt, from connecting to the last octet of the answer."""
    attempts_max: int = attrs.field(default=12, validator=at_least(1))
    """After so many attempts an alarm is given up; with the pauses below that is about six minutes."""
    retry_min_s: float = attrs.field(default=1.0, validator=above(0))
    """Pause after the first failed attempt, doubled each time ..."""
    retry_max_s: float = attrs.field(default=60.0, validator=above(0))
    """... up to this."""
    queue_max: int = attrs.field(default=1_000, validator=at_least(1))
    """Alarms that wait to be posted; above it the oldest is dropped."""


@attrs.frozen(kw_only=True)
class AlarmsConfig:
    """When alarms are raised."""

    raise_s: float = attrs.field(default=10.0, validator=at_least(0))
    """How long something must be wrong before an alarm is raised ..."""
    clear_s: float = attrs.field(default=30.0, validator=at_least(0))
    """... and right again before it is cleared."""
    stuck_s: float = attrs.field(default=60.0, validator=above(0))
    """A message that has waited for a carrier for so long is stuck."""
    receipts_percent_min: int = attrs.field(default=70, validator=between(1, 99))
    """Delivered receipts of a carrier, in percent of the share that it usually has."""
    unknown_ids_percent_max: int = attrs.field(default=5, validator=between(0, 99))
    """Receipts of a carrier that name no message that we know."""
    refused_percent_max: int = attrs.field(default=50, validator=between(0, 99))
    """Messages of an account that are refused as malformed or without a way."""
    throttled_percent_max: int = attrs.field(default=50, validator=between(0, 99))
    """Messages of an account that are above what it bought."""
    malformed_percent_max: int = attrs.field(default=5, validator=between(0, 99))
    """PDUs of an account that cannot be read."""
    bad_passwords_max: int = attrs.field(default=5, validator=at_least(1))
    """Binds of an account with a wrong password, within a minute or so."""
    queue_percent_max: int = attrs.field(default=50, validator=between(1, 99))
    """How full a carrier's queue, an account's receipts, or the router itself may be."""
    disk_free_bytes: int = attrs.field(default=2 * GIB, validator=at_least(0))
    """Free space below which the disk is low; store.disk_free_min_bytes is when messages are refused."""
    history_max: int = attrs.field(default=1_000, validator=between(1, 100_000))
    """Alarms that are over, kept to be looked at."""
    webhook: WebhookConfig | None = attrs.field(
        default=None, validator=if_given(attrs.validators.instance_of(WebhookConfig))
    )
    """None: alarms go to the log and the statistics only."""
