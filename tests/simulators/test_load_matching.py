"""Receipts and their messages."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators import load_matching
from simulators.load_matching import Matching


def test_a_receipt_after_its_response_is_matched() -> None:
    matching = Matching()
    matching.accepted(b"1", 10.0)
    assert matching.missing == 1
    matching.received(b"1", 12.0)
    assert (matching.receipts, matching.missing, matching.unmatched) == (1, 0, 0)
    assert matching.latency.max_us == 2_000_000


def test_a_receipt_before_its_response_is_matched_too() -> None:
    matching = Matching()
    matching.received(b"1", 12.0)
    assert matching.unmatched == 1
    matching.accepted(b"1", 10.0)
    assert (matching.receipts, matching.unmatched) == (1, 0)
    assert matching.latency.max_us == 2_000_000


def test_a_second_receipt_is_duplicated_and_a_stranger_is_not() -> None:
    matching = Matching()
    matching.accepted(b"1", 0.0)
    for message_id in (b"1", b"1", b"2"):
        matching.received(message_id, 1.0)
    assert (matching.receipts, matching.duplicated, matching.unmatched) == (1, 1, 1)


def test_tables_are_bounded_and_count_what_they_leave_out(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("LACKING_MAX", "EARLY_MAX", "DONE_MAX"):
        monkeypatch.setattr(load_matching, name, 3)
    matching = Matching()
    for number in range(5):
        matching.accepted(b"%d" % number, 0.0)
    assert (matching.missing, matching.untracked) == (3, 2)
    for number in range(5):
        matching.received(b"x%d" % number, 0.0)
    assert matching.unmatched == 5
    for number in range(3):
        matching.received(b"%d" % number, 0.0)
        matching.received(b"%d" % number, 0.0)
    assert matching.duplicated == 3


@given(st.permutations([(kind, number) for number in range(5) for kind in ("response", "receipt")]))
def test_any_order_matches_all(events: list[tuple[str, int]]) -> None:
    matching = Matching()
    for kind, number in events:
        if kind == "response":
            matching.accepted(b"%d" % number, 0.0)
        else:
            matching.received(b"%d" % number, 0.0)
    assert (matching.receipts, matching.missing, matching.unmatched, matching.duplicated) == (5, 0, 0, 0)
