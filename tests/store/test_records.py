# Every batch comes back out of its frame as it went in, section by section.
from typing import Any
from zlib import crc32

from hypothesis import given
from hypothesis import strategies as st

from smpp_router.message.message import Message
from smpp_router.store import records
from smpp_router.store.records import ACCEPTED, ADOPTED_CODE, FRAME, FRAME_MAGIC, LENGTH
from smpp_router.store.seam import (
    ADOPTED,
    FINAL,
    ORPHANED,
    OWED,
    REPLACED,
    SENDING,
    SETTLED,
    TAKEN,
    Batch,
    Fact,
)

ids = st.integers(1, (1 << 63) - 1)
times = st.floats(0, 4e9)
names = st.text(st.characters(exclude_characters="\0", codec="utf-8"), max_size=12)
octets = st.integers(0, 255)

messages = st.builds(
    Message,
    message_id=ids,
    reported_id=ids,
    account=names,
    traffic_class=names,
    body=st.binary(min_size=1, max_size=300),
    addresses=st.binary(max_size=46),
    registered_delivery=octets,
    expires_at=times,
    not_before=st.just(0.0) | times,
    is_sent_once=st.booleans(),
)
kinds = st.sampled_from([SENDING, TAKEN, FINAL, SETTLED, REPLACED, OWED, ORPHANED, ADOPTED])
facts = st.tuples(kinds, ids, times | st.just(1.5), st.integers(0, 0xFFFFFFFE), st.binary(max_size=60))


def read(batch: Batch) -> tuple[records.Frame, memoryview, dict[int, records.Section]]:
    frame = records.encode(batch, 77)
    view = memoryview(bytes(frame.data))
    magic, length, checksum = FRAME.unpack_from(view)
    assert (magic, length) == (FRAME_MAGIC, len(view) - FRAME.size)
    assert checksum == crc32(view[FRAME.size :], 77)
    found = list(records.sections(view, FRAME.size, len(view)))
    by_kind = {section.kind: section for section in found}
    assert len(by_kind) == len(found), "each kind has one section"
    return frame, view, by_kind


@given(st.lists(messages, min_size=1, max_size=20))
def test_accepted_messages_come_back(accepted: list[Message]) -> None:
    frame, view, by_kind = read(Batch(accepted))
    columns = records.accepted_of(view, by_kind[ACCEPTED])
    rows: list[tuple[Any, ...]] = list(
        zip(
            columns.ids,
            columns.reported_ids,
            columns.accounts,
            columns.classes,
            columns.addresses,
            columns.registered_delivery,
            columns.expires_at,
            columns.not_before,
            map(bool, columns.is_sent_once),
            strict=True,
        )
    )
    assert rows == [
        (
            m.message_id,
            m.reported_id,
            m.account,
            m.traffic_class,
            m.addresses,
            m.registered_delivery,
            m.expires_at,
            m.not_before,
            m.is_sent_once,
        )
        for m in accepted
    ]
    assert frame.ids == columns.ids == records.ids_of(view, by_kind[ACCEPTED])
    offsets = list(frame.body_offsets)[: len(accepted)]
    assert offsets == columns.body_offsets
    for message, offset in zip(accepted, offsets, strict=True):
        (length,) = LENGTH.unpack_from(view, offset)
        assert view[offset + LENGTH.size : offset + LENGTH.size + length] == message.body


@given(st.lists(messages, max_size=3), st.lists(facts, max_size=30))
def test_facts_come_back_in_the_order_of_their_kind(accepted: list[Message], staged: list[Fact]) -> None:
    frame, view, by_kind = read(Batch(accepted, staged))
    for kind in (SENDING, TAKEN, FINAL, SETTLED, REPLACED, OWED):
        expected = [fact for fact in staged if fact[0] == kind]
        assert frame.facts.get(kind, []) == expected
        assert (kind in by_kind) == bool(expected)
        if expected:
            details = [fact[4] for fact in expected]
            if kind == REPLACED:
                details = [LENGTH.pack(len(detail)) + detail for detail in details]
            assert facts_of(view, by_kind[kind]) == [
                (*fact[1:4], detail) for fact, detail in zip(expected, details, strict=True)
            ]


@given(st.lists(facts, min_size=1, max_size=30))
def test_orphaned_and_adopted_keep_their_order(staged: list[Fact]) -> None:
    _, view, by_kind = read(Batch([], staged))
    assert ADOPTED not in by_kind
    expected = [
        (fact[1], fact[2], ADOPTED_CODE if fact[0] == ADOPTED else fact[3], fact[4])
        for fact in staged
        if fact[0] in {ORPHANED, ADOPTED}
    ]
    assert (facts_of(view, by_kind[ORPHANED]) if expected else []) == expected


def facts_of(view: memoryview, section: records.Section) -> list[tuple[int, float, int, bytes]]:
    return list(
        zip(
            records.ids_of(view, section),
            records.ats_of(view, section),
            records.codes_of(view, section),
            records.details_of(view, section),
            strict=True,
        )
    )


def test_a_million_settled_facts_of_one_moment_take_nine_bytes_each_at_most() -> None:
    staged: list[Fact] = [(SETTLED, message_id, 1.5, 0, b"") for message_id in range(1000)]
    assert len(records.encode(Batch([], staged), 0).data) <= 9 * 1000


def test_names_are_shared() -> None:
    assert records.names(b"alpha\0beta")[1] is records.names(b"beta")[0]
