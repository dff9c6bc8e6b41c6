from typing import Any

import attrs
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message.lifecycle import FINAL, RECEIVED, TAKEN
from smpp_router.store.history_rows import (
    LATER,
    Entry,
    Received,
    after,
    delay_of,
    delays_of,
    entries_of_received,
    events_of,
    finished_of,
    first_id_at,
    issued_at,
    marks_of,
    plain,
    received_of,
)

NOW = 1_790_000_000.0
ID = int(NOW * 1000) << 21
accounts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=15)
ADDRESSES = b"\x05\x00Company\x00\x01\x018613800000001\x00"
END: Entry = (FINAL, delay_of(ID, NOW + 1), 5 | 34 << 8 | 1 << 31, b"")


def received(**changed: Any) -> Received:
    return attrs.evolve(
        Received(
            reported_id=ID,
            account="bank",
            traffic_class="otp",
            campaign="spring",
            addresses=ADDRESSES,
            registered_delivery=1,
            is_sent_once=True,
            expires_at=NOW + 3600.0,
            not_before=0.0,
        ),
        **changed,
    )


@given(st.floats(0, 200_000))
def test_a_time_is_known_to_a_tenth_of_a_millisecond(delay: float) -> None:
    assert after(ID, delay_of(ID, NOW + delay)) == pytest.approx(NOW + delay, abs=1e-4)


@pytest.mark.parametrize("days", [3, 150, 366])
def test_what_happens_days_later_is_known_to_the_second(days: int) -> None:
    at = NOW + days * 86_400.0
    assert after(ID, delay_of(ID, at + 0.6)) == pytest.approx(at, abs=1.0)


def test_what_happens_before_its_id_was_issued_happens_with_it() -> None:
    assert after(ID, delay_of(ID, NOW - 0.002)) == NOW


@given(st.lists(st.floats(-1e10, 1e10), min_size=1, max_size=20))
def test_times_in_columns_are_those_one_by_one(delays: list[float]) -> None:
    ats = [NOW + delay for delay in delays]
    found = delays_of(np.full(len(ats), ID), np.array(ats)).tolist()
    assert found == [delay_of(ID, at) for at in ats]


@given(accounts, st.integers(0, 255), st.booleans(), st.integers(-3, 3), st.sampled_from([0.0, NOW + 9]))
def test_what_a_message_is_is_read_as_it_was_packed(
    account: str, asked: int, is_sent_once: bool, differs: int, not_before: float
) -> None:
    told = received(
        account=account,
        registered_delivery=asked,
        is_sent_once=is_sent_once,
        reported_id=ID + differs,
        not_before=not_before,
    )
    entries = entries_of_received(ID, told)
    assert received_of(ID, entries) == told
    assert any(entry[0] == LATER for entry in entries) == bool(differs or not_before)
    code = asked | is_sent_once << 8
    assert events_of(ID, entries) == [(RECEIVED, NOW, code, b"")], "its parts are one event"


def test_what_was_carried_forward_is_told_once() -> None:
    row = [*entries_of_received(ID, received()), (TAKEN, delay_of(ID, NOW + 1), 0, b"north\x005")]
    assert events_of(ID, row + row) == events_of(ID, row)
    assert len(events_of(ID, row)) == 2


def test_a_message_can_be_searched_by_what_it_begins_with() -> None:
    word = entries_of_received(ID, received())[0][3]
    assert marks_of(word) == (b"abank", b"cspring", b"fCompany")


@pytest.mark.parametrize("written", [b"+8613800000001", b"008613800000001", b"8613800000001"])
def test_a_number_is_the_same_with_and_without_what_says_that_it_is_international(written: bytes) -> None:
    assert plain(written) == b"8613800000001"


def test_a_message_without_an_end_or_without_a_beginning_has_not_finished() -> None:
    begun = entries_of_received(ID, received())
    assert finished_of(ID, begun) is None
    assert finished_of(ID, [END]) is None
    finished = finished_of(ID, [END, *begun])
    assert finished is not None
    assert (finished.message_state, finished.error_code, finished.account) == (5, 34, "bank")
    assert finished.addresses == ADDRESSES


def test_ids_and_times_go_together() -> None:
    assert issued_at(ID) == NOW
    assert first_id_at(NOW) == ID
