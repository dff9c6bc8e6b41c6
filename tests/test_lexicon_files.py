from pathlib import Path

import pytest

from smpp_router.compliance.keywords import PAUSE_AFTER
from smpp_router.compliance.lexicon import HEAD_LINE, LexiconError, read_terms
from smpp_router.lexicon_files import (
    COMPILED_FILE,
    VERSIONS_MAX,
    bring_back,
    compile_folder,
    folder_files,
    load_keywords,
    load_terms,
    put_aside,
    replace,
    version_terms,
    versions,
    with_terms,
)

_FINANCE = (
    "loan debt credit card pos account money invoice tax stock futures crypto ponzi private wealth p2p "
    "insurance crowd charity pension gold phishing fake"
)
FINANCE = tuple(_FINANCE.split())


def lexicon(*rows: str) -> str:
    return "\n".join([HEAD_LINE, *rows, ""])


def seen(folder: Path) -> set[str]:
    return {term.seen for term in read_terms(folder_files(folder))}


def test_the_shipped_lexicons_are_good_and_large() -> None:
    terms = load_terms()
    categories = {term.category for term in terms}
    assert len(terms) >= 2_500
    assert "paydayloan" in {term.seen for term in terms}
    assert len([name for name in categories if name.startswith(FINANCE)]) >= 50
    for needed in ("gambling_casino", "pornography", "surrogacy", "gov_police", "impersonate_bank_staff"):
        assert needed in categories
    assert all(term.classes == ("marketing",) for term in terms if term.category.startswith("superlative"))
    assert any(term.unless for term in terms)


def test_a_folder_overrides_the_package(tmp_path: Path) -> None:
    (term,) = [term for term in load_terms() if term.term == "代开发票"]
    (tmp_path / "a.tsv").write_text(lexicon(f"代開發票\t{term.category}\t*\ttag\t0.1"), "utf-8")
    (now,) = [one for one in load_terms(tmp_path) if one.key == term.key]
    assert (now.action, now.weight) == ("tag", 0.1)


def test_a_mark_in_front_as_spreadsheets_write_it_is_no_part_of_a_table(tmp_path: Path) -> None:
    head = "term\tcategory\tclasses\taction\tweight"
    (tmp_path / "a.tsv").write_text(f"{head}\n飞天套餐\todd\t*\ttag\t1\n", "utf-8-sig")
    assert folder_files(tmp_path)[0][1].startswith("term\t")


def test_files_that_cannot_be_read_are_all_told(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_bytes(b"\xff\xfe")
    (tmp_path / "b.tsv").mkdir()
    with pytest.raises(LexiconError) as caught:
        folder_files(tmp_path)
    assert [line.split(": ", 1)[1][:14] for line in caught.value.lines] == [
        "is not UTF-8, ",
        "cannot be read",
    ]
    with pytest.raises(LexiconError, match="is no folder"):
        folder_files(tmp_path / "none")


def test_a_version_is_brought_back_and_the_present_kept(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(lexicon("甲\tc\t*\ttag\t1"), "utf-8")
    put_aside(tmp_path, "2026-05-01T00:00:00Z", "add")
    replace(path, lexicon("乙\tc\t*\ttag\t1").encode())
    (tmp_path / "b.tsv").write_text(lexicon("丙\tc\t*\ttag\t1"), "utf-8")
    kept = bring_back(tmp_path, 1, "2026-05-02T00:00:00Z")
    assert seen(tmp_path) == {"甲"}
    assert kept.number == 2
    bring_back(tmp_path, 2, "2026-05-03T00:00:00Z")
    assert seen(tmp_path) == {"乙", "丙"}
    assert [version.note for version in versions(tmp_path)] == ["add", "rollback to 1", "rollback to 2"]


def test_a_version_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    put_aside(tmp_path, "now", "x")
    with pytest.raises(LexiconError, match="no version 7; known: 1"):
        version_terms(tmp_path, 7)


def test_old_versions_go(tmp_path: Path) -> None:
    for _ in range(VERSIONS_MAX + 3):
        put_aside(tmp_path, "now", "x")
    numbers = [version.number for version in versions(tmp_path)]
    assert (len(numbers), numbers[0], numbers[-1]) == (VERSIONS_MAX, 4, VERSIONS_MAX + 3)


def test_added_terms_replace_those_that_look_the_same() -> None:
    old = "# kept\n" + lexicon("甲\tc\t*\ttag\t1", "乙\tc\t*\ttag\t1")
    text = with_terms(old, read_terms([("n", lexicon("乙。\tc\t*\thold\t2", "丙\tc\t*\ttag\t1"))]))
    assert text.startswith("# kept\n")
    assert [(t.seen, t.action) for t in read_terms([("f", text)])] == [
        ("甲", "tag"),
        ("乙", "hold"),
        ("丙", "tag"),
    ]


def test_a_compiled_folder_is_read_in_place_of_its_tables_until_they_change(tmp_path: Path) -> None:
    path = tmp_path / "a.tsv"
    path.write_text(lexicon("飞天套餐\tc\t*\ttag\t1"), "utf-8")
    made = compile_folder(tmp_path)
    pauses: list[None] = []
    read = load_keywords(tmp_path, lambda: pauses.append(None))
    assert (read.version, read.size, pauses) == (made.version, made.size, [])
    path.write_text(lexicon("飞天套餐\tc\t*\ttag\t2"), "utf-8")
    edited = load_keywords(tmp_path, lambda: pauses.append(None))
    assert edited.version != made.version
    assert len(pauses) >= edited.size // PAUSE_AFTER
    assert compile_folder(tmp_path).version == edited.version


def test_a_compiled_file_that_is_damaged_is_as_none(tmp_path: Path) -> None:
    (tmp_path / "a.tsv").write_text(lexicon("飞天套餐\tc\t*\ttag\t1"), "utf-8")
    version = compile_folder(tmp_path).version
    path = tmp_path / COMPILED_FILE
    path.write_bytes(path.read_bytes()[:-100])
    assert load_keywords(tmp_path).version == version


def test_the_package_alone_needs_no_folder() -> None:
    assert load_keywords().size == len(load_terms())
