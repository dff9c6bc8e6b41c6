"""`python -m simulators world`, as a user runs it."""

import json
import logging
import shlex
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import attrs
import pytest

from simulators.__main__ import main
from smpp_router.core.settle import Settle


@pytest.fixture(autouse=True)
def _logging_again() -> Iterator[None]:
    yield
    logging.disable(logging.NOTSET)


def world(*options: str) -> int:
    return main(["world", "--hours", "0.003", *options])


def test_it_tells_what_became_of_a_world(capsys: pytest.CaptureFixture[str], tmp_path: Path) -> None:
    log = tmp_path / "world.log"
    assert world("--seed", "3", "--log", str(log)) == 0
    out = capsys.readouterr().out
    assert "every promise was kept" in out
    lines = log.read_text().splitlines()
    assert any("submit_sm:" in line for line in lines)
    assert all(float(line.split()[0]) >= 0.0 for line in lines)
    assert "86139" not in log.read_text(), "numbers are not logged"


def test_json_has_what_other_programs_need(capsys: pytest.CaptureFixture[str]) -> None:
    assert world("--json", "--faults", "") == 0
    result = json.loads(capsys.readouterr().out)
    assert result["seed"] == 1
    assert result["simulated_s"] > 10
    assert result["messages"] > 50
    assert result["events"] > 300
    assert len(result["log_sha256"]) == 64
    assert result["violations"] == []
    assert result["faults"] == {}
    assert result["replay"] is None


def test_a_violation_ends_with_1_and_prints_the_command_that_shows_it_again(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    sound = Settle.receipts

    def rosy(self: Settle, carrier: Any, receipts: Any, now: float, commit: Any) -> None:
        sound(self, carrier, [attrs.evolve(one, message_state=2) for one in receipts], now, commit)

    monkeypatch.setattr(Settle, "receipts", rosy)
    assert world("--seed", "2") == 1
    out = capsys.readouterr().out
    assert "truth: message" in out
    command = shlex.split(next(line for line in out.splitlines() if line.startswith("again: ")))
    assert command[1:5] == ["python", "-m", "simulators", "world"]
    assert command[-2:] == ["--faults", ""], "no fault is needed for it"
    assert main(command[4:]) == 1


def test_a_scenario_that_cannot_be_read_is_refused(capsys: pytest.CaptureFixture[str]) -> None:
    assert world("--scenario", "nosuch") == 2
    assert "config/scenarios/nosuch.toml: No such file" in capsys.readouterr().err


@pytest.mark.parametrize("options", [["--faults", "x"], ["--hours", "0"], ["--hours", "long"]])
def test_options_that_make_no_sense_are_refused(
    options: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    with pytest.raises(SystemExit) as error:
        main(["world", *options])
    assert error.value.code == 2
    assert "must be" in capsys.readouterr().err
