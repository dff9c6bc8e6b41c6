"""Scenario files: read whole or refused with every reason."""

from pathlib import Path

import pytest

from simulators.world.scenario_file import ScenarioError, load_scenario, scenario_path

SMALL = """
[[customers]]
system_id = "bank"
[[carriers]]
profile = { name = "mobile", packs = ["id-uuid"] }
"""


@pytest.mark.parametrize("path", sorted(Path("config/scenarios").glob("*.toml")), ids=lambda path: path.stem)
def test_each_scenario_that_comes_with_the_project_can_be_read(path: Path) -> None:
    assert load_scenario(path).name == path.stem


def test_a_scenario_is_found_by_name_or_by_path() -> None:
    assert scenario_path("day") == Path("config/scenarios/day.toml")
    assert scenario_path("mine/own.toml") == Path("mine/own.toml")


def test_a_file_may_begin_with_a_byte_order_mark(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL, "utf-8-sig")
    assert len(load_scenario(path).carriers) == 1


def test_packs_are_worked_into_the_carriers(tmp_path: Path) -> None:
    path = tmp_path / "small.toml"
    path.write_text(SMALL)
    assert load_scenario(path).carriers[0].profile.message_ids == "uuid"


@pytest.mark.parametrize(
    ("more", "words"),
    [
        ('[[mishaps]]\nkind = "flood"\nper_hour = 1', "mishaps[0].kind: must be"),
        ('[[mishaps]]\nkind = "carrier"\nper_hour = 1', "set: belongs to the kinds carrier and network"),
        (
            '[[mishaps]]\nkind = "esme_reset"\nper_hour = 1\nlasts_s = [5.0, 1.0]',
            "lasts_s: must be two numbers",
        ),
        (
            '[[mishaps]]\nkind = "esme_reset"\nper_hour = 1\namong = ["shop"]',
            "mishaps[0].among: shop is not there",
        ),
        ('[[routes]]\nprefix = "86"\ncarriers = ["none"]', "routes[0].carriers: none is no carrier"),
        ('[[customers]]\nsystem_id = "bank"', "customers: bank stands there twice"),
        ("[[customers]]\nsystem_id = 7", "customers[1].system_id: must be"),
        ('[[carriers]]\nprofile = { name = "x", packs = ["nosuch"] }', "carriers[1].profile.packs"),
        (
            '[[mishaps]]\nkind = "carrier"\nper_hour = 1\nset = { "faults.deaf" = true }',
            "mishaps[0].set.faults.deaf: unknown key",
        ),
        (
            '[[mishaps]]\nkind = "network"\nper_hour = 1\nset = { queue_max = 1 }',
            "this scenario has no [network]",
        ),
        (
            '[network]\n[[mishaps]]\nkind = "network"\nper_hour = 1\nset = { queue_max = 0 }',
            "mishaps[0].set.queue_max: must be",
        ),
        ('[network]\nnumber_plan = { none = ["86"] }', "network.number_plan: none is no carrier"),
        ("[network]\n[[network.handset_groups]]\nshare = 2.0", "network.handset_groups[0].share: must be"),
        (
            '[network]\n[[carriers]]\nprofile = { name = "x", receipt_s = 1.0 }',
            "carriers[1].profile.receipt_s: says nothing beside a [network]",
        ),
        (
            '[network]\n[[mishaps]]\nkind = "carrier"\nper_hour = 1\nset = { receipt_s = 1.0 }',
            "mishaps[0].set.receipt_s: says nothing beside a [network]",
        ),
        ("[[customers]]\nsystem_id = 'x'\nshown_max = 0", "customers[1].shown_max: must be"),
        ("nosuch = 1", "nosuch: unknown key"),
        ("= 1", "small.toml: "),
    ],
)
def test_a_mistake_is_named_by_its_place(tmp_path: Path, more: str, words: str) -> None:
    path = tmp_path / "small.toml"
    path.write_text(f"{more}\n{SMALL}" if more.startswith("n") else f"{SMALL}\n{more}")
    with pytest.raises(ScenarioError) as error:
        load_scenario(path)
    assert any(words in line and line.startswith(str(path)) for line in error.value.lines)


def test_a_file_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(ScenarioError, match=r"none\.toml: No such file"):
        load_scenario(tmp_path / "none.toml")
