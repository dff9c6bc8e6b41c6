# The routing benchmark as it is called, in small worlds.
import json
from pathlib import Path
from typing import Any

import pytest

from benchmarks.routing.__main__ import main
from tests.benchmarks.small_world import written


@pytest.fixture(scope="module")
def ran(tmp_path_factory: pytest.TempPathFactory) -> Any:
    """Results of the small comparison, and its picture."""
    folder = tmp_path_factory.mktemp("routing")
    path, picture, out = written(folder), folder / "small.html", folder / "out.json"
    with pytest.MonkeyPatch.context() as patch, out.open("w") as file:
        patch.setattr("sys.stdout", file)
        status = main(["--scenario", str(path), "--processes", "1", "--json", "--plot", str(picture)])
    return status, json.loads(out.read_text()), picture.read_text(), path


def test_health_moves_traffic_where_a_static_strategy_leaves_it(ran: Any) -> None:
    _, told, _, _ = ran
    failover, static = told["results"]
    assert (failover["strategy"], static["strategy"]) == ("failover", "static_failover")
    assert failover["has_switched"]
    assert failover["switch_s"] <= 10.0 < (static["switch_s"] or 99.0)
    assert failover["p95_to_handset_s"] < static["p95_to_handset_s"]


def test_every_figure_is_there_and_adds_up(ran: Any) -> None:
    _, told, _, _ = ran
    for result in told["results"]:
        assert result["delivered_share"] == pytest.approx(result["delivered"] / result["reachable"], abs=1e-6)
        assert result["messages"] == sum(result["states"].values())
        assert result["cost"] >= 0.03 * result["delivered"]
        assert result["by_customer"]["courier"]["delivered"] == result["delivered"]
        assert result["duplicates_seen_share"] <= 0.05
        assert result["promises_broken"] == 0
        [effect] = result["degradations"]
        assert (effect["carrier"], effect["usual_share"], effect["is_asked"]) == ("a", 1.0, True)


def test_a_missed_goal_is_told_and_makes_the_exit_status(ran: Any) -> None:
    status, told, _, _ = ran
    failover, static = told["results"]
    assert failover["goals_missed"] == []
    assert any("switch_s" in line for line in static["goals_missed"])
    assert status == 1


def test_the_picture_shows_every_strategy_and_needs_nothing_from_outside(ran: Any) -> None:
    _, _, picture, _ = ran
    assert picture.startswith("<!doctype html>")
    for words in (">failover<", ">static_failover<", "a dark", "delivered"):
        assert words in picture
    assert "src=" not in picture
    assert picture.count("http") == picture.count("http://www.w3.org/2000/svg")


def test_the_same_seed_comes_to_the_same(ran: Any, capsys: pytest.CaptureFixture[str]) -> None:
    _, told, _, path = ran
    main(["--scenario", str(path), "--processes", "1", "--strategies", "failover", "--json"])
    [again] = json.loads(capsys.readouterr().out)["results"]
    assert again == told["results"][0]


def test_a_table_tells_of_several_seeds_the_worst(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = written(
        tmp_path,
        ("duration_s = 60.0", "duration_s = 20.0"),
        ("at_s = 20.0", "at_s = 5.0"),
        ("for_s = 30.0", "for_s = 12.0"),
        ("switch_s_max = 10.0", ""),
    )
    arguments = ["--strategies", "failover", "--seeds", "2", "--rate", "2", "--processes", "1"]
    assert main(["--scenario", str(path), *arguments]) == 0
    shown = capsys.readouterr().out
    assert "the worst of 2 seeds" in shown
    assert "2 a second" in shown
    assert all(len(line) <= 80 for line in shown.splitlines())


@pytest.mark.parametrize(
    ("arguments", "told"),
    [
        (["--scenario", "nowhere.toml"], "nowhere.toml: No such file or directory"),
        (["--scenario", "dark", "--strategies", "luck"], "unknown strategy luck; known: best_delivery"),
        (["--plot", "picture.gif"], "--plot picture.gif: must end in .html, .svg or .png"),
        (["--plot", "no/such/folder.html"], "there is no such folder"),
    ],
)
def test_bad_options_are_told_before_anything_runs(
    arguments: list[str], told: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(arguments) == 2
    assert told in capsys.readouterr().err


@pytest.mark.parametrize("arguments", [["--rate", "0"], ["--seeds", "x"], ["--processes", "0"]])
def test_bad_numbers_are_told(arguments: list[str], capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(arguments)
    assert "must be a" in capsys.readouterr().err
