# What the end of a journal tells, by its index and without, must be the same.
from pathlib import Path

import numpy as np
import pytest

from smpp_router.store import history_tail, journal_end
from smpp_router.store.history_blocks import Marks
from smpp_router.store.history_tail import TailWriter
from smpp_router.store.journal_end import EVERY_ID, FEW, JournalEnd
from smpp_router.store.segments import log_path, numbers
from tests.store.histories import KEEPING, id_of, life_of, number_of
from tests.store.stores import open_store

MARKS = Marks(b"k" * 16)
COUNT = 300


@pytest.fixture(params=["without an index", "half indexed", "indexed"])
async def end(request: pytest.FixtureRequest, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> JournalEnd:
    for module in (history_tail, journal_end):
        monkeypatch.setattr(module, "CHUNK_BYTES", 4_000)
    store = open_store(tmp_path, segment_bytes=30_000)
    store.load()
    for start in range(0, COUNT, 5):
        for batch in life_of(range(start, start + 5)):
            await store.commit(batch)
    await store.aclose()
    there = numbers(tmp_path)
    assert len(there) > 2
    writer = TailWriter(tmp_path, tmp_path, MARKS)
    for number in there[: {"without an index": 0, "half indexed": 2, "indexed": 99}[request.param]]:
        writer.follow(number, log_path(tmp_path, number).stat().st_size, is_closed=number != there[-1])
    found = JournalEnd(tmp_path, KEEPING)
    found.refresh(tmp_path, 0)
    return found


@pytest.mark.parametrize("together", [1, FEW, 50])
async def test_all_that_is_told_of_messages_is_found(end: JournalEnd, together: int) -> None:
    for first in range(0, COUNT, 60):
        wanted = [id_of(n) for n in range(first, first + together)]
        kinds: dict[int, list[int]] = {}
        for table in end.about(np.array(wanted)):
            for message_id, row in table.rows():
                kinds.setdefault(message_id, []).extend(entry[0] for entry in row)
        assert sorted(kinds) == wanted
        assert all(sorted(told) == [0, 2, 3, 4, 33, 34, 61] for told in kinds.values())
    assert list(end.about(np.array([id_of(9_999)]))) == []


async def test_messages_are_found_by_their_number(end: JournalEnd) -> None:
    for n in range(0, COUNT, 17):
        assert end.to_number(number_of(n), MARKS.number(number_of(n))) == {id_of(n)}
    assert end.to_number(b"491720", MARKS.number(b"491720")) == set()
    part = number_of(5)[1:]
    assert end.to_number(part, MARKS.number(part)) == set(), "part of a number is another one"


async def test_chunks_come_the_newest_first_and_tell_of_all_messages(end: JournalEnd) -> None:
    told = list(end.between(0, EVERY_ID))
    highest = [high for high, _ in told]
    assert highest == sorted(highest, reverse=True)
    begun = {i for _, rows in told for i in rows.ids[rows.begun(())].tolist()}
    assert begun == {id_of(n) for n in range(COUNT)}


async def test_segments_that_are_in_history_are_not_read(end: JournalEnd, tmp_path: Path) -> None:
    end.refresh(tmp_path, numbers(tmp_path)[-1])
    assert list(end.between(0, EVERY_ID)) == []
    assert list(end.about(np.array([id_of(1)]))) == []


async def test_a_journal_whose_first_segments_are_long_gone_is_read(end: JournalEnd, tmp_path: Path) -> None:
    log_path(tmp_path, 1).unlink()
    end.refresh(tmp_path, 0)
    (last,) = end.about(np.array([id_of(COUNT - 1)]))
    assert len(last)
