"""What the history of a store keeps, finds again, merges and forgets."""

import stat
from pathlib import Path

import pytest

from smpp_router.message.lifecycle import State, replay
from smpp_router.store import history
from smpp_router.store.history import FOLDER, History, read_contents
from smpp_router.store.history_events import Keeping
from smpp_router.store.history_rows import events_of
from smpp_router.store.seam import FINAL, Batch, StoreFailedError
from tests.store.histories import KEEPING, at_of, id_of, keep_house, live, message_of, open_history

DAY_S = 86_400.0


async def test_a_message_is_found_when_its_segment_is_long_gone(tmp_path: Path) -> None:
    store = open_history(tmp_path)
    await live(store, 1_000)
    await keep_house(store, at_of(1_000))
    assert store.statistics()["segments"] < 5
    assert store.statistics()["history_rows"] > 800
    found = await store.finished([id_of(n) for n in range(1_000)] + [id_of(5_000)])
    assert found[-1] is None
    for n, finished in enumerate(found[:-1]):
        assert finished is not None
        message = message_of(n)
        assert (finished.account, finished.addresses) == (message.account, message.addresses)
        assert finished.message_state == (2 if n % 7 else 5)
        assert finished.final_at == pytest.approx(at_of(n) + 5, abs=1e-3)
    await store.aclose()


async def test_a_life_is_kept_whole_and_in_order(tmp_path: Path) -> None:
    store = open_history(tmp_path)
    await live(store, 500)
    await keep_house(store, at_of(500))
    kept = History(tmp_path, KEEPING)
    rows = kept.find(id_of(7))
    steps = replay(events_of(id_of(7), rows))
    assert [step.state for step in steps] == [
        State.RECEIVED,
        State.PLANNED,
        State.SENT,
        State.TAKEN,
        State.OWED,
        State.SETTLED,
    ]
    assert steps[1].event[3] == b"north > south\0first"
    await store.aclose()


async def test_files_are_merged_so_that_few_are_left(tmp_path: Path) -> None:
    store = open_history(tmp_path, segment_bytes=3_000)
    await live(store, 1_500)
    await keep_house(store, at_of(1_500), rounds=400)
    contents = read_contents(tmp_path / FOLDER)
    assert contents is not None
    assert contents.compacted_to > 64
    assert len(contents.files) <= 3 * 8
    assert {entry.level for entry in contents.files} >= {2}
    found = await store.finished([id_of(n) for n in range(1_500)])
    assert None not in found
    await store.aclose()


async def test_no_text_is_kept_unless_it_is_asked_for(tmp_path: Path) -> None:
    for folder, is_kept in (("without", False), ("with", True)):
        store = open_history(tmp_path / folder, keeping=Keeping(retention_s=1e9, keep_text=is_kept))
        await live(store, 200)
        await keep_house(store, at_of(200))
        kept = History(tmp_path / folder, KEEPING)
        assert any(b"secret text" in entry[3] for entry in kept.find(id_of(3))) == is_kept
        await store.aclose()


async def test_files_can_be_read_by_their_owner_only(tmp_path: Path) -> None:
    store = open_history(tmp_path)
    await live(store, 300)
    await keep_house(store, at_of(300))
    paths = list((tmp_path / FOLDER).iterdir())
    assert len(paths) >= 2
    assert {stat.S_IMODE(path.stat().st_mode) for path in paths} == {0o600}
    assert stat.S_IMODE((tmp_path / FOLDER).stat().st_mode) == 0o700
    await store.aclose()


async def test_what_is_older_than_retention_is_removed_and_nothing_younger(tmp_path: Path) -> None:
    store = open_history(tmp_path, keeping=Keeping(retention_s=155 * DAY_S))
    await live(store, 600)
    closed_at = at_of(600)
    await keep_house(store, closed_at)
    rows = store.statistics()["history_rows"]
    await keep_house(store, closed_at + 154 * DAY_S)
    assert store.statistics()["history_rows"] == rows
    await keep_house(store, closed_at + 156 * DAY_S)
    assert store.statistics()["history_rows"] == 0
    assert list((tmp_path / FOLDER).glob("*.smh")) == []
    await store.aclose()


async def test_a_segment_stays_until_it_is_in_history(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    store = open_history(tmp_path)
    monkeypatch.setattr(History, "step", lambda *_: False)
    await live(store, 300)
    await keep_house(store, at_of(300))
    assert store.statistics()["segments"] > 3
    monkeypatch.undo()
    await keep_house(store, at_of(300))
    assert store.statistics()["segments"] < 3
    await store.aclose()


async def test_a_message_that_ends_much_later_is_put_together(tmp_path: Path) -> None:
    store = open_history(tmp_path)
    await store.commit(Batch([message_of(1)]))
    await live(store, 400, first=10)
    await store.commit(Batch([], [(FINAL, id_of(1), at_of(500), 8, b"")]))
    await live(store, 800, first=500)
    await keep_house(store, at_of(2_000), rounds=200)
    (finished,) = await store.finished([id_of(1)])
    assert finished is not None
    assert (finished.account, finished.message_state) == ("beta", 8)
    rows = History(tmp_path, KEEPING).find(id_of(1))
    told = events_of(id_of(1), rows)
    assert [event[0] for event in told].count(0) == 1, "carried copies are told once"
    await store.aclose()


async def test_a_damaged_file_is_named_when_it_is_read(tmp_path: Path) -> None:
    store = open_history(tmp_path)
    await live(store, 300)
    await keep_house(store, at_of(300))
    await store.aclose()
    path = min((tmp_path / FOLDER).glob("*.smh"))
    data = bytearray(path.read_bytes())
    data[40] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(StoreFailedError, match=path.name):
        History(tmp_path, KEEPING).find(id_of(3))
    data[-40] ^= 0xFF
    path.write_bytes(data)
    with pytest.raises(StoreFailedError, match="directory"):
        History(tmp_path, KEEPING).find(id_of(3))
    path.unlink()
    with pytest.raises(StoreFailedError, match="missing"):
        History(tmp_path, KEEPING)


async def test_what_a_crash_left_is_removed_at_the_start(tmp_path: Path) -> None:
    store = open_history(tmp_path)
    await live(store, 100)
    await store.aclose()
    folder = tmp_path / FOLDER
    for name in ("0000009999.smh", "0000009999.new"):
        (folder / name).write_bytes(b"half")
    History(tmp_path, KEEPING)
    assert not list(folder.glob("0000009999*"))
    assert (folder / history.NAME).exists()
