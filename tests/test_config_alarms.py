"""Alarms and their webhook are checked when they are configured, and secrets are not shown."""

import re
from typing import Any

import attrs
import pytest

from smpp_router.config_alarms import AlarmsConfig, WebhookConfig

SECRET = "sixteen-letters-or-more"


def test_the_defaults_are_valid_and_post_nothing() -> None:
    assert AlarmsConfig().webhook is None


@pytest.mark.parametrize(
    "url",
    [
        "https://ops.example/alarms",
        "http://127.0.0.1:8080/",
        "http://[::1]:8080/alarms?token=1",
    ],
)
def test_a_url_that_can_be_posted_to_is_taken(url: str) -> None:
    assert WebhookConfig(url=url, secret=SECRET).url == url


@pytest.mark.parametrize(
    "url",
    [
        "",
        "ops.example/alarms",
        "ftp://ops.example",
        "https://",
        "https://user:hush@ops.example/",
        "http://[::1",
        "http://x:0/",
    ],
)
def test_another_one_is_refused_without_showing_it(url: str) -> None:
    with pytest.raises(ValueError, match=r"^url: must be a URL") as error:
        WebhookConfig(url=url, secret=SECRET)
    assert "hush" not in str(error.value)


def test_a_short_secret_is_refused_and_none_is_shown() -> None:
    with pytest.raises(ValueError, match=re.escape("secret: must be 16 to 256 printable ASCII")) as error:
        WebhookConfig(url="https://ops.example", secret="short")
    assert "short" not in str(error.value)
    shown = repr(AlarmsConfig(webhook=WebhookConfig(url="https://ops.example/token", secret=SECRET)))
    assert SECRET not in shown
    assert "token" not in shown


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("raise_s", -1.0),
        ("stuck_s", 0.0),
        ("receipts_percent_min", 100),
        ("queue_percent_max", 0),
        ("history_max", 0),
    ],
)
def test_what_makes_no_sense_is_refused(key: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{key}: must be"):
        AlarmsConfig(**{key: value})


@pytest.mark.parametrize("cls", [AlarmsConfig, WebhookConfig])
def test_keys_are_given_by_name_and_say_their_unit(cls: type[attrs.AttrsInstance]) -> None:
    for field in attrs.fields(cls):
        assert field.kw_only
        if field.type is float:
            assert field.name.endswith("_s")
