from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from smpp_router.config import StoreConfig
from smpp_router.message.lifecycle import FINAL, RECEIVED
from smpp_router.store import records
from smpp_router.store.history_events import Gathering, Keeping, is_among, joined, table_of
from smpp_router.store.history_rows import TEXT, Entry, delay_of, events_of, marks_of, received_of
from smpp_router.store.records import FRAME, encode
from smpp_router.store.seam import ADOPTED, ORPHANED, OWED, REPLACED, TAKEN, Batch
from tests.store.histories import KEEPING, at_of, id_of, life_of, message_of

rows = st.dictionaries(
    st.integers(0, 1 << 60),
    st.lists(
        st.tuples(st.integers(1, 50), st.integers(0, 1 << 31), st.integers(0, 9), st.binary(max_size=9)),
        min_size=1,
        max_size=4,
    ),
    min_size=1,
    max_size=12,
)


def gathered(
    batches: list[Batch], keeping: Keeping = KEEPING, wanted: set[int] | None = None
) -> dict[int, list[Entry]]:
    """What frames of these batches tell, all of it or of the messages that are wanted."""
    found = Gathering(keeping)
    for batch in batches:
        view = memoryview(encode(batch, 0).data)
        for section in records.sections(view, FRAME.size, len(view)):
            if wanted is None:
                found.add(view, section)
            else:
                found.add_about(view, section, frozenset(wanted))
    return dict(found.events().rows()) if len(found) else {}


@given(rows)
def test_a_table_has_the_rows_that_it_was_made_of(told: dict[int, list[Entry]]) -> None:
    table = table_of(told.items())
    assert dict(table.rows()) == told
    assert table.ids.tolist() == sorted(table.ids.tolist())
    assert dict(table.compacted().rows()) == told


@given(rows, rows)
def test_joined_tables_have_the_rows_of_both(
    one: dict[int, list[Entry]], other: dict[int, list[Entry]]
) -> None:
    both = dict(joined([table_of(one.items()), table_of(other.items())]).rows())
    assert both == {i: one.get(i, []) + other.get(i, []) for i in one.keys() | other.keys()}


@given(rows, st.sets(st.integers(0, 1 << 60), max_size=5))
def test_those_of_some_messages_are_theirs_alone(told: dict[int, list[Entry]], others: set[int]) -> None:
    wanted = {*list(told)[::2], *others}
    found = dict(table_of(told.items()).of(np.array(sorted(wanted))).rows())
    assert found == {i: row for i, row in told.items() if i in wanted}
    ids = np.array(sorted(told))
    assert is_among(ids, np.array(sorted(wanted))).tolist() == [i in wanted for i in sorted(told)]


def test_lives_are_gathered_out_of_frames_and_no_text_with_them() -> None:
    found = gathered(life_of(range(50)))
    assert sorted(found) == [id_of(n) for n in range(50)]
    for n in range(50):
        message, row = message_of(n), found[id_of(n)]
        received = received_of(id_of(n), row)
        assert received is not None
        assert (received.account, received.addresses) == (message.account, message.addresses)
        assert (received.traffic_class, received.campaign) == ("otp", f"CAMP{n % 2}")
        assert received.expires_at == pytest.approx(message.expires_at, abs=1e-4)
        told = [(kind, code, word) for kind, _, code, word in events_of(id_of(n), row)]
        assert told == [
            (RECEIVED, 1, b""),
            (33, 0, b"north > south\0first"),
            (TAKEN, 0, b"north\0%x" % n),
            (34, 1, b"north"),
            (FINAL, (2 if n % 7 else 5) | 1 << 31, b""),
            (4, 0, b""),
        ]
    assert not any(b"secret" in entry[3] for row in found.values() for entry in row)


def test_a_few_messages_are_told_of_as_all_of_them_are() -> None:
    every = gathered(life_of(range(20)))
    wanted = {id_of(3), id_of(19), id_of(99)}
    found = gathered(life_of(range(20)), wanted=wanted)
    assert found == {i: row for i, row in every.items() if i in wanted}


def test_a_text_is_gathered_if_it_is_asked_for() -> None:
    (row,) = gathered([Batch([message_of(1)])], Keeping(retention_s=1.0, keep_text=True)).values()
    assert [entry[3] for entry in row if entry[0] == TEXT] == [message_of(1).body]


def test_a_destination_of_a_submit_multi_and_a_schedule_are_told() -> None:
    message = message_of(1)
    message.reported_id, message.not_before = id_of(0), at_of(1) + 7200.0
    (row,) = gathered([Batch([message, message_of(2)])], wanted={id_of(1)}).values()
    received = received_of(id_of(1), row)
    assert received is not None
    assert (received.reported_id, received.not_before) == (id_of(0), pytest.approx(at_of(1) + 7200.0))


@pytest.mark.parametrize(("tag", "campaign"), [(None, "CMT"), (0x1500, "spring"), (0x1501, "CMT")])
def test_a_campaign_is_named_by_the_parameter_that_is_configured_and_else_by_service_type(
    tag: int | None, campaign: str
) -> None:
    message = message_of(1)
    message.body = (
        b"CMT\0"
        + message.addresses
        + bytes.fromhex("000000 00 00 01 00 00 00 02")
        + b"hi"
        + bytes.fromhex("1500 0006")
        + b"spring"
    )
    (row,) = gathered([Batch([message])], Keeping(retention_s=1.0, campaign_tag=tag)).values()
    received = received_of(id_of(1), row)
    assert received is not None
    assert received.campaign == campaign
    assert b"c" + campaign.encode() in marks_of(row[0][3])


@pytest.mark.parametrize("wanted", [None, {id_of(1), id_of(2)}])
def test_receipts_without_a_message_and_new_texts_are_left_out(wanted: set[int] | None) -> None:
    facts = [
        (ORPHANED, 0, at_of(1), 2, b"north\x005"),
        (ADOPTED, 0, at_of(1), 0, b"north\x005"),
        (REPLACED, id_of(1), at_of(1), 1, b"new text"),
        (FINAL, id_of(1), at_of(2), 2, b"receipt"),
        (OWED, id_of(2), at_of(2), 0, b"bank\0a reply"),
    ]
    found = gathered([Batch([message_of(1)], facts)], wanted=wanted)
    assert sorted(found) == [id_of(1), id_of(2)]
    words = b"".join(entry[3] for row in found.values() for entry in row)
    assert not any(text in words for text in (b"new text", b"receipt", b"reply", b"north"))
    assert found[id_of(2)] == [(OWED, delay_of(id_of(2), at_of(2)), 0, b"bank\0")]


def test_gathering_reads_a_journal_of_any_number_of_messages_a_frame(tmp_path: Path) -> None:
    one_by_one = [batch for n in range(12) for batch in life_of(range(n, n + 1))]
    assert gathered(one_by_one).keys() == gathered(life_of(range(12))).keys()


def test_what_is_kept_is_what_the_configuration_says() -> None:
    store = StoreConfig(path=Path("store"), history_s=7.0, history_texts=True, history_campaign_tag=0x1401)
    assert Keeping.of(store) == Keeping(retention_s=7.0, keep_text=True, campaign_tag=0x1401)
