"""Numbers that moved to another network: read from files, packed, found by their longest entry."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router import portability as portability_module
from smpp_router.portability import Portability, from_csv, from_toml

DIGITS = st.text("123", min_size=1, max_size=6)
NETWORKS = st.sampled_from(["china-mobile", "china-unicom", "china-telecom"])


@given(table=st.dictionaries(DIGITS, NETWORKS, max_size=20), number=DIGITS)
def test_the_longest_entry_that_a_number_begins_with_counts(table: dict[str, str], number: str) -> None:
    ported = Portability((at, digits, network) for at, (digits, network) in enumerate(table.items()))
    matching = [digits for digits in table if number.startswith(digits)]
    assert ported.network(number.encode()) == (table[max(matching, key=len)] if matching else None)
    assert len(ported) == len(table)
    assert set(ported.networks) == set(table.values())


def test_a_csv_file_has_comments_spaces_and_empty_lines() -> None:
    ported = from_csv(
        ["# moved in May\n", "\n", " 8613900000001 , china-unicom # by post\n", "86170,china-telecom"]
    )
    assert ported.network(b"8613900000001") == "china-unicom"
    assert ported.network(b"8617000000001") == "china-telecom"
    assert ported.network(b"8613900000002") is None


def test_a_toml_file_has_one_table() -> None:
    ported = from_toml('[ported]\n"8613900000001" = "china-unicom"\n')
    assert ported.network(b"8613900000001") == "china-unicom"
    for text in ("", "ported = 1", "[ported]\n[moved]"):
        with pytest.raises(ValueError, match="must have a table `ported`"):
            from_toml(text)


@pytest.mark.parametrize(
    ("line", "problem"),
    [
        ("+8613900000001,china-unicom", "entry 2 must have 1 to 15 digits"),
        ("008613900000001,china-unicom", "entry 2 must have 1 to 15 digits"),
        ("8613900000001234,china-unicom", "entry 2 must have 1 to 15 digits"),
        (",china-unicom", "entry 2 must have 1 to 15 digits"),
        ("8613900000001", "entry 2 must have a network"),
        ("8613900000001,中国联通", "entry 2 must have a network"),
        ("861,china-unicom", "a number of 3 digits stands there twice"),
    ],
)
def test_a_bad_line_is_told_by_its_place_and_not_by_its_number(line: str, problem: str) -> None:
    with pytest.raises(ValueError, match=problem) as caught:
        from_csv(["861,china-mobile", line])
    assert "139" not in str(caught.value)


def test_more_entries_or_networks_than_can_be_held_are_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(ValueError, match="entry 255 is the first of more than 255 networks"):
        Portability((i, str(1000 + i), f"network-{i}") for i in range(300))
    monkeypatch.setattr(portability_module, "ENTRIES_MAX", 10)
    with pytest.raises(ValueError, match="entry 10 is one more than 10 entries"):
        Portability((i, str(1000 + i), "china-mobile") for i in range(11))


@pytest.mark.parametrize("number", [b"", b"abc", b"13x"])
def test_what_is_no_number_has_not_moved(number: bytes) -> None:
    assert Portability([(1, "1", "china-mobile"), (2, "13", "china-unicom")]).network(number) is None


def test_tables_are_equal_if_they_say_the_same() -> None:
    entries = [(1, "8613900000001", "china-unicom"), (2, "86188", "china-telecom")]
    same = Portability(entries)
    assert Portability(entries) == same
    assert hash(Portability(entries)) == hash(same)
    assert Portability(entries[:1]) != same
    assert Portability([(1, "8613900000001", "china-telecom"), (2, "86188", "china-unicom")]) != same
    assert Portability([(1, "8613900000002", "china-unicom"), (2, "86188", "china-telecom")]) != same
    assert same != "a table"
