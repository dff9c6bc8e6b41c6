# kill -9 at any instant, with traffic on: what was answered is kept. `python -m benchmarks.kills --runs 200`
# does it for minutes; see there for what is counted.
from pathlib import Path

import pytest
import trio

from benchmarks.kills import kills, main

KILLS = 3
LIMIT_S = 50.0


async def test_a_killed_router_keeps_what_it_promised(tmp_path: Path) -> None:
    with trio.fail_after(LIMIT_S):
        outcome = await kills(KILLS, 4, tmp_path)
    assert outcome.is_good, outcome
    assert outcome.runs == KILLS
    assert outcome.answered > 100, "there was traffic to be lost"
    assert outcome.stats["DELIVRD"] > outcome.stats["UNDELIV"] > 0


def test_it_tells_programs_in_json_and_with_its_status(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["--runs", "0", "--json"]) == 0
    assert '"is_good": true' in capsys.readouterr().out
