# A verdict is kept by a router, told by `smpp-router trace`, and made again by `smpp-router screen`.
import contextlib
import datetime
import io
import json
from pathlib import Path
from typing import Any

import pytest

from smpp_router.cli import main
from smpp_router.compliance.keywords import Keywords
from smpp_router.compliance.screener import Screener
from smpp_router.compliance.textscreen import TextScreen
from smpp_router.config_compliance import ComplianceConfig
from smpp_router.lexicon_files import load_terms, load_text_model
from tests.core.talk import Talk
from tests.trace.lives import store_of

FRAUD = "【XX银行】您的积分可兑换现金500元，请登录 http://icbc-cc.com 兑换，逾期清零"
PLAIN = "【示例银行】您的账单已生成，请留意"


@pytest.fixture(scope="module")
def lives(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """What trace tells of a message that was stopped and of one that went, each in a file."""
    folder = tmp_path_factory.mktemp("again")
    config = folder / "router.toml"
    config.write_text('[[listeners]]\nhost = "127.0.0.1"\n[store]\npath = "store"\n')
    words = TextScreen(Keywords(load_terms(None)), load_text_model(None), datetime.date(2027, 1, 15))
    talk = Talk(screener=Screener(ComplianceConfig(registration_required=False), words, lambda: 0.0))
    esme = talk.esme("bank")
    numbers = {FRAUD: b"8613900000001", PLAIN: b"8613900000002"}
    for text, number in numbers.items():
        esme.submit(destination=number, data_coding=8, short_message=text.encode("utf-16-be"))
        talk.wait(2.0)
    store_of(talk, folder / "store")
    files: dict[str, Path] = {}
    for text, number in numbers.items():
        with contextlib.redirect_stdout(io.StringIO()) as said:
            assert main(["trace", "--number", number.decode(), "--config", str(config), "--json"]) == 0
        files[text] = folder / f"{number.decode()}.json"
        files[text].write_text(said.getvalue(), "utf-8")
    return files


def verdict_of(path: Path) -> dict[str, Any]:
    (told,) = json.loads(path.read_text("utf-8"))
    return next(event["verdict"] for event in told["events"] if "verdict" in event)


@pytest.mark.parametrize("text", [FRAUD, PLAIN])
def test_a_kept_verdict_is_made_again_by_the_same_versions(
    lives: dict[str, Path], text: str, capsys: pytest.CaptureFixture[str]
) -> None:
    kept = verdict_of(lives[text])
    assert kept["lexicon_version"]
    assert kept["model_version"]
    assert kept["configuration_version"]
    assert (kept["action"] == "accept") == (text == PLAIN)
    assert main(["screen", "--stored", str(lives[text]), text]) == 0
    assert capsys.readouterr().out == f"the same verdict: {kept['action']}\n"


def test_another_text_has_another_verdict(lives: dict[str, Path], capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", "--stored", str(lives[FRAUD]), PLAIN]) == 3
    assert "now" in capsys.readouterr().out


def test_versions_that_have_changed_since_are_named(
    lives: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    told = json.loads(lives[PLAIN].read_text("utf-8"))
    for event in told[0]["events"]:
        if "verdict" in event:
            event["verdict"]["lexicon_version"] = "of-last-year"
    (tmp_path / "old.json").write_text(json.dumps(told), "utf-8")
    assert main(["screen", "--stored", str(tmp_path / "old.json"), PLAIN]) == 4
    said = capsys.readouterr().out
    assert "lexicon: of-last-year then, " in said
    assert "the same verdict by other versions: accept" in said


def test_another_configuration_is_named(
    lives: dict[str, Path], tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = tmp_path / "compliance.toml"
    config.write_text("[compliance]\nregistration_required = false\nillicit_hold_share = 0.9\n", "utf-8")
    assert main(["screen", "--stored", str(lives[PLAIN]), "--config", str(config), PLAIN]) == 4
    said = capsys.readouterr().out
    then = verdict_of(lives[PLAIN])["configuration_version"]
    assert f"configuration: {then} then, " in said
    assert "--config" in said
    assert "--lexicons" not in said
    assert "the same verdict by other versions: accept" in said


@pytest.mark.parametrize(
    ("data", "said"),
    [
        ("{}", "not what `smpp-router trace ID --json` tells"),
        ("no", "not what"),
        (
            '{"events": [], "message": {"source_addr": "1", "class": "x", "account": "y"}, "received_at": 1}',
            "the message has no verdict",
        ),
    ],
)
def test_what_is_no_life_with_a_verdict_is_refused(
    tmp_path: Path, data: str, said: str, capsys: pytest.CaptureFixture[str]
) -> None:
    (tmp_path / "life.json").write_text(data)
    assert main(["screen", "--stored", str(tmp_path / "life.json"), PLAIN]) == 1
    assert said in capsys.readouterr().err


def test_one_text_is_needed_and_a_file_that_is_there(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["screen", "--stored", str(tmp_path / "none"), "a", "b"]) == 2
    assert main(["screen", "--stored", str(tmp_path / "none"), "a"]) == 1
    assert "cannot be read" in capsys.readouterr().err
