"""docs/simulator/network.md says what the code does, and its example runs."""

import re
import tomllib
from pathlib import Path

import attrs
import pytest

from simulators.config_file import load_simulators
from simulators.handsets.config import Answer, Habits, HandsetConfig, HandsetGroup, Interval
from simulators.signalling.causes import DEFAULTS, CauseConfig
from simulators.signalling.config import NetworkConfig, Subscribers
from simulators.signalling.network import Network
from smpp_router.wire.receipt import STATES

ROOT = Path(__file__).parents[3]
PAGE = (ROOT / "docs/simulator/network.md").read_text("utf-8")


@pytest.mark.parametrize(
    "kind", [NetworkConfig, Habits, HandsetGroup, HandsetConfig, Answer, Interval, Subscribers, CauseConfig]
)
def test_every_key_is_explained(kind: type[attrs.AttrsInstance]) -> None:
    missing = [field.name for field in attrs.fields(kind) if not re.search(rf"\b{field.name}\b", PAGE)]
    assert missing == []


def test_the_table_of_causes_is_the_one_that_is_used() -> None:
    rows = re.findall(r"^\| (`.*`) \| ([\d, ]+) \| (\w+) \| (.*) \|$", PAGE, re.MULTILINE)
    told: dict[str, tuple[int, int, bool]] = {}
    for names, codes, stat, attempts in rows:
        for name, code in zip(re.findall(r"`([\w-]+)`", names), codes.split(", "), strict=True):
            is_permanent = attempts == "one" or "none" in attempts
            told[name] = (int(code), STATES[stat.encode()], is_permanent)
    assert told == {
        name: (cause.error_code, cause.state, cause.is_permanent) for name, cause in DEFAULTS.items()
    }


def test_every_counter_is_explained() -> None:
    missing = [name for name in Network(NetworkConfig()).statistics() if f"`{name}`" not in PAGE]
    assert missing == []


def test_pieces_of_the_page_are_good_tables() -> None:
    pieces = re.findall(r"```toml\n(.*?)```", PAGE, re.DOTALL)
    assert len(pieces) == 3
    for piece in pieces:
        assert tomllib.loads(piece)["network"]


def test_the_example_has_what_the_page_sends_to() -> None:
    config = load_simulators(ROOT / "config/simulators/network.toml")
    assert config.network is not None
    assert "8613900000200" in [handset.number for handset in config.network.handsets]
    assert config.carriers[0].port == 3201
