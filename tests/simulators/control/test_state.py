"""State as JSON."""

import json
import math
from typing import Any

import attrs

from simulators.carrier import SimulatedCarrier
from simulators.control.state import carrier_state, profile_table
from simulators.profile import CarrierProfile
from tests.simulators.control.controlled import profile


def test_a_carrier_that_is_down_has_no_port() -> None:
    state = carrier_state(SimulatedCarrier(profile()), ())
    assert (state["is_up"], state["port"], state["binds"]) == (False, None, [])
    assert state["listeners"] == []


def test_a_profile_has_all_its_keys_but_no_password() -> None:
    table = json.loads(json.dumps(profile_table(profile()), allow_nan=False))
    assert table.keys() == {field.name for field in attrs.fields(CarrierProfile)}
    assert "secret" not in json.dumps(table)


def test_what_json_has_no_word_for_is_nothing() -> None:
    @attrs.frozen
    class Odd:
        never: float = math.inf
        octets: bytes = b"\xff"
        some: frozenset[int] = frozenset({1})
        other: object = 1j

    odd: Any = Odd()
    table = profile_table(odd)
    assert table == {"never": None, "octets": "\\xff", "some": [1], "other": "1j"}
