"""Keys of carriers that say nothing beside a network."""

from pathlib import Path

import pytest

from simulators.config_file import SimulatorConfigError, load_simulators
from simulators.profile import CarrierProfile
from simulators.signalling.contradictions import DECIDED, refused, unheeded

FILE = """
[network]
[[carriers]]
name = "mobile"
port = 2775
"""


def test_a_file_that_says_it_twice_is_refused_with_each_place(tmp_path: Path) -> None:
    path = tmp_path / "carriers.toml"
    path.write_text(FILE + "outcomes = { DELIVRD = 1.0 }\nreceipt_s = 1.0\n")
    with pytest.raises(SimulatorConfigError) as caught:
        load_simulators(path)
    assert caught.value.lines == [
        f"{path}: carriers[0].outcomes: says nothing beside a [network]: {DECIDED['outcomes']}",
        f"{path}: carriers[0].receipt_s: says nothing beside a [network]: {DECIDED['receipt_s']}",
    ]
    path.write_text(FILE + "[[carriers.timeline]]\nat_s = 5.0\nset = { receipt_s = 9.0 }\n")
    with pytest.raises(SimulatorConfigError) as caught:
        load_simulators(path)
    assert caught.value.lines[0].startswith(f"{path}: carriers[0].timeline[0].set.receipt_s: says nothing")
    path.write_text(FILE.replace("[network]", "") + "receipt_s = 1.0\n")
    assert load_simulators(path).network is None


def test_what_a_pack_says_is_pointed_out(tmp_path: Path) -> None:
    path = tmp_path / "carriers.toml"
    path.write_text(FILE + 'packs = ["kannel-like-relay"]\n')
    (profile,) = load_simulators(path).carriers
    assert unheeded(profile) == ["receipt_s", "receipt_jitter_s", "outcomes"]
    assert unheeded(CarrierProfile(name="x", port=0)) == []


def test_a_change_is_refused_by_its_first_name() -> None:
    assert [line.split(":")[0] for line in refused(["response_s", "outcomes.DELIVRD"])] == ["outcomes"]
