"""What must fit together in a configuration; what else is told of it is in test_config_file.py."""

from smpp_router.config import CarrierConfig, ClassConfig, LinkConfig, ListenerConfig, RouterConfig
from smpp_router.config_compliance import HoursConfig
from smpp_router.config_fit import CROSS_CHECKS
from smpp_router.config_health import HealthConfig

LINK = LinkConfig(host="a.example", system_id="us", password="")
PARTS = {
    "listeners": (ListenerConfig(host="::1"), ListenerConfig(host="::1")),
    "classes": (ClassConfig(name="default"), ClassConfig(name="default")),
    "carriers": (
        CarrierConfig(
            name="north",
            links=(LINK,),
            reconnect_min_s=9.0,
            reconnect_max_s=1.0,
            marketing_hours=HoursConfig(),
        ),
    ),
    "health": HealthConfig(risky_classes=("offers",)),
    "compliance": None,
}


def test_every_section_that_a_check_needs_there_is() -> None:
    sections = set(RouterConfig.__annotations__)
    assert all(set(needs) <= sections for needs, _ in CROSS_CHECKS)


def test_a_check_names_the_section_and_the_place_of_what_does_not_fit() -> None:
    told = [
        problem
        for needs, check in CROSS_CHECKS
        if PARTS.keys() >= set(needs)
        for problem in check(*(PARTS[name] for name in needs))
    ]
    assert told == [
        ("listeners", "listeners[1].port: ::1:2775 is listeners[0] already"),
        ("carriers", "carriers[0].marketing_hours: needs [compliance], which tells what is marketing"),
        ("classes", 'classes[1].name: "default" is classes[0] already'),
        ("carriers", "carriers[0].reconnect_max_s: must be at least reconnect_min_s"),
        ("health", 'health.risky_classes[0]: unknown class "offers"; known: default, default'),
    ]
