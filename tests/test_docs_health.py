"""The examples of docs/health.md run and say what stands there; its tables name what there is."""

import doctest
from pathlib import Path

import attrs

from smpp_router.config_alarms import AlarmsConfig, WebhookConfig
from smpp_router.config_health import HealthConfig
from smpp_router.core.alarms import KINDS
from smpp_router.routing.health_breaker import State

PAGE = Path(__file__).parents[1] / "docs/health.md"


def test_the_examples_run() -> None:
    failed, tried = doctest.testfile(str(PAGE), module_relative=False, encoding="utf-8")
    assert failed == 0
    assert tried > 10


def test_every_alarm_and_state_is_told_of() -> None:
    page = PAGE.read_text("utf-8")
    rows = {line.split("|")[1].strip(): line for line in page.splitlines() if line.startswith("| ")}
    for kind in KINDS.values():
        assert f"| {kind.severity} |" in rows[f"`{kind.name}`"]
    for state in State:
        assert state.name in rows


def test_every_key_is_told_of_in_its_page_or_in_the_example() -> None:
    text = PAGE.read_text("utf-8") + (PAGE.parents[1] / "config/router.toml").read_text("utf-8")
    for cls in (HealthConfig, AlarmsConfig, WebhookConfig):
        assert [field.name for field in attrs.fields(cls) if field.name not in text] == []
