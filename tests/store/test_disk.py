"""The one place that changes files."""

import os
from pathlib import Path

import pytest

from smpp_router.store.disk import DISK, Disk


class Dribbling(Disk):
    """Takes three bytes at a time, as a disk that is nearly full may."""

    def write(self, fd: int, data: bytes | bytearray | memoryview) -> int:
        return super().write(fd, data[:3])


def test_what_a_disk_takes_in_pieces_is_written_whole(tmp_path: Path) -> None:
    fd = os.open(tmp_path / "file", os.O_WRONLY | os.O_CREAT)
    try:
        Dribbling().write_all(fd, b"0123456789")
        DISK.sync(fd)
        DISK.truncate(fd, 8)
        DISK.sync_data(fd)
    finally:
        os.close(fd)
    assert (tmp_path / "file").read_bytes() == b"01234567"


def test_a_file_takes_the_place_of_another(tmp_path: Path) -> None:
    (tmp_path / "new").write_bytes(b"new")
    (tmp_path / "old").write_bytes(b"old")
    DISK.replace(tmp_path / "new", tmp_path / "old")
    DISK.sync_directory(tmp_path)
    assert [path.name for path in tmp_path.iterdir()] == ["old"]
    assert (tmp_path / "old").read_bytes() == b"new"
    DISK.unlink(tmp_path / "old")
    assert not list(tmp_path.iterdir())


def test_what_is_not_there_can_not_be_deleted(tmp_path: Path) -> None:
    with pytest.raises(FileNotFoundError):
        DISK.unlink(tmp_path / "nothing")
