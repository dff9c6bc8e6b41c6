"""The table [control]: safe as it comes, and with every mistake named."""

import json
from pathlib import Path
from typing import Any

import attrs
import pytest

from simulators.control.config import ControlConfig


def test_without_a_word_it_is_for_this_machine_only() -> None:
    config = ControlConfig()
    assert (config.host, config.port, config.token, config.capture_file) == ("127.0.0.1", 8775, "", "")


@pytest.mark.parametrize(
    "keys",
    [
        {"host": ""},
        {"port": -1},
        {"port": 65_536},
        {"pdus_max": -1},
        {"capture_octets_max": -1},
        {"capture_file_octets_max": -1},
        {"waits_max": 0},
    ],
)
def test_a_value_that_cannot_be_is_named(keys: dict[str, Any]) -> None:
    (key,) = keys
    with pytest.raises(ValueError, match=key):
        ControlConfig(**keys)


def test_a_token_is_never_shown() -> None:
    assert "open sesame" not in repr(ControlConfig(token="open sesame"))
    with pytest.raises(ValueError, match="token") as caught:
        ControlConfig(token="öffne dich")
    assert "öffne" not in str(caught.value)


def test_the_documentation_has_every_key_with_its_default() -> None:
    page = (Path(__file__).parents[3] / "docs/simulator/control.md").read_text("utf-8")
    for field in attrs.fields(ControlConfig):
        assert f"| `{field.name}` | `{json.dumps(field.default)}` |" in page
