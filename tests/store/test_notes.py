from hypothesis import given
from hypothesis import strategies as st

from smpp_router.store.notes import NOTES, ids_bytes, notes_of
from smpp_router.store.records import FRAME, encode, sections
from smpp_router.store.seam import SETTLED, Batch, Note

notes = st.lists(
    st.tuples(
        st.integers(32, 62),
        st.lists(st.integers(0, (1 << 63) - 1), min_size=1, max_size=5),
        st.floats(0, 1e10),
        st.integers(0, (1 << 32) - 1),
        st.binary(max_size=20) | st.sampled_from([b"north", b"south"]),
    ),
    min_size=1,
    max_size=8,
)


@given(notes)
def test_notes_are_read_as_they_were_written(written: list[Note]) -> None:
    view = memoryview(encode(Batch([], [(SETTLED, 7, 1.0, 0, b"")], notes=written), 1).data)
    found = {section.kind: section for section in sections(view, FRAME.size, len(view))}
    section = found[NOTES]
    assert found.keys() == {SETTLED, NOTES}
    assert list(notes_of(view, section.start, section.count)) == written
    ids = ids_bytes(view, section.start, section.count, section.end).cast("q").tolist()
    assert ids == [message_id for note in written for message_id in note[1]]


def test_a_note_for_many_messages_costs_each_of_them_little_more_than_its_id() -> None:
    reason = b"mobile > unicom, in the order of its route"
    few = len(encode(Batch(notes=[(33, [1], 1.0, 0, reason)]), 1).data)
    many = len(encode(Batch(notes=[(33, list(range(101)), 1.0, 0, reason)]), 1).data)
    assert many - few == 8 * 100


def test_a_reason_stands_once_in_a_frame_however_many_notes_give_it() -> None:
    reason = b"r" * 500
    frame = encode(Batch(notes=[(33, [n], 1.0, 0, reason) for n in range(100)]), 1)
    assert len(frame.data) < 500 + 100 * 30 + 100
