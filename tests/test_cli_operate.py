"""What the commands for opt-outs want to be told."""

import pytest

from smpp_router.cli import main


@pytest.mark.parametrize(
    "arguments",
    [
        ["optout"],
        ["optout", "add", "--number", "8613900000001"],
        ["optout", "import"],
        ["optout", "export", "--format", "xml"],
    ],
)
def test_a_bad_command_line_ends_with_status_2(arguments: list[str]) -> None:
    with pytest.raises(SystemExit) as caught:
        main(arguments)
    assert caught.value.code == 2


def test_help_has_examples(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["optout", "--help"])
    assert "smpp-router optout add" in capsys.readouterr().out
