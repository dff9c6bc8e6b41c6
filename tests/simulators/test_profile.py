"""Profiles that can't be are refused, with the name of the field."""

import re
import tomllib
from pathlib import Path
from typing import Any

import attrs
import pytest

from simulators.anomalies import Anomalies
from simulators.distributions import Delay
from simulators.interception import Interception
from simulators.mobile_originated import MoTraffic
from simulators.outbind_config import OutbindConfig
from simulators.profile import CarrierProfile, SimulatedAccount, SimulatedListener, SimulatorConfig
from simulators.rules import Rule
from simulators.structuring import structure
from simulators.timeline.entry import BrownOut, Entry
from smpp_router.config import TlsConfig
from tests.simulators.customers import profile


@pytest.mark.parametrize(
    ("settings", "problem"),
    [
        ({"name": "two words"}, "name: "),
        ({"port": 65_536}, "port: must be from 0 to 65535, got 65536"),
        ({"response_s": -1.0}, "response_s: must be at least 0, got -1.0"),
        ({"throughput_per_s": 0.0}, "throughput_per_s: must be above 0"),
        ({"outcomes": {}}, "outcomes: one weight must be above 0"),
        ({"outcomes": {"DELIVRD": 0.0}}, "outcomes: one weight must be above 0"),
        ({"outcomes": {"DELIVRD": -1.0}}, "outcomes: DELIVRD must be at least 0"),
        ({"outcomes": {"ENROUTE": 1.0}}, "outcomes: ENROUTE is none of DELIVRD, "),
        ({"errors": {"ESME_RNONSENSE": 0.1}}, "errors: ESME_RNONSENSE is not the name of an error status"),
        ({"errors": {"ESME_ROK": 0.1}}, "errors: ESME_ROK is not the name of an error status"),
        ({"errors": {"DELIVERED": 0.1}}, "errors: DELIVERED is not"),
        ({"errors": {"ESME_RSYSERR": -0.1}}, "errors: ESME_RSYSERR must be at least 0"),
        ({"errors": {"ESME_RSYSERR": 0.6, "ESME_RSUBMITFAIL": 0.6}}, "errors: the shares must not be more"),
        ({"error_codes": {"DELIVRD": (1,)}}, "error_codes: DELIVRD is none of"),
        ({"error_codes": {"UNDELIV": ()}}, "error_codes: UNDELIV must be a list"),
        ({"error_codes": {"UNDELIV": (0,)}}, "error_codes: UNDELIV must be a list"),
        ({"message_ids": "uuid", "receipt_ids": "hex"}, "receipt_ids: a uuid has one spelling only"),
        ({"accounts": (SimulatedAccount(system_id="a"),) * 2}, "accounts: a system_id stands there twice"),
    ],
)
def test_what_can_not_be_is_refused(settings: dict[str, object], problem: str) -> None:
    with pytest.raises(ValueError, match=problem.replace("(", r"\(")):
        profile(**settings)


def test_a_password_is_not_shown() -> None:
    assert "secret" not in repr(SimulatedAccount(system_id="a", password="secret"))
    with pytest.raises(ValueError, match="password") as caught:
        SimulatedAccount(system_id="a", password="secret" * 20)
    assert "secret" not in str(caught.value)


def test_shares_that_only_rounding_makes_too_many_are_fine() -> None:
    shares = {"ESME_RSYSERR": 0.1, "ESME_RSUBMITFAIL": 0.2, "ESME_RINVDSTADR": 0.7}
    assert profile(errors=shares).errors == shares


@pytest.mark.parametrize(
    "kind",
    [
        CarrierProfile,
        Entry,
        BrownOut,
        SimulatedListener,
        TlsConfig,
        SimulatedAccount,
        OutbindConfig,
        Delay,
        Rule,
        Anomalies,
        Interception,
        MoTraffic,
    ],
    ids=lambda kind: kind.__name__,
)
def test_every_key_has_its_place_in_the_documentation(kind: type[Any]) -> None:
    name = "timeline" if kind in (Entry, BrownOut) else "carriers"
    page = (Path(__file__).parents[2] / f"docs/simulator/{name}.md").read_text("utf-8")
    missing = [
        field.name
        for field in attrs.fields(kind)
        if f"`{field.name}`" not in page
        and f"\n{field.name} = " not in page
        and f"{field.name} = " not in page
    ]
    assert missing == []
    page = (Path(__file__).parents[2] / "docs/simulator/carriers.md").read_text("utf-8")
    assert all(f"`#{key}=" in page for key in ("status", "stat", "err", "delay", "receipt_delay", "receipt"))


@pytest.mark.parametrize("name", ["carriers", "timeline"])
def test_the_examples_of_the_documentation_are_valid(name: str) -> None:
    page = (Path(__file__).parents[2] / f"docs/simulator/{name}.md").read_text("utf-8")
    examples = re.findall(r"```toml\n(.*?)```", page, re.DOTALL)
    assert examples
    for example in examples:
        is_whole = example.startswith("[[carriers]]")
        text = example if is_whole else f'[[carriers]]\nname = "a"\nport = 0\n{example}'
        structure(tomllib.loads(text), SimulatorConfig)
