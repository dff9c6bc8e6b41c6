import json
import random
from pathlib import Path

import pytest

from smpp_router.cli import main
from smpp_router.lexicon_files import MODEL_FILE, canary_texts

HEAD = "term\tcategory\tclasses\taction\tweight\n"


def a_day(path: Path) -> Path:
    rng = random.Random(2)
    fraud = [
        "飞燕助农卡激活费{}元请联系{}",
        "领取飞燕助农补贴{}元加客服{}",
        "您的飞燕助农卡已制好先付{}元给{}",
    ]
    plain = ["明天{}点开会，{}号会议室", "【快递】取件码{}-{}，请到驿站领取"]
    rows = [
        {"text": f"{c}：{rng.choice(kind).format(rng.randint(1, 999), rng.randint(1, 999))}", "label": label}
        for c in "甲乙丙丁戊己庚辛壬癸子丑寅卯辰"
        for kind, label in ((fraud, "illicit"), (plain, "legitimate"))
        for _ in range(4)
    ]
    path.write_text("\n".join(map(json.dumps, rows)), "utf-8")
    return path


def illicit(folder: Path, capsys: pytest.CaptureFixture[str]) -> float:
    capsys.readouterr()
    assert main(["screen", "--json", "--lexicons", str(folder), "飞燕助农卡补贴到了，先付88元给7"]) == 0
    return float(json.loads(capsys.readouterr().out)["illicit"])


def test_a_day_is_learnt_and_taken_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "lexicons"
    samples = str(a_day(tmp_path / "day.jsonl"))
    terms = tmp_path / "day.tsv"
    terms.write_text(f"{HEAD}飞燕助农\tfarm_card\t*\thold\t2\n", "utf-8")
    command = ["lexicon", "update", str(folder), "--samples", samples, "--terms", str(terms)]
    assert main([*command, "--dry-run"]) == 0
    assert not (folder / MODEL_FILE).exists()
    before = illicit(folder, capsys)
    assert main(command) == 0
    assert "is in force" in capsys.readouterr().out
    assert illicit(folder, capsys) > max(before, 0.5)
    assert main(["lexicon", "rollback", str(folder), "1"]) == 0
    assert illicit(folder, capsys) == before


def test_a_day_that_would_hold_legitimate_texts_is_refused(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    folder = tmp_path / "lexicons"
    terms = tmp_path / "day.tsv"
    terms.write_text(f"{HEAD}验证码\tcodes\t*\thold\t2\n", "utf-8")
    samples = str(a_day(tmp_path / "day.jsonl"))
    assert main(["lexicon", "update", str(folder), "--samples", samples, "--terms", str(terms)]) == 1
    assert "'验证码' would hold" in capsys.readouterr().err
    assert not (folder / MODEL_FILE).exists()
    assert not (folder / "local.tsv").exists()


def test_samples_with_wrong_labels_are_refused(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "lexicons"
    path = a_day(tmp_path / "day.jsonl")
    texts = [one.text for one in canary_texts() if one.category == "notification"][:40]
    rows = [json.dumps({"text": text, "label": "illicit"}) for text in texts]
    path.write_text("\n".join([path.read_text("utf-8"), *rows]), "utf-8")
    assert main(["lexicon", "update", str(folder), "--samples", str(path)]) == 1
    assert "40 samples are canary texts with the other label" in capsys.readouterr().err
    assert not (folder / MODEL_FILE).exists()


def test_bad_samples_are_all_told(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "day.jsonl"
    rows = [
        "nonsense",
        "[]",
        '{"text": "。", "label": "ham"}',
        '{"text": "a", "label": "maybe"}',
        '{"text": "a", "label": "ham", "category": "a b"}',
    ]
    path.write_text("\n".join(rows), "utf-8")
    assert main(["lexicon", "update", str(tmp_path / "l"), "--samples", str(path)]) == 1
    assert [line.split(":")[1] for line in capsys.readouterr().err.splitlines()] == ["1", "2", "3", "4", "5"]
