"""What a file may not say of a network."""

from typing import Any

import pytest

from simulators.handsets.config import HandsetConfig
from simulators.signalling.config import NetworkConfig, Subscribers

PLAN = {"mobile": ("86139",), "unicom": ("86130",)}


@pytest.mark.parametrize(
    ("keys", "problem"),
    [
        ({"number_plan": {"mobile": ()}}, "number_plan: must have 1 to"),
        ({"number_plan": {"mobile": ("+86",)}}, "number_plan: must be digits only"),
        ({"number_plan": {"a": ("86",), "b": ("86",)}}, "number_plan: 86 is of a and of b"),
        ({"ported": {"861": "mobile"}}, "ported: needs a number_plan"),
        ({"number_plan": PLAN, "ported": {"861": "telecom"}}, "861 goes to telecom, which number_plan"),
        ({"number_plan": {"a": ("86",)}, "ported_share": 0.1}, "ported_share: needs two carriers"),
        ({"sri_failures": {"nonsense": 0.1}}, "sri_failures: unknown cause nonsense; known: unknown"),
        ({"mt_failures": {"systemFailure": 1.1}}, "mt_failures: systemFailure must be from 0 to 1"),
        (
            {"mt_failures": {"systemFailure": 0.6, "networkFailure": 0.6}},
            "mt_failures: the shares must not be more than 1 together",
        ),
        ({"country_code": "+86"}, "country_code: must be digits only"),
        ({"validity_s": 0.0}, "validity_s: must be above 0"),
        ({"handsets": (HandsetConfig(number="1"),) * 2}, "handsets: 1 stands there twice"),
    ],
)
def test_what_makes_no_sense_is_refused(keys: dict[str, Any], problem: str) -> None:
    with pytest.raises(ValueError, match=problem):
        NetworkConfig(**keys)


def test_subscribers_are_listed_by_digits() -> None:
    with pytest.raises(ValueError, match="numbers: must be digits only"):
        Subscribers(numbers=("a",))
