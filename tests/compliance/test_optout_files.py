"""Opt-outs in files."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.compliance.optout_files import (
    KINDS,
    LINE_MAX,
    Form,
    Origin,
    RefusedError,
    consent_of,
    plain_number,
    read,
    row_of,
    written,
)
from smpp_router.message.consent import Consent

ORIGIN = Origin(now=2_000.0, by="file", who="ops", account="shop", accounts=frozenset({"shop", "bank"}))
CONSENTS = st.builds(
    Consent,
    at=st.integers(0, 2_000).map(float),
    account=st.sampled_from(["shop", "bank"]),
    number=st.from_regex(r"[1-9][0-9]{4,14}", fullmatch=True),
    is_refusal=st.booleans(),
    source_addr=st.sampled_from(["", "1069"]),
    kind=st.sampled_from(["", *KINDS]),
    by=st.just("file"),
    who=st.just("ops"),
    reason=st.sampled_from(["", "按客户要求", 'said "no", twice', "two\nlines"]),
)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
@given(consents=st.lists(CONSENTS, max_size=6))
def test_what_was_exported_can_be_imported(form: Form, consents: list[Consent]) -> None:
    octets = "".join(written(consents, form)).encode()
    assert read(octets, form, ORIGIN, 100) == consents or not consents


def test_every_mistake_is_told_by_its_line_and_nothing_is_taken() -> None:
    text = "number,account,category\n8613900000001,shop,\nabc,shop,\n8613900000002,other,fun\n1,2\n"
    with pytest.raises(RefusedError) as caught:
        read(text.encode(), "csv", ORIGIN, 100)
    kinds = ", ".join(KINDS)
    assert caught.value.problems == (
        "line 3: number: must be 3 to 20 digits in international form",
        "line 4: account: there is no account other",
        f"line 4: category: must be * or one of {kinds}",
        "line 5: 2 columns, and the head names 3",
    )


@pytest.mark.parametrize(
    ("octets", "problem"),
    [
        (b"8613900000001\n", "line 1: the first line must name the columns"),
        (b"number,colour\n1,2\n", "line 1: column 'colour': unknown"),
        (b"number,number\n1,2\n", "line 1: column number: stands there twice"),
        (b"number\n\xff\n", "line 2: not UTF-8"),
        (b'number\n"86139\n', "not CSV"),
        (b"number\n86139\n86139\n86139\n86139\n", "line 5: more than 3 lines"),
    ],
)
def test_what_is_no_such_file_is_told(octets: bytes, problem: str) -> None:
    with pytest.raises(RefusedError, match=problem):
        read(octets, "csv", ORIGIN, 3)


def test_json_lines_have_their_mistakes_told_too() -> None:
    text = '{"number": 8613900000001}\n\n[1]\n{\n{"number": "86139", "at": 3000, "state": "gone", "x": 1}\n'
    with pytest.raises(RefusedError) as caught:
        read(text.encode(), "jsonl", ORIGIN, 100)
    told = caught.value.problems
    assert told[:2] == ("line 3: not a JSON object", "line 4: not JSON")
    assert [problem.split(":")[1].strip() for problem in told[2:]] == ["x", "state", "at"]


@given(st.binary(max_size=200), st.sampled_from(["csv", "jsonl"]))
def test_any_octets_are_read_or_refused(octets: bytes, form: Form) -> None:
    try:
        found = read(octets, form, ORIGIN, 100)
    except RefusedError:
        return
    assert all(consent.by == "file" for consent in found)


@pytest.mark.parametrize(
    ("written_so", "number"),
    [
        ("+86 139-0000 0001", "8613900000001"),
        ("008613900000001", "8613900000001"),
        ("10690", "10690"),
        ("", ""),
        ("12", ""),
        ("1" * 21, ""),
        ("８６１３９", ""),
    ],
)
def test_numbers_are_written_in_many_ways(written_so: str, number: str) -> None:
    assert plain_number(written_so) == number


def test_a_row_says_where_it_comes_from_whatever_it_claims() -> None:
    row: dict[str, Any] = {"number": "8613900000001", "by": "mo", "who": "the recipient", "category": "*"}
    consent = consent_of(row, ORIGIN)
    assert (consent.by, consent.who, consent.kind, consent.at) == ("file", "ops", "", 2_000.0)
    assert row_of(consent)["category"] == "*"


def test_a_reason_is_no_formula_for_a_spreadsheet() -> None:
    consent = Consent(1.0, "shop", "86139", is_refusal=True, reason="=1+1")
    assert "'=1+1" in "".join(written([consent], "csv"))


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
def test_lines_of_csv_end_as_on_any_machine(end: str) -> None:
    rows = ("number,account,reason", "8613900000001,shop,one", '8613900000002,shop,"two, ', 'lines"')
    text = "\ufeff" + end.join(rows) + end
    found = read(text.encode(), "csv", ORIGIN, 10)
    assert [consent.number for consent in found] == ["8613900000001", "8613900000002"]
    assert found[1].reason == f"two, {end}lines"
    with pytest.raises(RefusedError, match="line 5: number"):
        read(f"{text}x,shop,{end}".encode(), "csv", ORIGIN, 10)


@pytest.mark.parametrize("form", ["csv", "jsonl"])
def test_a_line_without_end_is_not_read_whole(form: Form) -> None:
    with pytest.raises(RefusedError, match=f"line 2: more than {LINE_MAX:,} characters"):
        read(b"number\n" + b"8" * (LINE_MAX + 1), form, ORIGIN, 10)


@pytest.mark.parametrize("before", [0, 9_000])
def test_the_line_that_is_not_utf_8_is_named_wherever_it_is(before: int) -> None:
    octets = b"number,account\n" + b"8613900000001,shop\n" * before + b"\xe4\n"
    with pytest.raises(RefusedError, match=f"line {before + 2}: not UTF-8"):
        read(octets, "csv", ORIGIN, 10_000)
