import datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.lexicon import (
    HEAD_LINE,
    LexiconError,
    Term,
    as_line,
    difference,
    read_terms,
)

HEAD = "term\tcategory\tclasses\taction\tweight\n"


def problems(text: str) -> list[str]:
    with pytest.raises(LexiconError) as caught:
        read_terms([("f", text)])
    return list(caught.value.lines)


def test_a_term_is_read_with_all_that_it_says() -> None:
    row = "代開發票 invoice marketing,member hold 2.5 法 2026-01-01 2026-12-31 不代开发票|禁止代开发票 sound"
    row = row.replace(" ", "\t")
    (term,) = read_terms([("f", f"# comment\n\n{HEAD_LINE}\n{row}\n")])
    assert term == Term(
        term="代開發票",
        seen="代开发票",
        category="invoice",
        classes=("marketing", "member"),
        action="hold",
        weight=2.5,
        source="法",
        valid_from=datetime.date(2026, 1, 1),
        valid_to=datetime.date(2026, 12, 31),
        unless=("不代开发票", "禁止代开发票"),
        by_sound=True,
    )


@pytest.mark.parametrize(
    ("row", "problem"),
    [
        ("。！\tc\t*\ttag\t1", "f:2: term: '。！' has no letter, digit or character that is seen"),
        (f"{'长' * 65}\tc\t*\ttag\t1", "f:2: term: 65 characters, at most 64"),
        ("词\tBad Name\t*\ttag\t1", "f:2: category: 'Bad Name' is no name of a-z, 0-9 and _"),
        ("词\tc\t*\tshout\t1", "f:2: action: 'shout' is none of accept, tag, throttle, hold, refuse, off"),
        ("词\tc\t*\ttag\tmuch", "f:2: weight: 'much' is no number"),
        ("词\tc\t*\ttag\tnan", "f:2: weight: must be from 0 to 10, got nan"),
        ("词\tc\t*\ttag\t1\tmore", "f:2: 6 columns, the head line has 5"),
    ],
)
def test_what_is_wrong_is_told_with_its_place(row: str, problem: str) -> None:
    assert problems(HEAD + row) == [problem]


def test_all_problems_are_told_at_once() -> None:
    assert len(problems(f"{HEAD}词\tc\t*\tshout\t99\n词语\tC\t*\ttag\t1\n")) == 3


@pytest.mark.parametrize(
    "text", ["", "# nothing\n", "term\tcategory\n词\tc\n", "term\tterm\tcategory\tclasses\taction\tweight\n"]
)
def test_a_file_needs_its_head_line(text: str) -> None:
    assert "head line" in problems(text)[0]


def test_terms_that_look_the_same_may_stand_once_in_a_file() -> None:
    assert problems(f"{HEAD}贷款\tc\t*\ttag\t1\n貸 款\tc\t*\thold\t1\n") == [
        "f:3: '貸 款' stands in line 2 too"
    ]


def test_a_later_file_overrides_and_takes_out() -> None:
    first = f"{HEAD}贷款\tc\t*\ttag\t1\n发票\tc\t*\ttag\t1\n"
    second = f"{HEAD}貸款\tc\t*\thold\t2\n发票\tc\t*\toff\t0\n"
    assert [(t.seen, t.action) for t in read_terms([("a", first), ("b", second)])] == [("贷款", "hold")]


@given(st.text(max_size=200))
def test_any_file_is_read_or_refused(text: str) -> None:
    try:
        read_terms([("f", f"{HEAD_LINE}\n{text}")])
    except LexiconError as error:
        assert error.lines  # noqa: PT017 - both ways are right


def test_a_term_survives_being_written() -> None:
    row = "代開發票\tinvoice\ta,b\thold\t2.5\t法\t2026-01-01\t-\t不代开发票\tsound"
    terms = read_terms([("f", f"{HEAD_LINE}\n{row}\n词\tc\t*\ttag\t1\n")])
    assert read_terms([("g", "\n".join([HEAD_LINE, *map(as_line, terms)]))]) == terms


def test_a_difference_tells_added_removed_and_changed() -> None:
    before = read_terms([("a", f"{HEAD}甲\tc\t*\ttag\t1\n乙\tc\t*\ttag\t1\n")])
    after = read_terms([("b", f"{HEAD}乙\tc\t*\thold\t1\n丙\tc\t*\ttag\t1\n")])
    found = difference(before, after)
    assert [t.term for t in found.added] == ["丙"]
    assert [t.term for t in found.removed] == ["甲"]
    assert [(a.action, b.action) for a, b in found.changed] == [("tag", "hold")]
