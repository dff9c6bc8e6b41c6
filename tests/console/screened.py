# A served router that screens: marketing of a shop, without the layers that read words.
"""A router with compliance in a test."""

from typing import Any

from smpp_router.compliance.screener import Screener
from smpp_router.config import ClassConfig
from smpp_router.config_compliance import (
    ComplianceConfig,
    HoursConfig,
    RegistrationConfig,
    ScreenedClassConfig,
)
from tests.router_fixtures import account

GOOD = "【示例商城】全场五折，拒收请回复R"
HELD = "【示例商城】全场五折"
CLASSES = (ClassConfig(name="default"), ClassConfig(name="offers"))


def compliance(**changes: Any) -> ComplianceConfig:
    values: dict[str, Any] = {
        "registrations": (RegistrationConfig(account="shop", kind="shop"),),
        "classes": (
            ScreenedClassConfig(name="default", kind="notification"),
            ScreenedClassConfig(name="offers", kind="marketing", actions={"UNSUBSCRIBE_MISSING": "hold"}),
        ),
        # Whenever the test runs.
        "marketing_hours": HoursConfig(since="00:00", until="24:00"),
    }
    return ComplianceConfig(**(values | changes))


def screening(**changes: Any) -> dict[str, Any]:
    """What served() and on_memory() want for such a router."""
    config = compliance(**changes)
    return {
        "screener": Screener(config, None, lambda: 0.0),
        "compliance": config,
        "classes": CLASSES,
        "accounts": (account("shop", traffic_class="offers", mo_addresses=("10690",)),),
    }
