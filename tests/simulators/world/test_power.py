"""A disk whose power is cut, or that runs full."""

import errno
import os
import random
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.world.power import FailingDisk, PowerCutError


def opened(path: Path) -> int:
    return os.open(path, os.O_RDWR | os.O_CREAT | os.O_APPEND)


@given(st.integers(1, 6), st.integers())
def test_what_was_synced_survives_any_cut(
    tmp_path_factory: pytest.TempPathFactory, at: int, seed: int
) -> None:
    path = tmp_path_factory.mktemp("disk") / "log"
    fd = opened(path)
    deaths: list[int] = []
    disk = FailingDisk(random.Random(seed), lambda: deaths.append(1))
    disk.cut_after(at)
    synced = written = 0

    def go_on() -> None:
        nonlocal synced, written
        while True:
            disk.write(fd, b"0123456789")
            written += 10
            disk.sync(fd)
            synced = written

    with pytest.raises(PowerCutError):
        go_on()
    os.close(fd)
    assert synced <= path.stat().st_size <= written + 10
    assert disk.is_dead
    assert deaths == [1]


def test_what_was_not_synced_may_be_lost_or_torn(tmp_path: Path) -> None:
    sizes: set[int] = set()
    for seed in range(60):
        fd = opened(tmp_path / f"log{seed}")
        disk = FailingDisk(random.Random(seed))
        disk.write(fd, b"0123456789")
        disk.sync(fd)
        disk.write(fd, b"0123456789")
        disk.cut_after(1)
        with pytest.raises(PowerCutError):
            disk.write(fd, b"0123456789")
        sizes.add(os.fstat(fd).st_size)
        os.close(fd)
    assert min(sizes) < 20 < max(sizes)
    assert min(sizes) >= 10


def test_after_the_cut_nothing_changes_any_more(tmp_path: Path) -> None:
    fd = opened(tmp_path / "log")
    disk = FailingDisk(random.Random(1))
    disk.write(fd, b"kept")
    disk.kill()
    for change in (lambda: disk.write(fd, b"x"), lambda: disk.sync(fd), lambda: disk.truncate(fd, 0)):
        with pytest.raises(PowerCutError):
            change()
    os.close(fd)
    assert (tmp_path / "log").read_bytes() == b"kept"


def test_a_name_whose_directory_was_not_synced_may_be_the_old_one_again(tmp_path: Path) -> None:
    outcomes: set[str] = set()
    for seed in range(40):
        path, new = tmp_path / "name", tmp_path / "new"
        path.write_text("old")
        new.write_text("new")
        disk = FailingDisk(random.Random(seed))
        disk.replace(new, path)
        disk.cut_after(1)
        fd = opened(tmp_path / "other")
        with pytest.raises(PowerCutError):
            disk.sync(fd)
        os.close(fd)
        outcomes.add(path.read_text())
    assert outcomes == {"old", "new"}


def test_a_full_disk_refuses_writes_until_there_is_room(tmp_path: Path) -> None:
    fd = opened(tmp_path / "log")
    disk = FailingDisk(random.Random(1))
    disk.is_full = True
    with pytest.raises(OSError, match=os.strerror(errno.ENOSPC)):
        disk.write_all(fd, b"0123456789")
    disk.is_full = False
    disk.write_all(fd, b"0123456789")
    os.close(fd)
    assert (tmp_path / "log").read_bytes().endswith(b"0123456789")


def test_a_descriptor_that_was_closed_is_no_longer_its_file(tmp_path: Path) -> None:
    for seed in range(20):
        disk = FailingDisk(random.Random(seed))
        fd = opened(tmp_path / "first")
        disk.write(fd, b"unsynced")
        os.close(fd)
        (tmp_path / "second").write_bytes(b"innocent")
        again = opened(tmp_path / "second")
        assert again == fd
        disk.cut_after(1)
        with pytest.raises(PowerCutError):
            disk.unlink(tmp_path / "first")
        os.close(again)
        assert (tmp_path / "second").read_bytes() == b"innocent"
