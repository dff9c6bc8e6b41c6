import io
import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from smpp_router.cli import main
from smpp_router.cli_screen import BadLine, Row, read_rows

FRAUD = "【XX银行】您的积分可兑换现金500元，请登录 http://icbc-cc.com 兑换，逾期清零"


def screened(
    path: Path, capsys: pytest.CaptureFixture[str], *options: str
) -> tuple[int, list[dict[str, Any]], str]:
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
        "configuration_version", "command_status", "status_text",
    }  # fmt: skip
    symbol = next(one for one in fraud["symbols"] if one["span"])
    assert set(symbol) == {"name", "score", "span", "reason", "source"}
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


def test_without_a_configuration_all_layers_speak_and_it_is_said_which_cannot(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    text = "请尽快将货款转到工商银行账户6222021234567890123，详见 https://bit.ly/x1"
    wanted = {"SIGNATURE_MISSING", "INTENT_TRANSFER", "LINK_SHORTENER", "MODEL_ILLICIT"}
    assert main(["screen", "--explain", text]) == 0
    told = capsys.readouterr().out
    assert wanted <= set(told.split())
    assert "not judged without --config: whether signature," in told
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"text": text}), "utf-8")
    status, (answer,), err = screened(path, capsys)
    assert status == 0
    assert wanted <= {symbol["name"] for symbol in answer["symbols"]}
    assert "not judged without --config:" in err
    assert main(["screen", text]) == 0
    assert "not judged" not in capsys.readouterr().out, "that is for --explain"


def test_names_of_findings_are_whole_on_a_narrow_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    assert main(["screen", "--json", FRAUD]) == 0
    names = [symbol["name"] for symbol in json.loads(capsys.readouterr().out)["symbols"]]
    assert len(names) > 1
    monkeypatch.setenv("COLUMNS", "60")
    assert main(["screen", "--explain", FRAUD]) == 0
    out = capsys.readouterr().out
    assert all(f"{name} " in out for name in names)


def test_a_configuration_without_screening_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    config = Path(__file__).parents[1] / "config/router.toml"
    assert main(["screen", "--config", str(config), "明天见"]) == 0
    told = capsys.readouterr()
    assert told.out.splitlines()[1].startswith("accept")
    assert told.err == f"{config}: has no [compliance]; screening by text and class alone\n"


@pytest.mark.parametrize("arguments", [[], ["text", "--file", "f"], ["text", "--day", "tomorrow"]])
def test_bad_usage_is_told(arguments: list[str]) -> None:
    assert main(["screen", *arguments]) == 2


def test_what_cannot_be_read_is_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["screen", "--file", str(tmp_path / "none")]) == 1
    bad = tmp_path / "model.npz"
    bad.write_bytes(b"no")
    assert main(["screen", "text", "--model", str(bad)]) == 1
    assert f"{bad}: not a model" in capsys.readouterr().err


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


REGIMES = """
registrations = [
    { account = "india", regime = "in_dlt", dlt = { entity = "11", templates = { 22 = "Hi {#var#}" } } },
]
marketing_caps = [{ count = 1, period_s = 60.0 }]
"""


def regimes(folder: Path) -> str:
    """A router with an account in India, for which time, recipient and TLVs matter."""
    secret = "scrypt$2$1$1$00$" + "00" * 32
    (folder / "router.toml").write_text(
        '''listeners = [{ host = "127.0.0.1" }]
store = { path = "store" }
classes = [{ name = "marketing" }]
accounts = [{ system_id = "india", secrets = ["'''
        + secret
        + """"], allow_from = [], traffic_class = "marketing" }]
[compliance]
"""
        + REGIMES,
        "utf-8",
    )
    return str(folder / "router.toml")


def test_time_recipient_and_tlvs_are_taken_into_account(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "in.jsonl"
    good = {"text": "Hi Anu", "account": "india", "class": "marketing", "to": "919000000001"}
    good |= {"at": "2026-05-01T12:00+05:30", "tlvs": {"0x1400": "11", "5121": "22"}}
    early = {**good, "to": "919000000002", "at": "2026-05-01T09:59+05:30"}
    rows = [good, early, good, {**good, "tlvs": {}, "at": "2026-05-01T12:02+05:30"}]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    status, answers, _ = screened(path, capsys, "--config", regimes(tmp_path))
    assert status == 0
    found = [{symbol["name"] for symbol in answer["symbols"]} for answer in answers]
    rules = [names & {"QUIET_HOURS", "FREQUENCY", "DLT_ENTITY_MISSING"} for names in found]
    assert rules == [set(), {"QUIET_HOURS"}, {"FREQUENCY"}, {"DLT_ENTITY_MISSING"}]


@pytest.mark.parametrize(
    ("values", "problem"),
    [
        ({"at": "noon"}, "at: must be a time such as 2026-05-01T22:30+08:00"),
        ({"at": "2026-05-01T12:00"}, "at: must be a time such as"),
        ({"at": "0001-01-01T00:00+14:00"}, "at: must be a time such as"),
        ({"at": "9999-12-31T23:59+00:00"}, "at: must be a time such as"),
        ({"tlvs": ["0x1400"]}, "tlvs: must be an object such as"),
        ({"tlvs": {"entity": "11"}}, "tlvs: must be an object such as"),
        ({"tlvs": {"0x1400": 11}}, "tlvs: must be an object such as"),
    ],
)
def test_a_line_with_a_bad_time_or_tlv_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], values: dict[str, object], problem: str
) -> None:
    path = tmp_path / "in.jsonl"
    path.write_text(json.dumps({"text": "Hi", **values}), "utf-8")
    status, (answer,), _ = screened(path, capsys)
    assert status == 1
    assert str(answer["error"]).startswith(problem)


def test_a_text_of_the_command_line_has_its_time_recipient_and_tlvs_too(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    options = [
        "screen",
        "--json",
        "--config",
        regimes(tmp_path),
        "--account",
        "india",
        "--class",
        "marketing",
    ]
    late = [
        "--at",
        "2026-05-01T22:00+05:30",
        "--to",
        "919000000001",
        "--tlv",
        "0x1400=11",
        "--tlv",
        "0x1401=22",
    ]
    assert main([*options, *late, "Hi Anu"]) == 0
    (line,) = capsys.readouterr().out.splitlines()
    names = {symbol["name"] for symbol in json.loads(line)["symbols"]}
    assert "QUIET_HOURS" in names
    assert not {name for name in names if name.startswith("DLT")}
    assert main([*options, "--at", "late", "Hi Anu"]) == 2
    assert "--at: must be a time" in capsys.readouterr().err
    assert main([*options, "--tlv", "1400", "Hi Anu"]) == 2
    assert "--tlv: must be" in capsys.readouterr().err


def test_a_file_of_screening_alone_is_enough(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "compliance.toml"
    path.write_text(
        '[compliance]\nregistrations = [{ account = "shop", signatures = [{ text = "示例" }] }]', "utf-8"
    )
    options = ["screen", "--json", "--config", str(path), "--class", "logistics", "--account", "shop"]
    assert main([*options, "【别店】您的包裹已到"]) == 0
    assert "SIGNATURE_" in capsys.readouterr().out
    template = '{ id = "T", text = "{whole}" }'
    path.write_text(
        f'[compliance]\nregistrations = [{{ account = "shop", templates = [{template}] }}]', "utf-8"
    )
    assert main([*options, "x"]) == 1
    assert "variables may not be the whole text" in capsys.readouterr().err
    path.write_text("[compliance]\nregim = 1", "utf-8")
    assert main([*options, "x"]) == 1
    assert "unknown key; did you mean regime?" in capsys.readouterr().err
