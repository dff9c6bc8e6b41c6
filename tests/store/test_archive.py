from pathlib import Path

import pytest

from smpp_router.store.archive import Archive, Search
from smpp_router.store.history import FOLDER
from smpp_router.store.seam import COPY, FINAL, Batch, StoreFailedError
from tests.store.histories import KEEPING, at_of, id_of, keep_house, live, message_of, number_of, open_history

COUNT = 600


def last(folder: Path, pattern: str) -> Path:
    return max(folder.glob(pattern))


@pytest.fixture
async def archive(tmp_path: Path) -> Archive:
    """Of a store that is in use: most of it in history, the rest in the journal, one message in flight."""
    store = open_history(tmp_path)
    await live(store, COUNT)
    await keep_house(store, at_of(COUNT))
    await live(store, 30, first=COUNT)
    await store.commit(Batch([message_of(5_000)]))
    await store.commit(Batch(notes=[(34, [id_of(5_000)], at_of(5_001), 2, b"north")]))
    assert store.statistics()["history_rows"] > COUNT / 2
    return Archive(tmp_path, KEEPING)


async def test_every_message_is_found_by_its_id_whole(archive: Archive) -> None:
    found = archive.by_id(id_of(n) for n in range(COUNT + 30))
    assert len(found) == COUNT + 30
    for n in range(COUNT + 30):
        told = found[id_of(n)]
        assert told.message_state == (2 if n % 7 else 5)
        assert [event[0] for event in told.events].count(0) == 1
        assert {event[0] for event in told.events} == {0, 33, 34, 2, 3, 4}
    assert archive.by_id([id_of(9_999)]) == {}


async def test_a_note_that_no_fact_goes_with_is_found(archive: Archive) -> None:
    told = archive.by_id([id_of(5_000)])[id_of(5_000)]
    assert [event[0] for event in told.events] == [0, 34]
    assert told.message_state is None


@pytest.mark.parametrize("n", [0, 7, COUNT // 2, COUNT - 1, COUNT + 20, 5_000])
async def test_messages_are_found_by_their_number_however_it_is_written(archive: Archive, n: int) -> None:
    for digits in (number_of(n), b"+" + number_of(n), b"00" + number_of(n)):
        assert [told.message_id for told in archive.by_number(digits.decode(), 10)] == [id_of(n)]
    assert archive.by_number("4917212345678", 10) == []


async def test_a_search_gives_all_that_fit_the_newest_first_and_no_others(archive: Archive) -> None:
    for account, rest in (("alpha", 0), ("beta", 1)):
        for state in (2, 5, None):
            search = Search(account=account, message_state=state)
            found = [told.message_id for told in archive.search(search, 10_000)]
            numbers = [*range(COUNT + 30), 5_000]
            wanted = [
                id_of(n)
                for n in reversed(numbers)
                if n % 3 == rest and (state is None or (n != 5_000 and state == (2 if n % 7 else 5)))
            ]
            assert found == wanted


async def test_a_search_ends_with_its_limit_and_keeps_to_its_times(archive: Archive) -> None:
    search = Search(campaign="CAMP1", since=at_of(100), until=at_of(200))
    found = [told.message_id for told in archive.search(search, 10_000)]
    assert found == [id_of(n) for n in reversed(range(101, 200, 2))]
    assert [told.message_id for told in archive.search(search, 3)] == found[:3]
    by_source = archive.search(Search(source_addr="Company2", until=at_of(50)), 5)
    assert [told.message_id for told in by_source] == [id_of(n) for n in (47, 44, 41, 38, 35)]


@pytest.mark.parametrize("is_history", [False, True])
async def test_copies_for_paths_are_no_messages_that_a_search_finds(
    tmp_path: Path, *, is_history: bool
) -> None:
    store = open_history(tmp_path)
    await live(store, 20)
    parent = id_of(19).to_bytes(8, "big") + b"north"
    for n in range(20, 60):
        copy = message_of(n)
        copy.account, copy.addresses = "alpha", message_of(18).addresses
        facts = [
            (COPY, id_of(n), at_of(n), 1, parent),
            (FINAL, id_of(n), at_of(n) + 1, 4 | 1 << 31, b"receipt"),
        ]
        await store.commit(Batch([copy], facts))
    if is_history:
        await live(store, 400, first=100)
        await keep_house(store, at_of(500))
    archive = Archive(tmp_path, KEEPING)
    assert archive.search(Search(account="alpha", message_state=4), 1) == []
    until = at_of(60)
    assert [told.message_id for told in archive.search(Search(account="alpha", until=until), 1)] == [
        id_of(18)
    ]
    assert [told.message_id for told in archive.by_number(number_of(18).decode(), 1)] == [id_of(18)]
    assert id_of(30) in archive.by_id([id_of(30)])


async def test_the_messages_to_a_number_that_fit_are_found_behind_any_number_of_others(
    tmp_path: Path,
) -> None:
    store = open_history(tmp_path)
    await live(store, 7)
    for n in range(10, 900, 10):
        other = message_of(n)
        other.addresses = message_of(0).addresses
        await store.commit(Batch([other], [(FINAL, id_of(n), at_of(n) + 1, 2 | 1 << 31, b"receipt")]))
    archive = Archive(tmp_path, KEEPING)
    found = archive.by_number(number_of(0).decode(), 1, Search(message_state=5))
    assert [told.message_id for told in found] == [id_of(0)]


async def test_what_is_written_meanwhile_is_seen_by_the_next_look(tmp_path: Path) -> None:
    store = open_history(tmp_path)
    await live(store, 40)
    archive = Archive(tmp_path, KEEPING)
    assert archive.by_id([id_of(39)])
    await live(store, 400, first=40)
    await keep_house(store, at_of(440))
    assert archive.by_id([id_of(39)])
    assert archive.by_number(number_of(439).decode(), 1)
    await store.aclose()


async def test_a_frame_that_is_being_written_is_not_read(archive: Archive, tmp_path: Path) -> None:
    path = last(tmp_path, "[0-9]*.log")
    whole = path.read_bytes()
    path.write_bytes(whole[:-3])
    assert [event[0] for event in archive.by_id([id_of(5_000)])[id_of(5_000)].events] == [0]
    path.write_bytes(whole)
    assert len(archive.by_id([id_of(5_000)])[id_of(5_000)].events) == 2


async def test_files_that_are_missing_or_damaged_are_named(archive: Archive, tmp_path: Path) -> None:
    path = last(tmp_path / FOLDER, "*.smh")
    path.write_bytes(path.read_bytes()[:-1])
    with pytest.raises(StoreFailedError, match=path.name):
        archive.search(Search(account="alpha"), 10_000)
    path.unlink()
    with pytest.raises(StoreFailedError, match="missing"):
        Archive(tmp_path, KEEPING).search(Search(account="alpha"), 10_000)
    with pytest.raises(StoreFailedError, match="there is no store"):
        Archive(tmp_path / "elsewhere", KEEPING)
