# Which directories open, and what is said of those that don't.
import gc
import shutil
from pathlib import Path

import pytest

from smpp_router.store import index, opening, segments
from smpp_router.store.manifest import NAME
from smpp_router.store.opening import open_directory
from smpp_router.store.seam import StoreFailedError
from smpp_router.store.segments import HEAD_BYTES
from tests.store.stores import accepted, open_store


async def fill(directory: Path, batches: int = 8, maintained: int = 0) -> None:
    """Commit batches of one message each, about three to a segment."""
    store = open_store(directory, segment_bytes=300)
    store.load()
    for number in range(batches):
        await store.commit(accepted([number + 1]))
    for _ in range(maintained):
        await store.maintain(10.0)
    await store.aclose()


def ids_in(directory: Path) -> list[int]:
    return [message.message_id for message in open_directory(directory).recovered.queued]


async def test_a_directory_opens_as_it_was_left(tmp_path: Path) -> None:
    await fill(tmp_path)
    opened = open_directory(tmp_path)
    assert len(opened.catalog.sizes) == 3
    assert opened.head is not None
    assert opened.head.number == 3
    assert opened.live == set(range(1, 9))
    assert gc.isenabled()


async def test_any_changed_byte_but_of_the_last_frame_is_damage(tmp_path: Path) -> None:
    await fill(tmp_path / "good", batches=5)
    last = segments.numbers(tmp_path / "good")[-1]
    for number in range(1, last + 1):
        size = segments.log_path(tmp_path / "good", number).stat().st_size
        for at in range(0, size, 7):
            directory = tmp_path / "bad"
            shutil.copytree(tmp_path / "good", directory)
            path = segments.log_path(directory, number)
            data = bytearray(path.read_bytes())
            data[at] ^= 0xFF
            path.write_bytes(data)
            try:
                found, problem = ids_in(directory), ""
            except StoreFailedError as error:
                found, problem = [], str(error)
            # Only the last frame may be given up, as what a crash left of it.
            is_cut = (number, found) == (last, [1, 2, 3, 4])
            assert is_cut or problem.startswith(f"{path}: damaged at offset ")
            shutil.rmtree(directory)


async def test_damage_before_a_good_frame_is_told_with_its_offset(tmp_path: Path) -> None:
    await fill(tmp_path, batches=1)
    path = segments.log_path(tmp_path, 1)
    first = path.stat().st_size
    await fill(tmp_path, batches=1)
    data = bytearray(path.read_bytes())
    data[first - 1] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreFailedError, match=rf"0000000001\.log: damaged at offset {HEAD_BYTES}\b"):
        open_directory(tmp_path)


async def test_a_lost_end_of_a_closed_segment_is_noticed(tmp_path: Path) -> None:
    await fill(tmp_path)
    path = segments.log_path(tmp_path, 1)
    size = path.stat().st_size
    with segments.mapped(tmp_path, 1) as view:
        salt = segments.read_head(path, view, 1).salt
        second = list(segments.frames(view, salt))[1][0] - 12
    with path.open("rb+") as file:
        file.truncate(second)
    with pytest.raises(StoreFailedError, match=rf"damaged at offset {second}: it had {size} bytes"):
        open_directory(tmp_path)


@pytest.mark.parametrize("lost", [1, 2])
async def test_a_lost_segment_is_noticed(tmp_path: Path, lost: int) -> None:
    await fill(tmp_path)
    segments.log_path(tmp_path, lost).unlink()
    with pytest.raises(StoreFailedError, match=rf"000000000{lost}\.log: missing"):
        open_directory(tmp_path)


async def test_segments_without_their_manifest_are_noticed(tmp_path: Path) -> None:
    (tmp_path / NAME).write_text('{"replay_from": 5, "retired": {}}', "ascii")
    with pytest.raises(StoreFailedError, match=r"0000000005\.log: missing"):
        open_directory(tmp_path)


@pytest.mark.parametrize("data", [b"", b"SMRJ1", bytes(HEAD_BYTES)])
async def test_a_segment_that_was_just_being_created_goes(tmp_path: Path, data: bytes) -> None:
    await fill(tmp_path)
    path = segments.log_path(tmp_path, 4)
    path.write_bytes(data)
    assert ids_in(tmp_path) == [1, 2, 3, 4, 5, 6, 7, 8]
    assert not path.exists()


async def test_an_empty_last_segment_stays(tmp_path: Path) -> None:
    await fill(tmp_path, batches=0)
    assert ids_in(tmp_path) == []
    assert segments.numbers(tmp_path) == [1]


async def test_half_written_files_go(tmp_path: Path) -> None:
    await fill(tmp_path)
    (tmp_path / "manifest.new").write_bytes(b"{")
    open_directory(tmp_path)
    assert not (tmp_path / "manifest.new").exists()


async def test_an_index_is_used_if_it_is_whole_and_made_again_if_not(tmp_path: Path) -> None:
    await fill(tmp_path, maintained=2)
    assert sorted(open_directory(tmp_path).catalog.columns) == [3]
    index.index_path(tmp_path, 1).write_bytes(b"damaged")
    assert sorted(open_directory(tmp_path).catalog.columns) == [1, 3]


async def retire_first(directory: Path) -> None:
    await fill(directory, maintained=2)
    (directory / NAME).write_text('{"replay_from": 2, "retired": {"1": 5.0}}', "ascii")


@pytest.mark.parametrize("damage", [b"", b"damaged", None])
async def test_the_index_of_a_retired_segment_is_made_again(tmp_path: Path, damage: bytes | None) -> None:
    await retire_first(tmp_path)
    path = index.index_path(tmp_path, 1)
    good = path.read_bytes()
    if damage is None:
        path.unlink()
    else:
        path.write_bytes(damage)
    opened = open_directory(tmp_path)
    assert opened.live.isdisjoint({1, 2, 3})
    assert path.read_bytes() == good
    assert sorted(opened.catalog.bounds) == [1, 2]


async def test_an_index_that_can_not_be_written_yet_stays_in_memory(tmp_path: Path) -> None:
    await retire_first(tmp_path)
    path = index.index_path(tmp_path, 1)
    path.unlink()
    path.mkdir()
    assert sorted(open_directory(tmp_path).catalog.columns) == [1, 3]


async def test_a_retired_segment_is_not_indexed_over_damage(tmp_path: Path) -> None:
    await retire_first(tmp_path)
    index.index_path(tmp_path, 1).unlink()
    path = segments.log_path(tmp_path, 1)
    data = bytearray(path.read_bytes())
    data[-1] ^= 1
    path.write_bytes(data)
    with pytest.raises(StoreFailedError, match=r"0000000001\.log: damaged at offset"):
        open_directory(tmp_path)


async def test_an_index_without_its_segment_goes(tmp_path: Path) -> None:
    await retire_first(tmp_path)
    segments.log_path(tmp_path, 1).unlink()
    assert 1 not in open_directory(tmp_path).catalog.sizes
    assert not index.index_path(tmp_path, 1).exists()


@pytest.mark.parametrize("present", [[1], [1, 2], [2]])
async def test_a_journal_without_its_end_is_noticed(tmp_path: Path, present: list[int]) -> None:
    """What is left is all retired: beginning again beside it would hide the loss, and the next start's."""
    await fill(tmp_path, maintained=2)
    (tmp_path / NAME).write_text('{"replay_from": 3, "retired": {"1": 5.0, "2": 5.0}}', "ascii")
    for number in {1, 2, 3} - set(present):
        segments.log_path(tmp_path, number).unlink()
    with pytest.raises(StoreFailedError, match=r"0000000003\.log: missing"):
        open_directory(tmp_path)


def test_a_directory_that_can_not_be_read_is_told(tmp_path: Path) -> None:
    (tmp_path / "x.new").mkdir()
    with pytest.raises(StoreFailedError, match="Is a directory"):
        open_directory(tmp_path)


def test_a_directory_is_made_with_its_parents(tmp_path: Path) -> None:
    opening.prepare(tmp_path / "a" / "b")
    opening.prepare(tmp_path / "a" / "b")
    assert (tmp_path / "a" / "b").is_dir()


async def test_a_segment_goes_with_its_index(tmp_path: Path) -> None:
    await fill(tmp_path, maintained=2)
    opening.remove_segment(tmp_path, 1)
    opening.remove_segment(tmp_path, 1)
    assert segments.numbers(tmp_path) == [2, 3]
    assert not index.index_path(tmp_path, 1).exists()
