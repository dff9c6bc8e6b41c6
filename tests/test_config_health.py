"""What an operator may tune of health scores is checked."""

from typing import Any

import pytest

from smpp_router.config_health import HealthConfig


def test_the_defaults_are_valid() -> None:
    config = HealthConfig()
    assert config.open_s < config.open_max_s
    assert "投诉" in config.complaint_words


@pytest.mark.parametrize(
    ("key", "value", "problem"),
    [
        ("window_s", 0.0, "must be above 0, got 0.0"),
        ("messages_min", 4, "must be at least 5, got 4"),
        ("open_below", 100, "must be from 1 to 99, got 100"),
        ("cells_max", 0, "must be from 1 to 100000, got 0"),
        ("filter_error_codes", (8, 70_000), "must be from 0 to 65535, got 70000"),
        ("risky_classes", ("a", "a"), '"a" stands there twice'),
    ],
)
def test_what_makes_no_sense_is_refused(key: str, value: Any, problem: str) -> None:
    with pytest.raises(ValueError, match=rf"^{key}: ") as error:
        HealthConfig(**{key: value})
    assert problem in str(error.value)
