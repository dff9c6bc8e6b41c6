"""Values of rules, prices and prefixes, each by itself."""

from typing import Any

import pytest

from smpp_router.config_routes import PriceConfig, RouteConfig, RuleConfig

RULE: dict[str, Any] = {"name": "codes", "carriers": ("a",)}


@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("name", "two words"),
        ("carriers", ()),
        ("carriers", ("a", "a")),
        ("senders", ("",)),
        ("senders", ("1" * 21,)),
        ("senders", ("中国",)),
        ("prefixes", ("+86",)),
        ("hours", ("9:00-21:00",)),
        ("hours", ("09:00-25:00",)),
        ("hours", ("09:00-09:00",)),
        ("hours", ("24:00-06:00",)),
        ("weekdays", ("mon", "mon")),
        ("price_per_part_max", -0.1),
        ("score_min", 101.0),
        ("probe_share_min", 0.6),
        ("probe_share_max", 1.1),
    ],
)
def test_a_rule_with_a_bad_value_is_not_made(field: str, value: Any) -> None:
    with pytest.raises(ValueError, match=f"^{field}: "):
        RuleConfig(**{**RULE, field: value})


def test_a_rule_needs_a_name_and_carriers_and_fails_over_by_itself() -> None:
    assert RuleConfig(**RULE).strategy == "failover"
    assert RuleConfig(**RULE, hours=("22:00-06:00", "12:00-24:00")).hours == ("22:00-06:00", "12:00-24:00")


def test_a_price_is_for_digits_and_never_below_nothing() -> None:
    with pytest.raises(ValueError, match=r"^prefix: must be digits only"):
        PriceConfig(prefix="+86", price_per_part=0.03)
    with pytest.raises(ValueError, match=r"^price_per_part: must be at least 0"):
        PriceConfig(prefix="86", price_per_part=-0.03)


def test_a_route_has_a_prefix_of_digits() -> None:
    with pytest.raises(ValueError, match=r"^prefix: must be digits only"):
        RouteConfig(prefix="86x", carriers=("a",))
