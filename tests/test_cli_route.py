import json
import random
import shutil
from pathlib import Path
from typing import Any

import pytest

from smpp_router.cli import main
from smpp_router.config_file import load_config
from smpp_router.routing.router import made_router
from smpp_router.trace.arguments import time_of

CONFIG = Path(__file__).parents[1] / "config"
SHIPPED = CONFIG / "router.toml"
TUESDAY_TEN = "2025-11-25T10:00+08:00"
SATURDAY_TEN = "2025-11-29T10:00+08:00"
DEAR = "8616500000001"
"""A number for which china-mobile is above the ceiling of the shipped rule `offers`."""


def routed(*options: str, config: Path = SHIPPED) -> int:
    return main(["route", "--config", str(config), *options])


def answer(capsys: pytest.CaptureFixture[str], *options: str, config: Path = SHIPPED) -> dict[str, Any]:
    routed(*options, "--json", config=config)
    return json.loads(capsys.readouterr().out)


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A copy of the shipped configuration, whose routes can be written over."""
    shutil.copytree(CONFIG, tmp_path / "config")
    return tmp_path / "config"


def test_the_plan_stands_alone_with_its_chance(capsys: pytest.CaptureFixture[str]) -> None:
    assert routed("--number", "8613900000001", "--account", "bank") == 0
    assert capsys.readouterr().out == " 100.0%     china-mobile > telecom > unicom\n"


def test_an_explanation_tells_rule_number_class_reason_and_every_candidate(
    capsys: pytest.CaptureFixture[str],
) -> None:
    assert routed("--number", DEAR, "--account", "shop", "--at", TUESDAY_TEN, "--explain") == 0
    assert capsys.readouterr().out.splitlines() == [
        "rule    offers (least_cost)",
        "number  CN",
        "class   marketing",
        "why     the cheapest",
        "",
        "first in    plan",
        " 100.0%     telecom > unicom",
        "",
        "first in    carrier       price of a part",
        " 100.0%     telecom       0.031",
        "   0.0%     unicom        0.032",
        "   0.0%     china-mobile  0.035  above the price ceiling",
    ]


def test_the_time_that_is_asked_for_decides_which_rules_hold(capsys: pytest.CaptureFixture[str]) -> None:
    question = ("--number", DEAR, "--account", "shop")
    assert answer(capsys, *question, "--at", TUESDAY_TEN)["rule"] == "offers"
    assert answer(capsys, *question, "--at", SATURDAY_TEN)["rule"] == "offers-at-night"


def test_source_and_class_take_part(capsys: pytest.CaptureFixture[str]) -> None:
    question = ("--number", "8613300000001", "--account", "bank")
    assert answer(capsys, *question, "--source", "10690000191")["rule"] == "bank-staff"
    assert answer(capsys, *question, "--source", "10690000201")["rule"] == "prefix-86133"
    assert answer(capsys, *question, "--class", "logistics")["rule"] == "parcels"


@pytest.mark.parametrize(
    "spelling", ["8613900000001", "+8613900000001", "008613900000001", "+86 139-00000001"]
)
def test_a_number_may_be_written_in_any_way_that_is_international(
    spelling: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(capsys, "--number", spelling, "--account", "bank")
    assert (told["rule"], told["network"]) == ("codes-china-mobile", "china-mobile")


@pytest.mark.parametrize("account", ["courier", "shop", "bank"])
def test_the_plans_are_those_that_the_router_takes_as_often_as_is_told(
    account: str, capsys: pytest.CaptureFixture[str]
) -> None:
    told = answer(capsys, "--number", DEAR, "--account", account, "--at", SATURDAY_TEN)
    config = load_config(SHIPPED)
    router = made_router(config, random.Random(1))
    router.tick(time_of(SATURDAY_TEN))
    draws = 4_000
    taken = [router.decide(account, b"", DEAR.encode(), told["class"]).plan for _ in range(draws)]
    assert {tuple(one["carriers"]) for one in told["plans"]} == set(taken)
    for one in told["plans"]:
        assert taken.count(tuple(one["carriers"])) / draws == pytest.approx(one["chance"], abs=0.04)
    assert sum(one["chance"] for one in told["plans"]) == pytest.approx(1.0)


def test_a_number_that_moved_is_told_with_its_new_network(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    routes = folder / "routes.toml"
    text = routes.read_text("utf-8").replace("# portability = ", "portability = ")
    routes.write_text(text, "utf-8")
    (folder / "portability.csv").write_text("8613000000001,china-mobile\n", "utf-8")
    config = folder / "router.toml"
    moved = answer(capsys, "--number", "8613000000001", "--account", "bank", config=config)
    stayed = answer(capsys, "--number", "8613000000002", "--account", "bank", config=config)
    assert (moved["network"], moved["rule"]) == ("china-mobile", "codes-china-mobile")
    assert (stayed["network"], stayed["rule"]) == ("china-unicom", "prefix-86130")


def test_a_message_without_a_way_has_status_4_and_the_reason(
    folder: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    question = ("--number", "447700900123", "--account", "ministry")
    assert routed(*question) == 4
    assert capsys.readouterr().out == ("refused: no rule, prefix or default has a carrier for this number\n")
    rule = (
        '[[routes.rules]]\nname = "cheap"\nprice_per_part_max = 0.0\n'
        'carriers = ["unicom", "china-mobile", "telecom"]\n'
    )
    (folder / "routes.toml").write_text(rule, "utf-8")
    told = answer(capsys, *question, config=folder / "router.toml")
    assert told["plans"] == []
    assert told["why"] == "rules passed over: cheap (price ceiling), and none is left"


@pytest.mark.parametrize(
    ("options", "problem"),
    [
        (("--account", "nobody"), "--account: unknown account 'nobody'; known: bank, courier"),
        (("--class", "nothing"), "--class: unknown class 'nothing'; known: verification"),
        (("--source", "x" * 21), "--source: must be at most 20 ASCII characters"),
        (("--source", "银行"), "--source: must be at most 20 ASCII characters"),
        (("--number", "139x"), "--number: not a number"),
        (("--number", "1" * 40), "--number: a number has at most"),
    ],
)
def test_what_cannot_be_asked_is_told_with_status_2(
    options: tuple[str, ...], problem: str, capsys: pytest.CaptureFixture[str]
) -> None:
    # Of an option that is given twice the last one counts.
    assert routed("--number", "8613900000001", "--account", "bank", *options) == 2
    captured = capsys.readouterr()
    assert captured.out == ""
    assert captured.err.startswith(problem)


def test_a_bad_configuration_has_status_1(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    missing = tmp_path / "none.toml"
    assert routed("--number", "8613900000001", "--account", "bank", config=missing) == 1
    assert str(missing) in capsys.readouterr().err
