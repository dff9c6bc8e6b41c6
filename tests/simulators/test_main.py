"""`python -m simulators`: handing over to its parts."""

import pytest

from simulators.__main__ import USAGE, main
from tests.simulators.commands import command


def test_without_a_part_it_says_which_there_are(capsys: pytest.CaptureFixture[str]) -> None:
    assert main([]) == 2
    assert capsys.readouterr().err == USAGE + "\n"
    assert main(["--help"]) == 0
    assert capsys.readouterr().out == USAGE + "\n"


@pytest.mark.parametrize("part", ["carriers", "esme"])
def test_a_part_has_its_own_help(part: str) -> None:
    result = command(part, "--help")
    assert result.returncode == 0
    assert result.stdout.startswith(f"usage: smpp-{part}")
