from pathlib import Path

import pytest

from smpp_router.cli import main


def test_a_term_is_added_compared_and_taken_back(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = str(tmp_path / "lexicons")
    add = ["lexicon", "add", folder, "--term", "飞天套餐", "--category", "odd_offer", "--action", "hold"]
    assert main([*add, "--weight", "2"]) == 0
    assert capsys.readouterr().out.endswith("1 added, 0 removed, 0 changed\n")
    assert main([*add, "--weight", "3"]) == 0
    assert capsys.readouterr().out.endswith("0 added, 0 removed, 1 changed\n")
    assert main(["lexicon", "diff", folder, "--version", "2"]) == 0
    assert "+ 飞天套餐  odd_offer  *  hold  3" in capsys.readouterr().out
    assert main(["screen", "--json", "--lexicons", folder, "飞 天 套 餐"]) == 0
    assert '"action": "hold"' in capsys.readouterr().out
    assert main(["lexicon", "rollback", folder, "1"]) == 0
    capsys.readouterr()
    assert main(["lexicon", "diff", folder]) == 0
    assert capsys.readouterr().out == "0 added, 0 removed, 0 changed\n"
    assert main(["lexicon", "versions", folder]) == 0
    assert capsys.readouterr().out.count("before: add 1 terms") == 2


def test_a_term_that_would_stop_honest_traffic_is_not_added(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    add = ["lexicon", "add", str(tmp_path), "--category", "odd_offer", "--term"]
    assert main([*add, "的", "--action", "refuse"]) == 1
    told = capsys.readouterr().err
    assert told.startswith("'的' would hold ")
    assert "by hand" in told
    assert not list(tmp_path.glob("*.tsv"))
    assert main([*add, "的", "--action", "tag"]) == 0
    capsys.readouterr()
    assert main([*add, "验证码为", "--action", "hold"]) == 0
    assert "legitimate texts" in capsys.readouterr().err


def test_a_bad_term_changes_nothing(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    folder = tmp_path / "lexicons"
    assert main(["lexicon", "add", str(folder), "--term", "。", "--category", "X", "--weight", "much"]) == 1
    problems = capsys.readouterr().err.splitlines()
    assert sorted(line.partition(":")[0] for line in problems) == ["--category", "--term", "--weight"]
    assert not folder.exists()


def test_a_term_needs_a_category_and_versions_need_a_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["lexicon", "add", str(tmp_path / "none"), "--term", "x"]) == 2
    assert capsys.readouterr().err == "lexicon add: --term needs --category\n"
    assert main(["lexicon", "versions", str(tmp_path / "none")]) == 1
    assert capsys.readouterr().err == f"{tmp_path / 'none'}: is no folder\n"
    assert main(["lexicon", "versions", str(tmp_path)]) == 0
    assert capsys.readouterr().err == f"{tmp_path}: no versions yet\n"


def test_what_is_bad_is_told_with_its_place(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("term\tcategory\tclasses\taction\tweight\n甲\tc\t*\tshout\t1\n", "utf-8")
    assert main(["lexicon", "check", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"{path}:2: action: 'shout'")


def test_the_shipped_lexicons_are_counted(capsys: pytest.CaptureFixture[str]) -> None:
    assert main(["lexicon", "check"]) == 0
    assert "categories are good." in capsys.readouterr().out


def test_a_folder_edited_by_hand_is_compiled_and_a_bad_one_is_told(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = tmp_path / "a.tsv"
    path.write_text("term\tcategory\tclasses\taction\tweight\n飞天套餐\tc\t*\ttag\t1\n", "utf-8")
    assert main(["lexicon", "compile", str(tmp_path)]) == 0
    assert "terms are compiled: lex-" in capsys.readouterr().out
    before = (tmp_path / "compiled.npz").read_bytes()
    path.write_text("no head line", "utf-8")
    assert main(["lexicon", "compile", str(tmp_path)]) == 1
    assert capsys.readouterr().err.startswith(f"{path}:1: the head line")
    assert (tmp_path / "compiled.npz").read_bytes() == before
