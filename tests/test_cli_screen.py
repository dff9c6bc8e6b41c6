import io
import json
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.cli import main
from smpp_router.cli_screen import BadLine, Row, read_rows

FRAUD = "【XX银行】您的积分可兑换现金500元，请登录 http://icbc-cc.com 兑换，逾期清零"


def screened(
    path: Path, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, list[dict[str, object]], str]:
    status = main(["screen", "--file", str(path), "--json", *options])
    captured = capsys.readouterr()
    return status, [json.loads(line) for line in captured.out.splitlines()], captured.err


def test_a_file_is_screened_line_by_line(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "in.jsonl"
    rows = [
        {"id": "a", "text": FRAUD, "label": "illicit"},
        {"text": "明天见", "label": "legit", "class": "x"},
    ]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    status, answers, err = screened(path, capsys)
    assert status == 0
    assert [answer["id"] for answer in answers] == ["a", 2]
    fraud, plain = answers
    assert fraud["action"] in ("hold", "refuse")
    assert plain["action"] in ("accept", "tag")
    assert set(fraud) == {
        "id", "action", "illicit", "categories", "symbols", "reason", "lexicon_version", "model_version",
    }  # fmt: skip
    symbol = next(one for one in fraud["symbols"] if one["span"])  # type: ignore[attr-defined]
    assert set(symbol) == {"name", "score", "span", "reason"}
    assert "2 texts" in err
    assert "by label and action" in err


def test_bad_lines_are_told_with_their_numbers(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "in.jsonl"
    path.write_bytes(
        b'{"text": "ok"}\n\nnonsense\n[1]\n{"id": 1}\n{"text": 5}\n\xff\n'
        + b"[" * 100_000
        + b'\n{"text": ""}\n'
    )
    status, answers, err = screened(path, capsys)
    assert status == 1
    assert [answer.get("line") for answer in answers] == [None, 3, 4, 5, 6, 7, 8, None]
    assert f"{path}:3: not JSON" in err.replace("\n", "")
    assert "6 bad lines" in err


@settings(deadline=None, max_examples=50)
@given(
    st.lists(
        st.one_of(
            st.binary(max_size=40), st.text(max_size=20).map(lambda t: json.dumps({"text": t}).encode())
        )
    )
)
def test_any_bytes_are_rows_or_bad_lines(lines: list[bytes]) -> None:
    for row in read_rows(io.BytesIO(b"\n".join(lines))):
        assert isinstance(row, Row | BadLine)
        assert row.number >= 1


def test_a_line_without_end_is_not_read_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("smpp_router.cli_screen.LINE_MAX", 20)
    rows = list(read_rows(io.BytesIO(b"x" * 1000 + b'\n{"text": "ok"}\n')))
    assert [type(row) for row in rows] == [BadLine, Row]
    assert [row.number for row in rows] == [1, 2]


def test_a_text_is_explained(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", "--explain", "代 开 發 票\x1b[31m"]) == 0
    out = capsys.readouterr().out
    assert "TERM_INVOICE" in out
    assert "\x1b[31m" not in out
    assert "model" in out


@pytest.mark.parametrize("arguments", [[], ["text", "--file", "f"], ["text", "--day", "tomorrow"]])
def test_bad_usage_is_told(arguments: list[str]) -> None:
    assert main(["screen", *arguments]) == 2


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", "--file", str(tmp_path / "none")]) == 1
    bad = tmp_path / "model.npz"
    bad.write_bytes(b"no")
    assert main(["screen", "text", "--model", str(bad)]) == 1
    assert "not a model" in capsys.readouterr().err


def test_rules_of_class_and_sender_are_asked_too(tmp_path: Path) -> None:
    texts = tmp_path / "texts.jsonl"
    rows = [
        {"id": "offer", "class": "marketing", "text": "【示例商城】全场五折"},
        {"id": "code", "class": "verification", "text": "【示例】您的验证码是482615，5分钟内有效。"},
        {"id": "link", "class": "notification", "text": "【示例】您的订单已发货，详见http://1.2.3.4/x"},
        {"id": "no class", "text": "您的订单已发货"},
    ]
    texts.write_text("".join(json.dumps(row) + "\n" for row in rows), "utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "smpp_router", "screen", "--file", str(texts), "--json"],
        capture_output=True,
        text=True,
        check=True,
    )
    answers = {answer["id"]: answer for answer in map(json.loads, done.stdout.splitlines())}
    assert {name: answer["action"] for name, answer in answers.items()} == {
        "offer": "refuse",
        "code": "accept",
        "link": "refuse",
        "no class": "accept",
    }
    assert "UNSUBSCRIBE_MISSING" in {symbol["name"] for symbol in answers["offer"]["symbols"]}
