from pathlib import Path

import pytest

from smpp_router.store import records, segments
from smpp_router.store.fold import OFFSET_BITS
from smpp_router.store.seam import COPY, OWED, PATH, REPLACED, RETIMED, TIMES, Batch, StoreFailedError
from smpp_router.store.survivors import PIECE_BYTES, straightened, survey
from tests.store.stores import NOW, accepted, facts, final, message_of, open_store, settled, taken


async def fill(directory: Path, *batches: Batch) -> None:
    store = open_store(directory, segment_bytes=1 << 30)
    store.load()
    for batch in batches:
        await store.commit(batch)
    await store.aclose()


async def test_every_record_of_a_live_message_is_read_out(tmp_path: Path) -> None:
    replaced = facts((REPLACED, 4, NOW, 17, b"new body"), (REPLACED, 9, NOW, 17, b"of another"))
    owed = facts((OWED, 20, NOW, 0, b"alpha\x00mo"))
    paths = facts((COPY, 2, NOW, 0, b"\0" * 7 + b"\4north"), (PATH, 4, NOW, 0, b"\0" * 7 + b"\3north"))
    retimed = facts((RETIMED, 4, NOW, 0, TIMES.pack(NOW + 9, NOW)))
    batches = (
        accepted(range(1, 11)),
        taken([1, 2, 77]),
        final([1, 78]),
        settled([78]),
        replaced,
        owed,
        paths,
        retimed,
    )
    await fill(tmp_path, *batches)
    survivors = survey(tmp_path, 1, {1, 2, 4, 20, 77, 99})
    assert survivors.ids == {1, 2, 4, 20, 77}
    assert survivors.accepted == 10
    piece = survivors.read()
    batch = piece.sift({1, 2, 4, 20, 77, 99})
    assert [(m.message_id, m.body) for m in batch.accepted] == [(i, b"body %d" % i) for i in (1, 2, 4)]
    expected = [taken([1, 2, 77]), final([1]), owed, paths, retimed, facts(replaced.facts[0])]
    assert batch.facts == [fact for part in expected for fact in part.facts]


async def test_what_ends_between_reading_and_writing_is_left_behind(tmp_path: Path) -> None:
    replaced = facts((REPLACED, 1, NOW, 17, b"new body"))
    await fill(tmp_path, accepted([1, 2]), taken([1, 2]), replaced)
    live = {1, 2}
    piece = survey(tmp_path, 1, live).read()
    live.discard(1)
    batch = piece.sift(live)
    assert [message.message_id for message in batch.accepted] == [2]
    assert batch.facts == taken([2]).facts
    assert not survey(tmp_path, 1, live).read().sift(set())


async def test_a_message_that_stands_twice_is_carried_once_and_both_its_handles_lead_there(
    tmp_path: Path,
) -> None:
    await fill(tmp_path, accepted([1, 2]), accepted([2, 3]))
    live = {1, 2, 3}
    piece = survey(tmp_path, 1, live).read()
    batch = piece.sift(live)
    assert sorted(message.message_id for message in batch.accepted) == [1, 2, 3]
    for number, message in enumerate(batch.accepted):
        message.handle = number
    moved = piece.moves(records.encode(batch, 0), 0)
    handles = [(handle, message.message_id) for handle, message in piece.accepted]
    assert [number for _, number in handles] == [1, 2, 2, 3]
    assert {batch.accepted[moved[handle]].message_id == number for handle, number in handles} == {True}


async def test_a_piece_is_read_again_until_it_has_passed(tmp_path: Path) -> None:
    size = PIECE_BYTES // 2 + 1
    await fill(tmp_path, *(Batch([message_of(number, bytes(size))]) for number in range(1, 6)))
    survivors = survey(tmp_path, 1, {1, 2, 3, 5})
    seen: list[list[int]] = []
    while not survivors.is_read:
        piece, again = survivors.read(), survivors.read()
        assert not survivors.is_begun or seen
        ids = [message.message_id for _, message in piece.accepted]
        assert ids == [message.message_id for _, message in again.accepted]
        seen.append(ids)
        survivors.passed(piece)
    assert seen == [[1, 2], [3, 5]]
    assert survivors.is_begun


async def test_survivors_that_end_are_forgotten(tmp_path: Path) -> None:
    await fill(tmp_path, accepted(range(1, 10)))
    survivors = survey(tmp_path, 1, set(range(100)))
    survivors.refresh({3, 4})
    assert survivors.ids == {3, 4}


def test_moves_lead_straight_to_where_a_body_is() -> None:
    def at(number: int, offset: int) -> int:
        return number << OFFSET_BITS | offset

    moved = {
        at(1, 10): at(5, 10),  # carried on, to segment 9
        at(1, 20): at(5, 20),  # ended before it could be
        at(2, 10): at(7, 10),  # not in segment 5
        at(5, 10): at(9, 10),
        at(5, 99): at(9, 99),  # accepted in segment 5
    }
    assert straightened(moved, 5) == {at(1, 10): at(9, 10), at(2, 10): at(7, 10), at(5, 99): at(9, 99)}
    assert straightened(straightened(moved, 5), 9) == {at(2, 10): at(7, 10)}


async def test_a_segment_damaged_since_it_was_loaded_is_not_retired(tmp_path: Path) -> None:
    await fill(tmp_path, accepted([1]), accepted([2]))
    path = segments.log_path(tmp_path, 1)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreFailedError, match="damaged at offset"):
        survey(tmp_path, 1, {1, 2})
