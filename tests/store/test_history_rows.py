import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message.lifecycle import FINAL, RECEIVED, TAKEN
from smpp_router.store.history_rows import (
    DETAIL_MAX,
    Received,
    entries,
    finished_of,
    first_id_at,
    issued_at,
    marks_of,
    number_of,
    pack,
    pack_received,
    unpack_received,
)

NOW = 1_790_000_000.0
ID = int(NOW * 1000) << 21
accounts = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=15)
ADDRESSES = b"\x05\x00Company\x00\x01\x018613800000001\x00"


def received(**changed: object) -> Received:
    values: dict[str, object] = {
        "reported_id": ID,
        "account": "bank",
        "traffic_class": "otp",
        "campaign": "spring",
        "addresses": ADDRESSES,
        "registered_delivery": 1,
        "is_sent_once": True,
        "expires_at": NOW + 3600.0,
        "not_before": 0.0,
    }
    return Received(**{**values, **changed})  # type: ignore[arg-type]


@given(
    st.integers(0, 61), st.floats(0, 200_000), st.integers(0, (1 << 32) - 1), st.binary(max_size=DETAIL_MAX)
)
def test_an_entry_is_read_as_it_was_packed(kind: int, delay: float, code: int, detail: bytes) -> None:
    ((found, at, found_code, found_detail),) = entries(ID, pack(ID, kind, NOW + delay, code, detail))
    assert (found, found_code, found_detail) == (kind, code, detail)
    assert at == pytest.approx(NOW + delay, abs=1e-4)


@pytest.mark.parametrize("days", [3, 150, 366])
def test_what_happens_days_later_is_known_to_the_second(days: int) -> None:
    ((_, at, _, _),) = entries(ID, pack(ID, FINAL, NOW + days * 86_400.0 + 0.6, 2, b""))
    assert at == pytest.approx(NOW + days * 86_400.0, abs=1.0)


def test_what_happens_before_its_id_was_issued_happens_with_it() -> None:
    ((_, at, _, _),) = entries(ID, pack(ID, TAKEN, NOW - 0.002, 0, b""))
    assert at == NOW


@given(
    st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=15),
    st.integers(0, 255),
    st.booleans(),
)
def test_what_a_message_is_is_read_as_it_was_packed(account: str, asked: int, is_sent_once: bool) -> None:
    told = received(account=account, registered_delivery=asked, is_sent_once=is_sent_once, not_before=NOW + 9)
    ((kind, _, code, detail),) = entries(ID, pack_received(ID, told))
    assert kind == RECEIVED
    assert unpack_received(ID, code, detail) == told


def test_a_detail_that_is_too_long_is_cut_and_nothing_behind_it_is_harmed() -> None:
    row = pack(ID, 33, NOW, 0, b"x" * (DETAIL_MAX + 9)) + pack(ID, FINAL, NOW + 1, 2, b"")
    assert [len(event[3]) for event in entries(ID, row)] == [DETAIL_MAX, 0]


def test_what_was_carried_forward_is_told_once() -> None:
    row = pack_received(ID, received()) + pack(ID, TAKEN, NOW + 1, 0, b"north\x005")
    assert len(list(entries(ID, row + row))) == 2


def test_a_row_says_what_it_can_be_searched_by() -> None:
    begun = pack_received(ID, received())
    assert number_of(begun) == b"8613800000001"
    assert set(marks_of(begun)) == {b"abank", b"cspring", b"fCompany", b"i"}
    end = pack(ID, FINAL, NOW + 1, 5 | 34 << 8 | 1 << 31, b"")
    assert set(marks_of(begun + end)) == {b"abank", b"cspring", b"fCompany", b"s5"}
    assert number_of(end) is None
    assert set(marks_of(end)) == {b"s5", b"i"}


def test_a_message_without_an_end_or_without_a_beginning_has_not_finished() -> None:
    begun, end = pack_received(ID, received()), pack(ID, FINAL, NOW + 1, 5 | 34 << 8 | 1 << 31, b"")
    assert finished_of(ID, [begun]) is None
    assert finished_of(ID, [end]) is None
    finished = finished_of(ID, [end, begun])
    assert finished is not None
    assert (finished.message_state, finished.error_code, finished.account) == (5, 34, "bank")


def test_ids_and_times_go_together() -> None:
    assert issued_at(ID) == NOW
    assert first_id_at(NOW) == ID
