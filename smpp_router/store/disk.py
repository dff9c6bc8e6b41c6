# Every change that the store makes to a file system goes through here, so that a simulated world can cut the
# power between any two of them, or in the middle of a write. Reading needs no such place.
"""Changing files durably."""

import os
from pathlib import Path
from typing import Final


class Disk:
    """The file system of this machine. All methods raise OSError."""

    def write(self, fd: int, data: bytes | bytearray | memoryview) -> int:
        """Append what there is room for; return how many bytes that was."""
        return os.write(fd, data)

    def write_all(self, fd: int, data: bytes | bytearray) -> None:
        """Append it all: one call, unless there is no room, which the next one then tells."""
        written = self.write(fd, data)
        while written < len(data):
            written += self.write(fd, memoryview(data)[written:])

    def sync(self, fd: int) -> None:
        """Make a file durable."""
        os.fsync(fd)

    def sync_data(self, fd: int) -> None:
        """Make a file durable but for its times."""
        os.fdatasync(fd)

    def truncate(self, fd: int, size: int) -> None:
        """Cut a file to `size` bytes."""
        os.ftruncate(fd, size)

    def replace(self, new: Path, path: Path) -> None:
        """Give a file the name of another, which is gone then."""
        new.replace(path)

    def unlink(self, path: Path) -> None:
        """Delete a file."""
        path.unlink()

    def sync_directory(self, directory: Path) -> None:
        """Make the names in a directory durable."""
        fd = os.open(directory, os.O_RDONLY | os.O_DIRECTORY)
        try:
            os.fsync(fd)
        finally:
            os.close(fd)


DISK: Final = Disk()
